/* Sorts the rows of a put into statements: rows of one table and one layout go together as far as
 * nothing could notice. Of several rows with one key only the last is written; rows of tables
 * that foreign keys tie together keep their order, and so do insertions and deletions where a key
 * may come twice. Layer: sinks. One thread (the task's). */
#ifndef SINKS_COMMON_SLOTS_H
#define SINKS_COMMON_SLOTS_H

#include "sinks/common/driver.h"

struct jdbc_rows {
    struct jdbc_row *items;
    size_t len, cap;
};

/* Deletions, then writes, of one table; no key is in both. */
struct jdbc_slot {
    struct jdbc_table *table;
    struct jdbc_layout *writes_layout, *deletes_layout; /* NULL: none of these yet */
    struct jdbc_rows writes, deletes;
    bool truncate;   /* empties the table; holds nothing else */
    uint32_t *index; /* open addressing over keys: row number * 2 + (1: a deletion), + 1 */
    size_t index_cap, index_len;
};

struct jdbc_slots {
    const struct jdbc_settings *settings;
    struct jdbc_slot *slots;
    size_t len, cap;
    struct jdbc_group *groups; /* what jdbc_slots_groups made */
    size_t n_groups, groups_cap;
};

void jdbc_slots_clear(struct jdbc_slots *slots);
/* Empty, for the next round; tables are told that they have no open slot. */
void jdbc_slots_reset(struct jdbc_slots *slots);
/* op JDBC_WRITE, JDBC_DELETE or JDBC_TRUNCATE; the layout's table says where. */
void jdbc_slots_add(struct jdbc_slots *slots, struct jdbc_layout *layout,
                    const struct jdbc_row *row);
/* The statements to run, in order; valid until the next call of any of these. */
const struct jdbc_group *jdbc_slots_groups(struct jdbc_slots *slots, size_t *count);

#endif
