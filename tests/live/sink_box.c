/* sink_box CLASS [NAME=VALUE]... <RECORDS: a JDBC sink alone, without a runtime around it.
 *
 * RECORDS has a line for each record: TOPIC, key and value as JSON with schemas, split by tabs; a
 * key or value that is empty is null. An empty line puts what came before it as one batch. Prints a
 * line for each record at fault and for each put that fails; KC_RETRY is tried again as the runtime
 * would. Exit status 1 when a put failed. With BOX_TOLERATE=1 in the environment faults do not end
 * a put. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "plugin/converter.h"
#include "plugin/sink.h"

extern const struct kc_plugin kc_plugin_jdbc_sink, kc_plugin_debezium_jdbc_sink,
    kc_plugin_aiven_jdbc_sink, kc_plugin_json_converter;

static const struct kc_plugin *const plugins[] = { &kc_plugin_jdbc_sink,
                                                   &kc_plugin_debezium_jdbc_sink,
                                                   &kc_plugin_aiven_jdbc_sink };

struct box {
    struct kc_sink *sink;
    void *config;
    struct kc_converter *converter;
    void *converter_config;
    struct kc_batch batch;
    int64_t offset;
    bool failed;
};

static void die(struct kc_error *err)
{
    if (!err)
        return;
    char *line = kc_error_line(err);
    fprintf(stderr, "sink_box: %s\n", line);
    exit(2);
}

static void *read_config(const struct kc_plugin *plugin, const struct kc_props *props)
{
    struct kc_findings findings = { 0 };
    void *config = kc_calloc(1, plugin->config_size);

    kc_options_read(plugin->options, props, config, &findings);
    die(kc_findings_error(&findings));
    kc_findings_clear(&findings);
    return config;
}

static void open_box(struct box *box, const struct kc_plugin *plugin, const struct kc_props *props)
{
    struct kc_props json = { 0 };
    int stop[2];

    if (pipe(stop) != 0)
        exit(2);
    box->config = read_config(plugin, props);
    box->sink = kc_calloc(1, plugin->sink->size);
    *box->sink = (struct kc_sink){ .plugin = plugin,
                                   .config = box->config,
                                   .connector = "box",
                                   .stop_fd = stop[0],
                                   .stop_at_fault = getenv("BOX_TOLERATE") == NULL };
    kc_props_set(&json, "converter.type", "value");
    box->converter_config = read_config(&kc_plugin_json_converter, &json);
    kc_props_clear(&json);
    box->converter = kc_calloc(1, kc_plugin_json_converter.converter->size);
    *box->converter = (struct kc_converter){ .plugin = &kc_plugin_json_converter,
                                             .config = box->converter_config,
                                             .side = KC_VALUE_SIDE };
    if (kc_plugin_json_converter.converter->open)
        die(kc_plugin_json_converter.converter->open(box->converter));
    die(plugin->sink->open(box->sink));
    kc_batch_init(&box->batch, 0, 0);
}

static void decode(struct box *box, const char *topic, char *text, const struct kc_schema **schema,
                   struct kc_value *value)
{
    struct kc_wire wire = { text && *text ? text : NULL, text ? strlen(text) : 0 };

    if (wire.data)
        wire.data = kc_arena_text(&box->batch.arena, text, wire.len);
    die(kc_plugin_json_converter.converter->decode(box->converter, topic, wire, &box->batch.arena,
                                                   schema, value));
}

static void add(struct box *box, char *line)
{
    char *key = strchr(line, '\t'), *value = key ? strchr(key + 1, '\t') : NULL;

    if (key)
        *key++ = '\0';
    if (value)
        *value++ = '\0';
    const char *topic = kc_arena_text(&box->batch.arena, line, strlen(line));
    struct kc_record *record = kc_batch_add(&box->batch, topic);
    record->partition = 0;
    record->offset = box->offset++;
    record->timestamp = 1;
    decode(box, topic, key, &record->key_schema, &record->key);
    decode(box, topic, value, &record->value_schema, &record->value);
}

static void put(struct box *box)
{
    struct kc_error *err;

    while ((err = box->sink->plugin->sink->put(box->sink, &box->batch)) && err->fault == KC_RETRY) {
        char *line = kc_error_line(err);
        printf("retry: %s\n", line);
        fflush(stdout);
        free(line);
        kc_error_free(err);
        usleep((useconds_t)(box->sink->retry_in_ms > 0 ? box->sink->retry_in_ms : 100) * 1000);
    }
    for (struct kc_record *record = box->batch.first; record; record = record->next) {
        if (!record->fault)
            continue;
        char *trace = kc_error_line(record->fault);
        printf("fault %lld: %s\n", (long long)record->offset, trace);
        free(trace);
        kc_error_free(record->fault);
        record->fault = NULL;
    }
    if (err) {
        char *line = kc_error_line(err);
        printf("failed: %s\n", line);
        free(line);
        kc_error_free(err);
        box->failed = true;
    }
    fflush(stdout);
    kc_batch_reset(&box->batch);
}

int main(int argc, char **argv)
{
    const struct kc_plugin *plugin = NULL;
    struct kc_props props = { 0 };
    struct box box = { 0 };
    char *line = NULL;
    size_t size = 0;
    ssize_t len;

    for (size_t i = 0; argc > 1 && i < KC_COUNT(plugins); i++)
        if (strcmp(plugins[i]->java_classes[0], argv[1]) == 0)
            plugin = plugins[i];
    if (!plugin) {
        fprintf(stderr, "usage: sink_box CLASS [NAME=VALUE]...\n");
        return 2;
    }
    for (int i = 2; i < argc; i++) {
        char *equals = strchr(argv[i], '=');
        if (!equals)
            return 2;
        *equals = '\0';
        kc_props_set(&props, argv[i], equals + 1);
    }
    open_box(&box, plugin, &props);
    while ((len = getline(&line, &size, stdin)) > 0) {
        if (line[len - 1] == '\n')
            line[--len] = '\0';
        if (len)
            add(&box, line);
        else
            put(&box);
    }
    put(&box);
    free(line);
    plugin->sink->close(box.sink);
    if (kc_plugin_json_converter.converter->close)
        kc_plugin_json_converter.converter->close(box.converter);
    kc_options_clear(plugin->options, box.config);
    kc_options_clear(kc_plugin_json_converter.options, box.converter_config);
    free(box.config);
    free(box.sink);
    free(box.converter);
    free(box.converter_config);
    kc_props_clear(&props);
    kc_batch_clear(&box.batch);
    return box.failed;
}
