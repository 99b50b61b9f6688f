#include "sources/postgres/slot_state.h"

#include <stdlib.h>

#include "base/log.h"

#define LSN(lsn) (unsigned)((lsn) >> 32), (unsigned)(lsn)

enum { STATE_STATUS, STATE_REASON, STATE_KEEP, STATE_END, STATE_STANDBY };

/* wal_status came with 13, conflicting with 16, invalidation_reason with 17. */
static const char *state_sql(int version)
{
    if (version < 130000)
        return "SELECT NULL, NULL, NULL, CASE WHEN pg_is_in_recovery() THEN"
               " pg_last_wal_replay_lsn() ELSE pg_current_wal_flush_lsn() END, pg_is_in_recovery()"
               " WHERE $1 <> ''";
#define STATE(reason)                                                                          \
    "SELECT s.wal_status, " reason ", current_setting('max_slot_wal_keep_size'),"              \
    " CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE"                        \
    " pg_current_wal_flush_lsn() END, pg_is_in_recovery() FROM (SELECT $1::text AS name) n"    \
    " LEFT JOIN pg_catalog.pg_replication_slots s ON s.slot_name = n.name"
    if (version < 160000)
        return STATE("NULL");
    if (version < 170000)
        return STATE("CASE WHEN s.conflicting THEN 'conflicting' END");
    return STATE("s.invalidation_reason");
#undef STATE
}

/* Why a server gives a slot up, and what keeps it from doing so again. */
static const struct {
    const char *reason, *text, *advice;
} reasons[] = {
    {"wal_removed", "it held back more WAL than max_slot_wal_keep_size allows",
     "raise max_slot_wal_keep_size"},
    {"rows_removed", "rows of the catalog that it needed were removed",
     "set hot_standby_feedback = on on the standby"},
    {"conflicting", "it conflicted with what the primary did",
     "set hot_standby_feedback = on on the standby"},
    {"wal_level_insufficient", "wal_level of the primary was lowered",
     "keep wal_level = logical there"},
    {"idle_timeout", "nothing read from it for longer than idle_replication_slot_timeout",
     "raise idle_replication_slot_timeout"},
};

static struct kc_error *invalid(const struct pg_config *config, const char *reason,
                                const char *keep)
{
    size_t i = 0;
    while (reason && i + 1 < KC_COUNT(reasons) && strcmp(reasons[i].reason, reason) != 0)
        i++;
    return kc_fail_as(
        KC_FATAL, "io.debezium.DebeziumException",
        "The server has invalidated slot \"%s\": %s (max_slot_wal_keep_size is %s). Changes that were "
        "not read before can't be read from it any more, so a new snapshot is needed. Drop the slot "
        "(SELECT pg_drop_replication_slot('%s')), %s, then set snapshot.mode=when_needed, or remove "
        "the connector's offsets, and restart it.",
        config->slot, reasons[i].text, keep ? keep : "not known", config->slot, reasons[i].advice);
}

static struct kc_error *drop_invalid(struct catalog *catalog, struct kc_error *why)
{
    kc_log_warn("postgres", "%s With the snapshot mode set it is dropped, and all rows are read anew.",
                why->text);
    kc_error_free(why);
    struct kc_error *err =
        link_ask(catalog->conn, catalog->stop_fd, NULL,
                 "SELECT pg_catalog.pg_drop_replication_slot($1)", catalog->config->slot, NULL);
    return err ? kc_while(err, "while dropping the invalidated slot %s", catalog->config->slot)
               : NULL;
}

/* Beyond the end of the server's WAL: to start there would skip all that comes until the server gets so
 * far. A standby may only be late. */
static struct kc_error *beyond(const struct pg_config *config, const struct position *stored,
                               uint64_t end, bool standby)
{
    if (standby)
        return kc_fail(KC_RETRY,
                       "the stored position %X/%X is beyond what this standby has replayed, %X/%X",
                       LSN(stored->lsn), LSN(end));
    return kc_fail_as(
        KC_FATAL, "io.debezium.DebeziumException",
        "The stored position %X/%X is beyond the end of the server's WAL, %X/%X: this is another server "
        "than the one that was read, or one restored from an older backup, or a standby that was promoted "
        "before it had everything. What it does from here on would be skipped, so a new snapshot is "
        "needed. Drop slot \"%s\", then set snapshot.mode=when_needed, or remove the connector's offsets, "
        "and restart it.",
        LSN(stored->lsn), LSN(end), config->slot);
}

struct kc_error *slot_state_check(struct catalog *catalog, struct catalog_slot *slot,
                                  const struct position *stored, bool start_over, bool *lost)
{
    AUTO_RESULT *result = NULL;
    struct kc_error *err =
        link_ask(catalog->conn, catalog->stop_fd, &result,
                 state_sql(PQserverVersion(catalog->conn)), catalog->config->slot, NULL);
    *lost = false;
    if (err)
        return kc_while(err, "while looking at slot %s", catalog->config->slot);
    const char *status = link_text(result, 0, STATE_STATUS);
    uint64_t end = link_lsn(link_text(result, 0, STATE_END));
    if (slot->exists && status && strcmp(status, "lost") == 0) {
        err = invalid(catalog->config, link_text(result, 0, STATE_REASON),
                      link_text(result, 0, STATE_KEEP));
        if (!start_over)
            return err;
        *lost = true;
        slot->exists = false;
        return drop_invalid(catalog, err);
    }
    if (!stored->known || stored->in_snapshot || !end || stored->lsn <= end)
        return NULL;
    err = beyond(catalog->config, stored, end, link_true(result, 0, STATE_STANDBY));
    if (!start_over || err->fault == KC_RETRY)
        return err;
    *lost = true;
    kc_log_warn("postgres", "%s With the snapshot mode set all rows are read anew.", err->text);
    kc_error_free(err);
    return NULL;
}

char *slot_state_user(struct catalog *catalog)
{
    AUTO_RESULT *result = NULL;
    struct kc_error *err = link_ask(
        catalog->conn, catalog->stop_fd, &result,
        "SELECT s.active_pid, coalesce(nullif(a.application_name, ''), 'unnamed'), coalesce("
        "a.usename, 'not known'), coalesce(host(a.client_addr), 'the server itself')"
        " FROM pg_catalog.pg_replication_slots s LEFT JOIN pg_catalog.pg_stat_activity a"
        " ON a.pid = s.active_pid WHERE s.slot_name = $1 AND s.active_pid IS NOT NULL",
        catalog->config->slot, NULL);
    bool found = !err && PQntuples(result) > 0;
    kc_error_free(err);
    return found ? kc_printf("process %s of the server (application %s, user %s, from %s)",
                             PQgetvalue(result, 0, 0), PQgetvalue(result, 0, 1),
                             PQgetvalue(result, 0, 2), PQgetvalue(result, 0, 3))
                 : NULL;
}

struct kc_error *slot_state_explain(const struct pg_config *config, struct kc_error *err,
                                    const char *state)
{
    /* The stream looks nothing up by name but publications. */
    if (strcmp(state, "42704") != 0)
        return err;
    return kc_while_as(
        err, "io.debezium.DebeziumException",
        "The stream needs publication \"%s\", which the server does not find. If it was dropped, make it "
        "again (CREATE PUBLICATION \"%s\" FOR ALL TABLES, or FOR TABLE ...) and restart the task. The "
        "server looks at each change with the catalog of its time: if the same error comes again, "
        "changes were made while there was no publication, and can't be read from slot \"%s\" any more. "
        "Then drop the slot and remove the connector's offsets, for a new snapshot.",
        config->publication, config->publication, config->slot);
}
