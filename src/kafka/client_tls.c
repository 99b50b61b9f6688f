/* ssl.*: Java's key and trust stores as OpenSSL takes them. PEM is the form both know (KIP-651); PKCS#12
 * works for the client's own key; everything else is refused with the command that converts it. */
#include "kafka/client_conf.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_type(const char *given, const char *type)
{
    return given && strcasecmp(given, type) == 0;
}

/* Settings hold PEM on one line as well, as Java's parser allows: the line ends that OpenSSL wants are put
 * back. Text that has line ends is left as it is. */
static void pem_lines(const char *pem, struct kc_buf *out)
{
    const char *at = pem, *begin;

    while (!strchr(pem, '\n') && (begin = strstr(at, "-----BEGIN "))) {
        const char *body = strstr(begin + 11, "-----");
        const char *end = body ? strstr(body + 5, "-----END ") : NULL;
        const char *after = end ? strstr(end + 9, "-----") : NULL;
        if (!after)
            break;
        body += 5;
        kc_buf_put(out, begin, (size_t)(body - begin));
        size_t column = 64;
        for (const char *p = body; p < end; p++) {
            if ((unsigned char)*p <= ' ')
                continue;
            if (column == 64) {
                kc_buf_char(out, '\n');
                column = 0;
            }
            kc_buf_char(out, *p);
            column++;
        }
        kc_buf_char(out, '\n');
        at = after + 5;
        kc_buf_put(out, end, (size_t)(at - end));
        kc_buf_char(out, '\n');
    }
    if (!out->len)
        kc_buf_str(out, pem);
}

static void set_pem(struct client_build *build, const char *name, const char *library,
                    const char *value)
{
    KC_AUTO_BUF text = KC_BUF(1 << 20);

    if (!strstr(value, "-----BEGIN ")) {
        client_find(build, KC_ERROR, name, "%s must hold text in PEM form (-----BEGIN ...)", name);
        return;
    }
    pem_lines(value, &text);
    client_conf_set(build, name, library, text.data);
}

static bool can_read(struct client_build *build, const char *name, const char *path)
{
    if (access(path, R_OK) == 0)
        return true;
    client_find(build, KC_ERROR, name, "%s: can't read %s: %m", name, path);
    return false;
}

static void truststore(struct client_build *build)
{
    const char *type = client_get(build, "ssl.truststore.type");
    const char *location = client_get(build, "ssl.truststore.location");
    const char *pem = client_get(build, "ssl.truststore.certificates");

    if (pem) {
        if (!is_type(type, "PEM"))
            client_find(build, KC_ERROR, "ssl.truststore.type",
                        "ssl.truststore.certificates needs ssl.truststore.type=PEM");
        if (location)
            client_find(build, KC_ERROR, "ssl.truststore.location",
                        "Both ssl.truststore.location and ssl.truststore.certificates are given: "
                        "remove one");
        set_pem(build, "ssl.truststore.certificates", "ssl.ca.pem", pem);
    } else if (location && *location) {
        if (is_type(type, "PEM")) {
            if (can_read(build, "ssl.truststore.location", location))
                client_conf_set(build, "ssl.truststore.location", "ssl.ca.location", location);
        } else if (is_type(type, "PKCS12")) {
            client_find(build, KC_ERROR, "ssl.truststore.type",
                        "Trust stores of type PKCS12 are not supported. Convert it by `openssl pkcs12 "
                        "-in %s -nokeys -out truststore.pem` and set ssl.truststore.type=PEM and "
                        "ssl.truststore.location=truststore.pem (without ssl.truststore.password)",
                        location);
        } else {
            client_find(build, KC_ERROR, "ssl.truststore.type",
                        "Trust stores of type %s are not supported. Convert it by `keytool -list -rfc "
                        "-keystore %s > truststore.pem` and set ssl.truststore.type=PEM and "
                        "ssl.truststore.location=truststore.pem (without ssl.truststore.password)",
                        type ? type : "JKS (the default)", location);
        }
    }
    if (client_get(build, "ssl.truststore.password") && is_type(type, "PEM"))
        client_find(build, KC_ERROR, "ssl.truststore.password",
                    "ssl.truststore.password can't be given for a trust store in PEM form, which has "
                    "none: remove it");
}

static void keystore_pem(struct client_build *build)
{
    const char *key = client_get(build, "ssl.keystore.key");
    const char *chain = client_get(build, "ssl.keystore.certificate.chain");
    const char *location = client_get(build, "ssl.keystore.location");
    const char *password = client_get(build, "ssl.key.password");

    if (key || chain) {
        if (!key || !chain) {
            client_find(build, KC_ERROR, key ? "ssl.keystore.certificate.chain" : "ssl.keystore.key",
                        "ssl.keystore.key and ssl.keystore.certificate.chain belong together: one is "
                        "missing");
            return;
        }
        set_pem(build, "ssl.keystore.key", "ssl.key.pem", key);
        set_pem(build, "ssl.keystore.certificate.chain", "ssl.certificate.pem", chain);
    } else if (location && *location && can_read(build, "ssl.keystore.location", location)) {
        /* One file has the key and the chain. */
        client_conf_set(build, "ssl.keystore.location", "ssl.key.location", location);
        client_conf_set(build, "ssl.keystore.location", "ssl.certificate.location", location);
    }
    if (password)
        client_conf_set(build, "ssl.key.password", "ssl.key.password", password);
    if (client_get(build, "ssl.keystore.password"))
        client_find(build, KC_ERROR, "ssl.keystore.password",
                    "ssl.keystore.password can't be given for a key store in PEM form: the password "
                    "of its key is ssl.key.password");
}

static void keystore_pkcs12(struct client_build *build)
{
    const char *location = client_get(build, "ssl.keystore.location");
    const char *password = client_get(build, "ssl.keystore.password");
    const char *key_password = client_get(build, "ssl.key.password");

    if (!location || !*location || !can_read(build, "ssl.keystore.location", location))
        return;
    if (!password) {
        client_find(build, KC_ERROR, "ssl.keystore.password",
                    "A key store of type PKCS12 needs ssl.keystore.password");
        return;
    }
    if (key_password && strcmp(key_password, password) != 0)
        client_find(build, KC_ERROR, "ssl.key.password",
                    "The key in a PKCS12 store has the password of the store: remove "
                    "ssl.key.password, or make both equal");
    client_conf_set(build, "ssl.keystore.location", "ssl.keystore.location", location);
    client_conf_set(build, "ssl.keystore.password", "ssl.keystore.password", password);
}

static void keystore(struct client_build *build)
{
    const char *type = client_get(build, "ssl.keystore.type");
    const char *location = client_get(build, "ssl.keystore.location");

    if (is_type(type, "PEM")) {
        keystore_pem(build);
        return;
    }
    if (client_get(build, "ssl.keystore.key") || client_get(build, "ssl.keystore.certificate.chain"))
        client_find(build, KC_ERROR, "ssl.keystore.type",
                    "ssl.keystore.key and ssl.keystore.certificate.chain need ssl.keystore.type=PEM");
    if (is_type(type, "PKCS12"))
        keystore_pkcs12(build);
    else if (location && *location)
        client_find(build, KC_ERROR, "ssl.keystore.type",
                    "Key stores of type %s are not supported. Convert it by `keytool -importkeystore "
                    "-srckeystore %s -destkeystore keystore.p12 -deststoretype PKCS12` and set "
                    "ssl.keystore.type=PKCS12 and ssl.keystore.location=keystore.p12",
                    type ? type : "JKS (the default)", location);
}

static void cipher_suites(struct client_build *build)
{
    const char *suites = client_get(build, "ssl.cipher.suites");
    struct kc_text rest = kc_text(suites), piece;
    KC_AUTO_BUF list = KC_BUF(65536);

    if (!suites || !*suites)
        return;
    while (kc_text_split(&rest, ',', &piece)) {
        piece = kc_text_trim(piece);
        if (memmem(piece.ptr, piece.len, "_WITH_", 6) || kc_text_starts(piece, "TLS_")) {
            client_find(build, KC_ERROR, "ssl.cipher.suites",
                        "ssl.cipher.suites takes OpenSSL's names (as ECDHE-RSA-AES256-GCM-SHA384; "
                        "`openssl ciphers -stdname` shows both), not %.*s; TLS 1.3 needs none: leave "
                        "it out",
                        KC_FMT(piece));
            return;
        }
        if (list.len)
            kc_buf_char(&list, ':');
        kc_buf_text(&list, piece);
    }
    client_conf_set(build, "ssl.cipher.suites", "ssl.cipher.suites", list.data);
}

static void host_names(struct client_build *build)
{
    const char *algorithm = client_get(build, "ssl.endpoint.identification.algorithm");

    if (!algorithm)
        return;
    if (!*algorithm || strcasecmp(algorithm, "https") == 0)
        client_conf_set(build, "ssl.endpoint.identification.algorithm",
                        "ssl.endpoint.identification.algorithm", *algorithm ? "https" : "none");
    else
        client_find(build, KC_ERROR, "ssl.endpoint.identification.algorithm",
                    "Invalid value %s for configuration ssl.endpoint.identification.algorithm: https, "
                    "or empty to not compare the broker's name with its certificate",
                    algorithm);
}

void client_tls_apply(struct client_build *build)
{
    const char *protocol = client_get(build, "security.protocol");

    /* Stores of a client that makes no TLS connection are not looked at, as in Java. */
    if (!protocol || (strcasecmp(protocol, "SSL") != 0 && strcasecmp(protocol, "SASL_SSL") != 0))
        return;
    truststore(build);
    keystore(build);
    cipher_suites(build);
    host_names(build);
}
