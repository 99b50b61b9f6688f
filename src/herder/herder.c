#include "herder/herder.h"

#include <poll.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "herder/internal.h"

/* Started when needed. A check that hangs holds one until its deadline; the others go on. */
#define CHECK_THREADS 16
#define ADMIN_THREADS 4

/* ---- requests ---- */

struct herder_request *herder_request_new(enum herder_op op, const char *connector,
                                          void (*done)(struct herder_request *request), void *owner)
{
    struct herder_request *request = kc_calloc(1, sizeof *request);
    request->op = op;
    request->connector = kc_strdup(connector);
    request->done = done;
    request->owner = owner;
    return request;
}

void herder_request_free(struct herder_request *request)
{
    if (!request)
        return;
    free(request->connector);
    kc_props_clear(&request->config);
    kc_json_free(request->body);
    free(request->error);
    kc_json_free(request->answer);
    free(request);
}

void herder_answer(struct herder_request *request, int code, struct kc_json *answer)
{
    request->code = code;
    request->answer = answer;
    request->done(request);
}

void herder_refuse(struct herder_request *request, int code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    request->code = code;
    request->error = kc_vprintf(format, args);
    va_end(args);
    request->done(request);
}

void herder_fail(struct herder_request *request, int code, struct kc_error *err)
{
    char *line = kc_error_line(err);
    kc_error_free(err);
    herder_refuse(request, code, "%s", line);
    free(line);
}

void herder_message(struct herder_request *request, const char *message)
{
    struct kc_json *answer = kc_json_new_object();
    kc_json_put_string(answer, "message", message);
    herder_answer(request, 200, answer);
}

struct connector *herder_find(const struct herder *herder, const char *name)
{
    return name ? kc_map_get(&herder->connectors, kc_text(name)) : NULL;
}

void connector_free(struct connector *connector)
{
    free(connector->name);
    kc_props_clear(&connector->props);
    free(connector);
}

static void handle_health(struct herder *herder, struct herder_request *request)
{
    struct kc_json *health = kc_json_new_object();
    (void)herder;
    kc_json_put_string(health, "status", "healthy");
    kc_json_put_string(health, "message",
                       "Worker has completed startup and is ready to handle requests.");
    herder_answer(request, 200, health);
}

static herder_handler *const handlers[HERDER_OPS] = {
    [HERDER_HEALTH] = handle_health,
    [HERDER_CLUSTER] = handle_cluster,
    [HERDER_LIST] = handle_list,
    [HERDER_CREATE] = handle_create,
    [HERDER_INFO] = handle_info,
    [HERDER_CONFIG] = handle_config,
    [HERDER_PUT_CONFIG] = handle_put_config,
    [HERDER_PATCH_CONFIG] = handle_patch_config,
    [HERDER_DELETE] = handle_delete,
    [HERDER_STATUS] = handle_status,
    [HERDER_METRICS] = handle_metrics,
    [HERDER_RESTART] = handle_restart,
    [HERDER_PAUSE] = handle_pause,
    [HERDER_RESUME] = handle_resume,
    [HERDER_STOP] = handle_stop,
    [HERDER_TASKS] = handle_tasks,
    [HERDER_TASK_STATUS] = handle_task_status,
    [HERDER_TASK_RESTART] = handle_task_restart,
    [HERDER_TOPICS] = handle_topics,
    [HERDER_TOPICS_RESET] = handle_topics_reset,
    [HERDER_OFFSETS] = handle_offsets,
    [HERDER_ALTER_OFFSETS] = handle_alter_offsets,
    [HERDER_RESET_OFFSETS] = handle_reset_offsets,
    [HERDER_SIGNAL] = handle_signal,
    [HERDER_VALIDATE] = handle_validate,
};

void herder_post(struct herder *herder, struct herder_request *request)
{
    kc_mailbox_post(&herder->requests, &request->message);
}

static void take_requests(struct herder *herder)
{
    struct herder_request *request;
    while ((request = (struct herder_request *)kc_mailbox_take(&herder->requests))) {
        if (herder->stopping)
            herder_refuse(request, 503, STOPPING);
        else
            handlers[request->op](herder, request);
    }
}

/* ---- parked requests ---- */

void herder_park(struct herder *herder, struct herder_request *request, int64_t timeout_ms,
                 void (*go_on)(struct herder *herder, struct herder_request *request, bool in_time))
{
    if (!tasks_leaving(herder, request->connector)) {
        go_on(herder, request, true);
        return;
    }
    struct parked *parked = kc_calloc(1, sizeof *parked);
    *parked = (struct parked){ .request = request,
                               .go_on = go_on,
                               .deadline = kc_monotonic_ms() + timeout_ms };
    struct parked **last = &herder->parked;
    while (*last)
        last = &(*last)->next;
    *last = parked;
}

/* Lets go on what need not wait any more; the ms until the next deadline, -1 for none. */
static int serve_parked(struct herder *herder)
{
    int wait = -1;
    int64_t now = kc_monotonic_ms();
    for (struct parked **at = &herder->parked; *at;) {
        struct parked *parked = *at;
        bool ready = !tasks_leaving(herder, parked->request->connector);
        if (!ready && parked->deadline > now) {
            int left = (int)(parked->deadline - now);
            wait = wait < 0 || left < wait ? left : wait;
            at = &parked->next;
            continue;
        }
        *at = parked->next;
        parked->go_on(herder, parked->request, ready);
        free(parked);
    }
    return wait;
}

/* ---- offsets ---- */

static void begin_write(struct herder *herder)
{
    herder->dirty = herder->writing;
    if (herder->writing)
        return;
    herder->writing = true;
    offsets_flush(herder->offsets);
}

void herder_flush_offsets(struct herder *herder, struct flush *flush)
{
    flush->next = herder->flushes;
    herder->flushes = flush;
    begin_write(herder);
}

static void log_write(struct herder *herder, const struct kc_error *error)
{
    if (error && !herder->offsets_failing) {
        char *line = kc_error_line(error);
        kc_log_error("herder",
                     "Offsets can't be stored: %s. Tasks go on and try again with every commit.",
                     line);
        free(line);
    } else if (!error && herder->offsets_failing) {
        kc_log_info("herder", "Offsets are stored again");
    }
    herder->offsets_failing = error != NULL;
}

/* An error is told to each task that waits, as its own. */
static struct kc_error *copy_error(const struct kc_error *error)
{
    if (!error)
        return NULL;
    char *line = kc_error_line(error);
    struct kc_error *copy = kc_fail(KC_RETRY, "%s", line);
    free(line);
    return copy;
}

static void answer_flush(struct flush *flush, struct kc_error *error)
{
    if (flush->task)
        task_offsets_stored(flush->task, flush->flush, error);
    else if (error)
        herder_fail(flush->request, 500, error);
    else
        herder_message(flush->request, flush->message);
}

static void take_written(struct herder *herder)
{
    struct offsets_written *written;
    while ((written = (struct offsets_written *)kc_mailbox_take(&herder->written))) {
        herder->writing = false;
        log_write(herder, written->error);
        for (struct flush **at = &herder->flushes; *at;) {
            struct flush *flush = *at;
            if (flush->version > written->version) {
                at = &flush->next;
                continue;
            }
            *at = flush->next;
            answer_flush(flush, copy_error(written->error));
            free(flush);
        }
        if (herder->dirty)
            begin_write(herder);
        offsets_written_free(written);
    }
}

/* ---- the loop ---- */

static void take_reports(struct herder *herder)
{
    struct task_report *report;
    while ((report = (struct task_report *)kc_mailbox_take(&herder->reports)))
        tasks_report(herder, report);
}

static int sooner(int a, int b)
{
    return a < 0 || (b >= 0 && b < a) ? b : a;
}

/* One round: waits up to limit_ms (-1: for ever) for something to do, and does it. True once
 * stop_fd is readable. */
static bool serve(struct herder *herder, int stop_fd, int limit_ms)
{
    int wait = sooner(sooner(serve_parked(herder), jobs_serve(&herder->checks)),
                      jobs_serve(&herder->admin));
    struct pollfd fds[] = {
        { .fd = herder->requests.fd, .events = POLLIN },
        { .fd = herder->reports.fd, .events = POLLIN },
        { .fd = herder->written.fd, .events = POLLIN },
        { .fd = herder->checks.finished.fd, .events = POLLIN },
        { .fd = herder->admin.finished.fd, .events = POLLIN },
        { .fd = stop_fd, .events = POLLIN },
    };
    poll(fds, KC_COUNT(fds), sooner(wait, limit_ms));
    take_reports(herder);
    take_written(herder);
    take_requests(herder);
    return fds[KC_COUNT(fds) - 1].revents != 0;
}

/* Tells what did not stop, so that the user knows what to look at. */
static void log_leftovers(const struct herder *herder)
{
    for (const struct running *r = herder->running; r; r = r->next)
        kc_log_warn("herder", "Task %s-%d did not stop in time and is left behind", r->connector,
                    r->number);
}

/* Requests that wait for something else than a job. */
static void refuse_parked(struct herder *herder)
{
    while (herder->parked) {
        struct parked *parked = herder->parked;
        herder->parked = parked->next;
        herder_refuse(parked->request, 503, STOPPING);
        free(parked);
    }
}

/* What the disk did not take in time. */
static void refuse_flushes(struct herder *herder)
{
    while (herder->flushes) {
        struct flush *flush = herder->flushes;
        herder->flushes = flush->next;
        if (flush->request)
            herder_refuse(flush->request, 503, STOPPING);
        free(flush);
    }
}

static bool stop(struct herder *herder)
{
    int64_t end = kc_monotonic_ms() + herder->worker->task_shutdown_graceful_timeout_ms, left;
    herder->stopping = true;
    kc_log_info("herder", "Stopping: tasks finish what they are at and commit their offsets");
    refuse_parked(herder);
    tasks_stop_all(herder);
    while ((herder->running || herder->writing) && (left = end - kc_monotonic_ms()) > 0)
        serve(herder, -1, left > 1000000 ? 1000000 : (int)left);
    log_leftovers(herder);
    bool clean = !herder->running && !herder->writing && !herder->offsets_failing;
    refuse_flushes(herder);
    clean = jobs_stop(&herder->checks) && clean;
    clean = jobs_stop(&herder->admin) && clean;
    take_requests(herder);
    return clean;
}

bool herder_run(struct herder *herder, int stop_fd)
{
    while (!serve(herder, stop_fd, -1))
        ;
    return stop(herder);
}

void herder_refuse_posted(struct herder *herder)
{
    take_requests(herder);
}

struct kc_error *herder_new(const struct worker_config *worker, const char *worker_id,
                            struct herder **result)
{
    struct herder *herder = kc_calloc(1, sizeof *herder);
    herder->worker = worker;
    herder->worker_id = worker_id;
    kc_mailbox_init(&herder->requests);
    kc_mailbox_init(&herder->reports);
    kc_mailbox_init(&herder->written);
    jobs_init(&herder->checks, "check", CHECK_THREADS);
    jobs_init(&herder->admin, "admin", ADMIN_THREADS);
    struct kc_error *err = offsets_open(worker->offset_file, &herder->written, &herder->offsets);
    if (err) {
        jobs_stop(&herder->checks);
        jobs_stop(&herder->admin);
        herder_free(herder);
        return err;
    }
    *result = herder;
    return NULL;
}

static void free_connector(void *value)
{
    connector_free(value);
}

static void free_topics(void *value)
{
    kc_json_free(value);
}

void herder_free(struct herder *herder)
{
    if (!herder)
        return;
    for (struct kc_map_entry *at = NULL; (at = kc_map_next(&herder->connectors, at));)
        tasks_remove(herder, at->value);
    kc_map_clear(&herder->connectors, free_connector);
    kc_map_clear(&herder->topics, free_topics);
    offsets_close(herder->offsets);
    struct offsets_written *written;
    while ((written = (struct offsets_written *)kc_mailbox_take(&herder->written)))
        offsets_written_free(written);
    kc_mailbox_clear(&herder->written);
    kc_mailbox_clear(&herder->reports);
    kc_mailbox_clear(&herder->requests);
    free(herder->cluster_id);
    free(herder);
}
