#include "base/json.h"
#include "tests/unit/test.h"

static void test_round_trip(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "null", "true", "9223372036854775807", "-9223372036854775808", "0.1", "1.0", "\"\"", "[]",
        "{}", "{\"b\":1,\"a\":[null,{\"x\":\"\xC3\xA4\"}]}", "\"\\\"\\\\\\n\\u001F/\"",
    };
    struct kc_buf buf = { 0 };
    for (size_t i = 0; i < KC_COUNT(texts); i++) {
        struct kc_json *json, *copy;
        assert_ok(kc_json_parse(kc_text(texts[i]), &json));
        copy = kc_json_copy(json);
        kc_json_free(json);
        kc_json_write(copy, &buf);
        kc_json_free(copy);
        assert_buf(&buf, texts[i]);
    }
    kc_buf_clear(&buf);
}

static void test_bad(void **state)
{
    (void)state;
    static const char *const texts[] = { "", "{", "[1,]", "{\"a\":1} x", "\"\xFF\"", "nul" };
    for (size_t i = 0; i < KC_COUNT(texts); i++) {
        struct kc_json *json;
        struct kc_error *err = kc_json_parse(kc_text(texts[i]), &json);
        assert_non_null(err);
        assert_int_equal(err->fault, KC_BAD_DATA);
        assert_null(json);
        kc_error_free(err);
    }
    char deep[203];
    memset(deep, '[', 101);
    memset(deep + 101, ']', 101);
    deep[202] = '\0';
    struct kc_json *json;
    assert_error(kc_json_parse(kc_text(deep), &json), KC_BAD_DATA,
                 "JSON nests deeper than 100 levels");
}

static void test_getters(void **state)
{
    (void)state;
    struct kc_json *o = kc_json_new_object();
    kc_json_put_string(o, "s", "x");
    kc_json_put_string(o, "null", NULL);
    kc_json_put_int(o, "i", 3);
    kc_json_put_bool(o, "b", true);
    kc_json_put(o, "bytes", kc_json_new_string("a\xFF"));
    assert_string_equal(kc_json_string(kc_json_get(o, "s")), "x");
    assert_int_equal(kc_json_int(kc_json_get(o, "i")), 3);
    assert_true(kc_json_real(kc_json_get(o, "i")) == 3.0);
    assert_true(kc_json_bool(kc_json_get(o, "b")));
    assert_string_equal(kc_json_string(kc_json_get(o, "bytes")), "a\xEF\xBF\xBD");
    assert_null(kc_json_get(o, "none"));
    assert_null(kc_json_string(kc_json_get(o, "null")));
    assert_null(kc_json_get(NULL, "none"));
    assert_int_equal(kc_json_count(NULL), 0);
    assert_int_equal(kc_json_type(NULL), KC_JSON_NULL);
    kc_json_free(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_getters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
