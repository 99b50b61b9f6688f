#include "sources/postgres/slot.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "sources/postgres/slot_wait.h"

static const struct pg_config *config_of(const struct pg_source *source)
{
    return source->base.config;
}

/* ---- making it ---- */

static bool ran_out_of_time(const struct kc_error *err)
{
    for (; err; err = err->cause)
        if (strstr(err->text, SLOT_TOO_LONG))
            return true;
    return false;
}

struct kc_error *slot_create(struct pg_source *source, const char *name, bool temporary,
                             char **point, char **exported)
{
    const struct pg_config *config = config_of(source);
    int stop_fd = source->base.stop_fd;
    for (int tries = 0;; tries++) {
        struct kc_error *err =
            wal_create_slot(&source->wal, config, name, temporary, stop_fd, point, exported);
        if (!ran_out_of_time(err))
            return err;
        if (tries >= config->slot_retries)
            return kc_while(err, "Creation of replication slot failed; query to create replication "
                                 "slot timed out, please make sure that there are no long running "
                                 "queries on the database.");
        kc_log_warn("postgres",
                    "Slot \"%s\" was not made within %lld s: a transaction must be open for that "
                    "long. Try %d of %d",
                    name, (long long)config->create_slot_s, tries + 1, config->slot_retries);
        kc_error_free(err);
        if (kc_wait_stop(stop_fd, config->slot_retry_ms > 0 ? (int)config->slot_retry_ms : 0))
            return kc_fail(KC_STOPPED, "stopped while making slot %s", name);
    }
}

/* ---- slot and position ---- */

enum { TRUST_SLOT = 1, TRUST_OFFSET = 2 };
static const unsigned trusts[] = {
    [MISMATCH_NO_VALIDATION] = 0,
    [MISMATCH_TRUST_OFFSET] = TRUST_OFFSET,
    [MISMATCH_TRUST_SLOT] = TRUST_SLOT,
    [MISMATCH_TRUST_GREATER] = TRUST_SLOT | TRUST_OFFSET,
};

static unsigned trust_of(const struct pg_config *config)
{
    /* The deprecated way to say trust_offset. */
    bool seek = config->seek_slot && config->mismatch == MISMATCH_NO_VALIDATION;
    return seek ? TRUST_OFFSET : trusts[config->mismatch];
}

bool slot_is_trusted(const struct pg_config *config)
{
    return trust_of(config) & TRUST_SLOT;
}

enum pg_flush_mode slot_flush_mode(const struct pg_config *config)
{
    if (config->flush_mode != FLUSH_UNSET)
        return (enum pg_flush_mode)config->flush_mode;
    return config->flush_source ? FLUSH_CONNECTOR : FLUSH_MANUAL;
}

#define LSN(lsn) (unsigned)((lsn) >> 32), (unsigned)(lsn)

/* The slot is ahead: what lies between is gone from the stream. */
static struct kc_error *slot_ahead(const struct pg_config *config, const struct catalog_slot *slot,
                                   struct position *stored)
{
    uint64_t from = position_start(stored), to = slot->confirmed_lsn;
    if (trust_of(config) == TRUST_OFFSET)
        return kc_fail_as(
            KC_FATAL, "io.debezium.DebeziumException",
            "Slot \"%s\" is at %X/%X, ahead of the stored position %X/%X: changes "
            "between the two are lost. With offset.mismatch.strategy=trust_offset the "
            "connector does not start then; take a new snapshot, or accept the loss "
            "with trust_slot.",
            config->slot, LSN(to), LSN(from));
    kc_log_warn("postgres",
                "Slot \"%s\" was moved beyond the stored position: changes between %X/%X and "
                "%X/%X don't come",
                config->slot, LSN(from), LSN(to));
    if (!slot_is_trusted(config))
        return NULL;
    stored->lsn = stored->lsn_proc = stored->lsn_commit = to;
    stored->message = "COMMIT";
    stored->events = 0;
    return NULL;
}

/* The slot is behind: it may forget what was stored long ago. What the server has against it is an
 * error as event.processing.failure.handling.mode says. */
static struct kc_error *advance_slot(struct pg_source *source, uint64_t lsn)
{
    const struct pg_config *config = config_of(source);
    AUTO_RESULT *result = NULL;
    char text[32];
    snprintf(text, sizeof(text), "%X/%X", LSN(lsn));
    kc_log_info("postgres", "Moving slot \"%s\" to the stored position %s", config->slot, text);
    struct kc_error *err = link_ask(source->catalog.conn, source->base.stop_fd, &result,
                                    "SELECT pg_catalog.pg_replication_slot_advance($1, $2::pg_lsn)",
                                    config->slot, text, NULL);
    if (!err || err->fault == KC_STOPPED)
        return err;
    err = kc_while_as(err, "io.debezium.DebeziumException",
                      "Cannot seek to the last known offset '%s' on replication slot '%s'", text,
                      config->slot);
    if (config->process_failure == FAILURE_FAIL)
        return err;
    char *line = kc_error_line(err);
    kc_log(config->process_failure == FAILURE_WARN ? KC_LOG_WARN : KC_LOG_DEBUG, "postgres", "%s",
           line);
    free(line);
    kc_error_free(err);
    return NULL;
}

struct kc_error *slot_reconcile(struct pg_source *source, const struct catalog_slot *slot,
                                struct position *stored)
{
    const struct pg_config *config = config_of(source);
    uint64_t safe = position_flushable(stored);
    if (!slot->exists || !stored->known)
        return NULL;
    if (slot->confirmed_lsn > position_start(stored) && slot->confirmed_lsn > stored->lsn_commit)
        return slot_flush_mode(config) == FLUSH_CONNECTOR_AND_DRIVER && !trust_of(config)
                   ? NULL /* moved while nothing of ours was there */
                   : slot_ahead(config, slot, stored);
    if ((trust_of(config) & TRUST_OFFSET) && slot_flush_mode(config) != FLUSH_MANUAL &&
        safe > slot->confirmed_lsn)
        return advance_slot(source, safe);
    return NULL;
}
