#include "plugin/signal.h"

#include "base/json.h"

/* A text, or a number or boolean as one; NULL for what is neither. */
static const char *text_of(const struct kc_json *json, struct kc_arena *arena)
{
    KC_AUTO_BUF buf = KC_BUF(0);
    enum kc_json_type type = kc_json_type(json);

    if (type == KC_JSON_NULL || type == KC_JSON_ARRAY || type == KC_JSON_OBJECT)
        return NULL;
    if (type == KC_JSON_STRING)
        kc_buf_str(&buf, kc_json_string(json));
    else
        kc_json_write(json, &buf);
    return kc_arena_text(arena, buf.data ? buf.data : "", buf.len);
}

static struct kc_error *read_members(const struct kc_json *json, struct kc_arena *arena,
                                     struct kc_source_signal *signal)
{
    const struct kc_json *data = kc_json_get(json, "data");

    if (kc_json_type(json) != KC_JSON_OBJECT)
        return kc_fail(KC_BAD_DATA, "a signal is an object with id, type and data");
    *signal = (struct kc_source_signal){
        .id = text_of(kc_json_get(json, "id"), arena),
        .type = text_of(kc_json_get(json, "type"), arena),
    };
    if (!signal->id)
        signal->id = "";
    if (!signal->type)
        return kc_fail(KC_BAD_DATA, "a signal needs a type, a text");
    if (kc_json_type(data) == KC_JSON_NULL)
        return NULL;
    if (kc_json_type(data) == KC_JSON_STRING) {
        signal->data = text_of(data, arena);
        return NULL;
    }
    if (kc_json_type(data) != KC_JSON_OBJECT)
        return kc_fail(KC_BAD_DATA, "the data of a signal is an object");
    KC_AUTO_BUF buf = KC_BUF(0);
    kc_json_write(data, &buf);
    signal->data = kc_arena_text(arena, buf.data, buf.len);
    return NULL;
}

struct kc_error *kc_source_signal_read(struct kc_text json, struct kc_arena *arena,
                                       struct kc_source_signal *signal)
{
    struct kc_json *parsed;
    struct kc_error *err = kc_json_parse(json, &parsed);

    if (!err) {
        err = read_members(parsed, arena, signal);
        kc_json_free(parsed);
    }
    return err ? kc_while(err, "reading a signal") : NULL;
}
