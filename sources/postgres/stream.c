#include "sources/postgres/stream.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "sources/postgres/measure.h"
#include "sources/postgres/reselect.h"
#include "sources/postgres/signals.h"
#include "sources/postgres/source.h"

static unsigned skip_flags(const char *list)
{
    static const struct {
        char letter;
        unsigned flag;
    } letters[] = {
        {'c', SKIP_CREATE}, {'u', SKIP_UPDATE}, {'d', SKIP_DELETE}, {'t', SKIP_TRUNCATE}};
    unsigned flags = 0;
    struct kc_text rest = kc_text(list ? list : "t"), piece;
    while (rest.ptr && kc_text_split(&rest, ',', &piece)) {
        piece = kc_text_trim(piece);
        for (size_t i = 0; i < KC_COUNT(letters); i++)
            if (piece.len == 1 && (piece.ptr[0] | 32) == letters[i].letter)
                flags |= letters[i].flag;
    }
    return flags;
}

void stream_init(struct stream *stream, const struct relation_maker *maker,
                 const struct envelope *envelope, struct transactions *transactions,
                 const struct messages *messages, const struct position *stored)
{
    *stream = (struct stream){
        .maker = maker,
        .envelope = envelope,
        .transactions = transactions,
        .messages = messages,
        .block = {.schema = maker->source_schema, .config = maker->config},
        .stored = *stored,
        .position = {.known = true, .tx_id = -1},
        .skipped = skip_flags(maker->config->skipped_operations),
    };
    if (!stored->in_snapshot)
        stream->position = *stored;
    stream->position.xmin = 0; /* of another time */
}

static void free_relation(void *relation)
{
    relation_free(relation);
}

void stream_clear(struct stream *stream)
{
    pgoutput_clear(&stream->decoder);
    kc_map_clear(&stream->relations, free_relation);
    free(stream->origin);
    *stream = (struct stream){0};
}

/* ---- relations ---- */

static struct kc_text relation_key(const uint32_t *oid)
{
    return (struct kc_text){(const char *)oid, sizeof(*oid)};
}

static struct relation *find_relation(struct stream *stream, uint32_t oid)
{
    if (!stream->last || stream->last->oid != oid)
        stream->last = kc_map_get(&stream->relations, relation_key(&oid));
    return stream->last;
}

/* pgoutput tells the structure before the first row of each table and again when it changed. */
static struct kc_error *set_relation(struct stream *stream, const struct pgoutput_change *message)
{
    struct relation *relation;
    catalog_forget(stream->maker->catalog);
    struct kc_error *err = relation_from_stream(stream->maker, message, stream->decoder.columns,
                                                stream->decoder.n_columns, &relation);
    if (err)
        return err;
    struct relation *old =
        kc_map_set(&stream->relations, relation_key(&message->relation), relation);
    stream->told_again |= old != NULL;
    relation_free(old);
    stream->last = relation;
    if (stream->source)
        incremental_structure(&stream->source->incremental, relation);
    return NULL;
}

/* ---- transactions ---- */

/* "<transaction>:<position>", as metadata names transactions. */
static const char *label(const struct stream *stream, uint64_t lsn, struct kc_arena *arena)
{
    if (!stream->transactions->on)
        return "";
    return kc_arena_printf(arena, "%lld:%llu", (long long)stream->position.tx_id,
                           (unsigned long long)lsn);
}

static void set_position(struct stream *stream, uint64_t lsn, const char *message)
{
    stream->position.lsn = stream->position.lsn_proc = lsn;
    stream->position.message = message;
    stream->position.events = 0;
}

static void begin(struct stream *stream, const struct pgoutput_change *message, uint64_t lsn,
                  struct kc_batch *batch)
{
    stream->in_transaction = true;
    stream->commit_lsn = message->lsn;
    stream->done = position_transaction_done(&stream->stored, message->lsn);
    stream->begun = !stream->done && position_transaction_begun(&stream->stored, message->xid);
    stream->seen_lsn = 0;
    stream->seen = 0;
    if (stream->done)
        return;
    stream->block.ts_us = message->time_us;
    stream->block.origin = NULL;
    stream->position.tx_id = message->xid;
    stream->position.ts_us = message->time_us;
    if (!stream->transactions->on)
        return;
    /* Of a transaction that an earlier run began, BEGIN was sent. */
    char id[16];
    snprintf(id, sizeof(id), "%u", message->xid);
    if (stream->begun && stream->transactions->id && strcmp(stream->transactions->id, id) == 0)
        return;
    set_position(stream, lsn, "BEGIN");
    transactions_begin(stream->transactions, batch, id, label(stream, lsn, &batch->arena),
                       message->time_us / 1000);
    stream->sent = stream->position;
}

static void commit(struct stream *stream, const struct pgoutput_change *message,
                   struct kc_batch *batch)
{
    stream->in_transaction = false;
    if (stream->done)
        return;
    if (stream->events)
        stream->events->transactions++;
    stream->begun = false;
    set_position(stream, message->end_lsn, "COMMIT");
    stream->position.lsn_commit = message->end_lsn;
    if (!stream->transactions->on)
        return;
    transactions_end(stream->transactions, batch, label(stream, message->end_lsn, &batch->arena),
                     message->time_us / 1000);
    stream->sent = stream->position;
}

/* Was the event at this position sent by an earlier run? */
static bool sent_before(struct stream *stream, uint64_t lsn)
{
    if (stream->done)
        return true;
    if (!stream->begun)
        return false;
    stream->seen = lsn == stream->seen_lsn ? stream->seen + 1 : 0;
    stream->seen_lsn = lsn;
    if (position_event_done(&stream->stored, lsn, stream->seen))
        return true;
    stream->begun = false;
    return false;
}

static void advance(struct stream *stream, uint64_t lsn, const char *message)
{
    struct position *position = &stream->position;
    position->events = position->message && lsn == position->lsn ? position->events + 1 : 1;
    position->lsn = position->lsn_proc = lsn;
    position->message = message;
}

/* ---- rows ---- */

/* Cells point into the frame, which is gone at the next read: one copy for all. */
static void move_cells(struct pgoutput_tuple *tuple, const char *from, const char *to)
{
    for (size_t i = 0; i < tuple->count; i++)
        if (tuple->cells[i].kind == CELL_TEXT)
            tuple->cells[i].text.ptr = to + (tuple->cells[i].text.ptr - from);
}

/* The place of the event in its transaction. */
static struct kc_value place(struct stream *stream, const struct relation *relation,
                             struct kc_batch *batch)
{
    if (!stream->transactions->on)
        return kc_null();
    struct kc_arena *arena = &batch->arena;
    const char *name = kc_arena_printf(arena, "%s.%s", relation->schema, relation->name);
    return transactions_event(stream->transactions, arena,
                              envelope_transaction_schema(relation->table),
                              label(stream, stream->position.lsn, arena), name);
}

static const struct row_op {
    enum change_op op;
    unsigned skip;
    const char *message;
} row_ops[] = {
    [PGOUTPUT_INSERT] = {OP_CREATE, SKIP_CREATE, "INSERT"},
    [PGOUTPUT_UPDATE] = {OP_UPDATE, SKIP_UPDATE, "UPDATE"},
    [PGOUTPUT_DELETE] = {OP_DELETE, SKIP_DELETE, "DELETE"},
};

static struct kc_error *add_row(struct stream *stream, const struct relation *relation,
                                const struct pgoutput_change *message,
                                const struct wal_message *frame, struct kc_batch *batch,
                                uint64_t number)
{
    const struct pg_config *config = stream->maker->config;
    struct kc_arena *arena = &batch->arena;
    struct pgoutput_tuple *before = message->old != OLD_NONE ? &stream->decoder.old_row : NULL;
    struct change change = {.op = row_ops[message->kind].op, .table = relation->table};
    struct kc_error *err = NULL;
    const char *copy = kc_arena_copy(arena, frame->body.ptr, frame->body.len);
    move_cells(&stream->decoder.old_row, frame->body.ptr, copy);
    move_cells(&stream->decoder.new_row, frame->body.ptr, copy);

    const struct pgoutput_tuple *full = message->old == OLD_FULL ? before : NULL;
    bool skipped = stream->skipped & row_ops[message->kind].skip;
    if (message->kind != PGOUTPUT_DELETE && !skipped)
        err = reselect_row(stream->maker, relation, &stream->decoder.new_row, full, arena);
    if (!err && message->kind != PGOUTPUT_DELETE)
        err = relation_read(relation, stream->maker, &stream->decoder.new_row, full, arena,
                            &change.after, &change.key);
    if (!err && before)
        err = relation_read(relation, stream->maker, before, NULL, arena, &change.before,
                            change.op == OP_DELETE ? &change.key : &change.old_key);
    if (err)
        return err;
    if (relation->signals && stream->source && message->kind != PGOUTPUT_UPDATE)
        err = message->kind == PGOUTPUT_INSERT
                  ? signals_row(stream->source, change.after, false, batch, number)
                  : signals_row(stream->source, change.before, true, batch, number);
    if (err || skipped)
        return err;
    if (stream->source)
        incremental_row(&stream->source->incremental, relation, message, &stream->decoder);
    if (change.op == OP_UPDATE && config->skip_unchanged &&
        kc_value_equal(change.before, change.after))
        return NULL;
    table_keep(relation->table, batch, number);
    change.source = block_new(&stream->block, &stream->position, kc_text(relation->table->schema),
                              kc_text(relation->table->name), arena);
    /* Of a changed key each half is an operation of its own. */
    bool splits = envelope_splits(&change);
    change.no_delete = splits && stream->skipped & SKIP_DELETE;
    change.no_create = splits && stream->skipped & SKIP_CREATE;
    if (!change.no_delete)
        change.transaction = place(stream, relation, batch);
    if (splits && !change.no_create)
        change.transaction2 = place(stream, relation, batch);
    envelope_add(stream->envelope, batch, &change);
    stream->sent = stream->position;
    return NULL;
}

/* event.processing.failure.handling.mode: an event at fault may be left out. */
static struct kc_error *pass_over(const struct pg_config *config, struct kc_error *err)
{
    bool of_event = err->fault == KC_FATAL || err->fault == KC_BAD_DATA;
    if (config->process_failure == FAILURE_FAIL || !of_event)
        return err;
    char *line = kc_error_line(err);
    kc_log(config->process_failure == FAILURE_WARN ? KC_LOG_WARN : KC_LOG_DEBUG, "postgres",
           "An event is left out: %s", line);
    free(line);
    kc_error_free(err);
    return NULL;
}

static struct kc_error *handle_row(struct stream *stream, const struct pgoutput_change *message,
                                   const struct wal_message *frame, struct kc_batch *batch,
                                   uint64_t number)
{
    const struct row_op *op = &row_ops[message->kind];
    stream->touched = true;
    stream->touched_table = message->relation;
    if (sent_before(stream, frame->lsn))
        return NULL;
    advance(stream, frame->lsn, op->message);
    const struct relation *relation = find_relation(stream, message->relation);
    if (!relation)
        return kc_fail(KC_FATAL,
                       "a row of table %u at %X/%X comes before its structure; a restart of the task "
                       "reads it again",
                       message->relation, (unsigned)(frame->lsn >> 32), (unsigned)frame->lsn);
    if (!relation->captured || (stream->skipped & op->skip && !relation->signals)) {
        if (stream->events)
            stream->events->filtered++;
        return NULL;
    }
    struct kc_error *err = add_row(stream, relation, message, frame, batch, number);
    if (err)
        err = kc_while(err, "while reading a row of %s.%s at %X/%X", relation->schema,
                       relation->name, (unsigned)(frame->lsn >> 32), (unsigned)frame->lsn);
    return err ? pass_over(stream->maker->config, err) : NULL;
}

static void handle_truncate(struct stream *stream, const struct pgoutput_change *message,
                            const struct wal_message *frame, struct kc_batch *batch,
                            uint64_t number)
{
    stream->touched = true;
    for (uint32_t i = 0; i < message->n_relations; i++) {
        if (sent_before(stream, frame->lsn))
            continue;
        advance(stream, frame->lsn, "TRUNCATE");
        const struct relation *relation = find_relation(stream, pgoutput_truncated(message, i));
        if (relation && stream->source)
            incremental_truncate(&stream->source->incremental, relation);
        if (!relation || !relation->captured || stream->skipped & SKIP_TRUNCATE)
            continue;
        table_keep(relation->table, batch, number);
        struct change change = {.op = OP_TRUNCATE, .table = relation->table};
        change.source =
            block_new(&stream->block, &stream->position, kc_text(relation->table->schema),
                      kc_text(relation->table->name), &batch->arena);
        change.transaction = place(stream, relation, batch);
        envelope_add(stream->envelope, batch, &change);
        stream->sent = stream->position;
    }
}

static void set_origin(struct stream *stream, const struct pgoutput_change *message)
{
    free(stream->origin);
    stream->origin = kc_strndup(message->name.ptr, message->name.len);
    stream->block.origin = stream->origin;
    stream->block.origin_lsn = message->lsn;
}

/* Messages outside of transactions come at their place in the WAL: those before the stored position
 * were sent. */
static bool message_sent_before(struct stream *stream, const struct pgoutput_change *message,
                                uint64_t lsn)
{
    const struct position *stored = &stream->stored;
    if (message->transactional)
        return sent_before(stream, lsn);
    if (!stored->known || stored->in_snapshot || lsn > stored->lsn)
        return false;
    return lsn < stored->lsn || (stored->message && strcmp(stored->message, "MESSAGE") == 0);
}

static void handle_message(struct stream *stream, struct pgoutput_change *message,
                           const struct wal_message *frame, struct kc_batch *batch)
{
    struct kc_arena *arena = &batch->arena;
    if (message_sent_before(stream, message, frame->lsn))
        return;
    advance(stream, frame->lsn, "MESSAGE");
    if (!messages_wants(stream->messages, message->name))
        return;
    message->name.ptr = kc_arena_text(arena, message->name.ptr, message->name.len);
    message->content.ptr = kc_arena_copy(arena, message->content.ptr, message->content.len);
    struct position position = stream->position;
    struct kc_value place = kc_null();
    if (message->transactional)
        place = transactions_event(stream->transactions, arena,
                                   messages_transaction_schema(stream->messages),
                                   label(stream, frame->lsn, arena), "message");
    else
        position.tx_id = -1;
    struct kc_value source = block_new(&stream->block, &position, KC_TEXT(""), KC_TEXT(""), arena);
    messages_add(stream->messages, batch, message, source, place);
    if (stream->events)
        stream->events->messages++;
    stream->sent = stream->position;
}

struct kc_error *stream_handle(struct stream *stream, const struct wal_message *frame,
                               struct kc_batch *batch, uint64_t number)
{
    struct pgoutput_change message;
    stream->touched = false;
    stream->touched_table = 0;
    struct kc_error *err = pgoutput_decode(&stream->decoder, frame->body, &message);
    if (err)
        return kc_while(err,
                        "while reading the change stream at %X/%X; a restart of the task reads it again",
                        (unsigned)(frame->lsn >> 32), (unsigned)frame->lsn);
    switch (message.kind) {
    case PGOUTPUT_BEGIN:
        begin(stream, &message, frame->lsn, batch);
        return NULL;
    case PGOUTPUT_COMMIT:
        commit(stream, &message, batch);
        return NULL;
    case PGOUTPUT_RELATION:
        return set_relation(stream, &message);
    case PGOUTPUT_INSERT:
    case PGOUTPUT_UPDATE:
    case PGOUTPUT_DELETE:
        return handle_row(stream, &message, frame, batch, number);
    case PGOUTPUT_TRUNCATE:
        handle_truncate(stream, &message, frame, batch, number);
        return NULL;
    case PGOUTPUT_ORIGIN:
        set_origin(stream, &message);
        return NULL;
    case PGOUTPUT_MESSAGE:
        handle_message(stream, &message, frame, batch);
        return NULL;
    case PGOUTPUT_TYPE: /* the catalog tells more */
        return NULL;
    }
    return NULL;
}
