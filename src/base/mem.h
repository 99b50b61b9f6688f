/* Allocation that never fails: out of memory ends the process with a line in
 * the log (at-least-once delivery covers that). Input can't get us there: what
 * it makes grow is an arena or a buffer, and those have caps.
 * Layer: base. Any thread. */
#ifndef KC_BASE_MEM_H
#define KC_BASE_MEM_H

#include <stdarg.h>
#include <stddef.h>

#define KC_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define KC_MUST_CHECK __attribute__((warn_unused_result))
#define KC_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Zeroed memory; the caller frees it with free(). */
void *kc_calloc(size_t count, size_t size);
/* As realloc(); new bytes are not zeroed. */
void *kc_realloc(void *ptr, size_t size);
/* Room for one more in an array of *cap entries holding len: doubles it. */
void *kc_grow(void *array, size_t len, size_t *cap, size_t size);
/* Copies, to be freed; NULL gives NULL. */
char *kc_strdup(const char *text);
char *kc_strndup(const char *text, size_t len);
char *kc_printf(const char *format, ...) KC_PRINTF(1, 2);
char *kc_vprintf(const char *format, va_list args) KC_PRINTF(1, 0);

#endif
