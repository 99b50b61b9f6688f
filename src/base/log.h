/* The log: one line per event on stderr, `2026-01-31 12:00:00,123 INFO
 * [inventory|task-0] text (logger)`. Each thread has a context ("inventory|
 * task-0") that stands in every line it logs. Loggers are named by area
 * ("flow", "postgres"); levels can be changed at run time. Never log secrets.
 * Layer: base. Any thread; a lock inside keeps lines whole. */
#ifndef KC_BASE_LOG_H
#define KC_BASE_LOG_H

#include <stdbool.h>

#include "base/mem.h"

enum kc_log_level { KC_LOG_ERROR, KC_LOG_WARN, KC_LOG_INFO, KC_LOG_DEBUG, KC_LOG_TRACE };

#define kc_log(level, logger, ...) \
    ((level) <= __atomic_load_n(&kc_log_level, __ATOMIC_RELAXED) ? kc_log_write((level), (logger), __VA_ARGS__) : (void)0)
#define kc_log_error(logger, ...) kc_log_write(KC_LOG_ERROR, (logger), __VA_ARGS__) /* always */
#define kc_log_warn(logger, ...) kc_log(KC_LOG_WARN, (logger), __VA_ARGS__)
#define kc_log_info(logger, ...) kc_log(KC_LOG_INFO, (logger), __VA_ARGS__)
#define kc_log_debug(logger, ...) kc_log(KC_LOG_DEBUG, (logger), __VA_ARGS__)

/* The most talkative level in force; INFO at start. Change it by kc_log_set_level. */
extern enum kc_log_level kc_log_level;

void kc_log_write(enum kc_log_level level, const char *logger, const char *format, ...)
    KC_PRINTF(3, 4);
/* Level by name, any case ("WARN"); false if there is no such level. */
bool kc_log_set_level(const char *name);
/* Context of the calling thread (copied); NULL for none. */
void kc_log_set_context(const char *context);

#endif
