#include <stdlib.h>

#include "base/log.h"
#include "base/mailbox.h"
#include "sources/postgres/publication.h"
#include "sources/postgres/slot_state.h"
#include "sources/postgres/slot.h"
#include "sources/postgres/source.h"

static const struct pg_config *config_of(const struct pg_source *source)
{
    return source->base.config;
}

static struct kc_error *stored_position(struct pg_source *source, struct position *position)
{
    struct kc_arena arena;
    kc_arena_init(&arena, 0);
    struct kc_value partition = position_partition(&arena, config_of(source)->prefix);
    struct kc_value offset =
        kc_position_find(source->base.stored, source->base.n_stored, partition);
    position_read(offset, position);
    if (position->wishes)
        blocking_read(&source->blocking.wishes, kc_text(position->wishes));
    position->wishes = NULL;
    source->said = *position;
    transactions_read(&source->transactions, offset);
    struct kc_error *err = incremental_load(&source->incremental, offset);
    kc_arena_clear(&arena);
    return err;
}

/* Rows first? A finished snapshot, or a position in the stream, is not done again. */
static bool wants_snapshot(const struct pg_config *config, const struct position *stored)
{
    bool done = stored->known && !stored->resume && (!stored->in_snapshot || stored->completed);
    switch (config->snapshot_mode) {
    case SNAPSHOT_ALWAYS:
        return true;
    case SNAPSHOT_INITIAL:
    case SNAPSHOT_INITIAL_ONLY:
    case SNAPSHOT_WHEN_NEEDED:
        return !done;
    case SNAPSHOT_CONFIGURATION_BASED:
        return config->based_data && !done;
    default:
        return false;
    }
}

/* A snapshot that was cut short, and settings that want none now. */
static struct kc_error *check_unfinished(const struct pg_config *config,
                                         const struct position *stored)
{
    bool never = config->snapshot_mode == SNAPSHOT_NO_DATA ||
                 (config->snapshot_mode == SNAPSHOT_CONFIGURATION_BASED && !config->based_data &&
                  !config->based_schema);
    if (!never || !stored->known || !(stored->in_snapshot || stored->resume) || stored->completed)
        return NULL;
    return kc_fail_as(KC_FATAL, "io.debezium.DebeziumException",
                      "The connector previously stopped while taking a snapshot, but now the "
                      "connector is configured to never allow snapshots. Reconfigure the connector "
                      "to use snapshots initially or when needed.");
}

static bool wants_stream(const struct pg_config *config)
{
    return config->snapshot_mode == SNAPSHOT_CONFIGURATION_BASED
               ? config->based_stream
               : config->snapshot_mode != SNAPSHOT_INITIAL_ONLY;
}

/* ---- the slot ---- */

static struct kc_error *check_slot(const struct pg_config *config, const struct catalog_slot *slot)
{
    if (strcmp(slot->plugin, "pgoutput") == 0 && strcmp(slot->database, config->dbname) == 0)
        return NULL;
    return kc_while_as(
        kc_fail(KC_FATAL, "slot \"%s\" exists for database %s and plug-in %s", config->slot,
                slot->database, slot->plugin),
        "io.debezium.DebeziumException",
        "Creation of replication slot failed; when setting up multiple connectors for "
        "the same database host, please make sure to use a distinct replication slot "
        "name for each.");
}

/* A name for the slot that only lends its snapshot: it ends with the connection. */
static char *lending_slot(const struct pg_config *config)
{
    return kc_printf("%.50s_snapshot", config->slot);
}

/* Makes the slot, or borrows a snapshot where the slot is there but rows are wanted: both give the
 * place in the WAL at which snapshot and stream meet. */
static struct kc_error *make_slot(struct pg_source *source, bool exists, uint64_t *lsn,
                                  char **exported)
{
    const struct pg_config *config = config_of(source);
    char *point = NULL, *name = exists ? lending_slot(config) : kc_strdup(config->slot);
    struct kc_error *err = slot_create(source, name, exists, &point, exported);
    free(name);
    if (!err)
        *lsn = link_lsn(point);
    free(point);
    return err ? kc_while_as(err, "io.debezium.DebeziumException",
                             "Creation of replication slot failed")
               : NULL;
}

static struct kc_error *drop_lending_slot(struct pg_source *source)
{
    KC_AUTO_BUF sql = KC_BUF(0);
    char *name = lending_slot(config_of(source));
    kc_buf_str(&sql, "DROP_REPLICATION_SLOT ");
    link_put_identifier(&sql, name);
    free(name);
    return link_query(source->wal.conn, source->base.stop_fd, sql.data, NULL);
}

/* ---- the stream ---- */

/* A slot stays active for a moment after the connection that used it went away. */
static struct kc_error *wait_for_slot(struct pg_source *source, const char *user, int tries)
{
    const struct pg_config *config = config_of(source);
    if (tries >= config->slot_retries)
        return kc_fail(KC_FATAL,
                       "slot \"%s\" is in use by %s, and was at each of %d tries (slot.max.retries, "
                       "slot.retry.delay.ms). Give each connector a slot.name of its own; if the other "
                       "is a connection that hangs, end that process with pg_terminate_backend",
                       config->slot, user, tries + 1);
    if (tries == 0)
        kc_log_warn("postgres", "Slot \"%s\" is in use by %s; trying again %d times, every %lld ms",
                    config->slot, user, config->slot_retries, (long long)config->slot_retry_ms);
    if (kc_wait_stop(source->base.stop_fd,
                     config->slot_retry_ms > 0 ? (int)config->slot_retry_ms : 0))
        return kc_fail(KC_STOPPED, "stopped while waiting for slot %s", config->slot);
    return NULL;
}

struct kc_error *start_stream(struct pg_source *source, const struct position *from)
{
    const struct pg_config *config = config_of(source);
    struct kc_error *err;
    for (int tries = 0;; tries++) {
        err = wal_start(&source->wal, config, position_start(from), source->base.stop_fd);
        char *user = err && err->fault == KC_RETRY ? slot_state_user(&source->catalog) : NULL;
        if (!user)
            break;
        kc_error_free(err);
        err = wait_for_slot(source, user, tries);
        free(user);
        if (err && err->fault == KC_FATAL)
            return kc_while_as(err, "io.debezium.DebeziumException",
                               "Failed to start replication stream at LSN{%X/%X}; when setting up "
                               "multiple connectors for the same database host, please make sure to "
                               "use a distinct replication slot name for each.",
                               (unsigned)(position_start(from) >> 32),
                               (unsigned)position_start(from));
        if (err)
            return err;
    }
    if (err)
        return kc_while(err, "while starting to stream from slot %s", config->slot);
    stream_init(&source->stream, &source->maker, &source->envelope, &source->transactions,
                &source->messages, from);
    source->stream.source = source;
    if (!source->began)
        source->began = position_start(from);
    source->stream.events = &source->measure.events;
    source->phase = PHASE_STREAM;
    kc_log_info("postgres", "Streaming from slot \"%s\" at %X/%X", config->slot,
                (unsigned)(position_start(from) >> 32), (unsigned)position_start(from));
    return NULL;
}

/* ---- all together ---- */

static struct kc_error *start_snapshot(struct pg_source *source, const struct catalog_slot *slot)
{
    uint64_t lsn = 0;
    char *exported = NULL;
    struct kc_error *err = NULL;
    bool stream = wants_stream(config_of(source));
    if (kc_wait_stop(source->base.stop_fd, (int)config_of(source)->snapshot_delay_ms))
        return kc_fail(KC_STOPPED, "stopped before the snapshot");
    if (stream)
        err = make_slot(source, slot->exists, &lsn, &exported);
    if (!err)
        err = snapshot_begin(&source->snapshot, &source->maker, &source->envelope, exported, lsn);
    if (!err && stream && slot->exists)
        err = drop_lending_slot(source);
    free(exported);
    if (!err)
        source->phase = PHASE_SNAPSHOT;
    return err;
}

/* Not if the server forgot only what lies between the last event and the end of the last transaction
 * seen whole: nothing of ours is there. */
bool source_lost(const struct pg_config *config, const struct catalog_slot *slot,
                 const struct position *stored)
{
    if (!config->check_position || slot_is_trusted(config))
        return false;
    return stored->known && (!stored->in_snapshot || stored->completed) &&
           (!slot->exists ||
            (slot->restart_lsn > position_start(stored) && slot->restart_lsn > stored->lsn_commit));
}

/* Modes that read all rows again when the position is lost. */
static bool starts_over(const struct pg_config *config)
{
    return config->snapshot_mode == SNAPSHOT_WHEN_NEEDED ||
           (config->snapshot_mode == SNAPSHOT_CONFIGURATION_BASED && config->based_data_error);
}

/* Streamed from before, but nothing was stored yet, and the slot is gone: a new one would begin later. */
static struct kc_error *slot_vanished(const struct pg_source *source)
{
    return kc_fail_as(KC_FATAL, "io.debezium.DebeziumException",
                      "Slot \"%s\", which was streamed from since %X/%X, is not on the server any "
                      "more: changes since then can't be read. Restart the task to go on with a new "
                      "slot without them, or take a new snapshot.",
                      config_of(source)->slot, (unsigned)(source->began >> 32),
                      (unsigned)source->began);
}

static struct kc_error *start_at(struct pg_source *source, const struct catalog_slot *slot,
                                 struct position *stored)
{
    const struct pg_config *config = config_of(source);
    if (!slot->exists && !stored->known && source->began)
        return slot_vanished(source);
    if (source_lost(config, slot, stored))
        return kc_fail_as(KC_FATAL, "io.debezium.DebeziumException",
                          "The connector is trying to read change stream starting at %X/%X, but "
                          "slot \"%s\" %s. Reconfigure the connector to use a snapshot mode when "
                          "needed, or remove its offsets.",
                          (unsigned)(stored->lsn >> 32), (unsigned)stored->lsn, config->slot,
                          slot->exists ? "begins later" : "is not on the server any more");
    struct kc_error *err = slot_reconcile(source, slot, stored);
    if (!err && !slot->exists) {
        uint64_t lsn = 0;
        if (stored->known)
            kc_log_warn("postgres",
                        "Slot \"%s\" is not there any more, and is made anew: changes since the "
                        "stored position %X/%X don't come",
                        config->slot, (unsigned)(position_start(stored) >> 32),
                        (unsigned)position_start(stored));
        err = make_slot(source, false, &lsn, NULL);
        if (!stored->known)
            stored->lsn = lsn;
    }
    return err ? err : start_stream(source, stored);
}

/* guardrail.collections.max: are more tables captured than somebody thought? */
static struct kc_error *check_guardrail(struct pg_source *source)
{
    const struct pg_config *config = config_of(source);
    AUTO_RESULT *tables = NULL;
    int captured = 0;
    if (config->guardrail <= 0)
        return NULL;
    struct kc_error *err = catalog_tables(&source->catalog, &tables);
    for (int i = 0; !err && i < PQntuples(tables); i++)
        captured +=
            captures_table(&source->captures, config, kc_text(PQgetvalue(tables, i, TABLE_SCHEMA)),
                           kc_text(PQgetvalue(tables, i, TABLE_NAME)));
    if (err || captured <= config->guardrail)
        return err;
    err = kc_fail_as(KC_FATAL, "io.debezium.DebeziumException",
                     "Guardrail limit exceeded: %d tables/collections configured for capture, but "
                     "maximum allowed is %d.",
                     captured, config->guardrail);
    if (config->guardrail_action == GUARDRAIL_FAIL)
        return err;
    kc_log_warn("postgres", "%s", err->text);
    kc_error_free(err);
    return NULL;
}

/* Another server's WAL: the end, or where the mode says so the beginning of a new snapshot. */
static struct kc_error *check_identity(struct pg_source *source, const struct position *stored,
                                       bool *lost)
{
    struct kc_error *err = identity_check(&source->identity, source->wal.conn,
                                          source->base.stop_fd, config_of(source), stored);
    if (!err || err->fault != KC_FATAL || !starts_over(config_of(source)))
        return err;
    kc_log_warn("postgres", "%s With the snapshot mode set all rows are read anew.", err->text);
    kc_error_free(err);
    *lost = true;
    return NULL;
}

struct kc_error *start_source(struct pg_source *source)
{
    const struct pg_config *config = config_of(source);
    int stop_fd = source->base.stop_fd;
    struct position stored;
    struct catalog_slot slot = {0};
    struct kc_error *err = stored_position(source, &stored);
    bool stream = wants_stream(config), rows = wants_snapshot(config, &stored), lost = false;

    if (!err && rows && !stream && config->resumable)
        err = kc_fail(KC_BAD_CONFIG, "a resumable snapshot follows the change stream, and these settings "
                                     "want none (snapshot.mode). Leave snapshot.resumable out, or take "
                                     "another mode");
    if (!err)
        err = captures_init(&source->captures, config);
    if (!err)
        err = check_unfinished(config, &stored);
    if (!err)
        err = catalog_open(&source->catalog, config, stop_fd);
    if (!err)
        err = check_guardrail(source);
    if (!err && stream)
        err = publication_ensure(&source->catalog, &source->captures);
    if (!err && stream)
        err = publication_identities(&source->catalog, &source->captures);
    if (!err && stream)
        err = catalog_slot(&source->catalog, &slot);
    if (!err && stream && slot.exists)
        err = check_slot(config, &slot);
    if (!err && stream)
        err = slot_state_check(&source->catalog, &slot, &stored, starts_over(config), &lost);
    if (!err && stream)
        err = wal_open(&source->wal, config, stop_fd);
    if (!err && stream)
        err = check_identity(source, &stored, &lost);
    if (err)
        return err;
    source->wal.side = source->catalog.conn;
    lost = lost || source_lost(config, &slot, &stored);
    rows |= stream && starts_over(config) && lost;
    if (rows && config->resumable)
        return start_resumable(source, &slot, &stored, lost);
    if (rows)
        return start_snapshot(source, &slot);
    notify_snapshot(&source->notifications, "SKIPPED");
    if (stream)
        return start_at(source, &slot, &stored);
    source->phase = PHASE_IDLE;
    return NULL;
}
