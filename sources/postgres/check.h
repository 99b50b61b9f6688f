/* What the files of the check share. A check is a row of a table and a small function that looks at one
 * thing and says what it found, with what to do about it.
 * Layer: source. Any thread; a probe belongs to one. */
#ifndef PG_CHECK_H
#define PG_CHECK_H

#include "sources/postgres/relation.h"
#include "sources/postgres/source.h"

/* A table, view or partition of the database: a row of what check_tables_load asks. */
struct live_table {
    uint32_t oid;
    const char *schema, *name;
    char kind;         /* relkind: r, p, v, m, f */
    char identity;     /* relreplident: d, n, f, i */
    bool partition, unlogged, readable, has_primary, has_index, owned, hides_rows;
    bool published;
    const char *filter; /* of the publication's rows; NULL: none */
    bool captured;      /* by the settings; a partitioned table or its partitions, as they are published */
};

struct probe {
    const struct kc_check *check;
    const struct pg_config *config;
    struct catalog catalog;
    struct captures captures;
    int version;
    bool streams, reads_rows; /* what the settings ask for */
    bool standby;
    /* the user */
    bool superuser, replication, may_create;
    int connections; /* the user may have; -1: any number */
    PGresult *settings; /* of the session, by name: see probe_setting */
    PGresult *slot;     /* no rows: it is not there */
    PGresult *publication;
    PGresult *rows; /* owns the texts of: */
    struct live_table *tables;
    size_t n_tables, n_captured;
    size_t said; /* findings of the check at hand */
};

struct check_row {
    const char *what; /* for what could not be looked at */
    unsigned needs;   /* or-ed */
    int since;        /* server version; 0: any */
    void (*look)(struct probe *probe);
};
enum check_needs {
    STREAM = 1,          /* the settings ask for the change stream */
    ROWS = 2,            /* ... for a snapshot */
    SLOT = 4,            /* the slot is there */
    NO_SLOT = 8,
    PUBLICATION = 16,    /* the publication is there */
    NO_PUBLICATION = 32,
    PRIMARY = 64,        /* the server is no standby */
    STANDBY = 128,
};
/* Runs those rows, ended by one without look, that apply. */
void probe_run(struct probe *probe, const struct check_row *rows);

extern const struct check_row check_server_rows[], check_slot_rows[], check_publication_rows[],
    check_table_rows[];

/* A finding of the check at hand; of many that are alike the first twenty are told. setting may be
 * NULL. */
void probe_say(struct probe *probe, enum kc_severity severity, const char *setting,
               const char *format, ...) KC_PRINTF(4, 5);
/* The end of that check: how many were not told, which all are about `what`. */
void probe_close(struct probe *probe, const char *what);
/* One query with up to one parameter (NULL: none); NULL, and a finding, when it fails. */
PGresult *probe_ask(struct probe *probe, const char *what, const char *sql, const char *param);
/* The session's value of a server setting as a number in its own unit, or as text; -1 and NULL where
 * the server has none of that name. */
int64_t probe_number(const struct probe *probe, const char *setting);
const char *probe_text(const struct probe *probe, const char *setting);
/* A captured table in which nothing is wrong with kind and partitions: its rows are captured. */
bool probe_captures(const struct live_table *table);

/* The columns of the slot that the probe knows. */
enum { SLOT_PLUGIN, SLOT_DATABASE, SLOT_PID, SLOT_STATUS, SLOT_RESTART, SLOT_CONFIRMED, SLOT_FAILOVER,
       SLOT_REASON, SLOT_HELD };
enum { PUBLICATION_ALL, PUBLICATION_INSERT, PUBLICATION_ROOT = PUBLICATION_INSERT + 4,
       PUBLICATION_OWNED };

/* Advice for what a login was refused with, by the words of who refused it; NULL: none. */
const char *check_login_advice(const char *error);

#endif
