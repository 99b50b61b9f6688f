#include "base/json.h"

#include <jansson.h>
#include <math.h>

enum { DEEPEST = 100 };

static json_t *in(const struct kc_json *json)
{
    return (json_t *)json;
}

static struct kc_json *out(json_t *json)
{
    return (struct kc_json *)json;
}

/* How deep brackets nest; strings are passed over. */
static size_t depth_of(struct kc_text text)
{
    size_t depth = 0, deepest = 0;
    bool quoted = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (quoted && c == '\\') {
            i++;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (!quoted && (c == '{' || c == '[')) {
            if (++depth > deepest)
                deepest = depth;
        } else if (!quoted && (c == '}' || c == ']') && depth) {
            depth--;
        }
    }
    return deepest;
}

struct kc_error *kc_json_parse(struct kc_text text, struct kc_json **json)
{
    json_error_t error;
    *json = NULL;
    if (depth_of(text) > DEEPEST)
        return kc_fail(KC_BAD_DATA, "JSON nests deeper than %d levels", DEEPEST);
    *json = out(json_loadb(text.ptr ? text.ptr : "", text.len, JSON_DECODE_ANY, &error));
    if (!*json)
        return kc_fail(KC_BAD_DATA, "not valid JSON: %s (line %d, column %d)", error.text,
                       error.line, error.column);
    return NULL;
}

void kc_json_escape(struct kc_buf *buf, struct kc_text text)
{
    static const char hex[] = "0123456789ABCDEF";
    static const char short_form[] = { ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
                                       ['\r'] = 'r' };
    size_t start = 0;
    kc_buf_char(buf, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c >= ' ' && c != '"' && c != '\\')
            continue;
        kc_buf_put(buf, text.ptr + start, i - start);
        start = i + 1;
        char escape[] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };
        size_t len = 2;
        if (c >= ' ')
            escape[1] = (char)c;
        else if (c < sizeof(short_form) && short_form[c])
            escape[1] = short_form[c];
        else
            len = sizeof(escape);
        kc_buf_put(buf, escape, len);
    }
    kc_buf_put(buf, text.ptr + start, text.len - start);
    kc_buf_char(buf, '"');
}

static void write_object(const struct kc_json *json, struct kc_buf *buf)
{
    void *at = NULL;
    const char *name;
    struct kc_json *value;
    const char *comma = "";
    kc_buf_char(buf, '{');
    while (kc_json_next(json, &at, &name, &value)) {
        kc_buf_str(buf, comma);
        kc_json_escape(buf, kc_text(name));
        kc_buf_char(buf, ':');
        kc_json_write(value, buf);
        comma = ",";
    }
    kc_buf_char(buf, '}');
}

static void write_array(const struct kc_json *json, struct kc_buf *buf)
{
    kc_buf_char(buf, '[');
    for (size_t i = 0; i < kc_json_count(json); i++) {
        if (i)
            kc_buf_char(buf, ',');
        kc_json_write(kc_json_at(json, i), buf);
    }
    kc_buf_char(buf, ']');
}

void kc_json_write(const struct kc_json *json, struct kc_buf *buf)
{
    switch (kc_json_type(json)) {
    case KC_JSON_NULL:
        kc_buf_str(buf, "null");
        break;
    case KC_JSON_BOOL:
        kc_buf_str(buf, kc_json_bool(json) ? "true" : "false");
        break;
    case KC_JSON_INT:
        kc_buf_int(buf, kc_json_int(json));
        break;
    case KC_JSON_REAL:
        kc_buf_double(buf, kc_json_real(json));
        break;
    case KC_JSON_STRING:
        kc_json_escape(buf, kc_text(kc_json_string(json)));
        break;
    case KC_JSON_ARRAY:
        write_array(json, buf);
        break;
    case KC_JSON_OBJECT:
        write_object(json, buf);
        break;
    }
}

void kc_json_free(struct kc_json *json)
{
    json_decref(in(json));
}

struct kc_json *kc_json_copy(const struct kc_json *json)
{
    return out(json_deep_copy(in(json)));
}

enum kc_json_type kc_json_type(const struct kc_json *json)
{
    static const enum kc_json_type types[] = {
        [JSON_OBJECT] = KC_JSON_OBJECT, [JSON_ARRAY] = KC_JSON_ARRAY,
        [JSON_STRING] = KC_JSON_STRING, [JSON_INTEGER] = KC_JSON_INT,
        [JSON_REAL] = KC_JSON_REAL,     [JSON_TRUE] = KC_JSON_BOOL,
        [JSON_FALSE] = KC_JSON_BOOL,    [JSON_NULL] = KC_JSON_NULL,
    };
    return json ? types[json_typeof(in(json))] : KC_JSON_NULL;
}

struct kc_json *kc_json_get(const struct kc_json *object, const char *name)
{
    return out(json_object_get(in(object), name));
}

const char *kc_json_string(const struct kc_json *json)
{
    return json_string_value(in(json));
}

int64_t kc_json_int(const struct kc_json *json)
{
    return json_integer_value(in(json));
}

bool kc_json_bool(const struct kc_json *json)
{
    return json_is_true(in(json));
}

double kc_json_real(const struct kc_json *json)
{
    return json_number_value(in(json));
}

size_t kc_json_count(const struct kc_json *json)
{
    return json_is_array(in(json)) ? json_array_size(in(json)) : json_object_size(in(json));
}

struct kc_json *kc_json_at(const struct kc_json *array, size_t index)
{
    return out(json_array_get(in(array), index));
}

bool kc_json_next(const struct kc_json *object, void **at, const char **name,
                  struct kc_json **value)
{
    *at = *at ? json_object_iter_next(in(object), *at) : json_object_iter(in(object));
    if (!*at)
        return false;
    *name = json_object_iter_key(*at);
    *value = out(json_object_iter_value(*at));
    return true;
}

/* Of text that is not UTF-8. */
static json_t *clean_string(struct kc_text text)
{
    KC_AUTO_BUF buf = { 0 };
    kc_buf_utf8(&buf, text);
    return json_stringn(buf.data ? buf.data : "", buf.len);
}

struct kc_json *kc_json_new_object(void)
{
    return out(json_object());
}

struct kc_json *kc_json_new_array(void)
{
    return out(json_array());
}

struct kc_json *kc_json_new_text(struct kc_text text)
{
    json_t *json = json_stringn(text.ptr ? text.ptr : "", text.len);
    return out(json ? json : clean_string(text));
}

struct kc_json *kc_json_new_string(const char *text)
{
    return text ? kc_json_new_text(kc_text(text)) : kc_json_new_null();
}

struct kc_json *kc_json_new_int(int64_t number)
{
    return out(json_integer(number));
}

struct kc_json *kc_json_new_null(void)
{
    return out(json_null());
}

void kc_json_put(struct kc_json *object, const char *name, struct kc_json *value)
{
    if (json_object_set_new(in(object), name, in(value)) == 0)
        return;
    /* A name that is not UTF-8; set_new has taken the value with it. */
    json_t *clean = clean_string(kc_text(name));
    json_object_set_new(in(object), json_string_value(clean), json_null());
    json_decref(clean);
}

void kc_json_put_string(struct kc_json *object, const char *name, const char *text)
{
    kc_json_put(object, name, kc_json_new_string(text));
}

void kc_json_put_int(struct kc_json *object, const char *name, int64_t number)
{
    kc_json_put(object, name, kc_json_new_int(number));
}

void kc_json_put_bool(struct kc_json *object, const char *name, bool value)
{
    kc_json_put(object, name, out(json_boolean(value)));
}

void kc_json_add(struct kc_json *array, struct kc_json *value)
{
    json_array_append_new(in(array), in(value));
}
