#include <time.h>

#include "data/java_date.h"
#include "tests/unit/test.h"

static void in_zone(const char *zone)
{
    setenv("TZ", zone, 1);
    tzset();
}

static void test_write(void **state)
{
    (void)state;
    static const struct {
        const char *zone;
        int64_t ms;
        enum kc_date_pattern pattern;
        const char *text;
    } rows[] = {
        { "UTC", 1700000000123, KC_ISO_TIMESTAMP, "2023-11-14T22:13:20.123Z" },
        { "UTC", -1, KC_ISO_TIME, "23:59:59.999Z" },
        { "UTC", 951782400000, KC_ISO_DATE, "2000-02-29" },
        { "UTC", -12219292800000, KC_ISO_DATE, "1582-10-15" },
        { "UTC", -12219292800001, KC_ISO_DATE, "1582-10-04" },
        { "UTC", -62170156800000, KC_ISO_DATE, "0002-11-30" },
        { "America/New_York", 1700000000123, KC_ISO_TIMESTAMP, "2023-11-14T17:13:20.123Z" },
        { "Asia/Tokyo", 1700000000123, KC_DATE_STRING, "Wed Nov 15 07:13:20 JST 2023" },
    };
    struct kc_buf buf = { 0 };
    for (size_t i = 0; i < KC_COUNT(rows); i++) {
        in_zone(rows[i].zone);
        kc_date_write(rows[i].ms, rows[i].pattern, &buf);
        assert_buf(&buf, rows[i].text);
    }
    kc_buf_clear(&buf);
}

static void test_read(void **state)
{
    (void)state;
    static const struct {
        const char *zone, *text;
        enum kc_date_pattern pattern;
        int64_t ms;
    } rows[] = {
        { "UTC", "2019-08-23", KC_ISO_DATE, 1566518400000 },
        { "UTC", "2019-13-45", KC_ISO_DATE, 1581638400000 },
        { "UTC", "1582-10-10", KC_ISO_DATE, -12218860800000 }, /* a day that never was */
        { "UTC", "1500-02-29", KC_ISO_DATE, -14825980800000 + 86400000 },
        { "UTC", "25:61:61.999Z", KC_ISO_TIME, 93721999 },
        { "Asia/Tokyo", "2019-08-23T14:34:54.346Z", KC_ISO_TIMESTAMP, 1566538494346 },
        /* clocks went back, and forward: standard time is meant */
        { "America/New_York", "2023-11-05T01:30:00.000Z", KC_ISO_TIMESTAMP, 1699165800000 },
        { "America/New_York", "2023-03-12T02:30:00.000Z", KC_ISO_TIMESTAMP, 1678606200000 },
    };
    int64_t ms;
    for (size_t i = 0; i < KC_COUNT(rows); i++) {
        in_zone(rows[i].zone);
        assert_true(kc_date_read(kc_text(rows[i].text), rows[i].pattern, &ms));
        assert_int_equal(ms, rows[i].ms);
    }
    static const char *const bad[] = { "", "2019", "2019-08", "2019/08/23", "x", "2019-08-" };
    for (size_t i = 0; i < KC_COUNT(bad); i++)
        assert_false(kc_date_read(kc_text(bad[i]), KC_ISO_DATE, &ms));
}

/* Each day of three thousand years comes back. */
static void test_every_day(void **state)
{
    (void)state;
    struct kc_buf buf = { 0 };
    in_zone("UTC");
    for (int64_t day = -719000; day < 400000; day += 7) {
        int64_t ms;
        kc_date_write(day * 86400000, KC_ISO_DATE, &buf);
        assert_true(kc_date_read((struct kc_text){ buf.data, buf.len }, KC_ISO_DATE, &ms));
        assert_int_equal(ms, day * 86400000);
        kc_buf_reset(&buf);
    }
    kc_buf_clear(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_write),
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_every_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
