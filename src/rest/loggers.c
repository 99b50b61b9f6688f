#include <strings.h>

#include "base/log.h"
#include "rest/bodies.h"
#include "rest/router.h"

/* /admin/loggers: what the log says, by logger. */

static struct kc_json *show_logger(const struct kc_logger *logger)
{
    struct kc_json *json = kc_json_new_object();
    kc_json_put_string(json, "level", kc_log_level_name(logger->level));
    kc_json_put(json, "last_modified",
                logger->modified_ms ? kc_json_new_int(logger->modified_ms) : kc_json_new_null());
    return json;
}

static void get_all(struct rest_call *call)
{
    size_t count;
    struct kc_logger *loggers = kc_log_loggers(&count);
    struct kc_json *all = kc_json_new_object();
    for (size_t i = 0; i < count; i++)
        kc_json_put(all, loggers[i].name, show_logger(&loggers[i]));
    kc_log_loggers_free(loggers, count);
    rest_json(call, 200, all);
}

static void get_one(struct rest_call *call)
{
    size_t count;
    struct kc_logger *loggers = kc_log_loggers(&count);
    const struct kc_logger *found = strcasecmp(call->connector, "root") == 0 ? &loggers[0] : NULL;
    for (size_t i = 1; i < count && !found; i++)
        if (strcmp(loggers[i].name, call->connector) == 0)
            found = &loggers[i];
    if (found)
        rest_json(call, 200, show_logger(found));
    else
        rest_error(call, 404, "Logger %s not found.", call->connector);
    kc_log_loggers_free(loggers, count);
}

static void add_name(void *context, const char *name)
{
    kc_json_add(context, kc_json_new_string(name));
}

static void set_level(struct rest_call *call, const char *level_name)
{
    const char *scope = http_argument(&call->target, "scope");
    enum kc_log_level level;
    if (!*level_name) {
        rest_error(call, 500, "Illegal null or empty Level name.");
    } else if (!kc_log_parse_level(level_name, &level)) {
        rest_error(call, 404, "invalid log level '%s'.", level_name);
    } else if (scope && strcasecmp(scope, "cluster") == 0) {
        kc_log_set_loggers(call->connector, level, NULL, NULL); /* the cluster is this worker */
        rest_json(call, 204, NULL);
    } else {
        struct kc_json *names = kc_json_new_array();
        kc_log_set_loggers(call->connector, level, add_name, names);
        rest_json(call, 200, names);
    }
}

static void put_one(struct rest_call *call)
{
    /* Nobody is asked: the request only holds what the body says. */
    struct herder_request *fields = herder_request_new(HERDER_OPS, NULL, NULL, NULL);
    if (body_config(call, fields)) {
        const char *level = kc_props_get(&fields->config, "level");
        if (!fields->has_config)
            rest_error(call, 500, "The request has no body: {\"level\":...} is needed");
        else if (!level)
            rest_error(call, 400, "Desired 'level' parameter was not specified in request.");
        else
            set_level(call, level);
    }
    herder_request_free(fields);
}

const struct route logger_routes[] = {
    { "GET", "/admin/loggers", get_all, "Loggers and their levels", true },
    { "GET", "/admin/loggers/{c}", get_one, "Level of a logger", true },
    { "PUT", "/admin/loggers/{c}", put_one, "Set it, and that of all whose name starts so", true },
    { .method = NULL },
};
