#include "kafka/admin.h"

#include <stdlib.h>

#include "kafka/client_conf.h"
#include "kafka/dev_broker.h"

struct admin {
    struct client client; /* first */
    bool dev;             /* the broker is in this process */
};

struct kc_error *admin_new(const struct kc_props *props, struct admin **admin)
{
    rd_kafka_conf_t *conf;
    struct kc_error *err = client_conf_new(CLIENT_ADMIN, props, &conf);

    if (err)
        return err;
    struct admin *made = kc_calloc(1, sizeof(*made));
    made->dev = dev_broker_is(kc_props_get(props, "bootstrap.servers"));
    /* A consumer that is in no group: unlike a producer it creates no topic by asking for it. */
    err = client_start(&made->client, RD_KAFKA_CONSUMER, conf);
    if (err) {
        admin_free(made);
        return err;
    }
    *admin = made;
    return NULL;
}

void admin_free(struct admin *admin)
{
    if (admin)
        client_end(&admin->client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

/* A call failed: what the client knows of the reason comes first. */
static struct kc_error *failed(struct admin *admin, rd_kafka_resp_err_t err, const char *doing,
                               const char *what, const char *text)
{
    rd_kafka_poll(admin->client.rk, 0); /* log lines and errors that came meanwhile */
    struct kc_error *fatal = client_fatal(&admin->client);
    if (fatal)
        return kc_while(fatal, "%s%s", doing, what);
    size_t len = strlen(text); /* a broker's own text may end in a full stop, as ours goes on with one */
    if (len && text[len - 1] == '.')
        len--;
    return client_fail(err, "%s%s: %.*s%s", doing, what, (int)len, text, client_advice(err));
}

struct kc_error *admin_topic_exists(struct admin *admin, const char *topic, int timeout_ms,
                                    bool *exists)
{
    const struct rd_kafka_metadata *metadata;
    rd_kafka_topic_t *handle = NULL;

    /* The in-process broker makes a topic that is asked for by name: it is asked for all. */
    if (!admin->dev) {
        handle = rd_kafka_topic_new(admin->client.rk, topic, NULL);
        if (!handle)
            return kc_fail(KC_BAD_DATA, "'%s' can't be a topic", topic);
    }
    rd_kafka_resp_err_t err =
        rd_kafka_metadata(admin->client.rk, admin->dev, handle, &metadata, timeout_ms);
    if (handle)
        rd_kafka_topic_destroy(handle);
    if (err)
        return failed(admin, err, "looking for topic ", topic, rd_kafka_err2str(err));
    err = RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
    for (int i = 0; i < metadata->topic_cnt; i++)
        if (strcmp(metadata->topics[i].topic, topic) == 0)
            err = metadata->topics[i].err;
    rd_kafka_metadata_destroy(metadata);
    *exists = err == RD_KAFKA_RESP_ERR_NO_ERROR || err == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
    if (*exists || err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
        err == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC)
        return NULL;
    return failed(admin, err, "looking for topic ", topic, rd_kafka_err2str(err));
}

/* Sends nothing yet; *result is to be destroyed. */
static struct kc_error *describe_topic(const struct admin_topic *topic, rd_kafka_NewTopic_t **result)
{
    char text[256];
    rd_kafka_NewTopic_t *new_topic = rd_kafka_NewTopic_new(topic->name, topic->partitions,
                                                           topic->replication, text, sizeof(text));
    struct kc_map_entry *at = NULL;
    const char *name = NULL, *value;

    if (!new_topic)
        return kc_fail(KC_BAD_CONFIG, "creating topic %s: %s", topic->name, text);
    while (topic->configs && kc_props_next(topic->configs, &at, &name, &value)) {
        rd_kafka_resp_err_t err = rd_kafka_NewTopic_set_config(new_topic, name, value);
        if (err) {
            rd_kafka_NewTopic_destroy(new_topic);
            return kc_fail(KC_BAD_CONFIG, "creating topic %s: config %s: %s", topic->name, name,
                           rd_kafka_err2str(err));
        }
    }
    *result = new_topic;
    return NULL;
}

/* Options with the time limits of an admin request. */
static rd_kafka_AdminOptions_t *options_of(struct admin *admin, rd_kafka_admin_op_t op,
                                           int timeout_ms)
{
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(admin->client.rk, op);

    rd_kafka_AdminOptions_set_request_timeout(options, timeout_ms, NULL, 0);
    if (op == RD_KAFKA_ADMIN_OP_CREATETOPICS) /* until the controller's word has gone round */
        rd_kafka_AdminOptions_set_operation_timeout(options, timeout_ms, NULL, 0);
    return options;
}

static struct kc_error *creation_result(struct admin *admin, rd_kafka_event_t *event,
                                        const char *topic)
{
    static const char doing[] = "creating topic ";
    size_t count = 0;

    if (!event)
        return failed(admin, RD_KAFKA_RESP_ERR__TIMED_OUT, doing, topic, "no answer in time");
    if (rd_kafka_event_error(event))
        return failed(admin, rd_kafka_event_error(event), doing, topic,
                      rd_kafka_event_error_string(event));
    const rd_kafka_topic_result_t **results =
        rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
    rd_kafka_resp_err_t err = count ? rd_kafka_topic_result_error(results[0]) : 0;
    if (!err || err == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
        return NULL;
    const char *text = rd_kafka_topic_result_error_string(results[0]);
    return failed(admin, err, doing, topic, text ? text : rd_kafka_err2str(err));
}

struct kc_error *admin_create_topic(struct admin *admin, const struct admin_topic *topic,
                                    int timeout_ms)
{
    rd_kafka_NewTopic_t *new_topic = NULL;
    struct kc_error *err = describe_topic(topic, &new_topic);

    if (err)
        return err;
    if (admin->dev) {
        dev_broker_make_topic(topic->name, topic->partitions);
        rd_kafka_NewTopic_destroy(new_topic);
        return NULL;
    }
    rd_kafka_queue_t *queue = rd_kafka_queue_new(admin->client.rk);
    rd_kafka_AdminOptions_t *options =
        options_of(admin, RD_KAFKA_ADMIN_OP_CREATETOPICS, timeout_ms);
    rd_kafka_CreateTopics(admin->client.rk, &new_topic, 1, options, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, timeout_ms + 1000);
    err = creation_result(admin, event, topic->name);
    rd_kafka_event_destroy(event);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_queue_destroy(queue);
    rd_kafka_NewTopic_destroy(new_topic);
    return err;
}

struct kc_error *admin_cluster_id(struct admin *admin, int timeout_ms, char **id)
{
    char *found = rd_kafka_clusterid(admin->client.rk, timeout_ms);

    if (!found) {
        rd_kafka_poll(admin->client.rk, 0);
        struct kc_error *fatal = client_fatal(&admin->client);
        if (fatal)
            return kc_while(fatal, "asking for the cluster's id");
        /* An answer without an id, or none: metadata tells which. */
        const struct rd_kafka_metadata *metadata;
        rd_kafka_resp_err_t err =
            rd_kafka_metadata(admin->client.rk, 0, NULL, &metadata, timeout_ms);
        if (err)
            return failed(admin, err, "asking for the cluster's id", "", rd_kafka_err2str(err));
        rd_kafka_metadata_destroy(metadata);
    }
    *id = kc_strdup(found ? found : "");
    if (found)
        rd_kafka_mem_free(admin->client.rk, found);
    return NULL;
}

static struct kc_error *group_result(struct admin *admin, rd_kafka_event_t *event,
                                     const char *group,
                                     void (*each)(void *context, const char *topic,
                                                  int32_t partition, int64_t offset),
                                     void *context)
{
    static const char doing[] = "reading the offsets of group ";
    size_t count = 0;

    if (!event)
        return failed(admin, RD_KAFKA_RESP_ERR__TIMED_OUT, doing, group, "no answer in time");
    if (rd_kafka_event_error(event))
        return failed(admin, rd_kafka_event_error(event), doing, group,
                      rd_kafka_event_error_string(event));
    const rd_kafka_group_result_t **groups = rd_kafka_ListConsumerGroupOffsets_result_groups(
        rd_kafka_event_ListConsumerGroupOffsets_result(event), &count);
    for (size_t i = 0; i < count; i++) {
        const rd_kafka_error_t *error = rd_kafka_group_result_error(groups[i]);
        const rd_kafka_topic_partition_list_t *list = rd_kafka_group_result_partitions(groups[i]);
        if (error)
            return failed(admin, rd_kafka_error_code(error), doing, group,
                          rd_kafka_error_string(error));
        for (int j = 0; list && j < list->cnt; j++)
            if (!list->elems[j].err && list->elems[j].offset >= 0)
                each(context, list->elems[j].topic, list->elems[j].partition,
                     list->elems[j].offset);
    }
    return NULL;
}

/* The in-process broker knows no "all that the group has": every partition there is is named. */
static struct kc_error *all_partitions(struct admin *admin, int timeout_ms,
                                       rd_kafka_topic_partition_list_t **list)
{
    const struct rd_kafka_metadata *metadata;
    rd_kafka_resp_err_t err = rd_kafka_metadata(admin->client.rk, 1, NULL, &metadata, timeout_ms);

    if (err)
        return failed(admin, err, "listing topics", "", rd_kafka_err2str(err));
    *list = rd_kafka_topic_partition_list_new(metadata->topic_cnt);
    for (int i = 0; i < metadata->topic_cnt; i++)
        for (int j = 0; j < metadata->topics[i].partition_cnt; j++)
            rd_kafka_topic_partition_list_add(*list, metadata->topics[i].topic,
                                              metadata->topics[i].partitions[j].id);
    rd_kafka_metadata_destroy(metadata);
    return NULL;
}

struct kc_error *admin_group_offsets(struct admin *admin, const char *group, int timeout_ms,
                                     void (*each)(void *context, const char *topic,
                                                  int32_t partition, int64_t offset),
                                     void *context)
{
    rd_kafka_topic_partition_list_t *all = NULL;
    struct kc_error *err = admin->dev ? all_partitions(admin, timeout_ms, &all) : NULL;

    if (err)
        return err;
    if (all && !all->cnt) {
        rd_kafka_topic_partition_list_destroy(all);
        return NULL;
    }
    rd_kafka_ListConsumerGroupOffsets_t *request =
        rd_kafka_ListConsumerGroupOffsets_new(group, all);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(admin->client.rk);
    rd_kafka_AdminOptions_t *options =
        options_of(admin, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, timeout_ms);

    rd_kafka_ListConsumerGroupOffsets(admin->client.rk, &request, 1, options, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, timeout_ms + 1000);
    err = group_result(admin, event, group, each, context);
    rd_kafka_event_destroy(event);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_queue_destroy(queue);
    rd_kafka_ListConsumerGroupOffsets_destroy(request);
    if (all)
        rd_kafka_topic_partition_list_destroy(all);
    return err;
}

/* ---- changing the offsets of a group ---- */

/* The fault of a group that is in use is one that passes. */
static struct kc_error *group_failed(struct admin *admin, rd_kafka_resp_err_t err, const char *group,
                                     const char *text)
{
    struct kc_error *failure = failed(admin, err, "changing the offsets of group ", group, text);
    if (err == RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP || err == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID ||
        err == RD_KAFKA_RESP_ERR_GROUP_SUBSCRIBED_TO_TOPIC || err == RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS)
        failure->fault = KC_RETRY;
    else if (failure->fault != KC_RETRY)
        failure->fault = KC_BAD_DATA;
    return failure;
}

static struct kc_error *group_results(struct admin *admin, const rd_kafka_group_result_t **groups,
                                      size_t count, const char *group)
{
    for (size_t i = 0; i < count; i++) {
        const rd_kafka_error_t *error = rd_kafka_group_result_error(groups[i]);
        const rd_kafka_topic_partition_list_t *list = rd_kafka_group_result_partitions(groups[i]);
        if (error && rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND)
            return group_failed(admin, rd_kafka_error_code(error), group, rd_kafka_error_string(error));
        for (int j = 0; list && j < list->cnt; j++)
            if (list->elems[j].err) {
                char *text = kc_printf("%s-%d: %s", list->elems[j].topic, list->elems[j].partition,
                                       rd_kafka_err2str(list->elems[j].err));
                struct kc_error *failure = group_failed(admin, list->elems[j].err, group, text);
                free(text);
                return failure;
            }
    }
    return NULL;
}

/* Waits for the answer to a request about a group and takes it. */
static struct kc_error *group_answer(struct admin *admin, rd_kafka_queue_t *queue, const char *group,
                                     int timeout_ms)
{
    size_t count = 0;
    const rd_kafka_group_result_t **groups = NULL;
    struct kc_error *failure = NULL;
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, timeout_ms + 1000);

    if (!event)
        return failed(admin, RD_KAFKA_RESP_ERR__TIMED_OUT, "changing the offsets of group ", group,
                      "no answer in time");
    if (rd_kafka_event_error(event)) {
        rd_kafka_resp_err_t err = rd_kafka_event_error(event);
        if (err != RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND)
            failure = group_failed(admin, err, group, rd_kafka_event_error_string(event));
    } else if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_ALTERCONSUMERGROUPOFFSETS_RESULT) {
        groups = rd_kafka_AlterConsumerGroupOffsets_result_groups(
            rd_kafka_event_AlterConsumerGroupOffsets_result(event), &count);
    } else if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_DELETECONSUMERGROUPOFFSETS_RESULT) {
        groups = rd_kafka_DeleteConsumerGroupOffsets_result_groups(
            rd_kafka_event_DeleteConsumerGroupOffsets_result(event), &count);
    } else {
        groups = rd_kafka_DeleteGroups_result_groups(rd_kafka_event_DeleteGroups_result(event), &count);
    }
    if (groups)
        failure = group_results(admin, groups, count, group);
    rd_kafka_event_destroy(event);
    return failure;
}

/* librdkafka's in-process broker takes offsets from members only, and the client dies of asking it
 * for more. */
static struct kc_error *not_in_process(void)
{
    return kc_fail(KC_BAD_CONFIG,
                   "the in-process broker can't change the offsets of a group; a connector of another "
                   "name starts anew");
}

/* Those to be set, or those to be forgotten; NULL if there are none. */
static rd_kafka_topic_partition_list_t *list_offsets(const struct admin_offset *offsets, size_t count,
                                                     bool forget)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)count);
    for (size_t i = 0; i < count; i++)
        if ((offsets[i].offset < 0) == forget)
            rd_kafka_topic_partition_list_add(list, offsets[i].topic, offsets[i].partition)->offset =
                forget ? RD_KAFKA_OFFSET_INVALID : offsets[i].offset;
    if (list->cnt)
        return list;
    rd_kafka_topic_partition_list_destroy(list);
    return NULL;
}

static struct kc_error *set_offsets(struct admin *admin, rd_kafka_queue_t *queue, const char *group,
                                    const rd_kafka_topic_partition_list_t *list, int timeout_ms)
{
    rd_kafka_AdminOptions_t *options =
        options_of(admin, RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS, timeout_ms);
    rd_kafka_AlterConsumerGroupOffsets_t *request = rd_kafka_AlterConsumerGroupOffsets_new(group, list);
    rd_kafka_AlterConsumerGroupOffsets(admin->client.rk, &request, 1, options, queue);
    struct kc_error *err = group_answer(admin, queue, group, timeout_ms);
    rd_kafka_AlterConsumerGroupOffsets_destroy(request);
    rd_kafka_AdminOptions_destroy(options);
    return err;
}

static struct kc_error *forget_offsets(struct admin *admin, rd_kafka_queue_t *queue, const char *group,
                                       const rd_kafka_topic_partition_list_t *list, int timeout_ms)
{
    rd_kafka_AdminOptions_t *options =
        options_of(admin, RD_KAFKA_ADMIN_OP_DELETECONSUMERGROUPOFFSETS, timeout_ms);
    rd_kafka_DeleteConsumerGroupOffsets_t *request = rd_kafka_DeleteConsumerGroupOffsets_new(group, list);
    rd_kafka_DeleteConsumerGroupOffsets(admin->client.rk, &request, 1, options, queue);
    struct kc_error *err = group_answer(admin, queue, group, timeout_ms);
    rd_kafka_DeleteConsumerGroupOffsets_destroy(request);
    rd_kafka_AdminOptions_destroy(options);
    return err;
}

struct kc_error *admin_set_group_offsets(struct admin *admin, const char *group,
                                         const struct admin_offset *offsets, size_t count,
                                         int timeout_ms)
{
    struct kc_error *err = NULL;
    rd_kafka_queue_t *queue = rd_kafka_queue_new(admin->client.rk);
    rd_kafka_topic_partition_list_t *set = list_offsets(offsets, count, false);
    rd_kafka_topic_partition_list_t *forget = list_offsets(offsets, count, true);

    if (admin->dev)
        err = not_in_process();
    if (set && !err)
        err = set_offsets(admin, queue, group, set, timeout_ms);
    if (forget && !err)
        err = forget_offsets(admin, queue, group, forget, timeout_ms);
    if (set)
        rd_kafka_topic_partition_list_destroy(set);
    if (forget)
        rd_kafka_topic_partition_list_destroy(forget);
    rd_kafka_queue_destroy(queue);
    return err;
}

struct kc_error *admin_delete_group(struct admin *admin, const char *group, int timeout_ms)
{
    if (admin->dev)
        return not_in_process();
    rd_kafka_queue_t *queue = rd_kafka_queue_new(admin->client.rk);
    rd_kafka_AdminOptions_t *options = options_of(admin, RD_KAFKA_ADMIN_OP_DELETEGROUPS, timeout_ms);
    rd_kafka_DeleteGroup_t *request = rd_kafka_DeleteGroup_new(group);

    rd_kafka_DeleteGroups(admin->client.rk, &request, 1, options, queue);
    struct kc_error *err = group_answer(admin, queue, group, timeout_ms);
    rd_kafka_DeleteGroup_destroy(request);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_queue_destroy(queue);
    return err;
}
