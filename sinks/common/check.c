#include "sinks/common/check.h"

#include <stdlib.h>
#include <strings.h>

#include "sinks/common/writer.h"

struct check {
    const struct kc_check *of;
    const struct jdbc_config *config;
    struct jdbc_settings settings;
    const struct jdbc_driver *driver;
    struct jdbc_url url;
    struct kc_props params;
    struct jdbc_conn *conn;
};

static void check_error(struct kc_findings *findings, const char *setting, struct kc_error *err)
{
    char *text = kc_error_line(err);

    kc_find(findings, KC_ERROR, setting, "%s", text);
    free(text);
    kc_error_free(err);
}

static bool check_connect(struct check *check)
{
    const struct jdbc_config *config = check->config;
    struct jdbc_target target = { &check->url, &check->params, config->user, config->password,
                                  "penstock check" };
    struct kc_findings *findings = check->of->findings;

    check->driver->check_target(&target, findings);
    if (kc_findings_errors(findings))
        return false;
    struct kc_error *err =
        check->driver->connect(&target, &check->settings, check->of->stop_fd, &check->conn);
    if (err) {
        char *text = kc_error_line(err);
        kc_find(findings, KC_ERROR, "connection.url", "Could not connect to database. %s", text);
        free(text);
        kc_error_free(err);
        return false;
    }
    check->conn->driver = check->driver;
    return true;
}

/* ---- tables ---- */

/* The names of key columns that the settings alone tell; the rest comes with the records. */
static size_t check_keys(const struct check *check, const char **keys)
{
    static const char *const kafka[] = { "__connect_topic", "__connect_partition",
                                         "__connect_offset" };
    const struct kc_list *fields = &check->config->pk_fields;
    size_t n = 0;

    for (size_t i = 0; i < fields->len && check->config->pk_mode != JDBC_PK_NONE; i++)
        keys[n++] = fields->items[i];
    for (size_t i = 0; n == i && i < KC_COUNT(kafka) && check->config->pk_mode == JDBC_PK_KAFKA;
         i++)
        keys[n++] = kafka[i];
    return n;
}

static bool check_kind(const struct check *check, const struct jdbc_table *table)
{
    const struct kc_list *types = &check->config->table_types;

    for (size_t i = 0; i < types->len; i++)
        if (strcasecmp(types->items[i], table->kind) == 0)
            return true;
    return types->len == 0;
}

static void check_columns(const struct check *check, const struct jdbc_table *table,
                          const char *const *keys, size_t n_keys)
{
    struct kc_findings *findings = check->of->findings;

    if (!check_kind(check, table))
        kc_find(findings, KC_ERROR, "table.types", "'%s' is a %s, which table.types does not name",
                table->full, table->kind);
    for (size_t i = 0; i < n_keys; i++)
        if (!jdbc_table_find(table, keys[i]) && !check->settings.evolve)
            kc_find(findings, KC_ERROR, "pk.fields",
                    "Table %s has no column \"%s\", which is to be a key", table->full, keys[i]);
    for (size_t i = 0; check->config->fields.len && i < check->config->fields.len; i++) {
        const char *field = check->config->fields.items[i];
        if (!strchr(field, ':') && !jdbc_table_find(table, field) && !check->settings.evolve)
            kc_find(findings, KC_ERROR, "fields.whitelist",
                    "Table %s has no column \"%s\" (%s is off)", table->full, field,
                    check->settings.evolve_key);
    }
}

static void check_table(struct check *check, const char *name)
{
    struct kc_findings *findings = check->of->findings;
    const char *keys[check->config->pk_fields.len + 4];
    size_t n_keys = check_keys(check, keys);
    size_t errors = kc_findings_errors(findings);
    struct kc_list related = { 0 };
    struct jdbc_table *table = NULL;

    struct kc_error *err =
        jdbc_table_new(name, check->settings.quote_char, check->settings.fold, &table);
    if (!err)
        err = check->driver->describe(check->conn, table, &related);
    if (err)
        check_error(findings, "table.name.format", err);
    else if (!table->exists && !check->settings.create)
        kc_find(findings, KC_ERROR, check->settings.create_key, "Table %s is missing and %s is off",
                table->full, check->settings.create_key);
    else {
        if (table->exists)
            check_columns(check, table, keys, n_keys);
        check->driver->check_table(check->conn, table, keys, n_keys, findings);
        if (table->exists && kc_findings_errors(findings) == errors)
            kc_find(findings, KC_OK, NULL, "%s %s is there, with %zu columns", table->kind,
                    table->full, table->n_columns);
    }
    for (size_t i = 0; i < related.len; i++)
        free(related.items[i]);
    free(related.items);
    jdbc_table_free(table);
}

/* A topic may be renamed by transforms before it gets here; then its table is not known. */
static void check_topics(struct check *check)
{
    struct kc_findings *findings = check->of->findings;
    const char *topics = kc_props_get(check->of->props, "topics");
    struct kc_text rest = kc_text(topics ? topics : ""), topic;

    if (kc_props_get(check->of->props, "transforms"))
        kc_find(findings, KC_WARN, "transforms",
                "Transforms may rename topics: the tables below are those of the names in topics");
    if (!topics || strstr(check->config->table_format, "${source.")) {
        kc_find(findings, KC_WARN, "topics",
                "Which tables there will be is known only with the records");
        return;
    }
    while (kc_text_split(&rest, ',', &topic)) {
        KC_AUTO_BUF name = KC_BUF(0);
        topic = kc_text_trim(topic);
        if (!topic.len)
            continue;
        char *text = kc_strndup(topic.ptr, topic.len);
        struct kc_record record = { .topic = text };
        struct jdbc_row row = { .record = &record };
        struct kc_error *err = jdbc_table_name(&check->settings, &row, &name);
        if (err)
            check_error(findings, "topics", err);
        else
            check_table(check, name.data);
        free(text);
    }
}

/* ---- all of it ---- */

static void check_live(struct check *check)
{
    struct kc_findings *findings = check->of->findings;

    if (!check_connect(check))
        return;
    if (check->of->depth == KC_CHECK_LIVE) {
        check->driver->check_server(check->conn, findings);
        if (!kc_findings_errors(findings))
            check_topics(check);
    }
    check->driver->disconnect(check->conn);
}

void jdbc_check(const struct kc_check *of, enum jdbc_flavour flavour,
                const struct jdbc_driver *const *drivers)
{
    struct check check = { .of = of, .config = of->config };

    check.settings = jdbc_settings_of(check.config, flavour);
    /* Debezium's validation looks at nothing beyond the single settings: the task fails instead. */
    if (flavour == JDBC_DEBEZIUM && of->depth == KC_CHECK_CONFIG)
        return;
    jdbc_settings_check(&check.settings, of->findings);
    struct kc_error *err = jdbc_url_parse(check.config->url, &check.url);
    if (!err)
        err = jdbc_driver_find(drivers, &check.url, check.config->dialect, &check.driver);
    if (err) {
        check_error(of->findings, "connection.url", err);
    } else {
        check.settings.quote_char = check.driver->dialect->quote;
        check.settings.fold = !check.settings.quote && check.driver->dialect->folds;
        jdbc_driver_params(check.config, &check.url, &check.params);
        check_live(&check);
    }
    kc_props_clear(&check.params);
    jdbc_url_clear(&check.url);
}
