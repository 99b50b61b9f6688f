/* How far incremental snapshots have come: the tables that are still to be read, in their order, and
 * what of that is kept in the stored offset, in the original's form.
 * Layer: source. Task thread. */
#ifndef CDC_AGENDA_H
#define CDC_AGENDA_H

#include "base/error.h"
#include "data/value.h"
#include "sources/common/java_array.h"

struct agenda_table {
    char *id;          /* "schema.table" */
    char *condition;   /* in parentheses; NULL: none */
    char *surrogate;   /* column that orders the chunks; NULL: the key */
    char *correlation; /* id of the signal that asked for it; NULL: not known */
};

struct agenda {
    struct agenda_table *tables; /* the first is being read */
    size_t count, cap;
    char *correlation; /* of the latest request; NULL: none */
    int64_t rows;      /* of the first table, when it began; -1: not known */
    char *json;        /* of the tables, for the offset; NULL: to be made */
    char **stops;      /* patterns of tables that are to be left, once the chunk at hand is done */
    size_t n_stops, stops_cap;
    bool paused;
};

void agenda_clear(struct agenda *agenda);
static inline bool agenda_running(const struct agenda *agenda)
{
    return agenda->count > 0;
}
/* Another table at the end. Texts are copied; those that are NULL or empty are not there. */
void agenda_add(struct agenda *agenda, const char *id, const char *condition,
                  const char *surrogate, const char *correlation);
/* The first table is done or given up. */
void agenda_next(struct agenda *agenda);
/* Takes out each table of that id but the first; false if there was none. */
bool agenda_drop(struct agenda *agenda, const char *id);
/* Asks for a stop: `patterns` (copied), none for all. Does nothing while nothing runs. */
void agenda_stop(struct agenda *agenda, char *const *patterns, size_t count);
void agenda_forget_stops(struct agenda *agenda);

/* ---- in the stored offset ---- */

#define AGENDA_ENTRIES 5
/* Fills up to AGENDA_ENTRIES entries and gives their number: 0 while nothing runs. last: the key of
 * the last row that was sent; maximum: that of the last row there was; NULL: none yet. */
uint32_t agenda_write(struct agenda *agenda, const struct java_value *last, size_t n_last,
                        const struct java_value *maximum, size_t n_maximum, struct kc_arena *arena,
                        struct kc_entry *entries);
/* The other way round, into an empty agenda; keys are in the arena, NULL where there are none. Keys
 * that can't be read are left out, with a word in the log, so that the table is read again from its
 * beginning. KC_FATAL if the tables can't be read. */
struct kc_error *agenda_read(struct agenda *agenda, struct kc_value offset,
                               struct kc_arena *arena, struct java_value **last, size_t *n_last,
                               struct java_value **maximum, size_t *n_maximum) KC_MUST_CHECK;

#endif
