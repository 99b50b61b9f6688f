/* Which function answers which call: tables of rows, matched by path first, then by method.
 * Layer: rest. HTTP thread. */
#ifndef REST_ROUTER_H
#define REST_ROUTER_H

#include "rest/call.h"

struct route {
    const char *method;
    const char
        *pattern; /* "{c}" takes any segment, "{i}" one that is an int; the rest is literal */
    void (*handler)(struct rest_call *call);
    const char *summary; /* for the documentation */
    bool consumes;       /* a request body must be application/json */
};

/* Ended by a row without method. */
extern const struct route connector_routes[]; /* connectors.c */
extern const struct route plugin_routes[];    /* plugins.c */
extern const struct route logger_routes[];    /* loggers.c */
extern const struct route admin_routes[];     /* admin.c */

/* Answers a call, or leaves in it what to ask the herder. raw: the request target as it came. */
void router_serve(struct rest_call *call, const char *raw);
/* All of the above as a Markdown table. */
void router_markdown(struct kc_buf *buf);

#endif
