if HAVE_CMOCKA
UNIT_TESTS += tests/unit/cli/test_status
tests_unit_cli_test_status_SOURCES = tests/unit/cli/test_status.c src/cli/status_table.c src/cli/status.h tests/unit/test.h
tests_unit_cli_test_status_LDADD = libbase.a $(BASE_LIBS) $(CMOCKA_LIBS)
endif
