#include "plugin/plugin.h"
#include "rest/router.h"

/* What is about the worker itself. */

static void finish_root(struct rest_call *call)
{
    struct kc_json *info = kc_json_new_object();
    kc_json_put_string(info, "version", KC_CONNECT_VERSION);
    kc_json_put_string(info, "commit", PENSTOCK_VERSION);
    kc_json_put(info, "kafka_cluster_id", call->request->answer);
    call->request->answer = NULL;
    rest_json(call, 200, info);
}

static void get_root(struct rest_call *call)
{
    rest_ask(call, HERDER_CLUSTER);
    call->finish = finish_root;
}

static void get_health(struct rest_call *call)
{
    rest_ask(call, HERDER_HEALTH);
}

const struct route admin_routes[] = {
    { "GET", "/", get_root, "Versions, and the id of the Kafka cluster", false },
    { "GET", "/health", get_health, "Is the worker well?", false },
    { .method = NULL },
};
