if HAVE_CMOCKA
FLOW_TEST_LIBS = libflow.a libkafka.a libplugin.a libconfig.a libdata.a libbase.a $(RDKAFKA_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/flow/test_acks tests/unit/flow/test_progress tests/unit/flow/test_tolerance \
	tests/unit/flow/test_connector_config tests/unit/flow/test_dead_letter
tests_unit_flow_test_acks_SOURCES = tests/unit/flow/test_acks.c tests/unit/test.h
tests_unit_flow_test_acks_LDADD = $(FLOW_TEST_LIBS)
tests_unit_flow_test_dead_letter_SOURCES = tests/unit/flow/test_dead_letter.c tests/unit/test.h
tests_unit_flow_test_dead_letter_LDADD = $(FLOW_TEST_LIBS)
tests_unit_flow_test_progress_SOURCES = tests/unit/flow/test_progress.c tests/unit/test.h
tests_unit_flow_test_progress_LDADD = $(FLOW_TEST_LIBS)
tests_unit_flow_test_tolerance_SOURCES = tests/unit/flow/test_tolerance.c tests/unit/test.h
tests_unit_flow_test_tolerance_LDADD = $(FLOW_TEST_LIBS)
tests_unit_flow_test_connector_config_SOURCES = tests/unit/flow/test_connector_config.c tests/unit/test.h
tests_unit_flow_test_connector_config_LDADD = $(FLOW_TEST_LIBS)
UNIT_TESTS += tests/unit/flow/test_metrics tests/unit/flow/test_signals
tests_unit_flow_test_metrics_SOURCES = tests/unit/flow/test_metrics.c tests/unit/test.h
tests_unit_flow_test_metrics_LDADD = $(FLOW_TEST_LIBS)
tests_unit_flow_test_signals_SOURCES = tests/unit/flow/test_signals.c tests/unit/test.h
tests_unit_flow_test_signals_LDADD = $(FLOW_TEST_LIBS)
endif
