#include "tests/unit/test.h"

#include <stdio.h>
#include <unistd.h>

#include "kafka/client_conf.h"

/* Every setting of ProducerConfig, ConsumerConfig and AdminClientConfig of Kafka 3.9 and 4.1, and
 * which of them (P, C, A) has it. */
static const struct {
    const char *name, *clients;
} javas[] = {
    { "acks", "P" },
    { "allow.auto.create.topics", "C" },
    { "auto.commit.interval.ms", "C" },
    { "auto.include.jmx.reporter", "PCA" },
    { "auto.offset.reset", "C" },
    { "batch.size", "P" },
    { "bootstrap.controllers", "A" },
    { "bootstrap.servers", "PCA" },
    { "buffer.memory", "P" },
    { "check.crcs", "C" },
    { "client.dns.lookup", "PCA" },
    { "client.id", "PCA" },
    { "client.rack", "C" },
    { "compression.gzip.level", "P" },
    { "compression.lz4.level", "P" },
    { "compression.type", "P" },
    { "compression.zstd.level", "P" },
    { "connections.max.idle.ms", "PCA" },
    { "default.api.timeout.ms", "CA" },
    { "delivery.timeout.ms", "P" },
    { "enable.auto.commit", "C" },
    { "enable.idempotence", "P" },
    { "enable.metrics.push", "PCA" },
    { "exclude.internal.topics", "C" },
    { "fetch.max.bytes", "C" },
    { "fetch.max.wait.ms", "C" },
    { "fetch.min.bytes", "C" },
    { "group.id", "C" },
    { "group.instance.id", "C" },
    { "group.protocol", "C" },
    { "group.remote.assignor", "C" },
    { "heartbeat.interval.ms", "C" },
    { "interceptor.classes", "PC" },
    { "internal.leave.group.on.close", "C" },
    { "internal.throw.on.fetch.stable.offset.unsupported", "C" },
    { "isolation.level", "C" },
    { "key.deserializer", "C" },
    { "key.serializer", "P" },
    { "linger.ms", "P" },
    { "max.block.ms", "P" },
    { "max.in.flight.requests.per.connection", "P" },
    { "max.partition.fetch.bytes", "C" },
    { "max.poll.interval.ms", "C" },
    { "max.poll.records", "C" },
    { "max.request.size", "P" },
    { "metadata.max.age.ms", "PCA" },
    { "metadata.max.idle.ms", "P" },
    { "metadata.recovery.rebootstrap.trigger.ms", "PCA" },
    { "metadata.recovery.strategy", "PCA" },
    { "metric.reporters", "PCA" },
    { "metrics.num.samples", "PCA" },
    { "metrics.recording.level", "PCA" },
    { "metrics.sample.window.ms", "PCA" },
    { "partition.assignment.strategy", "C" },
    { "partitioner.adaptive.partitioning.enable", "P" },
    { "partitioner.availability.timeout.ms", "P" },
    { "partitioner.class", "P" },
    { "partitioner.ignore.keys", "P" },
    { "receive.buffer.bytes", "PCA" },
    { "reconnect.backoff.max.ms", "PCA" },
    { "reconnect.backoff.ms", "PCA" },
    { "request.timeout.ms", "PCA" },
    { "retries", "PA" },
    { "retry.backoff.max.ms", "PCA" },
    { "retry.backoff.ms", "PCA" },
    { "sasl.client.callback.handler.class", "PCA" },
    { "sasl.jaas.config", "PCA" },
    { "sasl.kerberos.kinit.cmd", "PCA" },
    { "sasl.kerberos.min.time.before.relogin", "PCA" },
    { "sasl.kerberos.service.name", "PCA" },
    { "sasl.kerberos.ticket.renew.jitter", "PCA" },
    { "sasl.kerberos.ticket.renew.window.factor", "PCA" },
    { "sasl.login.callback.handler.class", "PCA" },
    { "sasl.login.class", "PCA" },
    { "sasl.login.connect.timeout.ms", "PCA" },
    { "sasl.login.read.timeout.ms", "PCA" },
    { "sasl.login.refresh.buffer.seconds", "PCA" },
    { "sasl.login.refresh.min.period.seconds", "PCA" },
    { "sasl.login.refresh.window.factor", "PCA" },
    { "sasl.login.refresh.window.jitter", "PCA" },
    { "sasl.login.retry.backoff.max.ms", "PCA" },
    { "sasl.login.retry.backoff.ms", "PCA" },
    { "sasl.mechanism", "PCA" },
    { "sasl.oauthbearer.assertion.algorithm", "PCA" },
    { "sasl.oauthbearer.assertion.claim.aud", "PCA" },
    { "sasl.oauthbearer.assertion.claim.exp.seconds", "PCA" },
    { "sasl.oauthbearer.assertion.claim.iss", "PCA" },
    { "sasl.oauthbearer.assertion.claim.jti.include", "PCA" },
    { "sasl.oauthbearer.assertion.claim.nbf.seconds", "PCA" },
    { "sasl.oauthbearer.assertion.claim.sub", "PCA" },
    { "sasl.oauthbearer.assertion.file", "PCA" },
    { "sasl.oauthbearer.assertion.private.key.file", "PCA" },
    { "sasl.oauthbearer.assertion.private.key.passphrase", "PCA" },
    { "sasl.oauthbearer.assertion.template.file", "PCA" },
    { "sasl.oauthbearer.client.credentials.client.id", "PCA" },
    { "sasl.oauthbearer.client.credentials.client.secret", "PCA" },
    { "sasl.oauthbearer.clock.skew.seconds", "PCA" },
    { "sasl.oauthbearer.expected.audience", "PCA" },
    { "sasl.oauthbearer.expected.issuer", "PCA" },
    { "sasl.oauthbearer.header.urlencode", "PCA" },
    { "sasl.oauthbearer.jwks.endpoint.refresh.ms", "PCA" },
    { "sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms", "PCA" },
    { "sasl.oauthbearer.jwks.endpoint.retry.backoff.ms", "PCA" },
    { "sasl.oauthbearer.jwks.endpoint.url", "PCA" },
    { "sasl.oauthbearer.jwt.retriever.class", "PCA" },
    { "sasl.oauthbearer.jwt.validator.class", "PCA" },
    { "sasl.oauthbearer.scope", "PCA" },
    { "sasl.oauthbearer.scope.claim.name", "PCA" },
    { "sasl.oauthbearer.sub.claim.name", "PCA" },
    { "sasl.oauthbearer.token.endpoint.url", "PCA" },
    { "security.protocol", "PCA" },
    { "security.providers", "PCA" },
    { "send.buffer.bytes", "PCA" },
    { "session.timeout.ms", "C" },
    { "share.acknowledgement.mode", "C" },
    { "socket.connection.setup.timeout.max.ms", "PCA" },
    { "socket.connection.setup.timeout.ms", "PCA" },
    { "ssl.cipher.suites", "PCA" },
    { "ssl.enabled.protocols", "PCA" },
    { "ssl.endpoint.identification.algorithm", "PCA" },
    { "ssl.engine.factory.class", "PCA" },
    { "ssl.key.password", "PCA" },
    { "ssl.keymanager.algorithm", "PCA" },
    { "ssl.keystore.certificate.chain", "PCA" },
    { "ssl.keystore.key", "PCA" },
    { "ssl.keystore.location", "PCA" },
    { "ssl.keystore.password", "PCA" },
    { "ssl.keystore.type", "PCA" },
    { "ssl.protocol", "PCA" },
    { "ssl.provider", "PCA" },
    { "ssl.secure.random.implementation", "PCA" },
    { "ssl.trustmanager.algorithm", "PCA" },
    { "ssl.truststore.certificates", "PCA" },
    { "ssl.truststore.location", "PCA" },
    { "ssl.truststore.password", "PCA" },
    { "ssl.truststore.type", "PCA" },
    { "transaction.timeout.ms", "P" },
    { "transaction.two.phase.commit.enable", "P" },
    { "transactional.id", "P" },
    { "value.deserializer", "C" },
    { "value.serializer", "P" },
};

static struct kc_findings findings;

static struct kc_props props_of(const char *text)
{
    struct kc_props props = { .map.count = 0 };

    assert_ok(kc_props_parse(kc_text(text), &props));
    return props;
}

static void check(enum client_kind kind, const char *text)
{
    struct kc_props props = props_of(text);

    kc_findings_clear(&findings);
    client_check(kind, &props, "x.", &findings);
    kc_props_clear(&props);
}

/* The text of the only finding, or "" when there is none. */
static const char *only(enum kc_severity severity)
{
    if (findings.len == 0)
        return "";
    for (size_t i = 1; i < findings.len; i++)
        print_error("also: %s\n", findings.items[i].text);
    assert_int_equal(findings.len, 1);
    assert_int_equal(findings.items[0].severity, severity);
    return findings.items[0].text;
}

/* What the library was told, or "-" when it refuses the name. */
static void assert_told(enum client_kind kind, const char *text, const char *library,
                        const char *value)
{
    struct kc_props props = props_of(text);
    rd_kafka_conf_t *conf;
    char got[512];
    size_t size = sizeof(got);

    assert_ok(client_conf_new(kind, &props, &conf));
    assert_int_equal(rd_kafka_conf_get(conf, library, got, &size), RD_KAFKA_CONF_OK);
    assert_string_equal(got, value);
    rd_kafka_conf_destroy(conf);
    kc_props_clear(&props);
}

#define BROKER "bootstrap.servers=h:1\n"
#define GROUP BROKER "group.id=g\n"

static void test_table_is_sound(void **state)
{
    (void)state;
    for (const struct client_setting *row = client_settings; row->name; row++) {
        if (row[1].name)
            assert_true(strcmp(row->name, row[1].name) < 0);
        assert_true(client_setting_find(row->name) == row);
        assert_int_equal((row->library || row->apply) + !!row->ignored + !!row->refused, 1);
        assert_true(row->low <= row->high);
        assert_true(!row->ranged || row->min <= row->max);
    }
}

static void test_every_java_name_is_there(void **state)
{
    static const char letters[] = "PCA";

    (void)state;
    for (size_t i = 0; i < KC_COUNT(javas); i++) {
        const struct client_setting *row = client_setting_find(javas[i].name);
        if (!row)
            fail_msg("%s is missing", javas[i].name);
        for (const char *c = javas[i].clients; *c; c++) {
            /* Admin clients are given settings of others as well, and pass over them. */
            if (*c != 'A' && !(row->clients & (1u << (strchr(letters, *c) - letters))))
                fail_msg("%s is not known to %c", javas[i].name, *c);
        }
    }
}

/* Whatever is mapped is taken by the library: at both ends of Java's range, and with every name. */
static void test_library_takes_all(void **state)
{
    static const char *const bases[] = { BROKER, GROUP, BROKER };

    (void)state;
    for (const struct client_setting *row = client_settings; row->name; row++)
        for (int kind = 0; kind < 3; kind++) {
            if (!row->library || !(row->clients & (1u << kind)))
                continue;
            for (int end = 0; end < 8; end++) {
                char text[512], value[32] = "";
                long long number = end == 0   ? (row->ranged ? row->min : 0)
                                   : row->max ? row->max
                                              : INT32_MAX;
                if (row->names && !row->names[2 * end])
                    break;
                if (!row->names && end > 1)
                    break;
                if (row->names)
                    snprintf(value, sizeof(value), "%s", row->names[2 * end]);
                else if (row->type == SETTING_INT || row->type == SETTING_LONG)
                    snprintf(value, sizeof(value), "%lld", number);
                else if (row->type == SETTING_BOOL)
                    snprintf(value, sizeof(value), "%s", end ? "FALSE" : "true");
                else
                    snprintf(value, sizeof(value), "some");
                snprintf(text, sizeof(text), "%s%s=%s\n", bases[kind], row->name, value);
                check((enum client_kind)kind, text);
                for (size_t i = 0; i < findings.len; i++)
                    if (findings.items[i].severity == KC_ERROR &&
                        strncmp(row->name, "s", 1) != 0 && /* SASL, SSL want more settings */
                        !strstr(findings.items[i].text, "must not be less than") &&
                        !strstr(findings.items[i].text, "must be greater than"))
                        fail_msg("%s=%s: %s", row->name, value, findings.items[i].text);
            }
        }
}

static void test_mapping(void **state)
{
    (void)state;
    assert_told(CLIENT_PRODUCER, BROKER, "partitioner", "murmur2_random");
    assert_told(CLIENT_PRODUCER, BROKER, "enable.idempotence", "true");
    assert_told(CLIENT_PRODUCER, BROKER "acks=1\n", "enable.idempotence", "false");
    assert_told(CLIENT_PRODUCER, BROKER "acks=1\n", "acks", "1");
    assert_told(CLIENT_PRODUCER, BROKER "acks=all\nenable.idempotence=false\n", "enable.idempotence", "false");
    assert_told(CLIENT_PRODUCER, BROKER "buffer.memory=1048576\n", "queue.buffering.max.kbytes", "1024");
    assert_told(CLIENT_PRODUCER, BROKER "delivery.timeout.ms=2147483647\n", "message.timeout.ms", "2147483647");
    assert_told(CLIENT_PRODUCER, BROKER "batch.size=0\n", "batch.size", "1");
    assert_told(CLIENT_PRODUCER, BROKER "request.timeout.ms=5000\n", "socket.timeout.ms", "5000");
    assert_told(CLIENT_PRODUCER, BROKER "request.timeout.ms=5000\n", "request.timeout.ms", "5000");
    assert_told(CLIENT_PRODUCER, BROKER "max.request.size=2000000\n", "message.max.bytes", "2000000");
    assert_told(CLIENT_PRODUCER, BROKER "send.buffer.bytes=-1\n", "socket.send.buffer.bytes", "0");
    assert_told(CLIENT_PRODUCER, BROKER "compression.type=gzip\ncompression.gzip.level=5\n", "compression.level", "5");
    assert_told(CLIENT_PRODUCER, BROKER "compression.type=gzip\ncompression.lz4.level=5\n", "compression.level", "-1");
    assert_told(CLIENT_PRODUCER, BROKER "partitioner.ignore.keys=true\n", "partitioner", "random");
    assert_told(CLIENT_PRODUCER, "bootstrap.servers= PLAINTEXT://a:1 , [::1]:2\n", "bootstrap.servers", "a:1,[::1]:2");
    assert_told(CLIENT_CONSUMER, GROUP, "isolation.level", "read_uncommitted");
    assert_told(CLIENT_CONSUMER, GROUP, "auto.offset.reset", "smallest");
    assert_told(CLIENT_CONSUMER, GROUP "auto.offset.reset=none\n", "auto.offset.reset", "error");
    assert_told(CLIENT_CONSUMER, GROUP, "allow.auto.create.topics", "true");
    assert_told(CLIENT_CONSUMER, GROUP "fetch.max.bytes=5000\n", "fetch.max.bytes", "5000");
    assert_told(CLIENT_CONSUMER, GROUP "partition.assignment.strategy=org.apache.kafka.clients.consumer.RangeAssignor, org.apache.kafka.clients.consumer.CooperativeStickyAssignor\n",
                "partition.assignment.strategy", "range");
    assert_told(CLIENT_CONSUMER, GROUP "partition.assignment.strategy=CooperativeStickyAssignor\n",
                "partition.assignment.strategy", "cooperative-sticky");
    assert_told(CLIENT_ADMIN, BROKER "key.converter=x\ngroup.id=g\n", "allow.auto.create.topics", "false");
    assert_told(CLIENT_ADMIN, BROKER "reconnect.backoff.ms=20000\n", "reconnect.backoff.max.ms", "20000");
}

static void test_values_are_checked(void **state)
{
    (void)state;
    check(CLIENT_PRODUCER, BROKER "linger.ms=soon\n");
    assert_string_equal(only(KC_ERROR), "Invalid value soon for configuration linger.ms: Not a number of type LONG");
    assert_string_equal(findings.items[0].setting, "x.linger.ms");
    check(CLIENT_PRODUCER, BROKER "batch.size=-1\n");
    assert_string_equal(only(KC_ERROR), "Invalid value -1 for configuration batch.size: Value must be at least 0");
    check(CLIENT_PRODUCER, BROKER "compression.type=lzo\n");
    assert_string_equal(only(KC_ERROR), "Invalid value lzo for configuration compression.type: String must be one of: none, gzip, snappy, lz4, zstd");
    check(CLIENT_CONSUMER, GROUP "check.crcs=yes\n");
    assert_string_equal(only(KC_ERROR), "Invalid value yes for configuration check.crcs: Expected value to be either true or false");
    check(CLIENT_PRODUCER, "bootstrap.servers=localhost\n");
    assert_string_equal(only(KC_ERROR), "Invalid value localhost for configuration bootstrap.servers: 'localhost' is not of the form host:port");
    check(CLIENT_PRODUCER, BROKER "acks=1\nenable.idempotence=true\n");
    assert_non_null(strstr(only(KC_ERROR), "needs acks=all"));
    check(CLIENT_CONSUMER, BROKER);
    assert_non_null(strstr(only(KC_ERROR), "\"group.id\""));
    check(CLIENT_PRODUCER, BROKER "linger.m=3\n");
    assert_non_null(strstr(only(KC_WARN), "did you mean linger.ms?"));
    check(CLIENT_PRODUCER, BROKER "max.poll.records=3\n");
    assert_non_null(strstr(only(KC_WARN), "it is ignored"));
    check(CLIENT_PRODUCER, BROKER "partitioner.class=com.example.Mine\n");
    assert_non_null(strstr(only(KC_ERROR), "partitioner.class is not supported"));
    check(CLIENT_PRODUCER, BROKER "metric.reporters=\nmetrics.context.connect.group.id=x\n");
    assert_string_equal(only(KC_WARN), "");
}

static void test_all_mistakes_at_once(void **state)
{
    struct kc_props props = props_of("linger.ms=x\nacks=2\ntransactional.id=t\n");
    rd_kafka_conf_t *conf;
    struct kc_error *err = client_conf_new(CLIENT_PRODUCER, &props, &conf);

    (void)state;
    assert_non_null(err);
    assert_int_equal(err->fault, KC_BAD_CONFIG);
    char *line = kc_error_line(err);
    assert_non_null(strstr(line, "linger.ms"));
    assert_non_null(strstr(line, "acks"));
    assert_non_null(strstr(line, "transactional.id"));
    assert_non_null(strstr(line, "bootstrap.servers"));
    free(line);
    kc_error_free(err);
    kc_props_clear(&props);
}

static int free_state(void **state)
{
    (void)state;
    kc_findings_clear(&findings);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_is_sound),
        cmocka_unit_test(test_every_java_name_is_there),
        cmocka_unit_test(test_library_takes_all),
        cmocka_unit_test(test_mapping),
        cmocka_unit_test(test_values_are_checked),
        cmocka_unit_test(test_all_mistakes_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, free_state);
}
