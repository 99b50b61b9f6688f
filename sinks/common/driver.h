/* What a database brings to the JDBC sink: its dialect (how names, types and literals are written)
 * and its driver (how statements get there). Another database is another struct jdbc_driver in a
 * folder beside this one, and a word in the list of sinks/jdbc.c. Layer: sinks. One thread (the
 * task's) uses a connection. */
#ifndef SINKS_COMMON_DRIVER_H
#define SINKS_COMMON_DRIVER_H

#include "sinks/common/layout.h"
#include "sinks/common/url.h"

struct jdbc_driver;
struct jdbc_sent; /* the driver's */

/* First member of a driver's own connection struct. */
struct jdbc_conn {
    const struct jdbc_driver *driver;
    const struct jdbc_settings *settings;
    int stop_fd;
    /* Set by the driver when an operation fails; both cleared by the caller. */
    struct kc_record *culprit; /* the record that can't be written, if that is known */
    bool stale;                /* a table is not as it was described */
    bool broken;               /* the connection is gone */
};

/* Rows of one table that go in one statement, in order, no key twice unless the mode is insert. */
struct jdbc_group {
    struct jdbc_layout *layout;
    enum jdbc_op op; /* JDBC_WRITE (by insert.mode), JDBC_DELETE, JDBC_TRUNCATE */
    const struct jdbc_row *rows;
    size_t n_rows;
};

struct jdbc_target {
    const struct jdbc_url *url;
    const struct kc_props *params; /* of the URL, and connection.* */
    const char *user, *password;   /* or NULL */
    const char *application;       /* how the connection may call itself */
};

struct jdbc_dialect {
    const char *name; /* as dialect.name has it */
    char quote;
    bool folds;       /* names without quotes are folded to lower case */
    bool alters_many; /* one ALTER TABLE may add several columns */
    /* Appends the type of a new column; false: the schema has no place in this database. */
    bool (*column_type)(const struct jdbc_settings *settings, const struct kc_schema *schema,
                        bool key, struct kc_buf *sql);
    /* Appends a value as a literal for DEFAULT; false: it has none. */
    bool (*literal)(const struct kc_schema *schema, struct kc_value value, struct kc_buf *sql);
};

/* Faults: KC_RETRY (connection lost, server busy, deadlock), KC_BAD_DATA (a row), KC_STOPPED, else
 * fatal. */
struct jdbc_driver {
    const char *const *subprotocols; /* ended by NULL */
    const struct jdbc_dialect *dialect;

    /* Adds what is wrong with URL and parameters; no connection is made. */
    void (*check_target)(const struct jdbc_target *target, struct kc_findings *findings);
    /* One attempt. *conn is new. */
    struct kc_error *(*connect)(const struct jdbc_target *target,
                                const struct jdbc_settings *settings, int stop_fd,
                                struct jdbc_conn **conn);
    void (*disconnect)(struct jdbc_conn *conn);
    /* Fills table->known, exists, kind, columns; adds to *related the full names (schema.name) of
     * the tables that foreign keys tie it to. */
    struct kc_error *(*describe)(struct jdbc_conn *conn, struct jdbc_table *table,
                                 struct kc_list *related);
    /* Runs one statement by itself (DDL). */
    struct kc_error *(*run)(struct jdbc_conn *conn, const char *sql);
    /* Finds how each column of the layout is sent to its target. KC_BAD_DATA names column and
     * types. */
    struct kc_error *(*compile)(struct jdbc_conn *conn, struct jdbc_layout *layout);
    /* Statements on their way, with all that is needed to send them again: it outlives the
     * connection. */
    struct jdbc_sent *(*sent_new)(void);
    void (*sent_free)(struct jdbc_sent *sent);
    /* Sends the groups, in order, as one transaction: all or nothing. When it fails nothing is on
     * its way; KC_BAD_DATA with conn->culprit for a row that can't be sent. */
    struct kc_error *(*send)(struct jdbc_conn *conn, struct jdbc_sent *sent,
                             const struct jdbc_group *groups, size_t count);
    /* Waits for what was sent. */
    struct kc_error *(*finish)(struct jdbc_conn *conn, struct jdbc_sent *sent);
    /* What was sent did not come to its end, or on another connection: writes it once more, bit by
     * bit, up to the row that can't be written, which KC_BAD_DATA names by topic, partition, offset
     * and column. Its records are gone, but not the layouts. NULL: the writer always waits. */
    struct kc_error *(*settle)(struct jdbc_conn *conn, struct jdbc_sent *sent);
    /* For `penstock check`: is the server one that this can work with? */
    void (*check_server)(struct jdbc_conn *conn, struct kc_findings *findings);
    /* And a table that was described: rights, and for an upsert that the keys (n_keys 0: not known)
     * are what the database holds unique. A table that is not there: may it be created? */
    void (*check_table)(struct jdbc_conn *conn, const struct jdbc_table *table,
                        const char *const *keys, size_t n_keys, struct kc_findings *findings);
};

#endif
