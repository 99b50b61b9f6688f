/* Settings files: any bytes give settings or an error, and what was read can be written so that
 * it reads back as the same. */
#include "config/props.h"
#include "tests/fuzz/fuzz.h"

/* Escaped so that no character means anything. */
static void put_escaped(struct kc_buf *buf, const char *text)
{
    for (; *text; text++) {
        if (*text == '\n')
            kc_buf_str(buf, "\\n");
        else if (*text == '\r')
            kc_buf_str(buf, "\\r");
        else if (strchr(" \t\f=:#!\\", *text))
            kc_buf_printf(buf, *text == '\t' ? "\\t" : *text == '\f' ? "\\f" : "\\%c", *text);
        else
            kc_buf_char(buf, *text);
    }
}

static void write_and_read(const struct kc_props *props)
{
    KC_AUTO_BUF text = { 0 };
    struct kc_props again = { 0 };
    struct kc_map_entry *at = NULL;
    const char *name, *value;
    while (kc_props_next(props, &at, &name, &value)) {
        put_escaped(&text, name);
        kc_buf_char(&text, '=');
        put_escaped(&text, value);
        kc_buf_char(&text, '\n');
    }
    struct kc_error *err = kc_props_parse((struct kc_text){ text.data, text.len }, &again);
    FUZZ_MUST(!err);
    FUZZ_MUST(kc_props_equal(props, &again));
    kc_props_clear(&again);
}

static void read_json(struct kc_text text)
{
    struct kc_json *json;
    struct kc_props props = { 0 };
    struct kc_error *err = kc_json_parse(text, &json);
    if (!err)
        err = kc_props_from_json(json, &props);
    kc_error_free(err);
    kc_json_free(json);
    kc_props_clear(&props);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct kc_text text = fuzz_text(data, size);
    struct kc_props props = { 0 };
    struct kc_error *err = kc_props_parse(text, &props);
    if (!err)
        write_and_read(&props);
    kc_error_free(err);
    kc_props_clear(&props);
    read_json(text);
    return 0;
}
