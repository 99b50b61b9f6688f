# filled by its first test
