#include "flow/clients.h"

#include <stdlib.h>

static void set_base(struct kc_props *props, const struct worker_config *worker, const char *kind,
                     const char *connector, int number)
{
    char *client_id = kc_printf("connector-%s-%s-%d", kind, connector, number);
    kc_props_set(props, "bootstrap.servers", worker->bootstrap_servers);
    kc_props_set(props, "client.id", client_id);
    free(client_id);
}

/* What the producers of tasks have unless somebody says otherwise. The original switches
 * idempotence off; here it is the client's own default, which gives way to a user's acks=1. linger.ms is
 * long because an idempotent librdkafka has one request of a partition under way, and spins while it waits
 * for the answer with records queued that are older than linger.ms; the task hurries a record that is alone. */
static void producer_props(const struct flow *flow, const char *kind, struct kc_props *props)
{
    set_base(props, flow->worker, kind, flow->connector, flow->number);
    kc_props_set(props, "acks", "all");
    kc_props_set(props, "delivery.timeout.ms", "2147483647");
    kc_props_set(props, "linger.ms", "50");
    kc_props_with_prefix(&flow->worker->props, "producer.", props);
    kc_props_with_prefix(flow->props, "producer.override.", props);
}

static struct kc_error *new_producer(const struct flow *flow, const char *kind,
                                     producer_delivered *delivered, void *context,
                                     struct producer **producer)
{
    struct kc_props props = { .map.count = 0 };

    producer_props(flow, kind, &props);
    struct kc_error *err = producer_new(&props, delivered, context, producer);
    kc_props_clear(&props);
    return err ? kc_while(err, "starting the producer of task %s-%d", flow->connector, flow->number)
               : NULL;
}

struct kc_error *clients_producer(const struct flow *flow, producer_delivered *delivered,
                                  void *context, struct producer **producer)
{
    return new_producer(flow, "producer", delivered, context, producer);
}

struct kc_error *clients_dlq_producer(const struct flow *flow, producer_delivered *delivered,
                                      void *context, struct producer **producer)
{
    return new_producer(flow, "dlq-producer", delivered, context, producer);
}

char *clients_group(const char *connector, const struct worker_config *worker,
                    const struct kc_props *props)
{
    const char *group = kc_props_get(props, "consumer.override.group.id");

    if (!group)
        group = kc_props_get(&worker->props, "consumer.group.id");
    return group ? kc_strdup(group) : kc_printf("connect-%s", connector);
}

struct kc_error *clients_consumer(const struct flow *flow, struct consumer **consumer)
{
    struct kc_props props = { .map.count = 0 };
    const struct connector_config *config = &flow->config;
    struct consumer_subscription subscription = {
        .topics = config->topics.len ? &config->topics : NULL,
        .topics_regex = config->topics.len ? NULL : config->topics_regex,
    };
    char *group = clients_group(flow->connector, flow->worker, flow->props);

    set_base(&props, flow->worker, "consumer", flow->connector, flow->number);
    kc_props_set(&props, "auto.offset.reset", "earliest");
    kc_props_with_prefix(&flow->worker->props, "consumer.", &props);
    kc_props_with_prefix(flow->props, "consumer.override.", &props);
    kc_props_set(&props, "group.id", group);
    free(group);
    struct kc_error *err = consumer_new(&props, &subscription, flow->worker->dev, consumer);
    kc_props_clear(&props);
    return err ? kc_while(err, "starting the consumer of task %s-%d", flow->connector, flow->number)
               : NULL;
}

/* Where the source names a Kafka of its own, the worker's settings are not meant for it. */
struct kc_error *clients_signal_consumer(const struct flow *flow,
                                         const struct kc_signal_topic *asked,
                                         struct consumer **consumer)
{
    struct kc_props props = { .map.count = 0 };
    const struct consumer_subscription subscription = { .topic = asked->topic };

    set_base(&props, flow->worker, "signals", flow->connector, flow->number);
    kc_props_set(&props, "auto.offset.reset", "earliest");
    kc_props_set(&props, "metadata.max.age.ms", "10000"); /* the topic may be created any time */
    if (!kc_props_get(asked->consumer, "bootstrap.servers"))
        kc_props_with_prefix(&flow->worker->props, "consumer.", &props);
    kc_props_with_prefix(asked->consumer, "", &props);
    struct kc_error *err = consumer_new(&props, &subscription, flow->worker->dev, consumer);
    kc_props_clear(&props);
    return err ? kc_while(err, "starting the consumer of signals of task %s-%d", flow->connector,
                          flow->number)
               : NULL;
}

static bool starts_with_any(const char *name, const char *const *prefixes)
{
    for (; *prefixes; prefixes++)
        if (strncmp(name, *prefixes, strlen(*prefixes)) == 0)
            return true;
    return false;
}

void clients_admin_props(const char *connector, int number, const struct worker_config *worker,
                         const struct kc_props *connector_props, struct kc_props *props)
{
    /* All of the worker's settings that may be meant for its clients. */
    static const char *const client_prefixes[] = { "security.", "ssl.", "sasl.", "client.dns.",
                                                   "retry.backoff", "reconnect.backoff",
                                                   "request.timeout", "metadata.max", NULL };
    struct kc_map_entry *at = NULL;
    const char *name, *value;

    set_base(props, worker, "adminclient", connector, number);
    while (kc_props_next(&worker->props, &at, &name, &value))
        if (starts_with_any(name, client_prefixes))
            kc_props_set(props, name, value);
    kc_props_with_prefix(&worker->props, "admin.", props);
    kc_props_with_prefix(connector_props, "admin.override.", props);
}

struct kc_error *clients_admin(const struct flow *flow, struct admin **admin)
{
    struct kc_props props = { .map.count = 0 };

    clients_admin_props(flow->connector, flow->number, flow->worker, flow->props, &props);
    struct kc_error *err = admin_new(&props, admin);
    kc_props_clear(&props);
    return err ? kc_while(err, "starting the admin client of task %s-%d", flow->connector,
                          flow->number)
               : NULL;
}
