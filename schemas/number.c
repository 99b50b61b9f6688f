/* BooleanConverter, ShortConverter, IntegerConverter, LongConverter, FloatConverter and
 * DoubleConverter: one primitive value, big-endian. */
#include "plugin/converter.h"

struct number_config {
    char *type;
};

#define OPTIONS_OF struct number_config
static const struct kc_option number_options[] = {
    OPT_STRING("converter.type", type, .required = true, .importance = KC_LOW,
               .doc = "What is converted: key, value or header. The runtime sets it."),
    OPT_END
};

/* One row for each converter; `plugin` tells which one an instance is. */
struct number_type {
    const struct kc_plugin *plugin;
    enum kc_kind kind;
    size_t len;
    const char *name;         /* in messages */
    const char *deserializer; /* Java's class that complains about the length */
};

extern const struct kc_plugin kc_plugin_boolean_converter, kc_plugin_short_converter,
    kc_plugin_integer_converter, kc_plugin_long_converter, kc_plugin_float_converter,
    kc_plugin_double_converter;

static const struct number_type types[] = {
    { &kc_plugin_boolean_converter, KC_BOOLEAN, 1, "boolean", "BooleanDeserializer" },
    { &kc_plugin_short_converter, KC_INT16, 2, "short", "ShortDeserializer" },
    { &kc_plugin_integer_converter, KC_INT32, 4, "integer", "IntegerDeserializer" },
    { &kc_plugin_long_converter, KC_INT64, 8, "long", "LongDeserializer" },
    { &kc_plugin_float_converter, KC_FLOAT32, 4, "float", "Deserializer" },
    { &kc_plugin_double_converter, KC_FLOAT64, 8, "double", "Deserializer" },
};

static const struct number_type *type_of(const struct kc_converter *converter)
{
    const struct number_type *type = types;
    while (type->plugin != converter->plugin)
        type++;
    return type;
}

/* The boolean one looks at the schema as well, the others at the value alone. */
static struct kc_error *refuse(const struct number_type *type, const struct kc_schema *schema,
                               struct kc_value value)
{
    if (type->kind == KC_BOOLEAN && schema && schema->kind != KC_BOOLEAN)
        return kc_fail(KC_BAD_DATA, "Invalid schema type for BooleanConverter: %s",
                       kc_kind_name(schema->kind));
    if (value.kind == KC_NULL || value.kind == type->kind)
        return NULL;
    if (type->kind == KC_BOOLEAN)
        return kc_fail(KC_BAD_DATA,
                       "BooleanConverter is not compatible with objects of type class %s",
                       kc_kind_java_class(value.kind));
    return kc_fail(KC_BAD_DATA, "Failed to serialize to %s (was class %s): ", type->name,
                   kc_kind_java_class(value.kind));
}

static uint64_t bits_of(struct kc_value value)
{
    uint64_t bits64 = (uint64_t)value.u.i;
    uint32_t bits32;
    if (value.kind == KC_FLOAT32) {
        memcpy(&bits32, &value.u.f32, sizeof(bits32));
        bits64 = bits32;
    } else if (value.kind == KC_FLOAT64) {
        memcpy(&bits64, &value.u.f64, sizeof(bits64));
    }
    return bits64;
}

static struct kc_value value_of(enum kc_kind kind, uint64_t bits)
{
    uint32_t bits32 = (uint32_t)bits;
    float single;
    double twice;
    switch (kind) {
    case KC_FLOAT32:
        memcpy(&single, &bits32, sizeof(single));
        return kc_float(single);
    case KC_FLOAT64:
        memcpy(&twice, &bits, sizeof(twice));
        return kc_double(twice);
    case KC_INT16:
        return kc_integer(kind, (int16_t)bits);
    case KC_INT32:
        return kc_integer(kind, (int32_t)bits);
    default:
        return kc_integer(kind, (int64_t)bits);
    }
}

static struct kc_error *number_encode(struct kc_converter *converter, const char *name,
                                      const struct kc_schema *schema, struct kc_value value,
                                      struct kc_arena *arena, struct kc_wire *wire)
{
    const struct number_type *type = type_of(converter);
    struct kc_error *err = refuse(type, schema, value);
    (void)name;
    *wire = (struct kc_wire){ NULL, 0 };
    if (err || value.kind == KC_NULL)
        return err;
    uint8_t *bytes = kc_alloc(arena, type->len);
    uint64_t bits = bits_of(value);
    for (size_t i = type->len; i-- > 0; bits >>= 8)
        bytes[i] = (uint8_t)bits;
    *wire = (struct kc_wire){ bytes, type->len };
    return NULL;
}

static struct kc_error *number_decode(struct kc_converter *converter, const char *name,
                                      struct kc_wire wire, struct kc_arena *arena,
                                      const struct kc_schema **schema, struct kc_value *value)
{
    static const char serialization[] = "org.apache.kafka.common.errors.SerializationException";
    const struct number_type *type = type_of(converter);
    const uint8_t *bytes = wire.data;
    uint64_t bits = 0;
    struct kc_error *err = NULL;
    (void)name;
    (void)arena;
    *schema = kc_schema_of(type->kind, true);
    *value = kc_null();
    if (!wire.data)
        return NULL;
    for (size_t i = 0; i < wire.len && i < type->len; i++)
        bits = bits << 8 | bytes[i];
    if (wire.len != type->len)
        err = kc_fail_as(KC_BAD_DATA, serialization, "Size of data received by %s is not %zu",
                         type->deserializer, type->len);
    else if (type->kind == KC_BOOLEAN && bits > 1)
        err = kc_fail_as(KC_BAD_DATA, serialization,
                         "Unexpected byte received by BooleanDeserializer: %d", (int8_t)bits);
    if (err)
        return kc_while(err, "Failed to deserialize %s: ", type->name);
    *value = value_of(type->kind, bits);
    return NULL;
}

static const struct kc_converter_ops number_ops = {
    .size = sizeof(struct kc_converter),
    .for_records = true,
    .for_headers = true,
    .encode = number_encode,
    .decode = number_decode,
};

#define NUMBER_CONVERTER(lower, Upper) \
    static const char *const lower##_classes[] = { \
        "org.apache.kafka.connect.converters." #Upper "Converter", NULL \
    }; \
    const struct kc_plugin kc_plugin_##lower##_converter = { \
        .abi = KC_ABI, \
        .kind = KC_CONVERTER, \
        .name = #lower, \
        .version = "4.1.0", \
        .about = "One " #lower ", big-endian.", \
        .java_classes = lower##_classes, \
        .config_size = sizeof(struct number_config), \
        .options = number_options, \
        .converter = &number_ops, \
    }

NUMBER_CONVERTER(boolean, Boolean);
NUMBER_CONVERTER(short, Short);
NUMBER_CONVERTER(integer, Integer);
NUMBER_CONVERTER(long, Long);
NUMBER_CONVERTER(float, Float);
NUMBER_CONVERTER(double, Double);
