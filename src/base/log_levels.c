/* Which lines of the log are written: levels by logger. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/log.h"

/* Loggers are named by areas of the code and by users over REST: a user must not fill the memory. */
enum { LOGGERS_MAX = 10000 };

static const char *const names[] = { "OFF", "FATAL", "ERROR", "WARN", "INFO", "DEBUG", "TRACE", "ALL" };

enum kc_log_level kc_log_level = KC_LOG_INFO;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct kc_logger root = { .name = (char *)"root", .level = KC_LOG_INFO };
static struct kc_logger *loggers; /* sorted by name */
static size_t n_loggers, loggers_cap;

bool kc_log_parse_level(const char *name, enum kc_log_level *level)
{
    for (size_t i = 0; i < KC_COUNT(names); i++)
        if (strcasecmp(name, names[i]) == 0) {
            *level = (enum kc_log_level)((int)i + KC_LOG_OFF);
            return true;
        }
    return false;
}

const char *kc_log_level_name(enum kc_log_level level)
{
    return names[level - KC_LOG_OFF];
}

/* ---- under the lock ---- */

/* Where the name is, or would have to be. */
static size_t place_of(const char *name, bool *found)
{
    size_t low = 0, high = n_loggers;
    *found = false;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(loggers[middle].name, name);
        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The logger of that name, made if need be; NULL when there are too many. */
static struct kc_logger *logger_of(const char *name)
{
    bool found;
    size_t place = place_of(name, &found);
    if (found)
        return &loggers[place];
    if (n_loggers == LOGGERS_MAX)
        return NULL;
    loggers = kc_grow(loggers, n_loggers, &loggers_cap, sizeof(*loggers));
    memmove(&loggers[place + 1], &loggers[place], (n_loggers - place) * sizeof(*loggers));
    loggers[place] = (struct kc_logger){ .name = kc_strdup(name), .level = root.level };
    n_loggers++;
    return &loggers[place];
}

static void note_most(void)
{
    enum kc_log_level most = root.level;
    for (size_t i = 0; i < n_loggers; i++)
        if (loggers[i].level > most)
            most = loggers[i].level;
    __atomic_store_n(&kc_log_level, most, __ATOMIC_RELAXED);
}

static void set(struct kc_logger *logger, enum kc_log_level level, bool fresh,
                void (*changed)(void *context, const char *name), void *context)
{
    if (logger->level == level && !fresh)
        return;
    logger->level = level;
    logger->modified_ms = kc_now_ms();
    if (changed)
        changed(context, logger->name);
}

/* ---- */

bool kc_log_passes(enum kc_log_level level, const char *name)
{
    pthread_mutex_lock(&lock);
    const struct kc_logger *logger = logger_of(name);
    bool passes = level <= (logger ? logger : &root)->level;
    pthread_mutex_unlock(&lock);
    return passes;
}

bool kc_log_set_level(const char *name)
{
    enum kc_log_level level;
    if (!kc_log_parse_level(name, &level))
        return false;
    kc_log_set_loggers("root", level, NULL, NULL);
    return true;
}

void kc_log_set_loggers(const char *name, enum kc_log_level level,
                        void (*changed)(void *context, const char *name), void *context)
{
    bool all = strcasecmp(name, "root") == 0, known = true;
    pthread_mutex_lock(&lock);
    place_of(name, &known);
    struct kc_logger *own = all ? NULL : logger_of(name);
    for (size_t i = 0; i < n_loggers; i++)
        if (all || strncmp(loggers[i].name, name, strlen(name)) == 0)
            set(&loggers[i], level, &loggers[i] == own && !known, changed, context);
    if (all)
        set(&root, level, false, changed, context);
    note_most();
    pthread_mutex_unlock(&lock);
}

static struct kc_logger copy(const struct kc_logger *logger)
{
    struct kc_logger made = *logger;
    made.name = kc_strdup(logger->name);
    return made;
}

struct kc_logger *kc_log_loggers(size_t *count)
{
    pthread_mutex_lock(&lock);
    struct kc_logger *list = kc_calloc(n_loggers + 1, sizeof(*list));
    list[0] = copy(&root);
    for (size_t i = 0; i < n_loggers; i++)
        list[i + 1] = copy(&loggers[i]);
    *count = n_loggers + 1;
    pthread_mutex_unlock(&lock);
    return list;
}

void kc_log_loggers_free(struct kc_logger *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(list[i].name);
    free(list);
}
