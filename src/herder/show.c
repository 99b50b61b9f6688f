#include <stdlib.h>

#include "base/clock.h"
#include "herder/internal.h"
#include "plugin/registry.h"

static const char *connector_state(const struct connector *connector)
{
    static const char *const names[] = { "RUNNING", "PAUSED", "STOPPED" };
    return connector->restarting ? "RESTARTING" : names[connector->target];
}

static struct kc_json *show_task_ids(const struct connector *connector)
{
    struct kc_json *tasks = kc_json_new_array();
    for (size_t i = 0; i < connector->n_slots; i++) {
        struct kc_json *task = kc_json_new_object();
        kc_json_put_string(task, "connector", connector->name);
        kc_json_put_int(task, "task", (int64_t)i);
        kc_json_add(tasks, task);
    }
    return tasks;
}

struct kc_json *show_info(const struct connector *connector)
{
    struct kc_json *info = kc_json_new_object();
    kc_json_put_string(info, "name", connector->name);
    kc_json_put(info, "config", kc_props_to_json(&connector->props));
    kc_json_put(info, "tasks", show_task_ids(connector));
    kc_json_put_string(info, "type", registry_kind_name(connector->plugin->kind));
    return info;
}

static struct kc_json *show_task_status(const struct herder *herder, const struct slot *slot)
{
    struct kc_json *task = kc_json_new_object();
    kc_json_put_int(task, "id", slot->number);
    kc_json_put_string(task, "state",
                       slot->restarting ? "RESTARTING" : task_state_name(slot->state));
    kc_json_put_string(task, "worker_id", herder->worker_id);
    kc_json_put_string(task, "version", slot->connector->plugin->version);
    if (slot->trace && *slot->trace)
        kc_json_put_string(task, "trace", slot->trace);
    return task;
}

struct kc_json *show_status(const struct herder *herder, const struct connector *connector)
{
    struct kc_json *status = kc_json_new_object(), *self = kc_json_new_object();
    struct kc_json *tasks = kc_json_new_array();
    kc_json_put_string(self, "state", connector_state(connector));
    kc_json_put_string(self, "worker_id", herder->worker_id);
    kc_json_put_string(self, "version", connector->plugin->version);
    for (size_t i = 0; i < connector->n_slots; i++)
        kc_json_add(tasks, show_task_status(herder, connector->slots[i]));
    kc_json_put_string(status, "name", connector->name);
    kc_json_put(status, "connector", self);
    kc_json_put(status, "tasks", tasks);
    kc_json_put_string(status, "type", registry_kind_name(connector->plugin->kind));
    return status;
}

/* ---- metrics ---- */

static struct kc_json *show_metric(const struct task_metric *measured)
{
    static const char *const kinds[] = { [KC_GAUGE] = "gauge", [KC_COUNTER] = "counter" };
    struct kc_json *json = kc_json_new_object();
    kc_json_put_string(json, "name", measured->metric->name);
    if (measured->metric->context)
        kc_json_put_string(json, "context", measured->metric->context);
    kc_json_put_string(json, "kind", kinds[measured->metric->kind]);
    kc_json_put_int(json, "value", measured->value);
    kc_json_put_string(json, "help", measured->metric->help);
    return json;
}

static struct kc_json *show_task_metrics(const struct slot *slot)
{
    struct kc_json *task = kc_json_new_object(), *metrics = kc_json_new_array();
    for (size_t i = 0; i < slot->n_metrics; i++)
        kc_json_add(metrics, show_metric(&slot->metrics[i]));
    kc_json_put_int(task, "id", slot->number);
    kc_json_put(task, "age_ms", slot->n_metrics
                                    ? kc_json_new_int(kc_monotonic_ms() - slot->measured)
                                    : kc_json_new_null());
    if (slot->trouble)
        kc_json_put_string(task, "trouble", slot->trouble);
    kc_json_put(task, "metrics", metrics);
    return task;
}

/* ---- handlers ---- */

static struct kc_json *show_expanded(const struct herder *herder, unsigned expand)
{
    struct kc_json *all = kc_json_new_object();
    for (struct kc_map_entry *at = NULL; (at = kc_map_next(&herder->connectors, at));) {
        const struct connector *connector = at->value;
        struct kc_json *one = kc_json_new_object();
        if (expand & HERDER_EXPAND_INFO)
            kc_json_put(one, "info", show_info(connector));
        if (expand & HERDER_EXPAND_STATUS)
            kc_json_put(one, "status", show_status(herder, connector));
        kc_json_put(all, connector->name, one);
    }
    return all;
}

void handle_list(struct herder *herder, struct herder_request *request)
{
    if (request->expand) {
        herder_answer(request, 200, show_expanded(herder, request->expand));
        return;
    }
    struct kc_json *names = kc_json_new_array();
    for (struct kc_map_entry *at = NULL; (at = kc_map_next(&herder->connectors, at));)
        kc_json_add(names, kc_json_new_text(at->key));
    herder_answer(request, 200, names);
}

/* The connector asked for; without it the request is answered. */
static struct connector *found(struct herder *herder, struct herder_request *request)
{
    struct connector *connector = herder_find(herder, request->connector);
    if (!connector)
        herder_refuse(request, 404, "Connector %s not found", request->connector);
    return connector;
}

void handle_info(struct herder *herder, struct herder_request *request)
{
    struct connector *connector = found(herder, request);
    if (connector)
        herder_answer(request, 200, show_info(connector));
}

void handle_config(struct herder *herder, struct herder_request *request)
{
    struct connector *connector = found(herder, request);
    if (connector)
        herder_answer(request, 200, kc_props_to_json(&connector->props));
}

void handle_status(struct herder *herder, struct herder_request *request)
{
    struct connector *connector = herder_find(herder, request->connector);
    if (connector)
        herder_answer(request, 200, show_status(herder, connector));
    else
        herder_refuse(request, 404, "No status found for connector %s", request->connector);
}

void handle_metrics(struct herder *herder, struct herder_request *request)
{
    struct connector *connector = found(herder, request);
    if (!connector)
        return;
    struct kc_json *answer = kc_json_new_object(), *tasks = kc_json_new_array();
    for (size_t i = 0; i < connector->n_slots; i++)
        kc_json_add(tasks, show_task_metrics(connector->slots[i]));
    kc_json_put_string(answer, "name", connector->name);
    kc_json_put(answer, "tasks", tasks);
    herder_answer(request, 200, answer);
}

static struct kc_json *show_task(const struct connector *connector, size_t number)
{
    struct kc_json *task = kc_json_new_object(), *id = kc_json_new_object();
    struct kc_json *config = kc_props_to_json(&connector->props);
    kc_json_put_string(id, "connector", connector->name);
    kc_json_put_int(id, "task", (int64_t)number);
    if (connector->plugin->java_task_class)
        kc_json_put_string(config, "task.class", connector->plugin->java_task_class);
    kc_json_put(task, "id", id);
    kc_json_put(task, "config", config);
    return task;
}

void handle_tasks(struct herder *herder, struct herder_request *request)
{
    struct connector *connector = found(herder, request);
    if (!connector)
        return;
    struct kc_json *tasks = kc_json_new_array();
    for (size_t i = 0; i < connector->n_slots; i++)
        kc_json_add(tasks, show_task(connector, i));
    herder_answer(request, 200, tasks);
}

void handle_task_status(struct herder *herder, struct herder_request *request)
{
    struct connector *connector = herder_find(herder, request->connector);
    if (connector && request->task >= 0 && (size_t)request->task < connector->n_slots)
        herder_answer(request, 200, show_task_status(herder, connector->slots[request->task]));
    else
        herder_refuse(request, 404, "No status found for task %s-%d", request->connector,
                      request->task);
}

void handle_topics(struct herder *herder, struct herder_request *request)
{
    if (!herder->worker->topic_tracking_enable) {
        herder_refuse(request, 403, "Topic tracking is disabled.");
        return;
    }
    const struct kc_json *topics = kc_map_get(&herder->topics, kc_text(request->connector));
    struct kc_json *answer = kc_json_new_object(), *inner = kc_json_new_object();
    kc_json_put(inner, "topics", topics ? kc_json_copy(topics) : kc_json_new_array());
    kc_json_put(answer, request->connector, inner);
    herder_answer(request, 200, answer);
}

void handle_topics_reset(struct herder *herder, struct herder_request *request)
{
    if (!herder->worker->topic_tracking_enable) {
        herder_refuse(request, 403, "Topic tracking is disabled.");
    } else if (!herder->worker->topic_tracking_allow_reset) {
        herder_refuse(request, 403, "Topic tracking reset is disabled.");
    } else {
        kc_json_free(kc_map_remove(&herder->topics, kc_text(request->connector)));
        herder_answer(request, 202, NULL);
    }
}
