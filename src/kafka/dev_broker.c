#include "kafka/dev_broker.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

struct dev_broker {
    rd_kafka_t *rk; /* only the host of the cluster */
    rd_kafka_mock_cluster_t *cluster;
    int partitions;
};

/* Set before there is a client, constant until they are gone. */
static _Atomic(struct dev_broker *) running;

struct kc_error *dev_broker_start(int partitions, struct dev_broker **broker)
{
    char text[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    struct dev_broker *made = kc_calloc(1, sizeof(*made));

    rd_kafka_conf_set_log_cb(conf, NULL);
    made->partitions = partitions;
    made->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof(text));
    if (!made->rk) {
        rd_kafka_conf_destroy(conf);
        free(made);
        return kc_fail(KC_FATAL, "starting the in-process broker: %s", text);
    }
    made->cluster = rd_kafka_mock_cluster_new(made->rk, 1);
    if (!made->cluster) {
        dev_broker_stop(made);
        return kc_fail(KC_FATAL, "starting the in-process broker: it can't listen on 127.0.0.1");
    }
    atomic_store(&running, made);
    *broker = made;
    return NULL;
}

const char *dev_broker_bootstrap(const struct dev_broker *broker)
{
    return rd_kafka_mock_cluster_bootstraps(broker->cluster);
}

void dev_broker_stop(struct dev_broker *broker)
{
    if (!broker)
        return;
    if (atomic_load(&running) == broker)
        atomic_store(&running, NULL);
    if (broker->cluster)
        rd_kafka_mock_cluster_destroy(broker->cluster);
    rd_kafka_destroy(broker->rk);
    free(broker);
}

const char *dev_broker_limits(void)
{
    return "The Kafka broker is in this process and keeps everything in memory: it is gone with it.\n"
           "It keeps only the newest 5 MB or 100,000 batches of a partition; a connector that falls behind "
           "is told so and fails.\n"
           "It knows no topic configs (compaction, retention), no ACLs, TLS or SASL, and transactions "
           "neither hide nor undo records.\n"
           "Topics are made by being used; other clients that ask for a new one get 4 partitions.";
}

const char *dev_broker_keeps(void)
{
    return "only the newest 5 MB or 100,000 batches of a partition";
}

bool dev_broker_is(const char *bootstrap)
{
    struct dev_broker *broker = atomic_load(&running);

    return broker && bootstrap && strcmp(bootstrap, dev_broker_bootstrap(broker)) == 0;
}

bool dev_broker_make_topic(const char *topic, int partitions)
{
    struct dev_broker *broker = atomic_load(&running);

    return broker && rd_kafka_mock_topic_create(broker->cluster, topic,
                                                partitions > 0 ? partitions : broker->partitions,
                                                1) == RD_KAFKA_RESP_ERR_NO_ERROR;
}
