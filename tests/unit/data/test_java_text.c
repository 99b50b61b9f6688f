#include "data/java_text.h"
#include "data/schema.h"
#include "tests/unit/test.h"

static void test_scalars(void **state)
{
    (void)state;
    struct kc_arena arena;
    struct kc_buf buf = { 0 };
    kc_arena_init(&arena, 0);
    const struct {
        struct kc_value value;
        const char *text;
    } rows[] = {
        { kc_null(), "null" },
        { kc_integer(KC_INT8, -5), "-5" },
        { kc_double(1e-7), "1.0E-7" },
        { kc_float(0.1f), "0.1" },
        { kc_bool(true), "true" },
        { kc_string("a b", 3), "a b" },
        { kc_bytes("foo", 3), "Zm9v" },
        { kc_decimal_from_int(&arena, 156, 2), "1.56" },
        { kc_instant(1700000000123), "Tue Nov 14 22:13:20 UTC 2023" },
        { kc_instant(INT64_C(19000) * 86400000), "Sat Jan 08 00:00:00 UTC 2022" },
        { kc_instant(-1), "Wed Dec 31 23:59:59 UTC 1969" },
    };
    for (size_t i = 0; i < KC_COUNT(rows); i++) {
        kc_java_text(rows[i].value, &buf);
        assert_buf(&buf, rows[i].text);
    }
    kc_buf_clear(&buf);
    kc_arena_clear(&arena);
}

static void test_containers(void **state)
{
    (void)state;
    struct kc_arena arena;
    struct kc_buf buf = { 0 };
    struct kc_value *items;
    struct kc_entry *entries;
    kc_arena_init(&arena, 0);
    struct kc_schema *schema = kc_schema_new(KC_STRUCT);
    kc_schema_field(schema, "a", kc_schema_of(KC_INT32, false));
    kc_schema_field(schema, "b", kc_schema_of(KC_STRING, true));
    struct kc_schema *list = kc_schema_new(KC_ARRAY);
    kc_schema_field(schema, "c", list);
    struct kc_value value = kc_struct_new(&arena, schema);
    value.u.structure->field[0] = kc_integer(KC_INT32, 1);
    value.u.structure->field[2] = kc_array_new(&arena, 2, &items);
    items[0] = kc_double(1);
    items[1] = kc_map_value_new(&arena, 2, &entries);
    entries[0] = (struct kc_entry){ kc_string("x", 1), kc_null() };
    entries[1] = (struct kc_entry){ kc_integer(KC_INT32, 2), kc_string("", 0) };
    kc_java_text(value, &buf);
    assert_buf(&buf, "Struct{a=1,c=[1.0, {x=null, 2=}]}");
    kc_schema_unref(schema);
    kc_schema_unref(list);
    kc_buf_clear(&buf);
    kc_arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scalars),
        cmocka_unit_test(test_containers),
    };
    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
