/* Dates, times and intervals in the forms of time.precision.mode. */
#include "sources/postgres/times.h"
#include "sources/postgres/types.h"

static const char out_of_range[] = "is out of the range of its semantic type";
static const char no_date[] = "is no date", no_time[] = "is no time",
                  no_timestamp[] = "is no timestamp";

static const char only_ms[] = "keeps milliseconds: what is finer is cut off";

/* What the original puts for infinity: the driver's constants for milliseconds; of dates, what
 * its reader of the change stream makes of them. */
#define INFINITY_MS         9223372036825200000LL
#define MINUS_INFINITY_MS   (-9223372036832400000LL)
#define INFINITY_DAYS       2146033979
#define MINUS_INFINITY_DAYS (-2147472691)

static struct kc_value text_value(struct kc_arena *arena, const char *text, size_t len)
{
    return kc_string(kc_arena_text(arena, text, len), len);
}

/* ---- date ---- */

static const char *read_days(struct kc_text text, int64_t *days)
{
    struct times time;
    if (!times_date(text, &time))
        return no_date;
    *days = time.special == TIMES_INFINITY         ? INFINITY_DAYS
            : time.special == TIMES_MINUS_INFINITY ? MINUS_INFINITY_DAYS
                                                   : time.days;
    return NULL;
}

static const char *read_date(const struct type_use *use, struct kc_text text,
                             struct kc_arena *arena, struct kc_value *value)
{
    (void)use, (void)arena;
    int64_t days;
    const char *problem = read_days(text, &days);
    if (!problem)
        *value = kc_integer(KC_INT32, days);
    return problem;
}

static const char *read_connect_date(const struct type_use *use, struct kc_text text,
                                     struct kc_arena *arena, struct kc_value *value)
{
    (void)use, (void)arena;
    int64_t days;
    const char *problem = read_days(text, &days);
    if (!problem)
        *value = kc_instant(days * (DAY_US / 1000));
    return problem;
}

static const char *read_iso_date(const struct type_use *use, struct kc_text text,
                                 struct kc_arena *arena, struct kc_value *value)
{
    (void)use;
    struct times time;
    if (!times_date(text, &time))
        return no_date;
    char out[TIMES_TEXT];
    size_t len;
    if (time.special != TIMES_FINITE) {
        const char *ends = time.special == TIMES_INFINITY ? "+5877611-06-21Z" : "-5877611-06-22Z";
        *value = kc_string(ends, strlen(ends));
        return NULL;
    }
    len = times_put_date(out, time.days);
    out[len++] = 'Z';
    *value = text_value(arena, out, len);
    return NULL;
}

/* The beginning of 1970 in the ISO texts. */
static struct kc_value iso_date_missing(const struct type_use *use, struct kc_arena *arena)
{
    (void)use, (void)arena;
    return kc_cstring("1970-01-01Z");
}

static struct kc_value iso_time_missing(const struct type_use *use, struct kc_arena *arena)
{
    (void)use, (void)arena;
    return kc_cstring("00:00:00Z");
}

static struct kc_value iso_timestamp_missing(const struct type_use *use, struct kc_arena *arena)
{
    (void)use, (void)arena;
    return kc_cstring("1970-01-01T00:00:00Z");
}

static struct kc_value instant_missing(const struct type_use *use, struct kc_arena *arena)
{
    (void)use, (void)arena;
    return kc_instant(0);
}

static const struct type_form form_date = {KC_INT32, "io.debezium.time.Date", .read = read_date,
                                           .zero = "1970-01-01"},
                              form_connect_date = {KC_INT32, KC_DATE_NAME,
                                                   .read = read_connect_date, .zero = "1970-01-01",
                                                   .missing = instant_missing},
                              form_iso_date = {KC_STRING, "io.debezium.time.IsoDate",
                                               .read = read_iso_date, .zero = "1970-01-01",
                                               .missing = iso_date_missing};

const struct type_form *forms_date(const struct pg_type_modes *modes, int32_t typmod)
{
    (void)typmod;
    static const struct type_form *const forms[] = {
        [TIME_ADAPTIVE] = &form_date,
        [TIME_ADAPTIVE_MICROSECONDS] = &form_date,
        [TIME_CONNECT] = &form_connect_date,
        [TIME_ISOSTRING] = &form_iso_date,
        [TIME_MICROSECONDS] = &form_date,
        [TIME_NANOSECONDS] = &form_date,
        [TIME_STRUCTURED] = &form_structured_date,
    };
    return forms[modes->time];
}

/* ---- time ---- */

static const char *read_us(const struct type_use *use, struct kc_text text, struct kc_arena *arena,
                           struct kc_value *value)
{
    (void)use, (void)arena;
    struct times time;
    if (!times_time(text, &time))
        return no_time;
    *value = kc_integer(KC_INT64, time.day_us);
    return NULL;
}

static const char *read_ms(const struct type_use *use, struct kc_text text, struct kc_arena *arena,
                           struct kc_value *value)
{
    (void)use, (void)arena;
    struct times time;
    if (!times_time(text, &time))
        return no_time;
    *value = kc_integer(KC_INT32, time.day_us / 1000);
    return NULL;
}

static const char *read_ns(const struct type_use *use, struct kc_text text, struct kc_arena *arena,
                           struct kc_value *value)
{
    (void)use, (void)arena;
    struct times time;
    if (!times_time(text, &time))
        return no_time;
    *value = kc_integer(KC_INT64, time.day_us * 1000);
    return NULL;
}

static const char *read_connect_time(const struct type_use *use, struct kc_text text,
                                     struct kc_arena *arena, struct kc_value *value)
{
    (void)use, (void)arena;
    struct times time;
    if (!times_time(text, &time))
        return no_time;
    *value = kc_instant(time.day_us / 1000);
    return NULL;
}

static const char *read_iso_time(const struct type_use *use, struct kc_text text,
                                 struct kc_arena *arena, struct kc_value *value)
{
    (void)use;
    struct times time;
    if (!times_time(text, &time))
        return no_time;
    char out[TIMES_TEXT];
    size_t len = times_put_time(out, time.day_us, -1);
    out[len++] = 'Z';
    *value = text_value(arena, out, len);
    return NULL;
}

static const struct type_form form_time_ms = {KC_INT32, "io.debezium.time.Time", .read = read_ms,
                                              .zero = "00:00:00"},
                              form_time_us = {KC_INT64, "io.debezium.time.MicroTime",
                                              .read = read_us, .zero = "00:00:00"},
                              form_time_ns = {KC_INT64, "io.debezium.time.NanoTime",
                                              .read = read_ns, .zero = "00:00:00"},
                              form_connect_time = {KC_INT32,
                                                   KC_TIME_NAME,
                                                   .read = read_connect_time,
                                                   .zero = "00:00:00",
                                                   .missing = instant_missing,
                                                   .loses = only_ms,
                                                   .whole_ms = true},
                              form_iso_time = {KC_STRING, "io.debezium.time.IsoTime",
                                               .read = read_iso_time, .zero = "00:00:00",
                                               .missing = iso_time_missing};

static bool fits_ms(int32_t typmod)
{
    return typmod >= 0 && typmod <= 3;
}

const struct type_form *forms_time(const struct pg_type_modes *modes, int32_t typmod)
{
    static const struct type_form *const forms[] = {
        [TIME_ADAPTIVE] = &form_time_us,           [TIME_ADAPTIVE_MICROSECONDS] = &form_time_us,
        [TIME_CONNECT] = &form_connect_time,       [TIME_ISOSTRING] = &form_iso_time,
        [TIME_MICROSECONDS] = &form_time_us,       [TIME_NANOSECONDS] = &form_time_ns,
        [TIME_STRUCTURED] = &form_structured_time,
    };
    return modes->time == TIME_ADAPTIVE && fits_ms(typmod) ? &form_time_ms : forms[modes->time];
}

/* ---- time with time zone ---- */

static const char *read_timetz(const struct type_use *use, struct kc_text text,
                               struct kc_arena *arena, struct kc_value *value)
{
    (void)use;
    struct times time;
    if (!times_time(text, &time))
        return no_time;
    /* Shifted to UTC; midnight at the end of the day stays what it is. */
    if (time.offset != 0) {
        time.day_us = (time.day_us - time.offset * 1000000LL) % DAY_US;
        if (time.day_us < 0)
            time.day_us += DAY_US;
    }
    char out[TIMES_TEXT];
    size_t len = times_put_time(out, time.day_us, -1);
    out[len++] = 'Z';
    *value = text_value(arena, out, len);
    return NULL;
}

static const struct type_form form_timetz = {
    KC_STRING,
    "io.debezium.time.ZonedTime",
    .read = read_timetz,
    .zero = "00:00:00+00",
    .missing = iso_time_missing,
    .loses = "is shifted to UTC, its own offset is not kept (time.precision.mode structured keeps "
             "it)"};

const struct type_form *forms_timetz(const struct pg_type_modes *modes, int32_t typmod)
{
    (void)typmod;
    return modes->time == TIME_STRUCTURED ? &form_structured_timetz : &form_timetz;
}

/* ---- timestamp ---- */

/* Microseconds since 1970. */
static const char *read_timestamp(struct kc_text text, enum times_special *special, int64_t *us)
{
    struct times time;
    if (!times_timestamp(text, &time))
        return no_timestamp;
    *special = time.special;
    *us = time.special == TIMES_INFINITY ? INT64_MAX : INT64_MIN;
    return time.special == TIMES_FINITE && !times_us(&time, us) ? out_of_range : NULL;
}

static const char *read_timestamp_ms(struct kc_text text, int64_t *ms)
{
    struct times time;
    if (!times_timestamp(text, &time))
        return no_timestamp;
    if (time.special != TIMES_FINITE) {
        *ms = time.special == TIMES_INFINITY ? INFINITY_MS : MINUS_INFINITY_MS;
        return NULL;
    }
    bool over = __builtin_mul_overflow(time.days, DAY_US / 1000, ms) ||
                __builtin_add_overflow(*ms, time.day_us / 1000, ms);
    return over ? out_of_range : NULL;
}

static const char *read_milli(const struct type_use *use, struct kc_text text,
                              struct kc_arena *arena, struct kc_value *value)
{
    (void)use, (void)arena;
    int64_t ms;
    const char *problem = read_timestamp_ms(text, &ms);
    if (!problem)
        *value = kc_integer(KC_INT64, ms);
    return problem;
}

static const char *read_micro(const struct type_use *use, struct kc_text text,
                              struct kc_arena *arena, struct kc_value *value)
{
    (void)use, (void)arena;
    enum times_special special;
    int64_t us;
    const char *problem = read_timestamp(text, &special, &us);
    if (!problem)
        *value = kc_integer(KC_INT64, us);
    return problem;
}

static const char *read_nano(const struct type_use *use, struct kc_text text,
                             struct kc_arena *arena, struct kc_value *value)
{
    (void)use, (void)arena;
    enum times_special special;
    int64_t us;
    const char *problem = read_timestamp(text, &special, &us);
    if (problem)
        return problem;
    if (special == TIMES_FINITE && __builtin_mul_overflow(us, 1000, &us))
        return out_of_range;
    *value = kc_integer(KC_INT64, us);
    return NULL;
}

static const char *read_connect_timestamp(const struct type_use *use, struct kc_text text,
                                          struct kc_arena *arena, struct kc_value *value)
{
    (void)use, (void)arena;
    int64_t ms;
    const char *problem = read_timestamp_ms(text, &ms);
    if (!problem)
        *value = kc_instant(ms);
    return problem;
}

/* "2024-02-29T12:34:56.789Z" */
static struct kc_value iso_timestamp(const struct times *time, int digits, struct kc_arena *arena)
{
    char out[2 * TIMES_TEXT];
    size_t len = times_put_date(out, time->days);
    out[len++] = 'T';
    len += times_put_time(out + len, time->day_us, digits);
    out[len++] = 'Z';
    return text_value(arena, out, len);
}

static const char *read_iso_timestamp(const struct type_use *use, struct kc_text text,
                                      struct kc_arena *arena, struct kc_value *value)
{
    (void)use;
    struct times time;
    if (!times_timestamp(text, &time))
        return no_timestamp;
    if (time.special == TIMES_FINITE) {
        *value = iso_timestamp(&time, -1, arena);
        return NULL;
    }
    const char *ends = time.special == TIMES_INFINITY ? "+292278994-08-16T23:00:00Z"
                                                      : "-292275055-05-16T23:00:00Z";
    *value = kc_string(ends, strlen(ends));
    return NULL;
}

static const struct type_form form_timestamp_ms = {KC_INT64, "io.debezium.time.Timestamp",
                                                   .read = read_milli,
                                                   .zero = "1970-01-01 00:00:00"},
                              form_timestamp_us = {KC_INT64, "io.debezium.time.MicroTimestamp",
                                                   .read = read_micro,
                                                   .zero = "1970-01-01 00:00:00"},
                              form_timestamp_ns = {KC_INT64, "io.debezium.time.NanoTimestamp",
                                                   .read = read_nano,
                                                   .zero = "1970-01-01 00:00:00"},
                              form_connect_timestamp = {KC_INT64,
                                                        KC_TIMESTAMP_NAME,
                                                        .read = read_connect_timestamp,
                                                        .zero = "1970-01-01 00:00:00",
                                                        .missing = instant_missing,
                                                        .loses = only_ms,
                                                        .whole_ms = true},
                              form_iso_timestamp = {KC_STRING, "io.debezium.time.IsoTimestamp",
                                                    .read = read_iso_timestamp,
                                                    .zero = "1970-01-01 00:00:00",
                                                    .missing = iso_timestamp_missing};

const struct type_form *forms_timestamp(const struct pg_type_modes *modes, int32_t typmod)
{
    static const struct type_form *const forms[] = {
        [TIME_ADAPTIVE] = &form_timestamp_us,
        [TIME_ADAPTIVE_MICROSECONDS] = &form_timestamp_us,
        [TIME_CONNECT] = &form_connect_timestamp,
        [TIME_ISOSTRING] = &form_iso_timestamp,
        [TIME_MICROSECONDS] = &form_timestamp_us,
        [TIME_NANOSECONDS] = &form_timestamp_ns,
        [TIME_STRUCTURED] = &form_structured_timestamp,
    };
    bool adaptive = modes->time == TIME_ADAPTIVE || modes->time == TIME_ADAPTIVE_MICROSECONDS;
    return adaptive && fits_ms(typmod) ? &form_timestamp_ms : forms[modes->time];
}

/* ---- timestamp with time zone: the session's zone is UTC ---- */

static const char *read_timestamptz(const struct type_use *use, struct kc_text text,
                                    struct kc_arena *arena, struct kc_value *value)
{
    struct times time;
    if (!times_timestamp(text, &time))
        return no_timestamp;
    if (time.special != TIMES_FINITE) {
        *value = kc_string(text.ptr, text.len);
        return NULL;
    }
    times_to_utc(&time);
    *value = iso_timestamp(&time, use->scale < 0 ? 6 : use->scale, arena);
    return NULL;
}

static const struct type_form form_timestamptz = {
    KC_STRING, "io.debezium.time.ZonedTimestamp", .read = read_timestamptz,
    .zero = "1970-01-01 00:00:00+00", .missing = iso_timestamp_missing};

const struct type_form *forms_timestamptz(const struct pg_type_modes *modes, int32_t typmod)
{
    (void)typmod;
    return modes->time == TIME_STRUCTURED ? &form_structured_timestamptz : &form_timestamptz;
}
