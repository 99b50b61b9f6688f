/* How a column's values become an array parameter: in PostgreSQL's binary form where the target's
 * type has one that is cheap to make, else as text that the statement casts. Layer: sinks. Any
 * thread. */
#ifndef SINKS_POSTGRES_BIND_H
#define SINKS_POSTGRES_BIND_H

#include "sinks/common/driver.h"

/* Appends the value in the element's form; false: it does not fit, which no other element should
 * suffer from. */
struct pg_bind {
    bool (*put)(const struct jdbc_column *column, struct kc_value value, struct kc_buf *buf);
    uint32_t element; /* type of the array's elements */
    uint32_t array;   /* type of the parameter */
    const char *array_name;
    const char *cast; /* what the element is cast to, lives as long as the target; NULL: nothing */
};

/* Finds the way from the column's schema to its target. KC_BAD_DATA names both. */
struct kc_error *pg_bind_find(const struct jdbc_column *column, struct pg_bind *bind) KC_MUST_CHECK;
/* Puts the values of that column of all rows into buf (emptied before) as one array. KC_BAD_DATA
 * with *culprit. */
struct kc_error *pg_bind_array(const struct pg_bind *bind, const struct jdbc_column *column,
                               const struct jdbc_row *rows, size_t n_rows, struct kc_buf *buf,
                               struct kc_record **culprit) KC_MUST_CHECK;
/* The type of a new column, and the literal of a default: jdbc_dialect's operations. */
bool pg_column_type(const struct jdbc_settings *settings, const struct kc_schema *schema, bool key,
                    struct kc_buf *sql);
bool pg_literal(const struct kc_schema *schema, struct kc_value value, struct kc_buf *sql);

#endif
