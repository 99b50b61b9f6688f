#include "sources/postgres/times.h"

#include "base/clock.h"

/* Digits at *at as a number; at least `least`, at most `most` of them. */
static bool digits(const char **at, const char *end, int least, int most, int64_t *number)
{
    int count = 0;
    int64_t n = 0;
    for (; *at < end && count < most && **at >= '0' && **at <= '9'; (*at)++, count++)
        n = n * 10 + (**at - '0');
    *number = n;
    return count >= least;
}

static bool sign(const char **at, const char *end, char c)
{
    if (*at >= end || **at != c)
        return false;
    (*at)++;
    return true;
}

static bool read_date(const char **at, const char *end, int64_t ymd[3])
{
    return digits(at, end, 4, 9, &ymd[0]) && sign(at, end, '-') && digits(at, end, 2, 2, &ymd[1]) &&
           sign(at, end, '-') && digits(at, end, 2, 2, &ymd[2]) && ymd[1] >= 1 && ymd[1] <= 12 &&
           ymd[2] >= 1 && ymd[2] <= 31;
}

/* ".5" is 500000 microseconds. */
static bool read_fraction(const char **at, const char *end, int64_t *us)
{
    static const int64_t scale[] = {0, 100000, 10000, 1000, 100, 10, 1};
    *us = 0;
    if (!sign(at, end, '.'))
        return true;
    const char *first = *at;
    int64_t number;
    if (!digits(at, end, 1, 6, &number))
        return false;
    *us = number * scale[*at - first];
    return true;
}

static bool read_clock(const char **at, const char *end, int64_t *us)
{
    int64_t hour, minute, second = 0, fraction = 0;
    if (!digits(at, end, 2, 9, &hour) || !sign(at, end, ':') || !digits(at, end, 2, 2, &minute))
        return false;
    if (sign(at, end, ':') &&
        (!digits(at, end, 2, 2, &second) || !read_fraction(at, end, &fraction)))
        return false;
    *us = ((hour * 60 + minute) * 60 + second) * 1000000 + fraction;
    return true;
}

/* "+02", "-05:30", "+00:19:32" */
static bool read_offset(const char **at, const char *end, int32_t *offset)
{
    if (*at >= end || (**at != '+' && **at != '-'))
        return true;
    bool west = *(*at)++ == '-';
    int64_t part, total;
    if (!digits(at, end, 2, 2, &total))
        return false;
    total *= 3600;
    for (int unit = 60; unit && sign(at, end, ':'); unit /= 60) {
        if (!digits(at, end, 2, 2, &part))
            return false;
        total += part * unit;
    }
    *offset = (int32_t)(west ? -total : total);
    return true;
}

static bool read_era(const char **at, const char *end, int64_t ymd[3], struct times *time)
{
    if (end - *at == 3 && memcmp(*at, " BC", 3) == 0) {
        ymd[0] = 1 - ymd[0];
        *at += 3;
    }
    time->days = kc_days_from_date(ymd[0], (unsigned)ymd[1], (unsigned)ymd[2]);
    return *at == end;
}

static bool read_special(struct kc_text text, struct times *time)
{
    if (kc_text_is(text, "infinity"))
        time->special = TIMES_INFINITY;
    else if (kc_text_is(text, "-infinity"))
        time->special = TIMES_MINUS_INFINITY;
    return time->special != TIMES_FINITE;
}

bool times_date(struct kc_text text, struct times *time)
{
    const char *at = text.ptr, *end = text.ptr + text.len;
    int64_t ymd[3];
    *time = (struct times){0};
    if (read_special(text, time))
        return true;
    return read_date(&at, end, ymd) && read_era(&at, end, ymd, time);
}

bool times_time(struct kc_text text, struct times *time)
{
    const char *at = text.ptr, *end = text.ptr + text.len;
    *time = (struct times){0};
    return read_clock(&at, end, &time->day_us) && read_offset(&at, end, &time->offset) && at == end;
}

bool times_timestamp(struct kc_text text, struct times *time)
{
    const char *at = text.ptr, *end = text.ptr + text.len;
    int64_t ymd[3];
    *time = (struct times){0};
    if (read_special(text, time))
        return true;
    return read_date(&at, end, ymd) && (sign(&at, end, ' ') || sign(&at, end, 'T')) &&
           read_clock(&at, end, &time->day_us) && read_offset(&at, end, &time->offset) &&
           read_era(&at, end, ymd, time);
}

bool times_us(const struct times *time, int64_t *us)
{
    return !__builtin_mul_overflow(time->days, DAY_US, us) &&
           !__builtin_add_overflow(*us, time->day_us, us);
}

void times_to_utc(struct times *time)
{
    int64_t us = time->day_us - time->offset * 1000000LL;
    if (!time->offset)
        return;
    time->days += us / DAY_US - (us % DAY_US < 0);
    time->day_us = (us % DAY_US + DAY_US) % DAY_US;
    time->offset = 0;
}

/* ---- intervals: "1 year 2 mons -3 days -04:05:06.78" ---- */

static bool put_unit(struct kc_text unit, int64_t number, struct times_interval *interval)
{
    if (kc_text_starts(unit, "year"))
        interval->years = (int32_t)number;
    else if (kc_text_starts(unit, "mon"))
        interval->months = (int32_t)number;
    else if (kc_text_starts(unit, "day"))
        interval->days = (int32_t)number;
    else
        return false;
    return true;
}

bool times_interval(struct kc_text text, struct times_interval *interval)
{
    const char *at = text.ptr, *end = text.ptr + text.len;
    *interval = (struct times_interval){0};
    while (at < end) {
        while (at < end && *at == ' ')
            at++;
        const char *start = at;
        bool minus = sign(&at, end, '-');
        if (!minus)
            sign(&at, end, '+');
        int64_t number;
        const char *first = at;
        if (!digits(&at, end, 1, 10, &number))
            return false;
        if (at < end && *at == ':') {
            at = first;
            if (!read_clock(&at, end, &number))
                return false;
            interval->us = minus ? -number : number;
            return at == end;
        }
        if (!sign(&at, end, ' '))
            return false;
        start = at;
        while (at < end && *at != ' ')
            at++;
        if (!put_unit((struct kc_text){start, (size_t)(at - start)}, minus ? -number : number,
                      interval))
            return false;
    }
    return true;
}

/* ---- ISO texts ---- */

static char *put_digits(char *out, int64_t number, int count)
{
    for (int i = count - 1; i >= 0; i--, number /= 10)
        out[i] = (char)('0' + number % 10);
    return out + count;
}

size_t times_put_date(char *out, int64_t days)
{
    int64_t year;
    unsigned month, day;
    kc_date_from_days(days, &year, &month, &day);
    char *at = out;
    if (year < 0)
        *at++ = '-';
    else if (year > 9999)
        *at++ = '+';
    int64_t positive = year < 0 ? -year : year, size = 10000;
    int count = 4;
    for (; positive >= size; size *= 10)
        count++;
    at = put_digits(at, positive, count);
    *at++ = '-';
    at = put_digits(at, month, 2);
    *at++ = '-';
    at = put_digits(at, day, 2);
    return (size_t)(at - out);
}

size_t times_put_time(char *out, int64_t day_us, int digits_wanted)
{
    int64_t seconds = day_us / 1000000, fraction = day_us % 1000000;
    char *at = put_digits(out, seconds / 3600, 2);
    *at++ = ':';
    at = put_digits(at, seconds / 60 % 60, 2);
    *at++ = ':';
    at = put_digits(at, seconds % 60, 2);
    if (digits_wanted == 0 || (digits_wanted < 0 && fraction == 0))
        return (size_t)(at - out);
    *at++ = '.';
    char *first = at;
    at = put_digits(at, fraction, 6);
    if (digits_wanted > 0)
        return (size_t)(first + digits_wanted - out);
    while (at[-1] == '0')
        at--;
    return (size_t)(at - out);
}
