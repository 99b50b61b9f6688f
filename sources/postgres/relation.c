#include "sources/postgres/relation.h"

#include <stdlib.h>

#include "base/log.h"
#include "sources/common/topic_name.h"
#include "sources/postgres/signals.h"

struct kc_error *relation_topics(const struct pg_config *config, struct topic_strategy *topics)
{
    const struct pg_topics *given = &config->topics;
    return topic_strategy_init(topics, &(struct topic_settings){
                                           .strategy = given->strategy,
                                           .prefix = config->prefix,
                                           .delimiter = config->delimiter,
                                           .transaction = config->topic_transaction,
                                           .heartbeat_prefix = config->heartbeat_prefix,
                                           .heartbeat_name = config->heartbeat_name,
                                           .regex = given->regex,
                                           .replacement = given->replacement,
                                           .key_unique = given->key_unique,
                                           .key_field = given->key_field,
                                           .key_regex = given->key_regex,
                                           .key_replacement = given->key_replacement,
                                       });
}

/* A column as both origins describe it. */
struct outline {
    const char *name;
    uint32_t type;
    int32_t typmod;
    bool required, identity, generated;
    const char *expression; /* default */
    int dimensions;         /* of an array, as declared */
};

static struct relation *new_relation(uint32_t oid, struct kc_text schema, struct kc_text name)
{
    struct relation *relation = kc_calloc(1, sizeof(*relation));
    relation->oid = oid;
    relation->schema = kc_strndup(schema.ptr, schema.len);
    relation->name = kc_strndup(name.ptr, name.len);
    return relation;
}

struct relation *relation_ref(struct relation *relation)
{
    relation->refs++;
    return relation;
}

void relation_free(struct relation *relation)
{
    if (!relation || relation->refs-- > 0)
        return;
    for (size_t i = 0; i < relation->n_columns; i++) {
        free(relation->columns[i].name);
        types_clear(&relation->columns[i].use);
    }
    table_unref(relation->table);
    free(relation->columns);
    free(relation->schema);
    free(relation->name);
    free(relation);
}

/* The schema of a column in the value; its default, if it has one, in it. */
static const struct kc_schema *column_schema(const struct relation_column *column,
                                             const struct outline *outline)
{
    struct kc_schema *schema = types_schema(&column->use);
    kc_schema_optional(schema, !column->required || column->use.optional);
    struct kc_arena arena;
    kc_arena_init(&arena, 0);
    struct kc_value value;
    if (outline->expression &&
        types_default(&column->use, outline->expression, &arena, &value))
        kc_schema_default(schema, value);
    kc_arena_clear(&arena);
    return schema;
}

static struct relation_column *find_column(struct relation *relation, const char *name)
{
    for (size_t i = 0; i < relation->n_columns; i++)
        if (strcmp(relation->columns[i].name, name) == 0)
            return &relation->columns[i];
    return NULL;
}

static void add_key_column(const struct relation_maker *maker, struct relation *relation,
                           struct relation_column *column, struct kc_schema *key,
                           const struct kc_schema *const *schemas)
{
    const struct kc_schema *schema = column ? schemas[column - relation->columns] : NULL;
    if (!schema || column->key_field >= 0)
        return;
    column->key_field = (int)relation->n_key++;
    char *name =
        topic_name_field(column->name, (enum name_adjustment)maker->config->field_adjustment);
    kc_schema_field(key, name, schema);
    free(name);
}

/* Key columns in the order of the key: those of message.key.columns, else the catalog's; of a table
 * that is gone, those that identify rows on the wire. NULL: no key. */
static struct kc_schema *make_key(const struct relation_maker *maker, struct relation *relation,
                                  const struct outline *outlines, const PGresult *names, bool gone,
                                  const struct kc_schema *const *schemas)
{
    struct kc_schema *key = kc_schema_new(KC_STRUCT);
    const struct key_columns *rules = &maker->captures->keys;
    char *full = kc_printf("%s.%s", relation->schema, relation->name);
    for (size_t i = 0; i < rules->count; i++)
        for (size_t j = 0;
             key_columns_match(rules, i, kc_text(full)) && j < rules->rules[i].columns.len; j++)
            add_key_column(maker, relation, find_column(relation, rules->rules[i].columns.items[j]),
                           key, schemas);
    free(full);
    bool own = relation->n_key > 0;
    for (int i = 0; !own && !gone && i < PQntuples(names); i++)
        add_key_column(maker, relation, find_column(relation, PQgetvalue(names, i, 0)), key,
                       schemas);
    for (size_t i = 0; !own && gone && i < relation->n_columns; i++)
        if (outlines[i].identity)
            add_key_column(maker, relation, &relation->columns[i], key, schemas);
    const char *extra = topic_strategy_key_field(maker->topics);
    if (extra)
        kc_schema_field(key, extra, kc_schema_of(KC_STRING, false));
    if (relation->n_key || extra)
        return key;
    kc_schema_unref(key);
    return NULL;
}

/* topic is taken. */
static struct table *make_table(const struct relation_maker *maker, const struct relation *relation,
                                char *topic, struct kc_schema *key, struct kc_schema *value)
{
    enum name_adjustment adjustment = (enum name_adjustment)maker->config->schema_adjustment;
    char *names[] = {kc_printf("%s.Key", topic), kc_printf("%s.Value", topic),
                     kc_printf("%s.Envelope", topic)};
    char *adjusted[3];
    for (size_t i = 0; i < KC_COUNT(names); i++)
        adjusted[i] = topic_name_schema(names[i], adjustment);
    if (key)
        kc_schema_name(key, adjusted[0]);
    kc_schema_name(value, adjusted[1]);
    struct table *table = table_new(topic, relation->schema, relation->name, key, value,
                                    maker->source_schema, adjusted[2]);
    for (size_t i = 0; i < KC_COUNT(names); i++) {
        free(names[i]);
        free(adjusted[i]);
    }
    free(topic);
    return table;
}

/* What the naming strategy adds to the keys of the table. */
static struct kc_error *set_key_extra(const struct relation_maker *maker, struct relation *relation)
{
    char *text;
    if (!topic_strategy_key_field(maker->topics))
        return NULL;
    struct kc_error *err =
        topic_strategy_key_value(maker->topics, relation->schema, relation->name, &text);
    if (err)
        return err;
    size_t len = strlen(text);
    relation->key_extra = kc_string(kc_arena_text(&relation->table->arena, text, len), len);
    free(text);
    return NULL;
}

static void log_once(const struct relation_maker *maker, const struct relation *relation,
                     const struct relation_column *column, enum kc_log_level level,
                     const char *what)
{
    struct type_source source;
    types_source(&column->use, &source);
    char *text = kc_printf("Column %s.%s.%s of type %s %s", relation->schema, relation->name,
                           column->name, source.name, what);
    if (catalog_first(maker->catalog, text))
        kc_log(level, "postgres", "%s", text);
    free(text);
}

/* What a reader of the topic should know of a column, said but once. */
static void log_column(const struct relation_maker *maker, const struct relation *relation,
                       const struct relation_column *column, int dimensions)
{
    const char *what = types_unknown(&column->use) ? types_loss(&column->use)
                       : dimensions > 1 ? "has several dimensions: its elements come in one list, "
                                          "row by row"
                                        : NULL;
    if (what)
        log_once(maker, relation, column, KC_LOG_INFO, what);
}

static void add_column(const struct relation_maker *maker, struct relation *relation,
                       const struct outline *outline, const struct kc_schema **schema)
{
    struct relation_column *column = &relation->columns[relation->n_columns++];
    *column = (struct relation_column){.name = kc_strdup(outline->name),
                                       .value_field = -1,
                                       .key_field = -1,
                                       .required = outline->required,
                                       .generated = outline->generated};
    types_resolve(&maker->catalog->types, &maker->config->modes, outline->type, outline->typmod,
                  &column->use);
    *schema = column->use.form ? column_schema(column, outline) : NULL;
    log_column(maker, relation, column, outline->dimensions);
}

/* The schema of a column in the value, with what its mapper notes in it. */
static const struct kc_schema *mapped_schema(const struct relation_maker *maker,
                                             const struct relation *relation,
                                             struct relation_column *column,
                                             const struct outline *outline,
                                             const struct kc_schema *schema)
{
    struct type_source source;
    types_source(&column->use, &source);
    types_source_serial(&source, outline->expression);
    struct mapper_column known = {
        .schema = relation->schema,
        .table = relation->name,
        .name = column->name,
        .type = source.name,
        .length = source.length,
        .scale = source.scale,
    };
    column->source_length = source.length;
    column->mapper = mappers_find(&maker->captures->mappers, &known);
    if (!column->mapper)
        return kc_schema_ref(schema);
    bool hides = column->mapper->kind == MAPPER_MASK || column->mapper->kind == MAPPER_HASH;
    if (hides && !types_characters(&column->use))
        log_once(maker, relation, column, KC_LOG_WARN,
                 "is not masked: masks and hashes are for types of characters and enums. "
                 "column.exclude.list leaves it out");
    struct kc_schema *mapped = kc_schema_copy(schema);
    mapper_mark(column->mapper, &known, mapped);
    return mapped;
}

static struct kc_schema *make_value(const struct relation_maker *maker, struct relation *relation,
                                    const struct outline *outlines,
                                    const struct kc_schema *const *schemas)
{
    struct kc_schema *value = kc_schema_optional(kc_schema_new(KC_STRUCT), true);
    int fields = 0;
    for (size_t i = 0; i < relation->n_columns; i++) {
        struct relation_column *column = &relation->columns[i];
        if (!schemas[i] ||
            !captures_column(maker->captures, relation->schema, relation->name, column->name))
            continue;
        column->value_field = fields++;
        char *name =
            topic_name_field(column->name, (enum name_adjustment)maker->config->field_adjustment);
        const struct kc_schema *schema =
            mapped_schema(maker, relation, column, &outlines[i], schemas[i]);
        kc_schema_field(value, name, schema);
        kc_schema_unref(schema);
        free(name);
    }
    return value;
}

/* How post processors read rows again: which columns, found by which. */
static void mark_reselects(const struct relation_maker *maker, struct relation *relation,
                           const PGresult *names)
{
    const struct reselects *reselects = &maker->captures->reselects;
    if (!reselects->count)
        return;
    char *table = kc_printf("%s.%s", relation->schema, relation->name);
    for (size_t i = 0; i < relation->n_columns; i++)
        relation->columns[i].reselects = reselects_of(reselects, table, relation->columns[i].name);
    for (int i = 0; i < PQntuples(names); i++) {
        struct relation_column *column = find_column(relation, PQgetvalue(names, i, 0));
        if (column)
            column->primary = true;
    }
    free(table);
}

/* Values have the schema that stands in the table, and lives as long: that of the value, which its
 * mapper may have noted something in, or else the key's. */
static void bind_column(struct relation *relation, struct relation_column *column)
{
    const struct table *table = relation->table;
    if (column->value_field < 0 && column->key_field < 0)
        return;
    const struct kc_schema *schema = column->value_field >= 0
                                         ? table->value->fields[column->value_field].schema
                                         : table->key->fields[column->key_field].schema;
    types_bind(&column->use, schema);
    if (column->required)
        column->fallback = schema->has_default
                               ? schema->default_value
                               : types_missing(&column->use, &relation->table->arena);
}

static struct kc_error *build(const struct relation_maker *maker, struct relation *relation,
                              const struct outline *outlines, size_t count, bool gone)
{
    AUTO_RESULT *names = NULL;
    char *topic = NULL;
    struct kc_error *err = gone ? NULL : catalog_key(maker->catalog, relation->oid, &names);
    if (!err)
        err = topic_strategy_table(maker->topics, relation->schema, relation->name, &topic);
    if (err)
        return err;
    const struct kc_schema **schemas = kc_calloc(count + 1, sizeof(*schemas));
    relation->columns = kc_calloc(count + 1, sizeof(*relation->columns));
    for (size_t i = 0; i < count; i++)
        add_column(maker, relation, &outlines[i], &schemas[i]);
    err = catalog_failure(maker->catalog);
    if (!err) {
        struct kc_schema *value = make_value(maker, relation, outlines, schemas);
        struct kc_schema *key = make_key(maker, relation, outlines, names, gone, schemas);
        relation->table = make_table(maker, relation, topic, key, value);
        relation->captured = true;
        relation->signals =
            signals_is_table(maker->config, kc_text(relation->schema), kc_text(relation->name));
        mark_reselects(maker, relation, names);
        err = set_key_extra(maker, relation);
    } else {
        free(topic);
    }
    for (size_t i = 0; i < count && !err; i++)
        bind_column(relation, &relation->columns[i]);
    for (size_t i = 0; i < count; i++)
        kc_schema_unref(schemas[i]);
    free(schemas);
    return err;
}

static int find_row(const PGresult *columns, const char *name)
{
    for (int i = 0; i < PQntuples(columns); i++)
        if (strcmp(PQgetvalue(columns, i, COLUMN_NAME), name) == 0)
            return i;
    return -1;
}

struct kc_error *relation_from_stream(const struct relation_maker *maker,
                                      const struct pgoutput_change *message,
                                      const struct pgoutput_column *columns, size_t n_columns,
                                      struct relation **relation)
{
    struct relation *made = new_relation(message->relation, message->schema, message->name);
    *relation = made;
    if (!captures_table(maker->captures, maker->config, message->schema, message->name))
        return NULL;
    AUTO_RESULT *known = NULL;
    struct kc_error *err = catalog_columns(maker->catalog, message->relation, &known);
    if (!err) {
        struct outline *outlines = kc_calloc(n_columns + 1, sizeof(*outlines));
        for (size_t i = 0; i < n_columns; i++) {
            char *name = kc_strndup(columns[i].name.ptr, columns[i].name.len);
            int row = find_row(known, name);
            outlines[i] = (struct outline){
                .name = name,
                .type = columns[i].type,
                .typmod = columns[i].typmod,
                .identity = columns[i].key && message->identity == 'd',
                .required =
                    row >= 0 ? link_true(known, row, COLUMN_REQUIRED)
                             : PQntuples(known) == 0 && columns[i].key && message->identity == 'd',
                .expression = row >= 0 ? link_text(known, row, COLUMN_DEFAULT) : NULL,
                .dimensions = row >= 0 ? atoi(PQgetvalue(known, row, COLUMN_DIMENSIONS)) : 0,
            };
        }
        err = build(maker, made, outlines, n_columns, PQntuples(known) == 0);
        for (size_t i = 0; i < n_columns; i++)
            free((char *)outlines[i].name);
        free(outlines);
    }
    if (!err)
        return NULL;
    err = kc_while(err, "while reading the structure of table %s.%s", made->schema, made->name);
    relation_free(made);
    *relation = NULL;
    return err;
}

struct kc_error *relation_from_catalog(const struct relation_maker *maker, uint32_t oid,
                                       const char *schema, const char *name,
                                       struct relation **relation)
{
    AUTO_RESULT *known = NULL;
    struct kc_error *err = catalog_columns(maker->catalog, oid, &known);
    *relation = NULL;
    if (err)
        return err;
    struct relation *made = new_relation(oid, kc_text(schema), kc_text(name));
    size_t count = (size_t)PQntuples(known);
    struct outline *outlines = kc_calloc(count + 1, sizeof(*outlines));
    for (int i = 0; i < (int)count; i++)
        outlines[i] = (struct outline){
            .name = PQgetvalue(known, i, COLUMN_NAME),
            .type = (uint32_t)strtoul(PQgetvalue(known, i, COLUMN_TYPE), NULL, 10),
            .typmod = atoi(PQgetvalue(known, i, COLUMN_TYPMOD)),
            .required = link_true(known, i, COLUMN_REQUIRED),
            .expression = link_text(known, i, COLUMN_DEFAULT),
            .dimensions = atoi(PQgetvalue(known, i, COLUMN_DIMENSIONS)),
            .generated = *PQgetvalue(known, i, COLUMN_GENERATED) != 0,
        };
    err = build(maker, made, outlines, count, false);
    free(outlines);
    if (!err) {
        *relation = made;
        return NULL;
    }
    err = kc_while(err, "while reading the structure of table %s.%s", schema, name);
    relation_free(made);
    return err;
}
