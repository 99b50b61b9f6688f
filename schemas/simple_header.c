/* SimpleHeaderConverter: headers as text from which the type can be told again. */
#include "data/literal.h"
#include "plugin/converter.h"
#include "schemas/charset.h"

/* It has no settings. */
struct simple_header_config {
    char unused;
};

static const struct kc_option simple_header_options[] = { OPT_END };

static struct kc_error *simple_header_encode(struct kc_converter *converter, const char *name,
                                             const struct kc_schema *schema, struct kc_value value,
                                             struct kc_arena *arena, struct kc_wire *wire)
{
    KC_AUTO_BUF written = KC_BUF(0);
    (void)converter;
    (void)schema;
    *wire = (struct kc_wire){ NULL, 0 };
    if (value.kind == KC_NULL)
        return NULL;
    kc_literal_write(value, &written);
    if (written.failed)
        return kc_fail(KC_BAD_DATA, "header %s is longer than 1 GiB as text", name);
    struct kc_text text = { kc_arena_text(arena, written.data ? written.data : "", written.len),
                            written.len };
    text = charset_encode_utf8(text, arena);
    *wire = (struct kc_wire){ text.ptr, text.len };
    return NULL;
}

/* What is nested too deeply for us stays bytes, as with the original when its stack is used up. */
static struct kc_error *simple_header_decode(struct kc_converter *converter, const char *name,
                                             struct kc_wire wire, struct kc_arena *arena,
                                             const struct kc_schema **schema,
                                             struct kc_value *value)
{
    (void)converter;
    (void)name;
    *schema = NULL;
    *value = kc_null();
    if (!wire.data)
        return NULL;
    struct kc_text text = charset_decode_utf8((struct kc_text){ wire.data, wire.len }, arena);
    if (!kc_literal_read(text, arena, schema, value)) {
        *schema = kc_schema_of(KC_BYTES, false);
        *value = kc_bytes(wire.data, wire.len);
    }
    return NULL;
}

static const char *const simple_header_classes[] = {
    "org.apache.kafka.connect.storage.SimpleHeaderConverter", NULL
};

static const struct kc_converter_ops simple_header_ops = {
    .size = sizeof(struct kc_converter),
    .for_headers = true,
    .encode = simple_header_encode,
    .decode = simple_header_decode,
};

extern const struct kc_plugin kc_plugin_simple_header_converter;
const struct kc_plugin kc_plugin_simple_header_converter = {
    .abi = KC_ABI,
    .kind = KC_CONVERTER,
    .name = "simple-header",
    .version = "4.1.0",
    .about = "Headers as text from which the type can be told again.",
    .java_classes = simple_header_classes,
    .config_size = sizeof(struct simple_header_config),
    .options = simple_header_options,
    .converter = &simple_header_ops,
};
