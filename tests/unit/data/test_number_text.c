#include <math.h>

#include "data/value.h"
#include "tests/unit/test.h"

static void test_layout(void **state)
{
    (void)state;
    static const struct {
        double number;
        const char *text;
    } rows[] = {
        { 0, "0.0" },
        { -0.0, "-0.0" },
        { 1, "1.0" },
        { -1.5, "-1.5" },
        { 0.001, "0.001" },
        { 0.00099999, "9.9999E-4" },
        { 9999999, "9999999.0" },
        { 1e7, "1.0E7" },
        { 12345678.9, "1.23456789E7" },
        { 100, "100.0" },
        { 0.1 + 0.2, "0.30000000000000004" },
        { 12.34, "12.34" },
        { 1e23, "1.0E23" },
        { 5e-324, "4.9E-324" },
        { 1.7976931348623157e308, "1.7976931348623157E308" },
        { 2.2250738585072014e-308, "2.2250738585072014E-308" },
        { 4503599627370497.5, "4.503599627370498E15" },
        { 9007199254740993, "9.007199254740992E15" },
        { 1.0 / 3, "0.3333333333333333" },
    };
    struct kc_buf buf = { 0 };
    for (size_t i = 0; i < KC_COUNT(rows); i++) {
        kc_double_text(rows[i].number, &buf);
        assert_buf(&buf, rows[i].text);
    }
    kc_double_text(NAN, &buf);
    assert_buf(&buf, "NaN");
    kc_double_text(-INFINITY, &buf);
    assert_buf(&buf, "-Infinity");
    kc_buf_clear(&buf);
}

static void test_floats(void **state)
{
    (void)state;
    static const struct {
        float number;
        const char *text;
    } rows[] = {
        { 0.1f, "0.1" },          { 3.4028235e38f, "3.4028235E38" }, { 1.4e-45f, "1.4E-45" },
        { 16777216.0f, "1.6777216E7" }, { 0.3f, "0.3" },               { 123.45f, "123.45" },
        { 1e10f, "1.0E10" },      { -2.5f, "-2.5" },                 { 8388608.5f, "8388608.0" },
    };
    struct kc_buf buf = { 0 };
    for (size_t i = 0; i < KC_COUNT(rows); i++) {
        kc_float_text(rows[i].number, &buf);
        assert_buf(&buf, rows[i].text);
    }
    kc_buf_clear(&buf);
}

/* Whatever is printed reads back as the same number. */
static void test_reads_back(void **state)
{
    (void)state;
    struct kc_buf buf = { 0 };
    uint64_t bits = 88172645463325252u;
    for (int i = 0; i < 20000; i++) {
        double number;
        float single;
        bits ^= bits << 13, bits ^= bits >> 7, bits ^= bits << 17;
        memcpy(&number, &bits, sizeof(number));
        memcpy(&single, &bits, sizeof(single));
        if (isfinite(number)) {
            kc_double_text(number, &buf);
            assert_true(strtod(buf.data, NULL) == number);
            kc_buf_reset(&buf);
            double cents = (double)(int64_t)(bits >> 30) / 100;
            kc_double_text(cents, &buf);
            assert_true(strtod(buf.data, NULL) == cents);
            kc_buf_reset(&buf);
        }
        if (isfinite(single)) {
            kc_float_text(single, &buf);
            assert_true(strtof(buf.data, NULL) == single);
            kc_buf_reset(&buf);
        }
    }
    kc_buf_clear(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layout),
        cmocka_unit_test(test_floats),
        cmocka_unit_test(test_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
