/* Texts of columns and of default expressions, read by every built-in type in every mode, and lines of
 * COPY. The first bytes choose type, modifier and modes. */
#include "sources/postgres/copyline.h"
#include "sources/postgres/types.h"
#include "tests/fuzz/fuzz.h"

static const struct type_info *find_none(struct type_catalog *catalog, uint32_t oid)
{
    (void)catalog, (void)oid;
    return NULL;
}

static void read_value(const uint8_t head[8], struct kc_text text)
{
    struct type_catalog catalog = { find_none };
    struct pg_type_modes modes = {
        .decimal = head[0] % 3, .time = head[1] % TIME_STRUCTURED, .binary = head[2] % 4,
        .interval = head[3] % 2, .hstore = head[3] / 2 % 2, .money_digits = head[4] % 5,
    };
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
        types_default(&use, copy, head[3] & 4, &arena, &value);
        kc_schema_unref(schema);
    }
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
