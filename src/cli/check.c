#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "flow/clients.h"
#include "herder/jobs.h"
#include "herder/validation.h"
#include "kafka/admin.h"
#include "store/offsets.h"

#define LIVE_TIMEOUT_MS 30000
#define KAFKA_TIMEOUT_MS 5000
#define CHECK_THREADS 4

/* `penstock check`: would these files work? First the settings, then the live systems, all of them
 * at the same time. */

struct live {
    struct job job; /* first */
    struct checked *checked;
    struct validation *v; /* of a connector; NULL: Kafka itself is asked */
    struct kc_props kafka;
    struct kc_findings findings; /* of Kafka */
};

struct checked {
    const char *path;
    char *title;
    struct kc_findings findings;
    struct kc_props props;
    bool is_connector, hangs;
    struct live *live;
};

static struct {
    size_t errors, warnings, pending;
} total;

/* ---- live ---- */

static void copy_findings(struct kc_findings *to, const struct kc_findings *from)
{
    for (size_t i = 0; i < from->len; i++)
        kc_find(to, from->items[i].severity, from->items[i].setting, "%s", from->items[i].text);
}

static void ask_kafka(struct live *live)
{
    struct admin *admin = NULL;
    char *id = NULL;
    struct kc_error *err = admin_new(&live->kafka, &admin);
    if (!err)
        err = admin_cluster_id(admin, KAFKA_TIMEOUT_MS, &id);
    admin_free(admin);
    const char *servers = kc_props_get(&live->kafka, "bootstrap.servers");
    if (err) {
        char *line = kc_error_line(err);
        kc_find(&live->findings, KC_ERROR, "bootstrap.servers",
                "Kafka does not answer at %s: %s. Is it running, and is bootstrap.servers right?",
                servers, line);
        free(line);
        kc_error_free(err);
    } else {
        kc_find(&live->findings, KC_OK, "bootstrap.servers", "Kafka answers at %s (cluster %s)",
                servers, id);
    }
    free(id);
}

static void live_run(struct job *job)
{
    struct live *live = (struct live *)job;
    if (live->v)
        validation_check(live->v, KC_CHECK_LIVE, job->stop.fd);
    else
        ask_kafka(live);
}

static void live_done(struct job *job, bool in_time)
{
    struct live *live = (struct live *)job;
    total.pending--;
    live->checked->hangs = !in_time;
    if (in_time)
        copy_findings(&live->checked->findings, live->v ? &live->v->findings : &live->findings);
    else
        kc_find(&live->checked->findings, KC_ERROR, NULL,
                "It did not answer within %d s. Is the host right, and is there a firewall "
                "between?",
                LIVE_TIMEOUT_MS / 1000);
}

static void live_free(struct job *job)
{
    struct live *live = (struct live *)job;
    validation_free(live->v);
    kc_findings_clear(&live->findings);
    kc_props_clear(&live->kafka);
    free(live);
}

static struct live *live_new(struct checked *checked)
{
    struct live *live = kc_calloc(1, sizeof *live);
    live->job = (struct job){ .run = live_run, .done = live_done, .free = live_free };
    live->checked = checked;
    total.pending++;
    return live;
}

/* ---- settings ---- */

static void check_worker(struct checked *checked, struct worker_config *worker, struct jobs *jobs)
{
    static const struct kc_props none;
    struct kc_error *err = worker_config_read(&checked->props, worker, &checked->findings);
    checked->title = kc_strdup("worker");
    if (err) {
        kc_error_free(err);
        return;
    }
    struct live *live = live_new(checked);
    clients_admin_props("check", 0, worker, &none, &live->kafka);
    jobs_run(jobs, &live->job, LIVE_TIMEOUT_MS);
}

/* ---- where the connector has got to, by the worker's offset file ---- */

struct entries {
    struct task_offset *items;
    size_t len, cap;
};

static void collect(void *context, const char *key, const char *value)
{
    struct entries *entries = context;
    entries->items = kc_grow(entries->items, entries->len, &entries->cap, sizeof *entries->items);
    entries->items[entries->len++] = (struct task_offset){ kc_strdup(key), kc_strdup(value) };
}

static void read_offsets(struct checked *checked, const struct worker_config *worker,
                         struct validation *v)
{
    struct kc_mailbox written;
    struct offsets *offsets = NULL;
    struct entries entries = { .items = NULL };
    const char *name = kc_props_get(&checked->props, "name");
    kc_mailbox_init(&written);
    struct kc_error *err = offsets_open(worker->offset_file, &written, &offsets);
    if (!err && name)
        offsets_of(offsets, name, collect, &entries);
    if (!err)
        err = validation_stored(v, entries.items, entries.len);
    if (err) {
        char *line = kc_error_line(err);
        kc_find(&v->findings, KC_ERROR, NULL, "%s", line);
        free(line);
        kc_error_free(err);
    }
    task_offsets_free(entries.items, entries.len);
    offsets_close(offsets);
    kc_mailbox_clear(&written);
}

static void check_connector(struct checked *checked, const struct worker_config *worker,
                            struct jobs *jobs)
{
    const struct kc_plugin *plugin = NULL;
    const char *name = kc_props_get(&checked->props, "name");
    struct kc_error *err = validation_plugin(&checked->props, &plugin);
    checked->title = kc_printf("connector %s", name ? name : "without a name");
    if (err) {
        char *line = kc_error_line(err);
        kc_find(&checked->findings, KC_ERROR, "connector.class", "%s", line);
        free(line);
        kc_error_free(err);
        return;
    }
    struct validation *v = validation_new(worker, plugin, &checked->props);
    if (plugin->kind == KC_SOURCE && worker->topic_creation_enable)
        connector_check_topics(&v->config, &v->props, &v->findings);
    if (plugin->kind == KC_SOURCE && worker->offset_file)
        read_offsets(checked, worker, v);
    if (validation_has_check(v)) {
        struct live *live = live_new(checked);
        live->v = v;
        jobs_run(jobs, &live->job, LIVE_TIMEOUT_MS);
        return;
    }
    copy_findings(&checked->findings, &v->findings);
    validation_free(v);
}

/* Connectors that come without a worker's file are checked against a plain one. */
static void plain_worker(struct worker_config *worker)
{
    struct kc_props props = { .map.count = 0 };
    struct kc_findings findings = { .len = 0 };
    kc_props_set(&props, "key.converter", "org.apache.kafka.connect.json.JsonConverter");
    kc_props_set(&props, "value.converter", "org.apache.kafka.connect.json.JsonConverter");
    kc_props_set(&props, "offset.storage.file.filename", "none");
    kc_error_free(worker_config_read(&props, worker, &findings));
    free(worker->offset_file); /* it is not known where they are */
    worker->offset_file = NULL;
    kc_findings_clear(&findings);
    kc_props_clear(&props);
}

/* ---- telling ---- */

static void tell(const struct checked *checked)
{
    static const struct {
        enum kc_severity severity;
        const char *label;
    } kinds[] = { { KC_ERROR, "error" }, { KC_WARN, "warning" }, { KC_OK, "ok" } };
    size_t said = 0;
    printf("%s (%s)\n", checked->path, checked->title);
    for (size_t kind = 0; kind < KC_COUNT(kinds); kind++)
        for (size_t i = 0; i < checked->findings.len; i++) {
            const struct kc_finding *finding = &checked->findings.items[i];
            if (finding->severity != kinds[kind].severity)
                continue;
            char *head = cli_finding_head(finding);
            printf("  %-7s  %s%s\n", kinds[kind].label, head, finding->text);
            free(head);
            total.errors += finding->severity == KC_ERROR;
            total.warnings += finding->severity == KC_WARN;
            said++;
        }
    if (!said)
        printf("  ok       Nothing to complain about\n");
}

static int exit_status(void)
{
    printf("%zu error%s, %zu warning%s\n", total.errors, total.errors == 1 ? "" : "s",
           total.warnings, total.warnings == 1 ? "" : "s");
    return total.errors ? 1 : 0;
}

/* ---- the command ---- */

static bool read_files(struct checked *checked, char **paths, size_t count)
{
    bool fine = true;
    for (size_t i = 0; i < count; i++) {
        checked[i].path = paths[i];
        struct kc_error *err = settings_file_read(paths[i], &checked[i].props);
        fine = fine && !err;
        if (err)
            cli_complain_error(err);
        checked[i].is_connector = kc_props_has(&checked[i].props, "connector.class");
    }
    return fine;
}

static const char *plugin_path(const struct checked *checked, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!checked[i].is_connector)
            return kc_props_get(&checked[i].props, "plugin.path");
    return NULL;
}

static void check_all(struct checked *checked, size_t count, struct worker_config *worker,
                      struct jobs *jobs)
{
    bool has_worker = false;
    for (size_t i = 0; i < count; i++)
        if (!checked[i].is_connector && !has_worker) {
            check_worker(&checked[i], worker, jobs);
            has_worker = true;
        } else if (!checked[i].is_connector) {
            checked[i].title = kc_strdup("no connector");
            kc_find(&checked[i].findings, KC_ERROR, "connector.class",
                    "It has no connector.class, and %s is the worker's file already",
                    checked[0].path);
        }
    if (!has_worker)
        plain_worker(worker);
    for (size_t i = 0; i < count; i++)
        if (checked[i].is_connector)
            check_connector(&checked[i], worker, jobs);
    int wait = jobs_serve(jobs);
    while (total.pending) {
        kc_wait_fd(jobs->finished.fd, false, -1, wait);
        wait = jobs_serve(jobs);
    }
}

int cli_check(int argc, char **argv)
{
    struct worker_config worker = { .dev = false };
    struct jobs jobs;
    size_t count = (size_t)argc;
    if (argc < 1) {
        cli_complain("check needs files: penstock check [worker.properties] connector-file...");
        return 2;
    }
    struct checked *checked = kc_calloc(count, sizeof *checked);
    int status = 2;
    if (read_files(checked, argv, count)) {
        struct kc_error *err = cli_load_plugins(plugin_path(checked, count));
        if (err) {
            cli_complain_error(err);
        } else {
            jobs_init(&jobs, "check", CHECK_THREADS);
            check_all(checked, count, &worker, &jobs);
            for (size_t i = 0; i < count; i++)
                tell(&checked[i]);
            status = exit_status();
            if (!jobs_stop(&jobs)) {
                fflush(stdout);
                _Exit(status); /* something hangs */
            }
        }
    }
    for (size_t i = 0; i < count; i++) {
        free(checked[i].title);
        kc_findings_clear(&checked[i].findings);
        kc_props_clear(&checked[i].props);
    }
    free(checked);
    worker_config_clear(&worker);
    return status;
}
