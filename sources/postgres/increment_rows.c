#include "sources/postgres/increment_rows.h"

#include <stdlib.h>

/* ---- rows ---- */

static void put_cell(struct kc_buf *buf, const struct pgoutput_cell *cell)
{
    if (cell->kind != CELL_TEXT) {
        kc_buf_be32(buf, UINT32_MAX);
        return;
    }
    kc_buf_be32(buf, (uint32_t)cell->text.len);
    kc_buf_text(buf, cell->text);
}

char *increment_pack(const struct pgoutput_tuple *row, size_t *len)
{
    struct kc_buf buf = KC_BUF(SIZE_MAX / 2);
    for (size_t i = 0; i < row->count; i++)
        put_cell(&buf, &row->cells[i]);
    *len = buf.len;
    return kc_buf_take(&buf);
}

bool increment_unpack(const char *bytes, size_t len, size_t n_columns, struct pgoutput_tuple *row)
{
    const uint8_t *at = (const uint8_t *)bytes, *end = at + len;
    if (row->cap < n_columns) {
        row->cells = kc_realloc(row->cells, n_columns * sizeof(*row->cells));
        row->cap = n_columns;
    }
    for (row->count = 0; row->count < n_columns; row->count++) {
        if (end - at < 4)
            return false;
        uint32_t size = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
        at += 4;
        row->cells[row->count] = (struct pgoutput_cell){CELL_NULL, {0}};
        if (size == UINT32_MAX)
            continue;
        if ((size_t)(end - at) < size)
            return false;
        row->cells[row->count] = (struct pgoutput_cell){CELL_TEXT, {(const char *)at, size}};
        at += size;
    }
    return at == end;
}

/* ---- keys ---- */

bool increment_key(const struct relation *relation, const struct pgoutput_tuple *row, bool key_only,
                   struct kc_buf *key)
{
    if (row->count != relation->n_columns)
        return false;
    if (!relation->n_key && key_only)
        return false;
    for (uint32_t place = 0; place < relation->n_key; place++) {
        for (size_t i = 0; i < relation->n_columns; i++) {
            const struct pgoutput_cell *cell = &row->cells[i];
            if (relation->columns[i].key_field != (int)place)
                continue;
            if (cell->kind == CELL_UNCHANGED || (cell->kind == CELL_NULL && key_only))
                return false;
            put_cell(key, cell);
        }
    }
    for (size_t i = 0; !relation->n_key && i < relation->n_columns; i++) {
        if (row->cells[i].kind == CELL_UNCHANGED)
            return false;
        if (relation->columns[i].value_field >= 0 && !relation->columns[i].generated)
            put_cell(key, &row->cells[i]);
    }
    return true;
}

bool increment_same_structure(const struct relation *read, const struct relation *streamed)
{
    size_t j = 0, missing = 0;
    for (size_t i = 0; i < read->n_columns; i++) {
        const struct relation_column *a = &read->columns[i];
        const struct relation_column *b =
            j < streamed->n_columns ? &streamed->columns[j] : NULL;
        bool same = b && strcmp(a->name, b->name) == 0 && a->use.root == b->use.root &&
                    a->use.typmod == b->use.typmod;
        j += same;
        missing += !same && !a->generated;
    }
    return !missing && j == streamed->n_columns;
}

/* ---- places ---- */

/* The classes that the original's driver gives; what has no row comes as text. */
static const struct {
    uint32_t type;
    enum java_kind kind;
} kinds[] = {
    {16, JAVA_BOOLEAN}, {17, JAVA_BYTES}, {20, JAVA_LONG},      {21, JAVA_INTEGER},
    {23, JAVA_INTEGER}, {26, JAVA_LONG},  {700, JAVA_FLOAT},    {701, JAVA_DOUBLE},
    {1082, JAVA_DATE},  {2950, JAVA_UUID}, {1700, JAVA_DECIMAL},
};

static struct java_value to_java(uint32_t type, const char *text)
{
    if (!text)
        return (struct java_value){JAVA_NULL, {0}};
    struct java_value value = {JAVA_STRING, kc_text(text)};
    for (size_t i = 0; i < KC_COUNT(kinds); i++)
        if (kinds[i].type == type)
            value.kind = kinds[i].kind;
    if (value.kind == JAVA_BOOLEAN)
        value.text = *text == 't' ? KC_TEXT("true") : KC_TEXT("false");
    if (value.kind == JAVA_DECIMAL && strchr("NIi", text[*text == '-']))
        value.kind = JAVA_DOUBLE; /* NaN and infinities */
    return value;
}

struct java_value *increment_place_to_java(const struct relation *relation,
                                           const struct chunk_order *order,
                                           const struct chunk_place *place, struct kc_arena *arena)
{
    if (!place->count)
        return NULL;
    struct java_value *values = kc_alloc0(arena, place->count * sizeof(*values));
    for (size_t i = 0; i < place->count; i++) {
        bool known = relation && i < order->count;
        values[i] = to_java(known ? relation->columns[order->columns[i].index].use.root : 0,
                            place->texts[i]);
    }
    return values;
}

void increment_place_from_java(struct chunk_place *place, const struct java_value *values,
                               size_t count)
{
    chunk_place_clear(place);
    if (!values || !count)
        return;
    *place = (struct chunk_place){kc_calloc(count, sizeof(char *)), count};
    for (size_t i = 0; i < count; i++)
        if (values[i].kind != JAVA_NULL)
            place->texts[i] = kc_strndup(values[i].text.ptr, values[i].text.len);
}
