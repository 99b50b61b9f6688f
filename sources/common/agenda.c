#include "sources/common/agenda.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/log.h"

#define MOST_TABLES 100000

static const char last_entry[] = "incremental_snapshot_primary_key";
static const char maximum_entry[] = "incremental_snapshot_maximum_key";
static const char tables_entry[] = "incremental_snapshot_collections";
static const char rows_entry[] = "incremental_snapshot_total_rows";
static const char correlation_entry[] = "incremental_snapshot_correlation_id";
static const char id_member[] = "incremental_snapshot_collections_id";
static const char condition_member[] = "incremental_snapshot_collections_additional_condition";
static const char surrogate_member[] = "incremental_snapshot_collections_surrogate_key";
static const char table_correlation_member[] = "incremental_snapshot_collections_correlation_id";

/* ---- tables ---- */

static void clear_table(struct agenda_table *table)
{
    free(table->id);
    free(table->condition);
    free(table->surrogate);
    free(table->correlation);
}

static void changed(struct agenda *agenda)
{
    free(agenda->json);
    agenda->json = NULL;
}

void agenda_clear(struct agenda *agenda)
{
    for (size_t i = 0; i < agenda->count; i++)
        clear_table(&agenda->tables[i]);
    agenda_forget_stops(agenda);
    free(agenda->tables);
    free(agenda->stops);
    free(agenda->correlation);
    free(agenda->json);
    *agenda = (struct agenda){0};
}

static char *copy(const char *text)
{
    return text && *text ? kc_strdup(text) : NULL;
}

void agenda_add(struct agenda *agenda, const char *id, const char *condition,
                  const char *surrogate, const char *correlation)
{
    agenda->tables =
        kc_grow(agenda->tables, agenda->count, &agenda->cap, sizeof(*agenda->tables));
    agenda->tables[agenda->count++] =
        (struct agenda_table){kc_strdup(id), copy(condition), copy(surrogate), copy(correlation)};
    changed(agenda);
}

static void take_out(struct agenda *agenda, size_t at)
{
    clear_table(&agenda->tables[at]);
    agenda->count--;
    memmove(agenda->tables + at, agenda->tables + at + 1,
            (agenda->count - at) * sizeof(*agenda->tables));
    changed(agenda);
}

void agenda_next(struct agenda *agenda)
{
    if (agenda->count)
        take_out(agenda, 0);
    if (agenda->count)
        return;
    free(agenda->correlation);
    agenda->correlation = NULL;
}

bool agenda_drop(struct agenda *agenda, const char *id)
{
    bool found = false;
    for (size_t i = agenda->count; i-- > 1;) {
        if (strcmp(agenda->tables[i].id, id) != 0)
            continue;
        take_out(agenda, i);
        found = true;
    }
    return found;
}

void agenda_stop(struct agenda *agenda, char *const *patterns, size_t count)
{
    static char all[] = ".*";
    char *const everything[] = {all};
    if (!agenda->count)
        return;
    if (!count) {
        patterns = everything;
        count = 1;
    }
    for (size_t i = 0; i < count; i++) {
        agenda->stops =
            kc_grow(agenda->stops, agenda->n_stops, &agenda->stops_cap, sizeof(char *));
        agenda->stops[agenda->n_stops++] = kc_strdup(patterns[i]);
    }
}

void agenda_forget_stops(struct agenda *agenda)
{
    for (size_t i = 0; i < agenda->n_stops; i++)
        free(agenda->stops[i]);
    agenda->n_stops = 0;
}

/* ---- the offset ---- */

static const char *tables_json(struct agenda *agenda)
{
    if (agenda->json)
        return agenda->json;
    struct kc_json *list = kc_json_new_array();
    for (size_t i = 0; i < agenda->count; i++) {
        const struct agenda_table *table = &agenda->tables[i];
        struct kc_json *item = kc_json_new_object();
        kc_json_put_string(item, id_member, table->id);
        kc_json_put_string(item, condition_member, table->condition);
        kc_json_put_string(item, surrogate_member, table->surrogate);
        kc_json_put_string(item, table_correlation_member, table->correlation);
        kc_json_add(list, item);
    }
    KC_AUTO_BUF buf = KC_BUF(0);
    kc_json_write(list, &buf);
    kc_json_free(list);
    agenda->json = kc_buf_take(&buf);
    return agenda->json;
}

static struct kc_value text_value(struct kc_arena *arena, const char *text)
{
    size_t len = strlen(text);
    return kc_string(kc_arena_text(arena, text, len), len);
}

static struct kc_value key_value(struct kc_arena *arena, const struct java_value *values,
                                 size_t count)
{
    KC_AUTO_BUF hex = KC_BUF(0);
    java_array_write(&hex, values, count);
    return text_value(arena, hex.data);
}

static void put(struct kc_entry *entries, uint32_t *count, const char *key, struct kc_value value)
{
    entries[*count].key = kc_string(key, strlen(key));
    entries[(*count)++].value = value;
}

uint32_t agenda_write(struct agenda *agenda, const struct java_value *last, size_t n_last,
                        const struct java_value *maximum, size_t n_maximum, struct kc_arena *arena,
                        struct kc_entry *entries)
{
    uint32_t count = 0;
    if (!agenda->count)
        return 0;
    put(entries, &count, last_entry, key_value(arena, last, n_last));
    put(entries, &count, maximum_entry, key_value(arena, maximum, n_maximum));
    put(entries, &count, tables_entry, text_value(arena, tables_json(agenda)));
    put(entries, &count, correlation_entry,
        agenda->correlation ? text_value(arena, agenda->correlation) : kc_null());
    if (agenda->rows >= 0)
        put(entries, &count, rows_entry,
            text_value(arena, kc_arena_printf(arena, "%" PRId64, agenda->rows)));
    return count;
}

static void read_key(struct kc_value offset, const char *entry, struct kc_arena *arena,
                     struct java_value **values, size_t *count)
{
    *values = NULL;
    *count = 0;
    struct kc_value value = kc_map_value_get(offset, entry);
    if (value.kind != KC_STRING)
        return;
    struct kc_error *err = java_array_read(kc_value_text(value), arena, values, count);
    if (!err)
        return;
    kc_log_warn("source", "%s in the stored offset is left out: %s. The table at hand is read "
                          "again from its beginning.", entry, err->text);
    kc_error_free(err);
}

static struct kc_error *read_tables(struct agenda *agenda, struct kc_text text)
{
    struct kc_json *list;
    struct kc_error *err = kc_json_parse(text, &list);
    if (err) {
        err->fault = KC_FATAL;
        return kc_while(err, "while reading %s in the stored offset", tables_entry);
    }
    if (kc_json_type(list) != KC_JSON_ARRAY || kc_json_count(list) > MOST_TABLES)
        err = kc_fail(KC_FATAL, "%s in the stored offset is no list of tables", tables_entry);
    for (size_t i = 0; !err && i < kc_json_count(list); i++) {
        const struct kc_json *item = kc_json_at(list, i);
        const char *id = kc_json_string(kc_json_get(item, id_member));
        if (id)
            agenda_add(agenda, id, kc_json_string(kc_json_get(item, condition_member)),
                         kc_json_string(kc_json_get(item, surrogate_member)),
                         kc_json_string(kc_json_get(item, table_correlation_member)));
        else
            err = kc_fail(KC_FATAL, "%s in the stored offset has an element without %s",
                          tables_entry, id_member);
    }
    kc_json_free(list);
    return err;
}

struct kc_error *agenda_read(struct agenda *agenda, struct kc_value offset,
                               struct kc_arena *arena, struct java_value **last, size_t *n_last,
                               struct java_value **maximum, size_t *n_maximum)
{
    *last = *maximum = NULL;
    *n_last = *n_maximum = 0;
    if (offset.kind != KC_MAP)
        return NULL;
    struct kc_value tables = kc_map_value_get(offset, tables_entry);
    if (tables.kind != KC_STRING)
        return NULL;
    struct kc_error *err = read_tables(agenda, kc_value_text(tables));
    if (err || !agenda->count)
        return err;
    struct kc_value correlation = kc_map_value_get(offset, correlation_entry);
    if (correlation.kind == KC_STRING)
        agenda->correlation = kc_strndup(correlation.u.text, correlation.len);
    struct kc_value rows = kc_map_value_get(offset, rows_entry);
    if (rows.kind != KC_STRING || !kc_text_int64(kc_value_text(rows), &agenda->rows))
        agenda->rows = -1;
    read_key(offset, last_entry, arena, last, n_last);
    read_key(offset, maximum_entry, arena, maximum, n_maximum);
    return NULL;
}
