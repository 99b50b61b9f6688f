/* Texts of columns and of default expressions, read by every type that has a row, an array of it, a
 * domain and an enum, in every mode, and lines of COPY. The first bytes choose type, modifier and modes. */
#include "sources/postgres/copyline.h"
#include "sources/postgres/types.h"
#include "tests/fuzz/fuzz.h"

/* What a database with extensions knows; the arrays of each follow 100 later. */
enum { EXTENSIONS = 60000, ARRAYS = 100 };
static const struct type_info extensions[] = {
    { .name = "hstore", .kind = 'b', .delimiter = ',' },
    { .name = "ltree", .kind = 'b', .delimiter = ',' },
    { .name = "citext", .kind = 'b', .delimiter = ',' },
    { .name = "isbn", .kind = 'b', .delimiter = ',' },
    { .name = "geometry", .kind = 'b', .delimiter = ':' },
    { .name = "geography", .kind = 'b', .delimiter = ':' },
    { .name = "vector", .kind = 'b', .delimiter = ',' },
    { .name = "halfvec", .kind = 'b', .delimiter = ',' },
    { .name = "sparsevec", .kind = 'b', .delimiter = ',' },
    { .name = "mood", .kind = 'e', .delimiter = ',', .labels = "sad,ok" },
    { .name = "short", .kind = 'd', .delimiter = ',', .base = 1043, .base_typmod = 9 },
    { .name = "moods", .kind = 'd', .delimiter = ',', .base = EXTENSIONS + ARRAYS + 9, .base_typmod = -1 },
    { .name = "pair", .kind = 'c', .delimiter = ',' },
};

static const struct type_info *find(struct type_catalog *catalog, uint32_t oid)
{
    static struct type_info array;
    uint32_t index = (oid - EXTENSIONS) % ARRAYS;
    (void)catalog;
    if (oid < EXTENSIONS || oid >= EXTENSIONS + 2 * ARRAYS || index >= KC_COUNT(extensions))
        return NULL;
    array = (struct type_info){ .name = "_array", .kind = 'b', .delimiter = ',', .element = EXTENSIONS + index };
    return oid < EXTENSIONS + ARRAYS ? &extensions[index] : &array;
}

static void read_value(const uint8_t head[8], struct kc_text text)
{
    struct type_catalog catalog = { find };
    struct pg_type_modes modes = {
        .decimal = head[0] % 3, .time = head[1] % (TIME_STRUCTURED + 1), .binary = head[2] % 4,
        .interval = head[3] % 2, .hstore = head[3] / 2 % 2, .money_digits = head[4] % 5,
        .unknown = head[3] & 8,
    };
    const struct placeholder placeholder = { KC_TEXT("gone"), KC_TEXT("gone") };
    struct type_source source;
    struct type_use use;
    struct kc_arena arena;
    struct kc_value value;
    kc_arena_init(&arena, 0);
    int32_t typmod = head[7] & 1 ? -1 : (int32_t)(head[7] << 12 | head[4]);
    types_resolve(&catalog, &modes, (uint32_t)head[5] << 8 | head[6], typmod, &use);
    if (use.form) {
        struct kc_schema *schema = types_schema(&use);
        types_bind(&use, schema);
        char *copy = kc_arena_text(&arena, text.ptr, text.len);
        if (!use.form->read(&use, (struct kc_text){ copy, text.len }, &arena, &value))
            kc_error_free(kc_schema_check(schema, value.kind == KC_NULL ? types_missing(&use, &arena)
                                                                        : value));
        kc_error_free(kc_schema_check(schema, types_gone(&use, &placeholder, &arena)));
        types_default(&use, copy, &arena, &value);
        kc_schema_unref(schema);
    }
    types_source(&use, &source);
    types_loss(&use);
    types_clear(&use);
    kc_arena_clear(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 8)
        return 0;
    read_value(data, fuzz_text(data + 8, size - 8));
    struct pgoutput_tuple tuple = { 0 };
    char *line = malloc(size);
    memcpy(line, data, size);
    if (copyline_split(line, size, &tuple, data[0]))
        for (size_t i = 0; i < tuple.count; i++)
            FUZZ_MUST(tuple.cells[i].text.ptr >= line &&
                      tuple.cells[i].text.ptr + tuple.cells[i].text.len <= line + size);
    free(line);
    free(tuple.cells);
    return 0;
}
