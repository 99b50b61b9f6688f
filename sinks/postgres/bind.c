#include "sinks/postgres/bind.h"

#include <math.h>

#include "base/clock.h"
#include "data/plain_json.h"
#include "sinks/postgres/text.h"

/* Types by the numbers that every PostgreSQL has (pg_type.dat). */
enum {
    PG_BOOL = 16,
    PG_BYTEA = 17,
    PG_INT8 = 20,
    PG_INT2 = 21,
    PG_INT4 = 23,
    PG_TEXT = 25,
    PG_JSON = 114,
    PG_FLOAT4 = 700,
    PG_FLOAT8 = 701,
    PG_MONEY = 790,
    PG_BPCHAR = 1042,
    PG_VARCHAR = 1043,
    PG_DATE = 1082,
    PG_TIME = 1083,
    PG_TIMESTAMP = 1114,
    PG_TIMESTAMPTZ = 1184,
    PG_TIMETZ = 1266,
    PG_NUMERIC = 1700,
    PG_UUID = 2950,
    PG_JSONB = 3802,
};

#define EPOCH_DAYS 10957 /* from 1970 to 2000, where PostgreSQL counts from */
#define DAY_US     INT64_C(86400000000)
#define EPOCH_US   (EPOCH_DAYS * DAY_US)

/* ---- the elements, by target ---- */

static bool bind_integer(struct kc_value value, int64_t min, int64_t max, int64_t *number)
{
    if (value.kind == KC_STRING)
        return false;
    if (value.kind == KC_FLOAT64 || value.kind == KC_FLOAT32) {
        double real = value.kind == KC_FLOAT64 ? value.u.f64 : (double)value.u.f32;
        if (!(real >= -9.2e18 && real <= 9.2e18) || real != floor(real))
            return false;
        *number = (int64_t)real;
    } else {
        *number = value.u.i;
    }
    return *number >= min && *number <= max;
}

static bool bind_int2(const struct jdbc_column *column, struct kc_value value, struct kc_buf *buf)
{
    int64_t number;

    (void)column;
    if (!bind_integer(value, INT16_MIN, INT16_MAX, &number))
        return false;
    kc_buf_be16(buf, (uint16_t)number);
    return true;
}

static bool bind_int4(const struct jdbc_column *column, struct kc_value value, struct kc_buf *buf)
{
    int64_t number;

    (void)column;
    if (!bind_integer(value, INT32_MIN, INT32_MAX, &number))
        return false;
    kc_buf_be32(buf, (uint32_t)number);
    return true;
}

static bool bind_int8(const struct jdbc_column *column, struct kc_value value, struct kc_buf *buf)
{
    int64_t number;

    (void)column;
    if (!bind_integer(value, INT64_MIN, INT64_MAX, &number))
        return false;
    kc_buf_be64(buf, (uint64_t)number);
    return true;
}

static double bind_real(struct kc_value value)
{
    return value.kind == KC_FLOAT64   ? value.u.f64
           : value.kind == KC_FLOAT32 ? (double)value.u.f32
           : value.kind == KC_DECIMAL ? kc_decimal_double(value)
                                      : (double)value.u.i;
}

static bool bind_float4(const struct jdbc_column *column, struct kc_value value, struct kc_buf *buf)
{
    double real = bind_real(value);
    float narrow = (float)real;
    uint32_t bits;

    (void)column;
    if (isinf(narrow) && !isinf(real))
        return false;
    memcpy(&bits, &narrow, sizeof(bits));
    kc_buf_be32(buf, bits);
    return true;
}

static bool bind_float8(const struct jdbc_column *column, struct kc_value value, struct kc_buf *buf)
{
    double real = bind_real(value);
    uint64_t bits;

    (void)column;
    memcpy(&bits, &real, sizeof(bits));
    kc_buf_be64(buf, bits);
    return true;
}

static bool bind_bool(const struct jdbc_column *column, struct kc_value value, struct kc_buf *buf)
{
    (void)column;
    kc_buf_char(buf, (char)(value.u.i != 0));
    return true;
}

static bool bind_raw(const struct jdbc_column *column, struct kc_value value, struct kc_buf *buf)
{
    (void)column;
    kc_buf_put(buf, value.u.bytes, value.len);
    return true;
}

static bool bind_string(const struct jdbc_column *column, struct kc_value value, struct kc_buf *buf)
{
    /* PostgreSQL's text holds no NUL. */
    return !(value.len && memchr(value.u.text, '\0', value.len)) && bind_raw(column, value, buf);
}

static bool bind_text(const struct jdbc_column *column, struct kc_value value, struct kc_buf *buf)
{
    return pg_text(column->schema, column->type, value, buf);
}

static bool bind_json(const struct jdbc_column *column, struct kc_value value, struct kc_buf *buf)
{
    if (value.kind == KC_STRING)
        return bind_string(column, value, buf);
    kc_plain_json_write(value, buf);
    return true;
}

static bool bind_jsonb(const struct jdbc_column *column, struct kc_value value, struct kc_buf *buf)
{
    kc_buf_char(buf, 1); /* the version of the form */
    return bind_json(column, value, buf);
}

static bool bind_uuid(const struct jdbc_column *column, struct kc_value value, struct kc_buf *buf)
{
    uint8_t out[16];
    size_t digits = 0;

    (void)column;
    for (uint32_t i = 0; i < value.len; i++) {
        char c = value.u.text[i];
        int digit = c >= '0' && c <= '9'                     ? c - '0'
                    : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
                                                             : -1;
        if (digit < 0 && c == '-' && digits % 4 == 0 && digits)
            continue;
        if (digit < 0 || digits == 32)
            return false;
        out[digits / 2] = (uint8_t)(digits % 2 ? out[digits / 2] | digit : digit << 4);
        digits++;
    }
    if (digits != 32)
        return false;
    kc_buf_put(buf, out, sizeof(out));
    return true;
}

static bool bind_date(const struct jdbc_column *column, struct kc_value value, struct kc_buf *buf)
{
    int infinite =
        value.u.i >= 2000000000 || value.u.i <= -600000000 ? pg_infinite(column->type, value) : 0;
    int64_t days = semantic_days(value) - EPOCH_DAYS;

    if (infinite)
        days = infinite > 0 ? INT32_MAX : INT32_MIN;
    else if (days <= INT32_MIN || days >= INT32_MAX)
        return false;
    kc_buf_be32(buf, (uint32_t)days);
    return true;
}

static bool bind_time(const struct jdbc_column *column, struct kc_value value, struct kc_buf *buf)
{
    int64_t micros;

    if (!semantic_micros(column->type, value, &micros) || micros < 0 || micros > DAY_US)
        return false;
    kc_buf_be64(buf, (uint64_t)micros);
    return true;
}

static bool bind_timestamp(const struct jdbc_column *column, struct kc_value value,
                           struct kc_buf *buf)
{
    bool far = value.u.i > INT64_MAX / 2 || value.u.i < INT64_MIN / 2;
    int infinite = far ? pg_infinite(column->type, value) : 0;
    int64_t micros = 0;

    if (infinite)
        micros = infinite > 0 ? INT64_MAX : INT64_MIN;
    else if (value.kind == KC_STRING || !semantic_micros(column->type, value, &micros) ||
             __builtin_sub_overflow(micros, EPOCH_US, &micros))
        return false;
    kc_buf_be64(buf, (uint64_t)micros);
    return true;
}

/* A number of `digits` digits at *at. */
static bool bind_digits(const char **at, const char *end, int digits, int64_t *number)
{
    *number = 0;
    for (; digits; digits--, (*at)++) {
        if (*at >= end || **at < '0' || **at > '9')
            return false;
        *number = *number * 10 + (**at - '0');
    }
    return true;
}

static bool bind_offset(const char **at, const char *end, int64_t *seconds)
{
    int64_t hours, minutes = 0, more = 0;
    char sign;

    *seconds = 0;
    if (*at < end && (**at == 'Z' || **at == 'z')) {
        (*at)++;
        return true;
    }
    if (*at >= end || (**at != '+' && **at != '-'))
        return false;
    sign = *(*at)++;
    if (!bind_digits(at, end, 2, &hours))
        return false;
    if (*at < end && **at == ':' && ((*at)++, !bind_digits(at, end, 2, &minutes)))
        return false;
    if (*at < end && **at == ':' && ((*at)++, !bind_digits(at, end, 2, &more)))
        return false;
    *seconds = (hours * 60 + minutes) * 60 + more;
    if (sign == '-')
        *seconds = -*seconds;
    return true;
}

/* ISO 8601 as Java's formatter writes it: [+-]YYYY-MM-DDTHH:MM:SS[.fraction](Z|+HH:MM). */
static bool bind_iso(const char *at, const char *end, int64_t *micros)
{
    int64_t year = 0, month, day, hour, minute, second = 0, offset, fraction = 0, scale = 1000000;
    char sign = 0;
    int digits = 0;

    if (at < end && (*at == '+' || *at == '-'))
        sign = *at++;
    for (; at < end && *at >= '0' && *at <= '9' && digits < 9; digits++)
        year = year * 10 + (*at++ - '0');
    if (digits < 4 || at >= end || *at++ != '-' || !bind_digits(&at, end, 2, &month) || at >= end ||
        *at++ != '-' || !bind_digits(&at, end, 2, &day) || at >= end ||
        (*at != 'T' && *at != 't' && *at != ' ') || !bind_digits((at++, &at), end, 2, &hour) ||
        at >= end || *at++ != ':' || !bind_digits(&at, end, 2, &minute))
        return false;
    if (at < end && *at == ':' && (at++, !bind_digits(&at, end, 2, &second)))
        return false;
    if (at < end && (*at == '.' || *at == ','))
        for (at++; at < end && *at >= '0' && *at <= '9'; at++)
            if (scale > 1) {
                scale /= 10;
                fraction += (*at - '0') * scale;
            }
    if (!bind_offset(&at, end, &offset) || at != end || month < 1 || month > 12 || day < 1 ||
        day > 31 || hour > 24 || minute > 59 || second > 60)
        return false;
    int64_t days = kc_days_from_date(sign == '-' ? -year : year, (unsigned)month, (unsigned)day);
    return !__builtin_mul_overflow(days * 86400 + hour * 3600 + minute * 60 + second - offset,
                                   INT64_C(1000000), micros) &&
           !__builtin_add_overflow(*micros, fraction, micros);
}

static bool bind_zoned(const struct jdbc_column *column, struct kc_value value, struct kc_buf *buf)
{
    struct kc_text text = kc_value_text(value);
    int64_t micros;

    (void)column;
    if (kc_text_is(text, "infinity"))
        micros = INT64_MAX;
    else if (kc_text_is(text, "-infinity"))
        micros = INT64_MIN;
    else if (!bind_iso(text.ptr, text.ptr + text.len, &micros) ||
             __builtin_sub_overflow(micros, EPOCH_US, &micros))
        return false;
    kc_buf_be64(buf, (uint64_t)micros);
    return true;
}

/* ---- which way from where to where ---- */

#define SEM_BIT(semantic) (UINT64_C(1) << (semantic))
#define WHOLE_NUMBERS                                                                              \
    (SEM_BIT(SEM_INT8) | SEM_BIT(SEM_INT16) | SEM_BIT(SEM_INT32) | SEM_BIT(SEM_INT64) |            \
     SEM_BIT(SEM_YEAR))
#define REALS (SEM_BIT(SEM_FLOAT32) | SEM_BIT(SEM_FLOAT64))
/* What is a STRING. */
#define TEXTS                                                                                      \
    (SEM_BIT(SEM_STRING) | SEM_BIT(SEM_ZONED_TIMESTAMP) | SEM_BIT(SEM_ZONED_TIME) |                \
     SEM_BIT(SEM_ISO) | SEM_BIT(SEM_INTERVAL) | SEM_BIT(SEM_UUID) | SEM_BIT(SEM_JSON) |            \
     SEM_BIT(SEM_XML) | SEM_BIT(SEM_LTREE) | SEM_BIT(SEM_TSVECTOR) | SEM_BIT(SEM_ENUM) |           \
     SEM_BIT(SEM_ENUM_SET))
/* Numbers that mean a time: they go into columns of whole numbers as they are. */
#define CLOCKS                                                                                     \
    (SEM_BIT(SEM_DATE) | SEM_BIT(SEM_TIME) | SEM_BIT(SEM_TIMESTAMP) | SEM_BIT(SEM_INSTANT) |       \
     SEM_BIT(SEM_DURATION))
#define NESTED (SEM_BIT(SEM_NONE) | SEM_BIT(SEM_MAP) | SEM_BIT(SEM_ARRAY))

/* The parameter: type of its elements, its own, and that one's name. */
#define AS_INT2        PG_INT2, 1005, "int2[]"
#define AS_INT4        PG_INT4, 1007, "int4[]"
#define AS_INT8        PG_INT8, 1016, "int8[]"
#define AS_FLOAT4      PG_FLOAT4, 1021, "float4[]"
#define AS_FLOAT8      PG_FLOAT8, 1022, "float8[]"
#define AS_BOOL        PG_BOOL, 1000, "bool[]"
#define AS_TEXT        PG_TEXT, 1009, "text[]"
#define AS_BYTEA       PG_BYTEA, 1001, "bytea[]"
#define AS_DATE        PG_DATE, 1182, "date[]"
#define AS_TIME        PG_TIME, 1183, "time[]"
#define AS_TIMESTAMP   PG_TIMESTAMP, 1115, "timestamp[]"
#define AS_TIMESTAMPTZ PG_TIMESTAMPTZ, 1185, "timestamptz[]"
#define AS_UUID        PG_UUID, 2951, "uuid[]"
#define AS_JSON        PG_JSON, 199, "json[]"
#define AS_JSONB       PG_JSONB, 3807, "jsonb[]"

/* The first row whose target and source match counts. `cast`: the element first becomes that type,
 * from which the column is assigned. */
static const struct bind_row {
    uint32_t target;
    uint64_t sources;
    bool (*put)(const struct jdbc_column *column, struct kc_value value, struct kc_buf *buf);
    uint32_t element, array;
    const char *array_name, *cast;
} bind_rows[] = {
    { PG_INT2, WHOLE_NUMBERS | REALS | CLOCKS, bind_int2, AS_INT2, NULL },
    { PG_INT4, WHOLE_NUMBERS | REALS | CLOCKS, bind_int4, AS_INT4, NULL },
    { PG_INT8, WHOLE_NUMBERS | REALS | CLOCKS, bind_int8, AS_INT8, NULL },
    { PG_FLOAT4, REALS | WHOLE_NUMBERS, bind_float4, AS_FLOAT4, NULL },
    { PG_FLOAT8, REALS | WHOLE_NUMBERS, bind_float8, AS_FLOAT8, NULL },
    { PG_BOOL, SEM_BIT(SEM_BOOLEAN), bind_bool, AS_BOOL, NULL },
    { PG_TEXT, TEXTS, bind_string, AS_TEXT, NULL },
    { PG_VARCHAR, TEXTS, bind_string, AS_TEXT, NULL },
    { PG_BPCHAR, TEXTS, bind_string, AS_TEXT, NULL },
    { PG_BYTEA, SEM_BIT(SEM_BYTES) | SEM_BIT(SEM_BITS), bind_raw, AS_BYTEA, NULL },
    { PG_DATE, SEM_BIT(SEM_DATE), bind_date, AS_DATE, NULL },
    { PG_TIME, SEM_BIT(SEM_TIME), bind_time, AS_TIME, NULL },
    /* The session's time zone is db.timezone, so the server turns moments into wall clock times. */
    { PG_TIMESTAMP, SEM_BIT(SEM_TIMESTAMP), bind_timestamp, AS_TIMESTAMP, NULL },
    { PG_TIMESTAMP, SEM_BIT(SEM_INSTANT), bind_timestamp, AS_TIMESTAMPTZ, NULL },
    { PG_TIMESTAMP, SEM_BIT(SEM_ZONED_TIMESTAMP), bind_zoned, AS_TIMESTAMPTZ, NULL },
    { PG_TIMESTAMPTZ, SEM_BIT(SEM_INSTANT), bind_timestamp, AS_TIMESTAMPTZ, NULL },
    { PG_TIMESTAMPTZ, SEM_BIT(SEM_TIMESTAMP), bind_timestamp, AS_TIMESTAMP, NULL },
    { PG_TIMESTAMPTZ, SEM_BIT(SEM_ZONED_TIMESTAMP), bind_zoned, AS_TIMESTAMPTZ, NULL },
    { PG_DATE, SEM_BIT(SEM_TIMESTAMP), bind_timestamp, AS_TIMESTAMP, NULL },
    { PG_DATE, SEM_BIT(SEM_INSTANT), bind_timestamp, AS_TIMESTAMPTZ, NULL },
    { PG_TIMETZ, SEM_BIT(SEM_TIME), bind_time, AS_TIME, NULL },
    { PG_UUID, TEXTS, bind_uuid, AS_UUID, NULL },
    { PG_JSON, TEXTS | NESTED, bind_json, AS_JSON, NULL },
    { PG_JSONB, TEXTS | NESTED, bind_jsonb, AS_JSONB, NULL },
    /* Text as money depends on the server's locale; numeric does not. */
    { PG_MONEY, SEM_BIT(SEM_DECIMAL) | SEM_BIT(SEM_VARIABLE_DECIMAL) | WHOLE_NUMBERS | REALS,
      bind_text, AS_TEXT, "numeric" },
};

/* Bytes are no text, and text is no bytes: a cast would write what nobody meant. */
static bool bind_castable(const struct jdbc_column *column)
{
    enum semantic from = column->type.semantic;
    uint32_t to = column->target->type_id;
    bool text = to == PG_TEXT || to == PG_VARCHAR || to == PG_BPCHAR;

    if (from == SEM_NONE || from == SEM_GEOMETRY || from == SEM_GEOGRAPHY)
        return false;
    if (from == SEM_BYTES)
        return false;
    if ((from == SEM_MAP || from == SEM_ARRAY) && text)
        return false;
    return to != PG_BYTEA;
}

struct kc_error *pg_bind_find(const struct jdbc_column *column, struct pg_bind *bind)
{
    const struct jdbc_table_column *target = column->target;

    for (size_t i = 0; i < KC_COUNT(bind_rows); i++) {
        const struct bind_row *row = &bind_rows[i];
        if (row->target != target->type_id || !(row->sources & SEM_BIT(column->type.semantic)))
            continue;
        *bind = (struct pg_bind){ row->put, row->element, row->array, row->array_name, row->cast };
        return NULL;
    }
    if (!bind_castable(column))
        return kc_fail(
            KC_BAD_DATA,
            "column \"%s\" is of type %s, which can't take the values of field '%s' (%s%s%s)",
            target->name, target->type, column->name,
            column->schema->name ? column->schema->name : "", column->schema->name ? ", " : "",
            kc_kind_name(column->schema->kind));
    *bind = (struct pg_bind){ bind_text, AS_TEXT, target->cast };
    return NULL;
}

/* ---- a whole column ---- */

static struct kc_error *bind_misfit(const struct jdbc_column *column, struct kc_value value)
{
    KC_AUTO_BUF shown = KC_BUF(4096);

    if (!pg_text(column->schema, column->type, value, &shown) || shown.failed || shown.len > 100) {
        kc_buf_reset(&shown);
        kc_buf_str(&shown, "its value");
    }
    return kc_fail(KC_BAD_DATA, "column \"%s\": %s does not fit into type %s (field '%s', %s%s%s)",
                   column->target->name, shown.data, column->target->type, column->name,
                   column->schema->name ? column->schema->name : "",
                   column->schema->name ? ", " : "", kc_kind_name(column->schema->kind));
}

/* https://github.com/postgres/postgres/blob/REL_15_STABLE/src/backend/utils/adt/arrayfuncs.c
 * (array_recv): dimensions, has nulls, element type, length, lower bound; then each element behind
 * its length. */
struct kc_error *pg_bind_array(const struct pg_bind *bind, const struct jdbc_column *column,
                               const struct jdbc_row *rows, size_t n_rows, struct kc_buf *buf,
                               struct kc_record **culprit)
{
    bool nulls = false;

    kc_buf_reset(buf);
    kc_buf_be32(buf, 1);
    kc_buf_be32(buf, 0);
    kc_buf_be32(buf, bind->element);
    kc_buf_be32(buf, (uint32_t)n_rows);
    kc_buf_be32(buf, 1);
    for (size_t i = 0; i < n_rows; i++) {
        struct kc_value value = jdbc_row_value(&rows[i], column);
        if (value.kind == KC_NULL) {
            kc_buf_be32(buf, UINT32_MAX);
            nulls = true;
            continue;
        }
        size_t at = buf->len;
        kc_buf_be32(buf, 0);
        if (!bind->put(column, value, buf)) {
            *culprit = rows[i].record;
            return bind_misfit(column, value);
        }
        if (buf->failed) {
            *culprit = n_rows == 1 ? rows[i].record : NULL;
            return kc_fail(KC_BAD_DATA,
                           "column \"%s\": the values of %zu rows are too large for one statement",
                           column->target->name, n_rows);
        }
        uint32_t len = __builtin_bswap32((uint32_t)(buf->len - at - 4));
        memcpy(buf->data + at, &len, sizeof(len));
    }
    if (nulls)
        buf->data[7] = 1;
    return NULL;
}
