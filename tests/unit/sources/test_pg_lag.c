#include "sources/postgres/lag.h"

#include "tests/unit/test.h"

/* The age of a position is how long ago the server's WAL went beyond it, between samples by their ratio. */
static void test_age(void **state)
{
    struct lag lag = { 0 };
    (void)state;
    assert_int_equal(lag_ms(&lag, 1000, 5), 0);
    lag_note(&lag, 1000, 100);
    assert_int_equal(lag_ms(&lag, 9000, 100), 0);
    assert_int_equal(lag_ms(&lag, 9000, 99), -1);
    lag_note(&lag, 6000, 100); /* idle until now */
    lag_note(&lag, 11000, 200);
    assert_int_equal(lag_ms(&lag, 11000, 200), 0);
    assert_int_equal(lag_ms(&lag, 11000, 100), 5000);
    assert_int_equal(lag_ms(&lag, 12000, 150), 3500);
    assert_int_equal(lag_ms(&lag, 12000, 50), -1);
}

/* However long it goes on, memory stays the same, and so does the reach back. */
static void test_thinned_out(void **state)
{
    struct lag lag = { 0 };
    (void)state;
    for (int64_t i = 0; i <= 100000; i++)
        lag_note(&lag, i * 5000, (uint64_t)i * 1000);
    assert_true(lag.count <= LAG_SAMPLES);
    for (int64_t back = 1; back <= 90000; back += 13) {
        int64_t ms = lag_ms(&lag, 500000000, (uint64_t)(100000 - back) * 1000);
        assert_true(ms > back * 5000 - 10 && ms < back * 5000 + 10);
    }
}

/* After a fail-over the WAL may be shorter: what lies beyond its end is forgotten. */
static void test_goes_back(void **state)
{
    struct lag lag = { 0 };
    (void)state;
    lag_note(&lag, 1000, 100);
    lag_note(&lag, 6000, 200);
    lag_note(&lag, 11000, 150);
    assert_int_equal(lag_ms(&lag, 11000, 150), 0);
    assert_int_equal(lag_ms(&lag, 11000, 125), 5000);
}

static void test_time_left(void **state)
{
    (void)state;
    assert_int_equal(lag_left_ms(50, 100, 50, 1000), 1000);
    assert_int_equal(lag_left_ms(90, 100, 10, 1000), 1000); /* 80 were done by an earlier run */
    assert_int_equal(lag_left_ms(0, 100, 0, 1000), -1);
    assert_int_equal(lag_left_ms(120, 100, 120, 1000), -1); /* the estimate was too low */
}

static void test_danger(void **state)
{
    static const struct {
        const char *status;
        int64_t safe, keep;
        enum slot_danger danger;
    } rows[] = {
        { NULL, -1, -1, SLOT_FINE },           { "reserved", -1, -1, SLOT_FINE },
        { "reserved", 900, 1000, SLOT_FINE },  { "reserved", 200, 1000, SLOT_NEAR },
        { "extended", -1, -1, SLOT_PILES_UP }, { "extended", 900, 1000, SLOT_PILES_UP },
        { "extended", 1, 1000, SLOT_NEAR },    { "unreserved", 0, 1000, SLOT_AT_RISK },
        { "lost", -1, 1000, SLOT_GONE },       { "news of PostgreSQL 20", 1, 1000, SLOT_FINE },
    };
    (void)state;
    for (size_t i = 0; i < KC_COUNT(rows); i++)
        assert_int_equal(slot_danger_of(slot_health_of(rows[i].status), rows[i].safe, rows[i].keep),
                         rows[i].danger);
}

/* Once per crossing, also when it flaps. */
static void test_alarm(void **state)
{
    struct slot_alarm alarm = { 0 };
    int64_t now = 1000, minute = 60000;
    (void)state;
    assert_false(slot_alarm_rings(&alarm, SLOT_FINE, now));
    assert_true(slot_alarm_rings(&alarm, SLOT_PILES_UP, now += minute));
    assert_false(slot_alarm_rings(&alarm, SLOT_PILES_UP, now += minute));
    assert_false(slot_alarm_rings(&alarm, SLOT_FINE, now += minute));
    assert_false(slot_alarm_rings(&alarm, SLOT_PILES_UP, now += minute));
    assert_true(slot_alarm_rings(&alarm, SLOT_AT_RISK, now += minute));
    assert_false(slot_alarm_rings(&alarm, SLOT_FINE, now += minute));
    assert_false(slot_alarm_rings(&alarm, SLOT_FINE, now += 6 * minute));
    assert_true(slot_alarm_rings(&alarm, SLOT_NEAR, now += minute));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_age),       cmocka_unit_test(test_thinned_out),
        cmocka_unit_test(test_goes_back), cmocka_unit_test(test_time_left),
        cmocka_unit_test(test_danger),    cmocka_unit_test(test_alarm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
