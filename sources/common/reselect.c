#include "sources/common/reselect.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CLASS "io.debezium.processors.reselect.ReselectColumnsPostProcessor"

static const char *setting(const struct kc_props *props, const char *name, const char *rest)
{
    char *full = kc_printf("%s.%s", name, rest);
    const char *value = kc_props_get(props, full);
    free(full);
    return value;
}

static bool is_true(const struct kc_props *props, const char *name, const char *rest,
                    bool otherwise)
{
    const char *value = setting(props, name, rest);
    return value ? strcasecmp(value, "true") == 0 : otherwise;
}

/* What is wrong with the settings of one processor, or NULL; to be freed. */
static char *problem(const struct kc_props *props, const char *name)
{
    const char *type = setting(props, name, "type");
    const char *mode = setting(props, name, "reselect.error.handling.mode");
    if (!type)
        return kc_printf("The setting %s.type of post processor %s is missing. Use " CLASS ".",
                         name, name);
    if (strcmp(type, CLASS) != 0)
        return kc_printf("The post processor %s is Java code, which can't be loaded here. There is "
                         "only " CLASS ".",
                         type);
    if (mode && strcasecmp(mode, "warn") != 0 && strcasecmp(mode, "fail") != 0)
        return kc_printf(
            "The '%s.reselect.error.handling.mode' value is invalid: Value must be one "
            "of warn, fail",
            name);
    if (is_true(props, name, "reselect.cache.enabled", false))
        return kc_printf(
            "The setting %s.reselect.cache.enabled is not supported here. Leave it out: "
            "values are read anew each time.",
            name);
    return NULL;
}

char *reselects_check(const struct kc_option *option, const char *text,
                      const struct kc_props *props)
{
    struct kc_text rest = kc_text(text), piece;
    char *message = NULL;
    size_t count = 0;
    (void)option;
    while (!message && rest.ptr && kc_text_split(&rest, ',', &piece)) {
        piece = kc_text_trim(piece);
        if (!piece.len)
            continue;
        char *name = kc_strndup(piece.ptr, piece.len);
        message = problem(props, name);
        free(name);
        if (!message && ++count > MOST_RESELECTS)
            message = kc_printf("There can be %d post processors at most.", MOST_RESELECTS);
    }
    return message;
}

static struct kc_error *init(struct reselect *reselect, const struct kc_props *props,
                             const char *name)
{
    const char *mode = setting(props, name, "reselect.error.handling.mode");
    *reselect = (struct reselect){
        .missing = is_true(props, name, "reselect.unavailable.values", true),
        .nulls = is_true(props, name, "reselect.null.values", true),
        .event_key = is_true(props, name, "reselect.use.event.key", false),
        .fails = mode && strcasecmp(mode, "fail") == 0,
    };
    struct kc_error *err =
        filter_init(&reselect->include, setting(props, name, "reselect.columns.include.list"));
    if (!err)
        err =
            filter_init(&reselect->exclude, setting(props, name, "reselect.columns.exclude.list"));
    return err ? kc_while(err, "while reading the lists of columns of post processor %s", name)
               : NULL;
}

struct kc_error *reselects_init(struct reselects *reselects, const struct kc_named *named)
{
    *reselects = (struct reselects){0};
    for (size_t i = 0; i < named->names.len && reselects->count < MOST_RESELECTS; i++) {
        if (!*named->names.items[i])
            continue;
        struct kc_error *err =
            init(&reselects->items[reselects->count++], &named->settings, named->names.items[i]);
        if (err)
            return err;
    }
    return NULL;
}

void reselects_clear(struct reselects *reselects)
{
    for (size_t i = 0; i < reselects->count; i++) {
        filter_clear(&reselects->items[i].include);
        filter_clear(&reselects->items[i].exclude);
    }
    *reselects = (struct reselects){0};
}

unsigned reselects_of(const struct reselects *reselects, const char *table, const char *column)
{
    unsigned bits = 0;
    char *full = reselects->count ? kc_printf("%s:%s", table, column) : NULL;
    for (size_t i = 0; i < reselects->count; i++) {
        const struct reselect *reselect = &reselects->items[i];
        /* An exclude list beside an include list has no say. */
        bool yes = reselect->include.count ? filter_matches(&reselect->include, kc_text(full))
                                           : !filter_matches(&reselect->exclude, kc_text(full));
        bits |= (unsigned)yes << i;
    }
    free(full);
    return bits;
}
