/* What the runtime asks of the cluster beside producing and consuming.
 * Layer: kafka. One thread owns an admin client; calls wait, up to the timeout. */
#ifndef KAFKA_ADMIN_H
#define KAFKA_ADMIN_H

#include "config/props.h"

struct admin;

struct admin_topic {
    const char *name;
    int partitions;  /* -1: the broker's default */
    int replication; /* -1: the broker's default */
    const struct kc_props *configs; /* cleanup.policy ... ; NULL: none */
};

struct kc_error *admin_new(const struct kc_props *props, struct admin **admin) KC_MUST_CHECK;
void admin_free(struct admin *admin);
/* Is the topic there? Does not create it, whatever the broker's auto-creation says. */
struct kc_error *admin_topic_exists(struct admin *admin, const char *topic, int timeout_ms,
                                    bool *exists) KC_MUST_CHECK;
/* Fine when it exists already. KC_FATAL with the broker's reason and advice. */
struct kc_error *admin_create_topic(struct admin *admin, const struct admin_topic *topic,
                                    int timeout_ms) KC_MUST_CHECK;
/* The cluster's id ("" when the broker has none); the caller frees it. */
struct kc_error *admin_cluster_id(struct admin *admin, int timeout_ms, char **id) KC_MUST_CHECK;
/* The committed offsets of a consumer group: calls each() per partition that has one. */
struct kc_error *admin_group_offsets(struct admin *admin, const char *group, int timeout_ms,
                                     void (*each)(void *context, const char *topic,
                                                  int32_t partition, int64_t offset),
                                     void *context) KC_MUST_CHECK;

/* A committed offset of a group: the next one to be read; -1 where it is to be forgotten. */
struct admin_offset {
    const char *topic;
    int32_t partition;
    int64_t offset;
};
/* Sets and forgets committed offsets of a group without members. KC_RETRY while it still has some; KC_BAD_DATA
 * names the first partition that the broker does not take; KC_BAD_CONFIG with the in-process broker. */
struct kc_error *admin_set_group_offsets(struct admin *admin, const char *group,
                                         const struct admin_offset *offsets, size_t count,
                                         int timeout_ms) KC_MUST_CHECK;
/* Forgets a group with all its offsets; a group that is not there is fine. Errors as above. */
struct kc_error *admin_delete_group(struct admin *admin, const char *group, int timeout_ms)
    KC_MUST_CHECK;

#endif
