/* Serialised Java arrays, as stored offsets hold them: what is read is written again, and reads the
 * same. */
#include "sources/common/java_array.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct kc_arena arena;
    kc_arena_init(&arena, 0);
    struct kc_buf hex = {0}, again = {0};
    struct java_value *values, *second;
    size_t count, n_second;
    for (size_t i = 0; i < size; i++)
        kc_buf_printf(&hex, "%02x", data[i]);
    struct kc_error *err =
        java_array_read((struct kc_text){hex.data, hex.len}, &arena, &values, &count);
    if (!err && values) {
        java_array_write(&again, values, count);
        err = java_array_read((struct kc_text){again.data, again.len}, &arena, &second, &n_second);
        FUZZ_MUST(!err && n_second == count);
        for (size_t i = 0; i < count; i++)
            FUZZ_MUST(!values[i].kind == !second[i].kind);
    }
    kc_error_free(err);
    kc_buf_clear(&hex);
    kc_buf_clear(&again);
    kc_arena_clear(&arena);
    return 0;
}
