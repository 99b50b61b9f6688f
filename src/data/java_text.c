#include "data/java_text.h"

#include "data/java_date.h"
#include "data/schema.h"

static void put_array(struct kc_value array, struct kc_buf *buf)
{
    kc_buf_char(buf, '[');
    for (uint32_t i = 0; i < array.len; i++) {
        kc_buf_str(buf, i ? ", " : "");
        kc_java_text(array.u.items[i], buf);
    }
    kc_buf_char(buf, ']');
}

static void put_map(struct kc_value map, struct kc_buf *buf)
{
    kc_buf_char(buf, '{');
    for (uint32_t i = 0; i < map.len; i++) {
        kc_buf_str(buf, i ? ", " : "");
        kc_java_text(map.u.entries[i].key, buf);
        kc_buf_char(buf, '=');
        kc_java_text(map.u.entries[i].value, buf);
    }
    kc_buf_char(buf, '}');
}

static void put_struct(const struct kc_struct *value, struct kc_buf *buf)
{
    const char *comma = "";
    kc_buf_str(buf, "Struct{");
    for (uint32_t i = 0; i < value->schema->n_fields; i++) {
        if (value->field[i].kind == KC_NULL)
            continue;
        kc_buf_str(buf, comma);
        kc_buf_put(buf, value->schema->fields[i].name, value->schema->fields[i].name_len);
        kc_buf_char(buf, '=');
        kc_java_text(value->field[i], buf);
        comma = ",";
    }
    kc_buf_char(buf, '}');
}

void kc_java_text(struct kc_value value, struct kc_buf *buf)
{
    switch ((enum kc_kind)value.kind) {
    case KC_NULL:
        kc_buf_str(buf, "null");
        break;
    case KC_INT8:
    case KC_INT16:
    case KC_INT32:
    case KC_INT64:
        kc_buf_int(buf, value.u.i);
        break;
    case KC_FLOAT32:
        kc_float_text(value.u.f32, buf);
        break;
    case KC_FLOAT64:
        kc_double_text(value.u.f64, buf);
        break;
    case KC_BOOLEAN:
        kc_buf_str(buf, value.u.i ? "true" : "false");
        break;
    case KC_STRING:
        kc_buf_text(buf, kc_value_text(value));
        break;
    case KC_BYTES:
        kc_buf_base64(buf, value.u.bytes, value.len);
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
    case KC_DECIMAL:
        kc_decimal_text(value, buf);
        break;
    case KC_INSTANT:
        kc_date_write(value.u.i, KC_DATE_STRING, buf);
        break;
    }
}
