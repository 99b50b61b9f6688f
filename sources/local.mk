# filled by its first module
