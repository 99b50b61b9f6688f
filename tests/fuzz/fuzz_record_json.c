/* Record data as JSON, with schemas and without: what was written is read again,
 * and soon written the same. */
#include "plugin/registry.h"
#include "tests/fuzz/fuzz.h"

extern const struct kc_plugin kc_plugin_json_converter;

static struct kc_converter *converters[2];

static struct kc_converter *converter_new(const char *schemas)
{
    const struct kc_plugin *plugin = &kc_plugin_json_converter;
    struct kc_props props = { .map = { 0 } };
    struct kc_findings findings = { 0 };
    kc_props_set(&props, "schemas.enable", schemas);
    kc_props_set(&props, "converter.type", "value");
    void *config = kc_calloc(1, plugin->config_size);
    FUZZ_MUST(kc_options_read(plugin->options, &props, config, &findings));
    kc_findings_clear(&findings);
    kc_props_clear(&props);
    struct kc_converter *converter = kc_calloc(1, plugin->converter->size);
    converter->plugin = plugin;
    converter->config = config;
    converter->side = KC_VALUE_SIDE;
    FUZZ_MUST(!plugin->converter->open(converter));
    return converter;
}

/* What was written must be read, and is written again. */
static struct kc_wire again(struct kc_converter *converter, struct kc_wire wire,
                            struct kc_arena *arena)
{
    const struct kc_converter_ops *ops = converter->plugin->converter;
    const struct kc_schema *schema = NULL;
    struct kc_value value;
    struct kc_wire written;
    FUZZ_MUST(!ops->decode(converter, "topic", wire, arena, &schema, &value));
    FUZZ_MUST(!ops->encode(converter, "topic", schema, value, arena, &written));
    return written;
}

static void try_converter(struct kc_converter *converter, struct kc_wire input)
{
    const struct kc_converter_ops *ops = converter->plugin->converter;
    struct kc_arena arena;
    kc_arena_init(&arena, 0);
    const struct kc_schema *schema = NULL;
    struct kc_value value;
    struct kc_wire first;
    struct kc_error *err = ops->decode(converter, "topic", input, &arena, &schema, &value);
    if (!err)
        err = ops->encode(converter, "topic", schema, value, &arena, &first);
    if (!err && first.data) {
        /* -1e-400 is written as -0.0, and that is read as 0.0: from then on nothing changes. */
        struct kc_wire second = again(converter, first, &arena);
        struct kc_wire third = again(converter, second, &arena);
        FUZZ_MUST(second.len == third.len && memcmp(second.data, third.data, third.len) == 0);
    }
    kc_error_free(err);
    kc_arena_clear(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!converters[0]) {
        converters[0] = converter_new("true");
        converters[1] = converter_new("false");
    }
    for (size_t i = 0; i < 2; i++)
        try_converter(converters[i], (struct kc_wire){ data, size });
    return 0;
}
