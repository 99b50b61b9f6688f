#include "data/java_date.h"

#include <time.h>

enum {
    MS_PER_DAY = 86400000,
    CHANGE_DAY = -141427, /* 15 October 1582: from here on the calendar is the Gregorian one */
    CHANGE_YEAR = 1582,
    MOST_YEARS = 100000000,
};

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* ---- days since 1970 and dates; years as astronomers count them, with a year 0 ---- */

/* Years that start in March, so that the leap day is the last: d days of such a year before its
 * month m are (153 * m + 2) / 5. Both calendars repeat after `cycle` years. */
struct calendar {
    int64_t cycle_years, cycle_days;
    int64_t first_day; /* 1 March of the year 0, in days since 1970 */
    bool centuries;    /* whether most of them are no leap years */
};
static const struct calendar gregorian = { 400, 146097, -719468, true };
static const struct calendar julian = { 4, 1461, -719470, false };

static int64_t day_of(const struct calendar *calendar, int64_t year, int month, int64_t day)
{
    year -= month <= 2;
    int64_t cycle = floor_div(year, calendar->cycle_years);
    int64_t of_cycle = year - cycle * calendar->cycle_years;
    int64_t days = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    days += of_cycle * 365 + of_cycle / 4;
    if (calendar->centuries)
        days -= of_cycle / 100;
    return cycle * calendar->cycle_days + days + calendar->first_day;
}

struct date {
    int64_t year;
    int month, day;
};

static struct date date_of(int64_t day)
{
    const struct calendar *calendar = day >= CHANGE_DAY ? &gregorian : &julian;
    struct date date;
    day -= calendar->first_day;
    int64_t cycle = floor_div(day, calendar->cycle_days);
    int64_t of_cycle = day - cycle * calendar->cycle_days;
    int64_t year = calendar->centuries
                       ? (of_cycle - of_cycle / 1460 + of_cycle / 36524 - of_cycle / 146096) / 365
                       : (of_cycle - of_cycle / 1460) / 365;
    int64_t of_year = of_cycle - (365 * year + year / 4 - (calendar->centuries ? year / 100 : 0));
    int month = (int)((5 * of_year + 2) / 153);
    date.day = (int)(of_year - (153 * month + 2) / 5) + 1;
    date.month = month < 10 ? month + 3 : month - 9;
    date.year = year + cycle * calendar->cycle_years + (date.month <= 2);
    return date;
}

/* Any month and day: what is too much goes over into the next ones. */
static int64_t lenient_day(int64_t year, int64_t month, int64_t day)
{
    int64_t real_year = year + floor_div(month - 1, 12);
    int real_month = (int)(month - 1 - floor_div(month - 1, 12) * 12) + 1;
    int64_t in_gregorian = day_of(&gregorian, real_year, real_month, day);
    int64_t in_julian = day_of(&julian, real_year, real_month, day);
    if (year > CHANGE_YEAR)
        return in_gregorian >= CHANGE_DAY ? in_gregorian : in_julian;
    if (year < CHANGE_YEAR)
        return in_julian;
    /* The ten days that never were are Julian ones. */
    return in_gregorian >= CHANGE_DAY && in_julian >= CHANGE_DAY ? in_gregorian : in_julian;
}

/* ---- the zone ---- */

#define YEAR_1900 INT64_C(-2208988800000)

/* Java's zones begin in 1900; before that today's standard time holds. */
static int64_t zone_offset(int64_t ms, const char **name)
{
    struct tm local = { .tm_zone = "UTC" };
    time_t seconds = (time_t)floor_div(ms, 1000);
    if (ms < YEAR_1900) {
        tzset();
        *name = tzname[0];
        return -timezone * INT64_C(1000);
    }
    localtime_r(&seconds, &local);
    *name = local.tm_zone;
    return local.tm_gmtoff * INT64_C(1000);
}

/* From what a clock on the wall shows. When it shows a time twice, or leaves it out, standard time
 * is meant: the smaller offset. */
static int64_t from_wall(int64_t wall)
{
    const char *name;
    int64_t before = zone_offset(wall - MS_PER_DAY, &name);
    int64_t after = zone_offset(wall + MS_PER_DAY, &name);
    bool is_before = zone_offset(wall - before, &name) == before;
    bool is_after = zone_offset(wall - after, &name) == after;
    if (is_before != is_after)
        return wall - (is_before ? before : after);
    return wall - (before < after ? before : after);
}

/* ---- writing ---- */

/* Before Christ years count the other way; the era is not shown. */
static long long shown_year(const struct date *date)
{
    return date->year > 0 ? date->year : 1 - date->year;
}

static void put_day(int64_t day, struct kc_buf *buf)
{
    struct date date = date_of(day);
    kc_buf_printf(buf, "%04lld-%02d-%02d", shown_year(&date), date.month, date.day);
}

static void put_time(int64_t of_day, struct kc_buf *buf)
{
    kc_buf_printf(buf, "%02d:%02d:%02d", (int)(of_day / 3600000), (int)(of_day / 60000 % 60),
                  (int)(of_day / 1000 % 60));
}

static void put_string(int64_t day, int64_t of_day, const char *zone, struct kc_buf *buf)
{
    static const char weekdays[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct date date = date_of(day);
    int64_t weekday = day + 4 - floor_div(day + 4, 7) * 7;
    kc_buf_printf(buf, "%.3s %.3s %02d ", weekdays + 3 * weekday, months + 3 * (date.month - 1),
                  date.day);
    put_time(of_day, buf);
    kc_buf_printf(buf, " %s %lld", zone, shown_year(&date));
}

void kc_date_write(int64_t ms, enum kc_date_pattern pattern, struct kc_buf *buf)
{
    const char *zone;
    int64_t offset = zone_offset(ms, &zone);
    int64_t day = floor_div(ms, MS_PER_DAY), of_day = ms - day * MS_PER_DAY + offset;
    day += floor_div(of_day, MS_PER_DAY);
    of_day -= floor_div(of_day, MS_PER_DAY) * MS_PER_DAY;
    if (pattern == KC_DATE_STRING) {
        put_string(day, of_day, zone, buf);
        return;
    }
    if (pattern != KC_ISO_TIME)
        put_day(day, buf);
    if (pattern == KC_ISO_TIMESTAMP)
        kc_buf_char(buf, 'T');
    if (pattern != KC_ISO_DATE) {
        put_time(of_day, buf);
        kc_buf_printf(buf, ".%03dZ", (int)(of_day % 1000));
    }
}

/* ---- reading ---- */

/* A number as java.text.NumberFormat takes it: blanks before it, a minus, digits. */
static bool take_number(struct kc_text *rest, int64_t *number)
{
    bool negative;
    int64_t sum = 0;
    size_t digits = 0;
    while (rest->len && (*rest->ptr == ' ' || *rest->ptr == '\t')) {
        rest->ptr++;
        rest->len--;
    }
    negative = rest->len && *rest->ptr == '-';
    size_t i = negative;
    for (; i < rest->len && (unsigned char)(rest->ptr[i] - '0') <= 9; i++, digits++)
        sum = sum > INT64_MAX / 10 - 1 ? INT32_MAX : sum * 10 + (rest->ptr[i] - '0');
    if (!digits)
        return false;
    rest->ptr += i;
    rest->len -= i;
    *number = (int32_t)(negative ? -sum : sum); /* Number.intValue */
    return true;
}

bool kc_date_read(struct kc_text text, enum kc_date_pattern pattern, int64_t *ms)
{
    /* Numbers (y M d H m s S) and what must stand between them. */
    static const char *const patterns[] = {
        [KC_ISO_DATE] = "y-M-d", [KC_ISO_TIME] = "H:m:s.SZ", [KC_ISO_TIMESTAMP] = "y-M-dTH:m:s.SZ"
    };
    static const char fields[] = "yMdHmsS";
    int64_t numbers[sizeof(fields)] = { 1970, 1, 1 };
    for (const char *at = patterns[pattern]; *at; at++) {
        const char *field = strchr(fields, *at);
        if (field) {
            if (!take_number(&text, &numbers[field - fields]))
                return false;
        } else if (!text.len || *text.ptr != *at) {
            return false;
        } else {
            text.ptr++;
            text.len--;
        }
    }
    if (numbers[0] < -MOST_YEARS || numbers[0] > MOST_YEARS)
        return false; /* an instant has 64 bits */
    int64_t day = lenient_day(numbers[0], numbers[1], numbers[2]);
    int64_t of_day = ((numbers[3] * 60 + numbers[4]) * 60 + numbers[5]) * 1000 + numbers[6];
    *ms = from_wall(day * MS_PER_DAY + of_day);
    return true;
}
