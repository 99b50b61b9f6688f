/* What becomes of each setting of Java's Kafka clients (ProducerConfig, ConsumerConfig and
 * AdminClientConfig of 3.9 and 4.1). */
#include "kafka/client_conf.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const protocols[] = { "PLAINTEXT", "plaintext", "SSL", "ssl",
                                         "SASL_PLAINTEXT", "sasl_plaintext",
                                         "SASL_SSL", "sasl_ssl", NULL };
static const char *const acks[] = { "all", "-1", "-1", "-1", "0", "0", "1", "1", NULL };
static const char *const codecs[] = { "none", "none", "gzip", "gzip", "snappy", "snappy",
                                      "lz4", "lz4", "zstd", "zstd", NULL };
static const char *const isolations[] = { "read_committed", "read_committed",
                                          "read_uncommitted", "read_uncommitted", NULL };

static long long number(const char *value)
{
    return strtoll(value, NULL, 10);
}

static void set_number(struct client_build *build, const char *name, const char *library,
                       long long value)
{
    char text[32];

    snprintf(text, sizeof(text), "%lld", value);
    client_conf_set(build, name, library, text);
}

/* Java takes PROTOCOL://host:port and host:port. */
static void bootstrap(struct client_build *build, const struct client_setting *row,
                      const char *value)
{
    struct kc_text rest = kc_text(value), piece;
    KC_AUTO_BUF list = KC_BUF(65536);

    while (kc_text_split(&rest, ',', &piece)) {
        piece = kc_text_trim(piece);
        if (!piece.len)
            continue;
        const char *scheme = memmem(piece.ptr, piece.len, "://", 3);
        struct kc_text host = piece;
        if (scheme) {
            host.ptr = scheme + 3;
            host.len = piece.len - (size_t)(host.ptr - piece.ptr);
        }
        const char *colon = host.len ? memrchr(host.ptr, ':', host.len) : NULL;
        int64_t port = 0;
        if (colon)
            (void)kc_text_int64((struct kc_text){ colon + 1, (size_t)(host.ptr + host.len - colon - 1) },
                                &port);
        if (!colon || colon == host.ptr || port < 1 || port > 65535) {
            client_find(build, KC_ERROR, row->name,
                        "Invalid value %s for configuration %s: '%.*s' is not of the form host:port",
                        value, row->name, KC_FMT(piece));
            return;
        }
        if (list.len)
            kc_buf_char(&list, ',');
        kc_buf_text(&list, host);
    }
    if (!list.len)
        client_find(build, KC_ERROR, row->name, "%s must name at least one broker as host:port",
                    row->name);
    else
        client_conf_set(build, row->name, "bootstrap.servers", list.data);
}

static void buffer_bytes(struct client_build *build, const struct client_setting *row,
                         const char *value)
{
    /* -1 asks for the system's own size, which is the library's 0. */
    long long bytes = number(value) < 0 ? 0 : number(value);

    set_number(build, row->name, row->library, bytes > row->high ? row->high : bytes);
}

static void request_timeout(struct client_build *build, const struct client_setting *row,
                            const char *value)
{
    long long ms = number(value) < 10 ? 10 : number(value) > 300000 ? 300000 : number(value);

    set_number(build, row->name, "socket.timeout.ms", ms);
    if (build->kind == CLIENT_PRODUCER) /* how long the broker may wait for its replicas */
        set_number(build, row->name, "request.timeout.ms", ms);
}

static void buffer_memory(struct client_build *build, const struct client_setting *row,
                          const char *value)
{
    long long bytes = number(value);
    long long kbytes = bytes / 1024;
    /* The library counts payloads only; its own ~300 bytes a message are kept within bounds by the
     * number of messages. */
    long long messages = bytes / 320;

    set_number(build, row->name, "queue.buffering.max.kbytes",
               kbytes < 1 ? 1 : kbytes > INT_MAX ? INT_MAX : kbytes);
    set_number(build, row->name, "queue.buffering.max.messages",
               messages < 1000 ? 1000 : messages > INT_MAX ? INT_MAX : messages);
}

/* The library has one level for whatever codec is in use. */
static void compression_level(struct client_build *build, const struct client_setting *row,
                              const char *value)
{
    const char *codec = client_get(build, "compression.type");
    size_t len = codec ? strlen(codec) : 0;

    if (!codec || strncmp(row->name + strlen("compression."), codec, len) != 0 ||
        row->name[strlen("compression.") + len] != '.')
        return; /* Java too looks only at the level of the codec in use */
    long long level = number(value);
    set_number(build, row->name, "compression.level",
               level < -1 ? -1 : level > row->high ? row->high : level);
}

static void ignore_keys(struct client_build *build, const struct client_setting *row,
                        const char *value)
{
    if (strcasecmp(value, "true") == 0)
        client_conf_set(build, row->name, "partitioner", "random");
}

static void offset_reset(struct client_build *build, const struct client_setting *row,
                         const char *value)
{
    static const char *const names[] = { "earliest", "earliest", "latest", "latest",
                                         "none", "error", NULL };

    if (strncasecmp(value, "by_duration:", strlen("by_duration:")) == 0) {
        client_find(build, KC_ERROR, row->name,
                    "auto.offset.reset=by_duration is not supported: use earliest or latest, or set "
                    "the group's offsets by time before the start (kafka-consumer-groups "
                    "--reset-offsets --by-duration)");
        return;
    }
    for (size_t i = 0; names[i]; i += 2)
        if (strcasecmp(names[i], value) == 0) {
            client_conf_set(build, row->name, "auto.offset.reset", names[i + 1]);
            return;
        }
    client_find(build, KC_ERROR, row->name,
                "Invalid value %s for configuration auto.offset.reset: one of earliest, latest, none",
                value);
}

/* The broker's answer may be larger than asked for by one record; the library wants to hear that its
 * limit on one record is not above the limit on one answer. */
static void fetch_max(struct client_build *build, const struct client_setting *row,
                      const char *value)
{
    long long bytes = number(value) < 1000    ? 1000
                      : number(value) > row->high ? row->high
                                                  : number(value);

    set_number(build, row->name, "message.max.bytes", bytes < 1000000 ? bytes : 1000000);
    set_number(build, row->name, "fetch.max.bytes", bytes);
}

static void metadata_age(struct client_build *build, const struct client_setting *row,
                         const char *value)
{
    long long ms = number(value);

    set_number(build, row->name, "topic.metadata.refresh.interval.ms",
               ms < 1000 ? 1000 : ms > 3600000 ? 3600000 : ms);
}

static void idle_connections(struct client_build *build, const struct client_setting *row,
                             const char *value)
{
    long long ms = number(value); /* below 0: never closed, which is the library's 0 */

    set_number(build, row->name, row->library, ms < 0 ? 0 : ms > INT_MAX ? INT_MAX : ms);
}

static void reconnect_backoff(struct client_build *build, const struct client_setting *row,
                              const char *value)
{
    const char *most = client_get(build, "reconnect.backoff.max.ms");
    long long ms = number(value) > 3600000 ? 3600000 : number(value);

    set_number(build, row->name, "reconnect.backoff.ms", ms);
    if (ms > (most ? number(most) : 1000)) /* Java: the maximum rises with it */
        set_number(build, row->name, "reconnect.backoff.max.ms", ms);
}

static void reconnect_backoff_max(struct client_build *build, const struct client_setting *row,
                                  const char *value)
{
    const char *least = client_get(build, "reconnect.backoff.ms");
    long long ms = number(value) > 3600000 ? 3600000 : number(value);

    if (!least && ms < 100)
        set_number(build, row->name, "reconnect.backoff.ms", ms);
    else if (least && ms < number(least))
        return; /* see reconnect_backoff */
    set_number(build, row->name, "reconnect.backoff.max.ms", ms);
}

/* Classes of Java, or their last word; of several the library takes one protocol only. */
static void assignors(struct client_build *build, const struct client_setting *row,
                      const char *value)
{
    static const char *const names[] = { "RangeAssignor", "range", "RoundRobinAssignor", "roundrobin",
                                         "CooperativeStickyAssignor", "cooperative-sticky", NULL };
    struct kc_text rest = kc_text(value), piece;
    KC_AUTO_BUF list = KC_BUF(1024);
    bool cooperative = false;

    while (kc_text_split(&rest, ',', &piece)) {
        piece = kc_text_trim(piece);
        const char *dot = piece.len ? memrchr(piece.ptr, '.', piece.len) : NULL;
        struct kc_text word = dot ? (struct kc_text){ dot + 1, (size_t)(piece.ptr + piece.len - dot - 1) }
                                  : piece;
        const char *found = NULL;
        for (size_t i = 0; names[i] && !found; i += 2)
            if (kc_text_is(word, names[i]))
                found = names[i + 1];
        if (!found) {
            client_find(build, KC_ERROR, row->name,
                        "%s: '%.*s' is not supported; there are RangeAssignor, RoundRobinAssignor and "
                        "CooperativeStickyAssignor of org.apache.kafka.clients.consumer",
                        row->name, KC_FMT(piece));
            return;
        }
        bool is_cooperative = strcmp(found, "cooperative-sticky") == 0;
        if (list.len && is_cooperative != cooperative)
            continue; /* the first one's kind counts, as it does in a Java group that has both */
        cooperative = is_cooperative;
        if (list.len)
            kc_buf_char(&list, ',');
        kc_buf_str(&list, found);
    }
    if (list.len)
        client_conf_set(build, row->name, "partition.assignment.strategy", list.data);
}

/* Looked at by client_tls.c and client_sasl.c, or by the client itself. */
static void elsewhere(struct client_build *build, const struct client_setting *row,
                      const char *value)
{
    (void)build, (void)row, (void)value;
}

#define P FOR_PRODUCER
#define C FOR_CONSUMER
#define A FOR_ADMIN
#define ROW(name_, clients_, type_, ...) \
    { .name = (name_), .clients = (clients_), .type = SETTING_##type_, __VA_ARGS__ }
#define WITHIN(low_, high_) .ranged = true, .min = (low_), .max = (high_)
#define LIMITED(low_, high_) .low = (low_), .high = (high_)
#define METRICS "Kafka clients report no metrics of their own here; the runtime has its own"
#define LIBRARY "the library decides this by itself"
#define TOKENS "the OAuth library checks no tokens and keeps its own times"
#define ASSERTION "OAuth logins by assertion are not supported: use client credentials (clientId and clientSecret in sasl.jaas.config)"
#define BYTES "keys and values are bytes to the Kafka client; use key.converter and value.converter"

const struct client_setting client_settings[] = {
    ROW("acks", P, STRING, .names = acks, .library = "acks"),
    ROW("allow.auto.create.topics", C, BOOL, .library = "allow.auto.create.topics"),
    ROW("auto.commit.interval.ms", C, INT, WITHIN(0, INT_MAX), .ignored = "offsets are committed by the runtime, see offset.flush.interval.ms"),
    ROW("auto.include.jmx.reporter", P | C | A, BOOL, .ignored = METRICS, .fine = "true|false"),
    ROW("auto.offset.reset", C, STRING, .apply = offset_reset),
    ROW("batch.size", P, INT, WITHIN(0, INT_MAX), .library = "batch.size", LIMITED(1, INT_MAX)),
    ROW("bootstrap.controllers", A, LIST, .refused = "name the brokers in bootstrap.servers", .fine = ""),
    ROW("bootstrap.servers", P | C | A, LIST, .apply = bootstrap),
    ROW("buffer.memory", P, LONG, WITHIN(0, INT64_MAX), .apply = buffer_memory),
    ROW("check.crcs", C, BOOL, .library = "check.crcs"),
    ROW("client.dns.lookup", P | C | A, STRING, .ignored = "every address of a name is tried; names are not replaced by their canonical ones", .fine = "use_all_dns_ips"),
    ROW("client.id", P | C | A, STRING, .library = "client.id"),
    ROW("client.rack", C, STRING, .library = "client.rack"),
    ROW("compression.gzip.level", P, INT, WITHIN(-1, 9), LIMITED(-1, 9), .apply = compression_level),
    ROW("compression.lz4.level", P, INT, WITHIN(1, 17), LIMITED(-1, 12), .apply = compression_level),
    ROW("compression.type", P, STRING, .names = codecs, .library = "compression.type"),
    ROW("compression.zstd.level", P, INT, WITHIN(-131072, 22), LIMITED(-1, 12), .apply = compression_level),
    ROW("connections.max.idle.ms", P | C | A, LONG, .library = "connections.max.idle.ms", .apply = idle_connections),
    ROW("default.api.timeout.ms", C | A, INT, WITHIN(0, INT_MAX), .ignored = "the runtime sets a limit for each of its calls", .fine = "60000"),
    ROW("delivery.timeout.ms", P, INT, WITHIN(0, INT_MAX), .library = "message.timeout.ms", LIMITED(1, INT_MAX)),
    ROW("enable.auto.commit", C, BOOL, .ignored = "offsets are committed by the runtime once the sink has written the records", .fine = "false"),
    ROW("enable.idempotence", P, BOOL, .library = "enable.idempotence"),
    ROW("enable.metrics.push", P | C | A, BOOL, .ignored = METRICS, .fine = "true|false"),
    ROW("exclude.internal.topics", C, BOOL, .apply = elsewhere),
    ROW("fetch.max.bytes", C, INT, WITHIN(0, INT_MAX), LIMITED(1000, 2147483135), .apply = fetch_max),
    ROW("fetch.max.wait.ms", C, INT, WITHIN(0, INT_MAX), .library = "fetch.wait.max.ms", LIMITED(0, 300000)),
    ROW("fetch.min.bytes", C, INT, WITHIN(0, INT_MAX), .library = "fetch.min.bytes", LIMITED(1, 100000000)),
    ROW("group.id", C, STRING, .library = "group.id"),
    ROW("group.instance.id", C, STRING, .library = "group.instance.id"),
    ROW("group.protocol", C, STRING, .refused = "only the classic group protocol is supported: leave it out", .fine = "classic|CLASSIC"),
    ROW("group.remote.assignor", C, STRING, .refused = "it belongs to group.protocol=consumer, which is not supported: use partition.assignment.strategy"),
    ROW("heartbeat.interval.ms", C, INT, WITHIN(1, INT_MAX), .library = "heartbeat.interval.ms", LIMITED(1, 3600000)),
    ROW("interceptor.classes", P | C, LIST, .refused = "classes of Java can't be run: remove it", .fine = ""),
    ROW("internal.leave.group.on.close", C, BOOL, .ignored = "the group is always left at the end", .fine = "true"),
    ROW("internal.throw.on.fetch.stable.offset.unsupported", C, BOOL, .ignored = LIBRARY, .fine = "false"),
    ROW("isolation.level", C, STRING, .names = isolations, .library = "isolation.level"),
    ROW("key.deserializer", C, CLASS, .ignored = BYTES, .fine = "org.apache.kafka.common.serialization.ByteArrayDeserializer"),
    ROW("key.serializer", P, CLASS, .ignored = BYTES, .fine = "org.apache.kafka.common.serialization.ByteArraySerializer"),
    ROW("linger.ms", P, LONG, WITHIN(0, INT64_MAX), .library = "linger.ms", LIMITED(0, 900000)),
    ROW("max.block.ms", P, LONG, WITHIN(0, INT64_MAX), .ignored = "a full queue is waited for as long as the task runs", .fine = "9223372036854775807"),
    ROW("max.in.flight.requests.per.connection", P, INT, WITHIN(1, INT_MAX), .library = "max.in.flight", LIMITED(1, 1000000)),
    ROW("max.partition.fetch.bytes", C, INT, WITHIN(0, INT_MAX), .library = "max.partition.fetch.bytes", LIMITED(1, 1000000000)),
    ROW("max.poll.interval.ms", C, INT, WITHIN(1, INT_MAX), .library = "max.poll.interval.ms", LIMITED(1, 86400000)),
    ROW("max.poll.records", C, INT, WITHIN(1, INT_MAX), .apply = elsewhere),
    ROW("max.request.size", P, INT, WITHIN(0, INT_MAX), .library = "message.max.bytes", LIMITED(1000, 1000000000)),
    ROW("metadata.max.age.ms", P | C | A, LONG, WITHIN(0, INT64_MAX), .apply = metadata_age),
    ROW("metadata.max.idle.ms", P, LONG, WITHIN(5000, INT64_MAX), .ignored = LIBRARY, .fine = "300000"),
    ROW("metadata.recovery.rebootstrap.trigger.ms", P | C | A, LONG, WITHIN(0, INT64_MAX), .ignored = LIBRARY, .fine = "300000"),
    ROW("metadata.recovery.strategy", P | C | A, STRING, .ignored = "the bootstrap servers stay known and are tried again whenever no other broker answers", .fine = "none|rebootstrap|NONE|REBOOTSTRAP"),
    ROW("metric.reporters", P | C | A, LIST, .ignored = METRICS, .fine = "|org.apache.kafka.common.metrics.JmxReporter"),
    ROW("metrics.num.samples", P | C | A, INT, .ignored = METRICS, .fine = "2"),
    ROW("metrics.recording.level", P | C | A, STRING, .ignored = METRICS, .fine = "INFO"),
    ROW("metrics.sample.window.ms", P | C | A, LONG, .ignored = METRICS, .fine = "30000"),
    ROW("partition.assignment.strategy", C, LIST, .apply = assignors),
    ROW("partitioner.adaptive.partitioning.enable", P, BOOL, .ignored = LIBRARY, .fine = "true|false"),
    ROW("partitioner.availability.timeout.ms", P, LONG, WITHIN(0, INT64_MAX), .ignored = LIBRARY, .fine = "0"),
    ROW("partitioner.class", P, CLASS, .refused = "partitions are chosen as Java's default does: by murmur2 of the key, or at random in batches without one. Leave it out; partitioner.ignore.keys=true spreads records with keys as well", .fine = "|org.apache.kafka.clients.producer.internals.DefaultPartitioner"),
    ROW("partitioner.ignore.keys", P, BOOL, .apply = ignore_keys),
    ROW("receive.buffer.bytes", P | C | A, INT, WITHIN(-1, INT_MAX), .library = "socket.receive.buffer.bytes", LIMITED(-1, 100000000), .apply = buffer_bytes),
    ROW("reconnect.backoff.max.ms", P | C | A, LONG, WITHIN(0, INT64_MAX), .apply = reconnect_backoff_max),
    ROW("reconnect.backoff.ms", P | C | A, LONG, WITHIN(0, INT64_MAX), .apply = reconnect_backoff),
    ROW("request.timeout.ms", P | C | A, INT, WITHIN(0, INT_MAX), .apply = request_timeout),
    ROW("retries", P, INT, WITHIN(0, INT_MAX), .library = "retries"),
    ROW("retry.backoff.max.ms", P | C | A, LONG, WITHIN(0, INT64_MAX), .ignored = "requests are retried at the even pace of retry.backoff.ms", .fine = "1000"),
    ROW("retry.backoff.ms", P | C | A, LONG, WITHIN(0, INT64_MAX), .library = "retry.backoff.ms", LIMITED(1, 300000)),
    ROW("sasl.client.callback.handler.class", P | C | A, CLASS, .refused = "classes of Java can't be run: remove it"),
    ROW("sasl.jaas.config", P | C | A, PASSWORD, .apply = elsewhere),
    ROW("sasl.kerberos.kinit.cmd", P | C | A, STRING, .ignored = "Kerberos is not supported"),
    ROW("sasl.kerberos.min.time.before.relogin", P | C | A, LONG, .ignored = "Kerberos is not supported"),
    ROW("sasl.kerberos.service.name", P | C | A, STRING, .ignored = "Kerberos is not supported"),
    ROW("sasl.kerberos.ticket.renew.jitter", P | C | A, DOUBLE, .ignored = "Kerberos is not supported"),
    ROW("sasl.kerberos.ticket.renew.window.factor", P | C | A, DOUBLE, .ignored = "Kerberos is not supported"),
    ROW("sasl.login.callback.handler.class", P | C | A, CLASS, .refused = "classes of Java can't be run; for OAUTHBEARER give clientId and clientSecret in sasl.jaas.config and sasl.oauthbearer.token.endpoint.url", .fine = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler|org.apache.kafka.common.security.oauthbearer.secured.OAuthBearerLoginCallbackHandler"),
    ROW("sasl.login.class", P | C | A, CLASS, .refused = "classes of Java can't be run: remove it"),
    ROW("sasl.login.connect.timeout.ms", P | C | A, INT, .ignored = TOKENS),
    ROW("sasl.login.read.timeout.ms", P | C | A, INT, .ignored = TOKENS),
    ROW("sasl.login.refresh.buffer.seconds", P | C | A, INT, .ignored = TOKENS, .fine = "300"),
    ROW("sasl.login.refresh.min.period.seconds", P | C | A, INT, .ignored = TOKENS, .fine = "60"),
    ROW("sasl.login.refresh.window.factor", P | C | A, DOUBLE, .ignored = TOKENS, .fine = "0.8"),
    ROW("sasl.login.refresh.window.jitter", P | C | A, DOUBLE, .ignored = TOKENS, .fine = "0.05"),
    ROW("sasl.login.retry.backoff.max.ms", P | C | A, LONG, .ignored = TOKENS, .fine = "10000"),
    ROW("sasl.login.retry.backoff.ms", P | C | A, LONG, .ignored = TOKENS, .fine = "100"),
    ROW("sasl.mechanism", P | C | A, STRING, .apply = elsewhere),
    ROW("sasl.oauthbearer.assertion.algorithm", P | C | A, STRING, .refused = ASSERTION, .fine = "RS256"),
    ROW("sasl.oauthbearer.assertion.claim.aud", P | C | A, STRING, .refused = ASSERTION),
    ROW("sasl.oauthbearer.assertion.claim.exp.seconds", P | C | A, INT, .refused = ASSERTION, .fine = "300"),
    ROW("sasl.oauthbearer.assertion.claim.iss", P | C | A, STRING, .refused = ASSERTION),
    ROW("sasl.oauthbearer.assertion.claim.jti.include", P | C | A, BOOL, .refused = ASSERTION, .fine = "false"),
    ROW("sasl.oauthbearer.assertion.claim.nbf.seconds", P | C | A, INT, .refused = ASSERTION, .fine = "60"),
    ROW("sasl.oauthbearer.assertion.claim.sub", P | C | A, STRING, .refused = ASSERTION),
    ROW("sasl.oauthbearer.assertion.file", P | C | A, STRING, .refused = ASSERTION),
    ROW("sasl.oauthbearer.assertion.private.key.file", P | C | A, STRING, .refused = ASSERTION),
    ROW("sasl.oauthbearer.assertion.private.key.passphrase", P | C | A, PASSWORD, .refused = ASSERTION),
    ROW("sasl.oauthbearer.assertion.template.file", P | C | A, STRING, .refused = ASSERTION),
    ROW("sasl.oauthbearer.client.credentials.client.id", P | C | A, STRING, .apply = elsewhere),
    ROW("sasl.oauthbearer.client.credentials.client.secret", P | C | A, PASSWORD, .apply = elsewhere),
    ROW("sasl.oauthbearer.clock.skew.seconds", P | C | A, INT, .ignored = TOKENS, .fine = "30"),
    ROW("sasl.oauthbearer.expected.audience", P | C | A, LIST, .ignored = TOKENS),
    ROW("sasl.oauthbearer.expected.issuer", P | C | A, STRING, .ignored = TOKENS),
    ROW("sasl.oauthbearer.header.urlencode", P | C | A, BOOL, .refused = "the client's name and secret are sent as they are", .fine = "false"),
    ROW("sasl.oauthbearer.jwks.endpoint.refresh.ms", P | C | A, LONG, .ignored = TOKENS, .fine = "3600000"),
    ROW("sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms", P | C | A, LONG, .ignored = TOKENS, .fine = "10000"),
    ROW("sasl.oauthbearer.jwks.endpoint.retry.backoff.ms", P | C | A, LONG, .ignored = TOKENS, .fine = "100"),
    ROW("sasl.oauthbearer.jwks.endpoint.url", P | C | A, STRING, .ignored = TOKENS),
    ROW("sasl.oauthbearer.jwt.retriever.class", P | C | A, CLASS, .refused = "classes of Java can't be run: remove it; client credentials work without", .fine = "org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever|org.apache.kafka.common.security.oauthbearer.ClientCredentialsJwtRetriever"),
    ROW("sasl.oauthbearer.jwt.validator.class", P | C | A, CLASS, .ignored = TOKENS, .fine = "org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator"),
    ROW("sasl.oauthbearer.scope", P | C | A, STRING, .apply = elsewhere),
    ROW("sasl.oauthbearer.scope.claim.name", P | C | A, STRING, .ignored = TOKENS, .fine = "scope"),
    ROW("sasl.oauthbearer.sub.claim.name", P | C | A, STRING, .ignored = TOKENS, .fine = "sub"),
    ROW("sasl.oauthbearer.token.endpoint.url", P | C | A, STRING, .apply = elsewhere),
    ROW("security.protocol", P | C | A, STRING, .names = protocols, .any_case = true, .library = "security.protocol"),
    ROW("security.providers", P | C | A, STRING, .refused = "classes of Java can't be run: remove it"),
    ROW("send.buffer.bytes", P | C | A, INT, WITHIN(-1, INT_MAX), .library = "socket.send.buffer.bytes", LIMITED(-1, 100000000), .apply = buffer_bytes),
    ROW("session.timeout.ms", C, INT, WITHIN(1, INT_MAX), .library = "session.timeout.ms", LIMITED(1, 3600000)),
    ROW("share.acknowledgement.mode", C, STRING, .ignored = "it belongs to share groups, which sinks don't use", .fine = "implicit"),
    ROW("socket.connection.setup.timeout.max.ms", P | C | A, LONG, .ignored = "connections are tried again at the even limit of socket.connection.setup.timeout.ms", .fine = "30000"),
    ROW("socket.connection.setup.timeout.ms", P | C | A, LONG, .library = "socket.connection.setup.timeout.ms", LIMITED(1000, INT_MAX)),
    ROW("ssl.cipher.suites", P | C | A, LIST, .apply = elsewhere),
    ROW("ssl.enabled.protocols", P | C | A, LIST, .ignored = "the best version of TLS that both sides have is used; the system's openssl.cnf can narrow it (MinProtocol)", .fine = "TLSv1.2,TLSv1.3|TLSv1.3,TLSv1.2|TLSv1.2, TLSv1.3"),
    ROW("ssl.endpoint.identification.algorithm", P | C | A, STRING, .apply = elsewhere),
    ROW("ssl.engine.factory.class", P | C | A, CLASS, .refused = "classes of Java can't be run: remove it", .fine = "org.apache.kafka.common.security.ssl.DefaultSslEngineFactory"),
    ROW("ssl.key.password", P | C | A, PASSWORD, .apply = elsewhere),
    ROW("ssl.keymanager.algorithm", P | C | A, STRING, .ignored = "it belongs to Java's TLS", .fine = "SunX509|PKIX"),
    ROW("ssl.keystore.certificate.chain", P | C | A, PASSWORD, .apply = elsewhere),
    ROW("ssl.keystore.key", P | C | A, PASSWORD, .apply = elsewhere),
    ROW("ssl.keystore.location", P | C | A, STRING, .apply = elsewhere),
    ROW("ssl.keystore.password", P | C | A, PASSWORD, .apply = elsewhere),
    ROW("ssl.keystore.type", P | C | A, STRING, .apply = elsewhere),
    ROW("ssl.protocol", P | C | A, STRING, .ignored = "the best version of TLS that both sides have is used; the system's openssl.cnf can narrow it (MinProtocol)", .fine = "TLSv1.3|TLSv1.2|TLS"),
    ROW("ssl.provider", P | C | A, STRING, .refused = "TLS is done by OpenSSL: remove it"),
    ROW("ssl.secure.random.implementation", P | C | A, STRING, .ignored = "random numbers come from OpenSSL"),
    ROW("ssl.trustmanager.algorithm", P | C | A, STRING, .ignored = "it belongs to Java's TLS", .fine = "PKIX|SunX509"),
    ROW("ssl.truststore.certificates", P | C | A, PASSWORD, .apply = elsewhere),
    ROW("ssl.truststore.location", P | C | A, STRING, .apply = elsewhere),
    ROW("ssl.truststore.password", P | C | A, PASSWORD, .apply = elsewhere),
    ROW("ssl.truststore.type", P | C | A, STRING, .apply = elsewhere),
    ROW("transaction.timeout.ms", P, INT, .ignored = "transactions are not used", .fine = "60000"),
    ROW("transaction.two.phase.commit.enable", P, BOOL, .refused = "transactions are not used: leave it out", .fine = "false"),
    ROW("transactional.id", P, STRING, .refused = "transactions are begun by the runtime, not by a setting of the client: leave it out"),
    ROW("value.deserializer", C, CLASS, .ignored = BYTES, .fine = "org.apache.kafka.common.serialization.ByteArrayDeserializer"),
    ROW("value.serializer", P, CLASS, .ignored = BYTES, .fine = "org.apache.kafka.common.serialization.ByteArraySerializer"),
    { .name = NULL },
};

const struct client_setting *client_setting_find(const char *name)
{
    size_t low = 0, high = KC_COUNT(client_settings) - 1;

    while (low < high) {
        size_t mid = (low + high) / 2;
        int order = strcmp(client_settings[mid].name, name);
        if (order == 0)
            return &client_settings[mid];
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}
