/* librdkafka's in-process broker, for `penstock dev`: no server, nothing on disk. What 2.0.2 has of it,
 * tried and read:
 * - it keeps only the newest 5 MB or 100,000 batches of a partition, and drops older ones silently (a
 *   consumer made with `dev` notices and ends with an error);
 * - a fetch brings one batch per partition; a consumer that waits at the end hears of a new
 *   record after up to fetch.max.wait.ms (500 ms);
 * - it knows neither CreateTopics nor DeleteTopics, no topic or broker configs (no compaction, no
 *   retention by time, no max.message.bytes), no ACLs, TLS or SASL. Topics come into being by being asked
 *   for, with 4 partitions; here the functions of admin.h and producers make them first, with the
 *   number asked for;
 * - idempotent producing is accepted, but duplicates are only recognised inside transactions;
 *   transactions neither hide their records until the commit nor take aborted ones back;
 * - offsets by time are not found (the end is given instead); records keep their keys, headers, timestamps
 *   and compression (one batch in, the same batch out); all offsets are in use, without holes;
 * - groups: joining, commits and offsets work, in memory only. The first member waits 3 s for others, later
 *   rebalances last as long as session.timeout.ms less 1 s, and no commit is taken meanwhile: what the old
 *   owner did not commit before comes again. group.instance.id, and listing or deleting groups, don't work.
 * Layer: kafka. One thread owns it; there is one at a time in a process. */
#ifndef KAFKA_DEV_BROKER_H
#define KAFKA_DEV_BROKER_H

#include <stdbool.h>

#include "base/error.h"

struct dev_broker;

/* partitions: of a topic that does not say how many. */
struct kc_error *dev_broker_start(int partitions, struct dev_broker **broker) KC_MUST_CHECK;
const char *dev_broker_bootstrap(const struct dev_broker *broker); /* "127.0.0.1:PORT" */
/* After all of its clients are gone. */
void dev_broker_stop(struct dev_broker *broker);

/* What a user must know of it, in a few lines of text. */
const char *dev_broker_limits(void);
/* How much it keeps, as the end of a sentence. */
const char *dev_broker_keeps(void);

/* Any thread, for the clients in this folder. Is this (bootstrap.servers) the broker in this process? */
bool dev_broker_is(const char *bootstrap);
/* Makes a topic if it is not there. partitions -1: the broker's default. True if it is new. */
bool dev_broker_make_topic(const char *topic, int partitions);

#endif
