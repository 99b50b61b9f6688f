#include "sinks/postgres/params.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/text.h"

enum pg_param_way {
    PG_PASS,   /* libpq has the same under another name */
    PG_SSL,    /* ssl=true */
    PG_TARGET, /* targetServerType */
    PG_KEEPALIVE,
    PG_GSS,
    PG_FILE, /* a key file; Java's own formats are refused */
    PG_CONNECT_SECONDS,
    PG_SOCKET_SECONDS,
    PG_PATH,  /* currentSchema */
    PG_MOOT,  /* tunes what is done otherwise here, and changes no result */
    PG_NEVER, /* only its default is accepted; `libpq` is the advice */
};

/* `also`: for PG_NEVER, the value that is accepted. */
static const struct pg_param {
    const char *name;
    enum pg_param_way way;
    const char *libpq;
    const char *also;
} pg_param_rows[] = {
    { "user", PG_PASS, "user", NULL },
    { "password", PG_PASS, "password", NULL },
    { "ssl", PG_SSL, "sslmode", NULL },
    { "sslmode", PG_PASS, "sslmode", NULL },
    { "sslcert", PG_FILE, "sslcert", NULL },
    { "sslkey", PG_FILE, "sslkey", NULL },
    { "sslrootcert", PG_FILE, "sslrootcert", NULL },
    { "sslpassword", PG_PASS, "sslpassword", NULL },
    { "sslNegotiation", PG_NEVER, "this build's libpq negotiates TLS within the protocol", "postgres" },
    { "sslfactory", PG_NEVER, "use sslmode: require, verify-ca or verify-full", "org.postgresql.ssl.LibPQFactory" },
    { "sslhostnameverifier", PG_NEVER, "use sslmode=verify-full", NULL },
    { "sslpasswordcallback", PG_NEVER, "use sslpassword", NULL },
    { "socketFactory", PG_NEVER, "connect straight to the server, or through a local proxy", NULL },
    { "ApplicationName", PG_PASS, "application_name", NULL },
    { "options", PG_PASS, "options", NULL },
    { "channelBinding", PG_PASS, "channel_binding", NULL },
    { "kerberosServerName", PG_PASS, "krbsrvname", NULL },
    { "gssEncMode", PG_GSS, "gssencmode", NULL },
    { "tcpKeepAlive", PG_KEEPALIVE, "keepalives", NULL },
    { "targetServerType", PG_TARGET, "target_session_attrs", NULL },
    { "loadBalanceHosts", PG_NEVER, "hosts are tried in the order they are given", "false" },
    { "connectTimeout", PG_CONNECT_SECONDS, NULL, NULL },
    { "loginTimeout", PG_CONNECT_SECONDS, NULL, NULL },
    { "socketTimeout", PG_SOCKET_SECONDS, NULL, NULL },
    { "currentSchema", PG_PATH, NULL, NULL },
    { "readOnly", PG_NEVER, "a sink has to write", "false" },
    { "replication", PG_NEVER, "a sink needs an ordinary connection", "false" },
    { "reWriteBatchedInserts", PG_MOOT, NULL, NULL },
    { "stringtype", PG_MOOT, NULL, NULL },
    { "prepareThreshold", PG_MOOT, NULL, NULL },
    { "preparedStatementCacheQueries", PG_MOOT, NULL, NULL },
    { "preparedStatementCacheSizeMiB", PG_MOOT, NULL, NULL },
    { "databaseMetadataCacheFields", PG_MOOT, NULL, NULL },
    { "databaseMetadataCacheFieldsMiB", PG_MOOT, NULL, NULL },
    { "defaultRowFetchSize", PG_MOOT, NULL, NULL },
    { "adaptiveFetch", PG_MOOT, NULL, NULL },
    { "adaptiveFetchMinimum", PG_MOOT, NULL, NULL },
    { "adaptiveFetchMaximum", PG_MOOT, NULL, NULL },
    { "maxResultBuffer", PG_MOOT, NULL, NULL },
    { "maxSendBufferSize", PG_MOOT, NULL, NULL },
    { "sendBufferSize", PG_MOOT, NULL, NULL },
    { "receiveBufferSize", PG_MOOT, NULL, NULL },
    { "tcpNoDelay", PG_MOOT, NULL, NULL },
    { "binaryTransfer", PG_MOOT, NULL, NULL },
    { "binaryTransferEnable", PG_MOOT, NULL, NULL },
    { "binaryTransferDisable", PG_MOOT, NULL, NULL },
    { "preferQueryMode", PG_MOOT, NULL, NULL },
    { "autosave", PG_MOOT, NULL, NULL },
    { "cleanupSavepoints", PG_MOOT, NULL, NULL },
    { "assumeMinServerVersion", PG_MOOT, NULL, NULL },
    { "allowEncodingChanges", PG_MOOT, NULL, NULL },
    { "cancelSignalTimeout", PG_MOOT, NULL, NULL },
    { "hostRecheckSeconds", PG_MOOT, NULL, NULL },
    { "logUnclosedConnections", PG_MOOT, NULL, NULL },
    { "logServerErrorDetail", PG_MOOT, NULL, NULL },
    { "loggerLevel", PG_MOOT, NULL, NULL },
    { "loggerFile", PG_MOOT, NULL, NULL },
    { "unknownLength", PG_MOOT, NULL, NULL },
    { "disableColumnSanitiser", PG_MOOT, NULL, NULL },
    { "escapeSyntaxCallMode", PG_MOOT, NULL, NULL },
    { "hideUnprivilegedObjects", PG_MOOT, NULL, NULL },
    { "groupStartupParameters", PG_MOOT, NULL, NULL },
    { "quoteReturningIdentifiers", PG_MOOT, NULL, NULL },
    { "readOnlyMode", PG_MOOT, NULL, NULL },
    { "gssResponseTimeout", PG_MOOT, NULL, NULL },
    { "sslResponseTimeout", PG_MOOT, NULL, NULL },
};

static const struct {
    const char *jdbc, *libpq;
} pg_targets[] = {
    { "any", "any" },
    { "primary", "primary" },
    { "master", "primary" },
    { "secondary", "standby" },
    { "slave", "standby" },
    { "preferSecondary", "prefer-standby" },
    { "preferSlave", "prefer-standby" },
    { "preferPrimary", "any" },
};

/* Java's old three-letter names, where PostgreSQL has another name for the zone. */
static const struct {
    const char *java, *zone;
} pg_zones[] = {
    { "ACT", "Australia/Darwin" },    { "AET", "Australia/Sydney" },
    { "AGT", "America/Argentina/Buenos_Aires" }, { "ART", "Africa/Cairo" },
    { "AST", "America/Anchorage" },   { "BET", "America/Sao_Paulo" },
    { "BST", "Asia/Dhaka" },          { "CAT", "Africa/Harare" },
    { "CNT", "America/St_Johns" },    { "CST", "America/Chicago" },
    { "CTT", "Asia/Shanghai" },       { "EAT", "Africa/Addis_Ababa" },
    { "ECT", "Europe/Paris" },        { "IET", "America/Indiana/Indianapolis" },
    { "IST", "Asia/Kolkata" },        { "JST", "Asia/Tokyo" },
    { "MIT", "Pacific/Apia" },        { "NET", "Asia/Yerevan" },
    { "NST", "Pacific/Auckland" },    { "PLT", "Asia/Karachi" },
    { "PNT", "America/Phoenix" },     { "PRT", "America/Puerto_Rico" },
    { "PST", "America/Los_Angeles" }, { "SST", "Pacific/Guadalcanal" },
    { "VST", "Asia/Ho_Chi_Minh" },    { "Z", "UTC" },
};

char *pg_zone(const char *java)
{
    const char *at = java;
    unsigned hours, minutes = 0;
    char sign;

    for (size_t i = 0; i < KC_COUNT(pg_zones); i++)
        if (strcmp(java, pg_zones[i].java) == 0)
            return kc_strdup(pg_zones[i].zone);
    if (strncmp(at, "GMT", 3) == 0 || strncmp(at, "UTC", 3) == 0)
        at += 3;
    if ((*at == '+' || *at == '-') && sscanf(at, "%c%u:%u", &sign, &hours, &minutes) >= 2) {
        if (hours > 99) { /* +0530 */
            minutes = hours % 100;
            hours /= 100;
        }
        /* POSIX counts west of Greenwich as positive. */
        return kc_printf("<%c%02u:%02u>%c%02u:%02u", sign, hours, minutes, sign == '+' ? '-' : '+',
                         hours, minutes);
    }
    return kc_strdup(java);
}

static void pg_params_add(struct pg_params *params, const char *keyword, const char *value)
{
    params->keywords[params->count] = keyword;
    params->values[params->count++] = value;
}

static void pg_params_seconds(const struct pg_param *row, const char *value, int *ms,
                              struct kc_findings *findings)
{
    int64_t seconds;

    if (!kc_text_int64(kc_text(value), &seconds) || seconds < 0 || seconds > 1000000)
        kc_find(findings, KC_ERROR, "connection.url", "%s is '%s', which is no number of seconds",
                row->name, value);
    else if (seconds > 0)
        *ms = (int)seconds * 1000;
}

static void pg_params_file(const struct pg_param *row, const char *value, struct pg_params *params,
                           struct kc_findings *findings)
{
    size_t len = strlen(value);

    if (len > 4 && (strcasecmp(value + len - 4, ".pk8") == 0 || strcasecmp(value + len - 4, ".p12") == 0 ||
                    strcasecmp(value + len - 4, ".jks") == 0 || strcasecmp(value + len - 4, ".der") == 0))
        kc_find(findings, KC_ERROR, "connection.url",
                "%s names %s, a format of Java's; give PEM files (openssl pkcs8 -inform DER -in FILE "
                "-out FILE.pem turns a .pk8 into one)",
                row->name, value);
    else
        pg_params_add(params, row->libpq, value);
}

static void pg_params_choice(const struct pg_param *row, const char *value,
                             struct pg_params *params, struct kc_findings *findings)
{
    if (row->way == PG_SSL) {
        /* pgjdbc: the word alone, or true, means a verified certificate. */
        if (strcasecmp(value, "false") != 0)
            pg_params_add(params, row->libpq, "verify-full");
    } else if (row->way == PG_KEEPALIVE) {
        pg_params_add(params, row->libpq, strcasecmp(value, "false") == 0 ? "0" : "1");
    } else if (row->way == PG_GSS) {
        pg_params_add(params, row->libpq, strcmp(value, "allow") == 0 ? "prefer" : value);
    } else {
        for (size_t i = 0; i < KC_COUNT(pg_targets); i++)
            if (strcasecmp(value, pg_targets[i].jdbc) == 0) {
                pg_params_add(params, row->libpq, pg_targets[i].libpq);
                return;
            }
        kc_find(findings, KC_ERROR, "connection.url", "%s is '%s'; it can be any or primary", row->name,
                value);
    }
}

static void pg_params_one(const struct pg_param *row, const char *value, struct pg_params *params,
                          struct kc_findings *findings)
{
    switch (row->way) {
    case PG_PASS:
        pg_params_add(params, row->libpq, value);
        break;
    case PG_SSL:
    case PG_KEEPALIVE:
    case PG_GSS:
    case PG_TARGET:
        pg_params_choice(row, value, params, findings);
        break;
    case PG_FILE:
        pg_params_file(row, value, params, findings);
        break;
    case PG_CONNECT_SECONDS:
        pg_params_seconds(row, value, &params->connect_ms, findings);
        break;
    case PG_SOCKET_SECONDS:
        pg_params_seconds(row, value, &params->socket_ms, findings);
        break;
    case PG_PATH:
        params->search_path = kc_strdup(value);
        break;
    case PG_MOOT:
        break;
    case PG_NEVER:
        if (!row->also || strcmp(value, row->also) != 0)
            kc_find(findings, KC_ERROR, "connection.url", "%s is not supported: %s", row->name,
                    row->libpq);
        break;
    }
}

static const struct pg_param *pg_params_row(const char *name)
{
    for (size_t i = 0; i < KC_COUNT(pg_param_rows); i++)
        if (strcasecmp(pg_param_rows[i].name, name) == 0)
            return &pg_param_rows[i];
    return NULL;
}

static void pg_params_unknown(const char *name, struct kc_findings *findings)
{
    const char *nearest = NULL;
    unsigned best = 4;

    for (size_t i = 0; i < KC_COUNT(pg_param_rows); i++) {
        unsigned distance = kc_text_distance(kc_text(name), kc_text(pg_param_rows[i].name), 4);
        if (distance < best) {
            best = distance;
            nearest = pg_param_rows[i].name;
        }
    }
    kc_find(findings, KC_ERROR, "connection.url",
            "PostgreSQL's driver has no parameter '%s'%s%s%s; take it out of connection.url (or the "
            "setting connection.%s)",
            name, nearest ? ", did you mean '" : "", nearest ? nearest : "", nearest ? "'" : "", name);
}

void pg_params_of(const struct jdbc_target *target, const char *time_zone, struct pg_params *params,
                  struct kc_findings *findings)
{
    struct kc_map_entry *at = NULL;
    const char *name, *value;

    *params = (struct pg_params){ .connect_ms = 10000, .socket_ms = -1 };
    params->time_zone = pg_zone(time_zone ? time_zone : "UTC");
    if (target->url->hosts) {
        pg_params_add(params, "host", target->url->hosts);
        pg_params_add(params, "port", target->url->ports);
    } else {
        pg_params_add(params, "host", "localhost");
    }
    /* As pgjdbc: the user's name, without one. */
    if (target->url->database)
        pg_params_add(params, "dbname", target->url->database);
    if (target->user)
        pg_params_add(params, "user", target->user);
    if (target->password)
        pg_params_add(params, "password", target->password);
    pg_params_add(params, "fallback_application_name", target->application);
    pg_params_add(params, "client_encoding", "UTF8");
    while (kc_props_next(target->params, &at, &name, &value)) {
        const struct pg_param *row = pg_params_row(name);
        if (!row)
            pg_params_unknown(name, findings);
        else if (value && params->count < (int)KC_COUNT(params->keywords) - 1)
            pg_params_one(row, value, params, findings);
    }
    params->keywords[params->count] = params->values[params->count] = NULL;
}

void pg_params_clear(struct pg_params *params)
{
    free(params->search_path);
    free(params->time_zone);
    *params = (struct pg_params){ 0 };
}
