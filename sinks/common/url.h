/* A JDBC URL taken apart:
 * jdbc:SUBPROTOCOL://HOST[:PORT][,HOST[:PORT]...]/DATABASE[?NAME=VALUE&...], or
 * jdbc:SUBPROTOCOL:SUBNAME for databases that are files. Percent escapes are decoded. What the
 * parameters mean is the driver's business.
 * Layer: sinks. Any thread. */
#ifndef SINKS_COMMON_URL_H
#define SINKS_COMMON_URL_H

#include "base/error.h"
#include "config/props.h"

struct jdbc_url {
    char *subprotocol; /* "postgresql" */
    char *hosts;       /* "a,b", in order; NULL: none named */
    char *ports;       /* "5432,", one for each host, empty where none was given; NULL: none */
    char *database;    /* NULL: none; for a URL without "//" what stands after the subprotocol */
    struct kc_props params;
};

/* Fills a zeroed struct. KC_BAD_CONFIG; the text repeats no parameter's value, since passwords
 * stand in URLs too. */
struct kc_error *jdbc_url_parse(const char *text, struct jdbc_url *url) KC_MUST_CHECK;
void jdbc_url_clear(struct jdbc_url *url);

#endif
