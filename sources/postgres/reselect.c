#include "sources/postgres/reselect.h"

#include <stdlib.h>

#include "base/log.h"

/* Does the processor (a bit) want that cell? */
static bool wants(const struct reselect *reselect, unsigned bit,
                  const struct relation_column *column, const struct pgoutput_cell *cell,
                  const struct pgoutput_cell *old)
{
    bool missing = cell->kind == CELL_UNCHANGED && !(old && old->kind == CELL_TEXT);
    return column->value_field >= 0 && column->reselects & bit &&
           ((missing && reselect->missing) || (cell->kind == CELL_NULL && reselect->nulls));
}

/* WHERE its key columns are as in the row. False: the row has no such key. */
static bool put_where(struct kc_buf *sql, const struct relation *relation,
                      const struct pgoutput_tuple *row, bool event_key)
{
    const char *joint = " WHERE ";
    for (size_t i = 0; i < relation->n_columns; i++) {
        const struct relation_column *column = &relation->columns[i];
        if (event_key ? column->key_field < 0 : !column->primary)
            continue;
        if (row->cells[i].kind != CELL_TEXT)
            return false;
        kc_buf_str(sql, joint);
        link_put_identifier(sql, column->name);
        kc_buf_str(sql, " = ");
        char *text = kc_strndup(row->cells[i].text.ptr, row->cells[i].text.len);
        link_put_literal(sql, text);
        free(text);
        joint = " AND ";
    }
    return *joint == ' ' && joint[1] == 'A';
}

/* A row that is not there, or can't be read: the event goes as it came, or is at fault. */
static struct kc_error *not_found(const struct reselect *reselect, const struct relation *relation,
                                  struct kc_error *err)
{
    if (err && (err->fault == KC_STOPPED || err->fault == KC_RETRY))
        return err;
    static const char missing[] = "Failed to find row in table %s.%s to read columns again";
    static const char failed[] = "Failed to re-select columns for table %s.%s";
    if (reselect->fails)
        return err ? kc_while_as(err, "io.debezium.DebeziumException", failed, relation->schema,
                                 relation->name)
                   : kc_fail_as(KC_FATAL, "io.debezium.DebeziumException", missing,
                                relation->schema, relation->name);
    char *line = err ? kc_error_line(err) : NULL;
    if (err)
        kc_log_warn("postgres", "Failed to re-select columns for table %s.%s: %s", relation->schema,
                    relation->name, line);
    else
        kc_log_warn("postgres", missing, relation->schema, relation->name);
    free(line);
    kc_error_free(err);
    return NULL;
}

static void take(struct pgoutput_cell *cell, const PGresult *result, int column,
                 struct kc_arena *arena)
{
    if (PQgetisnull(result, 0, column)) {
        *cell = (struct pgoutput_cell){CELL_NULL, {0}};
        return;
    }
    size_t len = (size_t)PQgetlength(result, 0, column);
    *cell = (struct pgoutput_cell){CELL_TEXT,
                                   {kc_arena_text(arena, PQgetvalue(result, 0, column), len), len}};
}

static struct kc_error *apply(const struct relation_maker *maker, const struct reselect *reselect,
                              unsigned bit, const struct relation *relation,
                              struct pgoutput_tuple *row, const struct pgoutput_tuple *old,
                              struct kc_arena *arena)
{
    KC_AUTO_BUF sql = KC_BUF(0);
    size_t *columns = kc_alloc(arena, relation->n_columns * sizeof(*columns)), count = 0;
    for (size_t i = 0; i < relation->n_columns; i++) {
        if (!wants(reselect, bit, &relation->columns[i], &row->cells[i],
                   old ? &old->cells[i] : NULL))
            continue;
        kc_buf_str(&sql, count ? ", " : "SELECT ");
        link_put_identifier(&sql, relation->columns[i].name);
        columns[count++] = i;
    }
    if (!count)
        return NULL;
    kc_buf_str(&sql, " FROM ");
    link_put_identifier(&sql, relation->schema);
    kc_buf_char(&sql, '.');
    link_put_identifier(&sql, relation->name);
    if (!put_where(&sql, relation, row, reselect->event_key))
        return NULL;
    AUTO_RESULT *result = NULL;
    struct kc_error *err =
        link_query(maker->catalog->conn, maker->catalog->stop_fd, sql.data, &result);
    if (err || !PQntuples(result))
        return not_found(reselect, relation, err);
    for (size_t i = 0; i < count; i++)
        take(&row->cells[columns[i]], result, (int)i, arena);
    return NULL;
}

struct kc_error *reselect_row(const struct relation_maker *maker, const struct relation *relation,
                              struct pgoutput_tuple *row, const struct pgoutput_tuple *old,
                              struct kc_arena *arena)
{
    const struct reselects *reselects = &maker->captures->reselects;
    struct kc_error *err = NULL;
    if (!relation->table->key || relation->signals || row->count != relation->n_columns)
        return NULL;
    if (old && old->count != row->count)
        old = NULL;
    for (size_t i = 0; i < reselects->count && !err; i++)
        err = apply(maker, &reselects->items[i], 1u << i, relation, row, old, arena);
    return err;
}
