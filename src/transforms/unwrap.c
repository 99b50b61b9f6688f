/* ExtractNewRecordState: a change event becomes the row it tells of. Other records pass. */
#include <stdlib.h>

#include "plugin/transform.h"
#include "transforms/envelope_fields.h"
#include "transforms/rebuild.h"

#define OPTIONS_OF struct unwrap_config

/* What becomes of a deletion, and of the tombstone behind it. */
enum { ON_DELETE_DROP, ON_DELETE_NULL, ON_DELETE_TOMBSTONE, ON_DELETE_REWRITE, ON_DELETE_MASK = 3 };
#define KEEP_TOMBSTONE 4

struct unwrap_config {
    int mode;
    char *old_mode, *old_drop; /* as versions before 3.2 named it */
    struct kc_list add_fields, add_headers;
    char *fields_prefix, *headers_prefix;
    char *route_field;
    char *drop_header;
    bool drop_from_key, drop_compatible;
    bool null_to_default;
};

struct unwrap {
    struct kc_transform transform;
    int mode;
    struct envelope_field *fields, *headers;
    size_t n_fields, n_headers;
    char *op_header_name;
    struct rebuild rows, gone, heads, dropped;
};

static const struct kc_enum_name unwrap_modes[] = { { "drop", ON_DELETE_DROP },
                                                    { "tombstone", ON_DELETE_NULL },
                                                    { "rewrite", ON_DELETE_REWRITE },
                                                    { "rewrite-with-tombstone",
                                                      ON_DELETE_REWRITE | KEEP_TOMBSTONE },
                                                    { "delete-to-tombstone", ON_DELETE_TOMBSTONE },
                                                    { 0 } };

static const struct kc_option unwrap_options[] = {
    OPT_ENUM(
        "delete.tombstone.handling.mode", mode, unwrap_modes, .def = "tombstone", .any_case = true,
        .importance = KC_MEDIUM,
        .doc =
            "What becomes of a deletion and the tombstone behind it. `drop`: neither is passed on. "
            "`tombstone`: the deletion as a null value with the row's schema. `rewrite`: the last "
            "state of the row with `__deleted` true (and `__deleted` false in all other rows). "
            "`rewrite-with-tombstone`: the same, and the tombstone. `delete-to-tombstone`: a null "
            "value without a schema."),
    OPT_STRING(
        "delete.handling.mode", old_mode, .importance = KC_LOW, .valid = "[none, drop, rewrite]",
        .doc = "The older form of the setting above, with drop.tombstones: drop, rewrite or none."),
    OPT_STRING("drop.tombstones", old_drop, .importance = KC_LOW, .valid = "[true, false]",
               .doc = "With delete.handling.mode: whether tombstones are dropped."),
    OPT_LIST("add.fields", add_fields, .def = "",
             .doc = "Fields of the event to add to the row: names such as `op`, `source.ts_ms`, "
                    "`lsn:mylsn` "
                    "(a name of your own behind the colon)."),
    OPT_STRING("add.fields.prefix", fields_prefix, .def = "__",
               .doc = "Put before the names of these."),
    OPT_LIST("add.headers", add_headers, .def = "",
             .doc = "Fields of the event to add as headers, in the same form."),
    OPT_STRING("add.headers.prefix", headers_prefix, .def = "__",
               .doc = "Put before the names of these."),
    OPT_STRING("route.by.field", route_field, .def = "",
               .doc = "A field of the row whose value becomes the topic."),
    OPT_STRING("drop.fields.header.name", drop_header,
               .doc = "A header that lists fields of the row to leave out."),
    OPT_BOOL("drop.fields.from.key", drop_from_key, .def = "false",
             .doc = "Leave them out of the key as well."),
    OPT_BOOL("drop.fields.keep.schema.compatible", drop_compatible, .def = "true",
             .doc = "Leave out optional fields only."),
    OPT_BOOL("replace.null.with.default", null_to_default, .def = "true",
             .doc = "When a row is rebuilt, a null field gets the default of its schema."),
    OPT_END
};

/* ---- open ---- */

static struct kc_error *unwrap_old_modes(struct unwrap *unwrap, const struct unwrap_config *config)
{
    static const struct {
        const char *name;
        int mode;
    } modes[] = { { "drop", ON_DELETE_DROP },
                  { "none", ON_DELETE_NULL },
                  { "rewrite", ON_DELETE_REWRITE } };
    const char *name = config->old_mode ? config->old_mode : "drop";
    bool keep = config->old_drop && strcmp(config->old_drop, "false") == 0;

    unwrap->mode = config->mode;
    if (!config->old_mode && !config->old_drop)
        return NULL;
    for (size_t i = 0; i < KC_COUNT(modes); i++)
        if (strcmp(name, modes[i].name) == 0) {
            unwrap->mode = modes[i].mode | (keep ? KEEP_TOMBSTONE : 0);
            return NULL;
        }
    return kc_fail(KC_BAD_CONFIG, "delete.handling.mode is '%s'; it can be drop, rewrite or none",
                   name);
}

static struct kc_error *unwrap_open(struct kc_transform *transform)
{
    struct unwrap *unwrap = (struct unwrap *)transform;
    const struct unwrap_config *config = transform->config;
    struct kc_error *err = unwrap_old_modes(unwrap, config);

    unwrap->rows.free_plan = unwrap->heads.free_plan = free;
    if (!err)
        err = envelope_fields_new(&config->add_fields, config->fields_prefix, &unwrap->fields);
    unwrap->n_fields = err ? 0 : config->add_fields.len;
    if (!err)
        err = envelope_fields_new(&config->add_headers, config->headers_prefix, &unwrap->headers);
    unwrap->n_headers = err ? 0 : config->add_headers.len;
    for (size_t i = 0; i < unwrap->n_headers; i++)
        if (!unwrap->headers[i].part && strcmp(unwrap->headers[i].field, "op") == 0)
            unwrap->op_header_name = unwrap->headers[i].name;
    return err;
}

static void unwrap_close(struct kc_transform *transform)
{
    struct unwrap *unwrap = (struct unwrap *)transform;

    rebuild_clear(&unwrap->rows);
    rebuild_clear(&unwrap->gone);
    rebuild_clear(&unwrap->heads);
    rebuild_clear(&unwrap->dropped);
    envelope_fields_free(unwrap->fields, unwrap->n_fields);
    envelope_fields_free(unwrap->headers, unwrap->n_headers);
    unwrap->fields = unwrap->headers = NULL;
    unwrap->n_fields = unwrap->n_headers = 0;
    unwrap->op_header_name = NULL;
}

/* ---- headers ---- */

static struct kc_header *unwrap_header_room(struct kc_record *record, struct kc_arena *arena,
                                            size_t more)
{
    struct kc_header *headers = kc_alloc(arena, (record->n_headers + more) * sizeof(*headers));

    if (record->n_headers)
        memcpy(headers, record->headers, record->n_headers * sizeof(*headers));
    record->headers = headers;
    return headers;
}

static void unwrap_add_headers(struct unwrap *unwrap, struct kc_record *record,
                               struct kc_arena *arena)
{
    const struct kc_schema *envelope = record->value_schema;
    const struct rebuild_entry *entry = rebuild_find(&unwrap->heads, envelope, 0);

    if (!entry) {
        struct kc_schema *schemas = kc_schema_new(KC_STRUCT);
        int *places = envelope_fields_plan(unwrap->headers, unwrap->n_headers, envelope, schemas);
        entry = rebuild_add(&unwrap->heads, envelope, 0, schemas, places);
    }
    const int *places = entry->plan;
    struct kc_header *headers = unwrap_header_room(record, arena, unwrap->n_headers);
    kc_schema_keep(arena, entry->to);
    for (size_t i = 0, field = 0; i < unwrap->n_headers; i++) {
        if (places[2 * i + 1] < 0)
            continue;
        headers[record->n_headers++] = (struct kc_header){
            .name = unwrap->headers[i].name,
            .schema = entry->to->fields[field++].schema,
            .value = envelope_fields_value(record->value, &places[2 * i]),
        };
    }
}

/* ---- rows ---- */

static struct kc_schema *unwrap_row_schema(const struct unwrap *unwrap, const struct kc_schema *row,
                                           const struct kc_schema *envelope, int **places)
{
    struct kc_schema *schema = rebuild_shell(row);

    for (uint32_t i = 0; i < row->n_fields; i++)
        kc_schema_field(schema, row->fields[i].name, row->fields[i].schema);
    if ((unwrap->mode & ON_DELETE_MASK) == ON_DELETE_REWRITE)
        kc_schema_field(schema, "__deleted", kc_schema_of(KC_STRING, true));
    *places = envelope_fields_plan(unwrap->fields, unwrap->n_fields, envelope, schema);
    return schema;
}

static void unwrap_row(struct unwrap *unwrap, struct kc_record *record, struct kc_value row,
                       bool deleted, struct kc_arena *arena)
{
    const struct unwrap_config *config = unwrap->transform.config;
    const struct kc_schema *from = row.u.structure->schema;
    bool rewrite = (unwrap->mode & ON_DELETE_MASK) == ON_DELETE_REWRITE;
    const struct rebuild_entry *entry = rebuild_find(&unwrap->rows, record->value_schema, 0);

    if (!entry) {
        int *places;
        struct kc_schema *to = unwrap_row_schema(unwrap, from, record->value_schema, &places);
        entry = rebuild_add(&unwrap->rows, record->value_schema, 0, to, places);
    }
    kc_schema_keep(arena, entry->to);
    if (!rewrite && !unwrap->n_fields) {
        /* Nothing is added: the row itself, which is no longer optional. */
        row.u.structure->schema = entry->to;
    } else {
        struct kc_value value = kc_struct_new(arena, entry->to);
        struct kc_value *fields = value.u.structure->field;
        uint32_t at = from->n_fields;
        const int *places = entry->plan;
        for (uint32_t i = 0; i < from->n_fields; i++) {
            const struct kc_schema *schema = from->fields[i].schema;
            fields[i] = row.u.structure->field[i];
            if (fields[i].kind == KC_NULL && config->null_to_default && schema->has_default)
                fields[i] = schema->default_value;
        }
        if (rewrite)
            fields[at++] = deleted ? kc_string("true", 4) : kc_string("false", 5);
        for (size_t i = 0; i < unwrap->n_fields; i++)
            if (places[2 * i + 1] >= 0)
                fields[at++] = envelope_fields_value(record->value, &places[2 * i]);
        row = value;
    }
    record->value = row;
    record->value_schema = entry->to;
}

/* The null that stands for a deletion keeps the schema of the row, made optional. */
static void unwrap_gone(struct unwrap *unwrap, struct kc_record *record, struct kc_arena *arena)
{
    int at = kc_schema_find(record->value_schema, KC_TEXT("before"));
    const struct kc_schema *row = at < 0 ? NULL : record->value_schema->fields[at].schema;

    record->value = kc_null();
    if ((unwrap->mode & ON_DELETE_MASK) == ON_DELETE_TOMBSTONE || !row) {
        record->value_schema = NULL;
        return;
    }
    const struct rebuild_entry *entry = rebuild_find(&unwrap->gone, row, 0);
    if (!entry)
        entry = rebuild_add(&unwrap->gone, row, 0, rebuild_optional(row), NULL);
    record->value_schema = kc_schema_keep(arena, entry->to);
}

/* ---- leaving fields out ---- */

static bool unwrap_listed(struct kc_value names, const char *name)
{
    for (uint32_t i = 0; i < names.len; i++)
        if (names.u.items[i].kind == KC_STRING && kc_text_is(kc_value_text(names.u.items[i]), name))
            return true;
    return false;
}

static void unwrap_drop_from(struct unwrap *unwrap, struct kc_value names, struct kc_value *value,
                             const struct kc_schema **schema, struct kc_arena *arena)
{
    const struct unwrap_config *config = unwrap->transform.config;
    const struct kc_schema *from = *schema;
    uint64_t variant = 0;
    bool keep[from->n_fields + 1];

    for (uint32_t i = 0; i < from->n_fields; i++) {
        keep[i] = !unwrap_listed(names, from->fields[i].name) ||
                  (config->drop_compatible && !from->fields[i].schema->optional);
        variant = variant * 31 + (keep[i] ? 1 : 2);
    }
    const struct rebuild_entry *entry = rebuild_find(&unwrap->dropped, from, variant);
    if (!entry) {
        struct kc_schema *to = rebuild_shell(from);
        for (uint32_t i = 0; i < from->n_fields; i++)
            if (keep[i])
                kc_schema_field(to, from->fields[i].name, from->fields[i].schema);
        entry = rebuild_add(&unwrap->dropped, from, variant, to, NULL);
    }
    *schema = kc_schema_keep(arena, entry->to);
    struct kc_value shorter = kc_struct_new(arena, *schema);
    for (uint32_t i = 0, at = 0; i < from->n_fields; i++)
        if (keep[i])
            shorter.u.structure->field[at++] = value->u.structure->field[i];
    *value = shorter;
}

static void unwrap_drop_fields(struct unwrap *unwrap, struct kc_record *record,
                               struct kc_arena *arena)
{
    const struct unwrap_config *config = unwrap->transform.config;
    struct kc_value names = kc_null();

    for (uint32_t i = 0; i < record->n_headers; i++)
        if (strcmp(record->headers[i].name, config->drop_header) == 0)
            names = record->headers[i].value;
    if (names.kind != KC_ARRAY || names.len == 0)
        return;
    if (record->value.kind == KC_STRUCT)
        unwrap_drop_from(unwrap, names, &record->value, &record->value_schema, arena);
    if (config->drop_from_key && record->key.kind == KC_STRUCT && record->key_schema)
        unwrap_drop_from(unwrap, names, &record->key, &record->key_schema, arena);
}

/* ---- a record ---- */

static void unwrap_tombstone(struct unwrap *unwrap, struct kc_record *record,
                             struct kc_arena *arena)
{
    if (!(unwrap->mode & KEEP_TOMBSTONE)) {
        record->dropped = true;
        return;
    }
    if (!unwrap->op_header_name)
        return;
    struct kc_header *headers = unwrap_header_room(record, arena, 1);
    headers[record->n_headers++] = (struct kc_header){ .name = unwrap->op_header_name,
                                                       .schema = kc_schema_of(KC_STRING, false),
                                                       .value = kc_string("d", 1) };
}

static void unwrap_route(const struct unwrap *unwrap, struct kc_record *record, struct kc_value row,
                         struct kc_arena *arena)
{
    const struct unwrap_config *config = unwrap->transform.config;
    struct kc_value topic =
        *config->route_field ? kc_struct_get(row, config->route_field) : kc_null();

    if (topic.kind == KC_STRING)
        record->topic = kc_arena_text(arena, topic.u.text, topic.len);
}

static bool unwrap_is_envelope(const struct kc_schema *schema)
{
    size_t len = schema && schema->kind == KC_STRUCT && schema->name ? strlen(schema->name) : 0;

    return len >= 9 && strcmp(schema->name + len - 9, ".Envelope") == 0;
}

static struct kc_error *unwrap_apply(struct kc_transform *transform, struct kc_record *record,
                                     struct kc_arena *arena)
{
    struct unwrap *unwrap = (struct unwrap *)transform;
    const struct unwrap_config *config = transform->config;

    if (record->value.kind == KC_NULL) {
        unwrap_tombstone(unwrap, record, arena);
        return NULL;
    }
    if (record->value.kind != KC_STRUCT || !unwrap_is_envelope(record->value_schema))
        return NULL;
    struct kc_value row = kc_struct_get(record->value, "after");
    struct kc_value op = kc_struct_get(record->value, "op");
    bool deleted = row.kind != KC_STRUCT;
    if (op.kind == KC_STRING && kc_text_is(kc_value_text(op), "t")) {
        record->dropped = true;
        return NULL;
    }
    if (deleted)
        row = kc_struct_get(record->value, "before");
    if (deleted && (unwrap->mode & ON_DELETE_MASK) == ON_DELETE_DROP) {
        record->dropped = true;
        return NULL;
    }
    if (unwrap->n_headers)
        unwrap_add_headers(unwrap, record, arena);
    unwrap_route(unwrap, record, row, arena);
    if (!deleted || ((unwrap->mode & ON_DELETE_MASK) == ON_DELETE_REWRITE && row.kind == KC_STRUCT))
        unwrap_row(unwrap, record, row, deleted, arena);
    else
        unwrap_gone(unwrap, record, arena);
    if (config->drop_header)
        unwrap_drop_fields(unwrap, record, arena);
    return NULL;
}

static const char *const unwrap_classes[] = { "io.debezium.transforms.ExtractNewRecordState",
                                              NULL };

static const struct kc_transform_ops unwrap_ops = {
    .size = sizeof(struct unwrap),
    .open = unwrap_open,
    .apply = unwrap_apply,
    .close = unwrap_close,
};

extern const struct kc_plugin kc_plugin_unwrap_transform;
const struct kc_plugin kc_plugin_unwrap_transform = {
    .abi = KC_ABI,
    .kind = KC_TRANSFORM,
    .name = "unwrap",
    .version = PENSTOCK_VERSION,
    .about = "Makes of a change event the row it tells of.",
    .java_classes = unwrap_classes,
    .config_size = sizeof(struct unwrap_config),
    .options = unwrap_options,
    .transform = &unwrap_ops,
};
KC_PLUGIN_EXPORT(kc_plugin_unwrap_transform);
