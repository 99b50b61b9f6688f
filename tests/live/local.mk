# Programs that live tests drive; built when one is asked for (make tests/live/kafka_client).
EXTRA_PROGRAMS += tests/live/kafka_client
tests_live_kafka_client_SOURCES = tests/live/kafka_client.c
tests_live_kafka_client_LDADD = libkafka.a $(BOTTOM_LIBS) $(RDKAFKA_LIBS) $(BASE_LIBS)
if WITH_POSTGRES
EXTRA_PROGRAMS += tests/live/sink_box
tests_live_sink_box_SOURCES = tests/live/sink_box.c
tests_live_sink_box_LDADD = libsinks.a libschemas.a libplugin.a libconfig.a $(BOTTOM_LIBS) \
	$(LIBPQ_LIBS) $(BASE_LIBS)
endif
