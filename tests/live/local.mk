# Programs that live tests drive; built when one is asked for (make tests/live/kafka_client).
EXTRA_PROGRAMS += tests/live/kafka_client
tests_live_kafka_client_SOURCES = tests/live/kafka_client.c
tests_live_kafka_client_LDADD = libkafka.a $(BOTTOM_LIBS) $(RDKAFKA_LIBS) $(BASE_LIBS)
