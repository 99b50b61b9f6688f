#include "schemas/json_read.h"
#include "tests/unit/test.h"

struct fixture {
    struct json_doc doc;
    struct kc_arena arena;
};

static int setup(void **state)
{
    struct fixture *f = kc_calloc(1, sizeof(*f));
    kc_arena_init(&f->arena, 0);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    json_doc_clear(&f->doc);
    kc_arena_clear(&f->arena);
    free(f);
    return 0;
}

static struct kc_error *read_text(struct fixture *f, const char *text, struct kc_text *rest)
{
    return json_read(&f->doc, kc_text(text), &f->arena, rest);
}

static void test_nodes(void **state)
{
    struct fixture *f = *state;
    const char *text = " {\"a\" : [1, -2.5e3, \"x\"], \"b\":{}, \"c\":null, \"a\":true} rest";
    struct kc_text rest;
    assert_ok(read_text(f, text, &rest));
    assert_true(kc_text_is(rest, " rest"));
    const struct json_node *root = f->doc.nodes;
    assert_int_equal(root->type, JSON_OBJECT);
    assert_int_equal(root->count, 4);
    assert_int_equal(root->next, f->doc.len);
    assert_int_equal(root[2].type, JSON_ARRAY);
    assert_int_equal(root[2].count, 3);
    assert_true(kc_text_is(json_text(&root[2]), "[1, -2.5e3, \"x\"]"));
    assert_true(kc_text_is(json_text(&root[4]), "-2.5e3"));
    assert_string_equal(json_type_name(json_member(&f->doc, root, "a")), "BOOLEAN");
    assert_int_equal(json_member(&f->doc, root, "c")->type, JSON_NULL);
    assert_null(json_member(&f->doc, root, "d"));
    assert_null(json_member(&f->doc, json_member(&f->doc, root, "c"), "a"));
}

static void test_text_points_into_the_input(void **state)
{
    struct fixture *f = *state;
    const char *text = "\"plain \xC3\xA9 text of more than sixteen bytes\"";
    struct kc_text rest;
    assert_ok(read_text(f, text, &rest));
    assert_ptr_equal(f->doc.nodes[0].text, text + 1);
    assert_int_equal(f->doc.nodes[0].len, strlen(text) - 2);
}

static void test_escapes(void **state)
{
    static const struct {
        const char *json, *text;
    } rows[] = {
        { "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t" },
        { "\"a\\u00e9\\u20AC\"", "a\xC3\xA9\xE2\x82\xAC" },
        { "\"\\ud83d\\ude00\"", "\xF0\x9F\x98\x80" },
        { "\"\\ud83dx\"", "\xED\xA0\xBDx" }, /* half a pair */
        { "\"\\ud83d\\u0041\"", "\xED\xA0\xBD"
                                "A" },
    };
    struct fixture *f = *state;
    struct kc_text rest;
    for (size_t i = 0; i < KC_COUNT(rows); i++) {
        assert_ok(read_text(f, rows[i].json, &rest));
        assert_int_equal(f->doc.nodes[0].len, strlen(rows[i].text));
        assert_memory_equal(f->doc.nodes[0].text, rows[i].text, strlen(rows[i].text));
    }
}

static void test_mistakes(void **state)
{
    static const struct {
        const char *json, *error;
    } rows[] = {
        { "{", "line 1, column 2: a name in double quotes must stand here" },
        { "[1,\n 2", "line 2, column 3: the text ends within an object or array" },
        { "[1 2]", "line 1, column 4: a comma or a closing bracket must stand here" },
        { "[1,]", "line 1, column 4: a value must stand here" },
        { "{\"a\"}", "line 1, column 5: a colon must follow a name" },
        { "\"a\tb\"", "line 1, column 3: a control character in a string must be escaped" },
        { "\"\\q\"", "line 1, column 3: unknown escape in a string" },
        { "\"\\u12x4\"", "line 1, column 4: four hexadecimal digits must follow \\u" },
        { "\"abc", "line 1, column 5: the text ends within a string" },
        { "\"abc\\", "line 1, column 6: the text ends within a string" },
        { "\"\xFF\"", "line 1, column 2: invalid UTF-8" },
        { "\"\xC3\"", "line 1, column 2: invalid UTF-8" },
        { "1x", "line 1, column 2: white space must follow a number" },
        { "1.", "line 1, column 3: a digit must stand here" },
        { "-", "line 1, column 2: a digit must stand here" },
        { "1e+", "line 1, column 4: a digit must stand here" },
        { "1e9999999999", "line 1, column 13: the exponent of the number is too large" },
        { "tru", "line 1, column 1: a value must stand here" },
        { "nullx", "line 1, column 1: a value must stand here" },
        { "NaN", "line 1, column 1: a value must stand here" },
        { "'x'", "line 1, column 1: a value must stand here" },
    };
    struct fixture *f = *state;
    struct kc_text rest;
    for (size_t i = 0; i < KC_COUNT(rows); i++) {
        char *line = kc_printf("not valid JSON at %s", rows[i].error);
        assert_error(read_text(f, rows[i].json, &rest), KC_BAD_DATA, line);
        free(line);
    }
}

static void test_depth(void **state)
{
    struct fixture *f = *state;
    char text[2 * JSON_MAX_DEPTH + 3] = "";
    struct kc_text rest;
    memset(text, '[', JSON_MAX_DEPTH);
    memset(text + JSON_MAX_DEPTH, ']', JSON_MAX_DEPTH);
    assert_ok(read_text(f, text, &rest));
    memset(text, '[', JSON_MAX_DEPTH + 1);
    memset(text + JSON_MAX_DEPTH + 1, ']', JSON_MAX_DEPTH + 1);
    assert_error(read_text(f, text, &rest), KC_BAD_DATA,
                 "not valid JSON at line 1, column 1002: nested too deeply");
}

static void test_nothing(void **state)
{
    struct fixture *f = *state;
    struct kc_text rest;
    assert_ok(read_text(f, " \n", &rest));
    assert_int_equal(f->doc.len, 0);
    assert_ok(read_text(f,
                        "\xEF\xBB\xBF"
                        "7",
                        &rest));
    assert_int_equal(f->doc.nodes[0].type, JSON_INTEGER);
}

static void test_numbers(void **state)
{
    static const struct {
        const char *json;
        int64_t integer;
        double real;
        bool fits_int;
    } rows[] = {
        { "0", 0, 0, true },
        { "007", 7, 7, true },
        { "-128", -128, -128, true },
        { "2147483648", 2147483648, 2147483648.0, false },
        { "18446744073709551617", 1, 18446744073709551616.0, false },
        { "-9223372036854775809", INT64_MAX, -9223372036854775808.0, false },
        { "1.99", 1, 1.99, false },
        { "-1.99", -1, -1.99, false },
        { "123.456e2", 12345, 12345.6, false },
        { "1e3", 1000, 1000, false },
        { "1e70", 0, 1e70, false },
        { "5e-324", 0, 5e-324, false },
        { "0.30000000000000004", 0, 0.30000000000000004, false },
    };
    struct fixture *f = *state;
    struct kc_text rest;
    for (size_t i = 0; i < KC_COUNT(rows); i++) {
        assert_ok(read_text(f, rows[i].json, &rest));
        assert_int_equal(json_long(f->doc.nodes), rows[i].integer);
        assert_true(json_double(f->doc.nodes) == rows[i].real);
        assert_int_equal(json_fits_int(f->doc.nodes), rows[i].fits_int);
    }
    assert_ok(read_text(f, "-0.0", &rest));
    assert_false(__builtin_signbit(json_double(f->doc.nodes)));
    assert_ok(read_text(f, "16777217.0000001", &rest));
    assert_true(json_float(f->doc.nodes) == 16777218.0f); /* a double would round to the middle */
    assert_ok(read_text(f, "\"5\"", &rest));
    assert_int_equal(json_long(f->doc.nodes), 0);
}

static void test_base64(void **state)
{
    static const struct {
        const char *json, *bytes; /* NULL: refused */
    } rows[] = { { "\"\"", "" },
                 { "\"AQI=\"", "\1\2" },
                 { "\" AQI= \"", "\1\2" },
                 { "\"AQ==AQ==\"", "\1\1" },
                 { "\"AQID AQ==\"", "\1\2\3\1" },
                 { "\"AQ\"", NULL },
                 { "\"A Q=\"", NULL },
                 { "\"!!!!\"", NULL },
                 { "\"====\"", NULL },
                 { "\"AQ=A\"", NULL } };
    struct fixture *f = *state;
    struct kc_value bytes;
    struct kc_text rest;
    for (size_t i = 0; i < KC_COUNT(rows); i++) {
        assert_ok(read_text(f, rows[i].json, &rest));
        assert_int_equal(json_base64(f->doc.nodes, &f->arena, &bytes), rows[i].bytes != NULL);
        if (!rows[i].bytes)
            continue;
        assert_int_equal(bytes.len, strlen(rows[i].bytes));
        assert_memory_equal(bytes.u.bytes, rows[i].bytes, bytes.len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nodes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_text_points_into_the_input, setup, teardown),
        cmocka_unit_test_setup_teardown(test_escapes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_mistakes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_depth, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_numbers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_base64, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
