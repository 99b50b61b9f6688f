#include "data/logical.h"

enum kc_logical kc_logical_of(const struct kc_schema *schema)
{
    static const char *const names[] = {
        [KC_LOGICAL_DECIMAL] = KC_DECIMAL_NAME,
        [KC_LOGICAL_DATE] = KC_DATE_NAME,
        [KC_LOGICAL_TIME] = KC_TIME_NAME,
        [KC_LOGICAL_TIMESTAMP] = KC_TIMESTAMP_NAME,
    };
    static const char prefix[] = "org.apache.kafka.connect.data.";
    if (!schema || !schema->name || strncmp(schema->name, prefix, sizeof(prefix) - 1) != 0)
        return KC_NOT_LOGICAL;
    for (size_t i = KC_LOGICAL_DECIMAL; i < KC_COUNT(names); i++)
        if (strcmp(schema->name, names[i]) == 0)
            return (enum kc_logical)i;
    return KC_NOT_LOGICAL;
}

struct kc_error *kc_decimal_scale(const struct kc_schema *schema, int32_t *scale)
{
    const char *text = kc_schema_get_param(schema, "scale");
    int64_t number;
    if (!text)
        return kc_fail(KC_BAD_DATA, "Invalid Decimal schema: scale parameter not found.");
    if (!kc_text_int64(kc_text(text), &number) || number < INT32_MIN || number > INT32_MAX)
        return kc_while(kc_fail_as(KC_BAD_DATA, "java.lang.NumberFormatException",
                                   "For input string: \"%s\"", text),
                        "Invalid scale parameter found in Decimal schema: ");
    *scale = (int32_t)number;
    return NULL;
}

struct kc_error *kc_decimal_check(const struct kc_schema *schema, struct kc_value decimal)
{
    int32_t scale;
    struct kc_error *err = kc_decimal_scale(schema, &scale);
    if (!err && decimal.u.decimal->scale != scale)
        err = kc_fail(KC_BAD_DATA,
                      "Decimal value has mismatching scale for given Decimal schema. Schema has "
                      "scale %d, value has scale %d.",
                      scale, decimal.u.decimal->scale);
    return err;
}

struct kc_error *kc_decimal_decode(const struct kc_schema *schema, struct kc_value bytes,
                                   struct kc_arena *arena, struct kc_value *decimal)
{
    int32_t scale;
    struct kc_error *err = kc_decimal_scale(schema, &scale);
    if (err)
        return err;
    if (!bytes.len)
        return kc_fail_as(KC_BAD_DATA, "java.lang.NumberFormatException", "Zero length BigInteger");
    *decimal = kc_decimal_from_bytes(arena, bytes.u.bytes, bytes.len, scale);
    return NULL;
}

struct kc_error *kc_date_encode(int64_t ms, int32_t *days)
{
    if (ms % KC_MS_PER_DAY)
        return kc_fail(KC_BAD_DATA,
                       "Kafka Connect Date type should not have any time fields set to non-zero "
                       "values.");
    *days = (int32_t)(ms / KC_MS_PER_DAY);
    return NULL;
}

struct kc_value kc_date_decode(int32_t days)
{
    return kc_instant(days * KC_MS_PER_DAY);
}

struct kc_error *kc_time_encode(int64_t ms, int32_t *of_day)
{
    if (ms < 0 || ms > KC_MS_PER_DAY)
        return kc_fail(KC_BAD_DATA,
                       "Kafka Connect Time type should not have any date fields set to non-zero "
                       "values.");
    *of_day = (int32_t)ms;
    return NULL;
}

struct kc_error *kc_time_decode(int32_t of_day, struct kc_value *time)
{
    if (of_day < 0 || of_day > KC_MS_PER_DAY)
        return kc_fail(KC_BAD_DATA,
                       "Time values must use number of milliseconds greater than 0 and less than "
                       "86400000");
    *time = kc_instant(of_day);
    return NULL;
}
