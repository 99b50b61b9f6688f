#include "kafka/client_conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What every client of its kind starts from. Reasons:
 * - log.queue: lines come out on the owner's thread, in its context;
 * - nagle: a small request at the tail of a burst must not wait for an acknowledgement;
 * - the rest is Java's default (reconnect.backoff.max.ms, message.max.bytes, isolation.level,
 *   auto creation), Connect's (auto.offset.reset, no automatic commits), or measured by
 *   bench/produce (linger.ms, batch.size). */
static const struct {
    unsigned clients;
    const char *library;
    const char *value;
} defaults[] = {
    { FOR_ALL, "log.queue", "true" },
    { FOR_ALL, "log.connection.close", "false" },
    { FOR_ALL, "socket.nagle.disable", "true" },
    { FOR_ALL, "socket.keepalive.enable", "true" },
    { FOR_ALL, "reconnect.backoff.max.ms", "1000" },
    { FOR_ALL, "client.software.name", "penstock" },
    { FOR_ALL, "client.software.version", PENSTOCK_VERSION },
    { FOR_PRODUCER, "enable.idempotence", "true" },
    { FOR_PRODUCER, "partitioner", "murmur2_random" },
    { FOR_PRODUCER, "message.max.bytes", "1048576" },
    { FOR_PRODUCER, "queue.buffering.max.kbytes", "32768" },
    { FOR_PRODUCER, "queue.buffering.max.messages", "104857" },
    { FOR_PRODUCER, "linger.ms", "1" },
    { FOR_CONSUMER, "enable.auto.commit", "false" },
    { FOR_CONSUMER, "enable.auto.offset.store", "false" },
    { FOR_CONSUMER, "auto.offset.reset", "earliest" },
    { FOR_CONSUMER, "isolation.level", "read_uncommitted" },
    { FOR_CONSUMER, "partition.assignment.strategy", "range" },
    { FOR_CONSUMER, "allow.auto.create.topics", "true" },
    { FOR_CONSUMER, "check.crcs", "true" },
    { FOR_CONSUMER, "queued.max.messages.kbytes", "24576" },
    { FOR_ADMIN, "allow.auto.create.topics", "false" },
};

static const char *const kind_names[] = { "producer", "consumer", "admin client" };
static const char *const type_names[] = { "STRING", "INT", "LONG", "DOUBLE",
                                          "BOOLEAN", "LIST", "CLASS", "PASSWORD" };

void client_find(struct client_build *build, enum kc_severity severity, const char *name,
                 const char *format, ...)
{
    va_list args;

    va_start(args, format);
    char *text = kc_vprintf(format, args);
    va_end(args);
    char *full = kc_printf("%s%s", build->prefix, name);
    kc_find(build->findings, severity, full, "%s", text);
    free(full);
    free(text);
}

void client_conf_set(struct client_build *build, const char *name, const char *library,
                     const char *value)
{
    char text[512];

    if (rd_kafka_conf_set(build->conf, library, value, text, sizeof(text)) == RD_KAFKA_CONF_OK)
        return;
    const struct client_setting *row = client_setting_find(name);
    if (row && row->type == SETTING_PASSWORD)
        client_find(build, KC_ERROR, name, "The value of %s is not usable", name);
    else
        client_find(build, KC_ERROR, name, "Invalid value %s for configuration %s: %s", value, name,
                    text);
}

static bool is_one_of(const char *list, const char *value)
{
    struct kc_text rest = kc_text(list), piece;

    while (kc_text_split(&rest, '|', &piece))
        if (kc_text_is(piece, value))
            return true;
    return false;
}

static const char *name_of(const struct client_setting *row, const char *value)
{
    for (size_t i = 0; row->names[i]; i += 2)
        if ((row->any_case ? strcasecmp : strcmp)(row->names[i], value) == 0)
            return row->names[i + 1];
    return NULL;
}

static void refuse_name(struct client_build *build, const struct client_setting *row,
                        const char *value)
{
    KC_AUTO_BUF names = KC_BUF(1024);

    for (size_t i = 0; row->names[i]; i += 2)
        kc_buf_printf(&names, "%s%s", i ? ", " : "", row->names[i]);
    client_find(build, KC_ERROR, row->name,
                "Invalid value %s for configuration %s: String must be one of: %s", value, row->name,
                names.data);
}

/* Type and range as Java checks them; number is set for INT and LONG. */
static bool is_valid(struct client_build *build, const struct client_setting *row,
                     const char *value, int64_t *number)
{
    struct kc_text text = kc_text_trim(kc_text(value));
    double real;

    if (row->type == SETTING_BOOL && strcasecmp(value, "true") != 0 &&
        strcasecmp(value, "false") != 0) {
        client_find(build, KC_ERROR, row->name,
                    "Invalid value %s for configuration %s: Expected value to be either true or false",
                    value, row->name);
        return false;
    }
    if ((row->type == SETTING_DOUBLE && !kc_text_double(text, &real)) ||
        ((row->type == SETTING_INT || row->type == SETTING_LONG) &&
         (!kc_text_int64(text, number) ||
          (row->type == SETTING_INT && (*number > INT32_MAX || *number < INT32_MIN))))) {
        client_find(build, KC_ERROR, row->name,
                    "Invalid value %s for configuration %s: Not a number of type %s", value,
                    row->name, type_names[row->type]);
        return false;
    }
    if (row->ranged && (*number < row->min || *number > row->max)) {
        client_find(build, KC_ERROR, row->name,
                    "Invalid value %s for configuration %s: Value must be at %s %lld", value,
                    row->name, *number < row->min ? "least" : "most",
                    (long long)(*number < row->min ? row->min : row->max));
        return false;
    }
    if (row->names && !name_of(row, value)) {
        refuse_name(build, row, value);
        return false;
    }
    return true;
}

static void set_mapped(struct client_build *build, const struct client_setting *row,
                       const char *value, int64_t number)
{
    char text[32];

    if (row->names) {
        value = name_of(row, value);
    } else if (row->type == SETTING_INT || row->type == SETTING_LONG) {
        if (row->high && (number < row->low || number > row->high)) {
            int64_t limit = number < row->low ? row->low : row->high;
            /* 0 for "as little as there is" is no news to anyone. */
            if (number > row->high && number != INT32_MAX && number != INT64_MAX)
                client_find(build, KC_WARN, row->name, "%s is limited to %lld here", row->name,
                            (long long)limit);
            number = limit;
        }
        snprintf(text, sizeof(text), "%lld", (long long)number);
        value = text;
    } else if (row->type == SETTING_BOOL) {
        value = strcasecmp(value, "true") == 0 ? "true" : "false";
    }
    if (*value)
        client_conf_set(build, row->name, row->library, value);
}

static void apply_row(struct client_build *build, const struct client_setting *row,
                      const char *value)
{
    int64_t number = 0;

    if (row->fine && is_one_of(row->fine, value))
        return;
    if (row->refused) {
        client_find(build, KC_ERROR, row->name, "%s is not supported: %s", row->name, row->refused);
        return;
    }
    if (!is_valid(build, row, value, &number))
        return;
    if (row->ignored)
        client_find(build, KC_WARN, row->name, "%s is ignored: %s", row->name, row->ignored);
    else if (row->apply)
        row->apply(build, row, value);
    else if (row->library)
        set_mapped(build, row, value, number);
}

static void unknown_name(struct client_build *build, const char *name)
{
    const char *nearest = NULL;
    unsigned best = 4;

    /* Admin clients get all the settings of the worker. */
    if (build->kind == CLIENT_ADMIN || strncmp(name, "metrics.context.", 16) == 0)
        return;
    for (const struct client_setting *row = client_settings; row->name; row++) {
        unsigned distance = kc_text_distance(kc_text(row->name), kc_text(name), best);
        if (distance < best && (row->clients & (1u << build->kind))) {
            best = distance;
            nearest = row->name;
        }
    }
    if (nearest)
        client_find(build, KC_WARN, name, "No setting of a Kafka %s is named %s; did you mean %s?",
                    kind_names[build->kind], name, nearest);
    else
        client_find(build, KC_WARN, name, "No setting of a Kafka %s is named %s; it is ignored",
                    kind_names[build->kind], name);
}

static int64_t number_or(const struct client_build *build, const char *name, int64_t otherwise)
{
    const char *text = client_get(build, name);
    int64_t number;

    return text && kc_text_int64(kc_text_trim(kc_text(text)), &number) ? number : otherwise;
}

static void require(struct client_build *build, const char *name)
{
    if (!client_get(build, name))
        client_find(build, KC_ERROR, name,
                    "Missing required configuration \"%s\" which has no default value.", name);
}

/* The runtime wants idempotence. Java's rule where a setting that excludes it is given: it is off,
 * or a mistake if it was asked for by name. */
static void check_idempotence(struct client_build *build)
{
    const char *acks = client_get(build, "acks");
    const char *asked = client_get(build, "enable.idempotence");

    if ((!acks || strcmp(acks, "all") == 0 || strcmp(acks, "-1") == 0) &&
        number_or(build, "retries", 1) > 0 &&
        number_or(build, "max.in.flight.requests.per.connection", 5) <= 5)
        return;
    if (!asked)
        client_conf_set(build, "enable.idempotence", "enable.idempotence", "false");
    else if (strcasecmp(asked, "true") == 0)
        client_find(build, KC_ERROR, "enable.idempotence",
                    "enable.idempotence=true needs acks=all, retries above 0 and "
                    "max.in.flight.requests.per.connection of at most 5");
}

static void check_producer(struct client_build *build)
{
    int64_t linger = number_or(build, "linger.ms", 1);

    check_idempotence(build);
    if (number_or(build, "delivery.timeout.ms", INT32_MAX) <= linger)
        client_find(build, KC_ERROR, "delivery.timeout.ms",
                    "delivery.timeout.ms must be greater than linger.ms, and should be at least "
                    "linger.ms + request.timeout.ms");
}

static void check_consumer(struct client_build *build)
{
    require(build, "group.id");
    if (number_or(build, "max.poll.interval.ms", 300000) <
        number_or(build, "session.timeout.ms", 45000))
        client_find(build, KC_ERROR, "max.poll.interval.ms",
                    "max.poll.interval.ms must not be less than session.timeout.ms");
}

/* Rules between settings, which the library would only tell when the client is made. */
static void check_together(struct client_build *build)
{
    require(build, "bootstrap.servers");
    if (build->kind == CLIENT_PRODUCER)
        check_producer(build);
    if (build->kind == CLIENT_CONSUMER)
        check_consumer(build);
}

static void apply_all(struct client_build *build)
{
    struct kc_map_entry *at = NULL;
    const char *name = NULL, *value;

    for (size_t i = 0; i < KC_COUNT(defaults); i++)
        if (defaults[i].clients & (1u << build->kind))
            client_conf_set(build, defaults[i].library, defaults[i].library, defaults[i].value);
    while (kc_props_next(build->props, &at, &name, &value)) {
        const struct client_setting *row = client_setting_find(name);
        if (row && (row->clients & (1u << build->kind))) {
            if (value)
                apply_row(build, row, value);
        } else {
            unknown_name(build, name);
        }
    }
    client_tls_apply(build);
    client_sasl_apply(build);
    check_together(build);
}

void client_check(enum client_kind kind, const struct kc_props *props, const char *prefix,
                  struct kc_findings *findings)
{
    struct client_build build = { .kind = kind, .props = props, .prefix = prefix,
                                  .findings = findings, .conf = rd_kafka_conf_new() };

    apply_all(&build);
    rd_kafka_conf_destroy(build.conf);
}

struct kc_error *client_conf_new(enum client_kind kind, const struct kc_props *props,
                                 rd_kafka_conf_t **conf)
{
    struct kc_findings findings = { 0 };
    struct client_build build = { .kind = kind, .props = props, .prefix = "",
                                  .findings = &findings, .conf = rd_kafka_conf_new() };

    apply_all(&build);
    struct kc_error *err = kc_findings_error(&findings);
    kc_findings_clear(&findings);
    if (err) {
        rd_kafka_conf_destroy(build.conf);
        return kc_while(err, "reading the settings of a Kafka %s", kind_names[kind]);
    }
    *conf = build.conf;
    return NULL;
}
