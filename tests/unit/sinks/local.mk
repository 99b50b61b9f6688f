if HAVE_CMOCKA
UNIT_TESTS += tests/unit/sinks/test_file
tests_unit_sinks_test_file_SOURCES = tests/unit/sinks/test_file.c tests/unit/test.h
tests_unit_sinks_test_file_LDADD = libsinks.a libschemas.a libconfig.a libdata.a libbase.a $(BASE_LIBS) $(CMOCKA_LIBS)
endif
if HAVE_CMOCKA
if WITH_POSTGRES
SINK_TEST_LIBS = libsinks.a libplugin.a libconfig.a $(BOTTOM_LIBS) $(LIBPQ_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/sinks/test_jdbc_url
tests_unit_sinks_test_jdbc_url_SOURCES = tests/unit/sinks/test_jdbc_url.c tests/unit/test.h
tests_unit_sinks_test_jdbc_url_LDADD = $(SINK_TEST_LIBS)
UNIT_TESTS += tests/unit/sinks/test_slots
tests_unit_sinks_test_slots_SOURCES = tests/unit/sinks/test_slots.c tests/unit/test.h
tests_unit_sinks_test_slots_LDADD = $(SINK_TEST_LIBS)
UNIT_TESTS += tests/unit/sinks/test_postgres_bind
tests_unit_sinks_test_postgres_bind_SOURCES = tests/unit/sinks/test_postgres_bind.c tests/unit/test.h
tests_unit_sinks_test_postgres_bind_LDADD = $(SINK_TEST_LIBS)
UNIT_TESTS += tests/unit/sinks/test_interpret
tests_unit_sinks_test_interpret_SOURCES = tests/unit/sinks/test_interpret.c tests/unit/test.h
tests_unit_sinks_test_interpret_LDADD = $(SINK_TEST_LIBS)
endif
endif
