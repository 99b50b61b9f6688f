/* sasl.*: the mechanism, and what sasl.jaas.config says to log in with. */
#include "kafka/client_conf.h"

#include <stdlib.h>
#include <string.h>

/* ---- the text ---- */

struct jaas_reader {
    const char *at;
    struct kc_buf word; /* the token read last */
    bool quoted;
};

static void skip_space(struct jaas_reader *reader)
{
    for (;;) {
        const char *end;
        while (*reader->at && (unsigned char)*reader->at <= ' ')
            reader->at++;
        if (strncmp(reader->at, "//", 2) == 0) {
            end = strchr(reader->at, '\n');
            reader->at = end ? end : reader->at + strlen(reader->at);
        } else if (strncmp(reader->at, "/*", 2) == 0) {
            end = strstr(reader->at + 2, "*/");
            reader->at = end ? end + 2 : reader->at + strlen(reader->at);
        } else {
            return;
        }
    }
}

static void read_quoted(struct jaas_reader *reader)
{
    static const char escapes[] = "n\nt\tr\rb\bf\fa\av\v";
    char quote = *reader->at++;

    reader->quoted = true;
    while (*reader->at && *reader->at != quote && *reader->at != '\n') {
        char c = *reader->at++;
        if (c == '\\' && *reader->at) {
            c = *reader->at++;
            const char *known = strchr(escapes, c);
            if (known && (known - escapes) % 2 == 0 && c)
                c = known[1];
        }
        kc_buf_char(&reader->word, c);
    }
    if (*reader->at == quote)
        reader->at++;
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-' || c == '$' || (c & 0x80);
}

/* The next word, quoted text, or single character such as '=' or ';'; false at the end. */
static bool next_token(struct jaas_reader *reader)
{
    kc_buf_reset(&reader->word);
    reader->quoted = false;
    skip_space(reader);
    if (!*reader->at)
        return false;
    if (*reader->at == '"' || *reader->at == '\'') {
        read_quoted(reader);
    } else if (is_word(*reader->at)) {
        while (is_word(*reader->at))
            kc_buf_char(&reader->word, *reader->at++);
    } else {
        kc_buf_char(&reader->word, *reader->at++);
    }
    kc_buf_put(&reader->word, NULL, 0); /* an empty text has its NUL */
    return true;
}

static bool is_mark(const struct jaas_reader *reader, char mark)
{
    return !reader->quoted && reader->word.len == 1 && reader->word.data[0] == mark;
}

static char *read_options(struct jaas_reader *reader, struct client_jaas *jaas)
{
    char *name = NULL;

    while (next_token(reader) && !is_mark(reader, ';')) {
        name = kc_strdup(reader->word.data);
        char *mistake = NULL;
        if (!next_token(reader) || !is_mark(reader, '=') || !next_token(reader) ||
            is_mark(reader, ';'))
            /* Nothing of the text is shown: a password without quotes may be cut anywhere. */
            mistake = kc_strdup("Value not specified for a key in JAAS config (a value with other "
                                "characters than letters, digits, '.', '_', '-' and '$' needs quotes)");
        else
            kc_props_set(&jaas->options, name, reader->word.data);
        free(name);
        if (mistake)
            return mistake;
    }
    if (!is_mark(reader, ';'))
        return kc_strdup("JAAS config entry not terminated by semi-colon");
    if (next_token(reader))
        return kc_strdup("JAAS config property contains more than one login module");
    return NULL;
}

static char *read_module(struct jaas_reader *reader, struct client_jaas *jaas)
{
    static const char *const flags[] = { "required", "requisite", "sufficient", "optional" };

    if (!next_token(reader) || is_mark(reader, ';'))
        return kc_strdup("Login module not specified in JAAS config");
    jaas->module = kc_strdup(reader->word.data);
    if (!next_token(reader) || is_mark(reader, ';'))
        return kc_strdup("Login module control flag not specified in JAAS config");
    for (size_t i = 0; i < KC_COUNT(flags); i++)
        if (strcasecmp(reader->word.data, flags[i]) == 0)
            return read_options(reader, jaas);
    return kc_strdup("Invalid login module control flag in JAAS config: it is one of required, "
                     "requisite, sufficient, optional");
}

char *client_jaas_parse(const char *text, struct client_jaas *jaas)
{
    struct jaas_reader reader = { .at = text, .word = KC_BUF(65536) };

    memset(jaas, 0, sizeof(*jaas));
    char *mistake = read_module(&reader, jaas);
    if (reader.word.data)
        explicit_bzero(reader.word.data, reader.word.size);
    kc_buf_clear(&reader.word);
    return mistake;
}

void client_jaas_clear(struct client_jaas *jaas)
{
    free(jaas->module);
    kc_props_clear(&jaas->options);
}

/* ---- the mechanisms ---- */

static const char jaas_name[] = "sasl.jaas.config";

const char *client_scram_trouble(void)
{
    /* librdkafka's pull request 4895: the client's nonce went out twice in the last message, which
     * brokers check since CVE-2024-56128. */
    return rd_kafka_version() >= 0x02080000
               ? NULL
               : "librdkafka before 2.8 sends a nonce in a wrong form, and brokers refuse it since 3.7.2, "
                 "3.8.1 and 3.9.0. Use PLAIN over TLS or a client certificate (security.protocol=SSL), or a "
                 "system with a newer librdkafka";
}

static void user_and_password(struct client_build *build, const struct client_jaas *jaas)
{
    const char *user = kc_props_get(&jaas->options, "username");
    const char *password = kc_props_get(&jaas->options, "password");
    const char *token = kc_props_get(&jaas->options, "tokenauth");

    if (!user || !password) {
        client_find(build, KC_ERROR, jaas_name, "%s has no %s", jaas_name,
                    user ? "password" : "username");
        return;
    }
    if (token && strcasecmp(token, "true") == 0)
        client_find(build, KC_ERROR, jaas_name,
                    "%s: delegation tokens (tokenauth=true) are not supported: use a SCRAM user",
                    jaas_name);
    client_conf_set(build, jaas_name, "sasl.username", user);
    client_conf_set(build, jaas_name, "sasl.password", password);
}

/* extension_NAME="value" of the module, as the library wants them: NAME=value,... */
static void oauth_extensions(struct client_build *build, const struct client_jaas *jaas)
{
    struct kc_map_entry *at = NULL;
    const char *name = NULL, *value;
    KC_AUTO_BUF list = KC_BUF(65536);

    while (kc_props_next(&jaas->options, &at, &name, &value))
        if (strncmp(name, "extension_", 10) == 0)
            kc_buf_printf(&list, "%s%s=%s", list.len ? "," : "", name + 10, value);
    if (list.len)
        client_conf_set(build, jaas_name, "sasl.oauthbearer.extensions", list.data);
}

static void oauth(struct client_build *build, const struct client_jaas *jaas)
{
    static const char id_name[] = "sasl.oauthbearer.client.credentials.client.id";
    static const char secret_name[] = "sasl.oauthbearer.client.credentials.client.secret";
    static const char url_name[] = "sasl.oauthbearer.token.endpoint.url";
    const char *id = client_get(build, id_name);
    const char *secret = client_get(build, secret_name);
    const char *scope = client_get(build, "sasl.oauthbearer.scope");
    const char *url = client_get(build, url_name);

    if (rd_kafka_conf_set(build->conf, "sasl.oauthbearer.method", "oidc", NULL, 0) !=
        RD_KAFKA_CONF_OK) {
        client_find(build, KC_ERROR, "sasl.mechanism",
                    "OAUTHBEARER needs a librdkafka that is built with libcurl, and this system's (%s) "
                    "is not: use SCRAM-SHA-512, PLAIN or a client certificate",
                    rd_kafka_version_str());
        return;
    }
    id = id ? id : kc_props_get(&jaas->options, "clientId");
    secret = secret ? secret : kc_props_get(&jaas->options, "clientSecret");
    scope = scope ? scope : kc_props_get(&jaas->options, "scope");
    if (!id || !secret)
        client_find(build, KC_ERROR, jaas_name,
                    "OAUTHBEARER is supported with client credentials: clientId and clientSecret in "
                    "%s (or %s and %s)",
                    jaas_name, id_name, secret_name);
    if (!url)
        client_find(build, KC_ERROR, url_name, "OAUTHBEARER needs %s", url_name);
    else if (strncmp(url, "https://", 8) != 0 && strncmp(url, "http://", 7) != 0)
        client_find(build, KC_ERROR, url_name, "%s must start with https:// or http://", url_name);
    if (!id || !secret || !url)
        return;
    client_conf_set(build, id_name, "sasl.oauthbearer.client.id", id);
    client_conf_set(build, secret_name, "sasl.oauthbearer.client.secret", secret);
    client_conf_set(build, url_name, "sasl.oauthbearer.token.endpoint.url", url);
    if (scope)
        client_conf_set(build, "sasl.oauthbearer.scope", "sasl.oauthbearer.scope", scope);
    oauth_extensions(build, jaas);
}

static const struct mechanism {
    const char *name;
    const char *module;
    void (*apply)(struct client_build *build, const struct client_jaas *jaas);
    const char *refused;
} mechanisms[] = {
    { "PLAIN", "org.apache.kafka.common.security.plain.PlainLoginModule", user_and_password, NULL },
    { "SCRAM-SHA-256", "org.apache.kafka.common.security.scram.ScramLoginModule",
      user_and_password, NULL },
    { "SCRAM-SHA-512", "org.apache.kafka.common.security.scram.ScramLoginModule",
      user_and_password, NULL },
    { "OAUTHBEARER", "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule", oauth,
      NULL },
    { "GSSAPI", NULL, NULL,
      "Kerberos (sasl.mechanism=GSSAPI, also the default) is not supported: use SCRAM-SHA-512, PLAIN, "
      "OAUTHBEARER, or security.protocol=SSL with a client certificate" },
    { "AWS_MSK_IAM", NULL, NULL,
      "sasl.mechanism=AWS_MSK_IAM is not supported: switch SASL/SCRAM on for the cluster and use "
      "SCRAM-SHA-512" },
};

static const struct mechanism *mechanism_of(struct client_build *build)
{
    const char *name = client_get(build, "sasl.mechanism");

    for (size_t i = 0; i < KC_COUNT(mechanisms); i++) {
        if (strcmp(mechanisms[i].name, name ? name : "GSSAPI") != 0)
            continue;
        if (!mechanisms[i].refused)
            return &mechanisms[i];
        client_find(build, KC_ERROR, "sasl.mechanism", "%s", mechanisms[i].refused);
        return NULL;
    }
    client_find(build, KC_ERROR, "sasl.mechanism",
                "Invalid value %s for configuration sasl.mechanism: one of PLAIN, SCRAM-SHA-256, "
                "SCRAM-SHA-512, OAUTHBEARER",
                name);
    return NULL;
}

/* OAUTHBEARER by settings alone (KIP-1139) needs no jaas entry. */
static bool jaas_needed(struct client_build *build, const struct mechanism *mechanism)
{
    return mechanism->apply != oauth ||
           !client_get(build, "sasl.oauthbearer.client.credentials.client.id");
}

void client_sasl_apply(struct client_build *build)
{
    const char *protocol = client_get(build, "security.protocol");
    const char *text = client_get(build, jaas_name);

    if (!protocol || strncasecmp(protocol, "SASL_", 5) != 0)
        return;
    const struct mechanism *mechanism = mechanism_of(build);
    if (!mechanism)
        return;
    client_conf_set(build, "sasl.mechanism", "sasl.mechanism", mechanism->name);
    if (strncmp(mechanism->name, "SCRAM", 5) == 0 && client_scram_trouble())
        client_find(build, KC_WARN, "sasl.mechanism", "%s may be refused: %s", mechanism->name,
                    client_scram_trouble());
    if (!text && jaas_needed(build, mechanism)) {
        client_find(build, KC_ERROR, jaas_name,
                    "security.protocol=%s needs %s, such as `%s required username=\"...\" "
                    "password=\"...\";` (a JAAS file of the JVM is not read)",
                    protocol, jaas_name, mechanism->module);
        return;
    }
    struct client_jaas jaas = { 0 };
    char *mistake = text ? client_jaas_parse(text, &jaas) : NULL;
    if (mistake)
        client_find(build, KC_ERROR, jaas_name, "%s", mistake);
    else if (jaas.module && strcmp(jaas.module, mechanism->module) != 0)
        client_find(build, KC_ERROR, jaas_name, "sasl.mechanism=%s needs the login module %s in %s",
                    mechanism->name, mechanism->module, jaas_name);
    else
        mechanism->apply(build, &jaas);
    free(mistake);
    client_jaas_clear(&jaas);
}
