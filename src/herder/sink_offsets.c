#include "herder/sink_offsets.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "flow/clients.h"
#include "kafka/admin.h"

#define CALL_TIMEOUT_MS 8000 /* of one call */
#define RETRIES_MS      8000
#define RETRY_WAIT_MS   300

struct offsets_job {
    struct job job; /* first */
    struct herder_request *request;
    struct kc_props props; /* of the admin client */
    char *group;
    struct kc_json *list; /* what was found */
    struct kc_error *error;
};

static void add_offset(void *context, const char *topic, int32_t partition, int64_t offset)
{
    struct kc_json *item = kc_json_new_object(), *where = kc_json_new_object();
    struct kc_json *place = kc_json_new_object();
    kc_json_put_int(where, "kafka_partition", partition);
    kc_json_put_string(where, "kafka_topic", topic);
    kc_json_put_int(place, "kafka_offset", offset);
    kc_json_put(item, "partition", where);
    kc_json_put(item, "offset", place);
    kc_json_add(context, item);
}

static void get_run(struct job *job)
{
    struct offsets_job *get = (struct offsets_job *)job;
    struct admin *admin = NULL;
    get->error = admin_new(&get->props, &admin);
    if (!get->error)
        get->error =
            admin_group_offsets(admin, get->group, CALL_TIMEOUT_MS, add_offset, get->list);
    admin_free(admin);
}

static void get_done(struct job *job, bool in_time)
{
    struct offsets_job *get = (struct offsets_job *)job;
    if (!in_time) {
        herder_refuse(get->request, 500, "Request timed out");
    } else if (get->error) {
        herder_fail(get->request, 500, get->error);
        get->error = NULL;
    } else {
        struct kc_json *answer = kc_json_new_object();
        kc_json_put(answer, "offsets", get->list);
        get->list = NULL;
        herder_answer(get->request, 200, answer);
    }
}

static void job_free(struct job *job)
{
    struct offsets_job *offsets = (struct offsets_job *)job;
    kc_props_clear(&offsets->props);
    kc_json_free(offsets->list);
    kc_error_free(offsets->error);
    free(offsets->group);
    free(offsets);
}

void sink_offsets_get(struct herder *herder, const struct connector *connector,
                      struct herder_request *request)
{
    struct offsets_job *get = kc_calloc(1, sizeof *get);
    *get = (struct offsets_job){
        .job = { .run = get_run, .done = get_done, .free = job_free },
        .request = request,
        .group = clients_group(connector->name, herder->worker, &connector->props),
        .list = kc_json_new_array(),
    };
    clients_admin_props(connector->name, 0, herder->worker, &connector->props, &get->props);
    jobs_run(&herder->admin, &get->job, ADMIN_TIMEOUT_MS);
}

/* ---- changing them ---- */

struct change_job {
    struct job job; /* first */
    struct herder_request *request;
    struct kc_props props;
    char *group;
    struct admin_offset *offsets; /* of an alteration; NULL: all are forgotten */
    size_t count;
    struct kc_error *error;
};

static struct kc_error *change_once(struct change_job *change, struct admin *admin)
{
    if (!change->offsets)
        return admin_delete_group(admin, change->group, CALL_TIMEOUT_MS);
    return admin_set_group_offsets(admin, change->group, change->offsets, change->count,
                                   CALL_TIMEOUT_MS);
}

/* The last members may be leaving still, or the group's coordinator may be coming up: a few tries. */
static void change_run(struct job *job)
{
    struct change_job *change = (struct change_job *)job;
    struct admin *admin = NULL;
    int64_t end = kc_monotonic_ms() + RETRIES_MS;
    change->error = admin_new(&change->props, &admin);
    if (!change->error)
        change->error = change_once(change, admin);
    while (admin && change->error && change->error->fault == KC_RETRY && kc_monotonic_ms() < end &&
           !kc_wait_stop(job->stop.fd, RETRY_WAIT_MS)) {
        kc_error_free(change->error);
        change->error = change_once(change, admin);
    }
    admin_free(admin);
}

static void change_done(struct job *job, bool in_time)
{
    struct change_job *change = (struct change_job *)job;
    const char *verb = change->offsets ? "alter" : "reset";
    if (!in_time) {
        herder_refuse(change->request, 500, "Request timed out");
    } else if (!change->error) {
        herder_message(change->request, change->offsets ? "The offsets for this connector have "
                                                          "been altered successfully"
                                                        : "The offsets for this connector have "
                                                          "been reset successfully");
    } else if (change->error->fault == KC_RETRY) {
        herder_refuse(change->request, 500,
                      "Failed to %s consumer group offsets for connector %s either because its "
                      "tasks haven't "
                      "stopped completely yet or the connector was resumed before the request to "
                      "%s its offsets "
                      "could be successfully completed. If the connector is in a stopped state, "
                      "this operation "
                      "can be safely retried. If it doesn't eventually succeed, the worker may "
                      "need to be "
                      "restarted to get rid of tasks that hang. (%s)",
                      verb, change->request->connector, verb, change->error->text);
    } else if (change->error->fault == KC_BAD_CONFIG) {
        herder_refuse(change->request, 501, "Failed to %s offsets: %s", verb, change->error->text);
    } else {
        char *line = kc_error_line(change->error);
        kc_log_warn("herder", "Connector %s: %s", change->request->connector, line);
        free(line);
        herder_refuse(change->request, 500, "Failed to %s consumer group offsets for connector %s",
                      verb, change->request->connector);
    }
}

static void change_free(struct job *job)
{
    struct change_job *change = (struct change_job *)job;
    for (size_t i = 0; i < change->count; i++)
        free((char *)(uintptr_t)change->offsets[i].topic);
    free(change->offsets);
    free(change->group);
    kc_props_clear(&change->props);
    kc_error_free(change->error);
    free(change);
}

static struct change_job *change_new(struct herder *herder, const struct connector *connector,
                                     struct herder_request *request)
{
    struct change_job *change = kc_calloc(1, sizeof *change);
    change->job = (struct job){ .run = change_run, .done = change_done, .free = change_free };
    change->request = request;
    change->group = clients_group(connector->name, herder->worker, &connector->props);
    clients_admin_props(connector->name, 0, herder->worker, &connector->props, &change->props);
    return change;
}

/* A number or text as text; NULL for null. The caller frees it. */
static char *text_of(const struct kc_json *json)
{
    struct kc_buf buf = KC_BUF(0);
    if (kc_json_type(json) == KC_JSON_NULL)
        return NULL;
    if (kc_json_type(json) == KC_JSON_STRING)
        return kc_strdup(kc_json_string(json));
    kc_json_write(json, &buf);
    return kc_buf_take(&buf);
}

static struct kc_error *parse_partition(const struct kc_json *json, struct admin_offset *to)
{
    int64_t number;
    const struct kc_json *topic = kc_json_get(json, "kafka_topic");
    const struct kc_json *partition = kc_json_get(json, "kafka_partition");
    if (kc_json_type(json) != KC_JSON_OBJECT)
        return kc_fail(KC_BAD_DATA, "The partition for a sink connector offset cannot be null or "
                                    "missing");
    if (!topic || !partition)
        return kc_fail(KC_BAD_DATA, "The partition for a sink connector offset must contain the "
                                    "keys "
                                    "'kafka_topic' and 'kafka_partition'");
    if (kc_json_type(topic) == KC_JSON_NULL)
        return kc_fail(KC_BAD_DATA, "Kafka topic names must be valid strings and may not be null");
    char *text = text_of(partition);
    struct kc_error *err = NULL;
    if (!text)
        err = kc_fail(KC_BAD_DATA, "Kafka partitions must be valid numbers and may not be null");
    else if (!kc_text_int64(kc_text(text), &number) || number != (int32_t)number)
        err = kc_fail(KC_BAD_DATA,
                      "Failed to parse the following Kafka partition value in the provided "
                      "offsets: "
                      "'%s'. Partition values for sink connectors need to be integers.",
                      text);
    free(text);
    if (err)
        return err;
    to->partition = (int32_t)number;
    to->topic = text_of(topic);
    return NULL;
}

static struct kc_error *parse_offset(const struct kc_json *json, const char *connector,
                                     struct admin_offset *to)
{
    to->offset = -1;
    if (kc_json_type(json) != KC_JSON_OBJECT)
        return NULL;
    const struct kc_json *offset = kc_json_get(json, "kafka_offset");
    if (!offset)
        return kc_fail(KC_BAD_DATA, "The offset for a sink connector should either be null or "
                                    "contain the key "
                                    "'kafka_offset'");
    char *text = text_of(offset);
    struct kc_error *err = NULL;
    if (!text || !kc_text_int64(kc_text(text), &to->offset))
        err = kc_fail(KC_BAD_DATA,
                      "Failed to parse the following Kafka offset value in the provided offsets: "
                      "'%s'. Offset values for sink connectors need to be integers.",
                      text ? text : "null");
    else if (to->offset < 0)
        err = kc_fail(KC_FATAL, "Failed to modify offsets for sink connector %s", connector);
    free(text);
    return err;
}

void sink_offsets_alter(struct herder *herder, const struct connector *connector,
                        struct herder_request *request)
{
    struct change_job *change = change_new(herder, connector, request);
    struct kc_error *err = NULL;
    change->offsets = kc_calloc(kc_json_count(request->body), sizeof *change->offsets);
    for (size_t i = 0; !err && i < kc_json_count(request->body); i++) {
        const struct kc_json *item = kc_json_at(request->body, i);
        struct admin_offset *to = &change->offsets[change->count++];
        err = parse_partition(kc_json_get(item, "partition"), to);
        if (!err)
            err = parse_offset(kc_json_get(item, "offset"), connector->name, to);
    }
    if (!err) {
        jobs_run(&herder->admin, &change->job, ADMIN_TIMEOUT_MS);
        return;
    }
    herder_fail(request, err->fault == KC_FATAL ? 500 : 400, err);
    change_free(&change->job);
}

void sink_offsets_reset(struct herder *herder, const struct connector *connector,
                        struct herder_request *request)
{
    jobs_run(&herder->admin, &change_new(herder, connector, request)->job, ADMIN_TIMEOUT_MS);
}
