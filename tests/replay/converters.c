/* Converter cases: from and to (records), header.from and header.to. */
#include <stdlib.h>

#include "plugin/registry.h"
#include "tests/replay/replay.h"

struct converter_under_test {
    const struct kc_plugin *plugin;
    void *config;
    struct kc_converter *state;
};

const char *replay_class(const struct replay_case *replay)
{
    const char *name = replay_text(replay->config, "class", replay->arena);
    return name && *name == '.' ? kc_arena_printf(replay->arena, "org.apache.kafka.connect%s", name)
                                : name;
}

void replay_settings(const struct replay_case *replay, struct kc_props *props)
{
    for (uint32_t i = 0; replay->config.kind == KC_MAP && i < replay->config.len; i++) {
        struct kc_text name = kc_value_text(replay->config.u.entries[i].key);
        struct kc_value value = replay->config.u.entries[i].value;
        if (kc_text_is(name, "class") || kc_text_is(name, "side"))
            continue;
        kc_props_set(props, kc_arena_text(replay->arena, name.ptr, name.len),
                     value.kind == KC_STRING ? kc_arena_text(replay->arena, value.u.text, value.len)
                                             : NULL);
    }
}

static struct kc_error *open_converter(const struct replay_case *replay,
                                       struct converter_under_test *test)
{
    static const char *const types[] = {
        [KC_KEY_SIDE] = "key", [KC_VALUE_SIDE] = "value", [KC_HEADER_SIDE] = "header"
    };
    const char *side = replay_text(replay->config, "side", replay->arena);
    enum kc_side which = strncmp(replay->op, "header.", 7) == 0 ? KC_HEADER_SIDE
                         : side && strcmp(side, "key") == 0     ? KC_KEY_SIDE
                                                                : KC_VALUE_SIDE;
    struct kc_props props = { .map = { 0 } };
    struct kc_findings findings = { 0 };
    struct kc_error *err = NULL;
    test->config = kc_calloc(1, test->plugin->config_size + 1);
    replay_settings(replay, &props);
    kc_props_set(&props, "converter.type", types[which]);
    kc_options_read(test->plugin->options, &props, test->config, &findings);
    if (kc_findings_errors(&findings))
        err = kc_fail(KC_BAD_CONFIG, "%s", findings.items[0].text);
    kc_findings_clear(&findings);
    kc_props_clear(&props);
    if (err)
        return err;
    const struct kc_converter_ops *ops = test->plugin->converter;
    test->state = kc_calloc(1, ops->size);
    test->state->plugin = test->plugin;
    test->state->config = test->config;
    test->state->side = which;
    return ops->open ? ops->open(test->state) : NULL;
}

static void close_converter(struct converter_under_test *test)
{
    if (test->state && test->plugin->converter->close)
        test->plugin->converter->close(test->state);
    free(test->state);
    if (test->config)
        kc_options_clear(test->plugin->options, test->config);
    free(test->config);
}

static void run_encode(const struct replay_case *replay, struct converter_under_test *test,
                       const char *name, struct replay_result *result)
{
    struct kc_arena *arena = replay->arena;
    const struct kc_schema *schema = NULL;
    struct kc_value value = kc_null();
    struct kc_wire wire;
    result->error = replay_schema(kc_map_value_get(replay->input, "schema"), arena, &schema);
    if (!result->error)
        result->error = replay_value(kc_map_value_get(replay->input, "value"), schema, arena,
                                     &value, &result->skip);
    if (result->error)
        result->phase = "build";
    if (result->error || result->skip)
        return;
    const struct kc_converter_ops *ops = test->plugin->converter;
    result->error = ops->encode(test->state, name, schema, value, arena, &wire);
    if (!result->error)
        result->output = replay_show_bytes(wire.data, wire.len, arena);
}

static void run_decode(const struct replay_case *replay, struct converter_under_test *test,
                       const char *name, struct replay_result *result)
{
    struct kc_arena *arena = replay->arena;
    const struct kc_schema *schema = NULL;
    struct kc_value value = kc_null();
    struct kc_wire wire;
    replay_bytes(replay->input, arena, &wire.data, &wire.len);
    result->error =
        test->plugin->converter->decode(test->state, name, wire, arena, &schema, &value);
    if (!result->error)
        result->output = replay_show_both(schema, value, arena);
}

void replay_converter(const struct replay_case *replay, struct replay_result *result)
{
    struct converter_under_test test = { 0 };
    const char *class_name = replay_class(replay);
    test.plugin = class_name ? registry_find(KC_CONVERTER, class_name, NULL) : NULL;
    if (!test.plugin) {
        result->skip = replay_not_there;
        return;
    }
    const char *name = strncmp(replay->op, "header.", 7) == 0 ? "h" : "t";
    result->error = open_converter(replay, &test);
    if (!result->error && strstr(replay->op, "from"))
        run_encode(replay, &test, name, result);
    else if (!result->error)
        run_decode(replay, &test, name, result);
    close_converter(&test);
}
