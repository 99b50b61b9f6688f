#include "herder/versions.h"
#include "tests/unit/test.h"

static void test_ranges(void **state)
{
    (void)state;
    static const struct {
        const char *range, *version;
        bool fits;
    } cases[] = {
        { "4.1.0", "4.1.0", true },      { " 4.1 ", "4.1.0", true },      { "1.0", "4.1.0", false },
        { "[4.0,5.0)", "4.1.0", true },  { "[4.0,4.1.0)", "4.1.0", false }, { "(4.1.0,5]", "4.1.0", false },
        { "[4.1.0]", "4.1.0", true },    { "(,5)", "4.1.0", true },       { "[4.2,)", "4.1.0", false },
        { "[4.10,)", "4.9", false },     { "", "4.1.0", false },          { "[", "4.1.0", false },
        { "[]", "4.1.0", true },         { "4.1.0-rc1", "4.1.0", false },
    };
    for (size_t i = 0; i < KC_COUNT(cases); i++)
        if (versions_match(cases[i].range, cases[i].version) != cases[i].fits)
            fail_msg("%s in %s", cases[i].version, cases[i].range);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_ranges) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
