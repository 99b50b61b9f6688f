/* Beyond the recorded cases: bounds, and what is read comes back. */
#include "data/literal.h"
#include "tests/unit/test.h"

static void read_and_write(const char *text, const char *written)
{
    struct kc_arena arena;
    struct kc_buf buf = { 0 };
    const struct kc_schema *schema;
    struct kc_value value;
    kc_arena_init(&arena, 0);
    assert_true(kc_literal_read(kc_text(text), &arena, &schema, &value));
    kc_literal_write(value, &buf);
    assert_buf(&buf, written);
    kc_buf_clear(&buf);
    kc_arena_clear(&arena);
}

static void test_there_and_back(void **state)
{
    (void)state;
    setenv("TZ", "UTC", 1);
    static const char *const texts[] = {
        "1", "-1.5", "true", "text", "2019-08-23", "14:34:54.346Z", "2019-08-23T14:34:54.346Z",
        "[1,2,3]", "[\"a\",\"b\"]", "{\"a\":1,\"b\":2}", "{\"a\":{\"b\":[1,2]}}", "[]", "{}",
        "99999999999999999999999999", "\"quoted\"", "a, b: c",
    };
    for (size_t i = 0; i < KC_COUNT(texts); i++)
        read_and_write(texts[i], texts[i]);
    read_and_write(" [ 1 , 2.5 ] ", "[1.0,2.5]");
    read_and_write("1e2", "100");
    read_and_write("2019-13-45", "2020-02-14");
}

static void test_depth(void **state)
{
    (void)state;
    char text[1300] = "";
    struct kc_arena arena;
    const struct kc_schema *schema;
    struct kc_value value;
    kc_arena_init(&arena, 0);
    memset(text, '[', 500);
    memset(text + 500, ']', 500);
    assert_true(kc_literal_read(kc_text(text), &arena, &schema, &value));
    assert_int_equal(value.kind, KC_ARRAY);
    memset(text, '[', 600);
    memset(text + 600, ']', 600);
    assert_false(kc_literal_read(kc_text(text), &arena, &schema, &value));
    kc_arena_clear(&arena);
}

/* The memory a text needs grows with its length, not with its square. */
static void test_many_quoted(void **state)
{
    (void)state;
    enum { COUNT = 20000 };
    struct kc_arena arena;
    struct kc_buf text = { 0 };
    const struct kc_schema *schema;
    struct kc_value value;
    kc_arena_init(&arena, 0);
    for (int i = 0; i < COUNT; i++)
        kc_buf_str(&text, i ? ",\"ab\"" : "[\"ab\"");
    kc_buf_char(&text, ']');
    assert_true(kc_literal_read((struct kc_text){ text.data, text.len }, &arena, &schema, &value));
    assert_int_equal(value.len, COUNT);
    assert_true(arena.used < 100 * COUNT);
    kc_buf_clear(&text);
    kc_arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_many_quoted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
