#include "flow/topic_creation.h"

#include "base/log.h"
#include "flow/clients.h"

/* Short, so that a task stops soon when the cluster doesn't answer. */
#define EXISTS_TIMEOUT_MS 1000
#define CREATE_TIMEOUT_MS 5000
#define RETRY_MS 1000

struct kc_error *topic_creation_check(const struct flow *flow)
{
    struct kc_findings findings = { .len = 0 };

    if (flow->worker->topic_creation_enable)
        connector_check_topics(&flow->config, flow->props, &findings);
    struct kc_error *err = kc_findings_error(&findings);
    kc_findings_clear(&findings);
    return err ? kc_while(err, "reading topic.creation.* of connector %s", flow->connector) : NULL;
}

void topic_creation_clear(struct topic_creation *creation)
{
    if (creation->admin)
        admin_free(creation->admin);
    creation->admin = NULL;
}

static struct kc_error *create(struct topic_creation *creation, const struct admin_topic *topic)
{
    bool exists;

    if (!creation->admin) {
        struct kc_error *err = clients_admin(creation->flow, &creation->admin);
        if (err)
            return err;
    }
    struct kc_error *err =
        admin_topic_exists(creation->admin, topic->name, EXISTS_TIMEOUT_MS, &exists);
    if (!err && !exists) {
        err = admin_create_topic(creation->admin, topic, CREATE_TIMEOUT_MS);
        if (!err)
            kc_log_info("flow", "Created topic %s", topic->name);
    }
    return err;
}

struct kc_error *topic_creation_make(struct topic_creation *creation,
                                     const struct admin_topic *topic)
{
    struct flow *flow = creation->flow;

    if (flow->worker->dev)
        return NULL;
    for (;;) {
        struct kc_error *err = create(creation, topic);
        if (!err || err->fault != KC_RETRY)
            return err;
        flow_log_retry(flow, err, RETRY_MS);
        if (kc_wait_stop(flow->stop.fd, RETRY_MS))
            return flow_stopped();
    }
}

struct kc_error *topic_creation_ensure(struct topic_creation *creation, const char *topic)
{
    struct flow *flow = creation->flow;
    struct topic_rule rule = { .partitions = 0 };

    if (!flow->worker->topic_creation_enable || !connector_topic_rule(flow->props, topic, &rule))
        return NULL;
    struct kc_error *err = topic_creation_make(
        creation, &(struct admin_topic){ .name = topic, .partitions = rule.partitions,
                                         .replication = rule.replication, .configs = &rule.configs });
    kc_props_clear(&rule.configs);
    return err;
}
