/* Parameters of pgjdbc's URLs, and what becomes of them here.
 * Layer: sinks. Any thread. */
#ifndef SINKS_POSTGRES_PARAMS_H
#define SINKS_POSTGRES_PARAMS_H

#include "sinks/common/driver.h"

/* What a target comes to. Strings are the target's. */
struct pg_params {
    const char *keywords[32]; /* as PQconnectStartParams takes them */
    const char *values[32];
    int count;
    int connect_ms;    /* time for one attempt */
    int socket_ms;     /* -1: wait for ever */
    char *search_path; /* owned; NULL: the server's */
    char *time_zone;   /* owned, as PostgreSQL names it */
};

/* findings: what is wrong with the parameters. */
void pg_params_of(const struct jdbc_target *target, const char *time_zone, struct pg_params *params,
                  struct kc_findings *findings);
void pg_params_clear(struct pg_params *params);
/* A zone as Java names it (GMT+2, PST) by the name PostgreSQL has for it; to be freed. */
char *pg_zone(const char *java);

#endif
