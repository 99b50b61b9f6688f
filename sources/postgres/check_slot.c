/* Checks of the slot, and of what is stored of earlier runs against it. */
#include "sources/postgres/check.h"

#include <stdlib.h>

static void say_gone(struct probe *probe, const char *why)
{
    probe_say(probe, KC_ERROR, "slot.name",
              "Slot \"%s\" is lost: %s. Drop it with SELECT pg_drop_replication_slot('%s'); remove "
              "the connector's offsets and start with a snapshot.",
              probe->config->slot, why, probe->config->slot);
}

static void check_slot_state(struct probe *probe)
{
    const struct pg_config *config = probe->config;
    const PGresult *slot = probe->slot;
    const char *status = link_text(slot, 0, SLOT_STATUS), *reason = link_text(slot, 0, SLOT_REASON);
    const char *plugin = link_text(slot, 0, SLOT_PLUGIN), *pid = link_text(slot, 0, SLOT_PID);
    if (!plugin)
        probe_say(probe, KC_ERROR, "slot.name",
                  "Slot \"%s\" is a physical one, of a standby. Choose another slot.name.",
                  config->slot);
    else if (strcmp(plugin, "pgoutput") != 0 ||
             strcmp(PQgetvalue(slot, 0, SLOT_DATABASE), config->dbname) != 0)
        probe_say(probe, KC_ERROR, "slot.name",
                  "Slot \"%s\" is of plug-in %s in database %s. Choose another slot.name.",
                  config->slot, plugin, PQgetvalue(slot, 0, SLOT_DATABASE));
    else if (reason)
        say_gone(probe, reason);
    else if (status && strcmp(status, "lost") == 0)
        say_gone(probe, "the server has removed WAL that it needs");
    else if (status && strcmp(status, "unreserved") == 0)
        probe_say(probe, KC_WARN, "slot.name",
                  "Slot \"%s\" holds back %s of WAL, more than max_slot_wal_keep_size: the server may "
                  "give it up at its next checkpoint. Raise it now: ALTER SYSTEM SET "
                  "max_slot_wal_keep_size = '...'; SELECT pg_reload_conf();",
                  config->slot, PQgetvalue(slot, 0, SLOT_HELD));
    else if (pid)
        probe_say(probe, KC_WARN, "slot.name",
                  "Slot \"%s\" is in use by process %s. Only one connector can use it at a time.",
                  config->slot, pid);
    else
        probe_say(probe, KC_OK, "slot.name", "Slot \"%s\" is there and free; it holds back %s of WAL.",
                  config->slot, PQgetvalue(slot, 0, SLOT_HELD));
}

static void check_no_slot(struct probe *probe)
{
    probe_say(probe, KC_OK, "slot.name", "Slot \"%s\" will be made.", probe->config->slot);
}

/* ---- the stored offset ---- */

static bool read_stored(const struct probe *probe, struct position *stored)
{
    struct kc_arena arena;
    kc_arena_init(&arena, 0);
    struct kc_value partition = position_partition(&arena, probe->config->prefix);
    position_read(kc_position_find(probe->check->stored, probe->check->n_stored, partition), stored);
    kc_arena_clear(&arena);
    return stored->known;
}

#define LSN(lsn) (unsigned)((lsn) >> 32), (unsigned)(lsn)

static void say_lost(struct probe *probe, const struct catalog_slot *slot, uint64_t from)
{
    int mode = probe->config->snapshot_mode;
    bool again = mode == SNAPSHOT_WHEN_NEEDED || mode == SNAPSHOT_ALWAYS;
    probe_say(probe, again ? KC_WARN : KC_ERROR, "slot.name",
              "The stored offset ends at %X/%X, but slot \"%s\" %s: what happened in between is lost. %s",
              LSN(from), probe->config->slot,
              slot->exists ? "begins later" : "is not on the server any more",
              again ? "A new snapshot will be taken."
                    : "Remove the connector's offsets, or set snapshot.mode=when_needed, so that a new "
                      "snapshot is taken.");
}

static void check_stored(struct probe *probe)
{
    struct position stored;
    struct catalog_slot slot = {.exists = PQntuples(probe->slot) > 0};
    if (!read_stored(probe, &stored))
        return;
    if (slot.exists) {
        slot.restart_lsn = link_lsn(link_text(probe->slot, 0, SLOT_RESTART));
        slot.confirmed_lsn = link_lsn(link_text(probe->slot, 0, SLOT_CONFIRMED));
    }
    uint64_t from = position_start(&stored);
    if (stored.in_snapshot && !stored.completed)
        probe_say(probe, KC_OK, NULL, "The stored offset is of a snapshot that did not end.");
    else if (source_lost(probe->config, &slot, &stored))
        say_lost(probe, &slot, from);
    else if (slot.confirmed_lsn > from && slot.confirmed_lsn > stored.lsn_commit)
        probe_say(probe, KC_WARN, "slot.name",
                  "Slot \"%s\" was moved to %X/%X, beyond the stored offset %X/%X: changes in between "
                  "don't come.",
                  probe->config->slot, LSN(slot.confirmed_lsn), LSN(from));
    else
        probe_say(probe, KC_OK, NULL, "It goes on at %X/%X, where its stored offset ends.", LSN(from));
}

const struct check_row check_slot_rows[] = {
    {"The slot", STREAM | SLOT, 0, check_slot_state},
    {"The slot", STREAM | NO_SLOT, 0, check_no_slot},
    {"The stored offset", STREAM, 0, check_stored},
    {.look = NULL},
};
