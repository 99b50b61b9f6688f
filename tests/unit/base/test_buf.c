#include "tests/unit/test.h"

static void test_sticky_cap(void **state)
{
    (void)state;
    struct kc_buf buf = KC_BUF(10);
    kc_buf_str(&buf, "12345");
    kc_buf_str(&buf, "123456");
    assert_true(buf.failed);
    kc_buf_str(&buf, "6");
    assert_int_equal(buf.len, 5);
    assert_string_equal(buf.data, "12345");
    kc_buf_reset(&buf);
    kc_buf_str(&buf, "1234567890");
    assert_false(buf.failed);
    assert_string_equal(buf.data, "1234567890");
    kc_buf_clear(&buf);
}

static void test_numbers(void **state)
{
    (void)state;
    struct kc_buf buf = { 0 };
    kc_buf_int(&buf, INT64_MIN);
    assert_buf(&buf, "-9223372036854775808");
    kc_buf_int(&buf, 0);
    assert_buf(&buf, "0");
    kc_buf_be16(&buf, 0x0102);
    kc_buf_be32(&buf, 0x03040506);
    kc_buf_be64(&buf, 0x0708090A0B0C0D0E);
    assert_memory_equal(buf.data, "\1\2\3\4\5\6\7\10\11\12\13\14\15\16", 14);
    kc_buf_clear(&buf);
}

static void test_base64(void **state)
{
    (void)state;
    static const char *const pairs[][2] = { { "", "" },         { "f", "Zg==" },
                                            { "fo", "Zm8=" },   { "foo", "Zm9v" },
                                            { "foob", "Zm9vYg==" }, { "\xFB\xFF", "+/8=" } };
    struct kc_buf buf = { 0 };
    for (size_t i = 0; i < KC_COUNT(pairs); i++) {
        kc_buf_base64(&buf, pairs[i][0], strlen(pairs[i][0]));
        assert_buf(&buf, pairs[i][1]);
    }
    kc_buf_clear(&buf);
}

static void test_printf_and_take(void **state)
{
    (void)state;
    struct kc_buf buf = { 0 };
    kc_buf_printf(&buf, "%0300d|", 7);
    assert_int_equal(buf.len, 301);
    char *text = kc_buf_take(&buf);
    assert_int_equal(strlen(text), 301);
    assert_int_equal(buf.len, 0);
    free(text);
    text = kc_buf_take(&buf);
    assert_string_equal(text, "");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sticky_cap),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_base64),
        cmocka_unit_test(test_printf_and_take),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
