#include "kafka/client_conf.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <syslog.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mailbox.h"

/* A line of the same kind shows once in this time; those between are counted. */
#define LOG_EVERY_MS 5000
#define END_MS 1000

#define COMMON(name) "org.apache.kafka.common.errors." name "Exception"

static const struct client_fact {
    rd_kafka_resp_err_t err;
    enum kc_fault fault;
    const char *java_class;
    const char *advice;
} errors[] = {
    {RD_KAFKA_RESP_ERR__QUEUE_FULL, KC_RETRY, NULL, ""},
    {RD_KAFKA_RESP_ERR__TRANSPORT, KC_RETRY, NULL, ""},
    {RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, KC_RETRY, NULL, ""},
    {RD_KAFKA_RESP_ERR__RESOLVE, KC_RETRY, NULL, ""},
    {RD_KAFKA_RESP_ERR__TIMED_OUT, KC_RETRY, COMMON("Timeout"), ""},
    {RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE, KC_RETRY, COMMON("Timeout"), ""},
    {RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, KC_RETRY, COMMON("Timeout"),
     " (delivery.timeout.ms passed before the broker had it)"},
    {RD_KAFKA_RESP_ERR__WAIT_COORD, KC_RETRY, NULL, ""},
    {RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, KC_RETRY, COMMON("Timeout"), ""},
    {RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, KC_RETRY, COMMON("LeaderNotAvailable"), ""},
    {RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, KC_RETRY, COMMON("NotLeaderOrFollower"), ""},
    {RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE, KC_RETRY, COMMON("BrokerNotAvailable"), ""},
    {RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE, KC_RETRY, COMMON("ReplicaNotAvailable"), ""},
    {RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION, KC_RETRY, COMMON("Network"), ""},
    {RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, KC_RETRY, COMMON("CoordinatorLoadInProgress"),
     ""},
    {RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, KC_RETRY, COMMON("CoordinatorNotAvailable"), ""},
    {RD_KAFKA_RESP_ERR_NOT_COORDINATOR, KC_RETRY, COMMON("NotCoordinator"), ""},
    {RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS, KC_RETRY, COMMON("RebalanceInProgress"), ""},
    {RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, KC_RETRY, COMMON("IllegalGeneration"), ""},
    {RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, KC_RETRY, COMMON("UnknownMemberId"), ""},
    {RD_KAFKA_RESP_ERR_NOT_CONTROLLER, KC_RETRY, COMMON("NotController"), ""},
    {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, KC_RETRY, COMMON("NotEnoughReplicas"),
     " (fewer replicas are in sync than the topic's min.insync.replicas)"},
    {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND, KC_RETRY,
     COMMON("NotEnoughReplicasAfterAppend"),
     " (fewer replicas are in sync than the topic's min.insync.replicas)"},
    {RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR, KC_FATAL, COMMON("InvalidReplicationFactor"),
     ". Lower the replication factor or add brokers"},
    {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, KC_BAD_DATA, COMMON("RecordTooLarge"),
     ". Raise max.message.bytes of the topic (message.max.bytes of the broker) and the producer's "
     "max.request.size"},
    {RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE, KC_FATAL, COMMON("RecordBatchTooLarge"),
     ". Lower the producer's batch.size below segment.bytes of the topic"},
    {RD_KAFKA_RESP_ERR_INVALID_MSG, KC_RETRY, COMMON("CorruptRecord"), ""},
    {RD_KAFKA_RESP_ERR_INVALID_RECORD, KC_BAD_DATA, NULL,
     ". The broker refuses the record: a compacted topic takes no record without a key"},
    {RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, KC_BAD_DATA, COMMON("InvalidTimestamp"),
     ". See message.timestamp.before.max.ms and message.timestamp.after.max.ms of the topic"},
    {RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, KC_BAD_DATA, NULL,
     ". The topic has no partition of that number"},
    {RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, KC_FATAL, COMMON("UnknownTopicOrPartition"),
     ". Create the topic, or let it be created (topic.creation.default.* of the connector, "
     "auto.create.topics.enable of the broker)"},
    {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, KC_FATAL, COMMON("UnknownTopicOrPartition"),
     ". Create the topic, or let it be created (topic.creation.default.* of the connector, "
     "auto.create.topics.enable of the broker)"},
    {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, KC_FATAL, COMMON("TopicAuthorization"),
     ". Give the user of sasl.jaas.config the rights (ACLs) on the topic"},
    {RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, KC_FATAL, COMMON("GroupAuthorization"),
     ". Give the user of sasl.jaas.config the right to read by this group (ACL on the group)"},
    {RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, KC_FATAL, COMMON("ClusterAuthorization"),
     ". Give the user of sasl.jaas.config the rights on the cluster; brokers before 2.8 want "
     "IdempotentWrite of it (or set enable.idempotence=false)"},
    {RD_KAFKA_RESP_ERR__AUTHENTICATION, KC_FATAL, COMMON("SaslAuthentication"),
     ". See sasl.mechanism and user and password in sasl.jaas.config"},
    {RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, KC_FATAL, COMMON("SaslAuthentication"),
     ". See sasl.mechanism and user and password in sasl.jaas.config"},
    {RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, KC_FATAL, NULL,
     ". auto.offset.reset is none: nothing says where to go on. Set it to earliest or latest, or "
     "give the group an offset"},
    {RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, KC_FATAL, COMMON("UnsupportedVersion"),
     ". The broker does not know this request"},
    {RD_KAFKA_RESP_ERR__PURGE_QUEUE, KC_STOPPED, NULL, ""},
    {RD_KAFKA_RESP_ERR__PURGE_INFLIGHT, KC_STOPPED, NULL, ""},
};

static const struct client_fact *fact_of(rd_kafka_resp_err_t err)
{
    static const struct client_fact other = {.fault = KC_FATAL, .advice = ""};

    for (size_t i = 0; i < KC_COUNT(errors); i++)
        if (errors[i].err == err)
            return &errors[i];
    return &other;
}

enum kc_fault client_fault(rd_kafka_resp_err_t err)
{
    return fact_of(err)->fault;
}

const char *client_java_class(rd_kafka_resp_err_t err)
{
    return fact_of(err)->java_class;
}

const char *client_advice(rd_kafka_resp_err_t err)
{
    return fact_of(err)->advice;
}

static void set_fatal(struct client *client, rd_kafka_resp_err_t err, const char *reason)
{
    const char *trouble = err == RD_KAFKA_RESP_ERR__AUTHENTICATION && strstr(reason, "SCRAM")
                              ? client_scram_trouble()
                              : NULL;

    if (!client->fatal)
        client->fatal = kc_fail(KC_FATAL, "Kafka client: %s%s%s%s", reason, client_advice(err),
                                trouble ? ". If those are right: " : "", trouble ? trouble : "");
}

struct kc_error *client_fatal(const struct client *client)
{
    return client->fatal ? kc_fail(client->fatal->fault, "%s", client->fatal->text) : NULL;
}

/* The library says "authentication" for a connection that broke while it authenticated as well. */
static bool is_refusal(const char *reason)
{
    static const char *const broken[] = { "transport failure", "Disconnected", "imed out",
                                          "n progress" };

    for (size_t i = 0; i < KC_COUNT(broken); i++)
        if (strstr(reason, broken[i]))
            return false;
    return true;
}

static void on_error(rd_kafka_t *rk, int code, const char *reason, void *opaque)
{
    struct client *client = opaque;
    rd_kafka_resp_err_t err = (rd_kafka_resp_err_t)code;
    char text[512];

    if (err == RD_KAFKA_RESP_ERR__FATAL) {
        err = rd_kafka_fatal_error(rk, text, sizeof(text));
        set_fatal(client, err, text);
    } else if (err == RD_KAFKA_RESP_ERR__AUTHENTICATION && is_refusal(reason)) {
        set_fatal(client, err, reason);
    } else if (err == RD_KAFKA_RESP_ERR__SSL && strstr(reason, "verify failed")) {
        set_fatal(client, err, reason);
    } else if (err == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED) {
        set_fatal(client, err, reason);
    }
}

static enum kc_log_level level_of(int level)
{
    /* A broker that is away is "error" to the library, and news, not an error, to us. */
    if (level <= LOG_CRIT)
        return KC_LOG_ERROR;
    if (level <= LOG_WARNING)
        return KC_LOG_WARN;
    return level <= LOG_NOTICE ? KC_LOG_INFO : KC_LOG_DEBUG;
}

static void on_log(const rd_kafka_t *rk, int syslog_level, const char *facility, const char *text)
{
    enum kc_log_level level = level_of(syslog_level);
    struct client *client = rk ? rd_kafka_opaque(rk) : NULL;

    if (level > kc_log_level)
        return;
    if (!client) {
        kc_log_write(level, "kafka", "%s", text);
        return;
    }
    int64_t now = kc_monotonic_ms();
    if (strncmp(client->log_last, facility, sizeof(client->log_last) - 1) == 0 &&
        now - client->log_since_ms < LOG_EVERY_MS) {
        client->log_skipped++;
        return;
    }
    if (client->log_skipped)
        kc_log_write(level, "kafka", "%s (and %u more lines like the one before)", text,
                     client->log_skipped);
    else
        kc_log_write(level, "kafka", "%s", text);
    snprintf(client->log_last, sizeof(client->log_last), "%s", facility);
    client->log_since_ms = now;
    client->log_skipped = 0;
}

struct kc_error *client_start(struct client *client, rd_kafka_type_t type, rd_kafka_conf_t *conf)
{
    char text[512];

    client->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (client->fd < 0) {
        rd_kafka_conf_destroy(conf);
        return kc_fail(KC_FATAL, "making an eventfd for a Kafka client: %m");
    }
    rd_kafka_conf_set_opaque(conf, client);
    rd_kafka_conf_set_error_cb(conf, on_error);
    rd_kafka_conf_set_log_cb(conf, on_log);
    client->rk = rd_kafka_new(type, conf, text, sizeof(text));
    if (!client->rk) {
        rd_kafka_conf_destroy(conf);
        return kc_fail(KC_BAD_CONFIG, "making a Kafka client of the settings: %s", text);
    }
    rd_kafka_set_log_queue(client->rk, NULL);
    return NULL;
}

void client_watch(struct client *client, rd_kafka_queue_t *queue)
{
    static const uint64_t one = 1;

    rd_kafka_queue_io_event_enable(queue, client->fd, &one, sizeof(one));
}

void client_drain(struct client *client)
{
    uint64_t count;

    if (read(client->fd, &count, sizeof(count)) < 0)
        return; /* it was not raised */
}

void client_raise(struct client *client)
{
    eventfd_write(client->fd, 1);
}

/* Belongs to two threads: the one that ends a client, and the one that waits for the library. */
struct ending {
    struct client *client;
    int flags;
    struct kc_signal done;
    atomic_int owners;
};

static void leave_ending(struct ending *ending)
{
    if (atomic_fetch_sub(&ending->owners, 1) != 1)
        return;
    kc_signal_clear(&ending->done);
    free(ending);
}

static void *destroy(void *arg)
{
    struct ending *ending = arg;
    struct client *client = ending->client;

    rd_kafka_destroy_flags(client->rk, ending->flags);
    close(client->fd);
    kc_error_free(client->fatal);
    free(client);
    kc_signal_raise(&ending->done);
    leave_ending(ending);
    return NULL;
}

void client_end(struct client *client, int flags)
{
    pthread_t thread;

    if (!client->rk) {
        if (client->fd > 0)
            close(client->fd);
        free(client);
        return;
    }
    struct ending *ending = kc_calloc(1, sizeof(*ending));
    ending->client = client;
    ending->flags = flags;
    atomic_store(&ending->owners, 2);
    kc_signal_init(&ending->done);
    kc_thread_start(&thread, "kafka-end", destroy, ending);
    pthread_detach(thread);
    if (!kc_wait_stop(ending->done.fd, END_MS))
        kc_log_warn("kafka", "a Kafka client takes long to end, it is left to itself");
    leave_ending(ending);
}

const char *client_library_version(void)
{
    return rd_kafka_version_str();
}
