/* Dates and times as PostgreSQL prints them (DateStyle ISO, IntervalStyle postgres)
 * to numbers, and numbers to the ISO texts of Connect's semantic types.
 * Layer: source. Any thread. */
#ifndef PG_TIMES_H
#define PG_TIMES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

enum times_special { TIMES_FINITE, TIMES_INFINITY, TIMES_MINUS_INFINITY };

#define DAY_US 86400000000LL

/* What a date, time or timestamp says. */
struct times {
    enum times_special special;
    int64_t days;   /* since 1970-01-01 */
    int64_t day_us; /* microseconds of the day; 24:00 is DAY_US */
    int32_t offset; /* seconds east of UTC */
};

/* False if the text is nothing of that kind. */
bool times_date(struct kc_text text, struct times *time);
bool times_time(struct kc_text text, struct times *time); /* with or without offset */
bool times_timestamp(struct kc_text text, struct times *time);
/* Microseconds since 1970; false if they don't fit. The offset is not looked at. */
bool times_us(const struct times *time, int64_t *us);
/* The same moment (of a timestamp) with offset 0. */
void times_to_utc(struct times *time);

struct times_interval {
    int32_t years, months, days; /* each with its sign */
    int64_t us;
};
bool times_interval(struct kc_text text, struct times_interval *interval);

/* ISO texts into out, their length as result. `digits`: of the fraction; -1: as few as needed. */
#define TIMES_TEXT 48
size_t times_put_date(char *out, int64_t days);               /* 2024-02-29 */
size_t times_put_time(char *out, int64_t day_us, int digits); /* 12:34:56.789 */

#endif
