/* Time. Layer: base. Any thread. */
#ifndef KC_BASE_CLOCK_H
#define KC_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

int64_t kc_now_ms(void);       /* wall clock, ms since 1970 */
int64_t kc_now_us(void);       /* wall clock, microseconds since 1970 */
int64_t kc_monotonic_ms(void); /* for durations and deadlines */
int64_t kc_monotonic_us(void);

/* Days since 1970-01-01 of a date of the proleptic Gregorian calendar, and back;
 * years are astronomical (0 is 1 BC). */
int64_t kc_days_from_date(int64_t year, unsigned month, unsigned day);
void kc_date_from_days(int64_t days, int64_t *year, unsigned *month, unsigned *day);

#endif
