noinst_LIBRARIES += libkafka.a
libkafka_a_SOURCES = \
	src/kafka/admin.c src/kafka/admin.h \
	src/kafka/client.c src/kafka/client.h \
	src/kafka/client_conf.h \
	src/kafka/client_sasl.c \
	src/kafka/client_settings.c \
	src/kafka/client_table.c \
	src/kafka/client_tls.c \
	src/kafka/consumer.c src/kafka/consumer.h \
	src/kafka/consumer_group.c src/kafka/consumer_state.h \
	src/kafka/consumer_topics.c \
	src/kafka/dev_broker.c src/kafka/dev_broker.h \
	src/kafka/producer.c src/kafka/producer.h
libkafka_a_CFLAGS = $(AM_CFLAGS) $(RDKAFKA_CFLAGS)
