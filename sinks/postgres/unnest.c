#include "sinks/postgres/unnest.h"

#include <stdlib.h>

#include "sinks/postgres/bind.h"

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
            err = kc_fail(
                KC_BAD_DATA,
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
