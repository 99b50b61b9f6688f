/* Option tables: the only way to read a setting. One row says all there is to
 * say about a setting; from the same rows come parsing into a config struct, the
 * messages of all mistakes at once, validation over REST, the generated
 * documentation, and the hiding of secrets.
 *
 *     #define OPTIONS_OF struct tick_config
 *     static const struct kc_option tick_options[] = {
 *         OPT_STRING("topic", topic, .required = true, .importance = KC_HIGH, .doc = "..."),
 *         OPT_INT("interval.ms", interval_ms, .def = "1000", RANGE(1, 60000), .doc = "..."),
 *         OPT_ENUM("mode", mode, tick_modes, .def = "fast", .doc = "..."),
 *         OPT_REFUSED("tick.legacy", "Use interval.ms instead."),
 *         OPT_END
 *     };
 *
 * The compiler refuses a row whose type does not match its field.
 * Layer: config. Tables are constant; a config struct belongs to whoever read it. */
#ifndef KC_CONFIG_OPTION_H
#define KC_CONFIG_OPTION_H

#include <stddef.h>

#include "config/findings.h"
#include "config/props.h"

enum kc_importance { KC_MEDIUM, KC_HIGH, KC_LOW };
enum kc_width { KC_WIDTH_NONE, KC_WIDTH_SHORT, KC_WIDTH_MEDIUM, KC_WIDTH_LONG };

/* A list of texts: NULL-terminated, each trimmed. */
struct kc_list {
    char **items;
    size_t len;
};

/* Names of an enum's values, ended by {0}. Matched in any case where the table says so. */
struct kc_enum_name {
    const char *name;
    int value;
};

/* Names that the user gives to things, and what the settings NAME.* say of them: full names. */
struct kc_named {
    struct kc_list names;
    struct kc_props settings;
};

struct kc_option;

/* A kind of setting. parse writes the field and returns NULL, or the message of the original
 * ("Invalid value x for configuration y: Not a number of type INT"), which the caller frees. */
struct kc_option_type {
    const char *name; /* as REST shows it: STRING, INT, LIST ... */
    bool secret;      /* never shown */
    char *(*parse)(const struct kc_option *option, const char *text, void *field);
    void (*clear)(void *field);
    /* What to say of a required setting that is not there (freed by the caller); NULL: Connect's own
     * words. */
    char *(*missing)(const struct kc_option *option);
    /* A setting's own check sees texts that are not of the type, too, and both messages show. */
    bool checks_anyway;
};

struct kc_option {
    const char *name;
    const struct kc_option_type *type;
    size_t offset;
    const char *def; /* as text; NULL: null */
    bool required;   /* a config without it is refused; `def` is then unused */
    bool ranged;
    bool any_case; /* enum names */
    bool hidden;   /* works, but is in no list shown to users */
    enum kc_importance importance;
    enum kc_width width;
    int order; /* in its group; 0: counted by position */
    int64_t min, max;
    const char *group;             /* NULL: none */
    const char *display;           /* NULL: the name */
    const struct kc_enum_name *names;
    /* A further check of the text once its type is right; the message, or NULL. */
    char *(*check)(const struct kc_option *option, const char *text);
    /* A check that looks at other settings as well; text is NULL where this one is not given. */
    char *(*check_with)(const struct kc_option *option, const char *text,
                        const struct kc_props *props);
    bool lenient; /* a text that is none of the values counts as `def`, with a warning */
    const char *valid;  /* how the documentation names the accepted values; NULL: from the type */
    const char *refuse; /* not supported here: the advice that a config that sets it gets */
    /* Values for which `refuse` applies, split by '|'; NULL: any value but `def`. */
    const char *refuse_values;
    /* Taken, for old configs have it, but there is nothing here for it to change: why. A config that
     * sets it to anything but `def` gets a warning that says so. */
    const char *no_effect;
    const char *doc;
};

#define KC_SAME_TYPE(field_, type_) \
    (0 * sizeof(struct { \
        _Static_assert(__builtin_types_compatible_p(__typeof__(((OPTIONS_OF *)0)->field_), type_), \
                       "option type does not match field " #field_); \
        int unused; \
    }))
#define KC_ROW(name_, field_, ctype_, type_, ...) \
    { .name = (name_), .offset = offsetof(OPTIONS_OF, field_) + KC_SAME_TYPE(field_, ctype_), \
      .type = &(type_), __VA_ARGS__ }

#define OPT_STRING(name, field, ...) KC_ROW(name, field, char *, kc_type_string, __VA_ARGS__)
#define OPT_CLASS(name, field, ...) KC_ROW(name, field, char *, kc_type_class, __VA_ARGS__)
#define OPT_PASSWORD(name, field, ...) KC_ROW(name, field, char *, kc_type_password, __VA_ARGS__)
#define OPT_BOOL(name, field, ...) KC_ROW(name, field, bool, kc_type_bool, __VA_ARGS__)
#define OPT_SHORT(name, field, ...) KC_ROW(name, field, int, kc_type_short, __VA_ARGS__)
#define OPT_INT(name, field, ...) KC_ROW(name, field, int, kc_type_int, __VA_ARGS__)
#define OPT_LONG(name, field, ...) KC_ROW(name, field, int64_t, kc_type_long, __VA_ARGS__)
#define OPT_LIST(name, field, ...) KC_ROW(name, field, struct kc_list, kc_type_list, __VA_ARGS__)
/* An int field that gets the value of the matching name; REST shows type STRING. */
#define OPT_ENUM(name, field, names_, ...) \
    KC_ROW(name, field, int, kc_type_enum, .names = (names_), __VA_ARGS__)
/* Every setting whose name starts with `name` (which ends in a dot), without that prefix. */
#define OPT_PREFIX(name, field, ...) \
    KC_ROW(name, field, struct kc_props, kc_type_prefix, __VA_ARGS__)
/* A list of names; every setting that starts with one of them and a dot belongs to it. */
#define OPT_NAMED(name, field, ...) \
    KC_ROW(name, field, struct kc_named, kc_type_named, __VA_ARGS__)
/* Known to the original, not done here. A name that ends in a dot stands for all that start with it. */
#define OPT_REFUSED(name_, advice_, ...) \
    { .name = (name_), .type = &kc_type_refused, .refuse = (advice_), __VA_ARGS__ }
#define OPT_END { .name = NULL }
#define RANGE(low, high) .ranged = true, .min = (low), .max = (high)
#define AT_LEAST(low) .ranged = true, .min = (low), .max = INT64_MAX

extern const struct kc_option_type kc_type_string, kc_type_class, kc_type_password, kc_type_bool,
    kc_type_short, kc_type_int, kc_type_long, kc_type_list, kc_type_enum,
    kc_type_prefix, kc_type_named, kc_type_refused;

/* Reads props into a zeroed config struct and adds every mistake to findings, under the
 * setting's name. Names that are in no row are left alone (see kc_options_unknown). False if
 * there was a KC_ERROR finding; the struct must be cleared in any case. */
bool kc_options_read(const struct kc_option *options, const struct kc_props *props, void *config,
                     struct kc_findings *findings);
void kc_options_clear(const struct kc_option *options, void *config);
/* The row of that name, a matching prefix row, or NULL. */
const struct kc_option *kc_options_find(const struct kc_option *options, const char *name);
/* Warns of each setting that no row of any of the tables (a NULL-terminated list) knows, with the
 * nearest name there is. */
void kc_options_unknown(const struct kc_option *const *tables, const struct kc_props *props,
                        struct kc_findings *findings);
/* The text of a setting as validation shows it: as given, else the default; secrets as
 * "[hidden]" (unset ones NULL). Types normalise ("a , b" of a list shows as "a,b"). The caller
 * frees it. */
char *kc_option_show(const struct kc_option *option, const struct kc_props *props);
/* Markdown: a table row for each visible option, grouped. */
void kc_options_markdown(const struct kc_option *options, struct kc_buf *buf);

#endif
