#include "sources/postgres/snapshot.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <strings.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mailbox.h"

/* How long a batch that has rows waits for more of them. */
#define GATHER_MS 10

/* ---- which tables, in which order ---- */

static int compare_tables(const void *x, const void *y)
{
    const struct snapshot_table *a = x, *b = y;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    int order = strcmp(a->schema, b->schema);
    return order ? order : strcmp(a->name, b->name);
}

static void free_tables(struct snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->n_tables; i++) {
        free(snapshot->tables[i].schema);
        free(snapshot->tables[i].name);
    }
    free(snapshot->tables);
    snapshot->tables = NULL;
    snapshot->n_tables = 0;
}

/* The stream names the leaves of partitioned tables, or their roots; so does the snapshot. */
static bool is_streamed(const struct pg_config *config, const PGresult *tables, int row)
{
    bool root = PQgetvalue(tables, row, TABLE_KIND)[0] == 'p';
    bool partition = link_true(tables, row, TABLE_IS_PARTITION);
    return config->via_root ? !partition : !root;
}

/* Tables come in the order of the include list; the signal table, which need not be in it, last. */
static int rank_of(const struct relation_maker *maker, const char *name)
{
    int rank = filter_which(&maker->captures->table_include, kc_text(name));
    return rank < 0 && maker->captures->table_include.count ? INT_MAX : rank;
}

static struct kc_error *list_tables(struct snapshot *snapshot)
{
    const struct relation_maker *maker = snapshot->maker;
    const struct pg_config *config = maker->config;
    struct filter only;
    AUTO_RESULT *result = NULL;
    struct kc_error *err = catalog_tables(maker->catalog, &result);
    if (!err)
        err = filter_init(&only, config->snapshot_tables);
    if (err)
        return err;
    snapshot->tables = kc_calloc((size_t)PQntuples(result) + 1, sizeof(*snapshot->tables));
    for (int i = 0; i < PQntuples(result); i++) {
        const char *schema = PQgetvalue(result, i, TABLE_SCHEMA);
        const char *name = PQgetvalue(result, i, TABLE_NAME);
        char *full = kc_printf("%s.%s", schema, name);
        if (is_streamed(config, result, i) &&
            captures_table(maker->captures, config, kc_text(schema), kc_text(name)) &&
            (!only.count || filter_matches(&only, kc_text(full))))
            snapshot->tables[snapshot->n_tables++] = (struct snapshot_table){
                .oid = (uint32_t)strtoul(PQgetvalue(result, i, TABLE_OID), NULL, 10),
                .schema = kc_strdup(schema),
                .name = kc_strdup(name),
                .partitioned = PQgetvalue(result, i, TABLE_KIND)[0] == 'p',
                .rank = rank_of(maker, full),
            };
        free(full);
    }
    filter_clear(&only);
    qsort(snapshot->tables, snapshot->n_tables, sizeof(*snapshot->tables), compare_tables);
    return NULL;
}

static struct kc_error *lock_tables(struct snapshot *snapshot)
{
    struct catalog *catalog = snapshot->maker->catalog;
    if (snapshot->maker->config->locking != LOCKING_SHARED || !snapshot->n_tables)
        return NULL;
    KC_AUTO_BUF sql = KC_BUF(0);
    kc_buf_printf(&sql, "SET LOCAL lock_timeout = %" PRId64 "; LOCK TABLE ",
                  snapshot->maker->config->lock_timeout_ms);
    for (size_t i = 0; i < snapshot->n_tables; i++) {
        kc_buf_str(&sql, i ? ", ONLY " : "ONLY ");
        link_put_identifier(&sql, snapshot->tables[i].schema);
        kc_buf_char(&sql, '.');
        link_put_identifier(&sql, snapshot->tables[i].name);
    }
    kc_buf_str(&sql, " IN ACCESS SHARE MODE");
    return link_query(catalog->conn, catalog->stop_fd, sql.data, NULL);
}

/* ---- begin and end ---- */

static struct kc_error *begin(struct snapshot *snapshot, const char *exported)
{
    static const char *const own[] = {
        [ISOLATION_SERIALIZABLE] = "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE",
        [ISOLATION_REPEATABLE_READ] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        [ISOLATION_READ_COMMITTED] = "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY",
        [ISOLATION_READ_UNCOMMITTED] = "BEGIN ISOLATION LEVEL READ UNCOMMITTED READ ONLY",
    };
    struct catalog *catalog = snapshot->maker->catalog;
    KC_AUTO_BUF sql = KC_BUF(0);
    if (exported) {
        kc_buf_str(&sql, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; "
                         "SET TRANSACTION SNAPSHOT ");
        link_put_literal(&sql, exported);
    } else {
        kc_buf_str(&sql, own[snapshot->maker->config->isolation]);
    }
    /* Reading a table takes what it takes. */
    kc_buf_str(&sql, "; SET LOCAL statement_timeout = 0");
    return link_query(catalog->conn, catalog->stop_fd, sql.data, NULL);
}

/* The position that the snapshot stands for, and its number in the order of transactions. */
static struct kc_error *locate(struct snapshot *snapshot, uint64_t lsn)
{
    struct catalog *catalog = snapshot->maker->catalog;
    AUTO_RESULT *result = NULL;
    struct kc_error *err =
        link_query(catalog->conn, catalog->stop_fd,
                   "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()"
                   " ELSE pg_current_wal_lsn() END,"
                   " CASE WHEN pg_is_in_recovery() THEN 0 ELSE txid_current() END",
                   &result);
    if (err)
        return err;
    snapshot->position = (struct position){
        .known = true,
        .lsn = lsn ? lsn : link_lsn(link_text(result, 0, 0)),
        .tx_id = strtoll(PQgetvalue(result, 0, 1), NULL, 10),
        .in_snapshot = true,
        .ts_us = kc_now_us(),
    };
    snapshot->block.ts_us = snapshot->position.ts_us;
    return NULL;
}

struct kc_error *snapshot_begin(struct snapshot *snapshot, const struct relation_maker *maker,
                                const struct envelope *envelope, const char *exported, uint64_t lsn)
{
    *snapshot = (struct snapshot){
        .maker = maker,
        .envelope = envelope,
        .block = {.schema = maker->source_schema, .config = maker->config},
    };
    struct kc_error *err = locate(snapshot, lsn);
    if (!err)
        err = begin(snapshot, exported);
    if (!err)
        err = list_tables(snapshot);
    if (!err)
        err = lock_tables(snapshot);
    if (err)
        return kc_while(err, "while beginning the snapshot");
    kc_log_info("postgres", "Snapshot of %zu tables begins at %X/%X", snapshot->n_tables,
                (unsigned)(snapshot->position.lsn >> 32), (unsigned)snapshot->position.lsn);
    return NULL;
}

void snapshot_end(struct snapshot *snapshot)
{
    if (snapshot->held)
        PQfreemem(snapshot->held);
    if (snapshot->held_relation != snapshot->relation)
        relation_free(snapshot->held_relation);
    relation_free(snapshot->relation);
    free_tables(snapshot);
    free(snapshot->cells.cells);
    *snapshot = (struct snapshot){0};
}

/* ---- rows ---- */

static struct kc_error *emit(struct snapshot *snapshot, struct kc_batch *batch, uint64_t number,
                             const char *marker)
{
    struct relation *relation = snapshot->held_relation;
    struct kc_arena *arena = &batch->arena;
    char *line = kc_arena_text(arena, snapshot->held, (size_t)snapshot->held_len);
    if (!relation_split(relation, line, (size_t)snapshot->held_len, &snapshot->cells))
        return kc_fail(KC_FATAL, "a row of %s.%s has other columns than were asked for",
                       relation->schema, relation->name);
    table_keep(relation->table, batch, number);
    struct change change = {.op = OP_READ, .table = relation->table};
    struct kc_error *err = relation_read(relation, snapshot->maker, &snapshot->cells, NULL, arena,
                                         &change.after, &change.key);
    if (err)
        return err;
    snapshot->block.snapshot = marker;
    change.source =
        block_new(&snapshot->block, &snapshot->position, kc_text(relation->table->schema),
                  kc_text(relation->table->name), arena);
    envelope_add(snapshot->envelope, batch, &change);
    snapshot->rows++;
    PQfreemem(snapshot->held);
    snapshot->held = NULL;
    return NULL;
}

static const char *marker(const struct snapshot *snapshot, bool table_ends)
{
    if (snapshot->rows == 0)
        return "first";
    if (table_ends)
        return "last_in_data_collection";
    return snapshot->held_first ? "first_in_data_collection" : "true";
}

/* The row just read becomes the one in hand; the one before it goes out. */
static struct kc_error *hold(struct snapshot *snapshot, struct kc_batch *batch, uint64_t number,
                             char *line, int len)
{
    bool new_table = snapshot->held_relation != snapshot->relation;
    if (snapshot->held) {
        struct kc_error *err = emit(snapshot, batch, number, marker(snapshot, new_table));
        if (err) {
            PQfreemem(line);
            return err;
        }
    }
    if (new_table) {
        relation_free(snapshot->held_relation);
        snapshot->held_relation = snapshot->relation;
    }
    snapshot->held = line;
    snapshot->held_len = len;
    snapshot->held_first = new_table;
    return NULL;
}

/* ---- one table after the other ---- */

/* The user's query for a table; NULL: none. */
static const char *override_of(const struct pg_config *config, const struct snapshot_table *table)
{
    char *full = kc_printf("%s.%s", table->schema, table->name);
    const char *query = NULL;
    for (size_t i = 0; !query && i < config->overrides.len; i++)
        if (strcasecmp(config->overrides.items[i], full) == 0)
            query = kc_props_get(&config->override_statements, config->overrides.items[i]);
    free(full);
    return query;
}

/* What rows are copied from: the table, or the query. */
static void put_source(struct kc_buf *sql, const struct snapshot_table *table, const char *query)
{
    if (query) {
        size_t len = strlen(query);
        while (len && strchr("; \t\r\n", query[len - 1]))
            len--;
        kc_buf_printf(sql, "(%.*s) AS q", (int)len, query);
        return;
    }
    link_put_identifier(sql, table->schema);
    kc_buf_char(sql, '.');
    link_put_identifier(sql, table->name);
}

/* Which columns to ask for: those that are sent; of a query, those that it has. */
static struct kc_error *choose_columns(struct snapshot *snapshot, struct relation *relation,
                                       const struct snapshot_table *table, const char *query)
{
    struct catalog *catalog = snapshot->maker->catalog;
    AUTO_RESULT *result = NULL;
    if (query) {
        KC_AUTO_BUF sql = KC_BUF(0);
        kc_buf_str(&sql, "SELECT * FROM ");
        put_source(&sql, table, query);
        kc_buf_str(&sql, " LIMIT 0");
        struct kc_error *err = link_query(catalog->conn, catalog->stop_fd, sql.data, &result);
        if (err)
            return err;
    }
    for (size_t i = 0; i < relation->n_columns; i++) {
        struct relation_column *column = &relation->columns[i];
        column->copied = column->value_field >= 0 || column->key_field >= 0;
        bool found = !query;
        for (int j = 0; !found && j < PQnfields(result); j++)
            found = strcmp(PQfname(result, j), column->name) == 0;
        column->copied &= found;
    }
    return NULL;
}

static void put_columns(struct kc_buf *sql, const struct relation *relation)
{
    const char *comma = "";
    for (size_t i = 0; i < relation->n_columns; i++) {
        if (!relation->columns[i].copied)
            continue;
        kc_buf_str(sql, comma);
        link_put_identifier(sql, relation->columns[i].name);
        comma = ", ";
    }
}

static struct kc_error *start_copy(struct snapshot *snapshot, struct relation *relation,
                                   const struct snapshot_table *table)
{
    struct catalog *catalog = snapshot->maker->catalog;
    const char *query = override_of(snapshot->maker->config, table);
    struct kc_error *err = choose_columns(snapshot, relation, table, query);
    if (err)
        return err;
    KC_AUTO_BUF sql = KC_BUF(0);
    kc_buf_str(&sql, "COPY (SELECT ");
    put_columns(&sql, relation);
    kc_buf_str(&sql, " FROM ");
    put_source(&sql, table, query);
    kc_buf_str(&sql, ") TO STDOUT");
    PGresult *result = NULL;
    err = link_query(catalog->conn, catalog->stop_fd, sql.data, &result);
    if (!err)
        PQclear(result);
    return err;
}

static struct kc_error *start_table(struct snapshot *snapshot)
{
    const struct snapshot_table *table = &snapshot->tables[snapshot->at];
    struct relation *relation = NULL;
    struct kc_error *err =
        relation_from_catalog(snapshot->maker, table->oid, table->schema, table->name, &relation);
    if (err)
        return err;
    if (snapshot->relation != snapshot->held_relation)
        relation_free(snapshot->relation);
    snapshot->relation = relation;
    err = start_copy(snapshot, relation, table);
    if (err)
        return kc_while_as(err, "org.apache.kafka.connect.errors.ConnectException",
                           "Snapshotting of table %s.%s failed", table->schema, table->name);
    snapshot->copying = true;
    return NULL;
}

/* COPY is over: did it end well? */
static struct kc_error *end_table(struct snapshot *snapshot)
{
    struct catalog *catalog = snapshot->maker->catalog;
    struct kc_error *err = link_finish(catalog->conn, catalog->stop_fd);
    const struct snapshot_table *table = &snapshot->tables[snapshot->at];
    snapshot->copying = false;
    snapshot->at++;
    if (err)
        return kc_while_as(err, "org.apache.kafka.connect.errors.ConnectException",
                           "Snapshotting of table %s.%s failed", table->schema, table->name);
    return NULL;
}

/* Rows that have arrived. *more: the table goes on, but nothing more is here yet. */
static struct kc_error *read_rows(struct snapshot *snapshot, struct kc_batch *batch,
                                  uint64_t number, size_t most, bool *more)
{
    PGconn *conn = snapshot->maker->catalog->conn;
    bool consumed = false;
    *more = false;
    while (batch->count < most && !kc_batch_full(batch)) {
        char *line = NULL;
        int len = PQgetCopyData(conn, &line, 1);
        if (len > 0) {
            struct kc_error *err = hold(snapshot, batch, number, line, len);
            if (err)
                return err;
        } else if (len < 0) {
            return len == -1 ? end_table(snapshot) : link_error(conn, NULL);
        } else if (consumed) {
            *more = true;
            return NULL;
        } else if (!PQconsumeInput(conn)) {
            return link_error(conn, NULL);
        } else {
            consumed = true;
            continue;
        }
        consumed = false;
    }
    return NULL;
}

static struct kc_error *finish(struct snapshot *snapshot, struct kc_batch *batch, uint64_t number)
{
    struct catalog *catalog = snapshot->maker->catalog;
    struct kc_error *err = snapshot->held ? emit(snapshot, batch, number, "last") : NULL;
    if (!err)
        err = link_query(catalog->conn, catalog->stop_fd, "COMMIT", NULL);
    if (err)
        return err;
    snapshot->position.last_row = snapshot->position.completed = true;
    kc_log_info("postgres", "Snapshot complete: %" PRId64 " rows of %zu tables", snapshot->rows,
                snapshot->n_tables);
    return NULL;
}

struct kc_error *snapshot_poll(struct snapshot *snapshot, struct kc_batch *batch, uint64_t number,
                               size_t most, int wait_ms, bool *done)
{
    struct catalog *catalog = snapshot->maker->catalog;
    struct kc_error *err = NULL;
    int64_t deadline = kc_monotonic_ms() + wait_ms;
    *done = false;
    while (!err && batch->count < most && !kc_batch_full(batch)) {
        bool more = false;
        if (snapshot->copying)
            err = read_rows(snapshot, batch, number, most, &more);
        else if (snapshot->at < snapshot->n_tables)
            err = start_table(snapshot);
        else {
            err = finish(snapshot, batch, number);
            *done = !err;
            break;
        }
        if (!err && more) {
            int64_t left = deadline - kc_monotonic_ms();
            if (batch->count && left > GATHER_MS)
                left = GATHER_MS;
            if (left <= 0 || kc_wait_fd(PQsocket(catalog->conn), false, catalog->stop_fd,
                                        (int)left) != KC_WAIT_READY)
                break;
        }
    }
    return err;
}
