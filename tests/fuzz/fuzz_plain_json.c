/* The JSON of offsets and partitions: read, written, read again, it is the same text. */
#include "data/plain_json.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct kc_arena arena;
    kc_arena_init(&arena, 0);
    struct kc_buf first = KC_BUF(0), second = KC_BUF(0);
    struct kc_value value;
    struct kc_error *err = kc_plain_json_read(fuzz_text(data, size), &arena, &value);
    if (!err) {
        kc_plain_json_write(value, &first);
        err = kc_plain_json_read((struct kc_text){ first.data, first.len }, &arena, &value);
        FUZZ_MUST(!err);
        kc_plain_json_write(value, &second);
        FUZZ_MUST(first.len == second.len && memcmp(first.data, second.data, first.len) == 0);
    }
    kc_error_free(err);
    kc_buf_clear(&first);
    kc_buf_clear(&second);
    kc_arena_clear(&arena);
    return 0;
}
