/* Finding the row and the column that PostgreSQL does not take, from what was sent. */
#include <stdlib.h>

#include "sinks/postgres/send.h"

#define ARRAY_HEADER 20

/* ---- slices of arrays ---- */

static uint32_t settle_be32(const char *at)
{
    uint32_t number;

    memcpy(&number, at, sizeof(number));
    return __builtin_bswap32(number);
}

/* Elements [from, to) of a binary array as an array of their own. */
static void settle_slice(const struct kc_buf *array, size_t from, size_t to, struct kc_buf *slice)
{
    const char *at = array->data + ARRAY_HEADER, *start = at;

    for (size_t i = 0; i < to; i++) {
        uint32_t len = settle_be32(at);
        if (i == from)
            start = at;
        at += 4 + (len == UINT32_MAX ? 0 : len);
    }
    kc_buf_reset(slice);
    kc_buf_put(slice, array->data, 12);
    kc_buf_be32(slice, (uint32_t)(to - from));
    kc_buf_be32(slice, 1);
    kc_buf_put(slice, start, (size_t)(at - start));
}

static void settle_clear(struct pg_statement *part)
{
    for (size_t i = 0; i < part->n_params; i++)
        kc_buf_clear(&part->params[i]);
    free(part->params);
}

static struct pg_statement settle_part(const struct pg_statement *whole, size_t from, size_t to)
{
    const struct unnest *unnest = whole->layout->compiled;
    struct pg_statement part = { .layout = whole->layout,
                                 .n_params = unnest->n,
                                 .n_rows = to - from };

    part.places = whole->places + from;
    part.params = kc_calloc(unnest->n + 1, sizeof(*part.params));
    for (size_t i = 0; i < unnest->n; i++)
        settle_slice(&whole->params[i], from, to, &part.params[i]);
    return part;
}

/* ---- one statement by itself ---- */

static struct kc_error *settle_run(struct pg_conn *conn, const char *sql, int n, const Oid *types,
                                   const struct kc_buf *params)
{
    const char *values[n + 1];
    int lengths[n + 1], formats[n + 1];
    struct kc_error *err, *failed = NULL;
    PGresult *result;

    for (int i = 0; i < n; i++) {
        values[i] = params[i].data;
        lengths[i] = (int)params[i].len;
        formats[i] = 1;
    }
    if (!PQsendQueryParams(conn->pg, sql, n, types, values, lengths, formats, 0))
        return pg_lost(conn);
    err = pg_flush(conn);
    while (!err && !(err = pg_result(conn, &result)) && result) {
        if (PQresultStatus(result) == PGRES_FATAL_ERROR && !failed)
            failed = pg_fault(conn, result);
        PQclear(result);
    }
    if (!err)
        return failed;
    kc_error_free(failed);
    return err;
}

/* ---- the column ---- */

/* Is the text longer than character(n) takes? A cast would cut it. */
static bool settle_too_long(const struct jdbc_column *column, const struct kc_buf *array)
{
    const char *bracket = strchr(column->target->type, '('), *text = array->data + ARRAY_HEADER + 4;
    size_t chars = 0;

    if (!bracket || strncmp(column->target->type, "character", 9) != 0)
        return false;
    for (; text < array->data + array->len; text++)
        chars += (*text & 0xC0) != 0x80;
    return chars > strtoul(bracket + 1, NULL, 10);
}

/* Does the column alone raise an error? */
static bool settle_column_fails(struct pg_conn *conn, const struct pg_statement *one, size_t i)
{
    const struct unnest *unnest = one->layout->compiled;
    const struct jdbc_column *column = &one->layout->columns[i];
    const char *cast = unnest->binds[i].cast;
    KC_AUTO_BUF sql = KC_BUF(0);

    if (settle_too_long(column, &one->params[i]))
        return true;
    kc_buf_printf(&sql, "SELECT u.c%s%s::%s FROM unnest($1::%s) AS u(c)", cast ? "::" : "",
                  cast ? cast : "", column->target->type, unnest->binds[i].array_name);
    struct kc_error *err = settle_run(conn, sql.data, 1, &unnest->types[i], &one->params[i]);
    bool fails = err && err->fault == KC_BAD_DATA;
    kc_error_free(err);
    return fails;
}

/* The server names a column only where a constraint is; for a value it can't take we ask it once
 * more, column by column. */
struct kc_error *pg_name_column(struct pg_conn *conn, const struct pg_statement *one,
                                struct kc_error *err)
{
    const struct jdbc_layout *layout = one->layout;
    char named[sizeof(conn->column)];

    memcpy(named, conn->column, sizeof(named));
    for (size_t i = 0; i < layout->n_columns && !conn->base.broken; i++) {
        const struct jdbc_column *column = &layout->columns[i];
        if (named[0] ? strcmp(named, column->target->name) != 0
                     : !settle_column_fails(conn, one, i))
            continue;
        return kc_while(err, "column \"%s\" of type %s, field '%s' (%s%s%s)", column->target->name,
                        column->target->type, column->name,
                        column->schema->name ? column->schema->name : "",
                        column->schema->name ? ", " : "", kc_kind_name(column->schema->kind));
    }
    return err;
}

/* ---- the row ---- */

static struct kc_error *settle_rows(struct pg_conn *conn, const struct pg_statement *whole,
                                    size_t from, size_t to)
{
    const struct unnest *unnest = whole->layout->compiled;
    struct pg_statement part = settle_part(whole, from, to);
    struct kc_error *err =
        settle_run(conn, unnest->sql, (int)unnest->n, unnest->types, part.params);

    if (err && err->fault == KC_BAD_DATA && to - from == 1) {
        const struct pg_place *place = &whole->places[from];
        err = pg_name_column(conn, &part,
                             kc_while(err, "writing to table '%s'", whole->layout->table->full));
        err = kc_while(err, "record of topic %s, partition %d, offset %lld", place->topic,
                       (int)place->partition, (long long)place->offset);
    } else if (err && err->fault == KC_BAD_DATA) {
        size_t middle = from + (to - from) / 2;
        kc_error_free(err);
        err = settle_rows(conn, whole, from, middle);
        if (!err)
            err = settle_rows(conn, whole, middle, to);
    }
    settle_clear(&part);
    return err;
}

struct kc_error *pg_settle(struct jdbc_conn *base, struct jdbc_sent *sent)
{
    struct kc_error *err = NULL;

    for (size_t i = 0; !err && i < sent->count; i++)
        err = settle_rows((struct pg_conn *)base, &sent->statements[i], 0,
                          sent->statements[i].n_rows);
    return err;
}
