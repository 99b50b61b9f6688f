#include "sources/postgres/resumable.h"

#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"

/* Rows that a connection holds for sending, unless max.queue.size.in.bytes says less. */
#define MOST_BYTES (16 << 20)
/* How long the stream may take to come to a chunk's place before the server is nudged. */
#define NUDGE_MS 250
/* How long to wait for a transaction to be seen by others, of which the stream has told. */
#define UNSEEN_MS 20

/* ---- begin and end ---- */

static void count_tables(struct resumable *snapshot)
{
    const struct ranges *ranges = &snapshot->ranges;
    struct snapshot_progress *progress = &snapshot->progress;
    *progress = (struct snapshot_progress){
        .running = true,
        .started_ms = kc_monotonic_ms(),
        .tables = ranges->n_tables,
        .tables_left = ranges->n_tables - ranges->next,
        .rows = ranges->rows,
    };
    for (size_t i = 0; i < ranges->n_tables; i++) {
        progress->rows_estimated += ranges->tables[i].rows;
        progress->tables_left += i < ranges->next && ranges->tables[i].left > 0;
    }
}

static struct kc_error *open_lanes(struct resumable *snapshot)
{
    const struct pg_config *config = snapshot->maker->config;
    size_t count = (size_t)config->snapshot_threads;
    int64_t queue = config->max_queue_bytes / (int64_t)(count * LANE_AHEAD);
    struct kc_error *err = NULL;
    snapshot->lanes = kc_calloc(count, sizeof(*snapshot->lanes));
    for (size_t i = 0; i < count && !err; i++) {
        struct lane *lane = &snapshot->lanes[snapshot->n_lanes++];
        err = lane_open(lane, snapshot->maker);
        lane->most_bytes = queue > 0 && queue < MOST_BYTES ? (size_t)queue : MOST_BYTES;
    }
    return err;
}

struct kc_error *resumable_begin(struct resumable *snapshot, const struct relation_maker *maker,
                                 const struct envelope *envelope, const char *text)
{
    *snapshot = (struct resumable){
        .on = true,
        .maker = maker,
        .envelope = envelope,
        .block = {.schema = maker->source_schema, .config = maker->config},
    };
    struct kc_error *err = ranges_init(&snapshot->ranges, maker, text);
    if (!err)
        err = open_lanes(snapshot);
    if (err)
        return kc_while(err, "while beginning the resumable snapshot");
    count_tables(snapshot);
    notify_snapshot(maker->notifications, "STARTED");
    if (text)
        kc_log_info("postgres", "The snapshot goes on: %" PRId64 " rows are sent, %zu of %zu tables are "
                                "left", snapshot->ranges.rows, snapshot->progress.tables_left,
                    snapshot->progress.tables);
    else
        kc_log_info("postgres", "Resumable snapshot of %zu tables begins", snapshot->progress.tables);
    return NULL;
}

void resumable_end(struct resumable *snapshot)
{
    for (size_t i = 0; i < snapshot->n_lanes; i++)
        lane_close(&snapshot->lanes[i]);
    free(snapshot->lanes);
    ranges_clear(&snapshot->ranges);
    free(snapshot->cells.cells);
    recent_clear(&snapshot->recent);
    struct snapshot_progress progress = snapshot->progress;
    progress.running = false;
    *snapshot = (struct resumable){.progress = progress};
}

static void finish(struct resumable *snapshot)
{
    kc_log_info("postgres",
                "Snapshot complete: %" PRId64 " rows of %zu tables; this run read %zu chunks, and %zu of "
                "them twice since their tables were changed just then",
                snapshot->ranges.rows, snapshot->ranges.n_tables, snapshot->progress.chunks_done,
                snapshot->progress.chunks_again);
    notify_snapshot(snapshot->maker->notifications, "COMPLETED");
    snapshot->progress.completed = true;
    snapshot->progress.tables_left = 0;
    snapshot->progress.ended_ms = kc_monotonic_ms();
    resumable_end(snapshot);
}

const char *resumable_text(const struct resumable *snapshot, struct kc_arena *arena)
{
    KC_AUTO_BUF text = KC_BUF(0);
    ranges_put_text(&snapshot->ranges, &text);
    return kc_arena_text(arena, text.data, text.len);
}

/* ---- reading ---- */

static struct kc_error *read_again(struct resumable *snapshot, struct lane *lane, size_t i)
{
    const struct snapshot_table *table = lane_chunk(lane, i)->range->table;
    kc_log_debug("postgres", "A chunk of %s.%s is read again: the table was changed when it was begun",
                 table->schema, table->name);
    snapshot->progress.chunks -= lane->count - i;
    snapshot->progress.chunks_again++;
    return lane_rewind(lane, i);
}

/* Forgets all chunks of a table, wherever they are. Some of one may have been sent: it is gone on with
 * behind its last row. */
static struct kc_error *rewind_table(struct resumable *snapshot, const struct snapshot_table *table)
{
    struct kc_error *err = NULL;
    for (size_t i = 0; i < snapshot->n_lanes && !err; i++) {
        struct lane *lane = &snapshot->lanes[i];
        for (size_t j = 0; j < lane->count && !err; j++) {
            struct chunk_rows *chunk = lane_chunk(lane, j);
            if (chunk->range->table != table)
                continue;
            if (chunk->begun)
                chunk_place_copy(&chunk->from, &chunk->range->after);
            err = lane_rewind(lane, j);
        }
        if (lane->range && lane->range->table == table) {
            lane->range->taken = false;
            lane->range = NULL;
        }
    }
    return err;
}

static struct kc_error *drop_table(struct resumable *snapshot, struct snapshot_table *table)
{
    struct kc_error *err = rewind_table(snapshot, table);
    kc_log_info("postgres", "Table %s.%s is gone: the snapshot goes on without it", table->schema,
                table->name);
    ranges_drop_table(&snapshot->ranges, table);
    snapshot->progress.tables_left--;
    return err;
}

/* The table is not what it was: gone, renamed, or with other columns. Takes the error that told. */
static struct kc_error *look_again(struct resumable *snapshot, struct snapshot_table *table,
                                   struct kc_error *why)
{
    struct catalog *catalog = snapshot->maker->catalog;
    AUTO_RESULT *result = NULL;
    char oid[16];
    bool same;
    snprintf(oid, sizeof(oid), "%u", table->oid);
    struct kc_error *err = link_ask(catalog->conn, catalog->stop_fd, &result,
                                    "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c"
                                    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                                    " WHERE c.oid = $1::oid", oid, NULL);
    if (!err && PQntuples(result) == 0) {
        kc_error_free(why);
        return drop_table(snapshot, table);
    }
    if (!err)
        err = rewind_table(snapshot, table);
    if (err) {
        kc_error_free(why);
        return err;
    }
    const char *schema = PQgetvalue(result, 0, 0), *name = PQgetvalue(result, 0, 1);
    bool renamed = strcmp(schema, table->schema) != 0 || strcmp(name, table->name) != 0;
    if (!renamed && !strstr(why->text, "structure")) {
        why->fault = KC_RETRY;
        return why;
    }
    kc_error_free(why);
    if (renamed && !captures_table(snapshot->maker->captures, catalog->config, kc_text(schema),
                                   kc_text(name)))
        return drop_table(snapshot, table);
    kc_log_info("postgres", "Table %s.%s is %s%s%s: the snapshot looks at it again", table->schema,
                table->name, renamed ? "now " : "altered", renamed ? schema : "",
                renamed ? "." : "");
    free(table->schema);
    free(table->name);
    table->schema = kc_strdup(schema);
    table->name = kc_strdup(name);
    return ranges_reshape(&snapshot->ranges, table, &same);
}

/* A chunk has got its moment: is all in it that the stream has shown of its table? */
static struct kc_error *check_moment(struct resumable *snapshot, struct lane *lane)
{
    struct chunk_rows *chunk = lane_reading(lane);
    chunk->checked = true;
    chunk->contested = snapshot->xid && !visible_has(&chunk->seen, snapshot->xid);
    if (recent_all_seen(&snapshot->recent, &chunk->seen, chunk->range->table->oid))
        return NULL;
    snapshot->wait_until = kc_monotonic_ms() + UNSEEN_MS;
    return read_again(snapshot, lane, lane->count - 1);
}

static struct kc_error *start_chunk(struct resumable *snapshot, struct lane *lane, bool *moved)
{
    struct kc_error *err = NULL;
    if (kc_monotonic_ms() < snapshot->wait_until)
        return NULL;
    if (!lane->range)
        err = ranges_take(&snapshot->ranges, snapshot->n_lanes, lane->chunk, &lane->range);
    if (err || !lane->range)
        return err;
    *moved = true;
    snapshot->progress.chunks++;
    return lane_start(lane);
}

struct kc_error *resumable_step(struct resumable *snapshot, bool *moved)
{
    struct kc_error *err = NULL;
    for (size_t i = 0; i < snapshot->n_lanes && !err; i++) {
        struct lane *lane = &snapshot->lanes[i];
        if (lane_is_free(lane))
            err = start_chunk(snapshot, lane, moved);
        struct chunk_rows *chunk = lane_reading(lane);
        if (err || !chunk)
            continue;
        struct snapshot_table *table = chunk->range->table;
        err = lane_step(lane, moved);
        chunk = lane_reading(lane);
        if (!err && chunk && chunk_is_placed(chunk) && !chunk->checked)
            err = check_moment(snapshot, lane);
        if (err && err->fault == KC_BAD_DATA)
            err = look_again(snapshot, table, err);
        else if (err)
            err = kc_while_as(err, "org.apache.kafka.connect.errors.ConnectException",
                              "Snapshotting of table %s.%s failed", table->schema, table->name);
    }
    return err;
}

/* ---- the stream ---- */

uint64_t resumable_place(struct resumable *snapshot)
{
    uint64_t place = UINT64_MAX;
    for (size_t i = 0; i < snapshot->n_lanes; i++) {
        struct lane *lane = &snapshot->lanes[i];
        if (lane->count && chunk_is_placed(lane_chunk(lane, 0)) &&
            lane_chunk(lane, 0)->place < place)
            place = lane_chunk(lane, 0)->place;
    }
    return place;
}

void resumable_begins(struct resumable *snapshot, uint32_t xid, uint64_t commit_lsn)
{
    snapshot->xid = xid;
    for (size_t i = 0; i < snapshot->n_lanes; i++) {
        struct lane *lane = &snapshot->lanes[i];
        for (size_t j = 0; j < lane->count; j++) {
            struct chunk_rows *chunk = lane_chunk(lane, j);
            chunk->contested = chunk_is_placed(chunk) && commit_lsn < chunk->place &&
                               !visible_has(&chunk->seen, xid);
        }
    }
}

struct kc_error *resumable_changed(struct resumable *snapshot, uint32_t oid)
{
    struct kc_error *err = NULL;
    recent_add(&snapshot->recent, snapshot->xid, oid);
    for (size_t i = 0; i < snapshot->n_lanes && !err; i++) {
        struct lane *lane = &snapshot->lanes[i];
        for (size_t j = 0; j < lane->count && !err; j++) {
            const struct chunk_rows *chunk = lane_chunk(lane, j);
            if (!chunk->contested || (oid && chunk->range->table->oid != oid))
                continue;
            err = read_again(snapshot, lane, j);
        }
    }
    return err;
}

struct kc_error *resumable_nudge(struct resumable *snapshot)
{
    const struct catalog *catalog = snapshot->maker->catalog;
    int64_t now = kc_monotonic_ms();
    if (!snapshot->nudge_at)
        snapshot->nudge_at = now + NUDGE_MS;
    if (now < snapshot->nudge_at)
        return NULL;
    snapshot->nudge_at = now + NUDGE_MS;
    /* The commit of a number of its own is written out soon, and all before it. */
    return link_query(catalog->conn, catalog->stop_fd,
                      "SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN 0"
                      " ELSE pg_catalog.txid_current() END", NULL);
}

void resumable_wait(struct resumable *snapshot, int stream_fd, int stop_fd, int ms)
{
    struct pollfd fds[snapshot->n_lanes + 2];
    nfds_t count = 0;
    fds[count++] = (struct pollfd){.fd = stop_fd, .events = POLLIN};
    fds[count++] = (struct pollfd){.fd = stream_fd, .events = POLLIN};
    for (size_t i = 0; i < snapshot->n_lanes; i++)
        if (lane_waits(&snapshot->lanes[i]))
            fds[count++] =
                (struct pollfd){.fd = PQsocket(snapshot->lanes[i].conn), .events = POLLIN};
    poll(fds, count, ms);
}

/* ---- sending ---- */

static const char *marker(const struct resumable *snapshot, const struct chunk_rows *chunk)
{
    const struct snapshot_table *table = chunk->range->table;
    bool last = chunk->last && chunk->at + 1 == chunk->n_rows && table->left == 1;
    const struct ranges *ranges = &snapshot->ranges;
    if (last && ranges->next == ranges->n_tables && ranges->first == chunk->range &&
        !chunk->range->next)
        return "last";
    if (ranges->rows == 0)
        return "first";
    if (last)
        return "last_in_data_collection";
    return table->begun ? "true" : "first_in_data_collection";
}

static struct kc_error *send_row(struct resumable *snapshot, struct chunk_rows *chunk,
                                 struct kc_batch *batch, uint64_t number, uint64_t commit_lsn)
{
    const struct relation *relation = chunk->relation;
    const struct row *row = &chunk->rows[chunk->at];
    struct change change = {.op = OP_READ, .table = relation->table};
    struct position position = {
        .known = true, .lsn = chunk->place, .lsn_commit = commit_lsn, .tx_id = -1};
    struct kc_error *err =
        relation_read_line(relation, snapshot->maker, (struct kc_text){row->line, (size_t)row->len},
                           &snapshot->cells, &batch->arena, &change.after, &change.key);
    if (err)
        return err;
    table_keep(change.table, batch, number);
    snapshot->block.snapshot = marker(snapshot, chunk);
    snapshot->block.ts_us = chunk->ts_us;
    change.source = block_new(&snapshot->block, &position, kc_text(change.table->schema),
                              kc_text(change.table->name), &batch->arena);
    envelope_add(snapshot->envelope, batch, &change);
    chunk->range->table->begun = true;
    snapshot->progress.rows = ++snapshot->ranges.rows;
    chunk_sent(chunk);
    return NULL;
}

static void end_chunk(struct resumable *snapshot, struct lane *lane, struct chunk_rows *chunk)
{
    struct range *range = chunk->range;
    struct snapshot_table *table = range->table;
    bool last = chunk->last;
    snapshot->progress.chunks_done++;
    lane_shift(lane);
    if (!last)
        return;
    snapshot->progress.tables_left -= table->left == 1;
    ranges_end(&snapshot->ranges, range);
}

/* What a lane's first chunk has at hand. */
static struct kc_error *send_chunk(struct resumable *snapshot, struct lane *lane,
                                   struct kc_batch *batch, uint64_t number, size_t most,
                                   uint64_t commit_lsn)
{
    struct chunk_rows *chunk = lane_chunk(lane, 0);
    struct kc_error *err = NULL;
    size_t before = batch->count;
    while (!err && chunk->at < chunk->n_rows && batch->count < most && !kc_batch_full(batch))
        err = send_row(snapshot, chunk, batch, number, commit_lsn);
    /* Rows of a table without order have no places. */
    if (!err && chunk->order.count && batch->count > before)
        chunk_place_set(&chunk->range->after, &chunk->order, &snapshot->cells);
    if (!err && chunk->over && chunk->at == chunk->n_rows)
        end_chunk(snapshot, lane, chunk);
    return err;
}

/* Of the chunks that can be sent now the one with the lowest place. */
static struct lane *due(struct resumable *snapshot, uint64_t stream)
{
    struct lane *found = NULL;
    for (size_t i = 0; i < snapshot->n_lanes; i++) {
        struct lane *lane = &snapshot->lanes[i];
        const struct chunk_rows *chunk = lane->count ? lane_chunk(lane, 0) : NULL;
        if (!chunk || !chunk_is_placed(chunk) || chunk->place > stream ||
            !(chunk_is_ready(lane, chunk) || (chunk->begun && chunk->at < chunk->n_rows)))
            continue;
        if (!found || chunk->place < lane_chunk(found, 0)->place)
            found = lane;
    }
    return found;
}

struct kc_error *resumable_send(struct resumable *snapshot, struct kc_batch *batch, uint64_t number,
                                size_t most, uint64_t stream, uint64_t commit_lsn)
{
    struct kc_error *err = NULL;
    struct lane *lane;
    while (!err && batch->count < most && !kc_batch_full(batch) && (lane = due(snapshot, stream))) {
        snapshot->nudge_at = 0;
        err = send_chunk(snapshot, lane, batch, number, most, commit_lsn);
    }
    bool idle = ranges_empty(&snapshot->ranges);
    if (!err && idle)
        finish(snapshot);
    return err;
}
