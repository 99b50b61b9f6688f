/* What the recorded cases can't show: that schemas are remembered and forgotten, and that equal
 * ones are one pointer. */
#include <stdio.h>

#include "schemas/json_decode.h"
#include "schemas/json_encode.h"
#include "tests/unit/test.h"

static const struct kc_schema *schema_with_field(const char *name)
{
    struct kc_schema *schema = kc_schema_new(KC_STRUCT);
    return kc_schema_field(schema, name, kc_schema_of(KC_INT32, false));
}

static struct kc_value struct_of(struct kc_arena *arena, const struct kc_schema *schema, int number)
{
    struct kc_value value = kc_struct_new(arena, schema);
    value.u.structure->field[0] = kc_integer(KC_INT32, number);
    return value;
}

static void test_many_schemas(void **state)
{
    (void)state;
    struct json_encoder encoder = { .settings = { .schemas = true, .defaults = true, .cache = 3 } };
    struct kc_arena arena;
    struct kc_buf buf = { 0 };
    kc_arena_init(&arena, 0);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 5; i++) {
            char name[2] = { (char)('a' + i), 0 }, expected[160];
            const struct kc_schema *schema = schema_with_field(name);
            assert_ok(json_encode(&encoder, schema, struct_of(&arena, schema, i), &buf));
            snprintf(
                expected, sizeof(expected),
                "{\"schema\":{\"type\":\"struct\",\"fields\":[{\"type\":\"int32\",\"optional\":"
                "false,\"field\":\"%s\"}],\"optional\":false},\"payload\":{\"%s\":%d}}",
                name, name, i);
            assert_buf(&buf, expected);
            assert_true(encoder.plans.count <= 3);
            kc_arena_reset(&arena);
            kc_schema_unref(
                schema); /* the encoder still holds it, so that its address isn't used again */
        }
    }
    json_encoder_clear(&encoder);
    kc_arena_clear(&arena);
    kc_buf_clear(&buf);
}

static const struct kc_schema *decode_schema(struct json_decoder *decoder, struct kc_arena *arena,
                                             const char *text)
{
    const struct kc_schema *schema;
    struct kc_value value;
    assert_ok(json_decode(decoder, kc_text(text), arena, &schema, &value));
    assert_int_equal(value.kind, KC_INT32);
    assert_int_equal(value.u.i, 5);
    return schema;
}

static void test_equal_schemas_are_one(void **state)
{
    (void)state;
    struct json_decoder decoder = { .schemas = true, .cache = 10 };
    struct kc_arena arena;
    kc_arena_init(&arena, 0);
    const char *documents[] = {
        "{\"schema\":{\"type\":\"int32\",\"optional\":false},\"payload\":5}",
        "{\"schema\":{\"type\":\"int32\",\"optional\":false},\"payload\": 5 } trailing",
        "{\"payload\":5,\"schema\":{\"type\":\"int32\",\"optional\":false}}",
        "{\"schema\":{\"optional\":false, \"type\":\"int32\"},\"payload\":5}",
        "{\"schema\":{\"type\":\"int32\"},\"payload\":7,\"payload\":5}",
    };
    const struct kc_schema *first = decode_schema(&decoder, &arena, documents[0]);
    for (size_t i = 0; i < KC_COUNT(documents); i++)
        assert_ptr_equal(decode_schema(&decoder, &arena, documents[i]), first);
    assert_ptr_not_equal(
        decode_schema(&decoder, &arena,
                      "{\"schema\":{\"type\":\"int32\",\"optional\":true},\"payload\":5}"),
        first);
    json_decoder_clear(&decoder);
    kc_arena_clear(&arena);
}

static void test_decoder_forgets(void **state)
{
    (void)state;
    struct json_decoder decoder = { .schemas = true, .cache = 2 };
    struct kc_arena arena;
    kc_arena_init(&arena, 0);
    for (int i = 0; i < 50; i++) {
        char text[100];
        snprintf(text, sizeof(text),
                 "{\"schema\":{\"type\":\"int32\",\"version\":%d},\"payload\":5}", i % 5);
        assert_int_equal(decode_schema(&decoder, &arena, text)->version, i % 5);
        assert_true(decoder.known.count <= 2);
    }
    json_decoder_clear(&decoder);
    kc_arena_clear(&arena);
}

/* A known schema at the start must not hide what is wrong behind it. */
static void test_known_schema_and_bad_rest(void **state)
{
    (void)state;
    struct json_decoder decoder = { .schemas = true, .cache = 10 };
    struct kc_arena arena;
    const struct kc_schema *schema;
    struct kc_value value;
    kc_arena_init(&arena, 0);
    decode_schema(&decoder, &arena, "{\"schema\":{\"type\":\"int32\"},\"payload\":5}");
    struct kc_error *err =
        json_decode(&decoder, KC_TEXT("{\"schema\":{\"type\":\"int32\"},\"payload\":5,\"x\":1}"),
                    &arena, &schema, &value);
    assert_non_null(err);
    assert_true(strstr(err->text, "may not contain additional fields") != NULL);
    kc_error_free(err);
    err = json_decode(&decoder, KC_TEXT("{\"schema\":{\"type\":\"int32\"},\"payload\":"), &arena,
                      &schema, &value);
    assert_error(err, KC_BAD_DATA,
                 "Converting byte[] to Kafka Connect data failed due to serialization error: : not "
                 "valid JSON at line 1, column 38: the text ends where a value must stand");
    json_decoder_clear(&decoder);
    kc_arena_clear(&arena);
}

static void test_errors_name_the_field(void **state)
{
    (void)state;
    struct json_encoder encoder = { .settings = { .cache = 3 } };
    struct json_decoder decoder = { .schemas = true, .cache = 3 };
    struct kc_arena arena;
    struct kc_buf buf = { 0 };
    const struct kc_schema *schema, *inner = schema_with_field("price");
    struct kc_value value;
    kc_arena_init(&arena, 0);
    struct kc_schema *outer = kc_schema_field(kc_schema_new(KC_STRUCT), "after", inner);
    value = kc_struct_new(&arena, outer);
    value.u.structure->field[0] = kc_struct_new(&arena, inner);
    assert_error(
        json_encode(&encoder, outer, value, &buf), KC_BAD_DATA,
        "Conversion error: null value for field that is required and has no default value: "
        "in field price: in field after");
    assert_error(
        json_decode(&decoder,
                    KC_TEXT("{\"schema\":{\"type\":\"struct\",\"fields\":[{\"type\":\"string\","
                            "\"field\":\"a\"}]},\"payload\":{\"a\":5}}"),
                    &arena, &schema, &value),
        KC_BAD_DATA,
        "Invalid value: null used for required field: \"a\", schema type: STRING: in field a");
    kc_schema_unref(inner);
    kc_schema_unref(outer);
    json_encoder_clear(&encoder);
    json_decoder_clear(&decoder);
    kc_arena_clear(&arena);
    kc_buf_clear(&buf);
}

static void test_large_maps(void **state)
{
    (void)state;
    enum { KEYS = 20000 };
    struct json_decoder decoder = { .cache = 1 };
    struct kc_arena arena;
    struct kc_buf text = { 0 };
    const struct kc_schema *schema;
    struct kc_value value;
    kc_arena_init(&arena, 0);
    kc_buf_char(&text, '{');
    for (int i = 0; i < 2 * KEYS; i++)
        kc_buf_printf(&text, "%s\"k%d\":%d", i ? "," : "", i % KEYS, i);
    kc_buf_char(&text, '}');
    assert_ok(
        json_decode(&decoder, (struct kc_text){ text.data, text.len }, &arena, &schema, &value));
    assert_int_equal(value.len, KEYS);
    assert_int_equal(value.u.entries[17].value.u.i, KEYS + 17);
    kc_buf_clear(&text);
    json_decoder_clear(&decoder);
    kc_arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many_schemas),
        cmocka_unit_test(test_equal_schemas_are_one),
        cmocka_unit_test(test_decoder_forgets),
        cmocka_unit_test(test_known_schema_and_bad_rest),
        cmocka_unit_test(test_errors_name_the_field),
        cmocka_unit_test(test_large_maps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
