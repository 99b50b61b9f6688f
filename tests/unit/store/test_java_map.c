#include <stdio.h>

#include "store/java_map.h"
#include "tests/unit/test.h"

/* One recorded file. */
struct recorded {
    char name[64];
    struct kc_buf bytes;
};

static bool next_recorded(FILE *file, struct recorded *recorded)
{
    static char line[65536];
    while (fgets(line, sizeof line, file)) {
        char *hex = strchr(line, ' ');
        if (*line == '#' || !hex)
            continue;
        snprintf(recorded->name, sizeof recorded->name, "%.*s", (int)(hex - line), line);
        kc_buf_reset(&recorded->bytes);
        unsigned byte;
        for (hex++; sscanf(hex, "%2x", &byte) == 1; hex += 2)
            kc_buf_char(&recorded->bytes, (char)byte);
        return true;
    }
    return false;
}

static FILE *open_recorded(void)
{
    char path[512];
    const char *srcdir = getenv("srcdir");
    snprintf(path, sizeof path, "%s/tests/unit/store/java_offsets.txt", srcdir ? srcdir : ".");
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    return file;
}

struct copy {
    struct kc_buf entries;
    uint32_t count;
};

static void copy_entry(void *context, struct kc_text key, struct kc_text value)
{
    struct copy *copy = context;
    java_map_write_entry(&copy->entries, copy->count == 0, key, value);
    copy->count++;
}

/* What Java wrote, read and written again, is the same bytes: table size and all. */
static void test_round_trip(void **state)
{
    (void)state;
    struct recorded recorded = { .bytes = { 0 } };
    FILE *file = open_recorded();
    int files = 0;
    for (; next_recorded(file, &recorded); files++) {
        struct copy copy = { .count = 0 };
        struct kc_buf again = { 0 };
        struct kc_text bytes = { recorded.bytes.data, recorded.bytes.len };
        assert_ok(java_map_read(bytes, copy_entry, &copy));
        java_map_write_begin(&again, copy.count);
        kc_buf_put(&again, copy.entries.data, copy.entries.len);
        java_map_write_end(&again);
        assert_int_equal(again.len, bytes.len);
        assert_memory_equal(again.data, bytes.ptr, bytes.len);
        kc_buf_clear(&again);
        kc_buf_clear(&copy.entries);
    }
    assert_true(files >= 6);
    kc_buf_clear(&recorded.bytes);
    fclose(file);
}

static void count_entry(void *context, struct kc_text key, struct kc_text value)
{
    (void)key;
    (void)value;
    ++*(int *)context;
}

/* However short it is cut: an error, never a part taken for the whole. */
static void test_torn(void **state)
{
    (void)state;
    struct recorded recorded = { .bytes = { 0 } };
    FILE *file = open_recorded();
    assert_true(next_recorded(file, &recorded));
    for (size_t len = 0; len < recorded.bytes.len; len++) {
        char *part = malloc(len + 1); /* no byte more than that may be read */
        memcpy(part, recorded.bytes.data, len);
        int count = 0;
        struct kc_error *err = java_map_read((struct kc_text){ part, len }, count_entry, &count);
        assert_non_null(err);
        assert_int_equal(err->fault, KC_BAD_DATA);
        assert_non_null(strstr(err->text, "ends too early"));
        kc_error_free(err);
        free(part);
    }
    kc_buf_clear(&recorded.bytes);
    fclose(file);
}

static void test_foreign(void **state)
{
    (void)state;
    int count = 0;
    assert_error(java_map_read(KC_TEXT("{\"a\":1}"), count_entry, &count), KC_BAD_DATA,
                 "byte 0 does not belong to a Java-serialised HashMap of byte arrays (java.util.HashMap "
                 "expected)");
    struct kc_buf buf = { 0 };
    java_map_write_begin(&buf, 0);
    java_map_write_end(&buf);
    assert_ok(java_map_read((struct kc_text){ buf.data, buf.len }, count_entry, &count));
    assert_int_equal(count, 0);
    kc_buf_char(&buf, 'x');
    struct kc_error *err = java_map_read((struct kc_text){ buf.data, buf.len }, count_entry, &count);
    assert_non_null(strstr(err->text, "nothing after the map"));
    kc_error_free(err);
    kc_buf_clear(&buf);
}

/* A count that is a lie costs no memory. */
static void test_huge_count(void **state)
{
    (void)state;
    int count = 0;
    struct kc_buf buf = { 0 };
    java_map_write_begin(&buf, UINT32_MAX);
    struct kc_error *err = java_map_read((struct kc_text){ buf.data, buf.len }, count_entry, &count);
    assert_non_null(err);
    kc_error_free(err);
    kc_buf_clear(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_torn),
        cmocka_unit_test(test_foreign),
        cmocka_unit_test(test_huge_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
