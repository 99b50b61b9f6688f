#include "../test.h"

#include "flow/tolerance.h"

struct fixture {
    struct flow flow;
    struct tolerance tolerance;
    struct kc_batch batch;
};

static struct fixture *setup(enum errors_tolerance tolerated)
{
    struct fixture *f = kc_calloc(1, sizeof(*f));
    f->flow.connector = "shop";
    f->flow.config.errors_tolerance = tolerated;
    kc_signal_init(&f->flow.stop);
    f->tolerance.flow = &f->flow;
    kc_batch_init(&f->batch, 0, 0);
    for (int i = 0; i < 4; i++) {
        struct kc_record *record = kc_batch_add(&f->batch, "routed");
        record->origin_topic = "orders";
        record->origin_partition = 2;
        record->offset = 10 + i;
    }
    kc_batch_position(&f->batch, kc_null(), kc_null());
    return f;
}

static void teardown(struct fixture *f)
{
    tolerance_clear(&f->tolerance);
    kc_batch_clear(&f->batch);
    kc_signal_clear(&f->flow.stop);
    free(f);
}

static struct kc_record *nth(struct fixture *f, int n)
{
    struct kc_record *record = f->batch.first;
    while (n-- > 0)
        record = record->next;
    return record;
}

static void mark(struct fixture *f, int n, enum kc_fault fault)
{
    tolerance_mark(&f->tolerance, nth(f, n), STAGE_VALUE_CONVERTER, "a.Converter",
                   kc_fail(fault, "no JSON"));
}

static void all_drops_the_faulty_ones(void **state)
{
    struct fixture *f = setup(TOLERATE_ALL);
    (void)state;
    mark(f, 1, KC_BAD_DATA);
    mark(f, 3, KC_BAD_DATA);
    assert_ok(tolerance_sweep(&f->tolerance, &f->batch));
    assert_int_equal(f->batch.count, 4);
    assert_false(nth(f, 0)->dropped);
    assert_true(nth(f, 1)->dropped);
    assert_true(nth(f, 3)->dropped);
    assert_int_equal(f->batch.n_positions, 1);
    assert_int_equal(f->flow.counters.errors, 2);
    teardown(f);
}

static void none_cuts_before_the_first(void **state)
{
    struct fixture *f = setup(TOLERATE_NONE);
    (void)state;
    mark(f, 2, KC_BAD_DATA);
    mark(f, 3, KC_BAD_DATA);
    struct kc_error *err = tolerance_sweep(&f->tolerance, &f->batch);
    assert_non_null(err);
    assert_int_equal(err->fault, KC_FATAL);
    char *trace = kc_error_trace(err);
    assert_string_equal(trace,
                        "org.apache.kafka.connect.errors.ConnectException: Tolerance exceeded in error handler\n"
                        "\tat record of topic orders, partition 2, offset 12 (VALUE_CONVERTER, a.Converter)\n"
                        "Caused by: org.apache.kafka.connect.errors.DataException: no JSON\n");
    free(trace);
    kc_error_free(err);
    assert_int_equal(f->batch.count, 2);
    assert_null(f->batch.last->next);
    assert_int_equal(f->batch.n_positions, 0);
    teardown(f);
}

static void a_fault_in_the_first_record_empties_the_batch(void **state)
{
    struct fixture *f = setup(TOLERATE_NONE);
    (void)state;
    mark(f, 0, KC_BAD_DATA);
    kc_error_free(tolerance_sweep(&f->tolerance, &f->batch));
    assert_int_equal(f->batch.count, 0);
    assert_null(f->batch.first);
    teardown(f);
}

/* The original would skip the record. */
static void retries_used_up_stop_the_task(void **state)
{
    struct fixture *f = setup(TOLERATE_NONE);
    (void)state;
    mark(f, 1, KC_RETRY);
    struct kc_error *err = tolerance_sweep(&f->tolerance, &f->batch);
    assert_non_null(err);
    assert_int_equal(err->fault, KC_FATAL);
    kc_error_free(err);
    teardown(f);
}

static void a_stop_in_the_middle_of_retries_loses_nothing(void **state)
{
    struct fixture *f = setup(TOLERATE_ALL);
    (void)state;
    f->flow.config.errors_retry_timeout = -1;
    f->flow.config.errors_retry_delay_max_ms = 60000;
    kc_signal_raise(&f->flow.stop);
    struct kc_error *err = kc_fail(KC_RETRY, "registry down");
    assert_false(tolerance_retry(&f->tolerance, err));
    tolerance_mark(&f->tolerance, nth(f, 1), STAGE_VALUE_CONVERTER, "a.Converter", err);
    err = tolerance_sweep(&f->tolerance, &f->batch);
    assert_non_null(err);
    assert_int_equal(err->fault, KC_STOPPED);
    kc_error_free(err);
    assert_int_equal(f->batch.count, 1);
    teardown(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_drops_the_faulty_ones),
        cmocka_unit_test(none_cuts_before_the_first),
        cmocka_unit_test(a_fault_in_the_first_record_empties_the_batch),
        cmocka_unit_test(retries_used_up_stop_the_task),
        cmocka_unit_test(a_stop_in_the_middle_of_retries_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
