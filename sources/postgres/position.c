#include "sources/postgres/position.h"

#include "sources/common/blocking.h"

static const char *const messages[] = {"INSERT", "UPDATE", "DELETE",  "TRUNCATE",
                                       "BEGIN",  "COMMIT", "MESSAGE", "NOOP"};

#define MOST_ENTRIES 13
/* The one key of a resumable snapshot, which the original does not know. */
#define PROGRESS "penstock_snapshot"

static void put(struct kc_entry *entries, uint32_t *count, const char *key, struct kc_value value)
{
    entries[*count].key = kc_string(key, strlen(key));
    entries[(*count)++].value = value;
}

struct kc_value position_partition(struct kc_arena *arena, const char *prefix)
{
    struct kc_entry *entries;
    struct kc_value map = kc_map_value_new(arena, 1, &entries);
    uint32_t count = 0;
    put(entries, &count, "server", kc_string(prefix, strlen(prefix)));
    return map;
}

static struct kc_value number(uint64_t n)
{
    return kc_integer(KC_INT64, (int64_t)n);
}

struct kc_value position_write(const struct position *position,
                               const struct transactions *transactions, struct kc_arena *arena)
{
    struct kc_entry *entries;
    uint32_t more = transactions ? transactions_entries(transactions) : 0;
    struct kc_value map = kc_map_value_new(arena, MOST_ENTRIES + more, &entries);
    uint32_t n = 0;
    bool snapshot = position->in_snapshot || position->blocking || position->resume;
    if (snapshot)
        put(entries, &n, "last_snapshot_record", kc_bool(position->last_row));
    put(entries, &n, "lsn", number(position->lsn));
    if (position->lsn_proc)
        put(entries, &n, "lsn_proc", number(position->lsn_proc));
    if (position->lsn_commit)
        put(entries, &n, "lsn_commit", number(position->lsn_commit));
    if (position->tx_id >= 0)
        put(entries, &n, "txId", kc_integer(KC_INT64, position->tx_id));
    put(entries, &n, "ts_usec", kc_integer(KC_INT64, position->ts_us));
    if (position->xmin)
        put(entries, &n, "xmin", kc_integer(KC_INT64, position->xmin));
    if (position->message)
        put(entries, &n, "messageType", kc_string(position->message, strlen(position->message)));
    if (position->events > 0)
        put(entries, &n, "lsn_events_processed", kc_integer(KC_INT64, position->events));
    if (position->wishes) {
        size_t len = strlen(position->wishes);
        put(entries, &n, BLOCKING_KEY, kc_string(kc_arena_text(arena, position->wishes, len), len));
    }
    if (position->resume)
        put(entries, &n, PROGRESS, kc_string(position->resume, strlen(position->resume)));
    if (snapshot) {
        const char *kind = position->blocking ? "BLOCKING" : "INITIAL";
        put(entries, &n, "snapshot", kc_string(kind, strlen(kind)));
        put(entries, &n, "snapshot_completed", kc_bool(position->completed));
    }
    if (more)
        transactions_write(transactions, arena, entries + n);
    map.len = n + more;
    return map;
}

static int64_t number_of(struct kc_value map, const char *key, int64_t otherwise)
{
    struct kc_value value = kc_map_value_get(map, key);
    return value.kind >= KC_INT8 && value.kind <= KC_INT64 ? value.u.i : otherwise;
}

static bool true_of(struct kc_value map, const char *key)
{
    struct kc_value value = kc_map_value_get(map, key);
    return value.kind == KC_BOOLEAN && value.u.i;
}

static const char *message_of(struct kc_value map)
{
    struct kc_value value = kc_map_value_get(map, "messageType");
    for (size_t i = 0; value.kind == KC_STRING && i < KC_COUNT(messages); i++)
        if (kc_text_is(kc_value_text(value), messages[i]))
            return messages[i];
    return NULL;
}

void position_read(struct kc_value offset, struct position *position)
{
    *position = (struct position){.tx_id = -1};
    if (offset.kind != KC_MAP)
        return;
    position->known = true;
    position->lsn = (uint64_t)number_of(offset, "lsn", 0);
    position->lsn_proc = (uint64_t)number_of(offset, "lsn_proc", 0);
    position->lsn_commit = (uint64_t)number_of(offset, "lsn_commit", 0);
    position->tx_id = number_of(offset, "txId", -1);
    position->ts_us = number_of(offset, "ts_usec", 0);
    position->xmin = number_of(offset, "xmin", 0);
    position->events = number_of(offset, "lsn_events_processed", 0);
    position->message = message_of(offset);
    /* The original's older versions wrote snapshot=true. */
    struct kc_value snapshot = kc_map_value_get(offset, "snapshot");
    struct kc_value wishes = kc_map_value_get(offset, BLOCKING_KEY);
    struct kc_value progress = kc_map_value_get(offset, PROGRESS);
    if (wishes.kind == KC_STRING)
        position->wishes = kc_value_text(wishes).ptr;
    if (progress.kind == KC_STRING)
        position->resume = kc_value_text(progress).ptr;
    /* Beside these the stream went on, and goes on now. */
    if (snapshot.kind == KC_STRING && (kc_text_is(kc_value_text(snapshot), "BLOCKING") ||
                                       kc_text_is(kc_value_text(snapshot), "INCREMENTAL")))
        return;
    position->in_snapshot = !position->resume && snapshot.kind != KC_NULL;
    position->last_row = true_of(offset, "last_snapshot_record");
    position->completed = true_of(offset, "snapshot_completed");
}

uint64_t position_start(const struct position *position)
{
    return position->lsn_proc ? position->lsn_proc : position->lsn;
}

uint64_t position_flushable(const struct position *position)
{
    if (position->in_snapshot)
        return 0;
    return position->lsn_commit ? position->lsn_commit : position->lsn_proc;
}

bool position_transaction_done(const struct position *stored, uint64_t commit_lsn)
{
    return stored->known && !stored->in_snapshot && stored->lsn_commit &&
           commit_lsn < stored->lsn_commit;
}

bool position_transaction_begun(const struct position *stored, uint32_t xid)
{
    bool within = stored->message && strcmp(stored->message, "COMMIT") != 0;
    return stored->known && !stored->in_snapshot && within && stored->tx_id >= 0 &&
           (uint32_t)stored->tx_id == xid;
}

bool position_event_done(const struct position *stored, uint64_t lsn, int64_t seen)
{
    if (lsn != stored->lsn)
        return lsn < stored->lsn;
    /* A BEGIN has the position of the first event, which is not done then. */
    bool begin = stored->message && strcmp(stored->message, "BEGIN") == 0;
    return seen < (stored->events > 0 ? stored->events : !begin);
}
