#include "tests/unit/test.h"

#include <stdio.h>
#include <unistd.h>

#include "kafka/client_conf.h"

#define PLAIN "org.apache.kafka.common.security.plain.PlainLoginModule"
#define SCRAM "org.apache.kafka.common.security.scram.ScramLoginModule"
#define OAUTH "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule"

/* ---- the text of sasl.jaas.config ---- */

static void assert_mistake(const char *text, const char *start)
{
    struct client_jaas jaas;
    char *mistake = client_jaas_parse(text, &jaas);

    assert_non_null(mistake);
    assert_memory_equal(mistake, start, strlen(start));
    free(mistake);
    client_jaas_clear(&jaas);
}

static void assert_option(const char *text, const char *name, const char *value)
{
    struct client_jaas jaas;
    char *mistake = client_jaas_parse(text, &jaas);

    assert_null(mistake);
    assert_string_equal(jaas.module, PLAIN);
    assert_string_equal(kc_props_get(&jaas.options, name), value);
    client_jaas_clear(&jaas);
}

static void test_jaas_reads(void **state)
{
    (void)state;
    assert_option(PLAIN " required username=\"alice\" password=\"s e;c=r\";", "password", "s e;c=r");
    assert_option("\n " PLAIN "\n  Required\n username = alice\n password=p ;\n", "username", "alice");
    assert_option(PLAIN " required a=\"x\\\"y\\\\z\\tq\";", "a", "x\"y\\z\tq");
    assert_option(PLAIN " required // comment ; \n a='single \"' /* ; */;", "a", "single \"");
    assert_option(PLAIN " required a=\"\";", "a", "");
    assert_option(PLAIN " optional a=12.5-x_$;", "a", "12.5-x_$");
}

static void test_jaas_mistakes(void **state)
{
    (void)state;
    assert_mistake("", "Login module not specified");
    assert_mistake(PLAIN, "Login module control flag not specified");
    assert_mistake(PLAIN ";", "Login module control flag not specified");
    assert_mistake(PLAIN " needed a=b;", "Invalid login module control flag");
    assert_mistake(PLAIN " required a=b", "JAAS config entry not terminated by semi-colon");
    assert_mistake(PLAIN " required a=;", "Value not specified");
    assert_mistake(PLAIN " required a b;", "Value not specified");
    assert_mistake(PLAIN " required a=b; " PLAIN " required;", "JAAS config property contains more");
    assert_mistake(PLAIN " required password=\"open;", "JAAS config entry not terminated");
}

/* ---- what the library is told ---- */

static struct kc_findings findings;
static rd_kafka_conf_t *conf;

static void check(const char *text)
{
    struct kc_props props = { .map.count = 0 };
    struct client_build build = { .kind = CLIENT_PRODUCER, .props = &props, .prefix = "",
                                  .findings = &findings };

    kc_findings_clear(&findings);
    if (conf)
        rd_kafka_conf_destroy(conf);
    conf = build.conf = rd_kafka_conf_new();
    assert_ok(kc_props_parse(kc_text(text), &props));
    client_tls_apply(&build);
    client_sasl_apply(&build);
    kc_props_clear(&props);
}

static void assert_told(const char *library, const char *value)
{
    char got[4096] = "";
    size_t size = sizeof(got);

    for (size_t i = 0; i < findings.len; i++)
        print_error("%s\n", findings.items[i].text);
    assert_int_equal(findings.len, 0);
    assert_int_equal(rd_kafka_conf_get(conf, library, got, &size), RD_KAFKA_CONF_OK);
    assert_string_equal(got, value);
}

static void assert_found(const char *setting, const char *part)
{
    assert_int_equal(findings.len, 1);
    assert_string_equal(findings.items[0].setting, setting);
    if (!strstr(findings.items[0].text, part))
        fail_msg("%s", findings.items[0].text);
    assert_null(strstr(findings.items[0].text, "hunter2"));
}

#define SASL "security.protocol=SASL_PLAINTEXT\n"

static void test_sasl(void **state)
{
    (void)state;
    check(SASL "sasl.mechanism=PLAIN\nsasl.jaas.config=" PLAIN " required username=\"u\" password=\"p\";\n");
    assert_told("sasl.username", "u");
    assert_told("sasl.password", "p");
    assert_told("sasl.mechanism", "PLAIN");
    check("security.protocol=sasl_ssl\nsasl.mechanism=SCRAM-SHA-512\nsasl.jaas.config=" SCRAM " required username=\"u\" password=\"p\";\n");
    if (client_scram_trouble()) {
        assert_found("sasl.mechanism", "SCRAM-SHA-512 may be refused: librdkafka before 2.8");
        assert_int_equal(findings.items[0].severity, KC_WARN);
        kc_findings_clear(&findings);
    }
    assert_told("sasl.mechanism", "SCRAM-SHA-512");
    /* nothing of it is looked at without SASL */
    check("security.protocol=PLAINTEXT\nsasl.mechanism=GSSAPI\n");
    assert_told("security.protocol", "plaintext");
}

static void test_oauth(void **state)
{
    rd_kafka_conf_t *probe = rd_kafka_conf_new();
    bool built = rd_kafka_conf_set(probe, "sasl.oauthbearer.method", "oidc", NULL, 0) == RD_KAFKA_CONF_OK;

    (void)state;
    rd_kafka_conf_destroy(probe);
    if (!built) {
        check(SASL "sasl.mechanism=OAUTHBEARER\nsasl.jaas.config=" OAUTH " required clientId=i clientSecret=hunter2;\n");
        assert_found("sasl.mechanism", "built with libcurl");
        return;
    }
    check(SASL "sasl.mechanism=OAUTHBEARER\nsasl.jaas.config=" OAUTH " required clientId=i clientSecret=hunter2;\n");
    assert_found("sasl.oauthbearer.token.endpoint.url", "needs");
    check(SASL "sasl.mechanism=OAUTHBEARER\nsasl.oauthbearer.token.endpoint.url=https://x/t\n"
          "sasl.jaas.config=" OAUTH " required clientId='i' clientSecret='s' scope='a b' extension_pool='q';\n");
    assert_told("sasl.oauthbearer.method", "oidc");
    assert_told("sasl.oauthbearer.client.secret", "s");
    assert_told("sasl.oauthbearer.scope", "a b");
    assert_told("sasl.oauthbearer.extensions", "pool=q");
    check(SASL "sasl.mechanism=OAUTHBEARER\nsasl.oauthbearer.token.endpoint.url=https://x/t\n"
          "sasl.oauthbearer.client.credentials.client.id=i\nsasl.oauthbearer.client.credentials.client.secret=s\n");
    assert_told("sasl.oauthbearer.client.id", "i");
}

static void test_sasl_mistakes(void **state)
{
    (void)state;
    check(SASL);
    assert_found("sasl.mechanism", "Kerberos");
    check(SASL "sasl.mechanism=NONE\n");
    assert_found("sasl.mechanism", "one of PLAIN");
    check(SASL "sasl.mechanism=PLAIN\n");
    assert_found("sasl.jaas.config", "needs sasl.jaas.config");
    check(SASL "sasl.mechanism=PLAIN\nsasl.jaas.config=" SCRAM " required username=u password=hunter2;\n");
    assert_found("sasl.jaas.config", "needs the login module " PLAIN);
    check(SASL "sasl.mechanism=PLAIN\nsasl.jaas.config=" PLAIN " required password=hunter2;\n");
    assert_found("sasl.jaas.config", "no username");
    check(SASL "sasl.mechanism=PLAIN\nsasl.jaas.config=" PLAIN " required username=u password=hunter2!x;\n");
    assert_found("sasl.jaas.config", "Value not specified");
    check(SASL "sasl.mechanism=SCRAM-SHA-256\nsasl.jaas.config=" SCRAM " required username=u password=hunter2 tokenauth=true;\n");
    if (client_scram_trouble()) { /* the warning is first */
        assert_int_equal(findings.len, 2);
        free(findings.items[0].setting);
        free(findings.items[0].text);
        findings.items[0] = findings.items[--findings.len];
    }
    assert_found("sasl.jaas.config", "delegation tokens");
}

#define TLS "security.protocol=SSL\n"

static void test_tls(void **state)
{
    char path[] = "/tmp/penstock-test-XXXXXX", text[512];
    int fd = mkstemp(path);

    (void)state;
    close(fd);
    snprintf(text, sizeof(text), TLS "ssl.truststore.type=PEM\nssl.truststore.location=%s\n", path);
    check(text);
    assert_told("ssl.ca.location", path);
    assert_told("ssl.endpoint.identification.algorithm", "https");
    snprintf(text, sizeof(text), TLS "ssl.keystore.type=PEM\nssl.keystore.location=%s\nssl.key.password=k\n", path);
    check(text);
    assert_told("ssl.key.location", path);
    assert_told("ssl.certificate.location", path);
    assert_told("ssl.key.password", "k");
    snprintf(text, sizeof(text), TLS "ssl.keystore.type=PKCS12\nssl.keystore.location=%s\nssl.keystore.password=k\n", path);
    check(text);
    assert_told("ssl.keystore.location", path);
    snprintf(text, sizeof(text), TLS "ssl.keystore.type=PKCS12\nssl.keystore.location=%s\n", path);
    check(text);
    assert_found("ssl.keystore.password", "needs ssl.keystore.password");
    unlink(path);
    check(TLS "ssl.endpoint.identification.algorithm=\n");
    assert_told("ssl.endpoint.identification.algorithm", "none");
    check(TLS "ssl.truststore.type=PEM\n"
          "ssl.truststore.certificates=-----BEGIN CERTIFICATE----- QUJD REVG -----END CERTIFICATE-----\n");
    assert_told("ssl.ca.pem", "-----BEGIN CERTIFICATE-----\nQUJDREVG\n-----END CERTIFICATE-----\n");
    check(TLS "ssl.cipher.suites=ECDHE-RSA-AES256-GCM-SHA384, AES128-SHA\n");
    assert_told("ssl.cipher.suites", "ECDHE-RSA-AES256-GCM-SHA384:AES128-SHA");
}

static void test_tls_mistakes(void **state)
{
    (void)state;
    check(TLS "ssl.truststore.location=/a/trust.jks\nssl.truststore.password=hunter2\n");
    assert_found("ssl.truststore.type", "keytool -list -rfc -keystore /a/trust.jks");
    check(TLS "ssl.truststore.type=PKCS12\nssl.truststore.location=/a/trust.p12\n");
    assert_found("ssl.truststore.type", "openssl pkcs12 -in /a/trust.p12 -nokeys");
    check(TLS "ssl.keystore.location=/a/key.jks\nssl.keystore.password=hunter2\n");
    assert_found("ssl.keystore.type", "keytool -importkeystore -srckeystore /a/key.jks");
    check(TLS "ssl.truststore.type=PEM\nssl.truststore.location=/nowhere/ca.pem\n");
    assert_found("ssl.truststore.location", "can't read /nowhere/ca.pem: No such file");
    check(TLS "ssl.truststore.type=PEM\nssl.truststore.certificates=hunter2\n");
    assert_found("ssl.truststore.certificates", "PEM form");
    check(TLS "ssl.keystore.type=PEM\nssl.keystore.key=-----BEGIN hunter2\n");
    assert_found("ssl.keystore.certificate.chain", "belong together");
    check(TLS "ssl.endpoint.identification.algorithm=ldaps\n");
    assert_found("ssl.endpoint.identification.algorithm", "https");
    check(TLS "ssl.cipher.suites=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384\n");
    assert_found("ssl.cipher.suites", "OpenSSL's names");
}

static int free_state(void **state)
{
    (void)state;
    kc_findings_clear(&findings);
    if (conf)
        rd_kafka_conf_destroy(conf);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jaas_reads),   cmocka_unit_test(test_jaas_mistakes),
        cmocka_unit_test(test_sasl),         cmocka_unit_test(test_sasl_mistakes),
        cmocka_unit_test(test_oauth),        cmocka_unit_test(test_tls),
        cmocka_unit_test(test_tls_mistakes),
    };

    return cmocka_run_group_tests(tests, NULL, free_state);
}
