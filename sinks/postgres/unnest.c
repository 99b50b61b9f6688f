#include "sinks/postgres/unnest.h"

#include <stdlib.h>

#include "sinks/postgres/bind.h"

/* What the driver keeps with a layout. */
struct unnest {
    size_t n;
    struct pg_bind *binds;
    Oid *types;
    char *sql;
};

/* ---- statements ---- */

static void unnest_free(void *compiled)
{
    struct unnest *unnest = compiled;

    if (!unnest)
        return;
    free(unnest->binds);
    free(unnest->types);
    free(unnest->sql);
    free(unnest);
}

static void unnest_name(const struct jdbc_column *column, struct kc_buf *sql)
{
    jdbc_quote(sql, '"', column->target->name);
}

/* The i-th column of the arrays, as the target takes it. */
static void unnest_item(const struct unnest *unnest, size_t i, struct kc_buf *sql)
{
    const char *cast = unnest->binds[i].cast;

    kc_buf_printf(sql, cast ? "u.c%zu::%s" : "u.c%zu", i + 1, cast);
}

static void unnest_from(const struct unnest *unnest, struct kc_buf *sql)
{
    kc_buf_str(sql, "unnest(");
    for (size_t i = 0; i < unnest->n; i++)
        kc_buf_printf(sql, "%s$%zu::%s", i ? ", " : "", i + 1, unnest->binds[i].array_name);
    kc_buf_str(sql, ") AS u(");
    for (size_t i = 0; i < unnest->n; i++)
        kc_buf_printf(sql, "%sc%zu", i ? ", " : "", i + 1);
    kc_buf_char(sql, ')');
}

/* Comparing is done in the column's own type: text would differ from char(n) by its blanks. */
static void unnest_where(const struct jdbc_layout *layout, struct kc_buf *sql)
{
    for (size_t i = 0; i < layout->n_keys; i++) {
        kc_buf_str(sql, i ? " AND t." : " WHERE t.");
        unnest_name(&layout->columns[i], sql);
        kc_buf_printf(sql, " = u.c%zu::%s", i + 1, layout->columns[i].target->cast);
    }
}

static void unnest_insert(const struct jdbc_layout *layout, const struct unnest *unnest,
                          enum jdbc_insert_mode mode, struct kc_buf *sql)
{
    bool numbered = false;

    kc_buf_printf(sql, "INSERT INTO %s (", layout->table->sql);
    for (size_t i = 0; i < layout->n_columns; i++) {
        kc_buf_str(sql, i ? ", " : "");
        unnest_name(&layout->columns[i], sql);
        numbered = numbered || layout->columns[i].target->identity;
    }
    kc_buf_str(sql, numbered ? ") OVERRIDING SYSTEM VALUE SELECT " : ") SELECT ");
    for (size_t i = 0; i < layout->n_columns; i++) {
        kc_buf_str(sql, i ? ", " : "");
        unnest_item(unnest, i, sql);
    }
    kc_buf_str(sql, " FROM ");
    unnest_from(unnest, sql);
    if (mode != JDBC_UPSERT)
        return;
    kc_buf_str(sql, " ON CONFLICT (");
    for (size_t i = 0; i < layout->n_keys; i++) {
        kc_buf_str(sql, i ? ", " : "");
        unnest_name(&layout->columns[i], sql);
    }
    kc_buf_str(sql, layout->n_columns > layout->n_keys ? ") DO UPDATE SET " : ") DO NOTHING");
    for (size_t i = layout->n_keys; i < layout->n_columns; i++) {
        kc_buf_str(sql, i > layout->n_keys ? ", " : "");
        unnest_name(&layout->columns[i], sql);
        kc_buf_str(sql, " = EXCLUDED.");
        unnest_name(&layout->columns[i], sql);
    }
}

static void unnest_update(const struct jdbc_layout *layout, const struct unnest *unnest,
                          struct kc_buf *sql)
{
    kc_buf_printf(sql, "UPDATE %s AS t SET ", layout->table->sql);
    for (size_t i = layout->n_keys; i < layout->n_columns; i++) {
        kc_buf_str(sql, i > layout->n_keys ? ", " : "");
        unnest_name(&layout->columns[i], sql);
        kc_buf_str(sql, " = ");
        unnest_item(unnest, i, sql);
    }
    kc_buf_str(sql, " FROM ");
    unnest_from(unnest, sql);
    unnest_where(layout, sql);
}

static void unnest_sql(enum jdbc_insert_mode mode, const struct jdbc_layout *layout,
                       const struct unnest *unnest, struct kc_buf *sql)
{
    if (layout->op == JDBC_TRUNCATE) {
        kc_buf_printf(sql, "TRUNCATE TABLE %s", layout->table->sql);
    } else if (layout->op == JDBC_DELETE) {
        kc_buf_printf(sql, "DELETE FROM %s AS t USING ", layout->table->sql);
        unnest_from(unnest, sql);
        unnest_where(layout, sql);
    } else if (mode != JDBC_UPDATE) {
        unnest_insert(layout, unnest, mode, sql);
    } else if (layout->n_columns == layout->n_keys) {
        kc_buf_str(sql, "SELECT"); /* a row of keys alone changes nothing */
    } else {
        unnest_update(layout, unnest, sql);
    }
}

struct kc_error *pg_compile(struct jdbc_conn *base, struct jdbc_layout *layout)
{
    struct unnest *unnest = kc_calloc(1, sizeof(*unnest));
    KC_AUTO_BUF sql = KC_BUF(0);
    struct kc_error *err = NULL;

    unnest_free(layout->compiled);
    layout->compiled = unnest;
    layout->free_compiled = unnest_free;
    unnest->n = layout->n_columns;
    unnest->binds = kc_calloc(unnest->n + 1, sizeof(*unnest->binds));
    unnest->types = kc_calloc(unnest->n + 1, sizeof(*unnest->types));
    for (size_t i = 0; !err && i < layout->n_columns; i++) {
        const struct jdbc_column *column = &layout->columns[i];
        if (column->target->computed)
            err = kc_fail(KC_BAD_DATA,
                          "column \"%s\" is computed by the database, field '%s' can't be written to it",
                          column->target->name, column->name);
        else
            err = pg_bind_find(column, &unnest->binds[i]);
        unnest->types[i] = unnest->binds[i].array;
    }
    if (err)
        return kc_while(err, "preparing to write to table '%s'", layout->table->full);
    unnest_sql(base->settings->config->insert_mode, layout, unnest, &sql);
    unnest->sql = kc_buf_take(&sql);
    return NULL;
}

/* ---- writing ---- */

static void unnest_room(struct pg_conn *conn, size_t n)
{
    if (n <= conn->n_params)
        return;
    conn->params = kc_realloc(conn->params, n * sizeof(*conn->params));
    for (size_t i = conn->n_params; i < n; i++)
        conn->params[i] = KC_BUF(0);
    conn->n_params = n;
}

static struct kc_error *unnest_send(struct pg_conn *conn, const struct jdbc_group *group)
{
    const struct unnest *unnest = group->layout->compiled;
    int n = group->op == JDBC_TRUNCATE ? 0 : (int)unnest->n;
    const char *values[n + 1];
    int lengths[n + 1], formats[n + 1];
    struct kc_error *err = NULL;

    unnest_room(conn, (size_t)n);
    for (int i = 0; !err && i < n; i++) {
        err = pg_bind_array(&unnest->binds[i], &group->layout->columns[i], group->rows, group->n_rows,
                            &conn->params[i], &conn->base.culprit);
        values[i] = conn->params[i].data;
        lengths[i] = (int)conn->params[i].len;
        formats[i] = 1;
    }
    if (err)
        return kc_while(err, "writing to table '%s'", group->layout->table->full);
    if (!PQsendQueryParams(conn->pg, unnest->sql, n, unnest->types, values, lengths, formats, 0) ||
        PQflush(conn->pg) < 0)
        return pg_lost(conn);
    return NULL;
}

/* Reads results up to the end of the pipeline; the first failure counts. */
static struct kc_error *unnest_finish(struct pg_conn *conn, const struct jdbc_group *groups, size_t count)
{
    struct kc_error *failed = NULL;
    PGresult *result;
    size_t at = 0;

    for (;;) {
        struct kc_error *err = pg_result(conn, &result);
        if (err) {
            kc_error_free(failed);
            return err;
        }
        if (!result) {
            at++;
            continue;
        }
        ExecStatusType status = PQresultStatus(result);
        if (status == PGRES_FATAL_ERROR && !failed) {
            failed = pg_fault(conn, result);
            if (at < count)
                failed = kc_while(failed, "writing to table '%s'", groups[at].layout->table->full);
        }
        PQclear(result);
        if (status == PGRES_PIPELINE_SYNC)
            return failed;
    }
}

/* Is the text longer than character(n) takes? A cast would cut it. */
static bool unnest_too_long(const struct jdbc_column *column, struct kc_value value)
{
    const char *bracket = strchr(column->target->type, '(');
    size_t chars = 0;

    if (value.kind != KC_STRING || !bracket || strncmp(column->target->type, "character", 9) != 0)
        return false;
    for (uint32_t i = 0; i < value.len; i++)
        chars += (value.u.text[i] & 0xC0) != 0x80;
    return chars > strtoul(bracket + 1, NULL, 10);
}

/* Does the column alone raise the error? */
static bool unnest_column_fails(struct pg_conn *conn, const struct jdbc_group *group, size_t i)
{
    const struct unnest *unnest = group->layout->compiled;
    const struct jdbc_column *column = &group->layout->columns[i];
    const char *value = conn->params[i].data, *cast = unnest->binds[i].cast;
    int length = (int)conn->params[i].len, format = 1;
    bool fails = false;
    PGresult *result;
    KC_AUTO_BUF sql = KC_BUF(0);

    if (unnest_too_long(column, jdbc_row_value(&group->rows[0], column)))
        return true;
    kc_buf_printf(&sql, cast ? "SELECT u.c::%s::%s" : "SELECT u.c%s::%s", cast ? cast : "",
                  column->target->type);
    kc_buf_printf(&sql, " FROM unnest($1::%s) AS u(c)", unnest->binds[i].array_name);
    if (!PQsendQueryParams(conn->pg, sql.data, 1, &unnest->types[i], &value, &length, &format, 0))
        return false;
    struct kc_error *err = pg_flush(conn);
    while (!err && !(err = pg_result(conn, &result)) && result) {
        fails = fails || PQresultStatus(result) == PGRES_FATAL_ERROR;
        PQclear(result);
    }
    kc_error_free(err);
    return fails;
}

/* The server names a column only where a constraint is; for a value it can't take we ask it once more, column
 * by column. */
static struct kc_error *unnest_name_column(struct pg_conn *conn, const struct jdbc_group *group,
                                           struct kc_error *err)
{
    const struct jdbc_layout *layout = group->layout;
    char named[sizeof(conn->column)];

    memcpy(named, conn->column, sizeof(named));
    for (size_t i = 0; i < layout->n_columns && !conn->base.broken; i++) {
        const struct jdbc_column *column = &layout->columns[i];
        if (named[0] ? strcmp(named, column->target->name) != 0 : !unnest_column_fails(conn, group, i))
            continue;
        return kc_while(err, "column \"%s\" of type %s, field '%s' (%s%s%s)", column->target->name,
                        column->target->type, column->name,
                        column->schema->name ? column->schema->name : "",
                        column->schema->name ? ", " : "", kc_kind_name(column->schema->kind));
    }
    return err;
}

/* Without BEGIN, all statements up to a Sync are one transaction:
 * https://www.postgresql.org/docs/15/protocol-flow.html#PROTOCOL-FLOW-PIPELINING */
struct kc_error *pg_write(struct jdbc_conn *base, const struct jdbc_group *groups, size_t count)
{
    struct pg_conn *conn = (struct pg_conn *)base;
    struct kc_error *failed = NULL, *err = NULL;

    base->stale = false;
    PQenterPipelineMode(conn->pg);
    for (size_t i = 0; !failed && i < count; i++)
        failed = unnest_send(conn, &groups[i]);
    if (base->broken)
        return failed;
    /* What was sent already must not stand. */
    if (failed && !PQsendQueryParams(conn->pg, "ROLLBACK", 0, NULL, NULL, NULL, NULL, 0))
        base->broken = true;
    if (!base->broken && !PQpipelineSync(conn->pg))
        base->broken = true;
    if (base->broken) {
        kc_error_free(failed);
        return pg_lost(conn);
    }
    err = pg_flush(conn);
    if (!err)
        err = unnest_finish(conn, groups, count);
    if (!base->broken)
        PQexitPipelineMode(conn->pg);
    if (failed && err && err->fault == KC_BAD_DATA) {
        kc_error_free(err);
        err = NULL;
    }
    if (failed && err) {
        kc_error_free(failed);
        return err;
    }
    if (!failed && err && err->fault == KC_BAD_DATA && !base->stale && count == 1 &&
        groups[0].n_rows == 1)
        return unnest_name_column(conn, &groups[0], err);
    return failed ? failed : err;
}
