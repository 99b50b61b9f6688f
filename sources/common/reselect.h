/* Post processors of events. There is one:
 * io.debezium.processors.reselect.ReselectColumnsPostProcessor reads columns of a changed row again
 * that the change did not bring, since they are large and unchanged, or null. What the settings of
 * each say about a column; the reading is the database's. Layer: source. Constant once made; one
 * thread. */
#ifndef CDC_RESELECT_H
#define CDC_RESELECT_H

#include "config/option.h"
#include "sources/common/filter.h"

#define MOST_RESELECTS 8

struct reselects {
    struct reselect {
        struct filter include, exclude;
        bool missing;   /* reselect.unavailable.values */
        bool nulls;     /* reselect.null.values */
        bool event_key; /* rows are found by the key of the event, not by the primary key */
        bool fails;     /* reselect.error.handling.mode=fail */
    } items[MOST_RESELECTS];
    size_t count;
};

/* From post.processors and the settings of the processors. KC_BAD_CONFIG. Cleared in any case. */
struct kc_error *reselects_init(struct reselects *reselects,
                                const struct kc_named *named) KC_MUST_CHECK;
void reselects_clear(struct reselects *reselects);
/* The processors, as bits, that may read a column of "schema.table" again. */
unsigned reselects_of(const struct reselects *reselects, const char *table, const char *column);
/* For .check_with of post.processors: what is not supported, by name. */
char *reselects_check(const struct kc_option *option, const char *text,
                      const struct kc_props *props);

#endif
