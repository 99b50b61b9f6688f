/* Literals, the form of header values: any text is some value, and that value can be written and
 * cast. */
#include "data/cast.h"
#include "data/literal.h"
#include "tests/fuzz/fuzz.h"

static void cast_to_all(const struct kc_schema *schema, struct kc_value value,
                        struct kc_arena *arena)
{
    struct kc_value cast;
    for (enum kc_kind kind = KC_INT8; kind <= KC_BYTES; kind++)
        kc_error_free(kc_cast(kc_schema_of(kind, true), schema, value, arena, &cast));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct kc_arena arena;
    struct kc_buf first = { 0 }, second = { 0 };
    const struct kc_schema *schema;
    struct kc_value value;
    kc_arena_init(&arena, 0);
    struct kc_text text = fuzz_text(data, size);
    if (kc_text_utf8(text) == size && kc_literal_read(text, &arena, &schema, &value)) {
        kc_literal_write(value, &first);
        cast_to_all(schema, value, &arena);
        if (!first.failed && first.data) {
            /* Written text is read again, though not always as the same value. */
            text = (struct kc_text){ first.data, first.len };
            FUZZ_MUST(kc_literal_read(text, &arena, &schema, &value));
            kc_literal_write(value, &second);
        }
    }
    kc_buf_clear(&first);
    kc_buf_clear(&second);
    kc_arena_clear(&arena);
    return 0;
}
