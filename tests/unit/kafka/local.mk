if HAVE_CMOCKA
UNIT_TESTS += tests/unit/kafka/test_client_settings tests/unit/kafka/test_client_security \
	tests/unit/kafka/test_dev_broker
tests_unit_kafka_test_client_settings_SOURCES = tests/unit/kafka/test_client_settings.c tests/unit/test.h
tests_unit_kafka_test_client_settings_LDADD = libkafka.a $(BOTTOM_LIBS) $(RDKAFKA_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
tests_unit_kafka_test_client_security_SOURCES = tests/unit/kafka/test_client_security.c tests/unit/test.h
tests_unit_kafka_test_client_security_LDADD = libkafka.a $(BOTTOM_LIBS) $(RDKAFKA_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
tests_unit_kafka_test_dev_broker_SOURCES = tests/unit/kafka/test_dev_broker.c tests/unit/test.h
tests_unit_kafka_test_dev_broker_LDADD = libkafka.a $(BOTTOM_LIBS) $(RDKAFKA_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
endif
