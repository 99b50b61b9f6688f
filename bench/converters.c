/* Nanoseconds of CPU per row of ten fields: encode and decode of JsonConverter, and the time a
 * batch's arena needs beside it. make bench-converters */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "schemas/json_decode.h"
#include "schemas/json_encode.h"

enum { ROWS = 500, ROUNDS = 2000 };

static const struct kc_schema *row_schema(void)
{
    static const struct {
        const char *name;
        enum kc_kind kind;
        bool optional;
    } fields[] = { { "id", KC_INT32, false },         { "customer_id", KC_INT64, false },
                   { "first_name", KC_STRING, true }, { "last_name", KC_STRING, true },
                   { "email", KC_STRING, false },     { "active", KC_BOOLEAN, false },
                   { "score", KC_FLOAT64, true },     { "note", KC_STRING, true } };
    struct kc_schema *schema = kc_schema_name(kc_schema_new(KC_STRUCT), "shop.public.orders.Value");
    for (size_t i = 0; i < KC_COUNT(fields); i++)
        kc_schema_field(schema, fields[i].name, kc_schema_of(fields[i].kind, fields[i].optional));
    struct kc_schema *price = kc_schema_decimal(2), *at = kc_schema_logical(KC_TIMESTAMP_NAME);
    kc_schema_field(schema, "price", price);
    kc_schema_field(schema, "created_at", at);
    kc_schema_unref(price);
    kc_schema_unref(at);
    return schema;
}

static struct kc_value text(const char *c_string)
{
    return kc_string(c_string, strlen(c_string));
}

static struct kc_value row(const struct kc_schema *schema, int number, struct kc_arena *arena)
{
    struct kc_value value = kc_struct_new(arena, schema);
    struct kc_value *field = value.u.structure->field;
    field[0] = kc_integer(KC_INT32, 100000 + number);
    field[1] = kc_integer(KC_INT64, INT64_C(7000000000) + number);
    field[2] = text("Annegret");
    field[3] = text("Müller-Lüdenscheidt");
    field[4] = text("annegret.mueller@example.com");
    field[5] = kc_bool(number % 2);
    field[6] = kc_double(number / 8.0);
    field[7] = number % 3 ? kc_null() : text("leave at the \"back\" door");
    field[8] = kc_decimal_from_int(arena, 199900 + number, 2);
    field[9] = kc_instant(INT64_C(1700000000123) + number);
    return value;
}

static double now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void must(struct kc_error *err)
{
    if (!err)
        return;
    fprintf(stderr, "converters: %s\n", err->text);
    exit(1);
}

static void measure_encode(const char *what, struct json_settings settings)
{
    struct json_encoder encoder = { .settings = settings };
    struct kc_arena rows_arena, arena;
    struct kc_value rows[ROWS];
    const struct kc_schema *schema = row_schema();
    KC_AUTO_BUF out = KC_BUF(0);
    size_t bytes = 0;
    kc_arena_init(&rows_arena, 0);
    kc_arena_init(&arena, 0);
    for (int i = 0; i < ROWS; i++)
        rows[i] = row(schema, i, &rows_arena);
    double start = now_ns();
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < ROWS; i++) {
            kc_buf_reset(&out);
            must(json_encode(&encoder, schema, rows[i], &out));
            kc_arena_copy(&arena, out.data, out.len);
            bytes += out.len;
        }
        kc_arena_reset(&arena);
    }
    double spent = now_ns() - start, count = (double)ROWS * ROUNDS;
    printf("%-28s %7.0f ns/row %7.0f bytes/row\n", what, spent / count, (double)bytes / count);
    json_encoder_clear(&encoder);
    kc_arena_clear(&arena);
    kc_arena_clear(&rows_arena);
    kc_schema_unref(schema);
}

static void measure_decode(const char *what, struct json_settings settings)
{
    struct json_encoder encoder = { .settings = settings };
    struct json_decoder decoder = { .schemas = settings.schemas, .defaults = true, .cache = 100 };
    struct kc_arena rows_arena, arena;
    struct kc_text rows[ROWS];
    const struct kc_schema *schema = row_schema();
    kc_arena_init(&rows_arena, 0);
    kc_arena_init(&arena, 0);
    for (int i = 0; i < ROWS; i++) {
        KC_AUTO_BUF out = KC_BUF(0);
        must(json_encode(&encoder, schema, row(schema, i, &rows_arena), &out));
        rows[i] = (struct kc_text){ kc_arena_text(&rows_arena, out.data, out.len), out.len };
    }
    double start = now_ns();
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < ROWS; i++) {
            const struct kc_schema *decoded;
            struct kc_value value;
            must(json_decode(&decoder, rows[i], &arena, &decoded, &value));
        }
        kc_arena_reset(&arena);
    }
    double spent = now_ns() - start;
    printf("%-28s %7.0f ns/row\n", what, spent / ((double)ROWS * ROUNDS));
    json_encoder_clear(&encoder);
    json_decoder_clear(&decoder);
    kc_arena_clear(&arena);
    kc_arena_clear(&rows_arena);
    kc_schema_unref(schema);
}

int main(void)
{
    struct json_settings plain = { .defaults = true, .cache = 100 };
    struct json_settings numeric = { .defaults = true, .cache = 100, .numeric = true };
    struct json_settings schemas = { .defaults = true, .cache = 100, .schemas = true };
    measure_encode("encode", plain);
    measure_encode("encode, numeric decimals", numeric);
    measure_encode("encode with schemas", schemas);
    measure_decode("decode", plain);
    measure_decode("decode with schemas", schemas);
    return 0;
}
