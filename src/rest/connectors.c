#include <stdlib.h>
#include <strings.h>

#include "rest/bodies.h"
#include "rest/router.h"

/* /connectors and all below it. */

static bool flag(const struct rest_call *call, const char *name)
{
    const char *value = http_argument(&call->target, name);
    return value && strcasecmp(value, "true") == 0;
}

/* ---- reading ---- */

static void get_list(struct rest_call *call)
{
    struct herder_request *request = rest_ask(call, HERDER_LIST);
    for (size_t i = 0; i < call->target.n_arguments; i++) {
        const struct http_argument *argument = &call->target.arguments[i];
        if (strcmp(argument->name, "expand") != 0)
            continue;
        request->expand |= HERDER_EXPAND;
        if (strcmp(argument->value, "info") == 0)
            request->expand |= HERDER_EXPAND_INFO;
        if (strcmp(argument->value, "status") == 0)
            request->expand |= HERDER_EXPAND_STATUS;
    }
}

static void get_info(struct rest_call *call)
{
    rest_ask(call, HERDER_INFO);
}

static void get_config(struct rest_call *call)
{
    rest_ask(call, HERDER_CONFIG);
}

static void get_status(struct rest_call *call)
{
    rest_ask(call, HERDER_STATUS);
}

static void get_metrics(struct rest_call *call)
{
    rest_ask(call, HERDER_METRICS);
}

static void get_tasks(struct rest_call *call)
{
    rest_ask(call, HERDER_TASKS);
}

static void get_task_status(struct rest_call *call)
{
    rest_ask(call, HERDER_TASK_STATUS);
}

static void get_topics(struct rest_call *call)
{
    rest_ask(call, HERDER_TOPICS);
}

static void get_offsets(struct rest_call *call)
{
    rest_ask(call, HERDER_OFFSETS);
}

/* ---- configs ---- */

static void finish_created(struct rest_call *call)
{
    struct herder_request *request = call->request;
    if (request->code == 201) {
        struct kc_buf location = KC_BUF(0);
        kc_buf_printf(&location, "http://%s/connectors/", call->host ? call->host : call->address);
        http_escape_path(request->connector, &location);
        call->location = kc_buf_take(&location);
    }
    rest_json(call, request->code, request->answer);
    request->answer = NULL;
}

/* A question whose body may be wrong: then the call is answered already. */
static void ask_with_body(struct rest_call *call, enum herder_op op,
                          bool (*fill)(struct rest_call *call, struct herder_request *request))
{
    struct herder_request *request = rest_ask(call, op);
    call->request = NULL;
    if (fill(call, request))
        call->request = request;
    else
        herder_request_free(request);
    call->finish = finish_created;
}

static void post_connector(struct rest_call *call)
{
    ask_with_body(call, HERDER_CREATE, body_create);
}

static void put_config(struct rest_call *call)
{
    ask_with_body(call, HERDER_PUT_CONFIG, body_config);
}

static void patch_config(struct rest_call *call)
{
    ask_with_body(call, HERDER_PATCH_CONFIG, body_config);
}

static void post_signal(struct rest_call *call)
{
    ask_with_body(call, HERDER_SIGNAL, body_signal);
}

static void patch_offsets(struct rest_call *call)
{
    ask_with_body(call, HERDER_ALTER_OFFSETS, body_offsets);
}

/* ---- changing what runs ---- */

static void delete_connector(struct rest_call *call)
{
    rest_ask(call, HERDER_DELETE);
}

static void put_pause(struct rest_call *call)
{
    rest_ask(call, HERDER_PAUSE);
}

static void put_resume(struct rest_call *call)
{
    rest_ask(call, HERDER_RESUME);
}

static void put_stop(struct rest_call *call)
{
    rest_ask(call, HERDER_STOP);
}

static void post_restart(struct rest_call *call)
{
    struct herder_request *request = rest_ask(call, HERDER_RESTART);
    request->include_tasks = flag(call, "includeTasks");
    request->only_failed = flag(call, "onlyFailed");
}

static void post_task_restart(struct rest_call *call)
{
    rest_ask(call, HERDER_TASK_RESTART);
}

static void put_topics_reset(struct rest_call *call)
{
    rest_ask(call, HERDER_TOPICS_RESET);
}

static void delete_offsets(struct rest_call *call)
{
    rest_ask(call, HERDER_RESET_OFFSETS);
}

/* Calls between workers of distributed mode. */
static void post_tasks(struct rest_call *call)
{
    rest_error(call, 500, "Kafka Connect in standalone mode does not support externally setting task "
                          "configurations.");
}

static void put_fence(struct rest_call *call)
{
    rest_error(call, 500, "Kafka Connect in standalone mode does not support exactly-once source "
                          "connectors.");
}

const struct route connector_routes[] = {
    { "GET", "/connectors", get_list, "Names of the connectors; with expand=info, expand=status: what they are", true },
    { "POST", "/connectors", post_connector, "Create a connector", true },
    { "GET", "/connectors/{c}", get_info, "Config, tasks and kind of a connector", true },
    { "DELETE", "/connectors/{c}", delete_connector, "Stop and forget it; its offsets stay", true },
    { "GET", "/connectors/{c}/config", get_config, "Its config", true },
    { "PUT", "/connectors/{c}/config", put_config, "Set its config, or create it", true },
    { "PATCH", "/connectors/{c}/config", patch_config, "Change settings; null removes one", true },
    { "GET", "/connectors/{c}/status", get_status, "State of the connector and its tasks", true },
    { "GET", "/connectors/{c}/metrics", get_metrics, "What its tasks measure: lag, counters", true },
    { "POST", "/connectors/{c}/restart", post_restart, "Restart; includeTasks, onlyFailed", true },
    { "PUT", "/connectors/{c}/pause", put_pause, "Pause it; its tasks keep their connections", true },
    { "PUT", "/connectors/{c}/resume", put_resume, "Let it go on", true },
    { "PUT", "/connectors/{c}/stop", put_stop, "End its tasks; then its offsets may be changed", true },
    { "GET", "/connectors/{c}/tasks", get_tasks, "Its tasks and their configs", true },
    { "POST", "/connectors/{c}/tasks", post_tasks, "Between workers; not in standalone mode", true },
    { "PUT", "/connectors/{c}/fence", put_fence, "Between workers; not in standalone mode", true },
    { "GET", "/connectors/{c}/tasks/{i}/status", get_task_status, "State of a task", true },
    { "POST", "/connectors/{c}/tasks/{i}/restart", post_task_restart, "Restart a task", true },
    { "GET", "/connectors/{c}/topics", get_topics, "Topics it has used", true },
    { "PUT", "/connectors/{c}/topics/reset", put_topics_reset, "Forget these", true },
    { "GET", "/connectors/{c}/offsets", get_offsets, "How far it has read", true },
    { "PATCH", "/connectors/{c}/offsets", patch_offsets, "Set that, while it is stopped", true },
    { "DELETE", "/connectors/{c}/offsets", delete_offsets, "Forget that, while it is stopped", true },
    { "POST", "/connectors/{c}/signals", post_signal, "Tell its source {\"id\",\"type\",\"data\"}", true },
    { .method = NULL },
};
