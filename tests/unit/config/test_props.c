#include "config/props.h"
#include "tests/unit/test.h"

/* What java.util.Properties.load makes of a text, sorted, as TreeMap.toString prints it. */
static const char *const java[][2] = {
    { "a=b", "{a=b}" },
    { "a:b", "{a=b}" },
    { "a b", "{a=b}" },
    { "a\t=\tb ", "{a=b }" },
    { " a = b", "{a=b}" },
    { "a", "{a=}" },
    { "a=", "{a=}" },
    { "=b", "{=b}" },
    { "# x\n! y\na=b", "{a=b}" },
    { "a=b\\\n  c", "{a=bc}" },
    { "a=b\\\\\nc=d", "{a=b\\, c=d}" },
    { "a=b\\\n# c\nd=e", "{a=b# c, d=e}" },
    { "a\\ b=c", "{a b=c}" },
    { "a\\=b=c", "{a=b=c}" },
    { "a\\:b=c", "{a:b=c}" },
    { "a==b", "{a==b}" },
    { "a=:b", "{a=:b}" },
    { "a : = b", "{a== b}" },
    { "a=\\u0041\\u00e4", "{a=A\303\244}" },
    { "a=\\t\\n\\r\\f\\x\\\"", "{a=\t\n\r\fx\"}" },
    { "a=b\rc=d\r\ne=f\n\n", "{a=b, c=d, e=f}" },
    { "a=1\na=2", "{a=2}" },
    { "a=b\\", "{a=b}" },
    { "a\\\n b=c", "{ab=c}" },
    { "\\#a=b", "{#a=b}" },
    { "  \n\t\na=b", "{a=b}" },
    { "a=b # c", "{a=b # c}" },
    { "a=\\ b", "{a= b}" },
    { "a\f=\fb", "{a=b}" },
    { "a=b\\\r\n c", "{a=bc}" },
    { "a=b\\\n\n c=d", "{a=b, c=d}" },
    { "\\", "{=}" },
    { "a=\\uD83D\\uDE00", "{a=\360\237\230\200}" },
    { "a\\", "{a=}" },
    { "a = \\\n  b,\\\n  c\n", "{a=b,c}" },
    { "a=b\\\n   \nc=d", "{a=b, c=d}" },
    { "#a\\\nb=c", "{b=c}" },
};

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void test_like_java(void **state)
{
    (void)state;
    struct kc_buf buf = { 0 };
    for (size_t i = 0; i < KC_COUNT(java); i++) {
        struct kc_props props = { 0 };
        const char *names[8], *value;
        size_t count = 0;
        struct kc_map_entry *at = NULL;
        assert_ok(kc_props_parse(kc_text(java[i][0]), &props));
        while (kc_props_next(&props, &at, &names[count], &value))
            count++;
        qsort(names, count, sizeof(*names), by_name);
        for (size_t n = 0; n < count; n++)
            kc_buf_printf(&buf, "%s%s=%s", n ? ", " : "{", names[n], kc_props_get(&props, names[n]));
        kc_buf_str(&buf, "}");
        assert_buf(&buf, java[i][1]);
        kc_props_clear(&props);
    }
    kc_buf_clear(&buf);
}

static void test_encodings(void **state)
{
    (void)state;
    struct kc_props props = { 0 };
    assert_ok(kc_props_parse(KC_TEXT("utf=\xC3\xA4\nlatin=\xE4x\nlone=\\uD83Dx\nslash=\\\xC3\xA4"), &props));
    assert_string_equal(kc_props_get(&props, "utf"), "\xC3\xA4");
    assert_string_equal(kc_props_get(&props, "latin"), "\xC3\xA4x");
    assert_string_equal(kc_props_get(&props, "lone"), "\xEF\xBF\xBDx");
    assert_string_equal(kc_props_get(&props, "slash"), "\xC3\xA4");
    assert_error(kc_props_parse(KC_TEXT("a=b\n\nc=\\\n  \\u12x"), &props), KC_BAD_CONFIG,
                 "line 3: \\u must be followed by four hexadecimal digits");
    assert_error(kc_props_parse(KC_TEXT("a=\\u"), &props), KC_BAD_CONFIG,
                 "line 1: \\u must be followed by four hexadecimal digits");
    assert_error(kc_props_parse((struct kc_text){ "a=\0b", 4 }, &props), KC_BAD_CONFIG,
                 "line 1 holds a NUL character");
    kc_props_clear(&props);
}

static void test_set(void **state)
{
    (void)state;
    struct kc_props a = { 0 }, b = { 0 };
    kc_props_set(&a, "x.one", "1");
    kc_props_set(&a, "x.two", NULL);
    kc_props_set(&a, "y", "3");
    assert_true(kc_props_has(&a, "x.two"));
    assert_null(kc_props_get(&a, "x.two"));
    kc_props_with_prefix(&a, "x.", &b);
    assert_string_equal(kc_props_get(&b, "one"), "1");
    assert_true(kc_props_has(&b, "two"));
    assert_false(kc_props_has(&b, "y"));
    assert_false(kc_props_equal(&a, &b));
    kc_props_clear(&b);
    kc_props_set(&b, "y", "3");
    kc_props_copy(&b, &a);
    assert_true(kc_props_equal(&a, &b));
    kc_props_set(&b, "x.two", "");
    assert_false(kc_props_equal(&a, &b)); /* null is not empty */
    kc_props_remove(&b, "x.two");
    assert_false(kc_props_has(&b, "x.two"));
    kc_props_clear(&a);
    kc_props_clear(&b);
}

static void test_json(void **state)
{
    (void)state;
    struct kc_props props = { 0 };
    struct kc_buf buf = { 0 };
    struct kc_json *json;
    assert_ok(kc_json_parse(KC_TEXT("{\"a\":\"x\",\"b\":5,\"c\":true,\"d\":null,\"e\":1.5}"), &json));
    assert_ok(kc_props_from_json(json, &props));
    kc_json_free(json);
    json = kc_props_to_json(&props);
    kc_json_write(json, &buf);
    kc_json_free(json);
    assert_buf(&buf, "{\"a\":\"x\",\"b\":\"5\",\"c\":\"true\",\"d\":null,\"e\":\"1.5\"}");
    assert_ok(kc_json_parse(KC_TEXT("{\"a\":[1]}"), &json));
    assert_error(kc_props_from_json(json, &props), KC_BAD_CONFIG,
                 "The setting \"a\" is a JSON array; every setting is a string, such as \"a,b\" "
                 "for a list");
    kc_json_free(json);
    kc_props_clear(&props);
    assert_error(kc_props_read_file("/nonexistent/x", &buf), KC_BAD_CONFIG,
                 "cannot read /nonexistent/x: No such file or directory");
    kc_buf_clear(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_like_java),
        cmocka_unit_test(test_encodings),
        cmocka_unit_test(test_set),
        cmocka_unit_test(test_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
