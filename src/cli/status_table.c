#include <inttypes.h>
#include <stdlib.h>

#include "base/amount.h"
#include "cli/status.h"

#define OLD_MS 10000 /* a measurement that is older says so */
#define UNKNOWN INT64_MIN

/* One line of the table: a task, or a connector without any. */
struct line {
    const struct kc_json *connector, *task; /* task NULL: the connector has none */
};

static const char *text_of(const struct kc_json *json, const char *name)
{
    const char *text = kc_json_string(kc_json_get(json, name));
    return text ? text : "";
}

static int64_t metric(const struct line *line, const char *name)
{
    const struct kc_json *metrics = kc_json_get(line->task, "metrics");

    for (size_t i = 0; i < kc_json_count(metrics); i++) {
        const struct kc_json *row = kc_json_at(metrics, i);
        if (strcmp(text_of(row, "name"), name) == 0)
            return kc_json_int(kc_json_get(row, "value"));
    }
    return UNKNOWN;
}

/* ---- cells ---- */

static void put_name(const struct line *line, struct kc_buf *cell)
{
    kc_buf_str(cell, text_of(line->connector, "name"));
}

static void put_task(const struct line *line, struct kc_buf *cell)
{
    if (line->task)
        kc_buf_int(cell, kc_json_int(kc_json_get(line->task, "id")));
}

/* A connector that was paused or stopped says so, whatever its tasks have come to. */
static const char *state_of(const struct line *line)
{
    const char *own = text_of(line->connector, "state");
    return line->task && strcmp(own, "RUNNING") == 0 ? text_of(line->task, "state")
           : line->task && strcmp(text_of(line->task, "state"), "FAILED") == 0 ? "FAILED"
                                                                               : own;
}

static void put_state(const struct line *line, struct kc_buf *cell)
{
    kc_buf_str(cell, state_of(line));
}

static void put_worker(const struct line *line, struct kc_buf *cell)
{
    kc_buf_str(cell, text_of(line->task ? line->task : line->connector, "worker_id"));
}

static void put_behind(const struct line *line, struct kc_buf *cell)
{
    int64_t bytes = metric(line, "penstock_source_lag_bytes");
    int64_t ms = metric(line, "debezium_metrics_MilliSecondsBehindSource");

    if (bytes == 0)
        kc_buf_str(cell, "nothing");
    else if (bytes != UNKNOWN)
        kc_buf_str(cell, kc_bytes_text(bytes).text);
    if (ms > 0)
        kc_buf_printf(cell, "%s%s", cell->len ? ", " : "", kc_time_text(ms).text);
}

static void put_held(const struct line *line, struct kc_buf *cell)
{
    int64_t bytes = metric(line, "penstock_slot_wal_bytes");

    if (bytes != UNKNOWN)
        kc_buf_str(cell, kc_bytes_text(bytes).text);
}

static void put_age(struct kc_buf *cell, int64_t ms)
{
    if (ms != UNKNOWN)
        kc_buf_printf(cell, "%s ago", kc_time_text(ms).text);
}

static void put_commit(const struct line *line, struct kc_buf *cell)
{
    put_age(cell, metric(line, "penstock_task_last_offset_commit_ms"));
}

static void put_last(const struct line *line, struct kc_buf *cell)
{
    put_age(cell, metric(line, "penstock_task_last_batch_ms"));
}

static void put_records(const struct line *line, struct kc_buf *cell)
{
    int64_t records = metric(line, "kafka_connect_source_task_source_record_write_total");

    if (records == UNKNOWN)
        records = metric(line, "kafka_connect_sink_task_sink_record_send_total");
    if (records != UNKNOWN)
        kc_buf_int(cell, records);
}

static void put_waiting(const struct line *line, struct kc_buf *cell)
{
    int64_t records = metric(line, "kafka_connect_source_task_source_record_active_count");

    if (records != UNKNOWN)
        kc_buf_int(cell, records);
}

static void put_errors(const struct line *line, struct kc_buf *cell)
{
    int64_t errors = metric(line, "kafka_connect_task_error_total_record_errors");

    if (errors > 0)
        kc_buf_int(cell, errors);
}

/* Columns that have nothing in any line are left out. */
static const struct column {
    const char *title;
    void (*put)(const struct line *line, struct kc_buf *cell);
} columns[] = {
    { "CONNECTOR", put_name },   { "TASK", put_task },       { "STATE", put_state },
    { "WORKER", put_worker },    { "BEHIND", put_behind },   { "SLOT HOLDS", put_held },
    { "COMMITTED", put_commit }, { "LAST RECORD", put_last }, { "RECORDS", put_records },
    { "NOT ACKED", put_waiting }, { "FAULTY", put_errors },
};
#define COLUMNS KC_COUNT(columns)

/* ---- the table ---- */

struct table {
    struct line *lines;
    size_t count, cap;
};

static void add_line(struct table *table, struct line line)
{
    table->lines = kc_grow(table->lines, table->count, &table->cap, sizeof(*table->lines));
    table->lines[table->count++] = line;
}

static int by_name(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    int order = strcmp(text_of(x->connector, "name"), text_of(y->connector, "name"));

    return order ? order
                 : (int)(kc_json_int(kc_json_get(x->task, "id")) - kc_json_int(kc_json_get(y->task, "id")));
}

static void make_lines(const struct kc_json *status, struct table *table)
{
    const struct kc_json *connectors = kc_json_get(status, "connectors");

    for (size_t i = 0; i < kc_json_count(connectors); i++) {
        const struct kc_json *connector = kc_json_at(connectors, i);
        const struct kc_json *tasks = kc_json_get(connector, "tasks");
        for (size_t j = 0; j < kc_json_count(tasks); j++)
            add_line(table, (struct line){ connector, kc_json_at(tasks, j) });
        if (kc_json_count(tasks) == 0)
            add_line(table, (struct line){ connector, NULL });
    }
    if (table->count)
        qsort(table->lines, table->count, sizeof(*table->lines), by_name);
}

static size_t characters(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += (*text & 0xC0) != 0x80;
    return n;
}

static void put_cell(struct kc_buf *out, const char *text, size_t width, bool last)
{
    kc_buf_str(out, text);
    for (size_t n = characters(text); !last && n < width + 2; n++)
        kc_buf_char(out, ' ');
}

static void put_table(const struct table *table, struct kc_buf *out)
{
    struct kc_buf *cells = kc_calloc(table->count * COLUMNS, sizeof(*cells));
    size_t widths[COLUMNS] = { 0 }, last = 0;

    for (size_t i = 0; i < table->count * COLUMNS; i++) {
        size_t width;
        columns[i % COLUMNS].put(&table->lines[i / COLUMNS], &cells[i]);
        if (cells[i].len && (width = characters(cells[i].data)) > widths[i % COLUMNS])
            widths[i % COLUMNS] = width;
    }
    for (size_t c = 0; c < COLUMNS; c++)
        if (widths[c]) {
            last = c;
            if (widths[c] < strlen(columns[c].title))
                widths[c] = strlen(columns[c].title);
        }
    for (size_t row = 0; row <= table->count; row++) {
        for (size_t c = 0; c <= last; c++)
            if (widths[c])
                put_cell(out, !row ? columns[c].title
                              : cells[(row - 1) * COLUMNS + c].len ? cells[(row - 1) * COLUMNS + c].data
                                                                   : "-",
                         widths[c], c == last);
        kc_buf_char(out, '\n');
    }
    for (size_t i = 0; i < table->count * COLUMNS; i++)
        kc_buf_clear(&cells[i]);
    free(cells);
}

/* ---- what needs more words ---- */

static void put_head(const struct line *line, struct kc_buf *out)
{
    kc_buf_str(out, text_of(line->connector, "name"));
    if (line->task)
        kc_buf_printf(out, "/%" PRId64, kc_json_int(kc_json_get(line->task, "id")));
    kc_buf_str(out, ": ");
}

static void put_failure(const struct line *line, struct kc_buf *out)
{
    const char *trace = text_of(line->task, "trace");

    if (!*trace)
        trace = text_of(line->connector, "trace");
    if (strcmp(state_of(line), "FAILED") != 0)
        return;
    put_head(line, out);
    kc_buf_printf(out, "FAILED: %.*s\n", (int)strcspn(trace, "\n"), *trace ? trace : "no trace");
}

static void put_snapshot(const struct line *line, struct kc_buf *out)
{
    int64_t tables = metric(line, "debezium_metrics_TotalTableCount");
    int64_t tables_left = metric(line, "debezium_metrics_RemainingTableCount");
    int64_t rows = metric(line, "penstock_snapshot_rows");
    int64_t all_rows = metric(line, "penstock_snapshot_rows_estimated");
    int64_t chunks = metric(line, "penstock_snapshot_chunks");
    int64_t chunks_done = metric(line, "penstock_snapshot_chunks_done");
    int64_t left = metric(line, "penstock_snapshot_left_ms");

    if (metric(line, "debezium_metrics_SnapshotRunning") != 1 || tables == UNKNOWN)
        return;
    put_head(line, out);
    kc_buf_printf(out, "snapshot: %" PRId64 " of %" PRId64 " tables", tables - tables_left, tables);
    if (chunks > 0)
        kc_buf_printf(out, ", %" PRId64 " of %" PRId64 " chunks", chunks_done, chunks);
    if (rows != UNKNOWN)
        kc_buf_printf(out, ", %" PRId64 " rows", rows);
    if (all_rows > 0 && all_rows >= rows)
        kc_buf_printf(out, " of about %" PRId64, all_rows);
    if (left != UNKNOWN)
        kc_buf_printf(out, ", about %s left", kc_time_text(left).text);
    kc_buf_char(out, '\n');
}

static void put_incremental(const struct line *line, struct kc_buf *out)
{
    int64_t tables = metric(line, "penstock_incremental_tables");
    int64_t rows = metric(line, "penstock_incremental_rows");
    int64_t all_rows = metric(line, "penstock_incremental_rows_estimated");
    int64_t left = metric(line, "penstock_incremental_left_ms");

    if (tables <= 0)
        return;
    put_head(line, out);
    kc_buf_printf(out, "incremental snapshot%s: %" PRId64 " table%s to go, %" PRId64 " rows of the first",
                  metric(line, "debezium_metrics_SnapshotPaused") == 1 ? ", paused" : "", tables,
                  tables == 1 ? "" : "s", rows > 0 ? rows : 0);
    if (all_rows > 0 && all_rows >= rows)
        kc_buf_printf(out, " of about %" PRId64, all_rows);
    if (left != UNKNOWN)
        kc_buf_printf(out, ", about %s left of it", kc_time_text(left).text);
    kc_buf_char(out, '\n');
}

static void put_slot(const struct line *line, struct kc_buf *out)
{
    static const char *const dangers[] = {
        NULL, NULL,
        "the slot holds back more than max_wal_size; mind the server's disk",
        "the slot holds back more than max_slot_wal_keep_size: the server may give it up at its next checkpoint",
        "the slot is lost: the server has removed WAL that it needs",
    };
    int64_t health = metric(line, "penstock_slot_wal_status");
    int64_t safe = metric(line, "penstock_slot_safe_wal_bytes");

    if (health < 2 || health >= (int64_t)KC_COUNT(dangers))
        return;
    put_head(line, out);
    kc_buf_str(out, dangers[health]);
    if (health == 2 && safe != UNKNOWN)
        kc_buf_printf(out, "; after %s more it gives the slot up", kc_bytes_text(safe).text);
    kc_buf_char(out, '\n');
}

static void put_old(const struct line *line, struct kc_buf *out)
{
    int64_t age = kc_json_int(kc_json_get(line->task, "age_ms"));

    if (age < OLD_MS || strcmp(state_of(line), "FAILED") == 0)
        return;
    put_head(line, out);
    kc_buf_printf(out, "the task was last heard of %s ago; it may wait for a server\n",
                  kc_time_text(age).text);
}

static void put_trouble(const struct line *line, struct kc_buf *out)
{
    const char *trouble = text_of(line->task, "trouble");

    if (!*trouble || strcmp(state_of(line), "FAILED") == 0)
        return;
    put_head(line, out);
    kc_buf_printf(out, "trying again: %s\n", trouble);
}

void status_table(const struct kc_json *status, struct kc_buf *out)
{
    static void (*const notes[])(const struct line *line, struct kc_buf *out) = {
        put_snapshot, put_incremental, put_slot, put_old, put_trouble, put_failure
    };
    struct table table = { .count = 0 };
    KC_AUTO_BUF words = KC_BUF(0);

    make_lines(status, &table);
    if (table.count)
        put_table(&table, out);
    else
        kc_buf_printf(out, "The worker at %s has no connectors\n", text_of(status, "url"));
    for (size_t i = 0; i < KC_COUNT(notes); i++)
        for (size_t row = 0; row < table.count; row++)
            notes[i](&table.lines[row], &words);
    if (words.len)
        kc_buf_printf(out, "\n%s", words.data);
    free(table.lines);
}

bool status_failed(const struct kc_json *status)
{
    struct table table = { .count = 0 };
    bool failed = false;

    make_lines(status, &table);
    for (size_t i = 0; i < table.count; i++)
        failed = failed || strcmp(state_of(&table.lines[i]), "FAILED") == 0;
    free(table.lines);
    return failed;
}
