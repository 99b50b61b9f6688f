/* Notifications: records and lines of the log that tell how snapshots go. They are made at any time and
 * wait for the next batch.
 * Layer: source. Task thread. */
#ifndef CDC_NOTIFICATIONS_H
#define CDC_NOTIFICATIONS_H

#include "data/record.h"
#include "sources/common/settings.h"

struct notifications_config {
    struct kc_list enabled;
    char *topic;
};

/* The rows of these settings; f: the field of the source's config that is a notifications_config. */
#define NOTIFICATIONS_OPTIONS(f, ...)                                                              \
    OPT_LIST("notification.enabled.channels", f.enabled, .check = notifications_check,             \
             .doc = "Where to tell how snapshots go: sink (a topic), log.", __VA_ARGS__),          \
    CDC_STRING("notification.sink.topic.name", f.topic, .check_with = notifications_check_topic,   \
               .doc = "Topic of the channel sink.", __VA_ARGS__)

/* Of notification.enabled.channels: refuses the channel that exists in the original alone. */
char *notifications_check(const struct kc_option *option, const char *text);
/* Of notification.sink.topic.name: the sink needs it. */
char *notifications_check_topic(const struct kc_option *option, const char *text,
                                const struct kc_props *props);

struct notification;

struct notifications {
    const char *topic; /* NULL: not to a topic */
    bool log;
    const char *connector; /* topic.prefix; borrowed */
    const struct kc_schema *key, *value;
    struct notification *first, **last;
};

/* Names channels that there are not in the log. config and prefix (topic.prefix) are borrowed. */
void notifications_init(struct notifications *notifications,
                        const struct notifications_config *config, const char *prefix);
void notifications_clear(struct notifications *notifications);

/* Text beside the type: NULL-named ends the list. */
struct notification_pair {
    const char *name, *value;
};

/* Says it. id: NULL for one made up. aggregate: what it is about, such as "Initial Snapshot". Members are
 * in the order in which the original's map has them. */
void notifications_say(struct notifications *notifications, const char *id, const char *aggregate,
                       const char *type, const struct notification_pair *pairs);
bool notifications_wait(const struct notifications *notifications);
/* Adds the records that wait. The notifications must outlive the batch. */
void notifications_add(struct notifications *notifications, struct kc_batch *batch);

/* ---- a snapshot of whole tables, initial or blocking ---- */

void notify_snapshot(struct notifications *notifications, const char *type); /* "STARTED" ... */
/* tables: the names of all, separated by commas. */
void notify_tables(struct notifications *notifications, const char *tables);

struct notify_part {
    const char *table, *tables; /* the one, and all */
    int64_t piece, pieces;      /* counted from 0; of a table that is read in several */
};
void notify_table(struct notifications *notifications, const struct notify_part *part);
void notify_piece(struct notifications *notifications, const struct notify_part *part);
void notify_piece_scanned(struct notifications *notifications, const struct notify_part *part,
                          int64_t rows);
void notify_scanned(struct notifications *notifications, const struct notify_part *part,
                    int64_t rows);
/* The table could not be read. */
void notify_unreadable(struct notifications *notifications, const char *table);

#endif
