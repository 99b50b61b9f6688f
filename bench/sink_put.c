/* sink_put JDBC_URL TABLE ROWS [BATCH [NAME=VALUE]...]: the JDBC sink alone. Puts ROWS made-up
 * records into TABLE (laid out as bench/bench makes it) by upsert, BATCH (1000) at a time, and
 * prints `ROWS SECONDS CPU_SECONDS` (its own CPU, making the records included). Beside sink_floor
 * it shows what the sink itself costs. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "plugin/sink.h"

extern const struct kc_plugin kc_plugin_jdbc_sink;

static void die(struct kc_error *err)
{
    if (!err)
        return;
    char *line = kc_error_line(err);
    fprintf(stderr, "sink_put: %s\n", line);
    exit(1);
}

static struct kc_schema *row_schema(void)
{
    struct kc_schema *schema = kc_schema_new(KC_STRUCT);
    struct kc_schema *price = kc_schema_decimal(2), *made = kc_schema_logical(KC_TIMESTAMP_NAME);

    kc_schema_field(schema, "id", kc_schema_of(KC_INT32, false));
    kc_schema_field(schema, "name", kc_schema_of(KC_STRING, false));
    kc_schema_field(schema, "price", price);
    kc_schema_field(schema, "quantity", kc_schema_of(KC_INT32, false));
    kc_schema_field(schema, "made", made);
    kc_schema_field(schema, "note", kc_schema_of(KC_STRING, true));
    kc_schema_unref(price);
    kc_schema_unref(made);
    return schema;
}

static void fill(struct kc_batch *batch, const struct kc_schema *key,
                 const struct kc_schema *schema, const char *topic, long row)
{
    struct kc_record *record = kc_batch_add(batch, topic);
    char *name = kc_arena_printf(&batch->arena, "article number %ld", row);
    char *note =
        kc_arena_printf(&batch->arena, "a note that is long enough to be a note %ld", row % 97);

    record->partition = 0;
    record->offset = row;
    record->key_schema = key;
    record->key = kc_struct_new(&batch->arena, key);
    record->key.u.structure->field[0] = kc_integer(KC_INT32, row);
    record->value_schema = schema;
    record->value = kc_struct_new(&batch->arena, schema);
    struct kc_value *fields = record->value.u.structure->field;
    fields[0] = kc_integer(KC_INT32, row);
    fields[1] = kc_string(name, strlen(name));
    fields[2] = kc_decimal_from_int(&batch->arena, row % 100000, 2);
    fields[3] = kc_integer(KC_INT32, row % 1000);
    fields[4] = kc_instant(INT64_C(1704067200000) + row * 1000);
    fields[5] = kc_string(note, strlen(note));
}

int main(int argc, char **argv)
{
    const struct kc_plugin *plugin = &kc_plugin_jdbc_sink;
    struct kc_props props = { 0 };
    struct kc_findings findings = { 0 };
    struct kc_batch batch;
    struct rusage usage;
    int stop[2];

    if (argc < 4 || pipe(stop) != 0) {
        fprintf(stderr, "sink_put JDBC_URL TABLE ROWS [BATCH [NAME=VALUE]...]\n");
        return 2;
    }
    long rows = atol(argv[3]), size = argc > 4 ? atol(argv[4]) : 1000;
    kc_props_set(&props, "connection.url", argv[1]);
    kc_props_set(&props, "insert.mode", "upsert");
    kc_props_set(&props, "pk.mode", "record_key");
    for (int i = 5; i < argc; i++) {
        char *equals = strchr(argv[i], '=');
        if (!equals)
            return 2;
        *equals = '\0';
        kc_props_set(&props, argv[i], equals + 1);
    }
    void *config = kc_calloc(1, plugin->config_size);
    kc_options_read(plugin->options, &props, config, &findings);
    die(kc_findings_error(&findings));
    kc_findings_clear(&findings);
    struct kc_sink *sink = kc_calloc(1, plugin->sink->size);
    *sink = (struct kc_sink){ .plugin = plugin,
                              .config = config,
                              .connector = "bench",
                              .stop_fd = stop[0],
                              .stop_at_fault = true };
    die(plugin->sink->open(sink));
    struct kc_schema *key = kc_schema_new(KC_STRUCT), *schema = row_schema();
    kc_schema_field(key, "id", kc_schema_of(KC_INT32, false));
    kc_batch_init(&batch, 0, 0);
    int64_t since = kc_monotonic_us();
    for (long from = 1; from <= rows; from += size) {
        kc_batch_reset(&batch);
        for (long row = from; row < from + size && row <= rows; row++)
            fill(&batch, key, schema, argv[2], row);
        die(plugin->sink->put(sink, &batch));
        for (struct kc_record *record = batch.first; record; record = record->next)
            die(record->fault);
        if (plugin->sink->flush && from + size > rows)
            die(plugin->sink->flush(sink));
    }
    double took = (double)(kc_monotonic_us() - since) / 1e6;
    getrusage(RUSAGE_SELF, &usage);
    printf("%ld %.6f %.6f\n", rows, took,
           (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
               (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
    plugin->sink->close(sink);
    kc_options_clear(plugin->options, config);
    free(config);
    free(sink);
    kc_props_clear(&props);
    kc_schema_unref(key);
    kc_schema_unref(schema);
    kc_batch_clear(&batch);
    return 0;
}
