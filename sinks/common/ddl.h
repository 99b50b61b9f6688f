/* CREATE TABLE and ALTER TABLE from a layout.
 * Layer: sinks. Any thread. */
#ifndef SINKS_COMMON_DDL_H
#define SINKS_COMMON_DDL_H

#include "sinks/common/driver.h"

/* Appends the statement. KC_BAD_DATA for a field whose type has no place in the database. */
struct kc_error *jdbc_ddl_create(const struct jdbc_settings *settings,
                                 const struct jdbc_dialect *dialect,
                                 const struct jdbc_layout *layout,
                                 struct kc_buf *sql) KC_MUST_CHECK;
/* The same for the columns that have no target yet, starting at *next: for a dialect that adds one
 * column a statement call again until *next is layout->n_columns. */
struct kc_error *jdbc_ddl_add(const struct jdbc_settings *settings,
                              const struct jdbc_dialect *dialect, const struct jdbc_layout *layout,
                              size_t *next, struct kc_buf *sql) KC_MUST_CHECK;

#endif
