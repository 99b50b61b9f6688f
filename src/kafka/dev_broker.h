/* librdkafka's in-process broker, for `penstock dev`: no server, nothing on disk. It keeps only the newest
 * 5 MB or 100,000 batches of a partition and drops older ones silently; it knows neither
 * CreateTopics nor topic configs (topics come into being by being used).
 * Layer: kafka. One thread owns it. */
#ifndef KAFKA_DEV_BROKER_H
#define KAFKA_DEV_BROKER_H

#include "base/error.h"

struct dev_broker;

struct kc_error *dev_broker_start(int partitions, struct dev_broker **broker) KC_MUST_CHECK;
const char *dev_broker_bootstrap(const struct dev_broker *broker); /* "127.0.0.1:PORT" */
void dev_broker_stop(struct dev_broker *broker);

#endif
