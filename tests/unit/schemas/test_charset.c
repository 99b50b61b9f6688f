#include "schemas/charset.h"
#include "tests/unit/test.h"

static void test_names(void **state)
{
    (void)state;
    const char *good[] = { "UTF-8",  "utf8",         "latin1", "ISO-8859-1",
                           "UTF-16", "windows-1252", "Cp1252" };
    const char *bad[] = { "bogus", "", "UTF-8//TRANSLIT", "utf8 latin1" };
    for (size_t i = 0; i < KC_COUNT(good); i++) {
        struct charset *charset = charset_new(good[i]);
        assert_non_null(charset);
        charset_free(charset);
    }
    for (size_t i = 0; i < KC_COUNT(bad); i++)
        assert_null(charset_new(bad[i]));
}

static void test_both_ways(void **state)
{
    (void)state;
    static const struct {
        const char *charset, *text, *bytes, *back;
    } rows[] = {
        { "UTF-8", "a\xC3\xA9", "a\xC3\xA9", "a\xC3\xA9" },
        { "UTF-8", "\xED\xA0\x80x", "?x", "?x" },
        { "US-ASCII", "a\xC3\xA9\xF0\x9F\x98\x80", "a??", "a??" },
        { "ISO-8859-1", "\xC3\xA9\xE2\x82\xAC", "\xE9?", "\xC3\xA9?" },
        { "windows-1252", "\xC3\xA9\xE2\x82\xAC\xE2\x9C\x93", "\xE9\x80?",
          "\xC3\xA9\xE2\x82\xAC?" },
    };
    struct kc_arena arena;
    kc_arena_init(&arena, 0);
    for (size_t i = 0; i < KC_COUNT(rows); i++) {
        struct charset *charset = charset_new(rows[i].charset);
        struct kc_text bytes = charset_encode(charset, kc_text(rows[i].text), &arena);
        assert_true(kc_text_is(bytes, rows[i].bytes));
        assert_true(kc_text_is(charset_decode(charset, bytes, &arena), rows[i].back));
        charset_free(charset);
    }
    kc_arena_clear(&arena);
}

/* As many replacements as Java's decoder makes. */
static void test_broken_utf8(void **state)
{
    (void)state;
#define BAD "\xEF\xBF\xBD"
    static const char *const rows[][2] = {
        { "\xC3(", BAD "(" },
        { "\xC0\xAF", BAD BAD },
        { "\xE2\x82", BAD },
        { "\xE2\x82(", BAD "(" },
        { "\xE0\x80\x80", BAD BAD BAD },
        { "\xED\xA0\x80", BAD },
        { "\xF0\x9F\x98", BAD },
        { "\xF0(\x8C\xBC", BAD "(" BAD BAD },
        { "\xF4\x90\x80\x80", BAD BAD BAD BAD },
        { "\xFF\xFE", BAD BAD },
    };
    struct kc_arena arena;
    kc_arena_init(&arena, 0);
    for (size_t i = 0; i < KC_COUNT(rows); i++)
        assert_true(kc_text_is(charset_decode_utf8(kc_text(rows[i][0]), &arena), rows[i][1]));
    kc_arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_both_ways),
        cmocka_unit_test(test_broken_utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
