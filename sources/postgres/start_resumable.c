/* The start of a source that takes a resumable snapshot: a place in the stream first, and the chunks
 * beside it. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "sources/postgres/slot.h"
#include "sources/postgres/source.h"

/* The beginning of the slot, which is made if need be. */
static struct kc_error *first_place(struct pg_source *source, const struct catalog_slot *slot,
                                    struct position *position)
{
    const struct pg_config *config = source->base.config;
    uint64_t lsn = slot->confirmed_lsn;
    char *point = NULL;
    if (!slot->exists) {
        struct kc_error *err = slot_create(source, config->slot, false, &point, NULL);
        if (err)
            return kc_while_as(err, "io.debezium.DebeziumException",
                               "Creation of replication slot failed");
        lsn = link_lsn(point);
        free(point);
    }
    *position = (struct position){
        .known = true,
        .lsn = lsn,
        .lsn_proc = lsn,
        .lsn_commit = lsn,
        .tx_id = -1,
        .ts_us = kc_now_us(),
        .message = "COMMIT",
    };
    return NULL;
}

struct kc_error *start_resumable(struct pg_source *source, const struct catalog_slot *slot,
                                 struct position *stored, bool lost)
{
    const struct pg_config *config = source->base.config;
    /* A position in the stream is gone on from, whether rows are read for the first time or again. */
    bool goes_on = stored->known && !stored->in_snapshot && slot->exists && !lost;
    const char *text = goes_on ? stored->resume : NULL;
    if (stored->resume && !goes_on)
        kc_log_warn("postgres", "The snapshot can't go on, for the slot \"%s\" does not hold its place "
                                "in the stream any more: it begins again", config->slot);
    if (!text && kc_wait_stop(source->base.stop_fd, (int)config->snapshot_delay_ms))
        return kc_fail(KC_STOPPED, "stopped before the snapshot");
    struct kc_error *err = goes_on ? slot_reconcile(source, slot, stored)
                                   : first_place(source, slot, stored);
    if (!err)
        err = resumable_begin(&source->resumable, &source->maker, &source->envelope, text);
    stored->resume = NULL;
    if (!err)
        err = start_stream(source, stored);
    source->stream.sent = *stored;
    source->follows_chunks = true;
    return err;
}
