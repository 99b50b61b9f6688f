#include "sources/postgres/ranges.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/log.h"

/* Keys that are looked at for each range that a table is cut into. */
#define SAMPLES 500

/* ---- tables ---- */

static int by_oid(const void *x, const void *y)
{
    const struct snapshot_table *a = x, *b = y;
    return a->oid < b->oid ? -1 : a->oid > b->oid;
}

static struct snapshot_table *find_table(const struct ranges *ranges, uint32_t oid)
{
    struct snapshot_table key = {.oid = oid};
    return bsearch(&key, ranges->tables, ranges->n_tables, sizeof(key), by_oid);
}

void ranges_put_shape_sql(struct kc_buf *sql, uint32_t oid)
{
    kc_buf_printf(sql,
                  "(SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', a.attnum, a.atttypid,"
                  " a.atttypmod, a.attnotnull, a.attname), ',' ORDER BY a.attnum)"
                  " FROM pg_catalog.pg_attribute a WHERE a.attrelid = %u AND a.attnum > 0"
                  " AND NOT a.attisdropped) || '/' || COALESCE((SELECT pg_catalog.string_agg("
                  "i.indexrelid::text, ',' ORDER BY i.indexrelid) FROM pg_catalog.pg_index i"
                  " WHERE i.indrelid = %u AND i.indisunique AND i.indisvalid), '')",
                  oid, oid);
}

/* The primary key, or a unique index without nulls: whatever message.key.columns says, for rows must
 * have places of their own, and an index. Without one the table is read in one go. */
static struct kc_error *order_by_key(const struct relation_maker *maker,
                                     struct snapshot_table *table)
{
    struct relation *relation = table->relation;
    struct chunk_order *order = &table->order;
    AUTO_RESULT *names = NULL;
    if (table->query)
        return NULL;
    struct kc_error *err = catalog_key(maker->catalog, table->oid, &names);
    if (err)
        return err;
    order->columns = kc_calloc((size_t)PQntuples(names) + 1, sizeof(*order->columns));
    for (int row = 0; row < PQntuples(names); row++)
        for (size_t i = 0; i < relation->n_columns; i++)
            if (strcmp(relation->columns[i].name, PQgetvalue(names, row, 0)) == 0 &&
                relation->columns[i].required)
                order->columns[order->count++].index = i;
    order->unique = order->count && order->count == (size_t)PQntuples(names);
    if (!order->unique)
        order->count = 0;
    for (size_t i = 0; i < order->count; i++)
        relation->columns[order->columns[i].index].copied = true;
    return NULL;
}

static struct kc_error *prepare(const struct relation_maker *maker, struct snapshot_table *table)
{
    AUTO_RESULT *result = NULL;
    KC_AUTO_BUF sql = KC_BUF(0);
    kc_buf_str(&sql, "SELECT ");
    ranges_put_shape_sql(&sql, table->oid);
    struct kc_error *err = link_query(maker->catalog->conn, maker->catalog->stop_fd, sql.data, &result);
    if (!err) {
        free(table->shape);
        table->shape = kc_strdup(link_text(result, 0, 0));
        err = table_prepare(maker, table, false);
    }
    return err ? err : order_by_key(maker, table);
}

/* What the key looks like: the places of a range mean something for the same key only. */
static void put_key_mark(const struct snapshot_table *table, char mark[9])
{
    uint64_t hash = 0;
    for (size_t i = 0; i < table->order.count; i++) {
        const struct relation_column *column =
            &table->relation->columns[table->order.columns[i].index];
        hash = kc_hash(column->name, strlen(column->name) + 1, hash);
        hash = kc_hash(column->use.type_name, strlen(column->use.type_name) + 1, hash);
    }
    mark[0] = '\0';
    if (table->order.count)
        snprintf(mark, 9, "%08x", (unsigned)hash);
}

/* ---- ranges ---- */

static struct range *add_range(struct ranges *ranges, struct snapshot_table *table)
{
    struct range *range = kc_calloc(1, sizeof(*range)), **end = &ranges->first;
    range->table = table;
    table->left++;
    while (*end)
        end = &(*end)->next;
    return *end = range;
}

static void free_range(struct range *range)
{
    chunk_place_clear(&range->after);
    chunk_place_clear(&range->to);
    chunk_place_clear(&range->read);
    free(range);
}

void ranges_end(struct ranges *ranges, struct range *range)
{
    struct range **at = &ranges->first;
    while (*at != range)
        at = &(*at)->next;
    *at = range->next;
    if (--range->table->left == 0)
        table_done(range->table);
    free_range(range);
}

size_t ranges_drop_table(struct ranges *ranges, struct snapshot_table *table)
{
    size_t count = 0;
    for (struct range **at = &ranges->first; *at;) {
        struct range *range = *at;
        if (range->table != table) {
            at = &range->next;
            continue;
        }
        *at = range->next;
        free_range(range);
        count++;
    }
    table->left = 0;
    table_done(table);
    return count;
}

struct kc_error *ranges_reshape(struct ranges *ranges, struct snapshot_table *table, bool *same)
{
    char before[9], after[9];
    put_key_mark(table, before);
    table_done(table);
    struct kc_error *err = prepare(ranges->maker, table);
    if (err)
        return err;
    put_key_mark(table, after);
    *same = strcmp(before, after) == 0;
    if (*same)
        return NULL;
    kc_log_warn("postgres", "The key of table %s.%s has changed: the snapshot reads the table again",
                table->schema, table->name);
    struct range *kept = NULL;
    for (struct range **at = &ranges->first; *at;) {
        struct range *range = *at;
        if (range->table != table || !kept) {
            if (range->table == table)
                kept = range;
            at = &range->next;
            continue;
        }
        *at = range->next;
        free_range(range);
        table->left--;
    }
    chunk_place_clear(&kept->after);
    chunk_place_clear(&kept->read);
    chunk_place_clear(&kept->to);
    kept->read_all = false;
    return NULL;
}

bool ranges_empty(const struct ranges *ranges)
{
    return !ranges->first && ranges->next == ranges->n_tables;
}

/* ---- cutting ---- */

static void put_keys(struct kc_buf *sql, const struct snapshot_table *table)
{
    for (size_t i = 0; i < table->order.count; i++) {
        kc_buf_str(sql, i ? ", " : "");
        link_put_identifier(sql, table->relation->columns[table->order.columns[i].index].name);
    }
}

static void set_place(struct chunk_place *place, const PGresult *result, int row, size_t count)
{
    *place = (struct chunk_place){kc_calloc(count, sizeof(*place->texts)), count};
    for (size_t i = 0; i < count; i++)
        place->texts[i] = kc_strdup(PQgetvalue(result, row, (int)i));
}

/* Bounds only spread the work, so a sample will do. */
static struct kc_error *sample_keys(const struct ranges *ranges, const struct snapshot_table *table,
                                    size_t wanted, PGresult **result)
{
    const struct catalog *catalog = ranges->maker->catalog;
    KC_AUTO_BUF sql = KC_BUF(0);
    double percent = 100.0 * SAMPLES * (double)wanted / (double)table->rows;
    kc_buf_str(&sql, "SELECT ");
    put_keys(&sql, table);
    kc_buf_str(&sql, " FROM ");
    link_put_identifier(&sql, table->schema);
    kc_buf_char(&sql, '.');
    link_put_identifier(&sql, table->name);
    kc_buf_printf(&sql, " TABLESAMPLE SYSTEM (%.6f) ORDER BY ", percent < 100 ? percent : 100);
    put_keys(&sql, table);
    return link_query(catalog->conn, catalog->stop_fd, sql.data, result);
}

static struct kc_error *cut(struct ranges *ranges, struct snapshot_table *table, size_t wanted)
{
    AUTO_RESULT *keys = NULL;
    struct kc_error *err = wanted > 1 ? sample_keys(ranges, table, wanted, &keys) : NULL;
    if (err)
        return err;
    size_t count = keys ? (size_t)PQntuples(keys) : 0;
    struct range *range = add_range(ranges, table);
    for (size_t i = 1; i < wanted && count; i++) {
        struct chunk_place place = {0};
        set_place(&place, keys, (int)(count * i / wanted), table->order.count);
        if (chunk_place_equal(&range->after, &place)) {
            chunk_place_clear(&place);
            continue;
        }
        chunk_place_copy(&range->to, &place);
        range = add_range(ranges, table);
        chunk_place_copy(&range->read, &place);
        range->after = place;
    }
    return NULL;
}

static struct kc_error *begin_table(struct ranges *ranges, size_t most, int64_t chunk)
{
    struct snapshot_table *table = &ranges->tables[ranges->next];
    struct kc_error *err = prepare(ranges->maker, table);
    bool many = table->order.count && table->rows / chunk > 4;
    if (!err)
        err = cut(ranges, table, many ? most : 1);
    if (err)
        return kc_while(err, "while beginning to read table %s.%s", table->schema, table->name);
    ranges->next++;
    ranges->done = table->oid;
    return NULL;
}

struct kc_error *ranges_take(struct ranges *ranges, size_t most, int64_t chunk,
                             struct range **range)
{
    *range = NULL;
    for (;;) {
        for (struct range *at = ranges->first; at; at = at->next)
            if (!at->taken) {
                at->taken = true;
                *range = at;
                return NULL;
            }
        if (ranges->next == ranges->n_tables)
            return NULL;
        struct kc_error *err = begin_table(ranges, most, chunk);
        if (err)
            return err;
    }
}

/* ---- the stored text ---- */

static void put_place(struct kc_buf *text, const struct chunk_place *place)
{
    if (!place->count) {
        kc_buf_str(text, ",null");
        return;
    }
    for (size_t i = 0; i < place->count; i++) {
        kc_buf_str(text, i ? "," : ",[");
        kc_json_escape(text, kc_text(place->texts[i]));
    }
    kc_buf_char(text, ']');
}

void ranges_put_text(const struct ranges *ranges, struct kc_buf *text)
{
    kc_buf_printf(text, "{\"v\":1,\"done\":%u,\"rows\":%" PRId64 ",\"open\":[", ranges->done,
                  ranges->rows);
    for (const struct range *range = ranges->first; range; range = range->next) {
        char mark[9];
        put_key_mark(range->table, mark);
        kc_buf_printf(text, "%s[%u,\"%s\"", range == ranges->first ? "" : ",", range->table->oid,
                      mark);
        put_place(text, &range->after);
        put_place(text, &range->to);
        kc_buf_char(text, ']');
    }
    kc_buf_str(text, "]}");
}

static bool read_place(const struct kc_json *json, size_t count, struct chunk_place *place)
{
    if (kc_json_type(json) == KC_JSON_NULL)
        return true;
    if (kc_json_type(json) != KC_JSON_ARRAY || kc_json_count(json) != count || !count)
        return false;
    *place = (struct chunk_place){kc_calloc(count, sizeof(*place->texts)), count};
    bool good = true;
    for (size_t i = 0; i < count; i++) {
        const char *text = kc_json_string(kc_json_at(json, i));
        good &= text != NULL;
        place->texts[i] = kc_strdup(text ? text : "");
    }
    return good;
}

/* A range of the stored text. Of a table that is gone, or whose key is another now, nothing is left. */
static struct kc_error *read_range(struct ranges *ranges, const struct kc_json *entry)
{
    struct snapshot_table *table = find_table(ranges, (uint32_t)kc_json_int(kc_json_at(entry, 0)));
    const char *mark = kc_json_string(kc_json_at(entry, 1));
    char now[9];
    if (!table || !mark)
        return mark ? NULL : kc_fail(KC_FATAL, "a range has no key");
    struct kc_error *err = table->relation ? NULL : prepare(ranges->maker, table);
    if (err)
        return err;
    put_key_mark(table, now);
    if (strcmp(mark, now) != 0) {
        if (table->left == 0) {
            kc_log_warn("postgres", "The key of table %s.%s has changed: the snapshot reads the table "
                                    "again", table->schema, table->name);
            add_range(ranges, table);
        }
        return NULL;
    }
    struct range *range = add_range(ranges, table);
    if (!read_place(kc_json_at(entry, 2), table->order.count, &range->after) ||
        !read_place(kc_json_at(entry, 3), table->order.count, &range->to))
        return kc_fail(KC_FATAL, "a range of %s.%s has no place", table->schema, table->name);
    chunk_place_copy(&range->read, &range->after);
    table->begun = true;
    return NULL;
}

static struct kc_error *read_text(struct ranges *ranges, const char *text)
{
    struct kc_json *json = NULL;
    struct kc_error *err = kc_json_parse(kc_text(text), &json);
    const struct kc_json *open = kc_json_get(json, "open");
    if (!err && (kc_json_int(kc_json_get(json, "v")) != 1 || kc_json_type(open) != KC_JSON_ARRAY))
        err = kc_fail(KC_FATAL, "it is not of this version");
    if (!err) {
        ranges->done = (uint32_t)kc_json_int(kc_json_get(json, "done"));
        ranges->rows = kc_json_int(kc_json_get(json, "rows"));
    }
    for (size_t i = 0; !err && i < kc_json_count(open); i++)
        err = read_range(ranges, kc_json_at(open, i));
    kc_json_free(json);
    return err ? kc_while(err, "while reading the stored progress of the snapshot, %s", text) : NULL;
}

/* ---- begin and end ---- */

struct kc_error *ranges_init(struct ranges *ranges, const struct relation_maker *maker,
                             const char *text)
{
    *ranges = (struct ranges){.maker = maker};
    struct kc_error *err = tables_list(maker, &ranges->tables, &ranges->n_tables);
    if (err)
        return err;
    qsort(ranges->tables, ranges->n_tables, sizeof(*ranges->tables), by_oid);
    if (text)
        err = read_text(ranges, text);
    while (ranges->next < ranges->n_tables && ranges->tables[ranges->next].oid <= ranges->done)
        ranges->next++;
    return err;
}

void ranges_clear(struct ranges *ranges)
{
    while (ranges->first) {
        struct range *range = ranges->first;
        ranges->first = range->next;
        free_range(range);
    }
    tables_free(ranges->tables, ranges->n_tables);
    *ranges = (struct ranges){0};
}
