/* source_rate COUNT name=value...: reads COUNT records from PostgreSQL and throws them away:
 * what the source itself costs, without conversion and Kafka. `print=1` shows them, without
 * schemas. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/mailbox.h"
#include "data/plain_json.h"
#include "plugin/source.h"

extern const struct kc_plugin kc_plugin_postgres_source;

static double cpu_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void die(struct kc_error *err)
{
    char *trace = kc_error_trace(err);
    fprintf(stderr, "%s\n", trace);
    free(trace);
    kc_error_free(err);
    exit(1);
}

static void print_batch(const struct kc_batch *batch)
{
    KC_AUTO_BUF text = KC_BUF(0);
    for (const struct kc_record *record = batch->first; record; record = record->next) {
        kc_buf_reset(&text);
        kc_plain_json_write(record->key, &text);
        kc_buf_char(&text, ' ');
        kc_plain_json_write(record->value, &text);
        printf("%s %s\n", record->topic, text.data);
    }
}

static void run(struct kc_source *source, long want, bool print)
{
    const struct kc_source_ops *ops = source->plugin->source;
    struct kc_batch batch;
    kc_batch_init(&batch, 0, 64 << 20);
    struct kc_error *err = ops->open(source);
    double cpu = cpu_seconds();
    int64_t begin = kc_monotonic_us();
    long count = 0, batches = 0;
    while (!err && count < want) {
        kc_batch_reset(&batch);
        err = ops->poll(source, &batch);
        count += (long)batch.count;
        batches += batch.count > 0;
        if (!err && print)
            print_batch(&batch);
        if (!err && batch.n_positions && ops->commit)
            err = ops->commit(source, batch.positions, batch.n_positions);
    }
    if (err)
        die(err);
    double seconds = (double)(kc_monotonic_us() - begin) / 1e6;
    cpu = cpu_seconds() - cpu;
    fprintf(stderr, "%ld records in %ld batches, %.2f s, %.0f records/s, %.3f us of CPU a record\n",
            count, batches, seconds, (double)count / seconds, cpu / (double)count * 1e6);
    kc_batch_clear(&batch);
    ops->close(source);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: source_rate COUNT name=value...\n");
        return 2;
    }
    const struct kc_plugin *plugin = &kc_plugin_postgres_source;
    struct kc_props props = {0};
    for (int i = 2; i < argc; i++) {
        char *equals = strchr(argv[i], '=');
        if (!equals)
            continue;
        *equals = '\0';
        kc_props_set(&props, argv[i], equals + 1);
    }
    struct kc_findings findings = {0};
    void *config = kc_calloc(1, plugin->config_size);
    if (!kc_options_read(plugin->options, &props, config, &findings))
        die(kc_findings_error(&findings));
    struct kc_signal stop;
    kc_signal_init(&stop);
    struct kc_source *source = kc_calloc(1, plugin->source->size);
    *source = (struct kc_source){
        .plugin = plugin, .config = config, .connector = "bench", .stop_fd = stop.fd};
    run(source, atol(argv[1]), kc_props_has(&props, "print"));
    return 0;
}
