#include "sources/postgres/incremental.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "sources/common/table_id.h"
#include "sources/postgres/increment_chunk.h"
#include "sources/postgres/increment_notify.h"
#include "sources/postgres/increment_rows.h"

#define LOG "postgres"
/* The stream may show a mark before its statement is answered. */
#define ANSWER_MS 1000

/* ---- begin and end ---- */

void incremental_init(struct incremental *increment, const struct relation_maker *maker,
                      const struct envelope *envelope, int stop_fd)
{
    *increment = (struct incremental){
        .maker = maker,
        .envelope = envelope,
        .stop_fd = stop_fd,
        .block = {.schema = maker->source_schema, .config = maker->config,
                  .snapshot = "incremental"},
    };
}

void incremental_clear(struct incremental *increment)
{
    increment_drop_chunk(increment);
    increment_drop_table(increment);
    increment_drop_places(increment);
    agenda_clear(&increment->agenda);
    link_close(&increment->conn);
    free(increment->open_time);
    free(increment->told_table);
    free(increment->told_correlation);
    free(increment->cells.cells);
    *increment = (struct incremental){0};
}

struct kc_error *incremental_load(struct incremental *increment, struct kc_value offset)
{
    struct kc_arena arena;
    struct java_value *sent, *maximum;
    size_t n_sent, n_maximum;
    kc_arena_init(&arena, 0);
    struct kc_error *err = agenda_read(&increment->agenda, offset, &arena, &sent, &n_sent, &maximum,
                                       &n_maximum);
    if (!err && agenda_running(&increment->agenda)) {
        increment_place_from_java(&increment->sent, sent, n_sent);
        increment_place_from_java(&increment->maximum, maximum, n_maximum);
        increment_due(increment, 0);
        kc_log_info(LOG, "The incremental snapshot of %s goes on; %zu tables are left",
                    increment->agenda.tables[0].id, increment->agenda.count);
    }
    kc_arena_clear(&arena);
    return err;
}

struct kc_value incremental_state(struct incremental *increment, struct kc_value offset,
                                  struct kc_arena *arena)
{
    if (!agenda_running(&increment->agenda))
        return offset;
    struct kc_entry *entries;
    struct kc_value map = kc_map_value_new(arena, offset.len + AGENDA_ENTRIES, &entries);
    memcpy(entries, offset.u.entries, offset.len * sizeof(*entries));
    struct java_value *sent = increment_place_to_java(increment->relation, &increment->order,
                                                      &increment->sent, arena);
    struct java_value *maximum = increment_place_to_java(increment->relation, &increment->order,
                                                         &increment->maximum, arena);
    map.len = offset.len + agenda_write(&increment->agenda, sent, increment->sent.count, maximum,
                                        increment->maximum.count, arena, entries + offset.len);
    return map;
}

/* ---- which tables ---- */

static void free_names(char **names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
}

/* The captured tables by the names under which the stream shows them. */
static struct kc_error *known_tables(const struct incremental *increment, char ***names,
                                     size_t *count)
{
    const struct relation_maker *maker = increment->maker;
    AUTO_RESULT *tables = NULL;
    struct kc_error *err = catalog_tables(maker->catalog, &tables);
    *count = 0;
    *names = NULL;
    if (err)
        return err;
    *names = kc_calloc((size_t)PQntuples(tables) + 1, sizeof(**names));
    for (int i = 0; i < PQntuples(tables); i++) {
        const char *schema = PQgetvalue(tables, i, TABLE_SCHEMA);
        const char *name = PQgetvalue(tables, i, TABLE_NAME);
        bool root = PQgetvalue(tables, i, TABLE_KIND)[0] == 'p';
        bool streamed = maker->config->via_root ? !link_true(tables, i, TABLE_IS_PARTITION) : !root;
        if (streamed &&
            captures_table(maker->captures, maker->config, kc_text(schema), kc_text(name)))
            (*names)[(*count)++] = kc_printf("%s.%s", schema, name);
    }
    return NULL;
}

static struct kc_error *expand(const struct incremental *increment, char *const *patterns,
                               size_t n_patterns, char ***names, size_t *count)
{
    char **known;
    size_t n_known;
    struct kc_error *err = known_tables(increment, &known, &n_known);
    if (!err)
        *names = snapshot_expand(patterns, n_patterns, known, n_known, count);
    free_names(known, n_known);
    return err;
}

/* ---- requests ---- */

struct kc_error *incremental_execute(struct incremental *increment, const char *signal,
                                     const struct snapshot_request *request)
{
    const struct pg_config *config = increment->maker->config;
    if (!config->read_only && !config->signal_table) {
        kc_log_warn(LOG, "Signal %s: an incremental snapshot needs signal.data.collection, a table "
                         "for its marks, or read.only=true", signal);
        return NULL;
    }
    char **names = NULL;
    size_t count = 0;
    struct kc_error *err =
        expand(increment, request->collections, request->n_collections, &names, &count);
    if (err)
        return err;
    bool idle = !agenda_running(&increment->agenda);
    for (size_t i = 0; i < count; i++) {
        struct table_id id;
        if (!table_id_parse(kc_text(names[i]), &id))
            continue;
        const char *filter = snapshot_request_filter(request, kc_text(names[i]));
        char *condition = filter && *filter ? kc_printf("(%s)", filter) : NULL;
        agenda_add(&increment->agenda, id.text, condition, request->surrogate_key, signal);
        free(condition);
        table_id_clear(&id);
    }
    free_names(names, count);
    free(increment->agenda.correlation);
    increment->agenda.correlation = kc_strdup(signal);
    kc_log_info(LOG, "Signal %s asks for an incremental snapshot of %zu tables", signal, count);
    if (idle && agenda_running(&increment->agenda)) {
        increment->agenda.paused = false;
        increment_drop_places(increment);
        increment_due(increment, 0);
        increment_tell(increment, "STARTED");
        increment_tell(increment, "DATA_COLLECTIONS_RESOLVED");
    }
    return NULL;
}

void incremental_stop(struct incremental *increment, const struct snapshot_request *request)
{
    if (!agenda_running(&increment->agenda))
        kc_log_warn(LOG, "No incremental snapshot is running that could be stopped");
    agenda_stop(&increment->agenda, request->collections, request->n_collections);
    if (increment->state == INCREMENT_IDLE && agenda_running(&increment->agenda))
        increment_due(increment, 0);
}

void incremental_pause(struct incremental *increment)
{
    if (!agenda_running(&increment->agenda) || increment->agenda.paused)
        return;
    kc_log_info(LOG, "The incremental snapshot pauses after the chunk at hand");
    increment->agenda.paused = true;
    increment->pause_due = increment->state > INCREMENT_DUE && increment->state < INCREMENT_CLOSING;
    if (!increment->pause_due)
        increment_tell(increment, "PAUSED");
}

void incremental_resume(struct incremental *increment)
{
    if (!increment->agenda.paused)
        return;
    kc_log_info(LOG, "The incremental snapshot goes on");
    increment->agenda.paused = increment->pause_due = false;
    increment_tell(increment, "RESUMED");
    if (increment->state == INCREMENT_IDLE)
        increment_due(increment, 0);
}

/* ---- between two chunks ---- */

/* Between two chunks: tables that are to be left. */
static struct kc_error *heed_stops(struct incremental *increment)
{
    struct agenda *agenda = &increment->agenda;
    if (!agenda->n_stops)
        return NULL;
    char **names = NULL;
    size_t count = 0;
    bool current = false;
    struct kc_error *err = expand(increment, agenda->stops, agenda->n_stops, &names, &count);
    if (err)
        return err;
    char **stopped = kc_calloc(count + 1, sizeof(*stopped));
    size_t n_stopped = 0;
    for (size_t i = 0; i < count; i++) {
        bool at_hand = strcmp(names[i], agenda->tables[0].id) == 0;
        current |= at_hand;
        if (agenda_drop(agenda, names[i]) || at_hand)
            stopped[n_stopped++] = names[i];
        else
            kc_log_debug(LOG, "Table %s is not part of the incremental snapshot", names[i]);
    }
    agenda_forget_stops(agenda);
    kc_log_info(LOG, "The incremental snapshot was stopped for %zu tables", n_stopped);
    if (current)
        increment_next_table(increment);
    increment_tell_aborted(increment, stopped, n_stopped);
    free(stopped);
    free_names(names, count);
    return NULL;
}

/* ---- what the stream shows ---- */

static bool is_mine(const struct incremental *increment, const char *id)
{
    size_t len = strlen(increment->id);
    return len && strncmp(id, increment->id, len) == 0 && id[len] == '-';
}

void incremental_open(struct incremental *increment, const char *id)
{
    if (is_mine(increment, id))
        increment->window.open = true;
}

void incremental_close(struct incremental *increment, const char *id,
                       const struct position *position)
{
    /* The stream can be faster than the answer to the statement. */
    bool closing = increment->state == INCREMENT_CLOSING || increment->state == INCREMENT_WAITING;
    if (!closing || !is_mine(increment, id))
        return;
    bool done = increment->state == INCREMENT_WAITING;
    struct kc_error *err = NULL;
    int64_t deadline = kc_monotonic_ms() + ANSWER_MS;
    while (!err && !done && kc_monotonic_ms() < deadline) {
        err = link_receive(increment->conn, &increment->result, &done);
        if (!err && !done &&
            kc_wait_fd(PQsocket(increment->conn), false, increment->stop_fd, ANSWER_MS) ==
                KC_WAIT_STOP)
            break;
    }
    link_result_clear(&increment->result);
    if (!err && !done)
        err = kc_fail(KC_RETRY, "the server did not answer");
    if (err) {
        kc_error_free(increment_fail(increment, err, "writing its second mark"));
        return;
    }
    increment->failures = 0;
    increment->state = INCREMENT_WAITING;
    increment_finish(increment, position);
}

static bool is_watched(const struct incremental *increment, const struct relation *relation)
{
    return increment->window.open && increment->state >= INCREMENT_READING &&
           increment->state <= INCREMENT_WAITING && increment->relation &&
           increment->relation->oid == relation->oid;
}

static void change_key(struct incremental *increment, const struct relation *relation,
                       const struct pgoutput_tuple *row, bool key_only)
{
    KC_AUTO_BUF key = KC_BUF(0);
    kc_buf_char(&key, 'k');
    if (increment_key(relation, row, key_only, &key))
        window_change(&increment->window, (struct kc_text){key.data, key.len});
    else
        increment->spoiled = true;
}

void incremental_row(struct incremental *increment, const struct relation *relation,
                     const struct pgoutput_change *change, const struct pgoutput *decoder)
{
    if (!is_watched(increment, relation))
        return;
    /* Without a key a new row can't be told from others like it: it is sent twice, rather than
     * another not at all. */
    if (change->kind != PGOUTPUT_DELETE && relation->n_key)
        change_key(increment, relation, &decoder->new_row, false);
    if (change->old != OLD_NONE)
        change_key(increment, relation, &decoder->old_row, change->old == OLD_KEY);
}

void incremental_structure(struct incremental *increment, const struct relation *relation)
{
    if (is_watched(increment, relation) && relation->captured &&
        !increment_same_structure(increment->relation, relation))
        increment->spoiled = true;
}

void incremental_truncate(struct incremental *increment, const struct relation *relation)
{
    if (is_watched(increment, relation))
        increment->spoiled = true;
}

/* ---- steps ---- */

static struct kc_error *begin(struct incremental *increment)
{
    struct kc_error *err = heed_stops(increment);
    if (err)
        return err;
    if (agenda_running(&increment->agenda) && !increment->agenda.paused)
        return increment_begin(increment);
    increment->state = INCREMENT_IDLE;
    return NULL;
}

struct kc_error *incremental_step(struct incremental *increment, const struct position *position,
                                  uint64_t decoded, struct kc_batch *batch, uint64_t number)
{
    bool more = true;
    struct kc_error *err = NULL;
    while (!err && more) {
        more = false;
        switch (increment->state) {
        case INCREMENT_IDLE:
            break;
        case INCREMENT_DUE:
            if (increment->due_ms <= kc_monotonic_ms()) {
                err = begin(increment);
                more = increment->state != INCREMENT_IDLE;
            }
            break;
        case INCREMENT_MARKING:
        case INCREMENT_LAST:
        case INCREMENT_CLOSING:
            err = increment_answer(increment, &more);
            break;
        case INCREMENT_READING:
            err = increment_read(increment, &more);
            break;
        case INCREMENT_WAITING:
            more = increment->maker->config->read_only && decoded >= increment->until;
            if (more)
                increment_finish(increment, position);
            break;
        case INCREMENT_SENDING:
            err = increment_send(increment, batch, number, &more);
            break;
        }
    }
    return err ? kc_while(err, "in an incremental snapshot") : NULL;
}

int incremental_socket(const struct incremental *increment)
{
    bool asked = increment->state >= INCREMENT_MARKING && increment->state <= INCREMENT_CLOSING;
    return asked && increment->conn ? PQsocket(increment->conn) : -1;
}
