#include "base/regex.h"
#include "tests/unit/test.h"

static struct kc_regex *compiled(const char *pattern, bool ignore_case)
{
    struct kc_regex *regex;
    assert_ok(kc_regex_new(pattern, ignore_case, &regex));
    return regex;
}

static void test_matching(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *text;
        bool ignore_case, matches;
    } rows[] = {
        { "a|ab", "ab", false, true },
        { "b", "abc", false, false },
        { "A.C", "abc", true, true },
        { "A.C", "abc", false, false },
        { "\\p{Alpha}+", "abc", false, true },
        { "[\\p{Digit}_]+", "1_2", false, true },
        { "\\P{Alpha}", "1", false, true },
        { "\\p{IsLatin}\\u00e4", "a\xC3\xA4", false, true },
        { "\\p{Lu}", "\xC3\x84", false, true },
        { "\\Qa.b\\E", "a.b", false, true },
        { "[]a]", "]", false, true },
        { "", "", false, true },
        { "x*", "", false, true },
        { "(?i)abc", "ABC", false, true },
        { "\\d", "\xD9\xA1", false, false }, /* only ASCII, as in Java */
    };
    for (size_t i = 0; i < KC_COUNT(rows); i++) {
        struct kc_regex *regex = compiled(rows[i].pattern, rows[i].ignore_case);
        assert_int_equal(kc_regex_matches(regex, kc_text(rows[i].text)), rows[i].matches);
        kc_regex_free(regex);
    }
    struct kc_regex *regex = compiled("a.*z", false);
    assert_true(kc_regex_matches(regex, KC_TEXT("a\xFF\xFEz")) || true); /* no crash */
    kc_regex_free(regex);
}

static void test_mistakes(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        { "(", "Unclosed group near index 1\n(" },
        { "*", "Dangling meta character '*' near index 0\n*\n^" },
        { "a[b", "Unclosed character class near index 2\na[b\n  ^" },
        { "a)", "Unmatched closing ')' near index 0\na)\n^" },
        { "[a&&b]", "Intersections of character classes are not supported; write the class out, "
                    "near index 2\n[a&&b]\n  ^" },
    };
    for (size_t i = 0; i < KC_COUNT(rows); i++) {
        struct kc_regex *regex;
        assert_error(kc_regex_new(rows[i][0], false, &regex), KC_BAD_CONFIG, rows[i][1]);
        assert_null(regex);
    }
}

static void test_replacing(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *text, *replacement, *first, *all;
    } rows[] = {
        { "b", "abcb", "x", "axcb", "axcx" },
        { "(.)(.)", "abcd", "$2$1", "bacd", "badc" },
        { "(?<x>a)", "aa", "[${x}]", "[a]a", "[a][a]" },
        { "a", "a", "\\$1\\\\", "$1\\", "$1\\" },
        { "(a)", "a", "$12", "a2", "a2" },
        { "x*", "ab", "-", "-ab", "-a-b-" },
        { "(a)|(b)", "ab", "<$2>", "<>b", "<><b>" },
        { "z", "ab", "$9", "ab", "ab" },
    };
    static const char *const bad[][2] = {
        { "$5", "No group 5" },
        { "${y}", "No group with name {y}" },
        { "$", "Illegal group reference: group index is missing" },
        { "$x", "Illegal group reference" },
        { "\\", "character to be escaped is missing" },
        { "${a", "named capturing group is missing trailing '}'" },
    };
    struct kc_arena arena;
    struct kc_text result;
    kc_arena_init(&arena, 0);
    for (size_t i = 0; i < KC_COUNT(rows); i++) {
        struct kc_regex *regex = compiled(rows[i].pattern, false);
        assert_ok(kc_regex_replace(regex, kc_text(rows[i].text), rows[i].replacement, false, &arena,
                                   &result));
        assert_string_equal(result.ptr, rows[i].first);
        assert_ok(kc_regex_replace(regex, kc_text(rows[i].text), rows[i].replacement, true, &arena,
                                   &result));
        assert_string_equal(result.ptr, rows[i].all);
        kc_regex_free(regex);
    }
    struct kc_regex *regex = compiled("(a)", false);
    for (size_t i = 0; i < KC_COUNT(bad); i++)
        assert_error(kc_regex_replace(regex, KC_TEXT("a"), bad[i][0], false, &arena, &result),
                     KC_BAD_CONFIG, bad[i][1]);
    kc_regex_free(regex);
    kc_arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matching),
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_replacing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
