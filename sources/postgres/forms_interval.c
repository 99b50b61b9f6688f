/* Intervals as a number of microseconds or as an ISO text, whichever interval.handling.mode says.
 */
#include <stdio.h>

#include "sources/postgres/times.h"
#include "sources/postgres/types.h"

/* A month is 365.25 / 12 days. */
#define MONTH_US (36525LL * 864000000 / 12)

static const char *read_duration(const struct type_use *use, struct kc_text text,
                                 struct kc_arena *arena, struct kc_value *value)
{
    (void)use, (void)arena;
    struct times_interval interval;
    if (!times_interval(text, &interval))
        return "is no interval";
    int64_t months = interval.years * 12LL + interval.months, us = 0, part;
    bool over = __builtin_mul_overflow(months, MONTH_US, &us) ||
                __builtin_mul_overflow((int64_t)interval.days, DAY_US, &part) ||
                __builtin_add_overflow(us, part, &us) ||
                __builtin_add_overflow(us, interval.us, &us);
    if (over) /* as the original: the nearest there is */
        us = months < 0 ? INT64_MIN : INT64_MAX;
    *value = kc_integer(KC_INT64, us);
    return NULL;
}

static const char *read_iso_interval(const struct type_use *use, struct kc_text text,
                                     struct kc_arena *arena, struct kc_value *value)
{
    (void)use;
    struct times_interval interval;
    if (!times_interval(text, &interval))
        return "is no interval";
    int64_t us = interval.us, hours = us / 3600000000LL, minutes = us / 60000000 % 60;
    int64_t rest = us % 60000000;
    char out[160];
    int len = snprintf(out, sizeof(out), "P%dY%dM%dDT%lldH%lldM%s%lld", interval.years,
                       interval.months, interval.days, (long long)hours, (long long)minutes,
                       rest < 0 ? "-" : "", (long long)(rest < 0 ? -rest : rest) / 1000000);
    int64_t fraction = (rest < 0 ? -rest : rest) % 1000000;
    if (fraction) {
        len += snprintf(out + len, sizeof(out) - (size_t)len, ".%06lld", (long long)fraction);
        while (out[len - 1] == '0')
            len--;
    }
    out[len++] = 'S';
    *value = kc_string(kc_arena_text(arena, out, (size_t)len), (size_t)len);
    return NULL;
}

static const struct type_form form_duration = {KC_INT64, "io.debezium.time.MicroDuration",
                                               .read = read_duration, .zero = "00:00:00",
                                               .loses = "counts a month as 30.4375 days "
                                                        "(interval.handling.mode string keeps "
                                                        "it)"},
                              form_iso_interval = {KC_STRING, "io.debezium.time.Interval",
                                                   .read = read_iso_interval, .zero = "00:00:00"};

const struct type_form *forms_interval(const struct pg_type_modes *modes, int32_t typmod)
{
    (void)typmod;
    if (modes->time == TIME_STRUCTURED)
        return &form_structured_interval;
    return modes->interval == INTERVAL_STRING ? &form_iso_interval : &form_duration;
}
