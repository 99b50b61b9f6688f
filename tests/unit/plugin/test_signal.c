#include "plugin/signal.h"

#include "../test.h"

static struct kc_arena arena;

static struct kc_error *read(const char *json, struct kc_source_signal *signal)
{
    return kc_source_signal_read(kc_text(json), &arena, signal);
}

static void test_read(void **state)
{
    struct kc_source_signal signal;
    (void)state;

    assert_ok(read("{\"id\":\"a\",\"type\":\"log\",\"data\":{\"message\":\"x {}\",\"n\":[1]}}", &signal));
    assert_string_equal(signal.id, "a");
    assert_string_equal(signal.type, "log");
    assert_string_equal(signal.data, "{\"message\":\"x {}\",\"n\":[1]}");
    assert_ok(read("{\"type\":\"log\",\"data\":\"{broken\",\"more\":1}", &signal));
    assert_string_equal(signal.id, "");
    assert_string_equal(signal.data, "{broken");
    assert_ok(read("{\"id\":7,\"type\":\"log\",\"data\":null}", &signal));
    assert_string_equal(signal.id, "7");
    assert_null(signal.data);
}

static void test_refused(void **state)
{
    struct kc_source_signal signal;
    (void)state;

    assert_error(read("[]", &signal), KC_BAD_DATA,
                 "reading a signal: a signal is an object with id, type and data");
    assert_error(read("{\"id\":\"a\"}", &signal), KC_BAD_DATA,
                 "reading a signal: a signal needs a type, a text");
    assert_error(read("{\"id\":\"a\",\"type\":{}}", &signal), KC_BAD_DATA,
                 "reading a signal: a signal needs a type, a text");
    assert_error(read("{\"id\":\"a\",\"type\":\"log\",\"data\":[]}", &signal), KC_BAD_DATA,
                 "reading a signal: the data of a signal is an object");
    struct kc_error *err = read("{\"id\":\"a\",", &signal);
    assert_non_null(err);
    assert_int_equal(err->fault, KC_BAD_DATA);
    kc_error_free(err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_refused),
    };
    kc_arena_init(&arena, 0);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    kc_arena_clear(&arena);
    return failed;
}
