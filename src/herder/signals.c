#include "base/uuid.h"
#include "herder/internal.h"
#include "plugin/source.h"

/* A signal over REST: our own addition to the API. What can be said against it is said at once; a source
 * that has it tells the rest in its log and notifications. */

static bool takes(const struct kc_source_ops *ops, const char *type)
{
    for (const char *const *known = ops->signal_types; *known; known++)
        if (strcmp(*known, type) == 0)
            return true;
    return false;
}

static void refuse_type(struct herder_request *request, const struct kc_source_ops *ops,
                        const char *type)
{
    KC_AUTO_BUF buf = KC_BUF(0);

    for (const char *const *known = ops->signal_types; *known; known++)
        kc_buf_printf(&buf, "%s%s", buf.len ? ", " : "", *known);
    herder_refuse(request, 400, "Connector %s knows no signal of type \"%s\", but these: %s",
                  request->connector, type, buf.data);
}

/* The one task of a source; NULL, and the request refused, if it can't hear now. */
static struct task *listener(struct connector *connector, struct herder_request *request)
{
    struct slot *slot = connector->n_slots ? connector->slots[0] : NULL;
    enum task_state state = slot ? slot->state : TASK_STOPPED;

    if (connector->target == HERDER_PAUSED)
        state = TASK_PAUSED;
    if (slot && slot->running && state == TASK_RUNNING)
        return slot->running->task;
    herder_refuse(request, 409,
                  "Connector %s can't take a signal while its task is %s: it must be RUNNING",
                  connector->name, task_state_name(state));
    return NULL;
}

static void pass_on(struct herder_request *request, struct connector *connector,
                    const struct kc_source_signal *signal)
{
    const struct kc_source_ops *ops = connector->plugin->source;
    char made[KC_UUID_SIZE];
    struct kc_source_signal named = *signal;

    if (!takes(ops, signal->type)) {
        refuse_type(request, ops, signal->type);
        return;
    }
    struct task *task = listener(connector, request);
    if (!task)
        return;
    if (!*named.id) {
        kc_uuid(made);
        named.id = made;
    }
    task_signal(task, &named);
    struct kc_json *answer = kc_json_new_object();
    kc_json_put_string(answer, "id", named.id);
    herder_answer(request, 202, answer);
}

void handle_signal(struct herder *herder, struct herder_request *request)
{
    struct connector *connector = herder_find(herder, request->connector);
    struct kc_source_signal signal;
    struct kc_arena arena;

    if (!connector) {
        herder_refuse(request, 404, "Unknown connector %s", request->connector);
        return;
    }
    if (connector->plugin->kind != KC_SOURCE || !connector->plugin->source->signal) {
        herder_refuse(request, 400, "Connector %s takes no signals: it is a %s of the kind \"%s\"",
                      connector->name, connector->plugin->kind == KC_SOURCE ? "source" : "sink",
                      connector->plugin->name);
        return;
    }
    KC_AUTO_BUF json = KC_BUF(0);
    kc_json_write(request->body, &json);
    kc_arena_init(&arena, 0);
    struct kc_error *err =
        kc_source_signal_read((struct kc_text){ json.data, json.len }, &arena, &signal);
    if (err)
        herder_fail(request, 400, err);
    else
        pass_on(request, connector, &signal);
    kc_arena_clear(&arena);
}
