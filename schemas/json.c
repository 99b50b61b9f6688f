/* JsonConverter: record data as JSON, with the schema in each document or without any. */
#include "plugin/converter.h"
#include "schemas/json_decode.h"
#include "schemas/json_encode.h"

enum {
    LARGEST_MESSAGE = 1000000000, /* no producer can send more */
    KEPT_BUFFER = 1 << 24,
};

struct json_config {
    char *type;
    bool schemas_enable;
    int cache_size;
    int decimal_format;
    bool replace_null;
};

enum { BASE64, NUMERIC };
static const struct kc_enum_name decimal_formats[] = { { "NUMERIC", NUMERIC },
                                                       { "BASE64", BASE64 },
                                                       { 0 } };

#define OPTIONS_OF struct json_config
static const struct kc_option json_options[] = {
    OPT_STRING("converter.type", type, .required = true, .importance = KC_LOW,
               .doc = "What is converted: key, value or header. The runtime sets it."),
    OPT_BOOL("schemas.enable", schemas_enable, .def = "true", .importance = KC_HIGH,
             .group = "Schemas", .width = KC_WIDTH_MEDIUM, .display = "Enable Schemas",
             .doc = "Whether each document carries its schema, as "
                    "{\"schema\":...,\"payload\":...}. Documents read must have the form that is "
                    "set here."),
    OPT_INT("schemas.cache.size", cache_size, .def = "1000", .importance = KC_HIGH,
            .group = "Schemas", .width = KC_WIDTH_MEDIUM, .display = "Schema Cache Size",
            .doc = "How many schemas to remember for each direction. Working one out again costs "
                   "some microseconds."),
    OPT_ENUM("decimal.format", decimal_format, decimal_formats, .def = "BASE64", .any_case = true,
             .importance = KC_LOW, .group = "Serialization", .width = KC_WIDTH_MEDIUM,
             .display = "Decimal Format",
             .doc = "How decimals are written: BASE64 (the bytes of the unscaled value) or NUMERIC "
                    "(a JSON number of any length). Both are understood when reading."),
    OPT_BOOL("replace.null.with.default", replace_null, .def = "true", .importance = KC_LOW,
             .group = "Serialization", .width = KC_WIDTH_MEDIUM,
             .display = "Replace null with default",
             .doc = "Whether a null field is written and read as the default of its schema."),
    OPT_END
};

struct json_converter {
    struct kc_converter base;
    struct json_encoder encoder;
    struct json_decoder decoder;
    struct kc_buf out;
};

static struct kc_error *json_open(struct kc_converter *base)
{
    struct json_converter *converter = (struct json_converter *)base;
    const struct json_config *config = base->config;
    size_t cache = config->cache_size > 0 ? (size_t)config->cache_size : 1;
    converter->encoder.settings = (struct json_settings){
        .schemas = config->schemas_enable,
        .numeric = config->decimal_format == NUMERIC,
        .defaults = config->replace_null,
        .cache = cache,
    };
    converter->decoder.schemas = config->schemas_enable;
    converter->decoder.defaults = config->replace_null;
    converter->decoder.cache = cache;
    converter->out.max = LARGEST_MESSAGE;
    return NULL;
}

static struct kc_error *json_converter_encode(struct kc_converter *base, const char *name,
                                              const struct kc_schema *schema,
                                              struct kc_value value, struct kc_arena *arena,
                                              struct kc_wire *wire)
{
    struct json_converter *converter = (struct json_converter *)base;
    struct kc_buf *out = &converter->out;
    (void)name;
    *wire = (struct kc_wire){ NULL, 0 };
    if (!schema && value.kind == KC_NULL)
        return NULL;
    kc_buf_reset(out);
    struct kc_error *err = json_encode(&converter->encoder, schema, value, out);
    if (!err && out->failed)
        err = kc_fail(KC_BAD_DATA, "the record is longer than %d bytes as JSON", LARGEST_MESSAGE);
    if (err) {
        kc_buf_clear(out);
        return err;
    }
    wire->data = kc_arena_copy(arena, out->data, out->len);
    wire->len = out->len;
    if (out->size > KEPT_BUFFER)
        kc_buf_clear(out);
    return NULL;
}

static struct kc_error *json_converter_decode(struct kc_converter *base, const char *name,
                                              struct kc_wire wire, struct kc_arena *arena,
                                              const struct kc_schema **schema,
                                              struct kc_value *value)
{
    struct json_converter *converter = (struct json_converter *)base;
    (void)name;
    *schema = NULL;
    *value = kc_null();
    if (!wire.data)
        return NULL;
    return json_decode(&converter->decoder, (struct kc_text){ wire.data, wire.len }, arena, schema,
                       value);
}

static void json_close(struct kc_converter *base)
{
    struct json_converter *converter = (struct json_converter *)base;
    json_encoder_clear(&converter->encoder);
    json_decoder_clear(&converter->decoder);
    kc_buf_clear(&converter->out);
}

static const char *const json_classes[] = { "org.apache.kafka.connect.json.JsonConverter", NULL };

static const struct kc_converter_ops json_ops = {
    .size = sizeof(struct json_converter),
    .for_records = true,
    .for_headers = true,
    .open = json_open,
    .encode = json_converter_encode,
    .decode = json_converter_decode,
    .close = json_close,
};

extern const struct kc_plugin kc_plugin_json_converter;
const struct kc_plugin kc_plugin_json_converter = {
    .abi = KC_ABI,
    .kind = KC_CONVERTER,
    .name = "json",
    .version = "4.1.0",
    .about = "JSON with or without schemas.",
    .java_classes = json_classes,
    .config_size = sizeof(struct json_config),
    .options = json_options,
    .converter = &json_ops,
};
