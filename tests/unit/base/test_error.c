#include "tests/unit/test.h"

static struct kc_error *connect_to(const char *host)
{
    return kc_fail(KC_RETRY, "connection to %s refused", host);
}

static void test_chain(void **state)
{
    (void)state;
    struct kc_error *err = connect_to("db");
    err = kc_while(err, "while opening slot %s", "s1");
    err = kc_while_as(err, "org.example.StartException", "while starting task %d", 0);
    assert_int_equal(err->fault, KC_RETRY);
    char *trace = kc_error_trace(err);
    const char *lines[] = {
        "org.example.StartException: while starting task 0",
        "Caused by: org.apache.kafka.connect.errors.RetriableException: while opening slot s1",
        "Caused by: org.apache.kafka.connect.errors.RetriableException: connection to db refused",
    };
    const char *at = trace;
    for (size_t i = 0; i < KC_COUNT(lines); i++) {
        at = strstr(at, lines[i]);
        assert_non_null(at);
    }
    free(trace);
    assert_error(err, KC_RETRY,
                 "while starting task 0: while opening slot s1: connection to db refused");
}

static void test_classes(void **state)
{
    (void)state;
    static const char *const heads[] = {
        [KC_RETRY] = "org.apache.kafka.connect.errors.RetriableException: x",
        [KC_BAD_DATA] = "org.apache.kafka.connect.errors.DataException: x",
        [KC_BAD_CONFIG] = "org.apache.kafka.common.config.ConfigException: x",
        [KC_FATAL] = "org.apache.kafka.connect.errors.ConnectException: x",
    };
    for (size_t fault = 0; fault < KC_COUNT(heads); fault++) {
        struct kc_error *err = kc_fail((enum kc_fault)fault, "x");
        char *trace = kc_error_trace(err);
        assert_memory_equal(trace, heads[fault], strlen(heads[fault]));
        free(trace);
        kc_error_free(err);
    }
    kc_error_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chain),
        cmocka_unit_test(test_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
