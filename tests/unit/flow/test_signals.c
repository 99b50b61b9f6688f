#include "flow/signals.h"

#include "../test.h"

/* A source that counts what it is told, and fails once if it is to. */
static int told;
static bool fail;

static struct kc_error *take(struct kc_source *source, const struct kc_source_signal *signal)
{
    (void)source;
    assert_string_equal(signal->type, "log");
    if (fail)
        return kc_fail(KC_RETRY, "not now");
    told++;
    return NULL;
}

static const char *const types[] = { "log", NULL };
static const struct kc_source_ops ops = { .signal = take, .signal_types = types };
static const struct kc_signal_topic no_topic = { .topic = NULL };
static struct flow flow;
static struct signals signals;
static struct kc_source source;

static void begin(void)
{
    told = 0;
    fail = false;
    source.listens = true;
    signals_init(&signals, &flow);
    assert_ok(signals_open(&signals, &no_topic, 1));
}

static void add(const char *id, const char *type)
{
    flow_add_signal(&flow, task_signal_new(id, type, NULL, -1));
}

static void test_waits_until_stored(void **state)
{
    (void)state;
    begin();
    add("1", "log");
    source.listens = false;
    assert_ok(signals_tell(&signals, &source, &ops));
    assert_int_equal(told, 0);
    source.listens = true;
    assert_ok(signals_tell(&signals, &source, &ops));
    assert_ok(signals_tell(&signals, &source, &ops));
    assert_int_equal(told, 1);
    /* Positions that were said before don't count. */
    signals_stored(&signals, 7);
    assert_int_equal(flow.n_signals, 1);
    signals_position(&signals, 7);
    signals_stored(&signals, 7);
    assert_int_equal(flow.n_signals, 1);
    signals_stored(&signals, 8);
    assert_int_equal(flow.n_signals, 0);
    signals_clear(&signals);
}

/* A source that is opened again hears again of what its positions don't hold. */
static void test_told_again(void **state)
{
    (void)state;
    begin();
    add("1", "log");
    assert_ok(signals_tell(&signals, &source, &ops));
    signals_position(&signals, 3);
    add("2", "log");
    assert_ok(signals_tell(&signals, &source, &ops));
    assert_int_equal(told, 2);
    assert_ok(signals_open(&signals, &no_topic, 4));
    assert_ok(signals_tell(&signals, &source, &ops));
    assert_int_equal(told, 3);
    signals_position(&signals, 4);
    signals_stored(&signals, 5);
    assert_int_equal(flow.n_signals, 0);
    signals_clear(&signals);
}

static void test_failure_and_unknown(void **state)
{
    (void)state;
    begin();
    add("1", "no-such-type");
    add("2", "log");
    fail = true;
    assert_error(signals_tell(&signals, &source, &ops), KC_RETRY,
                 "while taking signal 2 (log): not now");
    fail = false;
    assert_ok(signals_tell(&signals, &source, &ops));
    assert_int_equal(told, 1);
    signals_position(&signals, 1);
    signals_stored(&signals, 2);
    assert_int_equal(flow.n_signals, 0);
    signals_clear(&signals);
}

static void test_bounded(void **state)
{
    (void)state;
    for (int i = 0; i < 1100; i++)
        add("x", "log");
    assert_int_equal(flow.n_signals, 1000);
    while (flow.signals)
        flow_drop_signal(&flow);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_waits_until_stored),
        cmocka_unit_test(test_told_again),
        cmocka_unit_test(test_failure_and_unknown),
        cmocka_unit_test(test_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
