#include "sources/postgres/snapshot.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mailbox.h"

/* How long a batch that has rows waits for more of them. */
#define GATHER_MS 10

/* ---- begin and end ---- */

static void put_begin(struct kc_buf *sql, enum pg_isolation isolation, const char *exported)
{
    static const char *const own[] = {
        [ISOLATION_SERIALIZABLE] = "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE",
        [ISOLATION_REPEATABLE_READ] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        [ISOLATION_READ_COMMITTED] = "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY",
        [ISOLATION_READ_UNCOMMITTED] = "BEGIN ISOLATION LEVEL READ UNCOMMITTED READ ONLY",
    };
    if (exported) {
        kc_buf_str(sql, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; "
                        "SET TRANSACTION SNAPSHOT ");
        link_put_literal(sql, exported);
    } else {
        kc_buf_str(sql, own[isolation]);
    }
    /* Reading a table takes what it takes. */
    kc_buf_str(sql, "; SET LOCAL statement_timeout = 0");
}

static struct kc_error *begin(const struct snapshot *snapshot, PGconn *conn, const char *exported)
{
    const struct relation_maker *maker = snapshot->maker;
    KC_AUTO_BUF sql = KC_BUF(0);
    put_begin(&sql, (enum pg_isolation)maker->config->isolation, exported);
    return link_query(conn, maker->catalog->stop_fd, sql.data, NULL);
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

/* "public.a,public.b" */
static char *join_names(const struct snapshot *snapshot)
{
    struct kc_buf buf = KC_BUF(0);
    for (size_t i = 0; i < snapshot->n_tables; i++)
        kc_buf_printf(&buf, "%s%s.%s", i ? "," : "", snapshot->tables[i].schema,
                      snapshot->tables[i].name);
    return buf.data ? kc_buf_take(&buf) : kc_strdup("");
}

static struct kc_error *find_tables(struct snapshot *snapshot)
{
    struct catalog *catalog = snapshot->maker->catalog;
    struct kc_error *err = tables_list(snapshot->maker, &snapshot->tables, &snapshot->n_tables);
    if (!err && snapshot->cut)
        err = tables_sort(catalog, snapshot->tables, snapshot->n_tables);
    if (!err)
        err = tables_lock(catalog, snapshot->tables, snapshot->n_tables);
    snapshot->tables_left = snapshot->n_tables;
    struct snapshot_progress *progress = &snapshot->progress;
    *progress = (struct snapshot_progress){
        .running = true,
        .started_ms = kc_monotonic_ms(),
        .tables = snapshot->n_tables,
        .tables_left = snapshot->n_tables,
    };
    for (size_t i = 0; i < snapshot->n_tables; i++)
        progress->rows_estimated += snapshot->tables[i].rows;
    if (err)
        return err;
    snapshot->names = join_names(snapshot);
    notify_tables(snapshot->maker->notifications, snapshot->names);
    return NULL;
}

/* Connections that see what the catalog's transaction sees. */
static struct kc_error *open_readers(struct snapshot *snapshot, size_t count)
{
    struct catalog *catalog = snapshot->maker->catalog;
    AUTO_RESULT *result = NULL;
    struct kc_error *err = link_query(catalog->conn, catalog->stop_fd,
                                      "SELECT pg_catalog.pg_export_snapshot()", &result);
    snapshot->own = true;
    for (size_t i = 0; i < count && !err; i++) {
        struct reader *reader = &snapshot->readers[i];
        reader->stop_fd = catalog->stop_fd;
        snapshot->n_readers++;
        err = link_open(catalog->config, LINK_SQL, catalog->stop_fd, &reader->conn);
        if (!err)
            err = catalog_greet(catalog->config, reader->conn, catalog->stop_fd);
        if (!err)
            err = begin(snapshot, reader->conn, PQgetvalue(result, 0, 0));
    }
    return err;
}

static struct kc_error *start_readers(struct snapshot *snapshot)
{
    struct catalog *catalog = snapshot->maker->catalog;
    const struct pg_config *config = snapshot->maker->config;
    size_t count = (size_t)config->snapshot_threads;
    if (config->legacy_threads && count > snapshot->n_tables)
        count = snapshot->n_tables ? snapshot->n_tables : 1;
    /* Of whole tables read side by side none is the first. */
    snapshot->marks_first = !config->legacy_threads || count == 1;
    snapshot->readers = kc_calloc(count, sizeof(*snapshot->readers));
    if (count > 1)
        return open_readers(snapshot, count);
    snapshot->n_readers = 1;
    snapshot->readers[0] = (struct reader){.conn = catalog->conn, .stop_fd = catalog->stop_fd};
    return NULL;
}

struct kc_error *snapshot_begin(struct snapshot *snapshot, const struct relation_maker *maker,
                                const struct envelope *envelope, const char *exported, uint64_t lsn)
{
    const struct pg_config *config = maker->config;
    *snapshot = (struct snapshot){
        .maker = maker,
        .envelope = envelope,
        .block = {.schema = maker->source_schema, .config = config},
        .cut = !config->legacy_threads &&
               (config->snapshot_threads > 1 || pieces_multiplied(config)),
    };
    notify_snapshot(maker->notifications, "STARTED");
    struct kc_error *err = locate(snapshot, lsn);
    if (!err)
        err = begin(snapshot, maker->catalog->conn, exported);
    if (!err)
        err = find_tables(snapshot);
    if (!err)
        err = start_readers(snapshot);
    if (err)
        return kc_while(err, "while beginning the snapshot");
    kc_log_info("postgres", "Snapshot of %zu tables begins at %X/%X%s", snapshot->n_tables,
                (unsigned)(snapshot->position.lsn >> 32), (unsigned)snapshot->position.lsn,
                snapshot->cut ? ", in pieces" : "");
    return NULL;
}

void snapshot_end(struct snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->n_readers; i++) {
        reader_clear(&snapshot->readers[i]);
        if (snapshot->own)
            link_close(&snapshot->readers[i].conn);
    }
    free(snapshot->readers);
    PQfreemem(snapshot->held.row.line);
    relation_free(snapshot->held.relation);
    tables_free(snapshot->tables, snapshot->n_tables);
    free(snapshot->cells.cells);
    free(snapshot->names);
    struct snapshot_progress progress = snapshot->progress;
    progress.running = false;
    *snapshot = (struct snapshot){.progress = progress};
}

/* ---- rows ---- */

static struct kc_error *emit(struct snapshot *snapshot, struct kc_batch *batch, uint64_t number,
                             const char *marker)
{
    struct held_row *held = &snapshot->held;
    const struct relation *relation = held->relation;
    struct change change = {.op = OP_READ, .table = relation->table};
    struct kc_error *err = relation_read_line(
        relation, snapshot->maker, (struct kc_text){held->row.line, (size_t)held->row.len},
        &snapshot->cells, &batch->arena, &change.after, &change.key);
    if (err)
        return err;
    table_keep(change.table, batch, number);
    snapshot->block.snapshot = marker;
    change.source = block_new(&snapshot->block, &snapshot->position, kc_text(change.table->schema),
                              kc_text(change.table->name), &batch->arena);
    envelope_add(snapshot->envelope, batch, &change);
    snapshot->rows++;
    snapshot->progress.rows++;
    PQfreemem(held->row.line);
    held->row = (struct row){0};
    return NULL;
}

static const char *marker(const struct snapshot *snapshot)
{
    if (snapshot->held.first && snapshot->held.of_first && snapshot->marks_first)
        return "first";
    if (snapshot->held.last)
        return "last_in_data_collection";
    return snapshot->held.first ? "first_in_data_collection" : "true";
}

/* The reader's row becomes the one held back; the one before it goes out. */
static struct kc_error *hold(struct snapshot *snapshot, struct reader *reader,
                             struct kc_batch *batch, uint64_t number)
{
    struct snapshot_table *table = reader->piece->table;
    struct held_row *held = &snapshot->held;
    struct kc_error *err = held->row.line ? emit(snapshot, batch, number, marker(snapshot)) : NULL;
    if (err)
        return err;
    if (held->relation != table->relation) {
        relation_free(held->relation);
        held->relation = relation_ref(table->relation);
    }
    held->first = reader->rows == 0 && reader->piece->index == 0;
    held->of_first = table == snapshot->tables;
    held->last = reader_at_last(reader) && reader->piece->index + 1 == table->n_pieces;
    held->row = reader_take(reader);
    table->read++;
    snapshot->steps++;
    if (held->first)
        table->begun = snapshot->begun = true;
    return NULL;
}

/* The first row of all and of a table comes before all others of it, the last after them: so say the
 * markers. Pieces begin in order, so whom a row waits for is at work. */
static bool may_go(const struct snapshot *snapshot, const struct reader *reader)
{
    const struct piece *piece = reader->piece;
    const struct snapshot_table *table = piece->table;
    bool first = reader->rows == 0 && piece->index == 0;
    if (!snapshot->cut)
        return true;
    if (first ? !snapshot->begun && table != snapshot->tables : !table->begun)
        return false;
    bool last = reader_at_last(reader) && piece->index + 1 == table->n_pieces;
    bool last_of_all = last && table + 1 == snapshot->tables + snapshot->n_tables;
    return !last || (table->left == 1 && (!last_of_all || snapshot->tables_left == 1));
}

/* ---- pieces ---- */

static struct kc_error *table_error(const struct snapshot *snapshot,
                                    const struct snapshot_table *table, struct kc_error *err)
{
    if (err->fault != KC_STOPPED) {
        char *name = kc_printf("%s.%s", table->schema, table->name);
        notify_unreadable(snapshot->maker->notifications, name);
        free(name);
    }
    return kc_while_as(err, "org.apache.kafka.connect.errors.ConnectException",
                       "Snapshotting of table %s.%s failed", table->schema, table->name);
}

/* What notifications tell of a table, or of a piece of one. */
static struct notify_part part_of(const struct snapshot *snapshot,
                                  const struct snapshot_table *table, const struct piece *piece,
                                  struct kc_buf *name)
{
    kc_buf_printf(name, "%s.%s", table->schema, table->name);
    return (struct notify_part){
        .table = name->data,
        .tables = snapshot->names,
        .piece = piece && table->n_pieces > 1 ? (int64_t)piece->index : -1,
        .pieces = (int64_t)table->n_pieces,
    };
}

static void tell_begun(struct snapshot *snapshot, const struct snapshot_table *table)
{
    KC_AUTO_BUF name = KC_BUF(0);
    struct notify_part part = part_of(snapshot, table, NULL, &name);
    notify_table(snapshot->maker->notifications, &part);
}

static void tell_piece_begun(struct snapshot *snapshot, const struct piece *piece)
{
    KC_AUTO_BUF name = KC_BUF(0);
    struct notify_part part = part_of(snapshot, piece->table, piece, &name);
    if (part.piece >= 0)
        notify_piece(snapshot->maker->notifications, &part);
}

static void tell_piece_ended(struct snapshot *snapshot, const struct piece *piece, int64_t rows)
{
    KC_AUTO_BUF name = KC_BUF(0);
    struct notify_part part = part_of(snapshot, piece->table, piece, &name);
    if (part.piece >= 0)
        notify_piece_scanned(snapshot->maker->notifications, &part, rows);
}

static void tell_ended(struct snapshot *snapshot, const struct snapshot_table *table)
{
    KC_AUTO_BUF name = KC_BUF(0);
    struct notify_part part = part_of(snapshot, table, NULL, &name);
    notify_scanned(snapshot->maker->notifications, &part, table->read);
}

static struct kc_error *open_table(struct snapshot *snapshot, struct snapshot_table *table)
{
    struct catalog *catalog = snapshot->maker->catalog;
    struct snapshot_progress *progress = &snapshot->progress;
    int64_t most = snapshot->cut ? pieces_wanted(catalog->config, table) : 1;
    tell_begun(snapshot, table);
    struct kc_error *err = table_prepare(snapshot->maker, table, snapshot->cut);
    progress->rows_estimated -= table->rows;
    if (!err)
        err = table_cut(catalog, table, most);
    progress->rows_estimated += table->rows;
    progress->chunks += table->n_pieces;
    return err ? table_error(snapshot, table, err) : NULL;
}

/* Gives the reader the next piece, if there is one left. */
static struct kc_error *start_piece(struct snapshot *snapshot, struct reader *reader)
{
    if (snapshot->table == snapshot->n_tables)
        return NULL;
    struct snapshot_table *table = &snapshot->tables[snapshot->table];
    struct kc_error *err = table->pieces ? NULL : open_table(snapshot, table);
    if (err)
        return err;
    KC_AUTO_BUF sql = KC_BUF(0);
    piece_put_sql(&sql, &table->pieces[snapshot->piece]);
    err = reader_start(reader, &table->pieces[snapshot->piece], sql.data);
    if (err)
        return table_error(snapshot, table, err);
    snapshot->steps++;
    tell_piece_begun(snapshot, &table->pieces[snapshot->piece]);
    if (++snapshot->piece == table->n_pieces) {
        snapshot->piece = 0;
        snapshot->table++;
    }
    return NULL;
}

static struct kc_error *end_piece(struct snapshot *snapshot, struct reader *reader)
{
    const struct piece *piece = reader->piece;
    struct snapshot_table *table = piece->table;
    if (piece->index == 0) {
        table->begun = true;
        snapshot->begun |= table == snapshot->tables;
    }
    snapshot->progress.chunks_done++;
    snapshot->steps++;
    int64_t rows = reader->rows;
    struct kc_error *err = reader_finish(reader);
    if (err)
        return table_error(snapshot, table, err);
    tell_piece_ended(snapshot, piece, rows);
    if (--table->left)
        return NULL;
    snapshot->progress.tables_left = --snapshot->tables_left;
    tell_ended(snapshot, table);
    table_done(table);
    return NULL;
}

/* All that one reader has at hand. */
static struct kc_error *run_reader(struct snapshot *snapshot, struct reader *reader,
                                   struct kc_batch *batch, uint64_t number, size_t most)
{
    struct kc_error *err = reader->piece ? NULL : start_piece(snapshot, reader);
    while (!err && reader->piece && batch->count < most && !kc_batch_full(batch)) {
        err = reader_fill(reader);
        if (err)
            return table_error(snapshot, reader->piece->table, err);
        if (reader_ended(reader))
            return end_piece(snapshot, reader);
        if (!reader_has_row(reader) || !may_go(snapshot, reader))
            return NULL;
        err = hold(snapshot, reader, batch, number);
    }
    return err;
}

static struct kc_error *finish(struct snapshot *snapshot, struct kc_batch *batch, uint64_t number)
{
    struct catalog *catalog = snapshot->maker->catalog;
    struct kc_error *err = snapshot->held.row.line ? emit(snapshot, batch, number, "last") : NULL;
    if (!err)
        err = link_query(catalog->conn, catalog->stop_fd, "COMMIT", NULL);
    if (err)
        return err;
    snapshot->position.last_row = snapshot->position.completed = true;
    snapshot->progress.completed = true;
    snapshot->progress.ended_ms = kc_monotonic_ms();
    notify_snapshot(snapshot->maker->notifications, "COMPLETED");
    kc_log_info("postgres", "Snapshot complete: %" PRId64 " rows of %zu tables", snapshot->rows,
                snapshot->n_tables);
    return NULL;
}

static struct kc_error *run_readers(struct snapshot *snapshot, struct kc_batch *batch,
                                    uint64_t number, size_t most)
{
    struct kc_error *err = NULL;
    size_t turn = snapshot->turn++;
    for (size_t i = 0; i < snapshot->n_readers && !err; i++)
        err = run_reader(snapshot, &snapshot->readers[(turn + i) % snapshot->n_readers], batch,
                         number, most);
    return err;
}

struct kc_error *snapshot_poll(struct snapshot *snapshot, struct kc_batch *batch, uint64_t number,
                               size_t most, int wait_ms, bool *done)
{
    int stop_fd = snapshot->maker->catalog->stop_fd;
    int64_t deadline = kc_monotonic_ms() + wait_ms;
    struct kc_error *err = NULL;
    *done = false;
    while (!err && batch->count < most && !kc_batch_full(batch)) {
        uint64_t before = snapshot->steps;
        err = run_readers(snapshot, batch, number, most);
        if (err || snapshot->steps != before)
            continue;
        if (!snapshot->tables_left) {
            err = finish(snapshot, batch, number);
            *done = !err;
            break;
        }
        int64_t left = deadline - kc_monotonic_ms();
        if (batch->count && left > GATHER_MS)
            left = GATHER_MS;
        if (left <= 0 || !readers_wait(snapshot->readers, snapshot->n_readers, stop_fd, (int)left))
            break;
    }
    return err;
}
