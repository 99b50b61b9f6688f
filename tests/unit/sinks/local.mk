if HAVE_CMOCKA
UNIT_TESTS += tests/unit/sinks/test_file
tests_unit_sinks_test_file_SOURCES = tests/unit/sinks/test_file.c tests/unit/test.h
tests_unit_sinks_test_file_LDADD = libsinks.a libschemas.a libconfig.a libdata.a libbase.a $(BASE_LIBS) $(CMOCKA_LIBS)
endif
