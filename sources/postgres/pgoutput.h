/* The messages of pgoutput, PostgreSQL's own logical decoding plug-in, protocol 1:
 * bytes to a tagged struct. No I/O and no state but two arrays for the cells of
 * tuples, so it can be fuzzed; nothing outside this file knows the format
 * (PostgreSQL manual, "Logical Replication Message Formats").
 * Layer: source. One thread owns a decoder. */
#ifndef PG_PGOUTPUT_H
#define PG_PGOUTPUT_H

#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

enum pgoutput_kind {
    PGOUTPUT_BEGIN,
    PGOUTPUT_COMMIT,
    PGOUTPUT_ORIGIN,
    PGOUTPUT_RELATION,
    PGOUTPUT_TYPE,
    PGOUTPUT_INSERT,
    PGOUTPUT_UPDATE,
    PGOUTPUT_DELETE,
    PGOUTPUT_TRUNCATE,
    PGOUTPUT_MESSAGE,
};

enum pgoutput_cell_kind { CELL_TEXT, CELL_NULL, CELL_UNCHANGED };

/* A value of a column: a slice of the message. */
struct pgoutput_cell {
    enum pgoutput_cell_kind kind;
    struct kc_text text;
};

struct pgoutput_tuple {
    struct pgoutput_cell *cells;
    size_t count, cap;
};

struct pgoutput_column {
    struct kc_text name;
    uint32_t type;
    int32_t typmod;
    bool key; /* belongs to the replica identity */
};

/* What an old tuple holds. */
enum pgoutput_old { OLD_NONE, OLD_KEY, OLD_FULL };

struct pgoutput_change {
    enum pgoutput_kind kind;
    uint32_t relation; /* RELATION, INSERT, UPDATE, DELETE */
    /* BEGIN: the LSN of the commit record; COMMIT: `lsn` the same, `end_lsn` its end; ORIGIN: the
     * LSN at the origin; MESSAGE: its own. */
    uint64_t lsn, end_lsn;
    int64_t time_us;       /* BEGIN, COMMIT: of the commit, microseconds since 1970 */
    uint32_t xid;          /* BEGIN */
    enum pgoutput_old old; /* UPDATE, DELETE */
    /* RELATION: schema and table; ORIGIN: name; MESSAGE: prefix (in `name`) and content. */
    struct kc_text schema, name, content;
    char identity;            /* RELATION: d, n, f or i */
    bool transactional;       /* MESSAGE */
    uint8_t flags;            /* TRUNCATE: 1 cascade, 2 restart identity */
    const uint8_t *relations; /* TRUNCATE: see pgoutput_truncated */
    uint32_t n_relations;
};

/* A zeroed struct is ready. */
struct pgoutput {
    struct pgoutput_tuple old_row, new_row; /* of the last INSERT, UPDATE or DELETE */
    struct pgoutput_column *columns;        /* of the last RELATION */
    size_t n_columns, columns_cap;
};

void pgoutput_clear(struct pgoutput *decoder);
/* Reads one message whole. What the change and the tuples refer to lies in `message`. A torn,
 * overlong or unknown message is KC_FATAL: the stream can't be trusted after it. */
struct kc_error *pgoutput_decode(struct pgoutput *decoder, struct kc_text message,
                                 struct pgoutput_change *change) KC_MUST_CHECK;
/* Is it a BEGIN? Then of which transaction, and where its commit stands. */
bool pgoutput_begins(struct kc_text message, uint32_t *xid, uint64_t *commit_lsn);
/* The relation at that place of a TRUNCATE. */
uint32_t pgoutput_truncated(const struct pgoutput_change *change, uint32_t index);

#endif
