#include <stdio.h>

#include "data/value.h"
#include "tests/unit/test.h"

static size_t from_hex(const char *hex, uint8_t *out)
{
    size_t len = strlen(hex) / 2;
    for (size_t i = 0; i < len; i++) {
        unsigned byte;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
        out[i] = (uint8_t)byte;
    }
    return len;
}

/* A line of decimal_cases.txt (decimal_cases.py makes them by Python's decimal). */
static void check_case(char *line)
{
    struct kc_arena arena;
    struct kc_buf buf = { 0 };
    struct kc_value value, again;
    uint8_t bytes[2048];
    const char *text = strtok(line, "\t"), *hex = strtok(NULL, "\t"), *scale = strtok(NULL, "\t");
    const char *plain = strtok(NULL, "\t"), *shown = strtok(NULL, "\t\n");
    kc_arena_init(&arena, 0);
    assert_true(kc_decimal_from_text(&arena, kc_text(text), &value));
    size_t len = from_hex(hex, bytes);
    assert_int_equal(value.u.decimal->scale, atoi(scale));
    assert_int_equal(value.u.decimal->len, len);
    assert_memory_equal(value.u.decimal->unscaled, bytes, len);
    kc_decimal_plain(value, &buf);
    assert_buf(&buf, plain);
    kc_decimal_text(value, &buf);
    assert_buf(&buf, shown);
    double expected = strtod(text, NULL), got = kc_decimal_double(value);
    assert_true(expected == got);

    /* three places more and back is the same; a place less loses a digit or none */
    int32_t known = value.u.decimal->scale;
    assert_true(kc_decimal_rescale(&arena, value, known + 3, &again));
    assert_true(kc_decimal_rescale(&arena, again, known, &again));
    assert_true(kc_value_equal(value, again));
    bool last_is_zero = shown[strcspn(shown, "E") - 1] == '0';
    assert_int_equal(kc_decimal_rescale(&arena, value, known - 1, &again), last_is_zero);
    kc_buf_clear(&buf);
    kc_arena_clear(&arena);
}

static void test_cases(void **state)
{
    (void)state;
    char path[4096];
    static char line[8192];
    int count = 0;
    snprintf(path, sizeof(path), "%s/tests/unit/data/decimal_cases.txt",
             getenv("srcdir") ? getenv("srcdir") : ".");
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    for (; fgets(line, sizeof(line), file); count++)
        check_case(line);
    fclose(file);
    assert_true(count > 300);
}

static void test_bytes_are_minimal(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len, minimal;
    } rows[] = { { "", 0, 1 },           { "\0\0\0", 3, 1 },     { "\0\x7F", 2, 1 },
                 { "\0\x80", 2, 2 },     { "\xFF\xFF", 2, 1 },   { "\xFF\x80", 2, 1 },
                 { "\xFF\x7F\xFF", 3, 3 }, { "\0\0\x80\0", 4, 3 } };
    struct kc_arena arena;
    kc_arena_init(&arena, 0);
    for (size_t i = 0; i < KC_COUNT(rows); i++)
        assert_int_equal(kc_decimal_from_bytes(&arena, rows[i].bytes, rows[i].len, 0).u.decimal->len,
                         rows[i].minimal);
    kc_arena_clear(&arena);
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const texts[] = { "",     "-",      ".",        "1e",     "e5",       "1.2.3",
                                         " 1",   "1 ",     "NaN",      "inf",    "1e99999999999",
                                         "0x10", "1e131072", "1e-16384", "1,5" };
    struct kc_arena arena;
    struct kc_value value;
    kc_arena_init(&arena, 0);
    for (size_t i = 0; i < KC_COUNT(texts); i++)
        assert_false(kc_decimal_from_text(&arena, kc_text(texts[i]), &value));
    kc_arena_clear(&arena);
}

static void test_largest(void **state)
{
    (void)state;
    enum { WHOLE = 131072, PLACES = 16383 };
    struct kc_arena arena;
    struct kc_value value;
    struct kc_buf buf = { 0 };
    char *text = malloc(WHOLE + 1 + PLACES + 1);
    memset(text, '9', WHOLE + 1 + PLACES);
    text[WHOLE] = '.';
    text[WHOLE + 1 + PLACES] = '\0';
    kc_arena_init(&arena, 0);
    assert_true(kc_decimal_from_text(&arena, kc_text(text), &value));
    kc_decimal_plain(value, &buf);
    assert_buf(&buf, text);
    /* more than the caller's buffer holds is its failure, not ours */
    struct kc_buf small = KC_BUF(100);
    kc_decimal_plain(value, &small);
    kc_decimal_plain(kc_decimal_from_int(&arena, 1, INT32_MIN), &small);
    assert_true(small.failed);
    assert_true(small.len <= 100);
    assert_false(kc_decimal_rescale(&arena, kc_decimal_from_int(&arena, 1, INT32_MIN), INT32_MAX,
                                    &value));
    kc_buf_clear(&small);
    kc_buf_clear(&buf);
    kc_arena_clear(&arena);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_bytes_are_minimal),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_largest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
