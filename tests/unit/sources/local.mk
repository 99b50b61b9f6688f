if HAVE_CMOCKA
UNIT_TESTS += tests/unit/sources/test_file
tests_unit_sources_test_file_SOURCES = tests/unit/sources/test_file.c tests/unit/test.h
tests_unit_sources_test_file_LDADD = libsources.a libconfig.a libdata.a libbase.a $(BASE_LIBS) $(CMOCKA_LIBS)
endif
