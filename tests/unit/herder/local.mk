if HAVE_CMOCKA
HERDER_TEST_LIBS = libherder.a libbase.a $(BASE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/herder/test_jobs tests/unit/herder/test_versions
tests_unit_herder_test_jobs_SOURCES = tests/unit/herder/test_jobs.c tests/unit/test.h
tests_unit_herder_test_jobs_LDADD = $(HERDER_TEST_LIBS)
tests_unit_herder_test_versions_SOURCES = tests/unit/herder/test_versions.c tests/unit/test.h
tests_unit_herder_test_versions_LDADD = $(HERDER_TEST_LIBS)
endif
