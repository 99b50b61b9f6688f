#include "sinks/postgres/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "data/plain_json.h"

#define DAY_US INT64_C(86400000000)

int pg_infinite(struct semantic_type type, struct kc_value value)
{
    static const struct {
        enum semantic semantic;
        int64_t number;
        int sign;
    } rows[] = {
        { SEM_DATE, 2146033979, 1 },
        { SEM_DATE, -2147472691, -1 }, /* streamed */
        { SEM_DATE, -622191234, 1 },
        { SEM_DATE, -625821272, -1 }, /* in a snapshot */
        { SEM_DATE, -2147472693, 1 },
        { SEM_DATE, -2147472692, -1 }, /* by older versions */
        { SEM_TIMESTAMP, INT64_MAX, 1 },
        { SEM_TIMESTAMP, INT64_MIN, -1 },
        { SEM_TIMESTAMP, INT64_C(9223372036825200000), 1 },
        { SEM_TIMESTAMP, INT64_C(-9223372036832400000), -1 },
    };
    enum semantic semantic = type.semantic == SEM_INSTANT ? SEM_TIMESTAMP : type.semantic;

    for (size_t i = 0; value.kind != KC_STRING && i < KC_COUNT(rows); i++)
        if (rows[i].semantic == semantic && rows[i].number == value.u.i)
            return rows[i].sign;
    return 0;
}

/* ---- dates and times ---- */

static void pg_text_date(int64_t days, struct kc_buf *buf, bool *before_christ)
{
    int64_t year;
    unsigned month, day;

    kc_date_from_days(days, &year, &month, &day);
    *before_christ = year <= 0;
    kc_buf_printf(buf, "%04lld-%02u-%02u", (long long)(year <= 0 ? 1 - year : year), month, day);
}

static void pg_text_clock(int64_t micros, struct kc_buf *buf)
{
    int64_t seconds = micros / 1000000, rest = micros % 1000000;

    kc_buf_printf(buf, "%02lld:%02lld:%02lld", (long long)(seconds / 3600),
                  (long long)(seconds / 60 % 60), (long long)(seconds % 60));
    if (rest)
        kc_buf_printf(buf, ".%06lld", (long long)rest);
}

static bool pg_text_temporal(struct semantic_type type, struct kc_value value, struct kc_buf *buf)
{
    int infinite = pg_infinite(type, value);
    bool before_christ = false;
    int64_t micros;

    if (value.kind == KC_STRING) {
        kc_buf_text(buf, kc_value_text(value));
        return true;
    }
    if (infinite) {
        kc_buf_str(buf, infinite > 0 ? "infinity" : "-infinity");
        return true;
    }
    if (type.semantic == SEM_DATE) {
        pg_text_date(semantic_days(value), buf, &before_christ);
    } else {
        if (!semantic_micros(type, value, &micros))
            return false;
        if (type.semantic == SEM_TIME) {
            pg_text_clock(micros, buf);
            return micros >= 0 && micros <= DAY_US;
        }
        int64_t days = micros / DAY_US - (micros % DAY_US < 0);
        pg_text_date(days, buf, &before_christ);
        kc_buf_char(buf, ' ');
        pg_text_clock(micros - days * DAY_US, buf);
        if (type.semantic == SEM_INSTANT)
            kc_buf_str(buf, "+00");
    }
    if (before_christ)
        kc_buf_str(buf, " BC");
    return true;
}

/* ---- the odd ones ---- */

static bool pg_text_variable(struct kc_value value, struct kc_buf *buf)
{
    struct kc_value scale = kc_struct_get(value, "scale"), bytes = kc_struct_get(value, "value");
    struct kc_arena arena;

    if (bytes.kind != KC_BYTES || scale.kind != KC_INT32 || bytes.len == 0)
        return false;
    kc_arena_init(&arena, 0);
    kc_decimal_plain(kc_decimal_from_bytes(&arena, bytes.u.bytes, bytes.len, (int32_t)scale.u.i),
                     buf);
    kc_arena_clear(&arena);
    return true;
}

/* Little end first, leading zeros cut: the length says how many bits there are. */
static void pg_text_bits(const struct kc_schema *schema, struct kc_value value, struct kc_buf *buf)
{
    const char *param = kc_schema_get_param(schema, "length");
    long length = param ? strtol(param, NULL, 10) : 0;
    long held = (long)value.len * 8;

    if (length <= 0 || length == INT32_MAX) {
        /* A varying one of no length: the highest bit set is as much as is known. */
        for (length = held;
             length > 1 && !(value.u.bytes[(length - 1) / 8] >> ((length - 1) % 8) & 1);)
            length--;
    }
    for (long bit = length - 1; bit >= 0; bit--)
        kc_buf_char(buf, bit < held && (value.u.bytes[bit / 8] >> (bit % 8) & 1) ? '1' : '0');
}

static bool pg_text_double(struct kc_value value, struct kc_buf *buf)
{
    if (value.kind != KC_FLOAT64)
        return false;
    kc_double_text(value.u.f64, buf);
    return true;
}

/* Struct members in a pattern: '?' stands for the next name's value. */
static bool pg_text_shape(struct kc_value value, const char *pattern, const char *const *names,
                          struct kc_buf *buf)
{
    bool fits = true;

    for (; *pattern; pattern++) {
        if (*pattern == '?')
            fits = pg_text_double(kc_struct_get(value, *names++), buf) && fits;
        else
            kc_buf_char(buf, *pattern);
    }
    return fits;
}

static bool pg_text_geometric(struct semantic_type type, struct kc_value value, struct kc_buf *buf)
{
    static const char *const point[] = { "x", "y" }, *const line[] = { "a", "b", "c" },
                             *const radius[] = { "radius" };

    if (type.semantic == SEM_POINT)
        return pg_text_shape(value, "(?,?)", point, buf);
    if (type.semantic == SEM_LINE)
        return pg_text_shape(value, "{?,?,?}", line, buf);
    kc_buf_char(buf, '<');
    return pg_text_shape(kc_struct_get(value, "center"), "(?,?)", point, buf) &&
           pg_text_shape(value, ",?>", radius, buf);
}

static void pg_text_quoted(struct kc_text text, struct kc_buf *buf)
{
    kc_buf_char(buf, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"' || text.ptr[i] == '\\')
            kc_buf_char(buf, '\\');
        kc_buf_char(buf, text.ptr[i]);
    }
    kc_buf_char(buf, '"');
}

static bool pg_text_array(const struct kc_schema *schema, struct kc_value value, struct kc_buf *buf)
{
    const struct kc_schema *element = schema->element;
    struct semantic_type type = semantic_of(element);
    KC_AUTO_BUF item = KC_BUF(0);

    if (!element)
        return value.len == 0 && (kc_buf_str(buf, "{}"), true);
    kc_buf_char(buf, '{');
    for (uint32_t i = 0; i < value.len; i++) {
        if (i)
            kc_buf_char(buf, ',');
        if (value.u.items[i].kind == KC_NULL) {
            kc_buf_str(buf, "NULL");
            continue;
        }
        kc_buf_reset(&item);
        if (!pg_text(element, type, value.u.items[i], &item))
            return false;
        if (type.semantic == SEM_ARRAY)
            kc_buf_put(buf, item.data, item.len);
        else
            pg_text_quoted((struct kc_text){ item.data ? item.data : "", item.len }, buf);
    }
    kc_buf_char(buf, '}');
    return true;
}

/* hstore's form. */
static bool pg_text_map(struct kc_value value, struct kc_buf *buf)
{
    for (uint32_t i = 0; i < value.len; i++) {
        const struct kc_entry *entry = &value.u.entries[i];
        if (entry->key.kind != KC_STRING ||
            (entry->value.kind != KC_STRING && entry->value.kind != KC_NULL))
            return false;
        kc_buf_str(buf, i ? "," : "");
        pg_text_quoted(kc_value_text(entry->key), buf);
        kc_buf_str(buf, "=>");
        if (entry->value.kind == KC_NULL)
            kc_buf_str(buf, "NULL");
        else
            pg_text_quoted(kc_value_text(entry->value), buf);
    }
    return true;
}

static void pg_text_bytes(struct kc_value value, struct kc_buf *buf)
{
    static const char digits[] = "0123456789abcdef";

    kc_buf_str(buf, "\\x");
    if (!kc_buf_room(buf, value.len * 2))
        return;
    for (uint32_t i = 0; i < value.len; i++) {
        kc_buf_char(buf, digits[value.u.bytes[i] >> 4]);
        kc_buf_char(buf, digits[value.u.bytes[i] & 15]);
    }
}

/* ---- by kind ---- */

static bool pg_text_plain(const struct kc_schema *schema, struct kc_value value, struct kc_buf *buf)
{
    switch (value.kind) {
    case KC_INT8:
    case KC_INT16:
    case KC_INT32:
    case KC_INT64:
        kc_buf_int(buf, value.u.i);
        return true;
    case KC_FLOAT32:
        kc_float_text(value.u.f32, buf);
        return true;
    case KC_FLOAT64:
        kc_double_text(value.u.f64, buf);
        return true;
    case KC_BOOLEAN:
        kc_buf_str(buf, value.u.i ? "true" : "false");
        return true;
    case KC_STRING:
        kc_buf_text(buf, kc_value_text(value));
        return true;
    case KC_BYTES:
        pg_text_bytes(value, buf);
        return true;
    case KC_DECIMAL:
        kc_decimal_plain(value, buf);
        return true;
    case KC_ARRAY:
        return pg_text_array(schema, value, buf);
    case KC_MAP:
        return pg_text_map(value, buf);
    default:
        return false;
    }
}

bool pg_text(const struct kc_schema *schema, struct semantic_type type, struct kc_value value,
             struct kc_buf *buf)
{
    switch (type.semantic) {
    case SEM_DATE:
    case SEM_TIME:
    case SEM_TIMESTAMP:
    case SEM_INSTANT:
        return pg_text_temporal(type, value, buf);
    case SEM_VARIABLE_DECIMAL:
        return pg_text_variable(value, buf);
    case SEM_BITS:
        pg_text_bits(schema, value, buf);
        return true;
    case SEM_DURATION: {
        int64_t micros;
        if (!semantic_micros(type, value, &micros))
            return false;
        kc_buf_printf(buf, "%lld microseconds", (long long)micros);
        return true;
    }
    case SEM_POINT:
    case SEM_CIRCLE:
    case SEM_LINE:
        return pg_text_geometric(type, value, buf);
    default:
        return pg_text_plain(schema, value, buf);
    }
}

void pg_text_literal(struct kc_text text, struct kc_buf *buf)
{
    bool escape = text.len && memchr(text.ptr, '\\', text.len);

    kc_buf_str(buf, escape ? "E'" : "'");
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\'' || text.ptr[i] == '\\')
            kc_buf_char(buf, text.ptr[i]);
        kc_buf_char(buf, text.ptr[i]);
    }
    kc_buf_char(buf, '\'');
}
