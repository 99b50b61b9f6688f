/* Transform cases: one record through one transform. */
#include <stdlib.h>

#include "plugin/registry.h"
#include "tests/replay/replay.h"

struct transform_under_test {
    const struct kc_plugin *plugin;
    int which;
    void *config;
    struct kc_transform *state;
};

static struct kc_error *open_transform(const struct replay_case *replay,
                                       struct transform_under_test *test)
{
    struct kc_props props = { .map = { 0 } };
    struct kc_findings findings = { 0 };
    struct kc_error *err = NULL;
    test->config = kc_calloc(1, test->plugin->config_size + 1);
    replay_settings(replay, &props);
    kc_options_read(test->plugin->options, &props, test->config, &findings);
    if (kc_findings_errors(&findings))
        err = kc_fail(KC_BAD_CONFIG, "%s", findings.items[0].text);
    kc_findings_clear(&findings);
    kc_props_clear(&props);
    if (err)
        return err;
    const struct kc_transform_ops *ops = test->plugin->transform;
    test->state = kc_calloc(1, ops->size);
    test->state->plugin = test->plugin;
    test->state->config = test->config;
    test->state->which = test->which;
    return ops->open ? ops->open(test->state) : NULL;
}

static void close_transform(struct transform_under_test *test)
{
    if (test->state && test->plugin->transform->close)
        test->plugin->transform->close(test->state);
    free(test->state);
    if (test->config)
        kc_options_clear(test->plugin->options, test->config);
    free(test->config);
}

/* ---- records ---- */

static const char *const timestamp_types[] = { [KC_NO_TIMESTAMP] = "NoTimestampType",
                                               [KC_CREATE_TIME] = "CreateTime",
                                               [KC_LOG_APPEND_TIME] = "LogAppendTime" };

static struct kc_error *part_in(struct kc_value form, struct kc_arena *arena,
                                const struct kc_schema **schema, struct kc_value *value,
                                const char **skip)
{
    *schema = NULL;
    *value = kc_null();
    if (form.kind != KC_MAP)
        return NULL;
    struct kc_error *err = replay_schema(kc_map_value_get(form, "schema"), arena, schema);
    return err ? err : replay_value(kc_map_value_get(form, "value"), *schema, arena, value, skip);
}

static struct kc_error *headers_in(struct kc_value forms, struct kc_arena *arena,
                                   struct kc_record *record, const char **skip)
{
    struct kc_error *err = NULL;
    if (forms.kind != KC_ARRAY)
        return NULL;
    record->n_headers = forms.len;
    record->headers = kc_alloc0(arena, forms.len * sizeof(*record->headers));
    for (uint32_t i = 0; !err && i < forms.len; i++) {
        record->headers[i].name = replay_text(forms.u.items[i], "key", arena);
        err = part_in(forms.u.items[i], arena, &record->headers[i].schema,
                      &record->headers[i].value, skip);
    }
    return err;
}

static int64_t number_in(struct kc_value form, const char *name, int64_t missing)
{
    struct kc_value number = kc_map_value_get(form, name);
    return number.kind == KC_INT64 ? number.u.i : missing;
}

static struct kc_error *record_in(const struct replay_case *replay, bool sink,
                                  struct kc_record *record, const char **skip)
{
    struct kc_arena *arena = replay->arena;
    struct kc_value form = replay->input;
    const char *type = replay_text(form, "timestampType", arena);
    record->topic = replay_text(form, "topic", arena);
    record->partition = (int32_t)number_in(form, "partition", sink ? 0 : -1);
    record->offset = number_in(form, "offset", -1);
    record->timestamp = number_in(form, "timestamp", -1);
    record->timestamp_type = KC_CREATE_TIME;
    for (size_t i = 0; type && i < KC_COUNT(timestamp_types); i++)
        if (strcmp(type, timestamp_types[i]) == 0)
            record->timestamp_type = (uint8_t)i;
    struct kc_error *err = part_in(kc_map_value_get(form, "key"), arena, &record->key_schema,
                                   &record->key, skip);
    if (!err)
        err = part_in(kc_map_value_get(form, "val"), arena, &record->value_schema, &record->value,
                      skip);
    return err ? err : headers_in(kc_map_value_get(form, "headers"), arena, record, skip);
}

static struct kc_value text_out(const char *text)
{
    return text ? kc_string(text, strlen(text)) : kc_null();
}

static struct kc_value number_out(int64_t number)
{
    return number < 0 ? kc_null() : kc_integer(KC_INT64, number);
}

static struct kc_value headers_out(const struct kc_record *record, struct kc_arena *arena)
{
    struct kc_value *items;
    struct kc_value list = kc_array_new(arena, record->n_headers, &items);
    for (uint32_t i = 0; i < record->n_headers; i++) {
        const struct kc_header *header = &record->headers[i];
        items[i] = replay_object(arena, 3, "key", text_out(header->name), "schema",
                                 replay_show_schema(header->schema, arena), "value",
                                 replay_show_value(header->value, header->schema, arena));
    }
    return list;
}

static struct kc_value record_out(const struct kc_record *record, bool sink,
                                  struct kc_arena *arena)
{
    struct kc_value key = replay_show_both(record->key_schema, record->key, arena);
    struct kc_value value = replay_show_both(record->value_schema, record->value, arena);
    struct kc_value headers = headers_out(record, arena);
    if (record->dropped)
        return kc_null();
    if (sink)
        return replay_object(arena, 9, "kind", text_out("sink"), "topic", text_out(record->topic),
                             "partition", number_out(record->partition), "offset",
                             number_out(record->offset), "timestampType",
                             text_out(timestamp_types[record->timestamp_type]), "timestamp",
                             number_out(record->timestamp), "key", key, "val", value, "headers",
                             headers);
    return replay_object(arena, 7, "kind", text_out("source"), "topic", text_out(record->topic),
                         "partition", number_out(record->partition), "timestamp",
                         number_out(record->timestamp), "key", key, "val", value, "headers",
                         headers);
}

static void apply(const struct replay_case *replay, struct transform_under_test *test,
                  struct replay_result *result)
{
    struct kc_record record = { 0 };
    const char *kind = replay_text(replay->input, "kind", replay->arena);
    bool sink = kind && strcmp(kind, "sink") == 0;
    result->phase = "build";
    result->error = record_in(replay, sink, &record, &result->skip);
    if (result->error || result->skip)
        return;
    result->phase = "apply";
    result->error = test->plugin->transform->apply(test->state, &record, replay->arena);
    if (!result->error)
        result->output = record_out(&record, sink, replay->arena);
}

void replay_transform(const struct replay_case *replay, struct replay_result *result)
{
    struct transform_under_test test = { 0 };
    const char *class_name = replay_class(replay);
    if (strcmp(replay->op, "transform") == 0 && class_name)
        test.plugin = registry_find(KC_TRANSFORM, class_name, &test.which);
    if (!test.plugin) {
        result->skip = replay_not_there;
        return;
    }
    result->phase = "configure";
    result->error = open_transform(replay, &test);
    if (!result->error && replay->input.kind == KC_NULL)
        result->output = text_out("configured");
    else if (!result->error)
        apply(replay, &test, result);
    close_transform(&test);
}
