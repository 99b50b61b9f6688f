#include "sources/postgres/pieces.h"

#include <inttypes.h>
#include <stdlib.h>
#include <strings.h>

#include "base/log.h"
#include "sources/common/blocking.h"
#include "sources/postgres/signals.h"

/* ---- which tables, in which order ---- */

static int compare_tables(const void *x, const void *y)
{
    const struct snapshot_table *a = x, *b = y;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    int order = strcmp(a->schema, b->schema);
    return order ? order : strcmp(a->name, b->name);
}

static int compare_rows(const struct snapshot_table *a, const struct snapshot_table *b)
{
    return a->rows != b->rows ? (a->rows < b->rows ? -1 : 1) : compare_tables(a, b);
}

static int by_rows_ascending(const void *a, const void *b)
{
    return compare_rows(a, b);
}

static int by_rows_descending(const void *x, const void *y)
{
    const struct snapshot_table *a = x, *b = y;
    return a->rows != b->rows ? compare_rows(b, a) : compare_tables(a, b);
}

/* The stream names the leaves of partitioned tables, or their roots; so does the snapshot. */
static bool is_streamed(const struct pg_config *config, const PGresult *tables, int row)
{
    bool root = PQgetvalue(tables, row, TABLE_KIND)[0] == 'p';
    bool partition = link_true(tables, row, TABLE_IS_PARTITION);
    return config->via_root ? !partition : !root;
}

/* The user's query for a table; NULL: none. */
static const char *override_of(const struct pg_config *config, const char *full)
{
    for (size_t i = 0; i < config->overrides.len; i++)
        if (strcasecmp(config->overrides.items[i], full) == 0)
            return kc_props_get(&config->override_statements, config->overrides.items[i]);
    return NULL;
}

/* The user's query for the rows: of the request, else of the settings; NULL: none. */
static const char *query_of(const struct relation_maker *maker, const char *full)
{
    const char *query =
        maker->request ? snapshot_request_filter(maker->request, kc_text(full)) : NULL;
    return query ? query : override_of(maker->config, full);
}

static struct snapshot_table new_table(const struct relation_maker *maker, const PGresult *result,
                                       int row, const char *full)
{
    int64_t rows = strtoll(PQgetvalue(result, row, TABLE_ROWS), NULL, 10);
    return (struct snapshot_table){
        .oid = (uint32_t)strtoul(PQgetvalue(result, row, TABLE_OID), NULL, 10),
        .schema = kc_strdup(PQgetvalue(result, row, TABLE_SCHEMA)),
        .name = kc_strdup(PQgetvalue(result, row, TABLE_NAME)),
        .partitioned = PQgetvalue(result, row, TABLE_KIND)[0] == 'p',
        .rank = filter_which(&maker->captures->table_include, kc_text(full)),
        .rows = rows > 0 ? rows : 0,
        .query = query_of(maker, full),
    };
}

/* Those that are wanted now: what a request names, else what the settings do. */
struct wanted {
    struct filter only;
    struct blocking_tables named; /* request NULL: not these */
};

static struct kc_error *wanted_init(struct wanted *wanted, const struct relation_maker *maker)
{
    *wanted = (struct wanted){.named.request = NULL};
    if (!maker->request)
        return filter_init(&wanted->only, maker->config->snapshot_tables);
    blocking_tables_init(&wanted->named, maker->request);
    return NULL;
}

static void wanted_clear(struct wanted *wanted)
{
    filter_clear(&wanted->only);
    if (wanted->named.request)
        blocking_tables_clear(&wanted->named);
}

static bool is_wanted(const struct wanted *wanted, const char *full)
{
    if (wanted->named.request)
        return blocking_tables_have(&wanted->named, full);
    return !wanted->only.count || filter_matches(&wanted->only, kc_text(full));
}

struct kc_error *tables_list(const struct relation_maker *maker, struct snapshot_table **tables,
                             size_t *count)
{
    const struct pg_config *config = maker->config;
    struct wanted wanted;
    AUTO_RESULT *result = NULL;
    struct kc_error *err = catalog_tables(maker->catalog, &result);
    *tables = NULL;
    *count = 0;
    if (!err)
        err = wanted_init(&wanted, maker);
    if (err)
        return err;
    *tables = kc_calloc((size_t)PQntuples(result) + 1, sizeof(**tables));
    for (int i = 0; i < PQntuples(result); i++) {
        const char *schema = PQgetvalue(result, i, TABLE_SCHEMA);
        const char *name = PQgetvalue(result, i, TABLE_NAME);
        char *full = kc_printf("%s.%s", schema, name);
        if (is_streamed(config, result, i) &&
            captures_table(maker->captures, config, kc_text(schema), kc_text(name)) &&
            !signals_is_table(config, kc_text(schema), kc_text(name)) && /* old signals */
            is_wanted(&wanted, full))
            (*tables)[(*count)++] = new_table(maker, result, i, full);
        free(full);
    }
    wanted_clear(&wanted);
    qsort(*tables, *count, sizeof(**tables), compare_tables);
    return NULL;
}

void tables_free(struct snapshot_table *tables, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        table_done(&tables[i]);
        free(tables[i].schema);
        free(tables[i].name);
    }
    free(tables);
}

static void put_name(struct kc_buf *sql, const struct snapshot_table *table)
{
    link_put_identifier(sql, table->schema);
    kc_buf_char(sql, '.');
    link_put_identifier(sql, table->name);
}

static struct kc_error *count_rows(struct catalog *catalog, struct snapshot_table *table)
{
    if (table->counted)
        return NULL;
    KC_AUTO_BUF sql = KC_BUF(0);
    kc_buf_str(&sql, "SELECT pg_catalog.count(*) FROM ");
    put_name(&sql, table);
    AUTO_RESULT *result = NULL;
    struct kc_error *err = link_query(catalog->conn, catalog->stop_fd, sql.data, &result);
    if (err)
        return kc_while(err, "while counting the rows of %s.%s", table->schema, table->name);
    table->rows = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    table->counted = true;
    return NULL;
}

struct kc_error *tables_sort(struct catalog *catalog, struct snapshot_table *tables, size_t count)
{
    static int (*const orders[])(const void *, const void *) = {
        [ORDER_ASCENDING] = by_rows_ascending,
        [ORDER_DESCENDING] = by_rows_descending,
    };
    int order = catalog->config->order;
    if (order == ORDER_DISABLED)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        struct kc_error *err = count_rows(catalog, &tables[i]);
        if (err)
            return err;
    }
    qsort(tables, count, sizeof(*tables), orders[order]);
    return NULL;
}

struct kc_error *tables_lock(struct catalog *catalog, const struct snapshot_table *tables,
                             size_t count)
{
    if (catalog->config->locking != LOCKING_SHARED || !count)
        return NULL;
    KC_AUTO_BUF sql = KC_BUF(0);
    kc_buf_printf(&sql, "SET LOCAL lock_timeout = %" PRId64 "; LOCK TABLE ",
                  catalog->config->lock_timeout_ms);
    for (size_t i = 0; i < count; i++) {
        kc_buf_str(&sql, i ? ", ONLY " : "ONLY ");
        put_name(&sql, &tables[i]);
    }
    kc_buf_str(&sql, " IN ACCESS SHARE MODE");
    return link_query(catalog->conn, catalog->stop_fd, sql.data, NULL);
}

/* ---- the columns to read ---- */

/* What rows are copied from: the table, or the query. */
static void put_source(struct kc_buf *sql, const struct snapshot_table *table)
{
    if (!table->query) {
        put_name(sql, table);
        return;
    }
    size_t len = strlen(table->query);
    while (len && strchr("; \t\r\n", table->query[len - 1]))
        len--;
    kc_buf_printf(sql, "(%.*s) AS q", (int)len, table->query);
}

/* Which columns to ask for: those that are sent; of a query, those that it has. */
static struct kc_error *choose_columns(struct catalog *catalog, struct snapshot_table *table)
{
    struct relation *relation = table->relation;
    AUTO_RESULT *result = NULL;
    if (table->query) {
        KC_AUTO_BUF sql = KC_BUF(0);
        kc_buf_str(&sql, "SELECT * FROM ");
        put_source(&sql, table);
        kc_buf_str(&sql, " LIMIT 0");
        struct kc_error *err = link_query(catalog->conn, catalog->stop_fd, sql.data, &result);
        if (err)
            return err;
    }
    for (size_t i = 0; i < relation->n_columns; i++) {
        struct relation_column *column = &relation->columns[i];
        column->copied = column->value_field >= 0 || column->key_field >= 0;
        bool found = !table->query;
        for (int j = 0; !found && j < PQnfields(result); j++)
            found = strcmp(PQfname(result, j), column->name) == 0;
        column->copied &= found;
    }
    return NULL;
}

struct kc_error *table_prepare(const struct relation_maker *maker, struct snapshot_table *table,
                               bool ordered)
{
    struct kc_error *err = relation_from_catalog(maker, table->oid, table->schema, table->name,
                                                 &table->relation);
    if (!err)
        err = choose_columns(maker->catalog, table);
    if (!err && ordered && !table->query)
        err = chunk_order_init(&table->order, maker, table->relation, NULL);
    return err;
}

/* ---- cutting ---- */

bool pieces_multiplied(const struct pg_config *config)
{
    return config->snapshot_multiplier > 1 || config->table_multipliers.map.count > 0;
}

int64_t pieces_wanted(const struct pg_config *config, const struct snapshot_table *table)
{
    char *full = kc_printf("%s.%s", table->schema, table->name);
    const char *given = kc_props_get(&config->table_multipliers, full);
    int64_t multiplier = config->snapshot_multiplier;
    if (given && !(kc_text_int64(kc_text(given), &multiplier) && multiplier > 0)) {
        kc_log_warn("postgres", "snapshot.max.threads.multiplier.%s is %s, which is no number above 0: "
                                "%d is taken", full, given, config->snapshot_multiplier);
        multiplier = config->snapshot_multiplier;
    }
    free(full);
    return multiplier * config->snapshot_threads;
}

static void put_key(struct kc_buf *sql, const struct snapshot_table *table)
{
    for (size_t i = 0; i < table->order.count; i++) {
        kc_buf_str(sql, i ? ", " : "");
        link_put_identifier(sql, table->relation->columns[table->order.columns[i].index].name);
    }
}

/* Every size-th row in the order of the key is the last of a piece. */
static void put_bounds_sql(struct kc_buf *sql, const struct snapshot_table *table, int64_t size,
                           int64_t bounds)
{
    KC_AUTO_BUF names = KC_BUF(0);
    for (size_t i = 0; i < table->order.count; i++)
        kc_buf_printf(&names, ", c%zu", i);
    kc_buf_printf(sql, "SELECT %s FROM (SELECT pg_catalog.row_number() OVER (ORDER BY ",
                  names.data + 2);
    put_key(sql, table);
    kc_buf_str(sql, "), ");
    put_key(sql, table);
    kc_buf_str(sql, " FROM ");
    put_name(sql, table);
    kc_buf_printf(sql, ") AS q (n%s) WHERE n %% %" PRId64 " = 0 ORDER BY n LIMIT %" PRId64,
                  names.data, size, bounds);
}

/* The end of one piece is where the next begins. */
static void fill_pieces(struct snapshot_table *table, const PGresult *bounds)
{
    int count = bounds ? PQntuples(bounds) : 0;
    table->n_pieces = table->left = (size_t)count + 1;
    table->pieces = kc_calloc(table->n_pieces, sizeof(*table->pieces));
    for (size_t i = 0; i < table->n_pieces; i++)
        table->pieces[i] = (struct piece){.table = table, .index = i};
    for (int row = 0; row < count; row++) {
        struct chunk_place *to = &table->pieces[row].to;
        to->count = table->order.count;
        to->texts = kc_calloc(to->count, sizeof(*to->texts));
        for (size_t i = 0; i < to->count; i++)
            to->texts[i] = kc_strdup(link_text(bounds, row, (int)i));
        chunk_place_copy(&table->pieces[row + 1].after, to);
    }
}

struct kc_error *table_cut(struct catalog *catalog, struct snapshot_table *table, int64_t most)
{
    struct kc_error *err = NULL;
    AUTO_RESULT *bounds = NULL;
    bool cuts = table->order.count && most > 1;
    if (cuts)
        err = count_rows(catalog, table);
    int64_t pieces = most < table->rows ? most : table->rows;
    if (!err && cuts && pieces > 1) {
        KC_AUTO_BUF sql = KC_BUF(0);
        put_bounds_sql(&sql, table, table->rows / pieces, pieces - 1);
        err = link_query(catalog->conn, catalog->stop_fd, sql.data, &bounds);
    }
    if (!err)
        fill_pieces(table, bounds);
    return err;
}

void table_done(struct snapshot_table *table)
{
    for (size_t i = 0; i < table->n_pieces; i++) {
        chunk_place_clear(&table->pieces[i].after);
        chunk_place_clear(&table->pieces[i].to);
    }
    free(table->pieces);
    table->pieces = NULL;
    table->n_pieces = 0;
    chunk_order_clear(&table->order);
    relation_free(table->relation);
    table->relation = NULL;
    free(table->shape);
    table->shape = NULL;
}

/* ---- SQL of a piece ---- */

static void put_select(struct kc_buf *sql, const struct snapshot_table *table)
{
    const char *comma = "";
    kc_buf_str(sql, "SELECT ");
    for (size_t i = 0; i < table->relation->n_columns; i++) {
        if (!table->relation->columns[i].copied)
            continue;
        kc_buf_str(sql, comma);
        link_put_identifier(sql, table->relation->columns[i].name);
        comma = ", ";
    }
    kc_buf_str(sql, " FROM ");
    put_source(sql, table);
}

void piece_put_sql(struct kc_buf *sql, const struct piece *piece)
{
    const struct snapshot_table *table = piece->table;
    kc_buf_str(sql, "COPY (");
    if (table->order.count)
        chunk_put_select(sql, &(struct chunk){.relation = table->relation,
                                              .order = &table->order,
                                              .after = &piece->after,
                                              .to = &piece->to});
    else
        put_select(sql, table);
    kc_buf_str(sql, ") TO STDOUT");
}
