/* Casts: values.X converts the input to X. */
#include "data/cast.h"
#include "tests/replay/replay.h"

static const struct {
    const char *op;
    enum kc_kind kind;
    const char *logical;
    bool required; /* null is refused */
} targets[] = {
    { "values.boolean", KC_BOOLEAN, NULL, false },
    { "values.int8", KC_INT8, NULL, false },
    { "values.int16", KC_INT16, NULL, false },
    { "values.int32", KC_INT32, NULL, false },
    { "values.int64", KC_INT64, NULL, false },
    { "values.float32", KC_FLOAT32, NULL, false },
    { "values.float64", KC_FLOAT64, NULL, false },
    { "values.string", KC_STRING, NULL, false },
    { "values.list", KC_ARRAY, NULL, true },
    { "values.map", KC_MAP, NULL, true },
    { "values.date", KC_INT32, KC_DATE_NAME, true },
    { "values.time", KC_INT32, KC_TIME_NAME, true },
    { "values.timestamp", KC_INT64, KC_TIMESTAMP_NAME, true },
    { "values.decimal", KC_BYTES, KC_DECIMAL_NAME, true },
};

static const struct kc_schema *target_of(const struct replay_case *replay)
{
    struct kc_value scale = kc_map_value_get(replay->input, "scale");
    for (size_t i = 0; i < KC_COUNT(targets); i++) {
        if (strcmp(replay->op, targets[i].op) != 0)
            continue;
        struct kc_schema *schema = kc_schema_new(targets[i].kind);
        kc_schema_optional(schema, !targets[i].required);
        if (targets[i].logical)
            kc_schema_name(schema, targets[i].logical);
        if (scale.kind == KC_INT64)
            kc_schema_param(schema, "scale",
                            kc_arena_printf(replay->arena, "%lld", (long long)scale.u.i));
        kc_schema_keep(replay->arena, schema);
        kc_schema_unref(schema);
        return schema;
    }
    return NULL;
}

void replay_values(const struct replay_case *replay, struct replay_result *result)
{
    const struct kc_schema *from = NULL, *to = target_of(replay);
    struct kc_value value = kc_null(), cast = kc_null();
    if (!to) {
        result->skip = replay_not_there;
        return;
    }
    result->error = replay_schema(kc_map_value_get(replay->input, "schema"), replay->arena, &from);
    if (!result->error)
        result->error = replay_value(kc_map_value_get(replay->input, "value"), from, replay->arena,
                                     &value, &result->skip);
    if (result->error || result->skip)
        return;
    result->error = kc_cast(to, from, value, replay->arena, &cast);
    if (!result->error)
        result->output = replay_show_value(cast, NULL, replay->arena);
}
