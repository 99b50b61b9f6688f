#include "sources/postgres/identity.h"

#include <stdlib.h>

#include "base/log.h"

#define LSN(lsn) (unsigned)((lsn) >> 32), (unsigned)(lsn)

uint64_t identity_switch(const char *history, uint32_t timeline)
{
    struct kc_text rest = kc_text(history), line;
    while (rest.ptr && kc_text_split(&rest, '\n', &line)) {
        char text[64];
        unsigned number, high, low;
        snprintf(text, sizeof(text), "%.*s", line.len < 60 ? (int)line.len : 60, line.ptr);
        if (sscanf(text, "%u %X/%X", &number, &high, &low) == 3 && number == timeline)
            return (uint64_t)high << 32 | low;
    }
    return 0;
}

/* Where the WAL of this server left that of the timeline noted before. */
static struct kc_error *ask_switch(PGconn *conn, int stop_fd, uint32_t before, uint32_t now,
                                   uint64_t *lsn)
{
    AUTO_RESULT *result = NULL;
    char sql[48];
    snprintf(sql, sizeof(sql), "TIMELINE_HISTORY %u", now);
    struct kc_error *err = link_query(conn, stop_fd, sql, &result);
    if (err)
        return kc_while(err, "while asking for the history of timeline %u", now);
    *lsn = identity_switch(PQgetvalue(result, 0, 1), before);
    return NULL;
}

static struct kc_error *other_way(const struct pg_config *config, const struct position *stored,
                                  uint64_t from)
{
    return kc_fail_as(
        KC_FATAL, "io.debezium.DebeziumException",
        "After a fail-over the server's WAL differs from %X/%X on from what was read before, up to "
        "%X/%X: the new server does not have those changes, which were sent, and what it has in their "
        "place would be skipped. So a new snapshot is needed: drop slot \"%s\", then set "
        "snapshot.mode=when_needed, or remove the connector's offsets, and restart it. Against this, "
        "name the standby's slot in synchronized_standby_slots (PostgreSQL 17).",
        LSN(from), LSN(stored->lsn), config->slot);
}

struct kc_error *identity_check(struct identity *identity, PGconn *conn, int stop_fd,
                                const struct pg_config *config, const struct position *stored)
{
    AUTO_RESULT *result = NULL;
    struct kc_error *err = link_query(conn, stop_fd, "IDENTIFY_SYSTEM", &result);
    if (err)
        return kc_while(err, "while asking the server who it is");
    struct identity before = *identity;
    snprintf(identity->system, sizeof(identity->system), "%s", PQgetvalue(result, 0, 0));
    identity->timeline = (uint32_t)strtoul(PQgetvalue(result, 0, 1), NULL, 10);
    if (!before.timeline || !stored->known || stored->in_snapshot)
        return NULL;
    if (strcmp(before.system, identity->system) != 0)
        return kc_fail_as(KC_FATAL, "io.debezium.DebeziumException",
                          "The server at %s:%d is another (system identifier %s) than the one that was "
                          "read before (%s): the stored position means nothing to it. Connect to the "
                          "other again, or remove the connector's offsets for a new snapshot.",
                          config->host, config->port, identity->system, before.system);
    if (before.timeline == identity->timeline)
        return NULL;
    uint64_t from = 0;
    err = ask_switch(conn, stop_fd, before.timeline, identity->timeline, &from);
    if (err)
        return err;
    kc_log_info("postgres", "The server is on timeline %u now, which left timeline %u at %X/%X",
                identity->timeline, before.timeline, LSN(from));
    return stored->lsn > from ? other_way(config, stored, from) : NULL;
}
