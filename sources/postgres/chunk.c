#include "sources/postgres/chunk.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/mailbox.h"

/* ---- order ---- */

static void add_column(struct chunk_order *order, const struct relation *relation, size_t index)
{
    order->columns[order->count++] =
        (struct chunk_column){index, !relation->columns[index].required};
}

static struct kc_error *order_by(struct chunk_order *order, const struct relation *relation,
                                 const char *name)
{
    for (size_t i = 0; i < relation->n_columns; i++) {
        if (strcmp(relation->columns[i].name, name) == 0) {
            add_column(order, relation, i);
            return NULL;
        }
    }
    return kc_fail(KC_BAD_DATA, "there is no column \"%s\" in table %s.%s", name, relation->schema,
                   relation->name);
}

static void order_by_key(struct chunk_order *order, const struct relation *relation)
{
    for (uint32_t place = 0; place < relation->n_key; place++)
        for (size_t i = 0; i < relation->n_columns; i++)
            if (relation->columns[i].key_field == (int)place)
                add_column(order, relation, i);
}

/* Is it the whole of a key that the database enforces? */
static struct kc_error *find_unique(struct chunk_order *order, const struct relation_maker *maker,
                                    const struct relation *relation)
{
    AUTO_RESULT *names = NULL;
    struct kc_error *err = catalog_key(maker->catalog, relation->oid, &names);
    if (err)
        return err;
    order->unique = order->count && (size_t)PQntuples(names) == order->count;
    for (size_t i = 0; order->unique && i < order->count; i++) {
        const struct chunk_column *column = &order->columns[i];
        order->unique = !column->nullable && strcmp(relation->columns[column->index].name,
                                                    PQgetvalue(names, (int)i, 0)) == 0;
    }
    return NULL;
}

struct kc_error *chunk_order_init(struct chunk_order *order, const struct relation_maker *maker,
                                  struct relation *relation, const char *surrogate)
{
    *order = (struct chunk_order){.columns = kc_calloc(relation->n_columns + 1,
                                                       sizeof(*order->columns))};
    struct kc_error *err = NULL;
    if (surrogate)
        err = order_by(order, relation, surrogate);
    else
        order_by_key(order, relation);
    if (!err)
        err = find_unique(order, maker, relation);
    if (err) {
        chunk_order_clear(order);
        return err;
    }
    for (size_t i = 0; i < relation->n_columns; i++) {
        struct relation_column *column = &relation->columns[i];
        column->copied = column->value_field >= 0 || column->key_field >= 0;
    }
    for (size_t i = 0; i < order->count; i++)
        relation->columns[order->columns[i].index].copied = true;
    return NULL;
}

void chunk_order_clear(struct chunk_order *order)
{
    free(order->columns);
    *order = (struct chunk_order){0};
}

/* ---- places ---- */

void chunk_place_clear(struct chunk_place *place)
{
    for (size_t i = 0; i < place->count; i++)
        free(place->texts[i]);
    free(place->texts);
    *place = (struct chunk_place){0};
}

void chunk_place_set(struct chunk_place *place, const struct chunk_order *order,
                     const struct pgoutput_tuple *row)
{
    struct chunk_place made = {kc_calloc(order->count + 1, sizeof(char *)), order->count};
    for (size_t i = 0; i < order->count; i++) {
        const struct pgoutput_cell *cell = &row->cells[order->columns[i].index];
        if (cell->kind == CELL_TEXT)
            made.texts[i] = kc_strndup(cell->text.ptr, cell->text.len);
    }
    chunk_place_clear(place);
    *place = made;
}

void chunk_place_copy(struct chunk_place *place, const struct chunk_place *from)
{
    struct chunk_place made = {0};
    if (from->count)
        made = (struct chunk_place){kc_calloc(from->count, sizeof(char *)), from->count};
    for (size_t i = 0; i < from->count; i++)
        made.texts[i] = kc_strdup(from->texts[i]);
    chunk_place_clear(place);
    *place = made;
}

bool chunk_place_equal(const struct chunk_place *a, const struct chunk_place *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!a->texts[i] != !b->texts[i] || (a->texts[i] && strcmp(a->texts[i], b->texts[i]) != 0))
            return false;
    return true;
}

/* ---- SQL ---- */

static const struct relation_column *column_at(const struct chunk *chunk, size_t i)
{
    return &chunk->relation->columns[chunk->order->columns[i].index];
}

static void put_comparison(struct kc_buf *sql, const struct chunk *chunk, size_t i,
                           const char *operator, const struct chunk_place *place)
{
    link_put_identifier(sql, column_at(chunk, i)->name);
    kc_buf_str(sql, operator);
    link_put_literal(sql, place->texts[i]);
}

/* (a, b) > (1, 2): in one piece, so that an index serves it. */
static void put_row_comparison(struct kc_buf *sql, const struct chunk *chunk, const char *operator,
                               const struct chunk_place *place)
{
    size_t count = chunk->order->count;
    kc_buf_str(sql, "ROW(");
    for (size_t i = 0; i < count; i++) {
        kc_buf_str(sql, i ? ", " : "");
        link_put_identifier(sql, column_at(chunk, i)->name);
    }
    kc_buf_printf(sql, ")%sROW(", operator);
    for (size_t i = 0; i < count; i++) {
        kc_buf_str(sql, i ? ", " : "");
        link_put_literal(sql, place->texts[i]);
    }
    kc_buf_char(sql, ')');
}

/* Equal in all columns before the last, and behind the place in that one. */
static void put_term(struct kc_buf *sql, const struct chunk *chunk, size_t last,
                     const struct chunk_place *place)
{
    for (size_t i = 0; i < last; i++) {
        if (place->texts[i]) {
            put_comparison(sql, chunk, i, " = ", place);
        } else {
            link_put_identifier(sql, column_at(chunk, i)->name);
            kc_buf_str(sql, " IS NULL");
        }
        kc_buf_str(sql, " AND ");
    }
    if (!place->texts[last]) {
        kc_buf_str(sql, "FALSE");
        return;
    }
    kc_buf_char(sql, '(');
    put_comparison(sql, chunk, last, " > ", place);
    if (chunk->order->columns[last].nullable) {
        kc_buf_str(sql, " OR ");
        link_put_identifier(sql, column_at(chunk, last)->name);
        kc_buf_str(sql, " IS NULL");
    }
    kc_buf_char(sql, ')');
}

/* Rows behind the place; `not`: all others. */
static void put_bound(struct kc_buf *sql, const struct chunk *chunk,
                      const struct chunk_place *place, bool not)
{
    bool nullable = false;
    for (size_t i = 0; i < chunk->order->count; i++)
        nullable |= chunk->order->columns[i].nullable || !place->texts[i];
    if (!nullable) {
        put_row_comparison(sql, chunk, not ? " <= " : " > ", place);
        return;
    }
    kc_buf_str(sql, not ? "NOT (" : "(");
    for (size_t i = 0; i < chunk->order->count; i++) {
        kc_buf_str(sql, i ? " OR " : "");
        kc_buf_char(sql, '(');
        put_term(sql, chunk, i, place);
        kc_buf_char(sql, ')');
    }
    kc_buf_char(sql, ')');
}

static void put_from(struct kc_buf *sql, const struct relation *relation)
{
    kc_buf_str(sql, " FROM ");
    link_put_identifier(sql, relation->schema);
    kc_buf_char(sql, '.');
    link_put_identifier(sql, relation->name);
}

static void put_order(struct kc_buf *sql, const struct chunk *chunk, const char *direction)
{
    for (size_t i = 0; i < chunk->order->count; i++) {
        kc_buf_str(sql, i ? ", " : " ORDER BY ");
        link_put_identifier(sql, column_at(chunk, i)->name);
        kc_buf_str(sql, direction);
    }
}

static void put_condition(struct kc_buf *sql, const struct chunk *chunk, const char *word)
{
    /* A line of its own: the condition may end in a comment. */
    if (chunk->condition && *chunk->condition)
        kc_buf_printf(sql, "%s(%s\n)", word, chunk->condition);
}

static bool is_place(const struct chunk *chunk, const struct chunk_place *place)
{
    return place && place->count && place->count == chunk->order->count;
}

void chunk_put_select(struct kc_buf *sql, const struct chunk *chunk)
{
    const struct relation *relation = chunk->relation;
    const char *word = " WHERE ";
    kc_buf_str(sql, "SELECT ");
    const char *comma = "";
    for (size_t i = 0; i < relation->n_columns; i++) {
        if (!relation->columns[i].copied)
            continue;
        kc_buf_str(sql, comma);
        link_put_identifier(sql, relation->columns[i].name);
        comma = ", ";
    }
    put_from(sql, relation);
    if (is_place(chunk, chunk->after)) {
        kc_buf_str(sql, word);
        put_bound(sql, chunk, chunk->after, false);
        word = " AND ";
    }
    if (is_place(chunk, chunk->to)) {
        kc_buf_str(sql, word);
        put_bound(sql, chunk, chunk->to, true);
        word = " AND ";
    }
    put_condition(sql, chunk, word);
    put_order(sql, chunk, "");
    if (chunk->limit > 0)
        kc_buf_printf(sql, " FETCH FIRST %" PRId64 " ROWS %s", chunk->limit,
                      chunk->order->unique || !chunk->order->count ? "ONLY" : "WITH TIES");
}

void chunk_put_last(struct kc_buf *sql, const struct chunk *chunk)
{
    kc_buf_str(sql, "SELECT ");
    for (size_t i = 0; i < chunk->order->count; i++) {
        kc_buf_str(sql, i ? ", " : "");
        link_put_identifier(sql, column_at(chunk, i)->name);
    }
    put_from(sql, chunk->relation);
    put_condition(sql, chunk, " WHERE ");
    put_order(sql, chunk, " DESC");
    kc_buf_str(sql, " LIMIT 1");
}

/* ---- reading ---- */

static void drop_line(struct chunk_reader *reader)
{
    if (reader->line)
        PQfreemem(reader->line);
    reader->line = NULL;
}

struct kc_error *chunk_start(struct chunk_reader *reader, PGconn *conn, const struct chunk *chunk)
{
    KC_AUTO_BUF sql = KC_BUF(0);
    kc_buf_str(&sql, "COPY (");
    chunk_put_select(&sql, chunk);
    kc_buf_str(&sql, ") TO STDOUT");
    drop_line(reader);
    link_result_clear(&reader->result);
    reader->conn = conn;
    reader->relation = chunk->relation;
    struct kc_error *err = link_send(conn, sql.data);
    reader->state = err ? READER_IDLE : READER_STARTING;
    return err;
}

/* A step while the server answers outside of rows. */
static struct kc_error *receive(struct chunk_reader *reader, bool *done)
{
    struct kc_error *err = link_receive(reader->conn, &reader->result, done);
    if (err)
        reader->state = READER_IDLE;
    if (err || *done)
        link_result_clear(&reader->result);
    return err;
}

static struct kc_error *next_line(struct chunk_reader *reader, enum chunk_got *got)
{
    int len = PQgetCopyData(reader->conn, &reader->line, 1);
    if (len == 0) {
        if (!PQconsumeInput(reader->conn))
            return link_error(reader->conn, NULL);
        len = PQgetCopyData(reader->conn, &reader->line, 1);
    }
    if (len < -1)
        return link_error(reader->conn, NULL);
    if (len == -1)
        reader->state = READER_ENDING;
    if (len <= 0)
        return NULL;
    reader->line_len = (size_t)len;
    *got = CHUNK_ROW;
    return relation_split(reader->relation, reader->line, reader->line_len, &reader->cells);
}

struct kc_error *chunk_next(struct chunk_reader *reader, enum chunk_got *got)
{
    struct kc_error *err = NULL;
    bool done = false;
    *got = CHUNK_WAIT;
    drop_line(reader);
    if (reader->state == READER_STARTING) {
        err = receive(reader, &done);
        if (!err && done)
            reader->state = READER_COPYING;
    }
    if (!err && reader->state == READER_COPYING)
        err = next_line(reader, got);
    if (!err && reader->state == READER_ENDING) {
        err = receive(reader, &done);
        if (!err && done)
            reader->state = READER_IDLE;
    }
    if (!err && reader->state == READER_IDLE)
        *got = CHUNK_END;
    return err;
}

enum kc_wait chunk_wait(const struct chunk_reader *reader, int stop_fd, int ms)
{
    return kc_wait_fd(PQsocket(reader->conn), false, stop_fd, ms);
}

void chunk_reader_clear(struct chunk_reader *reader)
{
    drop_line(reader);
    link_result_clear(&reader->result);
    free(reader->cells.cells);
    *reader = (struct chunk_reader){0};
}
