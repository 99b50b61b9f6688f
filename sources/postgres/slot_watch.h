/* Looks every few seconds at what the server says of our slot and of the end of its WAL, and warns before
 * it gives the slot up. Nothing here waits: the question is sent at one call and its answer taken
 * at a later one; what fails is told once and tried again, and never fails the task.
 * Layer: source. Task thread. */
#ifndef PG_SLOT_WATCH_H
#define PG_SLOT_WATCH_H

#include "sources/postgres/lag.h"
#include "sources/postgres/link.h"

struct slot_watch {
    PGconn *asked; /* the connection with a question under way; NULL: none */
    PGresult *answer;
    int64_t due; /* monotonic ms */
    bool complained;
    struct slot_alarm alarm;
    /* What the server said last. */
    bool known;
    uint64_t end;                /* of its WAL */
    bool exists;                 /* the slot */
    uint64_t restart, confirmed; /* the slot's; 0: none */
    enum slot_health health;
    int64_t safe, keep; /* as slot_danger_of has them */
};

/* Asks on the first connection that is free (link_query and others go on using it), or takes the answer:
 * true when there is a new one. They may be NULL or busy, then nothing happens. */
bool slot_watch_serve(struct slot_watch *watch, PGconn *const conns[2], const char *slot);
/* Before a connection goes. What is known stays. */
void slot_watch_stop(struct slot_watch *watch);

#endif
