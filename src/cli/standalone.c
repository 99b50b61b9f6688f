#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "cli/cli.h"
#include "herder/validation.h"
#include "kafka/dev_broker.h"

#define DEV_PARTITIONS 1

static void warn(const struct kc_findings *findings)
{
    for (size_t i = 0; i < findings->len; i++)
        if (findings->items[i].severity == KC_WARN)
            kc_log_warn("cli", "%s", findings->items[i].text);
}

/* Reads the worker's settings; on mistakes says all of them. */
static bool read_worker(const char *path, const struct kc_props *props,
                        struct worker_config *worker)
{
    struct kc_findings findings = { .len = 0 };
    struct kc_error *err = cli_load_plugins(kc_props_get(props, "plugin.path"));
    if (!err)
        err = worker_config_read(props, worker, &findings);
    size_t errors = kc_findings_errors(&findings);
    if (errors) {
        cli_complain("%s: %zu mistake%s in the worker's settings:", path, errors,
                     errors == 1 ? "" : "s");
        cli_print_mistakes(&findings);
        kc_error_free(err);
    } else if (err) {
        cli_complain_error(err);
        errors = 1;
    }
    if (!errors)
        warn(&findings);
    kc_findings_clear(&findings);
    return errors == 0;
}

/* False when its settings are wrong: then it has said all that is. Nothing outside is asked. */
static bool check_connector(const struct worker_config *worker, const struct connector_file *file)
{
    const struct kc_plugin *plugin = NULL;
    struct kc_error *err = validation_plugin(&file->props, &plugin);
    if (err) {
        cli_complain_error(kc_while(err, "%s", file->path));
        return false;
    }
    struct validation *v = validation_new(worker, plugin, &file->props);
    if (plugin->kind == KC_SOURCE && worker->topic_creation_enable)
        connector_check_topics(&v->config, &v->props, &v->findings);
    size_t errors = validation_errors(v);
    if (errors) {
        cli_complain("%s: %zu mistake%s in the settings of connector %s:", file->path, errors,
                     errors == 1 ? "" : "s", file->name);
        cli_print_mistakes(&v->findings);
    }
    validation_free(v);
    return errors == 0;
}

/* Reads the connectors' files and says all that is wrong in any of them; NULL if something is. */
static struct connector_file *read_connectors(const struct worker_config *worker, char **paths,
                                              size_t count)
{
    struct connector_file *files = cli_read_connectors(paths, count);
    bool fine = true;
    for (size_t i = 0; files && i < count; i++)
        fine = check_connector(worker, &files[i]) && fine;
    if (fine)
        return files;
    cli_free_connectors(files, count);
    return NULL;
}

static int run(const char *path, const struct kc_props *props, bool dev, char **paths, size_t count)
{
    struct worker_config worker = { .dev = dev };
    int status = EXIT_SETTINGS;
    bool fine = read_worker(path, props, &worker);
    struct connector_file *files = read_connectors(&worker, paths, count);
    if (dev) {
        free(worker.offset_file);
        worker.offset_file = NULL; /* they would outlive the topics */
    }
    if (fine && files)
        status = cli_run_worker(&worker, files, count);
    else if (fine)
        status = EXIT_START;
    cli_free_connectors(files, count);
    worker_config_clear(&worker);
    return status;
}

int cli_standalone(int argc, char **argv)
{
    struct kc_props props = { .map.count = 0 };
    if (argc < 1) {
        cli_complain("standalone needs the worker's settings: penstock standalone "
                     "worker.properties "
                     "[connector file]...");
        return EXIT_USAGE;
    }
    struct kc_error *err = settings_file_read(argv[0], &props);
    int status = EXIT_SETTINGS;
    if (err)
        cli_complain_error(err);
    else
        status = run(argv[0], &props, false, argv + 1, (size_t)argc - 1);
    kc_props_clear(&props);
    return status;
}

/* ---- dev ---- */

static void set_default(struct kc_props *props, const char *name, const char *value)
{
    if (!kc_props_has(props, name))
        kc_props_set(props, name, value);
}

static void dev_settings(struct kc_props *props, const char *port, const struct dev_broker *broker)
{
    static const char json[] = "org.apache.kafka.connect.json.JsonConverter";
    if (port) {
        char *listener = kc_printf("http://:%s", port);
        kc_props_set(props, "listeners", listener);
        free(listener);
    }
    kc_props_set(props, "bootstrap.servers", dev_broker_bootstrap(broker));
    kc_props_set(props, "offset.storage.file.filename", "in memory");
    set_default(props, "key.converter", json);
    set_default(props, "value.converter", json);
    set_default(props, "offset.flush.interval.ms", "1000");
    /* The few megabytes that the broker keeps hold some 50 times as many rows of JSON with schemas.
     */
    set_default(props, "producer.compression.type", "zstd");
}

static void print_banner(const struct kc_props *props)
{
    const char *listeners = kc_props_get(props, "listeners");
    printf("penstock dev: a worker for trying things, with a Kafka broker inside\n\n"
           "  REST API     %s\n"
           "  Kafka broker %s\n\n%s\n\n",
           listeners ? listeners : "http://localhost:8083",
           kc_props_get(props, "bootstrap.servers"), dev_broker_limits());
    fflush(stdout);
}

static int run_dev(struct kc_props *props, const char *path, const char *port, char **files,
                   size_t count)
{
    struct dev_broker *broker = NULL;
    struct kc_error *err = dev_broker_start(DEV_PARTITIONS, &broker);
    if (err) {
        cli_complain_error(err);
        return EXIT_START;
    }
    dev_settings(props, port, broker);
    print_banner(props);
    int status = run(path, props, true, files, count);
    dev_broker_stop(broker);
    return status;
}

int cli_dev(int argc, char **argv)
{
    struct kc_props props = { .map.count = 0 };
    const char *port = NULL, *path = "penstock dev";
    struct kc_error *err = NULL;
    int first = 0;
    for (; first < argc && strncmp(argv[first], "--", 2) == 0; first++) {
        if (strncmp(argv[first], "--port=", 7) == 0) {
            port = argv[first] + 7;
        } else if (strcmp(argv[first], "--port") == 0 && first + 1 < argc) {
            port = argv[++first];
        } else {
            cli_complain("dev does not know %s; see penstock help dev", argv[first]);
            return EXIT_USAGE;
        }
    }
    /* The first file may be a worker's: connectors have a class. */
    if (first < argc) {
        err = settings_file_read(argv[first], &props);
        if (!err && !kc_props_has(&props, "connector.class"))
            path = argv[first++];
        else
            kc_props_clear(&props);
    }
    if (err) {
        cli_complain_error(err);
        return EXIT_SETTINGS;
    }
    int status = run_dev(&props, path, port, argv + first, (size_t)(argc - first));
    kc_props_clear(&props);
    return status;
}
