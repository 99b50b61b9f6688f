#include "sources/postgres/identity.h"

#include "tests/unit/test.h"

/* Lines of a history file: comments and what is no line of it are passed over. */
static void test_switch(void **state)
{
    static const char history[] = "1\t0/3000148\tno recovery target specified\n"
                                  "\n# a comment\n"
                                  "2\t1A/5000000\tbefore 2026-01-01 00:00:00+00\n";
    (void)state;
    assert_int_equal(identity_switch(history, 1), 0x3000148);
    assert_int_equal(identity_switch(history, 2), 0x1A05000000);
    assert_int_equal(identity_switch(history, 3), 0);
    assert_int_equal(identity_switch("", 1), 0);
    assert_int_equal(identity_switch("1", 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_switch) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
