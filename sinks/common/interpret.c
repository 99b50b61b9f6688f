/* What a record asks for. */
#include "sinks/common/layout.h"

static bool interpret_ends(const char *text, const char *ending)
{
    size_t len = text ? strlen(text) : 0, end = strlen(ending);
    return len >= end && strcmp(text + len - end, ending) == 0;
}

static const char *interpret_schema(const struct kc_schema *schema)
{
    return schema ? kc_kind_name(schema->kind) : "null";
}

/* As Java names the class of a value in these messages. */
static const char *interpret_class(struct kc_value value)
{
    static const char *const names[] = {
        [KC_MAP] = "HashMap", [KC_ARRAY] = "ArrayList", [KC_STRUCT] = "Struct"
    };

    if (value.kind == KC_NULL)
        return "null";
    if (value.kind < KC_COUNT(names) && names[value.kind])
        return names[value.kind];
    const char *full = kc_kind_java_class(value.kind), *dot = strrchr(full, '.');
    return dot ? dot + 1 : full;
}

static struct kc_error *interpret_missing(const struct jdbc_settings *settings,
                                          const char *connector, const struct kc_record *record,
                                          const char *wanted, const char *part,
                                          struct kc_value value, const struct kc_schema *schema)
{
    return kc_fail_as(
        KC_BAD_DATA, "org.apache.kafka.connect.errors.ConnectException",
        "Sink connector '%s' is configured with 'delete.enabled=%s' and '%s=%s' and therefore "
        "requires "
        "records with a non-null %s%s and non-null %s schema, but found record at "
        "(topic='%s',partition=%d,offset=%lld,timestamp=%lld) with a %s %s and %s %s schema.",
        connector, settings->config->delete_enabled ? "true" : "false", settings->pk_mode_key,
        settings->pk_mode_name, strcmp(part, "value") == 0 ? "Struct " : "", part, wanted,
        record->topic, (int)record->partition, (long long)record->offset,
        (long long)record->timestamp, interpret_class(value), part, interpret_schema(schema), part);
}

static bool interpret_primitive(const struct kc_schema *schema)
{
    return schema && schema->kind != KC_ARRAY && schema->kind != KC_MAP &&
           schema->kind != KC_STRUCT;
}

static struct kc_error *interpret_key(const struct jdbc_settings *settings, const char *connector,
                                      const struct kc_record *record)
{
    const struct kc_schema *schema = record->key_schema;

    if (settings->config->pk_mode != JDBC_PK_KEY && !settings->config->delete_enabled)
        return NULL;
    if (record->key.kind != KC_NULL &&
        (interpret_primitive(schema) || (schema && schema->kind == KC_STRUCT)))
        return NULL;
    if (settings->flavour == JDBC_DEBEZIUM && !schema)
        return kc_fail_as(KC_BAD_DATA, "org.apache.kafka.connect.errors.ConnectException",
                          "Configured primary key mode 'record_key' cannot have null schema");
    return interpret_missing(settings, connector, record, "Struct or primitive key", "key",
                             record->key, schema);
}

/* Debezium's sink knows the envelope and takes the row out of it. */
static struct kc_error *interpret_envelope(const struct jdbc_settings *settings,
                                           const struct kc_record *record, struct jdbc_row *row)
{
    struct kc_value op = kc_struct_get(record->value, "op");
    struct kc_value after = kc_struct_get(record->value, "after");

    if (op.kind == KC_STRING && kc_text_is(kc_value_text(op), "t")) {
        row->op = settings->config->truncate_enabled ? JDBC_TRUNCATE : JDBC_SKIP;
    } else if (op.kind == KC_STRING && kc_text_is(kc_value_text(op), "d")) {
        struct kc_value before = kc_struct_get(record->value, "before");
        row->op = settings->config->delete_enabled ? JDBC_DELETE : JDBC_SKIP;
        row->fields = before.kind == KC_STRUCT ? before.u.structure : NULL;
    } else if (after.kind == KC_STRUCT) {
        row->fields = after.u.structure;
    } else {
        row->op = JDBC_SKIP; /* a message of the log, and the like: no row */
    }
    return NULL;
}

static struct kc_error *interpret_debezium(const struct jdbc_settings *settings,
                                           const struct kc_record *record, struct jdbc_row *row)
{
    const struct kc_schema *schema = record->value_schema;

    if (schema && schema->name && strstr(schema->name, "SchemaChangeValue"))
        return kc_fail(
            KC_BAD_DATA,
            "Schema change records are not supported by JDBC connector. Adjust `topics` or "
            "`topics.regex` to exclude schema change topic.");
    if (record->value.kind == KC_NULL) {
        row->op = settings->config->delete_enabled ? JDBC_DELETE : JDBC_SKIP;
        return NULL;
    }
    if (!schema || record->value.kind != KC_STRUCT)
        return NULL; /* the caller's to refuse */
    if (interpret_ends(schema->name, ".Envelope") ||
        (!schema->name && kc_schema_find(schema, KC_TEXT("op")) >= 0))
        return interpret_envelope(settings, record, row);
    row->fields = record->value.u.structure;
    return NULL;
}

struct kc_error *jdbc_interpret(const struct jdbc_settings *settings, const char *connector,
                                struct kc_record *record, struct jdbc_row *row)
{
    const struct jdbc_config *config = settings->config;
    const struct kc_schema *schema = record->value_schema;
    bool debezium = settings->flavour == JDBC_DEBEZIUM;
    struct kc_error *err = NULL;

    *row = (struct jdbc_row){ .record = record, .op = JDBC_WRITE };
    if (debezium)
        err = interpret_debezium(settings, record, row);
    else if (record->value.kind == KC_NULL && config->delete_enabled)
        row->op = JDBC_DELETE;
    else if (record->value.kind == KC_STRUCT)
        row->fields = record->value.u.structure;
    if (err || row->op == JDBC_SKIP || row->op == JDBC_TRUNCATE)
        return err;
    err = interpret_key(settings, connector, record);
    if (err || row->op == JDBC_DELETE)
        return err;
    bool text = !debezium && record->value.kind == KC_STRING && schema &&
                schema->kind == KC_STRING && config->pk_mode != JDBC_PK_VALUE;
    if ((!row->fields || !schema) && !text)
        return interpret_missing(settings, connector, record, "Struct", "value", record->value,
                                 schema);
    return NULL;
}
