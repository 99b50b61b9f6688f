#include "base/amount.h"
#include "base/clock.h"
#include "tests/unit/test.h"

static void test_split_and_trim(void **state)
{
    (void)state;
    struct kc_text rest = KC_TEXT("a,,b"), piece;
    static const char *const pieces[] = { "a", "", "b" };
    for (size_t i = 0; i < KC_COUNT(pieces); i++) {
        assert_true(kc_text_split(&rest, ',', &piece));
        assert_true(kc_text_is(piece, pieces[i]));
    }
    assert_false(kc_text_split(&rest, ',', &piece));
    rest = KC_TEXT("");
    assert_true(kc_text_split(&rest, ',', &piece));
    assert_int_equal(piece.len, 0);
    assert_false(kc_text_split(&rest, ',', &piece));
    assert_true(kc_text_is(kc_text_trim(KC_TEXT("\t x y\n")), "x y"));
    assert_true(kc_text_is(kc_text_trim(KC_TEXT("  ")), ""));
}

static void test_numbers(void **state)
{
    (void)state;
    static const char *const bad[] = { "", "-", "+", "1 ", "0x1", "9223372036854775808",
                                       "-9223372036854775809", "1.0", "99999999999999999999" };
    int64_t number;
    double real;
    assert_true(kc_text_int64(KC_TEXT("9223372036854775807"), &number));
    assert_true(number == INT64_MAX);
    assert_true(kc_text_int64(KC_TEXT("-9223372036854775808"), &number));
    assert_true(number == INT64_MIN);
    assert_true(kc_text_int64(KC_TEXT("+007"), &number));
    assert_int_equal(number, 7);
    for (size_t i = 0; i < KC_COUNT(bad); i++)
        assert_false(kc_text_int64(kc_text(bad[i]), &number));
    assert_true(kc_text_double(KC_TEXT("-1.5e3"), &real));
    assert_true(real == -1500);
    assert_true(kc_text_double(KC_TEXT(".5"), &real));
    assert_true(real == 0.5);
    assert_false(kc_text_double(KC_TEXT("0x10"), &real));
    assert_false(kc_text_double(KC_TEXT("1e"), &real));
    assert_false(kc_text_double(KC_TEXT("."), &real));
    assert_false(kc_text_double(KC_TEXT("nan"), &real));
}

static void test_distance(void **state)
{
    (void)state;
    assert_int_equal(kc_text_distance(KC_TEXT("kitten"), KC_TEXT("sitting"), 9), 3);
    assert_int_equal(kc_text_distance(KC_TEXT(""), KC_TEXT("abc"), 9), 3);
    assert_int_equal(kc_text_distance(KC_TEXT("topic"), KC_TEXT("topics"), 9), 1);
    assert_int_equal(kc_text_distance(KC_TEXT("kitten"), KC_TEXT("sitting"), 2), 3);
    assert_int_equal(kc_text_distance(KC_TEXT("a"), KC_TEXT("abcdef"), 2), 3);
}

static void test_utf8(void **state)
{
    (void)state;
    static const char *const good[] = { "", "plain text of more than eight", "\xC3\xA4",
                                        "\xED\x9F\xBF", "\xEE\x80\x80", "\xF4\x8F\xBF\xBF" };
    /* bad from the fourth byte on */
    static const char *const bad[] = { "abc\x80",         "abc\xC0\xAF", "abc\xE0\x80\x80",
                                       "abc\xED\xA0\x80", "abc\xF5\x80\x80\x80", "abc\xE2\x82",
                                       "abc\xF4\x90\x80\x80" };
    for (size_t i = 0; i < KC_COUNT(good); i++)
        assert_int_equal(kc_text_utf8(kc_text(good[i])), strlen(good[i]));
    for (size_t i = 0; i < KC_COUNT(bad); i++)
        assert_int_equal(kc_text_utf8(kc_text(bad[i])), 3);
}

static void test_dates(void **state)
{
    (void)state;
    static const struct {
        int64_t days, year;
        unsigned month, day;
    } dates[] = {
        { 0, 1970, 1, 1 },        { -1, 1969, 12, 31 },       { 19782, 2024, 2, 29 },
        { -719468, 0, 3, 1 },     { -719528, 0, 1, 1 },       { 2932896, 9999, 12, 31 },
    };
    for (size_t i = 0; i < KC_COUNT(dates); i++) {
        int64_t year;
        unsigned month, day;
        assert_true(kc_days_from_date(dates[i].year, dates[i].month, dates[i].day) == dates[i].days);
        kc_date_from_days(dates[i].days, &year, &month, &day);
        assert_true(year == dates[i].year && month == dates[i].month && day == dates[i].day);
    }
    for (int64_t days = -3000000; days < 110000000; days += 997) {
        int64_t year;
        unsigned month, day;
        kc_date_from_days(days, &year, &month, &day);
        assert_true(kc_days_from_date(year, month, day) == days);
    }
}

static void test_amounts(void **state)
{
    (void)state;
    static const struct {
        int64_t n;
        const char *bytes, *time;
    } rows[] = {
        { 0, "0 B", "0 ms" },
        { 999, "999 B", "999 ms" },
        { 1536, "1.5 kB", "1 s" },
        { 200000, "195 kB", "3 min 20 s" },
        { 7500000, "7.2 MB", "2 h 5 min" },
        { 273600000, "261 MB", "3 d 4 h" },
        { -2048, "-2.0 kB", "-2048 ms" },
        { 120000, "117 kB", "2 min" },
        { INT64_MAX, "8192 PB", "106751991167 d 7 h" },
    };
    for (size_t i = 0; i < KC_COUNT(rows); i++) {
        assert_string_equal(kc_bytes_text(rows[i].n).text, rows[i].bytes);
        assert_string_equal(kc_time_text(rows[i].n).text, rows[i].time);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_split_and_trim), cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_distance),       cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_dates),         cmocka_unit_test(test_amounts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
