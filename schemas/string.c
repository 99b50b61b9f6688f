/* StringConverter: what Java's toString gives, in an encoding of choice. */
#include "data/java_text.h"
#include "plugin/converter.h"
#include "schemas/charset.h"

struct string_config {
    char *type;
    char *encoding;
};

#define OPTIONS_OF struct string_config
static const struct kc_option string_options[] = {
    OPT_STRING("converter.type", type, .required = true, .importance = KC_LOW,
               .doc = "What is converted: key, value or header. The runtime sets it."),
    OPT_STRING("converter.encoding", encoding, .def = "UTF-8", .importance = KC_HIGH,
               .width = KC_WIDTH_MEDIUM, .display = "Encoding",
               .doc =
                   "The encoding of the bytes, by the name Java or the C library gives it: UTF-8, "
                   "ISO-8859-1, UTF-16, windows-1252 ..."),
    OPT_END
};

struct string_converter {
    struct kc_converter base;
    struct charset *charset;
};

static struct kc_error *string_open(struct kc_converter *base)
{
    struct string_converter *converter = (struct string_converter *)base;
    const struct string_config *config = base->config;
    converter->charset = charset_new(config->encoding);
    if (!converter->charset)
        return kc_fail_as(KC_BAD_CONFIG, "org.apache.kafka.common.errors.SerializationException",
                          "Unsupported encoding %s", config->encoding);
    return NULL;
}

static struct kc_error *string_encode(struct kc_converter *base, const char *name,
                                      const struct kc_schema *schema, struct kc_value value,
                                      struct kc_arena *arena, struct kc_wire *wire)
{
    struct string_converter *converter = (struct string_converter *)base;
    KC_AUTO_BUF printed = KC_BUF(0);
    (void)name;
    (void)schema;
    *wire = (struct kc_wire){ NULL, 0 };
    if (value.kind == KC_NULL)
        return NULL;
    struct kc_text text = kc_value_text(value);
    if (value.kind != KC_STRING) {
        kc_java_text(value, &printed);
        if (printed.failed)
            return kc_fail(KC_BAD_DATA, "the value is longer than 1 GiB as text");
        text = (struct kc_text){ kc_arena_text(arena, printed.data, printed.len), printed.len };
    }
    text = charset_encode(converter->charset, text, arena);
    *wire = (struct kc_wire){ text.len ? text.ptr : "", text.len };
    return NULL;
}

static struct kc_error *string_decode(struct kc_converter *base, const char *name,
                                      struct kc_wire wire, struct kc_arena *arena,
                                      const struct kc_schema **schema, struct kc_value *value)
{
    struct string_converter *converter = (struct string_converter *)base;
    (void)name;
    *schema = kc_schema_of(KC_STRING, true);
    *value = kc_null();
    if (!wire.data)
        return NULL;
    struct kc_text text =
        charset_decode(converter->charset, (struct kc_text){ wire.data, wire.len }, arena);
    *value = kc_string(text.ptr, text.len);
    return NULL;
}

static void string_close(struct kc_converter *base)
{
    struct string_converter *converter = (struct string_converter *)base;
    charset_free(converter->charset);
    converter->charset = NULL;
}

static const char *const string_classes[] = { "org.apache.kafka.connect.storage.StringConverter",
                                              NULL };

static const struct kc_converter_ops string_ops = {
    .size = sizeof(struct string_converter),
    .for_records = true,
    .for_headers = true,
    .open = string_open,
    .encode = string_encode,
    .decode = string_decode,
    .close = string_close,
};

extern const struct kc_plugin kc_plugin_string_converter;
const struct kc_plugin kc_plugin_string_converter = {
    .abi = KC_ABI,
    .kind = KC_CONVERTER,
    .name = "string",
    .version = "4.1.0",
    .about = "Values as text.",
    .java_classes = string_classes,
    .config_size = sizeof(struct string_config),
    .options = string_options,
    .converter = &string_ops,
};
