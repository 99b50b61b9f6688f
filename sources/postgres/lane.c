#include "sources/postgres/lane.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mailbox.h"

/* WAL is counted with the headers of its pages, or without where one has just begun: then its end is
 * the page's beginning. */
#define WAL_PAGE   8192
#define WAL_HEADER 40

/* ---- begin and end ---- */

static void clear_chunk(struct chunk_rows *chunk)
{
    for (size_t i = chunk->at; i < chunk->n_rows; i++)
        PQfreemem(chunk->rows[i].line);
    free(chunk->rows);
    visible_clear(&chunk->seen);
    chunk_order_clear(&chunk->order);
    chunk_place_clear(&chunk->from);
    relation_free(chunk->relation);
    *chunk = (struct chunk_rows){0};
}

struct kc_error *lane_open(struct lane *lane, const struct relation_maker *maker)
{
    const struct pg_config *config = maker->config;
    lane->maker = maker;
    lane->stop_fd = maker->catalog->stop_fd;
    lane->chunk = config->fetch_size > 0 ? config->fetch_size : 10240;
    struct kc_error *err = link_open(config, LINK_SQL, lane->stop_fd, &lane->conn);
    return err ? err : catalog_greet(config, lane->conn, lane->stop_fd);
}

void lane_close(struct lane *lane)
{
    for (size_t i = 0; i < lane->count; i++)
        clear_chunk(lane_chunk(lane, i));
    link_result_clear(&lane->answer);
    link_close(&lane->conn);
    *lane = (struct lane){0};
}

/* ---- locking, and the moment of the chunk ---- */

static void put_table(struct kc_buf *sql, const struct snapshot_table *table)
{
    link_put_identifier(sql, table->schema);
    kc_buf_char(sql, '.');
    link_put_identifier(sql, table->name);
}

/* Without the lock a rewrite between snapshot and rows would show the table empty. */
static struct kc_error *lock(struct lane *lane, const struct snapshot_table *table)
{
    KC_AUTO_BUF sql = KC_BUF(0);
    kc_buf_printf(&sql,
                  "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0;"
                  " SET LOCAL lock_timeout = %" PRId64 "; LOCK TABLE %s",
                  lane->maker->config->lock_timeout_ms, table->partitioned ? "" : "ONLY ");
    put_table(&sql, table);
    kc_buf_str(&sql, " IN ACCESS SHARE MODE");
    return link_send(lane->conn, sql.data);
}

struct kc_error *lane_start(struct lane *lane)
{
    struct chunk_rows *chunk = &lane->chunks[(lane->first + lane->count) % LANE_AHEAD];
    struct kc_error *err = lock(lane, lane->range->table);
    if (err)
        return err;
    *chunk = (struct chunk_rows){.range = lane->range};
    chunk_place_copy(&chunk->from, &lane->range->read);
    lane->count++;
    lane->state = LANE_LOCKING;
    return NULL;
}

static uint64_t round_to_page(uint64_t lsn)
{
    uint64_t into = lsn % WAL_PAGE;
    return into <= WAL_HEADER ? lsn - into : lsn;
}

/* Takes the transaction's snapshot, and then the end of the WAL. */
static struct kc_error *mark(struct lane *lane, struct chunk_rows *chunk)
{
    const struct snapshot_table *table = chunk->range->table;
    AUTO_RESULT *result = NULL;
    KC_AUTO_BUF sql = KC_BUF(0);
    kc_buf_str(&sql,
               "SELECT pg_catalog.pg_current_snapshot(), CASE WHEN pg_catalog.pg_is_in_recovery()"
               " THEN pg_catalog.pg_last_wal_replay_lsn()"
               " ELSE pg_catalog.pg_current_wal_insert_lsn() END, ");
    ranges_put_shape_sql(&sql, table->oid);
    struct kc_error *err = link_query(lane->conn, lane->stop_fd, sql.data, &result);
    if (!err)
        err = visible_parse(&chunk->seen, link_text(result, 0, 0));
    if (err)
        return err;
    chunk->place = round_to_page(link_lsn(link_text(result, 0, 1)));
    chunk->ts_us = kc_now_us();
    const char *shape = link_text(result, 0, 2);
    if (!shape || strcmp(shape, table->shape) != 0)
        return kc_fail(KC_BAD_DATA, "the structure of %s.%s has changed", table->schema,
                       table->name);
    return NULL;
}

static struct chunk_order copy_order(const struct chunk_order *from)
{
    struct chunk_order order = *from;
    order.columns = kc_calloc(from->count + 1, sizeof(*order.columns));
    if (from->count)
        memcpy(order.columns, from->columns, from->count * sizeof(*order.columns));
    return order;
}

static struct kc_error *start_copy(struct lane *lane, struct chunk_rows *chunk)
{
    struct range *range = chunk->range;
    struct snapshot_table *table = range->table;
    KC_AUTO_BUF sql = KC_BUF(0);
    chunk->relation = relation_ref(table->relation);
    chunk->order = copy_order(&table->order);
    if (!table->order.count) {
        piece_put_sql(&sql, &(struct piece){.table = table});
        return link_send(lane->conn, sql.data);
    }
    kc_buf_str(&sql, "COPY (");
    chunk_put_select(&sql, &(struct chunk){.relation = table->relation,
                                           .order = &table->order,
                                           .after = &range->read,
                                           .to = &range->to,
                                           .limit = lane->chunk});
    kc_buf_str(&sql, ") TO STDOUT");
    return link_send(lane->conn, sql.data);
}

/* ---- rows ---- */

/* Where the next chunk of the range begins. */
static struct kc_error *note_read(struct lane *lane, struct chunk_rows *chunk)
{
    struct range *range = chunk->range;
    bool full = chunk->order.count && chunk->total >= lane->chunk;
    chunk->over = true;
    chunk->last = range->read_all = !full;
    if (!full)
        lane->range = NULL;
    if (full && chunk->at == chunk->n_rows)
        chunk_place_copy(&range->read, &range->after);
    if (!full || chunk->at == chunk->n_rows)
        return NULL;
    struct pgoutput_tuple cells = {0};
    const struct row *row = &chunk->rows[chunk->n_rows - 1];
    char *line = kc_strndup(row->line, (size_t)row->len);
    struct kc_error *err = relation_split(chunk->relation, line, (size_t)row->len, &cells);
    if (!err)
        chunk_place_set(&range->read, &chunk->order, &cells);
    free(line);
    free(cells.cells);
    return err;
}

static struct kc_error *end_copy(struct lane *lane, struct chunk_rows *chunk)
{
    struct kc_error *err = link_finish(lane->conn, lane->stop_fd);
    if (!err)
        err = link_query(lane->conn, lane->stop_fd, "COMMIT", NULL);
    if (!err)
        err = note_read(lane, chunk);
    lane->state = LANE_REST;
    return err;
}

/* A table without order is one chunk, sent while it comes: those that are gone make room. */
static void add_row(struct chunk_rows *chunk, struct row row)
{
    if (chunk->at > 1000 && chunk->at > chunk->n_rows / 2) {
        chunk->n_rows -= chunk->at;
        memmove(chunk->rows, chunk->rows + chunk->at, chunk->n_rows * sizeof(row));
        chunk->at = 0;
    }
    chunk->rows = kc_grow(chunk->rows, chunk->n_rows, &chunk->cap, sizeof(row));
    chunk->rows[chunk->n_rows++] = row;
    chunk->bytes += (size_t)row.len;
    chunk->total++;
}

void chunk_sent(struct chunk_rows *chunk)
{
    struct row *row = &chunk->rows[chunk->at++];
    chunk->bytes -= (size_t)row->len;
    PQfreemem(row->line);
    chunk->begun = true;
}

static struct kc_error *read_rows(struct lane *lane, struct chunk_rows *chunk, bool *moved)
{
    bool consumed = false;
    while (chunk->bytes < lane->most_bytes) {
        struct row row = {0};
        row.len = PQgetCopyData(lane->conn, &row.line, 1);
        if (row.len == -1) {
            *moved = true;
            return end_copy(lane, chunk);
        }
        if (row.len < 0 || (row.len == 0 && !consumed && !PQconsumeInput(lane->conn)))
            return link_error(lane->conn, NULL);
        if (row.len == 0 && consumed)
            return NULL;
        consumed = row.len == 0;
        if (consumed)
            continue;
        add_row(chunk, row);
        *moved = true;
    }
    return NULL;
}

/* What the server said to the last statement; *done: the next may follow. */
static struct kc_error *receive(struct lane *lane, bool *done)
{
    struct kc_error *err = link_receive(lane->conn, &lane->answer, done);
    if (err || *done)
        link_result_clear(&lane->answer);
    return err;
}

/* A table that can't be locked since it is not there under that name. */
static struct kc_error *lock_error(const struct lane *lane, struct kc_error *err)
{
    const struct chunk_rows *chunk = &lane->chunks[(lane->first + lane->count - 1) % LANE_AHEAD];
    const struct snapshot_table *table = chunk->range->table;
    if (err->fault == KC_FATAL)
        err->fault = KC_BAD_DATA;
    return kc_while(err, "while locking table %s.%s", table->schema, table->name);
}

struct kc_error *lane_step(struct lane *lane, bool *moved)
{
    struct chunk_rows *chunk = lane_reading(lane);
    struct kc_error *err = NULL;
    bool done = true;
    if (lane->state == LANE_LOCKING) {
        err = receive(lane, &done);
        if (err)
            return lock_error(lane, err);
        err = done ? mark(lane, chunk) : NULL;
        if (!err && done)
            err = start_copy(lane, chunk);
        if (!err && done)
            lane->state = LANE_STARTING;
        *moved |= done;
    }
    if (!err && lane->state == LANE_STARTING) {
        err = receive(lane, &done);
        if (!err && done)
            lane->state = LANE_READING;
    }
    if (!err && lane->state == LANE_READING)
        err = read_rows(lane, chunk, moved);
    return err;
}

bool lane_waits(struct lane *lane)
{
    const struct chunk_rows *chunk = lane_reading(lane);
    return chunk && (lane->state != LANE_READING || chunk->bytes < lane->most_bytes);
}

/* ---- leaving ---- */

static struct kc_error *next_result(struct lane *lane, PGresult **result)
{
    while (PQisBusy(lane->conn)) {
        if (kc_wait_fd(PQsocket(lane->conn), false, lane->stop_fd, -1) == KC_WAIT_STOP)
            return kc_fail(KC_STOPPED, "stopped while a query was cancelled");
        if (!PQconsumeInput(lane->conn))
            return link_error(lane->conn, NULL);
    }
    *result = PQgetResult(lane->conn);
    return NULL;
}

static struct kc_error *drain_copy(struct lane *lane)
{
    for (;;) {
        char *line = NULL;
        int len = PQgetCopyData(lane->conn, &line, 1);
        PQfreemem(line);
        if (len < 0)
            return NULL;
        if (len == 0 && kc_wait_fd(PQsocket(lane->conn), false, lane->stop_fd, -1) == KC_WAIT_STOP)
            return kc_fail(KC_STOPPED, "stopped while a query was cancelled");
        if (len == 0 && !PQconsumeInput(lane->conn))
            return link_error(lane->conn, NULL);
    }
}

/* Whatever is under way is cancelled; what the server has sent of it is read and thrown away. */
static struct kc_error *cancel(struct lane *lane)
{
    char why[256];
    PGcancel *request = PQgetCancel(lane->conn);
    if (!request || !PQcancel(request, why, sizeof(why)))
        kc_log_debug("postgres", "A query could not be cancelled: it is read to its end");
    PQfreeCancel(request);
    struct kc_error *err = lane->state == LANE_READING ? drain_copy(lane) : NULL;
    PGresult *result = NULL;
    while (!err && !(err = next_result(lane, &result)) && result) {
        if (PQresultStatus(result) == PGRES_COPY_OUT)
            err = drain_copy(lane);
        PQclear(result);
    }
    return err;
}

/* The last chunk and, if it is being read, its transaction. */
static struct kc_error *give_up(struct lane *lane)
{
    struct chunk_rows *chunk = lane_chunk(lane, lane->count - 1);
    struct kc_error *err = NULL;
    if (lane->state != LANE_REST) {
        err = cancel(lane);
        link_result_clear(&lane->answer);
        lane->state = LANE_REST;
        if (!err)
            err = link_query(lane->conn, lane->stop_fd, "ROLLBACK", NULL);
    }
    struct range *range = chunk->range;
    chunk_place_copy(&range->read, &chunk->from);
    range->read_all = false;
    if (lane->range && lane->range != range)
        lane->range->taken = false;
    lane->range = range;
    clear_chunk(chunk);
    lane->count--;
    return err;
}

struct kc_error *lane_rewind(struct lane *lane, size_t i)
{
    struct kc_error *err = NULL;
    while (!err && lane->count > i)
        err = give_up(lane);
    return err;
}

void lane_shift(struct lane *lane)
{
    clear_chunk(lane_chunk(lane, 0));
    lane->first = (lane->first + 1) % LANE_AHEAD;
    lane->count--;
}
