#include "sources/postgres/increment_chunk.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/uuid.h"
#include "sources/common/table_id.h"
#include "sources/postgres/increment_notify.h"
#include "sources/postgres/increment_rows.h"

#define LOG "postgres"
/* A chunk of wide rows ends early. */
#define MOST_WINDOW ((size_t)64 << 20)
/* Waits after failures, doubled from the first to the last. */
#define FIRST_WAIT_MS 500
#define LAST_WAIT_MS  30000
#define DEFAULT_CHUNK 1024
/* Rows of a table that are counted before it is read; of larger ones the estimate will do. */
#define MOST_COUNTED 1000000

/* ---- ends ---- */

/* What belongs to the chunk at hand; the connection may be in the middle of it. */
void increment_drop_chunk(struct incremental *increment)
{
    if (increment->state >= INCREMENT_MARKING && increment->state <= INCREMENT_CLOSING)
        link_close(&increment->conn);
    chunk_reader_clear(&increment->reader);
    link_result_clear(&increment->result);
    window_clear(&increment->window);
    increment->spoiled = increment->full = false;
    increment->rows = 0;
    *increment->id = '\0';
}

void increment_drop_table(struct incremental *increment)
{
    relation_free(increment->relation);
    increment->relation = NULL;
    chunk_order_clear(&increment->order);
}

void increment_drop_places(struct incremental *increment)
{
    chunk_place_clear(&increment->sent);
    chunk_place_clear(&increment->end);
    chunk_place_clear(&increment->maximum);
    increment->total = increment->scanned = increment->chunks = 0;
    increment->agenda.rows = -1;
}

void increment_due(struct incremental *increment, int64_t wait_ms)
{
    increment->state = INCREMENT_DUE;
    increment->due_ms = kc_monotonic_ms() + wait_ms;
}

/* ---- failures ---- */

void increment_next_table(struct incremental *increment)
{
    char *signal = kc_strdup(increment->agenda.correlation);
    agenda_next(&increment->agenda);
    increment_drop_places(increment);
    if (!agenda_running(&increment->agenda)) {
        kc_log_info(LOG, "The incremental snapshot is complete");
        increment_tell_completed(increment, signal);
    }
    free(signal);
}

/* A table that can't be read is passed over, as in the original: the others and the stream go on. */
static void pass_over(struct incremental *increment, const char *why, const char *status)
{
    kc_log_warn(LOG, "The incremental snapshot passes over table %s: %s",
                increment->agenda.tables[0].id, why);
    increment_tell_scanned(increment, status);
    increment_next_table(increment);
}

/* How long to wait before the chunk is tried again; -1: no use. */
static int64_t wait_after(const struct incremental *increment, const struct kc_error *err)
{
    const struct pg_config *config = increment->maker->config;
    if (err->fault == KC_RETRY || PQstatus(increment->conn) != CONNECTION_OK) {
        int64_t wait = FIRST_WAIT_MS << (increment->failures < 7 ? increment->failures : 7);
        return wait > LAST_WAIT_MS ? LAST_WAIT_MS : wait;
    }
    bool marking =
        increment->state == INCREMENT_MARKING || increment->state == INCREMENT_CLOSING;
    return marking && increment->failures < config->emit_retries ? config->emit_backoff_ms : -1;
}

/* What went wrong on our own connection is no matter of the stream. What may pass is tried again with
 * another chunk. */
struct kc_error *increment_fail(struct incremental *increment, struct kc_error *err, const char *what)
{
    if (err->fault == KC_STOPPED)
        return err;
    int64_t wait = wait_after(increment, err);
    char *line = kc_error_line(err), *why = kc_printf("while %s: %s", what, line);
    kc_error_free(err);
    free(line);
    increment_drop_chunk(increment);
    increment_due(increment, wait < 0 ? 0 : wait);
    increment->failures++;
    if (!agenda_running(&increment->agenda)) {
        kc_log_warn(LOG, "The last mark of an incremental snapshot was not written, %s", why);
    } else if (wait >= 0) {
        kc_log_warn(LOG, "The incremental snapshot of %s goes on in %" PRId64 " ms: %s",
                    increment->agenda.tables[0].id, wait, why);
    } else {
        pass_over(increment, why, "SQL_EXCEPTION");
        increment->failures = 0;
    }
    free(why);
    return NULL;
}

/* ---- marks ---- */

/* As Java prints an Instant: digits in threes. */
static char *now_text(void)
{
    int64_t us = kc_now_us();
    time_t seconds = us / 1000000;
    struct tm tm;
    char day[32];
    gmtime_r(&seconds, &tm);
    strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm);
    return kc_printf("%s.%06dZ", day, (int)(us % 1000000));
}

static void put_member(struct kc_buf *json, const char *name, const char *value)
{
    if (!value)
        return;
    kc_buf_printf(json, "%s\"%s\": ", json->len > 1 ? ", " : "", name);
    kc_json_escape(json, kc_text(value));
}

static void put_signal_table(struct kc_buf *sql, const struct pg_config *config)
{
    struct table_id id;
    if (!table_id_parse(kc_text(config->signal_table), &id))
        return;
    if (id.schema) {
        link_put_identifier(sql, id.schema);
        kc_buf_char(sql, '.');
    }
    link_put_identifier(sql, id.name);
    table_id_clear(&id);
}

static struct kc_error *send_mark(struct incremental *increment, const char *kind)
{
    const struct pg_config *config = increment->maker->config;
    bool close = strcmp(kind, "close") == 0;
    KC_AUTO_BUF sql = KC_BUF(0);
    char *name = kc_printf("%s-%s", increment->id, kind);
    if (close && config->watermarks == WATERMARK_INSERT_DELETE) {
        kc_buf_str(&sql, "DELETE FROM ");
        put_signal_table(&sql, config);
        kc_buf_printf(&sql, " WHERE id = '%s-open'", increment->id);
    } else {
        KC_AUTO_BUF json = KC_BUF(0);
        char *now = close ? now_text() : NULL;
        kc_buf_char(&json, '{');
        put_member(&json, "openWindowTimestamp", increment->open_time);
        put_member(&json, "closeWindowTimestamp", now);
        put_member(&json, "correlationId", increment->told_correlation);
        put_member(&json, "dataCollectionId", increment->told_table);
        kc_buf_char(&json, '}');
        free(now);
        kc_buf_str(&sql, "INSERT INTO ");
        put_signal_table(&sql, config);
        kc_buf_printf(&sql, " VALUES ('%s', 'snapshot-window-%s', ", name, kind);
        link_put_literal(&sql, json.data);
        kc_buf_char(&sql, ')');
    }
    free(name);
    return link_send(increment->conn, sql.data);
}

/* What the marks of a chunk tell of it, which stays so though the next table may begin in it. */
static void name_chunk(struct incremental *increment)
{
    const struct agenda_table *table = &increment->agenda.tables[0];
    kc_uuid(increment->id);
    free(increment->open_time);
    free(increment->told_table);
    free(increment->told_correlation);
    increment->open_time = now_text();
    increment->told_table = kc_strdup(table->id);
    increment->told_correlation = kc_strdup(table->correlation);
}

/* ---- the table at hand ---- */

/* A name may hold dots: what is left of quotes by then is the whole, "schema.table". */
static const char table_sql[] =
    "SELECT c.oid, n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n"
    " ON n.oid = c.relnamespace WHERE n.nspname = ANY (pg_catalog.string_to_array($2, E'\x01'))"
    " AND n.nspname || '.' || c.relname = $1 AND c.relkind IN ('r', 'p')";

/* All that could be the schema in "a.b.c", parted by a character that no name has: the server then
 * finds the table by an index. */
static char *schemas_of(const char *name)
{
    KC_AUTO_BUF list = KC_BUF(0);
    for (const char *dot = strchr(name, '.'); dot; dot = strchr(dot + 1, '.')) {
        if (list.len)
            kc_buf_char(&list, '\x01');
        kc_buf_put(&list, name, (size_t)(dot - name));
    }
    return kc_buf_take(&list);
}

/* Its structure as it is now. *why: it can't be read, in a few words. */
static struct kc_error *look_up(struct incremental *increment, const char **why)
{
    const struct relation_maker *maker = increment->maker;
    const struct agenda_table *table = &increment->agenda.tables[0];
    AUTO_RESULT *found = NULL;
    increment_drop_table(increment);
    *why = "there is no captured table of this name";
    char *schemas = schemas_of(table->id);
    struct kc_error *err = link_ask(maker->catalog->conn, increment->stop_fd, &found, table_sql,
                                    table->id, schemas, NULL);
    free(schemas);
    if (err || !PQntuples(found))
        return err;
    const char *schema = PQgetvalue(found, 0, 1), *name = PQgetvalue(found, 0, 2);
    if (!captures_table(maker->captures, maker->config, kc_text(schema), kc_text(name)))
        return NULL;
    if (!increment->maximum.count)
        catalog_forget(maker->catalog);
    err = relation_from_catalog(maker, (uint32_t)strtoul(PQgetvalue(found, 0, 0), NULL, 10), schema,
                                name, &increment->relation);
    if (err || !increment->relation)
        return err;
    *why = NULL;
    err = chunk_order_init(&increment->order, maker, increment->relation, table->surrogate);
    if (err && err->fault == KC_BAD_DATA) {
        kc_error_free(err);
        err = NULL;
        *why = "it has no column of the name that is to order it (surrogate-key)";
    } else if (!err && !increment->order.count) {
        *why = "it has no key: give the request a \"surrogate-key\", or the table a key by "
               "message.key.columns";
    }
    return err;
}

static void set_chunk(struct incremental *increment, struct chunk *chunk)
{
    int size = increment->maker->config->chunk_size;
    *chunk = (struct chunk){
        .relation = increment->relation,
        .order = &increment->order,
        .condition = increment->agenda.tables[0].condition,
        .after = &increment->sent,
        .to = &increment->maximum,
        .limit = size > 0 ? size : DEFAULT_CHUNK,
    };
}

/* How many rows there are: counted, or where that would take long the server's estimate. */
static void put_count(struct kc_buf *sql, const struct relation *relation, const char *condition)
{
    kc_buf_printf(sql, "SELECT CASE WHEN reltuples > %d THEN reltuples::bigint ELSE"
                       " (SELECT pg_catalog.count(*) FROM ", MOST_COUNTED);
    link_put_identifier(sql, relation->schema);
    kc_buf_char(sql, '.');
    link_put_identifier(sql, relation->name);
    if (condition)
        kc_buf_printf(sql, " WHERE (%s\n)", condition);
    kc_buf_printf(sql, ") END FROM pg_catalog.pg_class WHERE oid = %u", relation->oid);
}

static struct kc_error *send_last(struct incremental *increment)
{
    struct chunk chunk;
    KC_AUTO_BUF sql = KC_BUF(0);
    set_chunk(increment, &chunk);
    kc_buf_str(&sql, "SELECT q.*, (");
    put_count(&sql, increment->relation, chunk.condition);
    kc_buf_str(&sql, ") FROM (");
    chunk_put_last(&sql, &chunk);
    kc_buf_str(&sql, ") AS q");
    increment->state = INCREMENT_LAST;
    return link_send(increment->conn, sql.data);
}

static struct kc_error *send_chunk(struct incremental *increment)
{
    struct chunk chunk;
    set_chunk(increment, &chunk);
    bool open = increment->window.open;
    window_begin(&increment->window);
    increment->window.open = open || increment->maker->config->read_only;
    increment->rows = 0;
    increment->full = increment->spoiled = false;
    chunk_place_copy(&increment->end, &increment->sent);
    increment->state = INCREMENT_READING;
    return chunk_start(&increment->reader, increment->conn, &chunk);
}

static struct kc_error *send_close(struct incremental *increment)
{
    increment->state = INCREMENT_CLOSING;
    if (!increment->maker->config->read_only)
        return send_mark(increment, "close");
    return link_send(increment->conn,
                     "SELECT CASE WHEN pg_catalog.pg_is_in_recovery()"
                     " THEN pg_catalog.pg_last_wal_replay_lsn()"
                     " ELSE pg_catalog.pg_current_wal_lsn() END");
}

/* The places were made under another order, as after a surrogate key went or a primary key changed. */
static void check_places(struct incremental *increment)
{
    if (increment->sent.count && increment->sent.count != increment->order.count)
        increment_drop_places(increment);
}

/* After the first mark, and after the end of a table: the next query. Errors of the catalog's connection
 * are the task's; what this one can't send is for the caller. */
static struct kc_error *begin_table(struct incremental *increment, struct kc_error **own)
{
    while (agenda_running(&increment->agenda)) {
        const char *why;
        struct kc_error *err = look_up(increment, &why);
        if (err)
            return err;
        if (why) {
            pass_over(increment, why,
                      increment->relation ? "NO_PRIMARY_KEY" : "UNKNOWN_SCHEMA");
            continue;
        }
        check_places(increment);
        *own = increment->maximum.count == increment->order.count ? send_chunk(increment)
                                                                  : send_last(increment);
        return NULL;
    }
    *own = send_close(increment);
    return NULL;
}

/* ---- a chunk, step by step ---- */

struct kc_error *increment_begin(struct incremental *increment)
{
    struct kc_error *err = NULL, *own = NULL;
    if (!increment->conn) {
        err = link_open(increment->maker->config, LINK_SQL, increment->stop_fd, &increment->conn);
        if (err)
            return increment_fail(increment, err, "connecting for it");
    }
    increment_drop_chunk(increment);
    name_chunk(increment);
    increment->state = INCREMENT_MARKING;
    if (increment->maker->config->read_only)
        err = begin_table(increment, &own);
    else
        own = send_mark(increment, "open");
    return err ? err : own ? increment_fail(increment, own, "beginning it") : NULL;
}

static void got_last(struct incremental *increment)
{
    const PGresult *result = increment->result;
    if (PQntuples(result) == 0)
        return;
    struct chunk_place *place = &increment->maximum;
    chunk_place_clear(place);
    *place = (struct chunk_place){kc_calloc(increment->order.count + 1, sizeof(char *)),
                                  increment->order.count};
    for (size_t i = 0; i < place->count; i++)
        place->texts[i] = kc_strdup(link_text(result, 0, (int)i));
    const char *rows = link_text(result, 0, (int)place->count);
    increment->agenda.rows = rows ? strtoll(rows, NULL, 10) : -1;
}

/* The answer to a statement that is no chunk: what comes next. */
static struct kc_error *answered(struct incremental *increment, struct kc_error **own)
{
    switch (increment->state) {
    case INCREMENT_MARKING:
        return begin_table(increment, own);
    case INCREMENT_LAST:
        got_last(increment);
        if (increment->maximum.count) {
            *own = send_chunk(increment);
            return NULL;
        }
        kc_log_info(LOG, "The incremental snapshot is done with %s, which is empty",
                    increment->agenda.tables[0].id);
        increment_tell_scanned(increment, "EMPTY");
        increment_next_table(increment);
        return begin_table(increment, own);
    case INCREMENT_CLOSING:
        increment->failures = 0;
        increment->until = increment->maker->config->read_only
                               ? link_lsn(link_text(increment->result, 0, 0))
                               : 0;
        increment->state = INCREMENT_WAITING;
        return NULL;
    default:
        return NULL;
    }
}

struct kc_error *increment_answer(struct incremental *increment, bool *more)
{
    bool done;
    struct kc_error *own = link_receive(increment->conn, &increment->result, &done), *err = NULL;
    if (!own && done)
        err = answered(increment, &own);
    if (done || own)
        link_result_clear(&increment->result);
    *more = done;
    return err ? err : own ? increment_fail(increment, own, "reading it") : NULL;
}

static void keep_row(struct incremental *increment)
{
    const struct pgoutput_tuple *cells = &increment->reader.cells;
    struct chunk_place place = {0};
    chunk_place_set(&place, &increment->order, cells);
    /* Rows that share a place go together. */
    if (increment->window.bytes > MOST_WINDOW && !chunk_place_equal(&place, &increment->end))
        increment->full = true;
    if (!increment->full) {
        KC_AUTO_BUF key = KC_BUF(0);
        size_t len;
        char *row = increment_pack(cells, &len);
        kc_buf_char(&key, 'k');
        increment_key(increment->relation, cells, false, &key);
        window_put(&increment->window, (struct kc_text){key.data, key.len}, row, len);
        increment->rows++;
        chunk_place_copy(&increment->end, &place);
    }
    chunk_place_clear(&place);
}

struct kc_error *increment_read(struct incremental *increment, bool *more)
{
    enum chunk_got got;
    struct kc_error *own, *err = NULL;
    while (!(own = chunk_next(&increment->reader, &got)) && got == CHUNK_ROW)
        keep_row(increment);
    if (!own && got == CHUNK_WAIT)
        return NULL;
    *more = true;
    if (own)
        return increment_fail(increment, own, "reading it");
    if (increment->rows) {
        window_filled(&increment->window);
        increment->scanned += (int64_t)increment->rows;
        increment->chunks++;
        increment_tell_progress(increment);
        if (increment->pause_due)
            increment_tell(increment, "PAUSED");
        increment->pause_due = false;
        own = send_close(increment);
    } else {
        kc_log_info(LOG, "The incremental snapshot is done with %s: %" PRId64 " rows",
                    increment->agenda.tables[0].id, increment->total);
        increment_tell_scanned(increment, "SUCCEEDED");
        increment_next_table(increment);
        err = begin_table(increment, &own);
    }
    return err ? err : own ? increment_fail(increment, own, "reading it") : NULL;
}

/* ---- sending ---- */

static struct kc_error *send_row(struct incremental *increment, const struct window_row *row,
                                 struct kc_batch *batch, uint64_t number)
{
    struct kc_arena *arena = &batch->arena;
    const struct relation *relation = increment->relation;
    const char *bytes = kc_arena_copy(arena, row->row, row->len);
    if (!increment_unpack(bytes, row->len, relation->n_columns, &increment->cells))
        return kc_fail(KC_FATAL, "a row of %s.%s was not kept whole", relation->schema,
                       relation->name);
    table_keep(relation->table, batch, number);
    struct change change = {.op = OP_READ, .table = relation->table};
    struct kc_error *err = relation_read(relation, increment->maker, &increment->cells, NULL, arena,
                                         &change.after, &change.key);
    if (err)
        return err;
    struct position position = increment->position;
    position.tx_id = -1;
    position.xmin = 0;
    increment->block.ts_us = kc_now_us();
    change.source = block_new(&increment->block, &position, kc_text(relation->table->schema),
                              kc_text(relation->table->name), arena);
    change.source.u.structure->field[BLOCK_LSN] = kc_null();
    envelope_add(increment->envelope, batch, &change);
    chunk_place_set(&increment->sent, &increment->order, &increment->cells);
    increment->total++;
    return NULL;
}

struct kc_error *increment_send(struct incremental *increment, struct kc_batch *batch,
                                  uint64_t number, bool *more)
{
    const struct window_row *row;
    struct kc_error *err = NULL;
    while (!err && !kc_batch_full(batch)) {
        row = window_next(&increment->window);
        if (!row) {
            if (increment->rows)
                chunk_place_copy(&increment->sent, &increment->end);
            increment_due(increment, 0);
            *more = true;
            break;
        }
        err = send_row(increment, row, batch, number);
    }
    return err ? kc_while(err, "while sending a row of the incremental snapshot of %s",
                          increment->agenda.tables[0].id)
               : NULL;
}

/* The stream is where the chunk ends. */
void increment_finish(struct incremental *increment, const struct position *position)
{
    increment->position = *position;
    increment->window.open = false;
    if (increment->spoiled) {
        kc_log_debug(LOG, "The stream changed what the incremental snapshot read of %s: again",
                     increment->told_table);
        window_clear(&increment->window);
        increment->rows = 0;
        increment_due(increment, 0);
        return;
    }
    increment->state = INCREMENT_SENDING;
}
