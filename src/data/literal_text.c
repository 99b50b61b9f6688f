/* Writing literals. */
#include "data/java_date.h"
#include "data/java_text.h"
#include "data/literal.h"
#include "data/logical.h"

static void put(struct kc_value value, bool embedded, struct kc_buf *buf);

static void put_quoted(struct kc_text text, struct kc_buf *buf)
{
    kc_buf_char(buf, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"' || text.ptr[i] == '\\')
            kc_buf_char(buf, '\\');
        kc_buf_char(buf, text.ptr[i]);
    }
    kc_buf_char(buf, '"');
}

static void put_bytes(struct kc_value value, bool embedded, struct kc_buf *buf)
{
    if (embedded)
        kc_buf_char(buf, '"');
    kc_buf_base64(buf, value.u.bytes, value.len);
    if (embedded)
        kc_buf_char(buf, '"');
}

static void put_array(struct kc_value value, struct kc_buf *buf)
{
    kc_buf_char(buf, '[');
    for (uint32_t i = 0; i < value.len; i++) {
        if (i)
            kc_buf_char(buf, ',');
        put(value.u.items[i], true, buf);
    }
    kc_buf_char(buf, ']');
}

static void put_map(struct kc_value value, struct kc_buf *buf)
{
    kc_buf_char(buf, '{');
    for (uint32_t i = 0; i < value.len; i++) {
        if (i)
            kc_buf_char(buf, ',');
        put(value.u.entries[i].key, true, buf);
        kc_buf_char(buf, ':');
        put(value.u.entries[i].value, true, buf);
    }
    kc_buf_char(buf, '}');
}

static void put_struct(const struct kc_struct *value, struct kc_buf *buf)
{
    kc_buf_char(buf, '{');
    for (uint32_t i = 0; i < value->schema->n_fields; i++) {
        const struct kc_field *field = &value->schema->fields[i];
        bool missing = value->field[i].kind == KC_NULL && field->schema->has_default;
        if (i)
            kc_buf_char(buf, ',');
        put_quoted((struct kc_text){ field->name, field->name_len }, buf);
        kc_buf_char(buf, ':');
        put(missing ? field->schema->default_value : value->field[i], true, buf);
    }
    kc_buf_char(buf, '}');
}

/* The value alone decides, so that an instant before 2 January 1970 looks like a time. */
static void put_instant(int64_t ms, struct kc_buf *buf)
{
    enum kc_date_pattern pattern = ms < KC_MS_PER_DAY        ? KC_ISO_TIME
                                   : ms % KC_MS_PER_DAY == 0 ? KC_ISO_DATE
                                                             : KC_ISO_TIMESTAMP;
    kc_date_write(ms, pattern, buf);
}

static void put(struct kc_value value, bool embedded, struct kc_buf *buf)
{
    switch ((enum kc_kind)value.kind) {
    case KC_STRING:
        if (embedded)
            put_quoted(kc_value_text(value), buf);
        else
            kc_buf_text(buf, kc_value_text(value));
        break;
    case KC_BYTES:
        put_bytes(value, embedded, buf);
        break;
    case KC_ARRAY:
        put_array(value, buf);
        break;
    case KC_MAP:
        put_map(value, buf);
        break;
    case KC_STRUCT:
        put_struct(value.u.structure, buf);
        break;
    case KC_INSTANT:
        put_instant(value.u.i, buf);
        break;
    default:
        kc_java_text(value, buf);
        break;
    }
}

void kc_literal_write(struct kc_value value, struct kc_buf *buf)
{
    put(value, false, buf);
}
