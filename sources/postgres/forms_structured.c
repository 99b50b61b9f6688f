/* time.precision.mode structured: dates, times and intervals as structs of their parts, so that
 * nothing of them is lost. */
#include "base/clock.h"
#include "sources/postgres/times.h"
#include "sources/postgres/types.h"

/* In the order of the fields. */
enum part {
    YEAR,
    MONTH,
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    YEARS,
    MONTHS,
    DAYS,
    HOURS,
    MINUTES,
    SECONDS,
    NANOS,
    OFFSET,
    ZONE,
    SPECIAL,
    PRECISION,
    N_PARTS,
};

static const struct {
    const char *name;
    enum kc_kind kind;
} parts[N_PARTS] = {
    [YEAR] = {"year", KC_INT32},
    [MONTH] = {"month", KC_INT8},
    [DAY] = {"day", KC_INT8},
    [HOUR] = {"hour", KC_INT8},
    [MINUTE] = {"minute", KC_INT8},
    [SECOND] = {"second", KC_INT8},
    [YEARS] = {"years", KC_INT32},
    [MONTHS] = {"months", KC_INT32},
    [DAYS] = {"days", KC_INT32},
    [HOURS] = {"hours", KC_INT32},
    [MINUTES] = {"minutes", KC_INT32},
    [SECONDS] = {"seconds", KC_INT64},
    [NANOS] = {"nanos", KC_INT32},
    [OFFSET] = {"offsetSeconds", KC_INT32},
    [ZONE] = {"zoneId", KC_STRING},
    [SPECIAL] = {"specialValue", KC_STRING},
    [PRECISION] = {"precision", KC_INT32},
};

#define BIT(part)  (1u << (part))
#define DATE_PARTS (BIT(YEAR) | BIT(MONTH) | BIT(DAY))
#define TIME_PARTS (BIT(HOUR) | BIT(MINUTE) | BIT(SECOND) | BIT(NANOS))

static struct kc_schema *structured_schema(const struct type_use *use)
{
    struct kc_schema *schema = kc_schema_new(KC_STRUCT);
    kc_schema_name(schema, use->form->name);
    kc_schema_version(schema, 1);
    for (int i = 0; i < N_PARTS; i++)
        if (use->form->parts & BIT(i))
            kc_schema_field(schema, parts[i].name, kc_schema_of(parts[i].kind, true));
    return schema;
}

/* A struct of those of the parts that the form has. */
static struct kc_value structured(const struct type_use *use, struct kc_value all[N_PARTS],
                                  struct kc_arena *arena)
{
    struct kc_value value = kc_struct_new(arena, use->inner);
    struct kc_value *field = value.u.structure->field;
    all[PRECISION] = kc_integer(KC_INT32, use->scale < 0 ? 6 : use->scale);
    for (int i = 0; i < N_PARTS; i++)
        if (use->form->parts & BIT(i))
            *field++ = all[i];
    return value;
}

static void put(struct kc_value all[N_PARTS], enum part part, int64_t number)
{
    all[part] = kc_integer(parts[part].kind, number);
}

/* zone: NULL for none. */
static struct kc_value of_time(const struct type_use *use, const struct times *time,
                               const char *zone, struct kc_arena *arena)
{
    struct kc_value all[N_PARTS] = {0};
    int64_t year, seconds = time->day_us / 1000000;
    unsigned month, day;
    if (time->special != TIMES_FINITE) {
        all[SPECIAL] =
            kc_cstring(time->special == TIMES_INFINITY ? "POSITIVE_INFINITY" : "NEGATIVE_INFINITY");
        return structured(use, all, arena);
    }
    kc_date_from_days(time->days, &year, &month, &day);
    put(all, YEAR, year);
    put(all, MONTH, month);
    put(all, DAY, day);
    put(all, HOUR, seconds / 3600);
    put(all, MINUTE, seconds / 60 % 60);
    put(all, SECOND, seconds % 60);
    put(all, NANOS, time->day_us % 1000000 * 1000);
    put(all, OFFSET, time->offset);
    if (zone)
        all[ZONE] = kc_cstring(zone);
    return structured(use, all, arena);
}

/* The beginning of 1970, without a zone's name. */
static struct kc_value time_missing(const struct type_use *use, struct kc_arena *arena)
{
    return of_time(use, &(struct times){0}, NULL, arena);
}

static const char *read_date(const struct type_use *use, struct kc_text text,
                             struct kc_arena *arena, struct kc_value *value)
{
    struct times time;
    if (!times_date(text, &time))
        return "is no date";
    *value = of_time(use, &time, NULL, arena);
    return NULL;
}

/* With its offset, if the type has one, as it is. */
static const char *read_time(const struct type_use *use, struct kc_text text,
                             struct kc_arena *arena, struct kc_value *value)
{
    struct times time;
    if (!times_time(text, &time))
        return "is no time";
    *value = of_time(use, &time, NULL, arena);
    return NULL;
}

/* With time zone: in UTC. */
static const char *read_timestamp(const struct type_use *use, struct kc_text text,
                                  struct kc_arena *arena, struct kc_value *value)
{
    struct times time;
    if (!times_timestamp(text, &time))
        return "is no timestamp";
    times_to_utc(&time);
    *value = of_time(use, &time, "Z", arena);
    return NULL;
}

static const char *read_interval(const struct type_use *use, struct kc_text text,
                                 struct kc_arena *arena, struct kc_value *value)
{
    struct kc_value all[N_PARTS] = {0};
    struct times_interval interval;
    if (!times_interval(text, &interval))
        return "is no interval";
    int64_t seconds = interval.us / 1000000, hours = seconds / 3600;
    if (hours != (int32_t)hours)
        return "is out of the range of its semantic type";
    put(all, YEARS, interval.years);
    put(all, MONTHS, interval.months);
    put(all, DAYS, interval.days);
    put(all, HOURS, hours);
    put(all, MINUTES, seconds / 60 % 60);
    put(all, SECONDS, seconds % 60);
    put(all, NANOS, interval.us % 1000000 * 1000);
    *value = structured(use, all, arena);
    return NULL;
}

static struct kc_value interval_missing(const struct type_use *use, struct kc_arena *arena)
{
    struct kc_value value;
    return read_interval(use, KC_TEXT("00:00:00"), arena, &value) ? kc_null() : value;
}

#define STRUCTURED(name, read, missing, parts)                                                     \
    {                                                                                              \
        KC_STRUCT, "io.debezium.time.Structured" name, structured_schema, read, NULL, missing,     \
            NULL, NULL, false, parts                                                               \
    }
const struct type_form
    form_structured_date = STRUCTURED("Date", read_date, time_missing, DATE_PARTS | BIT(SPECIAL)),
    form_structured_time = STRUCTURED("Time", read_time, time_missing, TIME_PARTS | BIT(PRECISION)),
    form_structured_timetz =
        STRUCTURED("ZonedTime", read_time, time_missing, TIME_PARTS | BIT(OFFSET) | BIT(PRECISION)),
    form_structured_timestamp = STRUCTURED("Timestamp", read_timestamp, time_missing,
                                           DATE_PARTS | TIME_PARTS | BIT(SPECIAL) | BIT(PRECISION)),
    form_structured_timestamptz = STRUCTURED("ZonedTimestamp", read_timestamp, time_missing,
                                             DATE_PARTS | TIME_PARTS | BIT(OFFSET) | BIT(ZONE) |
                                                 BIT(SPECIAL) | BIT(PRECISION)),
    form_structured_interval =
        STRUCTURED("Duration", read_interval, interval_missing,
                   BIT(YEARS) | BIT(MONTHS) | BIT(DAYS) | BIT(HOURS) | BIT(MINUTES) | BIT(SECONDS) |
                       BIT(NANOS) | BIT(PRECISION));
