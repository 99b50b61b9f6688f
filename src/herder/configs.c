#include <stdlib.h>

#include "base/log.h"
#include "herder/internal.h"
#include "plugin/registry.h"

/* Handlers that take a config. A config is validated first; when the plug-in wants to look at the
 * live system, that is a job, and the request goes on when it is done. */

typedef void go_on(struct herder *herder, struct herder_request *request, struct validation *v);

struct check_job {
    struct job job; /* first */
    struct herder *herder;
    struct herder_request *request;
    struct validation *v;
    go_on *go_on;
};

static void check_run(struct job *job)
{
    struct check_job *check = (struct check_job *)job;
    validation_check(check->v, KC_CHECK_CONFIG, job->stop.fd);
}

static void check_done(struct job *job, bool in_time)
{
    struct check_job *check = (struct check_job *)job;
    struct herder *herder = check->herder;
    if (herder->stopping) {
        herder_refuse(check->request, 503, STOPPING);
        return;
    }
    if (in_time) {
        check->go_on(herder, check->request, check->v);
        return;
    }
    /* The plug-in may still be at work on its validation: say it on a fresh one. */
    struct validation *v = validation_new(herder->worker, check->v->plugin, &check->v->props);
    kc_find(&v->findings, KC_ERROR, NULL,
            "The system that the connector talks to did not answer within %d s. Is it up and "
            "reachable "
            "from here?",
            CHECK_TIMEOUT_MS / 1000);
    check->go_on(herder, check->request, v);
    validation_free(v);
}

static void check_free(struct job *job)
{
    struct check_job *check = (struct check_job *)job;
    validation_free(check->v);
    free(check);
}

static void validate(struct herder *herder, struct herder_request *request,
                     const struct kc_plugin *plugin, const struct kc_props *props, go_on *then)
{
    struct validation *v = validation_new(herder->worker, plugin, props);
    if (!validation_has_check(v)) {
        then(herder, request, v);
        validation_free(v);
        return;
    }
    struct check_job *check = kc_calloc(1, sizeof *check);
    *check =
        (struct check_job){ .job = { .run = check_run, .done = check_done, .free = check_free },
                            .herder = herder,
                            .request = request,
                            .v = v,
                            .go_on = then };
    jobs_run(&herder->checks, &check->job, CHECK_TIMEOUT_MS);
}

/* ---- create, put, patch ---- */

static bool refused(struct herder_request *request, const struct validation *v)
{
    char *message = validation_message(v);
    if (!message)
        return false;
    herder_refuse(request, 400, "%s", message);
    free(message);
    return true;
}

static void warn(const struct validation *v, const char *name)
{
    for (size_t i = 0; i < v->findings.len; i++)
        if (v->findings.items[i].severity == KC_WARN)
            kc_log_warn("herder", "Connector %s: %s", name, v->findings.items[i].text);
}

static struct connector *add(struct herder *herder, struct herder_request *request)
{
    struct connector *connector = kc_calloc(1, sizeof *connector);
    connector->name = kc_strdup(request->connector);
    connector->target = request->initial_state;
    kc_map_set(&herder->connectors, kc_text(connector->name), connector);
    return connector;
}

static void set_config(struct herder *herder, struct connector *connector,
                       const struct validation *v)
{
    bool same = connector->plugin == v->plugin && kc_props_equal(&connector->props, &v->props);
    connector->plugin = v->plugin;
    kc_props_clear(&connector->props);
    kc_props_copy(&connector->props, &v->props);
    if (connector->target == HERDER_RUNNING ? !same || !connector->n_slots
                                            : !same && connector->n_slots)
        tasks_replace(herder, connector, tasks_wanted(connector));
}

static void apply(struct herder *herder, struct herder_request *request, struct validation *v)
{
    if (refused(request, v))
        return;
    struct connector *connector = herder_find(herder, request->connector);
    bool is_new = !connector;
    if (connector && request->op == HERDER_CREATE) {
        herder_refuse(request, 409, "Connector %s already exists", request->connector);
        return;
    }
    if (!connector && request->op == HERDER_PATCH_CONFIG) {
        herder_refuse(request, 404, "Connector %s not found", request->connector);
        return;
    }
    if (!connector)
        connector = add(herder, request);
    warn(v, connector->name);
    kc_log_info("herder", "Connector %s was %s", connector->name,
                is_new ? "created" : "given a config");
    set_config(herder, connector, v);
    herder_answer(request, is_new ? 201 : 200, show_info(connector));
}

static void take_config(struct herder *herder, struct herder_request *request,
                        const struct kc_props *props)
{
    const struct kc_plugin *plugin = NULL;
    struct kc_error *err = validation_plugin(props, &plugin);
    if (err)
        herder_fail(request, 400, err);
    else
        validate(herder, request, plugin, props, apply);
}

/* `name` inside a config must be that of the connector; missing, it is filled in. */
static bool name_fits(struct herder_request *request)
{
    const char *inner = kc_props_get(&request->config, "name");
    if (!inner)
        kc_props_set(&request->config, "name", request->connector);
    else if (strcmp(inner, request->connector) != 0) {
        herder_refuse(request, 400,
                      "Connector name configuration (%s) doesn't match connector name in the URL "
                      "(%s)",
                      inner, request->connector);
        return false;
    }
    return true;
}

static bool has_config(struct herder_request *request)
{
    if (request->has_config)
        return true;
    herder_refuse(request, 500,
                  "The request has no config: a JSON object with the connector's settings is needed");
    return false;
}

void handle_create(struct herder *herder, struct herder_request *request)
{
    if (has_config(request) && name_fits(request))
        take_config(herder, request, &request->config);
}

void handle_put_config(struct herder *herder, struct herder_request *request)
{
    handle_create(herder, request);
}

void handle_patch_config(struct herder *herder, struct herder_request *request)
{
    struct connector *connector = herder_find(herder, request->connector);
    if (!connector) {
        herder_refuse(request, 404, "Connector %s not found", request->connector);
        return;
    }
    if (!has_config(request))
        return;
    struct kc_props merged = { .map.count = 0 };
    struct kc_map_entry *at = NULL;
    const char *name, *value;
    kc_props_copy(&merged, &connector->props);
    while (kc_props_next(&request->config, &at, &name, &value)) {
        if (value)
            kc_props_set(&merged, name, value);
        else
            kc_props_remove(&merged, name);
    }
    take_config(herder, request, &merged);
    kc_props_clear(&merged);
}

/* ---- validate ---- */

static void show_validation(struct herder *herder, struct herder_request *request,
                            struct validation *v)
{
    (void)herder;
    herder_answer(request, 200, validation_show(v));
}

static struct kc_text without_connector(const char *name)
{
    struct kc_text text = kc_text(name), end = KC_TEXT("Connector");
    if (text.len >= end.len && memcmp(text.ptr + text.len - end.len, end.ptr, end.len) == 0)
        text.len -= end.len;
    return text;
}

/* Is the class in the body the plug-in of the path, or does it at least end like it? */
static bool same_plugin(const char *included, const char *asked)
{
    struct kc_text a = without_connector(included), b = without_connector(asked);
    return a.len >= b.len && memcmp(a.ptr + a.len - b.len, b.ptr, b.len) == 0;
}

void handle_validate(struct herder *herder, struct herder_request *request)
{
    const struct kc_plugin *plugin = NULL;
    const char *included = kc_props_get(&request->config, "connector.class");
    if (!has_config(request))
        return;
    if (included && !same_plugin(included, request->connector)) {
        herder_refuse(request, 400, "Included connector type %s does not match request type %s",
                      included, request->connector);
        return;
    }
    struct kc_error *err = validation_plugin(&request->config, &plugin);
    if (err)
        herder_fail(request, 500,
                    kc_while(err, "org.apache.kafka.connect.runtime.rest.errors."
                                  "BadRequestException"));
    else
        validate(herder, request, plugin, &request->config, show_validation);
}
