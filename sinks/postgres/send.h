/* Statements on their way: sent in one pipeline, which is one transaction, and kept until the
 * outcome is known. Layer: sinks. One thread uses a connection. */
#ifndef SINKS_POSTGRES_SEND_H
#define SINKS_POSTGRES_SEND_H

#include "sinks/postgres/unnest.h"

/* Where a row came from. */
struct pg_place {
    const char *topic;
    int64_t offset;
    int32_t partition;
};

struct pg_statement {
    struct jdbc_layout *layout; /* its unnest has the text */
    struct kc_buf *params;
    size_t n_params; /* allocated */
    struct pg_place *places;
    size_t n_rows, places_cap;
};

struct jdbc_sent {
    struct pg_statement *statements;
    size_t count, cap;
    struct kc_map topics; /* names that places borrow */
};

/* The driver's operations of these names. */
struct jdbc_sent *pg_sent_new(void);
void pg_sent_free(struct jdbc_sent *sent);
struct kc_error *pg_send(struct jdbc_conn *conn, struct jdbc_sent *sent,
                         const struct jdbc_group *groups, size_t count) KC_MUST_CHECK;
struct kc_error *pg_finish(struct jdbc_conn *conn, struct jdbc_sent *sent) KC_MUST_CHECK;
struct kc_error *pg_settle(struct jdbc_conn *conn, struct jdbc_sent *sent) KC_MUST_CHECK;

/* ---- settle.c ---- */

/* Puts ": column ..." around the error of a statement of one row, if it can be told which. Takes
 * the error. */
struct kc_error *pg_name_column(struct pg_conn *conn, const struct pg_statement *one,
                                struct kc_error *err) KC_MUST_CHECK;

#endif
