#include "sources/postgres/pgoutput.h"

#include <stdlib.h>

/* PostgreSQL counts from 2000-01-01. */
#define EPOCH_US 946684800000000LL

/* What is left of a message; `torn` sticks once it was too short, and reads give 0. */
struct reader {
    const uint8_t *at, *end;
    bool torn;
};

static const uint8_t *take(struct reader *in, size_t len)
{
    if ((size_t)(in->end - in->at) < len) {
        in->torn = true;
        in->at = in->end;
        return NULL;
    }
    const uint8_t *at = in->at;
    in->at += len;
    return at;
}

static uint8_t read8(struct reader *in)
{
    const uint8_t *p = take(in, 1);
    return p ? *p : 0;
}

static uint16_t read16(struct reader *in)
{
    const uint8_t *p = take(in, 2);
    return p ? (uint16_t)(p[0] << 8 | p[1]) : 0;
}

static uint32_t read32(struct reader *in)
{
    const uint8_t *p = take(in, 4);
    return p ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3] : 0;
}

static uint64_t read64(struct reader *in)
{
    uint64_t high = read32(in);
    return high << 32 | read32(in);
}

static int64_t read_time(struct reader *in)
{
    return (int64_t)(read64(in) + (uint64_t)EPOCH_US);
}

static struct kc_text read_name(struct reader *in)
{
    const uint8_t *nul = memchr(in->at, 0, (size_t)(in->end - in->at));
    if (!nul) {
        in->torn = true;
        in->at = in->end;
        return KC_TEXT("");
    }
    struct kc_text name = {(const char *)in->at, (size_t)(nul - in->at)};
    in->at = nul + 1;
    return name;
}

static struct kc_text read_bytes(struct reader *in)
{
    uint32_t len = read32(in);
    const uint8_t *p = take(in, len);
    return p ? (struct kc_text){(const char *)p, len} : KC_TEXT("");
}

static bool read_cell(struct reader *in, struct pgoutput_cell *cell)
{
    cell->text = KC_TEXT("");
    switch (read8(in)) {
    case 't':
        cell->kind = CELL_TEXT;
        cell->text = read_bytes(in);
        return true;
    case 'n':
        cell->kind = CELL_NULL;
        return true;
    case 'u':
        cell->kind = CELL_UNCHANGED;
        return true;
    default: /* 'b' (binary) is never asked for */
        return false;
    }
}

static void read_tuple(struct reader *in, struct pgoutput_tuple *tuple)
{
    size_t count = read16(in);
    if (count > tuple->cap) {
        tuple->cells = kc_realloc(tuple->cells, count * sizeof(*tuple->cells));
        tuple->cap = count;
    }
    tuple->count = count;
    for (size_t i = 0; i < count && !in->torn; i++)
        if (!read_cell(in, &tuple->cells[i]))
            in->torn = true;
}

/* ---- one reader for each kind of message ---- */

static void read_begin(struct pgoutput *decoder, struct reader *in, struct pgoutput_change *change)
{
    (void)decoder;
    change->kind = PGOUTPUT_BEGIN;
    change->lsn = read64(in);
    change->time_us = read_time(in);
    change->xid = read32(in);
}

static void read_commit(struct pgoutput *decoder, struct reader *in, struct pgoutput_change *change)
{
    (void)decoder;
    change->kind = PGOUTPUT_COMMIT;
    change->flags = read8(in);
    change->lsn = read64(in);
    change->end_lsn = read64(in);
    change->time_us = read_time(in);
}

static void read_origin(struct pgoutput *decoder, struct reader *in, struct pgoutput_change *change)
{
    (void)decoder;
    change->kind = PGOUTPUT_ORIGIN;
    change->lsn = read64(in);
    change->name = read_name(in);
}

static void read_relation(struct pgoutput *decoder, struct reader *in,
                          struct pgoutput_change *change)
{
    change->kind = PGOUTPUT_RELATION;
    change->relation = read32(in);
    change->schema = read_name(in);
    if (change->schema.len == 0)
        change->schema = KC_TEXT("pg_catalog"); /* how the protocol writes it */
    change->name = read_name(in);
    change->identity = (char)read8(in);
    size_t count = read16(in);
    if (count > decoder->columns_cap) {
        decoder->columns = kc_realloc(decoder->columns, count * sizeof(*decoder->columns));
        decoder->columns_cap = count;
    }
    decoder->n_columns = count;
    for (size_t i = 0; i < count && !in->torn; i++) {
        struct pgoutput_column *column = &decoder->columns[i];
        column->key = read8(in) & 1;
        column->name = read_name(in);
        column->type = read32(in);
        column->typmod = (int32_t)read32(in);
    }
}

static void read_type(struct pgoutput *decoder, struct reader *in, struct pgoutput_change *change)
{
    (void)decoder;
    change->kind = PGOUTPUT_TYPE;
    change->relation = read32(in);
    change->schema = read_name(in);
    change->name = read_name(in);
}

static void read_new(struct pgoutput *decoder, struct reader *in, uint8_t tag)
{
    if (tag != 'N')
        in->torn = true;
    else
        read_tuple(in, &decoder->new_row);
}

/* The old tuple, if there is one; the tag that follows it. */
static uint8_t read_old(struct pgoutput *decoder, struct reader *in, struct pgoutput_change *change)
{
    uint8_t tag = read8(in);
    decoder->old_row.count = 0;
    if (tag != 'K' && tag != 'O')
        return tag;
    change->old = tag == 'K' ? OLD_KEY : OLD_FULL;
    read_tuple(in, &decoder->old_row);
    return 0;
}

static void read_insert(struct pgoutput *decoder, struct reader *in, struct pgoutput_change *change)
{
    change->kind = PGOUTPUT_INSERT;
    change->relation = read32(in);
    decoder->old_row.count = 0;
    read_new(decoder, in, read8(in));
}

static void read_update(struct pgoutput *decoder, struct reader *in, struct pgoutput_change *change)
{
    change->kind = PGOUTPUT_UPDATE;
    change->relation = read32(in);
    uint8_t tag = read_old(decoder, in, change);
    read_new(decoder, in, tag ? tag : read8(in));
}

static void read_delete(struct pgoutput *decoder, struct reader *in, struct pgoutput_change *change)
{
    change->kind = PGOUTPUT_DELETE;
    change->relation = read32(in);
    decoder->new_row.count = 0;
    if (read_old(decoder, in, change))
        in->torn = true;
}

static void read_truncate(struct pgoutput *decoder, struct reader *in,
                          struct pgoutput_change *change)
{
    (void)decoder;
    change->kind = PGOUTPUT_TRUNCATE;
    change->n_relations = read32(in);
    change->flags = read8(in);
    change->relations = take(in, (size_t)change->n_relations * 4);
    if (!change->relations)
        change->n_relations = 0;
}

static void read_message(struct pgoutput *decoder, struct reader *in,
                         struct pgoutput_change *change)
{
    (void)decoder;
    change->kind = PGOUTPUT_MESSAGE;
    change->transactional = read8(in) & 1;
    change->lsn = read64(in);
    change->name = read_name(in);
    change->content = read_bytes(in);
}

static void (*const readers[256])(struct pgoutput *, struct reader *, struct pgoutput_change *) = {
    ['B'] = read_begin,    ['C'] = read_commit,  ['O'] = read_origin, ['R'] = read_relation,
    ['Y'] = read_type,     ['I'] = read_insert,  ['U'] = read_update, ['D'] = read_delete,
    ['T'] = read_truncate, ['M'] = read_message,
};

struct kc_error *pgoutput_decode(struct pgoutput *decoder, struct kc_text message,
                                 struct pgoutput_change *change)
{
    struct reader in = {(const uint8_t *)message.ptr, (const uint8_t *)message.ptr + message.len,
                        false};
    *change = (struct pgoutput_change){0};
    uint8_t tag = read8(&in);
    if (!readers[tag])
        return kc_fail(KC_FATAL, "pgoutput message of unknown kind 0x%02x, %zu bytes", tag,
                       message.len);
    readers[tag](decoder, &in, change);
    if (in.torn || in.at != in.end)
        return kc_fail(KC_FATAL, "pgoutput message '%c' of %zu bytes %s", tag, message.len,
                       in.torn ? "is malformed or ends too early" : "is followed by other bytes");
    return NULL;
}

uint32_t pgoutput_truncated(const struct pgoutput_change *change, uint32_t index)
{
    struct reader in = {change->relations + (size_t)index * 4,
                        change->relations + (size_t)index * 4 + 4, false};
    return read32(&in);
}

void pgoutput_clear(struct pgoutput *decoder)
{
    free(decoder->old_row.cells);
    free(decoder->new_row.cells);
    free(decoder->columns);
    *decoder = (struct pgoutput){0};
}

bool pgoutput_begins(struct kc_text message, uint32_t *xid, uint64_t *commit_lsn)
{
    struct reader in = {(const uint8_t *)message.ptr, (const uint8_t *)message.ptr + message.len, false};
    if (read8(&in) != 'B')
        return false;
    *commit_lsn = read64(&in);
    read64(&in);
    *xid = read32(&in);
    return !in.torn;
}
