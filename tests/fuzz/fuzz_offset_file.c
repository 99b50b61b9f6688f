/* The offset file of a standalone worker: any bytes give an error or entries that, written again, read the
 * same. */
#include "store/java_map.h"
#include "tests/fuzz/fuzz.h"

struct seen {
    struct kc_buf entries;
    uint32_t count;
};

static void see(void *context, struct kc_text key, struct kc_text value)
{
    struct seen *seen = context;
    java_map_write_entry(&seen->entries, seen->count == 0, key, value);
    seen->count++;
}

static bool read_map(struct kc_text bytes, struct seen *seen)
{
    struct kc_error *err = java_map_read(bytes, see, seen);
    bool fine = !err;
    kc_error_free(err);
    return fine;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct seen first = { .count = 0 }, second = { .count = 0 };
    struct kc_buf again = { 0 };
    if (read_map((struct kc_text){ (const char *)data, size }, &first)) {
        java_map_write_begin(&again, first.count);
        kc_buf_put(&again, first.entries.data, first.entries.len);
        java_map_write_end(&again);
        FUZZ_MUST(read_map((struct kc_text){ again.data, again.len }, &second));
        FUZZ_MUST(first.count == second.count && first.entries.len == second.entries.len);
        FUZZ_MUST(!first.entries.len ||
                   memcmp(first.entries.data, second.entries.data, first.entries.len) == 0);
    }
    kc_buf_clear(&first.entries);
    kc_buf_clear(&second.entries);
    kc_buf_clear(&again);
    return 0;
}
