/* Is the server that answers now the one that was read from before? After a fail-over it is another, whose
 * WAL goes other ways from some position on.
 * Layer: source. Task thread. */
#ifndef PG_IDENTITY_H
#define PG_IDENTITY_H

#include "sources/postgres/link.h"
#include "sources/postgres/position.h"

/* What the task's last connection found; zeroed: there was none. */
struct identity {
    char system[24]; /* the cluster's number */
    uint32_t timeline;
};

/* Asks on a replication connection that does nothing else yet, and notes the answer. KC_FATAL when the stored
 * position, read from the server noted before, is none of this server's WAL. */
struct kc_error *identity_check(struct identity *identity, PGconn *conn, int stop_fd,
                                const struct pg_config *config,
                                const struct position *stored) KC_MUST_CHECK;
/* Where that timeline ends in the text of a history file (lines "TIMELINE LSN why"); 0: it is not in it. */
uint64_t identity_switch(const char *history, uint32_t timeline);

#endif
