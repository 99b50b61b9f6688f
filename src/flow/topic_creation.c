#include "flow/topic_creation.h"

#include <stdlib.h>

#include "base/log.h"
#include "flow/clients.h"

#define ADMIN_TIMEOUT_MS 30000
#define RETRY_MS 1000

void topic_creation_clear(struct topic_creation *creation)
{
    if (creation->admin)
        admin_free(creation->admin);
    creation->admin = NULL;
}

static struct kc_error *create(struct topic_creation *creation, const char *name,
                               const struct topic_rule *rule)
{
    struct admin_topic topic = { .name = name, .partitions = rule->partitions,
                                 .replication = rule->replication, .configs = &rule->configs };
    bool exists;

    if (!creation->admin) {
        struct kc_error *err = clients_admin(creation->flow, &creation->admin);
        if (err)
            return err;
    }
    struct kc_error *err = admin_topic_exists(creation->admin, name, ADMIN_TIMEOUT_MS, &exists);
    if (!err && !exists) {
        err = admin_create_topic(creation->admin, &topic, ADMIN_TIMEOUT_MS);
        if (!err)
            kc_log_info("flow", "Created topic %s", name);
    }
    return err;
}

struct kc_error *topic_creation_ensure(struct topic_creation *creation, const char *topic)
{
    struct flow *flow = creation->flow;
    struct topic_rule rule = { .partitions = 0 };
    struct kc_error *err = NULL;

    if (flow->worker->dev || !flow->worker->topic_creation_enable ||
        !connector_topic_rule(flow->props, topic, &rule))
        return NULL;
    for (;;) {
        err = create(creation, topic, &rule);
        if (!err || err->fault != KC_RETRY)
            break;
        char *text = kc_error_line(err);
        kc_log_warn("flow", "Creating topic %s: %s; trying again", topic, text);
        free(text);
        if (kc_wait_stop(flow->stop.fd, RETRY_MS)) {
            err->fault = KC_STOPPED;
            break;
        }
        kc_error_free(err);
    }
    kc_props_clear(&rule.configs);
    return err ? kc_while(err, "creating topic %s", topic) : NULL;
}
