/* Kinds of settings, and checks of them, in the words of Debezium's connectors: their
 * messages differ from Connect's own.
 * Layer: source. Constant. */
#ifndef CDC_SETTINGS_H
#define CDC_SETTINGS_H

#include "config/option.h"

#define CDC_STRING(name, field, ...)   KC_ROW(name, field, char *, settings_string, __VA_ARGS__)
#define CDC_PASSWORD(name, field, ...) KC_ROW(name, field, char *, settings_password, __VA_ARGS__)
#define CDC_BOOL(name, field, ...)     KC_ROW(name, field, bool, settings_bool, __VA_ARGS__)
/* Anything but "true" is false. */
#define CDC_LOOSE_BOOL(name, field, ...) KC_ROW(name, field, bool, settings_loose_bool, __VA_ARGS__)
#define CDC_CLASS(name, field, ...)      KC_ROW(name, field, char *, settings_class, __VA_ARGS__)
#define CDC_SHORT(name, field, ...)      KC_ROW(name, field, int, settings_short, __VA_ARGS__)
#define CDC_INT(name, field, ...)        KC_ROW(name, field, int, settings_int, __VA_ARGS__)
#define CDC_LONG(name, field, ...)       KC_ROW(name, field, int64_t, settings_long, __VA_ARGS__)
/* `valid` names the values as the original's message lists them. */
#define CDC_ENUM(name, field, names_, valid_, ...)                                                 \
    KC_ROW(name, field, int, settings_enum, .names = (names_), .valid = (valid_), __VA_ARGS__)

extern const struct kc_option_type settings_string, settings_password, settings_bool,
    settings_loose_bool, settings_short, settings_int, settings_long, settings_enum, settings_class;

/* Checks for .check. The first two are for settings that the original checks by type twice. */
char *settings_is_bool(const struct kc_option *option, const char *text);
char *settings_is_int(const struct kc_option *option, const char *text);
char *settings_positive(const struct kc_option *option, const char *text);
char *settings_not_negative(const struct kc_option *option, const char *text);
char *settings_positive_long(const struct kc_option *option, const char *text);
char *settings_not_negative_long(const struct kc_option *option, const char *text);
char *settings_patterns(const struct kc_option *option, const char *text);
char *settings_queue_size(const struct kc_option *option, const char *text);
/* Letters, digits, '_', '-' and '.' only: */
char *settings_name(const struct kc_option *option, const char *text);
char *settings_host(const struct kc_option *option, const char *text); /* or nothing */
char *settings_filled(const struct kc_option *option, const char *text);
/* "k1=v1,k2=v2" */
char *settings_pairs(const struct kc_option *option, const char *text);

/* Checks for .check_with. An exclude list beside its include list: */
char *settings_excludes(const struct kc_option *option, const char *text,
                        const struct kc_props *props);
/* Patterns that the original checks twice, as another setting names theirs as one that depends on
 * it. */
char *settings_patterns_again(const struct kc_option *option, const char *text,
                              const struct kc_props *props);
/* max.queue.size must be more than max.batch.size. */
#define SETTINGS_MAX_BATCH "2048"
char *settings_queue(const struct kc_option *option, const char *text,
                     const struct kc_props *props);
/* X.custom.name must be given when X is "custom". */
char *settings_custom_name(const struct kc_option *option, const char *text,
                           const struct kc_props *props);
/* "The 'x' value is invalid: why"; to be freed. */
char *settings_invalid(const struct kc_option *option, const char *why);

#endif
