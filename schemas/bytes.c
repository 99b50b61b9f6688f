/* ByteArrayConverter: the bytes as they are. */
#include "plugin/converter.h"

struct bytes_config {
    char *type;
};

#define OPTIONS_OF struct bytes_config
static const struct kc_option bytes_options[] = {
    OPT_STRING("converter.type", type, .required = true, .importance = KC_LOW,
               .doc = "What is converted: key, value or header. The runtime sets it."),
    OPT_END
};

static struct kc_error *bytes_encode(struct kc_converter *converter, const char *name,
                                     const struct kc_schema *schema, struct kc_value value,
                                     struct kc_arena *arena, struct kc_wire *wire)
{
    (void)converter;
    (void)name;
    *wire = (struct kc_wire){ NULL, 0 };
    if (schema && schema->kind != KC_BYTES)
        return kc_fail(KC_BAD_DATA, "Invalid schema type for ByteArrayConverter: %s",
                       kc_kind_name(schema->kind));
    if (value.kind == KC_NULL)
        return NULL;
    if (value.kind != KC_BYTES)
        return kc_fail(KC_BAD_DATA,
                       "ByteArrayConverter is not compatible with objects of type class %s",
                       kc_kind_java_class(value.kind));
    wire->data = kc_arena_copy(arena, value.u.bytes, value.len);
    wire->len = value.len;
    return NULL;
}

static struct kc_error *bytes_decode(struct kc_converter *converter, const char *name,
                                     struct kc_wire wire, struct kc_arena *arena,
                                     const struct kc_schema **schema, struct kc_value *value)
{
    (void)converter;
    (void)name;
    (void)arena;
    *schema = kc_schema_of(KC_BYTES, true);
    *value = wire.data ? kc_bytes(wire.data, wire.len) : kc_null();
    return NULL;
}

static const char *const bytes_classes[] = {
    "org.apache.kafka.connect.converters.ByteArrayConverter", NULL
};

static const struct kc_converter_ops bytes_ops = {
    .size = sizeof(struct kc_converter),
    .for_records = true,
    .for_headers = true,
    .encode = bytes_encode,
    .decode = bytes_decode,
};

extern const struct kc_plugin kc_plugin_bytes_converter;
const struct kc_plugin kc_plugin_bytes_converter = {
    .abi = KC_ABI,
    .kind = KC_CONVERTER,
    .name = "bytes",
    .version = "4.1.0",
    .about = "Bytes as they are.",
    .java_classes = bytes_classes,
    .config_size = sizeof(struct bytes_config),
    .options = bytes_options,
    .converter = &bytes_ops,
};
