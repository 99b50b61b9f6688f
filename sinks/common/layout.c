#include "sinks/common/layout.h"

#include <stdlib.h>

/* ---- making ---- */

struct layout_maker {
    const struct jdbc_settings *settings;
    const struct jdbc_row *row;
    struct jdbc_layout *layout;
    size_t cap;
};

static struct jdbc_column *layout_find(const struct jdbc_layout *layout, const char *name)
{
    for (size_t i = 0; i < layout->n_columns; i++)
        if (strcmp(layout->columns[i].name, name) == 0)
            return &layout->columns[i];
    return NULL;
}

static struct jdbc_column *layout_add(struct layout_maker *maker, const char *name,
                                      const struct kc_schema *schema, enum jdbc_part part,
                                      size_t field)
{
    struct jdbc_layout *layout = maker->layout;
    char *own = kc_strdup(name);

    for (char *c = own; maker->settings->fold && *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c |= 0x20;
    if (layout_find(layout, own)) {
        free(own);
        return NULL;
    }
    layout->columns =
        kc_grow(layout->columns, layout->n_columns, &maker->cap, sizeof(*layout->columns));
    struct jdbc_column *column = &layout->columns[layout->n_columns++];
    *column = (struct jdbc_column){ .name = own,
                                    .schema = schema,
                                    .type = semantic_of(schema),
                                    .part = part,
                                    .field = (uint32_t)field };
    return column;
}

static void layout_add_key(struct layout_maker *maker, const char *name,
                           const struct kc_schema *schema, enum jdbc_part part, size_t field)
{
    struct jdbc_column *column = layout_add(maker, name, schema, part, field);

    if (column)
        column->key = column->defaults = true;
}

static bool layout_listed(const struct kc_list *list, const char *name)
{
    for (size_t i = 0; i < list->len; i++)
        if (strcmp(list->items[i], name) == 0)
            return true;
    return false;
}

static struct kc_error *layout_keys_of(struct layout_maker *maker, const struct kc_schema *schema,
                                       enum jdbc_part part, const char *what)
{
    const struct kc_list *names = &maker->settings->config->pk_fields;

    for (size_t i = 0; names->len == 0 && i < schema->n_fields; i++)
        layout_add_key(maker, schema->fields[i].name, schema->fields[i].schema, part, i);
    for (size_t i = 0; i < names->len; i++) {
        int at = kc_schema_find(schema, kc_text(names->items[i]));
        if (at < 0)
            return kc_fail(
                KC_BAD_DATA,
                "PK mode for table '%s' is %s, but record %s schema does not contain field: %s",
                maker->layout->table->full, maker->settings->pk_mode_name, what, names->items[i]);
        layout_add_key(maker, names->items[i], schema->fields[at].schema, part, (size_t)at);
    }
    return NULL;
}

static struct kc_error *layout_record_key(struct layout_maker *maker)
{
    const struct kc_schema *schema = maker->row->record->key_schema;
    const struct kc_list *names = &maker->settings->config->pk_fields;

    if (schema->kind == KC_STRUCT)
        return layout_keys_of(maker, schema, JDBC_KEY_FIELD, "key");
    if (names->len != 1) {
        KC_AUTO_BUF given = KC_BUF(0);
        for (size_t i = 0; i < names->len; i++)
            kc_buf_printf(&given, "%s%s", i ? ", " : "", names->items[i]);
        return kc_fail(KC_BAD_DATA,
                       "Need exactly one PK column defined since the key schema for records is a "
                       "primitive type, defined columns are: [%s]",
                       given.len ? given.data : "");
    }
    layout_add_key(maker, names->items[0], schema, JDBC_KEY, 0);
    return NULL;
}

static void layout_kafka_keys(struct layout_maker *maker)
{
    static const char *const defaults[] = { "__connect_topic", "__connect_partition",
                                            "__connect_offset" };
    static const enum kc_kind kinds[] = { KC_STRING, KC_INT32, KC_INT64 };
    const struct kc_list *names = &maker->settings->config->pk_fields;

    for (size_t i = 0; i < 3; i++)
        layout_add_key(maker, names->len == 3 ? names->items[i] : defaults[i],
                       kc_schema_of(kinds[i], false), JDBC_TOPIC + i, 0);
}

static struct kc_error *layout_header_keys(struct layout_maker *maker)
{
    const struct kc_record *record = maker->row->record;
    const struct kc_list *names = &maker->settings->config->pk_fields;

    for (uint32_t i = 0; i < record->n_headers; i++)
        if (record->headers[i].schema &&
            (names->len == 0 || layout_listed(names, record->headers[i].name)))
            layout_add_key(maker, record->headers[i].name, record->headers[i].schema, JDBC_HEADER,
                           i);
    for (size_t i = 0; i < names->len; i++)
        if (!layout_find(maker->layout, names->items[i]))
            return kc_fail(KC_BAD_DATA,
                           "the record has no header '%s' with a schema, which is to be a key",
                           names->items[i]);
    return NULL;
}

static struct kc_error *layout_keys(struct layout_maker *maker)
{
    switch (maker->settings->config->pk_mode) {
    case JDBC_PK_KAFKA:
        layout_kafka_keys(maker);
        return NULL;
    case JDBC_PK_KEY:
        return layout_record_key(maker);
    case JDBC_PK_VALUE:
        return layout_keys_of(maker, maker->layout->row_schema, JDBC_VALUE_FIELD, "value");
    case JDBC_PK_HEADER:
        return layout_header_keys(maker);
    default:
        return NULL;
    }
}

/* "field" or "topic:field" (Debezium's form). */
static bool layout_matches(const struct jdbc_settings *settings, const struct kc_list *list,
                           const char *topic, const char *field)
{
    size_t len = strlen(topic);

    for (size_t i = 0; i < list->len; i++) {
        const char *item = list->items[i];
        if (strcmp(item, field) == 0)
            return true;
        if (settings->flavour == JDBC_DEBEZIUM && strncmp(item, topic, len) == 0 &&
            item[len] == ':' && strcmp(item + len + 1, field) == 0)
            return true;
    }
    return false;
}

static void layout_value_fields(struct layout_maker *maker)
{
    const struct jdbc_settings *settings = maker->settings;
    const struct jdbc_config *config = settings->config;
    const struct kc_schema *schema = maker->layout->row_schema;
    const char *topic = maker->row->record->topic;

    for (size_t i = 0; i < schema->n_fields; i++) {
        const char *name = schema->fields[i].name;
        uint8_t kind = schema->fields[i].schema->kind;
        if (config->fields.len && !layout_matches(settings, &config->fields, topic, name))
            continue;
        if (layout_matches(settings, &config->exclude_fields, topic, name))
            continue;
        struct jdbc_column *column =
            layout_add(maker, name, schema->fields[i].schema, JDBC_VALUE_FIELD, i);
        if (!column)
            continue;
        column->defaults = config->null_to_default || settings->flavour != JDBC_CONFLUENT;
        if ((kind == KC_INT64 || kind == KC_STRING) &&
            layout_listed(&config->timestamp_fields, name)) {
            column->type = (struct semantic_type){ SEM_INSTANT, config->timestamp_unit };
            column->parse = kind == KC_STRING;
        }
    }
}

static struct kc_error *layout_fill(struct layout_maker *maker)
{
    struct jdbc_layout *layout = maker->layout;
    const struct kc_record *record = maker->row->record;
    bool deletes = maker->row->op == JDBC_DELETE;

    if (maker->row->op == JDBC_TRUNCATE)
        return NULL;
    if (record->key_schema)
        layout->key_schema = kc_schema_ref(record->key_schema);
    if (!deletes)
        layout->value_schema = kc_schema_ref(record->value_schema);
    layout->row_schema = maker->row->fields ? maker->row->fields->schema : NULL;
    /* The struct's own schema may be another object than the record's, with its own life. */
    if (layout->row_schema)
        kc_schema_ref(layout->row_schema);
    struct kc_error *err = layout_keys(maker);
    layout->n_keys = layout->n_columns;
    if (err || deletes)
        return err;
    if (layout->row_schema)
        layout_value_fields(maker);
    else
        layout_add(maker, maker->settings->config->string_column, record->value_schema, JDBC_VALUE,
                   0);
    if (layout->n_columns == 0)
        return kc_fail(KC_BAD_DATA, "No fields found using key and value schemas for table: %s",
                       layout->table->full);
    return NULL;
}

struct kc_error *jdbc_layout_new(const struct jdbc_settings *settings, const struct jdbc_row *row,
                                 struct jdbc_table *table, struct jdbc_layout **layout)
{
    struct jdbc_layout *new = kc_calloc(1, sizeof(*new));
    struct layout_maker maker = { .settings = settings, .row = row, .layout = new };

    new->table = table;
    new->op = row->op;
    struct kc_error *err = layout_fill(&maker);
    if (err)
        jdbc_layout_free(new);
    else
        *layout = new;
    return err;
}

void jdbc_layout_free(struct jdbc_layout *layout)
{
    if (!layout)
        return;
    if (layout->free_compiled)
        layout->free_compiled(layout->compiled);
    for (size_t i = 0; i < layout->n_columns; i++)
        free(layout->columns[i].name);
    free(layout->columns);
    kc_schema_unref(layout->key_schema);
    kc_schema_unref(layout->value_schema);
    kc_schema_unref(layout->row_schema);
    free(layout);
}

/* ---- using ---- */

bool jdbc_layout_fits(const struct jdbc_layout *layout, const struct jdbc_row *row)
{
    const struct kc_record *record = row->record;
    const struct kc_schema *value = row->op == JDBC_DELETE ? NULL : record->value_schema;

    return layout->op == row->op &&
           (row->op == JDBC_TRUNCATE || (kc_schema_equal(layout->value_schema, value) &&
                                         kc_schema_equal(layout->key_schema, record->key_schema)));
}

static struct kc_value layout_header(const struct jdbc_row *row, const struct jdbc_column *column)
{
    const struct kc_record *record = row->record;

    if (column->field < record->n_headers &&
        strcmp(record->headers[column->field].name, column->name) == 0)
        return record->headers[column->field].value;
    for (uint32_t i = 0; i < record->n_headers; i++)
        if (strcmp(record->headers[i].name, column->name) == 0)
            return record->headers[i].value;
    return kc_null();
}

static struct kc_value layout_part(const struct jdbc_row *row, const struct jdbc_column *column)
{
    const struct kc_record *record = row->record;

    switch (column->part) {
    case JDBC_VALUE_FIELD:
        return row->fields->field[column->field];
    case JDBC_VALUE:
        return record->value;
    case JDBC_KEY_FIELD:
        return record->key.u.structure->field[column->field];
    case JDBC_KEY:
        return record->key;
    case JDBC_TOPIC:
        return kc_string(record->topic, strlen(record->topic));
    case JDBC_PARTITION:
        return kc_integer(KC_INT32, record->partition);
    case JDBC_OFFSET:
        return kc_integer(KC_INT64, record->offset);
    case JDBC_HEADER:
        return layout_header(row, column);
    }
    return kc_null();
}

struct kc_value jdbc_row_other(const struct jdbc_row *row, const struct jdbc_column *column)
{
    struct kc_value value = layout_part(row, column);
    int64_t number;

    if (value.kind == KC_NULL && column->defaults && column->schema->has_default)
        value = column->schema->default_value;
    if (column->parse && value.kind == KC_STRING && kc_text_int64(kc_value_text(value), &number))
        value = kc_integer(KC_INT64, number);
    return value;
}

/* ---- names of tables ---- */

static struct kc_error *layout_expand(const struct jdbc_settings *settings,
                                      const struct jdbc_row *row, const char *format,
                                      struct kc_buf *name)
{
    const char *topic = row->record->topic;

    for (const char *at = format; *at;) {
        const char *end = strncmp(at, "${", 2) == 0 ? strchr(at, '}') : NULL;
        if (!end) {
            kc_buf_char(name, *at++);
            continue;
        }
        struct kc_text what = { at + 2, (size_t)(end - at) - 2 };
        if (kc_text_is(what, "topic")) {
            for (const char *c = topic; *c; c++)
                kc_buf_char(name, settings->flavour == JDBC_DEBEZIUM && *c == '.' ? '_' : *c);
        } else if (settings->flavour == JDBC_DEBEZIUM && kc_text_starts(what, "source.")) {
            char *field = kc_strndup(what.ptr + 7, what.len - 7);
            struct kc_value value =
                kc_struct_get(kc_struct_get(row->record->value, "source"), field);
            free(field);
            if (value.kind != KC_STRING)
                return kc_fail(
                    KC_BAD_DATA,
                    "collection.name.format asks for ${%.*s}, which this record does not have",
                    KC_FMT(what));
            kc_buf_text(name, kc_value_text(value));
        } else {
            kc_buf_put(name, at, (size_t)(end - at) + 1);
        }
        at = end + 1;
    }
    return NULL;
}

static struct kc_error *layout_mapped(const struct jdbc_settings *settings, const char *topic,
                                      struct kc_buf *name)
{
    const struct kc_list *pairs = &settings->config->topic_tables;
    size_t len = strlen(topic);

    for (size_t i = 0; i < pairs->len; i++)
        if (strncmp(pairs->items[i], topic, len) == 0 && pairs->items[i][len] == ':') {
            kc_buf_str(name, pairs->items[i] + len + 1);
            return NULL;
        }
    return kc_fail(KC_BAD_CONFIG, "topics.to.tables.mapping has no table for topic '%s'", topic);
}

struct kc_error *jdbc_table_name(const struct jdbc_settings *settings, const struct jdbc_row *row,
                                 struct kc_buf *name)
{
    const struct jdbc_config *config = settings->config;
    struct kc_error *err;

    if (config->topic_tables.len)
        err = layout_mapped(settings, row->record->topic, name);
    else
        err = layout_expand(settings, row, config->table_format, name);
    for (size_t i = 0; !err && config->normalize_name && i < name->len; i++) {
        char c = name->data[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
            c != '_')
            name->data[i] = '_';
    }
    return err;
}
