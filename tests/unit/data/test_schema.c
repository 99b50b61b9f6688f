#include "data/schema.h"
#include "tests/unit/test.h"

static struct kc_schema *person(int32_t version)
{
    struct kc_schema *schema = kc_schema_name(kc_schema_new(KC_STRUCT), "shop.Person");
    kc_schema_version(schema, version);
    kc_schema_field(schema, "id", kc_schema_of(KC_INT32, false));
    kc_schema_field(schema, "name", kc_schema_of(KC_STRING, true));
    struct kc_schema *money = kc_schema_decimal(2);
    kc_schema_field(schema, "balance", money);
    kc_schema_unref(money);
    struct kc_schema *tags = kc_schema_new(KC_ARRAY);
    kc_schema_element(tags, kc_schema_of(KC_STRING, false));
    kc_schema_field(schema, "tags", kc_schema_optional(tags, true));
    kc_schema_unref(tags);
    return schema;
}

static void test_equality(void **state)
{
    (void)state;
    struct kc_schema *a = person(1), *b = person(1), *c = person(2), *d = kc_schema_copy(a);
    assert_true(kc_schema_equal(a, b));
    assert_true(kc_schema_equal(a, d));
    assert_false(kc_schema_equal(a, c));
    assert_true(kc_schema_equal(NULL, NULL));
    assert_false(kc_schema_equal(a, NULL));
    assert_true(kc_schema_hash(a) == kc_schema_hash(b));
    kc_schema_param(kc_schema_param(b, "x", "1"), "y", "2");
    kc_schema_param(kc_schema_param(d, "y", "2"), "x", "1");
    assert_true(kc_schema_equal(b, d)); /* parameters have no order */
    kc_schema_param(d, "x", "3");
    assert_false(kc_schema_equal(b, d));
    assert_string_equal(kc_schema_get_param(d, "x"), "3");
    assert_null(kc_schema_get_param(d, "z"));

    struct kc_schema *one = kc_schema_new(KC_INT32), *other = kc_schema_new(KC_INT32);
    kc_schema_default(one, kc_integer(KC_INT32, 1));
    assert_false(kc_schema_equal(one, other));
    kc_schema_default(other, kc_integer(KC_INT32, 2));
    assert_false(kc_schema_equal(one, other));
    kc_schema_default(other, kc_integer(KC_INT32, 1));
    assert_true(kc_schema_equal(one, other));
    assert_false(kc_schema_equal(kc_schema_of(KC_INT32, false), kc_schema_of(KC_INT32, true)));
    const struct kc_schema *all[] = { a, b, c, d, one, other };
    for (size_t i = 0; i < KC_COUNT(all); i++)
        kc_schema_unref(all[i]);
}

static void test_fields(void **state)
{
    (void)state;
    struct kc_schema *schema = person(1);
    assert_int_equal(kc_schema_find(schema, KC_TEXT("name")), 1);
    assert_int_equal(kc_schema_find(schema, KC_TEXT("nam")), -1);
    assert_true(kc_schema_is(schema->fields[2].schema, KC_DECIMAL_NAME));
    assert_string_equal(kc_schema_get_param(schema->fields[2].schema, "scale"), "2");
    struct kc_schema *time = kc_schema_logical(KC_TIMESTAMP_NAME);
    assert_int_equal(time->kind, KC_INT64);
    kc_schema_unref(time);
    kc_schema_unref(schema);
}

static void test_keep(void **state)
{
    (void)state;
    struct kc_arena arena;
    struct kc_schema *key = person(1), *value = person(2);
    kc_arena_init(&arena, 0);
    for (int i = 0; i < 1000; i++) {
        kc_schema_keep(&arena, key);
        kc_schema_keep(&arena, value);
    }
    assert_null(kc_schema_keep(&arena, NULL));
    kc_schema_keep(&arena, kc_schema_of(KC_INT32, false));
    assert_int_equal(key->refs, 2);
    assert_int_equal(value->refs, 2);
    kc_schema_unref(value);
    assert_int_equal(value->refs, 1); /* the arena's */
    kc_arena_reset(&arena);
    assert_int_equal(key->refs, 1);
    kc_schema_keep(&arena, key);
    assert_int_equal(key->refs, 2);
    kc_arena_clear(&arena);
    kc_schema_unref(key);
}

static void test_check(void **state)
{
    (void)state;
    struct kc_arena arena;
    struct kc_value *items;
    struct kc_schema *schema = person(1), *other = person(2);
    kc_arena_init(&arena, 0);
    struct kc_value value = kc_struct_new(&arena, schema);
    assert_error(kc_schema_check(schema, value), KC_BAD_DATA,
                 "Invalid value: null used for required field: \"id\", schema type: INT32");
    value.u.structure->field[0] = kc_integer(KC_INT64, 1);
    assert_error(kc_schema_check(schema, value), KC_BAD_DATA,
                 "Invalid Java object for schema with type INT32: class java.lang.Long for "
                 "field: \"id\"");
    value.u.structure->field[0] = kc_integer(KC_INT32, 1);
    value.u.structure->field[2] = kc_bytes("", 0);
    assert_error(kc_schema_check(schema, value), KC_BAD_DATA,
                 "Invalid Java object for schema \"org.apache.kafka.connect.data.Decimal\" with "
                 "type BYTES: class [B for field: \"balance\"");
    value.u.structure->field[2] = kc_decimal_from_int(&arena, 100, 2);
    assert_ok(kc_schema_check(schema, value));
    value.u.structure->field[3] = kc_array_new(&arena, 1, &items);
    assert_error(kc_schema_check(schema, value), KC_BAD_DATA,
                 "Invalid value: null used for required element of array field: \"tags\", "
                 "schema type: STRING");
    items[0] = kc_string("x", 1);
    assert_ok(kc_schema_check(schema, value));
    assert_error(kc_schema_check(other, value), KC_BAD_DATA, "Struct schemas do not match.");
    assert_error(kc_schema_check(schema, kc_null()), KC_BAD_DATA,
                 "Invalid value: null used for required value, schema type: STRUCT");
    assert_ok(kc_schema_check(NULL, value));

    struct kc_value copy = kc_value_copy(&arena, value);
    assert_true(kc_value_equal(copy, value));
    copy.u.structure->field[1] = kc_string("y", 1);
    assert_false(kc_value_equal(copy, value));
    kc_arena_clear(&arena);
    kc_schema_unref(schema);
    kc_schema_unref(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equality),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_keep),
        cmocka_unit_test(test_check),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
