/* The log: one line per event on stderr, `2026-01-31 12:00:00,123 INFO
 * [inventory|task-0] text (logger)`. Each thread has a context ("inventory|
 * task-0") that stands in every line it logs. Loggers are named by area
 * ("flow", "postgres"); levels can be changed at run time. Never log secrets.
 * Layer: base. Any thread; a lock inside keeps lines whole. */
#ifndef KC_BASE_LOG_H
#define KC_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

/* Lines have the levels from ERROR to TRACE; the outer ones are only for thresholds. */
enum kc_log_level {
    KC_LOG_OFF = -2,
    KC_LOG_FATAL,
    KC_LOG_ERROR,
    KC_LOG_WARN,
    KC_LOG_INFO,
    KC_LOG_DEBUG,
    KC_LOG_TRACE,
    KC_LOG_ALL,
};

#define kc_log(level, logger, ...) \
    ((level) <= __atomic_load_n(&kc_log_level, __ATOMIC_RELAXED) ? kc_log_write((level), (logger), __VA_ARGS__) : (void)0)
#define kc_log_error(logger, ...) kc_log_write(KC_LOG_ERROR, (logger), __VA_ARGS__) /* always */
#define kc_log_warn(logger, ...) kc_log(KC_LOG_WARN, (logger), __VA_ARGS__)
#define kc_log_info(logger, ...) kc_log(KC_LOG_INFO, (logger), __VA_ARGS__)
#define kc_log_debug(logger, ...) kc_log(KC_LOG_DEBUG, (logger), __VA_ARGS__)

/* The most talkative level that any logger has; INFO at start. */
extern enum kc_log_level kc_log_level;

void kc_log_write(enum kc_log_level level, const char *logger, const char *format, ...)
    KC_PRINTF(3, 4);
/* Sets all loggers to a level by name, any case ("WARN"); false if there is no such level. */
bool kc_log_set_level(const char *name);
/* Context of the calling thread (copied); NULL for none. */
void kc_log_set_context(const char *context);

/* ---- levels of single loggers ---- */

/* A logger that has logged, or was given a level. */
struct kc_logger {
    char *name;
    enum kc_log_level level;
    int64_t modified_ms; /* when its level was set; 0: never */
};

bool kc_log_parse_level(const char *name, enum kc_log_level *level);
const char *kc_log_level_name(enum kc_log_level level);
/* A copy of all loggers, sorted by name, the first being "root": the level of those that have none
 * of their own. */
struct kc_logger *kc_log_loggers(size_t *count);
void kc_log_loggers_free(struct kc_logger *loggers, size_t count);
/* Sets a logger (a new one if need be) and all whose name starts like it; "root": every one. changed(), called
 * in the order of names, hears of those that had another level. */
void kc_log_set_loggers(const char *name, enum kc_log_level level,
                        void (*changed)(void *context, const char *name), void *context);
/* For kc_log_write: does that line pass? */
bool kc_log_passes(enum kc_log_level level, const char *logger);

#endif
