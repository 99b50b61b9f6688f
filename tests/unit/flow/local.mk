if HAVE_CMOCKA
UNIT_TESTS += tests/unit/flow/test_acks tests/unit/flow/test_progress
tests_unit_flow_test_acks_SOURCES = tests/unit/flow/test_acks.c tests/unit/test.h
tests_unit_flow_test_acks_LDADD = libflow.a libdata.a libbase.a $(BASE_LIBS) $(CMOCKA_LIBS)
tests_unit_flow_test_progress_SOURCES = tests/unit/flow/test_progress.c tests/unit/test.h
tests_unit_flow_test_progress_LDADD = libflow.a libdata.a libbase.a $(BASE_LIBS) $(CMOCKA_LIBS)
endif
