/* Rows of a relation as values and keys, from the tuples of the stream and the lines of COPY. */
#include "sources/postgres/relation.h"

#include "base/log.h"
#include "sources/postgres/copyline.h"

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

struct kc_error *relation_split(const struct relation *relation, char *line, size_t len,
                                struct pgoutput_tuple *tuple)
{
    if (!copyline_split(line, len, tuple, copied_columns(relation)))
        return kc_fail(KC_FATAL, "a row of %s.%s has other columns than were asked for",
                       relation->schema, relation->name);
    spread(relation, tuple);
    return NULL;
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
    if (column->required && !column->use.optional && column->value_field >= 0)
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
    if (cell->kind == CELL_UNCHANGED) {
        *value = types_gone(&column->use, &maker->placeholder, arena);
        return value->kind != KC_NULL ? NULL
                                      : unreadable(relation, maker->config, column,
                                                   "did not come, since it was not changed and is "
                                                   "stored apart (TOAST), and no placeholder fits "
                                                   "its type: REPLICA IDENTITY FULL brings it");
    }
    if (column->required)
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
            got = mapper_apply(column->mapper, types_characters(&column->use),
                               column->source_length, got, arena);
        if (column->value_field >= 0)
            value->u.structure->field[column->value_field] = got;
    }
    return NULL;
}

struct kc_error *relation_read_line(const struct relation *relation,
                                    const struct relation_maker *maker, struct kc_text line,
                                    struct pgoutput_tuple *cells, struct kc_arena *arena,
                                    struct kc_value *value, struct kc_value *key)
{
    char *copy = kc_arena_text(arena, line.ptr, line.len);
    struct kc_error *err = relation_split(relation, copy, line.len, cells);
    return err ? err : relation_read(relation, maker, cells, NULL, arena, value, key);
}
