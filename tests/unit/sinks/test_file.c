#include <stdio.h>
#include <unistd.h>

#include "plugin/converter.h"
#include "plugin/sink.h"
#include "tests/unit/test.h"

static const char output[] = "test_file.output";

extern const struct kc_plugin kc_plugin_file_sink, kc_plugin_json_converter;

static struct kc_sink *sink_new(const char *file)
{
    const struct kc_plugin *plugin = &kc_plugin_file_sink;
    struct kc_sink *sink = kc_calloc(1, plugin->sink->size);
    struct kc_props props = { 0 };
    struct kc_findings findings = { 0 };
    void *config = kc_calloc(1, plugin->config_size);
    kc_props_set(&props, "file", file);
    assert_true(kc_options_read(plugin->options, &props, config, &findings));
    kc_props_clear(&props);
    sink->plugin = plugin;
    sink->config = config;
    return sink;
}

static void sink_free(struct kc_sink *sink)
{
    sink->plugin->sink->close(sink);
    kc_options_clear(sink->plugin->options, (void *)sink->config);
    free((void *)sink->config);
    free(sink);
}

static void put_all(struct kc_sink *sink, struct kc_batch *batch)
{
    assert_ok(sink->plugin->sink->open(sink));
    assert_ok(sink->plugin->sink->put(sink, batch));
    assert_ok(sink->plugin->sink->flush(sink));
    sink->plugin->sink->close(sink);
}

static void test_appends(void **state)
{
    (void)state;
    struct kc_batch batch;
    char text[256] = "";
    kc_batch_init(&batch, 0, 0);
    unlink(output);
    kc_batch_add(&batch, "t")->value = kc_cstring("text \xC3\xA9 \n two");
    kc_batch_add(&batch, "t")->value = kc_double(1e-7);
    kc_batch_add(&batch, "t"); /* a tombstone */
    struct kc_record *record = kc_batch_add(&batch, "t");
    record->dropped = true;
    record = kc_batch_add(&batch, "t");
    record->fault = kc_fail(KC_BAD_DATA, "bad");
    kc_batch_add(&batch, "t")->value = kc_decimal_from_int(&batch.arena, 156, 2);
    struct kc_sink *sink = sink_new(output);
    put_all(sink, &batch);
    kc_batch_reset(&batch);
    kc_batch_add(&batch, "t")->value = kc_bool(true);
    put_all(sink, &batch);
    sink_free(sink);
    kc_batch_clear(&batch);

    FILE *file = fopen(output, "r");
    assert_non_null(file);
    assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
    fclose(file);
    unlink(output);
    assert_string_equal(text, "text \xC3\xA9 \n two\n1.0E-7\nnull\n1.56\ntrue\n");
}

static char *read_file(const char *path)
{
    struct kc_buf text = { 0 };
    assert_ok(kc_props_read_file(path, &text));
    return kc_buf_take(&text);
}

static char *recorded(const char *name)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/tests/unit/sinks/recorded/%s",
             getenv("srcdir") ? getenv("srcdir") : ".", name);
    return read_file(path);
}

/* Record values as JSON with schemas, one a line, and at last a tombstone: what the original's sink
 * made of them. */
static void test_recorded(void **state)
{
    (void)state;
    const struct kc_plugin *json = &kc_plugin_json_converter;
    struct kc_props props = { 0 };
    struct kc_findings findings = { 0 };
    struct kc_converter *converter = kc_calloc(1, json->converter->size);
    void *config = kc_calloc(1, json->config_size);
    kc_props_set(&props, "converter.type", "value");
    assert_true(kc_options_read(json->options, &props, config, &findings));
    kc_props_clear(&props);
    converter->plugin = json;
    converter->config = config;
    converter->side = KC_VALUE_SIDE;
    if (json->converter->open)
        assert_ok(json->converter->open(converter));

    struct kc_batch batch;
    char *input = recorded("file-input.txt"), *expected = recorded("file-output.txt");
    struct kc_text rest = kc_text(input), line;
    kc_batch_init(&batch, 0, 0);
    while (kc_text_split(&rest, '\n', &line)) {
        struct kc_record *record = kc_batch_add(&batch, "t");
        struct kc_wire wire = { line.len ? line.ptr : NULL, line.len };
        assert_ok(json->converter->decode(converter, "t", wire, &batch.arena,
                                          &record->value_schema, &record->value));
    }
    unlink(output);
    struct kc_sink *sink = sink_new(output);
    put_all(sink, &batch);
    sink_free(sink);
    char *written = read_file(output);
    assert_string_equal(written, expected);
    unlink(output);
    free(written);
    free(expected);
    free(input);
    kc_batch_clear(&batch);
    if (json->converter->close)
        json->converter->close(converter);
    kc_options_clear(json->options, config);
    free(config);
    free(converter);
}

static void test_no_folder(void **state)
{
    (void)state;
    struct kc_sink *sink = sink_new("/nonexistent-dir/x");
    struct kc_error *err = sink->plugin->sink->open(sink);
    char *trace = kc_error_trace(err);
    static const char *const lines[] = {
        "org.apache.kafka.connect.errors.ConnectException: Couldn't find or create file "
        "'/nonexistent-dir/x' for FileStreamSinkTask\n",
        "Caused by: java.nio.file.NoSuchFileException: /nonexistent-dir/x\n",
    };
    const char *at = trace;
    for (size_t i = 0; i < KC_COUNT(lines); i++) {
        at = strstr(at, lines[i]);
        assert_non_null(at);
    }
    free(trace);
    kc_error_free(err);
    sink_free(sink);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_appends),
        cmocka_unit_test(test_recorded),
        cmocka_unit_test(test_no_folder),
    };
    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
