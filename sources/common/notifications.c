#include "sources/common/notifications.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/uuid.h"

#define MOST_PAIRS 16
#define INITIAL_SNAPSHOT "Initial Snapshot"

struct notification_member {
    char *name, *value;
};

struct notification {
    struct notification *next;
    char *id;
    const char *aggregate, *type; /* static */
    struct notification_member members[MOST_PAIRS];
    uint32_t n_members;
    int64_t time_ms;
};

enum value_field { VALUE_ID, VALUE_TYPE, VALUE_AGGREGATE, VALUE_DATA, VALUE_TIMESTAMP };

/* ---- settings ---- */

char *notifications_check(const struct kc_option *option, const char *text)
{
    struct kc_text rest = kc_text(text), piece;
    while (rest.ptr && kc_text_split(&rest, ',', &piece))
        if (kc_text_is(kc_text_trim(piece), "jmx"))
            return kc_printf("Invalid value %s for configuration %s: there is no channel jmx here. "
                             "Use sink, a topic, or log.",
                             text, option->name);
    return NULL;
}

char *notifications_check_topic(const struct kc_option *option, const char *text,
                                const struct kc_props *props)
{
    const char *channels = kc_props_get(props, "notification.enabled.channels");
    struct kc_text rest = kc_text(channels), piece;
    while (!text && rest.ptr && kc_text_split(&rest, ',', &piece))
        if (kc_text_is(kc_text_trim(piece), "sink"))
            return settings_invalid(option, "Notification topic name must be provided when kafka "
                                            "notification channel is enabled");
    return NULL;
}

static bool is_enabled(const struct notifications_config *config, const char *channel)
{
    for (size_t i = 0; i < config->enabled.len; i++)
        if (strcmp(config->enabled.items[i], channel) == 0)
            return true;
    return false;
}

/* ---- life ---- */

static const struct kc_schema *key_schema(void)
{
    struct kc_schema *schema = kc_schema_name(kc_schema_new(KC_STRUCT),
                                              "io.debezium.connector.common.NotificationKey");
    kc_schema_version(schema, 1);
    return kc_schema_field(schema, "id", kc_schema_of(KC_STRING, false));
}

static const struct kc_schema *value_schema(void)
{
    struct kc_schema *schema =
        kc_schema_name(kc_schema_new(KC_STRUCT), "io.debezium.connector.common.Notification");
    struct kc_schema *map = kc_schema_optional(kc_schema_new(KC_MAP), true);
    kc_schema_key(map, kc_schema_of(KC_STRING, false));
    kc_schema_element(map, kc_schema_of(KC_STRING, false));
    kc_schema_version(schema, 1);
    kc_schema_field(schema, "id", kc_schema_of(KC_STRING, false));
    kc_schema_field(schema, "type", kc_schema_of(KC_STRING, false));
    kc_schema_field(schema, "aggregate_type", kc_schema_of(KC_STRING, false));
    kc_schema_field(schema, "additional_data", map);
    kc_schema_unref(map);
    return kc_schema_field(schema, "timestamp", kc_schema_of(KC_INT64, false));
}

void notifications_init(struct notifications *notifications,
                        const struct notifications_config *config, const char *prefix)
{
    *notifications = (struct notifications){
        .topic = is_enabled(config, "sink") ? config->topic : NULL,
        .log = is_enabled(config, "log"),
        .connector = prefix,
    };
    for (size_t i = 0; i < config->enabled.len; i++)
        if (strcmp(config->enabled.items[i], "sink") != 0 &&
            strcmp(config->enabled.items[i], "log") != 0)
            kc_log_warn("notifications",
                        "notification.enabled.channels names \"%s\", which is no channel: there "
                        "are sink and log",
                        config->enabled.items[i]);
    if (!notifications->topic)
        return;
    notifications->key = key_schema();
    notifications->value = value_schema();
}

static void free_notification(struct notification *one)
{
    for (uint32_t i = 0; i < one->n_members; i++) {
        free(one->members[i].name);
        free(one->members[i].value);
    }
    free(one->id);
    free(one);
}

static struct notification *pop(struct notifications *notifications)
{
    struct notification *oldest = notifications->first;
    notifications->first = oldest->next;
    return oldest;
}

void notifications_clear(struct notifications *notifications)
{
    while (notifications->first)
        free_notification(pop(notifications));
    kc_schema_unref(notifications->key);
    kc_schema_unref(notifications->value);
    *notifications = (struct notifications){0};
}

/* ---- saying ---- */

/* Where java.util.HashMap keeps a key in a table of that size. */
static uint32_t java_bucket(const char *key, uint32_t size)
{
    uint32_t hash = 0;
    while (*key)
        hash = 31 * hash + (uint8_t)*key++;
    return (hash ^ hash >> 16) & (size - 1);
}

/* The table of a HashMap made from a map of `count` members, to which one more is added. */
static uint32_t java_table(uint32_t count)
{
    uint32_t size = 1;
    if (!count)
        return 16;
    while (size < count * 4 / 3 + 1)
        size *= 2;
    return count + 1 > size * 3 / 4 ? size * 2 : size;
}

/* Stable: members of one bucket stay as they were added. */
static void sort_members(struct notification *one, uint32_t size)
{
    for (uint32_t i = 1; i < one->n_members; i++) {
        struct notification_member member = one->members[i];
        uint32_t at = i;
        for (; at && java_bucket(one->members[at - 1].name, size) > java_bucket(member.name, size);
             at--)
            one->members[at] = one->members[at - 1];
        one->members[at] = member;
    }
}

static void log_it(const struct notification *one)
{
    KC_AUTO_BUF buf = KC_BUF(0);
    for (uint32_t i = 0; i < one->n_members; i++)
        kc_buf_printf(&buf, "%s%s=%s", i ? ", " : "", one->members[i].name, one->members[i].value);
    kc_log_info("notifications", "%s %s, id %s: %s", one->aggregate, one->type, one->id, buf.data);
}

void notifications_say(struct notifications *notifications, const char *id, const char *aggregate,
                       const char *type, const struct notification_pair *pairs)
{
    if (!notifications || (!notifications->topic && !notifications->log))
        return;
    struct notification *one = kc_calloc(1, sizeof(*one));
    char made[KC_UUID_SIZE];
    if (!id)
        kc_uuid(made);
    one->id = kc_strdup(id ? id : made);
    one->aggregate = aggregate;
    one->type = type;
    one->time_ms = kc_now_ms();
    for (; pairs && pairs->name && one->n_members < MOST_PAIRS - 1; pairs++)
        one->members[one->n_members++] =
            (struct notification_member){kc_strdup(pairs->name), kc_strdup(pairs->value)};
    uint32_t size = java_table(one->n_members);
    one->members[one->n_members++] = (struct notification_member){
        kc_strdup("connector_name"), kc_strdup(notifications->connector)};
    sort_members(one, size);
    if (notifications->log)
        log_it(one);
    if (!notifications->topic) {
        free_notification(one);
        return;
    }
    if (!notifications->first)
        notifications->last = &notifications->first;
    *notifications->last = one;
    notifications->last = &one->next;
}

bool notifications_wait(const struct notifications *notifications)
{
    return notifications->first != NULL;
}

/* ---- records ---- */

static struct kc_value text_value(struct kc_arena *arena, const char *text)
{
    size_t len = strlen(text);
    return kc_string(kc_arena_text(arena, text, len), len);
}

static void add_record(const struct notifications *notifications, struct kc_batch *batch,
                       const struct notification *one)
{
    struct kc_arena *arena = &batch->arena;
    struct kc_record *record = kc_batch_add(batch, notifications->topic);
    struct kc_entry *entries;
    record->key_schema = kc_schema_keep(arena, notifications->key);
    record->value_schema = kc_schema_keep(arena, notifications->value);
    record->key = kc_struct_new(arena, notifications->key);
    record->key.u.structure->field[0] = text_value(arena, one->id);
    record->value = kc_struct_new(arena, notifications->value);
    struct kc_value *fields = record->value.u.structure->field;
    fields[VALUE_ID] = record->key.u.structure->field[0];
    fields[VALUE_TYPE] = text_value(arena, one->type);
    fields[VALUE_AGGREGATE] = text_value(arena, one->aggregate);
    fields[VALUE_DATA] = kc_map_value_new(arena, one->n_members, &entries);
    for (uint32_t i = 0; i < one->n_members; i++)
        entries[i] = (struct kc_entry){text_value(arena, one->members[i].name),
                                       text_value(arena, one->members[i].value)};
    fields[VALUE_TIMESTAMP] = kc_integer(KC_INT64, one->time_ms);
}

void notifications_add(struct notifications *notifications, struct kc_batch *batch)
{
    while (notifications->first) {
        struct notification *one = pop(notifications);
        add_record(notifications, batch, one);
        free_notification(one);
    }
}

/* ---- snapshots of whole tables ---- */

void notify_snapshot(struct notifications *notifications, const char *type)
{
    notifications_say(notifications, NULL, INITIAL_SNAPSHOT, type, NULL);
}

void notify_tables(struct notifications *notifications, const char *tables)
{
    const struct notification_pair pairs[] = {{"data_collections", tables}, {NULL, NULL}};
    notifications_say(notifications, NULL, INITIAL_SNAPSHOT, "DATA_COLLECTIONS_RESOLVED", pairs);
}

void notify_table(struct notifications *notifications, const struct notify_part *part)
{
    const struct notification_pair pairs[] = {{"current_collection_in_progress", part->table},
                                              {"data_collections", part->tables},
                                              {NULL, NULL}};
    notifications_say(notifications, NULL, INITIAL_SNAPSHOT, "IN_PROGRESS", pairs);
}

struct numeral {
    char text[24];
};

static struct numeral numeral(int64_t number)
{
    struct numeral made;
    snprintf(made.text, sizeof(made.text), "%lld", (long long)number);
    return made;
}

void notify_piece(struct notifications *notifications, const struct notify_part *part)
{
    struct numeral index = numeral(part->piece), pieces = numeral(part->pieces);
    const struct notification_pair pairs[] = {{"current_collection_in_progress", part->table},
                                              {"chunk_index", index.text},
                                              {"total_chunks", pieces.text},
                                              {"data_collections", part->tables},
                                              {NULL, NULL}};
    notifications_say(notifications, NULL, INITIAL_SNAPSHOT, "TABLE_CHUNK_IN_PROGRESS", pairs);
}

void notify_piece_scanned(struct notifications *notifications, const struct notify_part *part,
                          int64_t rows)
{
    struct numeral index = numeral(part->piece), pieces = numeral(part->pieces),
                   count = numeral(rows);
    const struct notification_pair pairs[] = {{"scanned_collection", part->table},
                                              {"chunk_index", index.text},
                                              {"total_chunks", pieces.text},
                                              {"total_rows_scanned", count.text},
                                              {"data_collections", part->tables},
                                              {NULL, NULL}};
    notifications_say(notifications, NULL, INITIAL_SNAPSHOT, "TABLE_CHUNK_COMPLETED", pairs);
}

void notify_scanned(struct notifications *notifications, const struct notify_part *part,
                    int64_t rows)
{
    struct numeral count = numeral(rows);
    const struct notification_pair pairs[] = {{"scanned_collection", part->table},
                                              {"status", "SUCCEEDED"},
                                              {"total_rows_scanned", count.text},
                                              {"data_collections", part->tables},
                                              {NULL, NULL}};
    notifications_say(notifications, NULL, INITIAL_SNAPSHOT, "TABLE_SCAN_COMPLETED", pairs);
}

void notify_unreadable(struct notifications *notifications, const char *table)
{
    const struct notification_pair pairs[] = {
        {"scanned_collection", table}, {"status", "SQL_EXCEPTION"}, {NULL, NULL}};
    notifications_say(notifications, NULL, INITIAL_SNAPSHOT, "TABLE_SCAN_COMPLETED", pairs);
}
