#include "sources/postgres/relation.h"

#include <stdlib.h>

#include "base/log.h"
#include "sources/common/topic_name.h"
#include "sources/postgres/copyline.h"
#include "sources/postgres/signals.h"

/* ---- which tables and columns ---- */

struct kc_error *captures_init(struct captures *captures, const struct pg_config *config)
{
    const struct {
        struct filter *filter;
        const char *text, *setting;
    } filters[] = {
        {&captures->schema_include, config->schema_include, "schema.include.list"},
        {&captures->schema_exclude, config->schema_exclude, "schema.exclude.list"},
        {&captures->table_include, config->table_include, "table.include.list"},
        {&captures->table_exclude, config->table_exclude, "table.exclude.list"},
        {&captures->column_include, config->column_include, "column.include.list"},
        {&captures->column_exclude, config->column_exclude, "column.exclude.list"},
    };
    for (size_t i = 0; i < KC_COUNT(filters); i++) {
        struct kc_error *err = filter_init(filters[i].filter, filters[i].text);
        if (err)
            return kc_while(err, "while reading %s", filters[i].setting);
    }
    struct kc_error *err = key_columns_init(&captures->keys, config->key_columns);
    if (!err)
        err = reselects_init(&captures->reselects, &config->post_processors);
    return err ? err
               : mappers_init(&captures->mappers,
                              &(struct mapper_settings){
                                  .truncate = &config->truncate,
                                  .mask = &config->mask,
                                  .hash = &config->hash,
                                  .propagate_columns = config->propagate_columns,
                                  .propagate_types = config->propagate_types,
                              });
}

void captures_clear(struct captures *captures)
{
    filter_clear(&captures->schema_include);
    filter_clear(&captures->schema_exclude);
    filter_clear(&captures->table_include);
    filter_clear(&captures->table_exclude);
    filter_clear(&captures->column_include);
    filter_clear(&captures->column_exclude);
    key_columns_clear(&captures->keys);
    reselects_clear(&captures->reselects);
    mappers_clear(&captures->mappers);
}

static bool is_builtin(struct kc_text schema, struct kc_text table)
{
    return kc_text_is(schema, "pg_catalog") || kc_text_is(schema, "information_schema") ||
           kc_text_starts(schema, "pg_temp") || kc_text_starts(schema, "pg_toast") ||
           kc_text_is(table, "spatial_ref_sys");
}

bool captures_table(const struct captures *captures, const struct pg_config *config,
                    struct kc_text schema, struct kc_text table)
{
    if (signals_is_table(config, schema, table))
        return true;
    if (config->ignore_builtin && is_builtin(schema, table))
        return false;
    if (!filter_allows(&captures->schema_include, &captures->schema_exclude, schema))
        return false;
    KC_AUTO_BUF full = KC_BUF(0);
    kc_buf_text(&full, schema);
    kc_buf_char(&full, '.');
    kc_buf_text(&full, table);
    return filter_allows(&captures->table_include, &captures->table_exclude,
                         (struct kc_text){full.data, full.len});
}

static bool captures_column(const struct captures *captures, const struct relation *relation,
                            const char *column)
{
    char *full = kc_printf("%s.%s.%s", relation->schema, relation->name, column);
    bool yes = filter_allows(&captures->column_include, &captures->column_exclude, kc_text(full));
    free(full);
    return yes;
}

/* ---- making ---- */

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
    bool required, identity;
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
        types_default(&column->use, outline->expression, column->required, &arena, &value))
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

/* What a reader of the topic should know of a column, said but once. */
static void log_column(const struct relation_maker *maker, const struct relation *relation,
                       const struct relation_column *column, int dimensions)
{
    const char *what = types_unknown(&column->use) ? types_loss(&column->use)
                       : dimensions > 1 ? "has several dimensions: its elements come in one list, "
                                          "row by row"
                                        : NULL;
    if (!what)
        return;
    struct type_source source;
    types_source(&column->use, &source);
    char *text = kc_printf("Column %s.%s.%s of type %s %s", relation->schema, relation->name,
                           column->name, source.name, what);
    if (catalog_first(maker->catalog, text))
        kc_log_info("postgres", "%s", text);
    free(text);
}

static void add_column(const struct relation_maker *maker, struct relation *relation,
                       const struct outline *outline, const struct kc_schema **schema)
{
    struct relation_column *column = &relation->columns[relation->n_columns++];
    *column = (struct relation_column){.name = kc_strdup(outline->name),
                                       .value_field = -1,
                                       .key_field = -1,
                                       .required = outline->required};
    types_resolve(&maker->catalog->types, &maker->config->modes, outline->type, outline->typmod,
                  &column->use);
    *schema = column->use.form ? column_schema(column, outline) : NULL;
    log_column(maker, relation, column, outline->dimensions);
}

/* The schema of a column in the value, with what its mapper notes in it. */
static const struct kc_schema *mapped_schema(const struct relation_maker *maker,
                                             const struct relation *relation,
                                             struct relation_column *column,
                                             const struct kc_schema *schema)
{
    struct type_source source;
    types_source(&column->use, &source);
    struct mapper_column known = {
        .database = maker->config->dbname,
        .schema = relation->schema,
        .table = relation->name,
        .name = column->name,
        .type = source.name,
        .length = column->use.length,
        .type_length = source.length,
        .type_scale = source.scale,
    };
    column->mapper = mappers_find(&maker->captures->mappers, &known);
    if (!column->mapper)
        return kc_schema_ref(schema);
    struct kc_schema *mapped = kc_schema_copy(schema);
    mapper_mark(column->mapper, &known, mapped);
    return mapped;
}

static struct kc_schema *make_value(const struct relation_maker *maker, struct relation *relation,
                                    const struct kc_schema *const *schemas)
{
    struct kc_schema *value = kc_schema_optional(kc_schema_new(KC_STRUCT), true);
    int fields = 0;
    for (size_t i = 0; i < relation->n_columns; i++) {
        struct relation_column *column = &relation->columns[i];
        if (!schemas[i] || !captures_column(maker->captures, relation, column->name))
            continue;
        column->value_field = fields++;
        char *name =
            topic_name_field(column->name, (enum name_adjustment)maker->config->field_adjustment);
        const struct kc_schema *schema = mapped_schema(maker, relation, column, schemas[i]);
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
        struct kc_schema *value = make_value(maker, relation, schemas);
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

/* ---- rows ---- */

static size_t copied_columns(const struct relation *relation)
{
    size_t count = 0;
    for (size_t i = 0; i < relation->n_columns; i++)
        count += relation->columns[i].copied;
    return count;
}

/* From the columns that were asked for to all that there are. */
static void spread(const struct relation *relation, struct pgoutput_tuple *tuple)
{
    size_t from = tuple->count;
    if (from == relation->n_columns)
        return;
    if (tuple->cap < relation->n_columns) {
        tuple->cells = kc_realloc(tuple->cells, relation->n_columns * sizeof(*tuple->cells));
        tuple->cap = relation->n_columns;
    }
    tuple->count = relation->n_columns;
    for (size_t i = relation->n_columns; i-- > 0;)
        tuple->cells[i] = relation->columns[i].copied ? tuple->cells[--from]
                                                      : (struct pgoutput_cell){CELL_NULL, {0}};
}

bool relation_split(const struct relation *relation, char *line, size_t len,
                    struct pgoutput_tuple *tuple)
{
    if (!copyline_split(line, len, tuple, copied_columns(relation)))
        return false;
    spread(relation, tuple);
    return true;
}

/* A value that can't be converted: fail, or null and a word in the log. */
static struct kc_error *unreadable(const struct relation *relation, const struct pg_config *config,
                                   const struct relation_column *column, const char *problem)
{
    static const char format[] = "Failed to properly convert data value for '%s.%s.%s' of type %s: "
                                 "the value %s";
    if (config->convert_failure == FAILURE_FAIL)
        return kc_fail_as(KC_FATAL, "io.debezium.DebeziumException", format, relation->schema,
                          relation->name, column->name, column->use.type_name, problem);
    if (column->required && column->value_field >= 0)
        return kc_fail_as(KC_FATAL, "org.apache.kafka.connect.errors.DataException",
                          "Invalid value: null used for required field: \"%s\", schema type: %s "
                          "(%s.%s, type %s: the value %s)",
                          column->name, kc_kind_name(column->use.form->kind), relation->schema,
                          relation->name, column->use.type_name, problem);
    kc_log(config->convert_failure == FAILURE_WARN ? KC_LOG_WARN : KC_LOG_DEBUG, "postgres", format,
           relation->schema, relation->name, column->name, column->use.type_name, problem);
    return NULL;
}

static struct kc_error *read_cell(const struct relation *relation,
                                  const struct relation_maker *maker,
                                  const struct relation_column *column,
                                  const struct pgoutput_cell *cell, const struct pgoutput_cell *old,
                                  struct kc_arena *arena, struct kc_value *value)
{
    *value = kc_null();
    if (cell->kind == CELL_UNCHANGED && old && old->kind == CELL_TEXT)
        cell = old;
    if (cell->kind == CELL_TEXT) {
        const char *problem = column->use.form->read(&column->use, cell->text, arena, value);
        if (!problem)
            return NULL;
        *value = kc_null();
        return unreadable(relation, maker->config, column, problem);
    }
    if (cell->kind == CELL_UNCHANGED)
        *value = types_gone(&column->use, &maker->placeholder, arena);
    if (value->kind == KC_NULL && column->required)
        *value = column->fallback;
    return NULL;
}

/* A value of a column that is mapped, in the key: mappers note nothing there. */
static struct kc_value key_value(const struct relation *relation,
                                 const struct relation_column *column, struct kc_value value,
                                 struct kc_arena *arena)
{
    if (!column->mapper || value.kind != KC_STRUCT)
        return value;
    const struct kc_schema *schema = relation->table->key->fields[column->key_field].schema;
    struct kc_value copy = kc_struct_new(arena, schema);
    memcpy(copy.u.structure->field, value.u.structure->field,
           schema->n_fields * sizeof(struct kc_value));
    return copy;
}

struct kc_error *relation_read(const struct relation *relation, const struct relation_maker *maker,
                               const struct pgoutput_tuple *tuple, const struct pgoutput_tuple *old,
                               struct kc_arena *arena, struct kc_value *value, struct kc_value *key)
{
    if (tuple->count != relation->n_columns)
        return kc_fail(KC_FATAL, "a row of %s.%s has %zu values for %zu columns", relation->schema,
                       relation->name, tuple->count, relation->n_columns);
    if (old && old->count != tuple->count)
        old = NULL;
    *value = kc_struct_new(arena, relation->table->value);
    *key = relation->table->key ? kc_struct_new(arena, relation->table->key) : kc_null();
    if (relation->key_extra.kind != KC_NULL)
        key->u.structure->field[relation->n_key] = relation->key_extra;
    for (size_t i = 0; i < relation->n_columns; i++) {
        const struct relation_column *column = &relation->columns[i];
        if (column->value_field < 0 && column->key_field < 0)
            continue;
        struct kc_value got;
        struct kc_error *err = read_cell(relation, maker, column, &tuple->cells[i],
                                         old ? &old->cells[i] : NULL, arena, &got);
        if (err)
            return err;
        if (column->key_field >= 0)
            key->u.structure->field[column->key_field] = key_value(relation, column, got, arena);
        if (column->mapper)
            got = mapper_apply(column->mapper, column->use.form->kind, column->use.length, got,
                               arena);
        if (column->value_field >= 0)
            value->u.structure->field[column->value_field] = got;
    }
    return NULL;
}
