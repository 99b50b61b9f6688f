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
#define CDC_LOOSE_BOOL(name, field, ...)                                                           \
    KC_ROW(name, field, bool, settings_loose_bool, __VA_ARGS__)
#define CDC_INT(name, field, ...)      KC_ROW(name, field, int, settings_int, __VA_ARGS__)
#define CDC_LONG(name, field, ...)     KC_ROW(name, field, int64_t, settings_long, __VA_ARGS__)
/* `valid` names the values as the original's message lists them. */
#define CDC_ENUM(name, field, names_, valid_, ...)                                                 \
    KC_ROW(name, field, int, settings_enum, .names = (names_), .valid = (valid_), __VA_ARGS__)

extern const struct kc_option_type settings_string, settings_password, settings_bool,
    settings_loose_bool, settings_int, settings_long, settings_enum;

/* Checks for .check. */
char *settings_positive(const struct kc_option *option, const char *text);
char *settings_not_negative(const struct kc_option *option, const char *text);
char *settings_positive_long(const struct kc_option *option, const char *text);
char *settings_not_negative_long(const struct kc_option *option, const char *text);
char *settings_patterns(const struct kc_option *option, const char *text);
char *settings_prefix(const struct kc_option *option, const char *text);
/* "The 'x' value is invalid: why"; to be freed. */
char *settings_invalid(const struct kc_option *option, const char *why);

#endif
