#include "sinks/common/ddl.h"

#include <stdlib.h>

static struct kc_error *ddl_column(const struct jdbc_settings *settings,
                                   const struct jdbc_dialect *dialect,
                                   const struct jdbc_column *column, struct kc_buf *sql)
{
    const struct kc_schema *schema = column->schema;

    jdbc_quote(sql, dialect->quote, column->name);
    kc_buf_char(sql, ' ');
    if (column->type.semantic == SEM_INSTANT && !kc_schema_is(schema, KC_TIMESTAMP_NAME)) {
        /* One of timestamp.fields.list. */
        struct kc_schema *instant = kc_schema_logical(KC_TIMESTAMP_NAME);
        dialect->column_type(settings, instant, column->key, sql);
        kc_schema_unref(instant);
    } else if (!dialect->column_type(settings, schema, column->key, sql)) {
        return kc_fail_as(
            KC_BAD_DATA, "org.apache.kafka.connect.errors.ConnectException",
            "field '%s': %s (%s) type doesn't have a mapping to the SQL database column "
            "type",
            column->name, schema->name ? schema->name : "null", kc_kind_name(schema->kind));
    }
    if (schema->has_default && schema->default_value.kind != KC_NULL && !column->key) {
        size_t before = sql->len;
        kc_buf_str(sql, " DEFAULT ");
        if (!dialect->literal(schema, schema->default_value, sql))
            sql->len = before;
    }
    kc_buf_str(sql, column->key || !schema->optional ? " NOT NULL" : " NULL");
    return NULL;
}

/* Where a column stands in a new table. Confluent's: the value's order, then the rest by name. */
static long ddl_rank(const struct jdbc_layout *layout, const struct jdbc_column *column)
{
    if (column->part == JDBC_TOPIC || column->part == JDBC_PARTITION || column->part == JDBC_OFFSET)
        return (long)column->part - 100;
    int at = layout->row_schema ? kc_schema_find(layout->row_schema, kc_text(column->name)) : -1;
    return at >= 0 ? at : 1 << 20;
}

struct ddl_place {
    long rank;
    const struct jdbc_column *column;
};

static int ddl_compare(const void *a, const void *b)
{
    const struct ddl_place *x = a, *y = b;

    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    return strcmp(x->column->name, y->column->name);
}

struct kc_error *jdbc_ddl_create(const struct jdbc_settings *settings,
                                 const struct jdbc_dialect *dialect,
                                 const struct jdbc_layout *layout, struct kc_buf *sql)
{
    struct ddl_place *places = kc_calloc(layout->n_columns, sizeof(*places));
    struct kc_error *err = NULL;

    for (size_t i = 0; i < layout->n_columns; i++) {
        places[i].column = &layout->columns[i];
        places[i].rank =
            settings->flavour == JDBC_DEBEZIUM ? (long)i : ddl_rank(layout, &layout->columns[i]);
    }
    qsort(places, layout->n_columns, sizeof(*places), ddl_compare);
    kc_buf_printf(sql, "CREATE TABLE %s (", layout->table->sql);
    for (size_t i = 0; !err && i < layout->n_columns; i++) {
        kc_buf_str(sql, i ? ",\n" : "\n");
        err = ddl_column(settings, dialect, places[i].column, sql);
    }
    for (size_t i = 0; i < layout->n_keys; i++) {
        kc_buf_str(sql, i ? "," : ",\nPRIMARY KEY(");
        jdbc_quote(sql, dialect->quote, layout->columns[i].name);
    }
    kc_buf_str(sql, layout->n_keys ? "))" : ")");
    free(places);
    return err;
}

struct kc_error *jdbc_ddl_add(const struct jdbc_settings *settings,
                              const struct jdbc_dialect *dialect, const struct jdbc_layout *layout,
                              size_t *next, struct kc_buf *sql)
{
    struct kc_error *err = NULL;
    bool any = false;

    kc_buf_printf(sql, "ALTER TABLE %s ", layout->table->sql);
    while (!err && *next < layout->n_columns) {
        const struct jdbc_column *column = &layout->columns[(*next)++];
        if (column->target)
            continue;
        kc_buf_str(sql, any ? ",\nADD " : "ADD ");
        err = ddl_column(settings, dialect, column, sql);
        any = true;
        if (!dialect->alters_many)
            break;
    }
    return err;
}
