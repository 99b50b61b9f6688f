#include <stdlib.h>

#include "base/log.h"
#include "herder/internal.h"

/* Handlers that change what runs, not how it is set up. */

void handle_delete(struct herder *herder, struct herder_request *request)
{
    struct connector *connector = kc_map_remove(&herder->connectors, kc_text(request->connector));
    if (!connector) {
        herder_refuse(request, 404, "Connector %s not found", request->connector);
        return;
    }
    kc_log_info("herder", "Connector %s was deleted", connector->name);
    tasks_remove(herder, connector);
    connector_free(connector);
    herder_answer(request, 204, NULL);
}

void handle_pause(struct herder *herder, struct herder_request *request)
{
    struct connector *connector = herder_find(herder, request->connector);
    if (!connector) {
        herder_refuse(request, 404, "Unknown connector %s", request->connector);
        return;
    }
    connector->target = HERDER_PAUSED;
    tasks_pause(connector, true);
    herder_answer(request, 202, NULL);
}

void handle_resume(struct herder *herder, struct herder_request *request)
{
    struct connector *connector = herder_find(herder, request->connector);
    if (!connector) {
        herder_refuse(request, 404, "Unknown connector %s", request->connector);
        return;
    }
    connector->target = HERDER_RUNNING;
    if (connector->n_slots == 0)
        tasks_replace(herder, connector, tasks_wanted(connector));
    else
        tasks_pause(connector, false);
    herder_answer(request, 202, NULL);
}

static void stopped(struct herder *herder, struct herder_request *request, bool in_time)
{
    (void)herder;
    if (!in_time)
        kc_log_warn("herder", "Tasks of connector %s take long to stop", request->connector);
    herder_answer(request, 204, NULL);
}

void handle_stop(struct herder *herder, struct herder_request *request)
{
    struct connector *connector = herder_find(herder, request->connector);
    if (!connector) {
        herder_refuse(request, 500, "No connector `%s` configured", request->connector);
        return;
    }
    connector->target = HERDER_STOPPED;
    tasks_remove(herder, connector);
    herder_park(herder, request, herder->worker->task_shutdown_graceful_timeout_ms, stopped);
}

/* ---- restarts ---- */

static bool restarts(const struct slot *slot, const struct herder_request *request)
{
    return request->include_tasks && (!request->only_failed || slot->state == TASK_FAILED);
}

/* The combined restart: answers with what it is about to do. */
static void restart_all(struct herder *herder, struct connector *connector,
                        struct herder_request *request)
{
    /* A connector itself never fails here: only_failed leaves it alone. */
    connector->restarting = !request->only_failed;
    for (size_t i = 0; i < connector->n_slots; i++)
        connector->slots[i]->restarting = restarts(connector->slots[i], request);
    struct kc_json *status = show_status(herder, connector);
    connector->restarting = false;
    for (size_t i = 0; i < connector->n_slots; i++)
        if (connector->slots[i]->restarting)
            tasks_restart(herder, connector->slots[i]);
    herder_answer(request, 202, status);
}

void handle_restart(struct herder *herder, struct herder_request *request)
{
    struct connector *connector = herder_find(herder, request->connector);
    if (!connector)
        herder_refuse(request, 404, "Unknown connector: %s", request->connector);
    else if (request->include_tasks || request->only_failed)
        restart_all(herder, connector, request);
    else
        herder_answer(request, 204,
                      NULL); /* there is no instance beside the tasks that could be restarted */
}

void handle_task_restart(struct herder *herder, struct herder_request *request)
{
    struct connector *connector = herder_find(herder, request->connector);
    if (!connector) {
        herder_refuse(request, 500,
                      "Failed to start task %s-%d since it is not a recognizable type (source or "
                      "sink)",
                      request->connector, request->task);
    } else if (request->task < 0 || (size_t)request->task >= connector->n_slots) {
        herder_refuse(request, 404, "Task %s-%d not found", request->connector, request->task);
    } else {
        tasks_restart(herder, connector->slots[request->task]);
        herder_answer(request, 204, NULL);
    }
}
