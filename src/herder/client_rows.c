#include "herder/client_rows.h"

/* Types, defaults and importance are those of ProducerConfig and ConsumerConfig of Kafka 4.1. */
#define ROW(name_, type_, def_, importance_, doc_) \
    { .name = (name_), .type = &(type_), .def = (def_), .importance = (importance_), .doc = (doc_) }

#define SECURITY_ROWS \
    ROW("security.protocol", kc_type_string, "PLAINTEXT", KC_MEDIUM, "How to talk to Kafka."), \
    ROW("sasl.mechanism", kc_type_string, "GSSAPI", KC_MEDIUM, "How to log in with SASL."), \
    ROW("sasl.jaas.config", kc_type_password, NULL, KC_MEDIUM, "Login for SASL."), \
    ROW("request.timeout.ms", kc_type_int, "30000", KC_MEDIUM, "How long to wait for an answer."), \
    ROW("metadata.max.age.ms", kc_type_long, "300000", KC_LOW, "How old metadata may become.")

const struct kc_option client_producer_rows[] = {
    ROW("acks", kc_type_string, "all", KC_LOW, "How many replicas must have a record."),
    ROW("batch.size", kc_type_int, "16384", KC_MEDIUM, "Bytes of a batch of records."),
    ROW("buffer.memory", kc_type_long, "33554432", KC_HIGH, "Bytes of records under way."),
    ROW("client.id", kc_type_string, "", KC_MEDIUM, "Name of the client in the broker's logs."),
    ROW("compression.type", kc_type_string, "none", KC_HIGH, "How batches are compressed."),
    ROW("delivery.timeout.ms", kc_type_int, "120000", KC_MEDIUM, "How long a record may be under way."),
    ROW("enable.idempotence", kc_type_bool, "true", KC_LOW, "No duplicates by retries."),
    ROW("linger.ms", kc_type_long, "5", KC_MEDIUM, "How long to wait for a fuller batch."),
    ROW("max.block.ms", kc_type_long, "60000", KC_MEDIUM, "How long sending may block."),
    ROW("max.in.flight.requests.per.connection", kc_type_int, "5", KC_LOW,
        "Requests under way on one connection."),
    ROW("max.request.size", kc_type_int, "1048576", KC_MEDIUM, "Bytes of a request at most."),
    ROW("retries", kc_type_int, "2147483647", KC_HIGH, "How often to try again."),
    SECURITY_ROWS,
    OPT_END
};

const struct kc_option client_consumer_rows[] = {
    ROW("auto.offset.reset", kc_type_string, "latest", KC_MEDIUM,
        "Where to begin without a committed offset."),
    ROW("client.id", kc_type_string, "", KC_LOW, "Name of the client in the broker's logs."),
    ROW("fetch.max.bytes", kc_type_int, "52428800", KC_MEDIUM, "Bytes of an answer at most."),
    ROW("fetch.max.wait.ms", kc_type_int, "500", KC_LOW, "How long the broker waits for data."),
    ROW("fetch.min.bytes", kc_type_int, "1", KC_HIGH, "Bytes that are worth an answer."),
    ROW("group.id", kc_type_string, NULL, KC_HIGH, "Consumer group of the connector."),
    ROW("heartbeat.interval.ms", kc_type_int, "3000", KC_HIGH, "How often members show that they live."),
    ROW("isolation.level", kc_type_string, "read_uncommitted", KC_MEDIUM,
        "Whether records of open transactions are read."),
    ROW("max.partition.fetch.bytes", kc_type_int, "1048576", KC_HIGH, "Bytes of a partition in an answer."),
    ROW("max.poll.interval.ms", kc_type_int, "300000", KC_MEDIUM, "How long a batch may take."),
    ROW("max.poll.records", kc_type_int, "500", KC_MEDIUM, "Records of a batch at most."),
    ROW("session.timeout.ms", kc_type_int, "45000", KC_HIGH, "When a silent member is taken for dead."),
    SECURITY_ROWS,
    OPT_END
};
