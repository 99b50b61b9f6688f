/* Runs every registered plug-in through what its contract promises. Whoever adds a connector adds a
 * row to the table, whoever adds a transform or converter only when it has required settings. */
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mailbox.h"
#include "data/plain_json.h"
#include "plugin/registry.h"
#include "tests/unit/test.h"

static const struct row {
    enum kc_plugin_kind kind;
    const char *name;
    /* .properties with which it runs without any server; NULL: it needs one */
    const char *works;
    /* and with which its open, or the first put of a sink, must fail; NULL: nothing can go wrong */
    const char *fails;
    /* and with which it waits until it is stopped, %d being the port of a server that never says
     * a word; NULL: it waits for nothing */
    const char *waits;
} rows[] = {
    { KC_SOURCE, "tick", "topic=t\ninterval.ms=1", NULL, "topic=t\ninterval.ms=60000" },
    { KC_SOURCE, "file", "topic=t\nfile=conformance.input\nbatch.size=3", NULL,
      "topic=t\nfile=conformance.input" },
    { KC_SOURCE, "postgres",
      NULL,
      "topic.prefix=t\ndatabase.hostname=127.0.0.1\ndatabase.port=1\ndatabase.user=u\n"
      "database.password=p\ndatabase.dbname=d\nplugin.name=pgoutput",
      "topic.prefix=t\ndatabase.hostname=127.0.0.1\ndatabase.port=%d\ndatabase.user=u\n"
      "database.password=p\ndatabase.dbname=d\nplugin.name=pgoutput" },
    { KC_SINK, "file", "file=/dev/null", "file=/nonexistent-folder/x", NULL },
    { KC_SINK, "jdbc", NULL,
      "connection.url=jdbc:postgresql://127.0.0.1:1/d\nconnection.user=u\nconnection.password=p",
      "connection.url=jdbc:postgresql://127.0.0.1:%d/d\nconnection.user=u\nconnection.password=p" },
    { KC_SINK, "jdbc-debezium", NULL,
      "connection.url=jdbc:postgresql://127.0.0.1:1/d\nconnection.username=u\n"
      "connection.password=p",
      "connection.url=jdbc:postgresql://127.0.0.1:%d/d\nconnection.username=u\n"
      "connection.password=p" },
    { KC_SINK, "jdbc-aiven", NULL,
      "connection.url=jdbc:postgresql://127.0.0.1:1/d\nconnection.user=u\nconnection.password=p",
      "connection.url=jdbc:postgresql://127.0.0.1:%d/d\nconnection.user=u\nconnection.password=p" },
    { KC_TRANSFORM, "regex-router", "regex=a\nreplacement=b", NULL, NULL },
};

static const struct row *row_of(const struct kc_plugin *plugin)
{
    static const struct row none = { .works = "" };
    for (size_t i = 0; i < KC_COUNT(rows); i++)
        if (rows[i].kind == plugin->kind && strcmp(rows[i].name, plugin->name) == 0)
            return &rows[i];
    if (plugin->kind == KC_SOURCE || plugin->kind == KC_SINK)
        fail_msg("the %s %s has no row in test_conformance.c", registry_kind_name(plugin->kind),
                 plugin->name);
    return &none;
}

/* A config read from .properties text; converters get the setting that the runtime adds. */
static void *config_of(const struct kc_plugin *plugin, const char *text)
{
    struct kc_props props = { 0 };
    struct kc_findings findings = { 0 };
    void *config = kc_calloc(1, plugin->config_size);
    if (plugin->kind == KC_CONVERTER)
        kc_props_set(&props, "converter.type", "value");
    assert_ok(kc_props_parse(kc_text(text), &props));
    kc_options_read(plugin->options, &props, config, &findings);
    assert_ok(kc_findings_error(&findings));
    kc_findings_clear(&findings);
    kc_props_clear(&props);
    return config;
}

static void free_config(const struct kc_plugin *plugin, void *config)
{
    kc_options_clear(plugin->options, config);
    free(config);
}

static void test_descriptions(const struct kc_plugin *plugin)
{
    struct kc_buf markdown = { 0 };
    size_t len = strlen(plugin->about);
    assert_true(len > 10 && plugin->about[len - 1] == '.');
    for (const struct kc_option *option = plugin->options; option->name; option++) {
        const char *text = option->refuse && !option->doc ? option->refuse : option->doc;
        assert_true(text && strlen(text) > 3);
    }
    kc_options_markdown(plugin->options, &markdown);
    assert_false(markdown.failed);
    kc_buf_clear(&markdown);
}

/* ---- being stopped in the middle of a wait ---- */

/* Listens and never says a word: the system accepts connections for it. */
struct mute_server {
    int fd, port;
};

static struct mute_server mute_server_start(void)
{
    struct mute_server server = { .fd = socket(AF_INET, SOCK_STREAM, 0) };
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(address);
    assert_int_equal(bind(server.fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(server.fd, 5), 0);
    assert_int_equal(getsockname(server.fd, (struct sockaddr *)&address, &len), 0);
    server.port = ntohs(address.sin_port);
    return server;
}

/* Raises a signal once whatever waits has had the time to begin. */
static void *raise_later(void *stop)
{
    usleep(200000);
    kc_signal_raise(stop);
    return NULL;
}

typedef void waiter(const struct kc_plugin *plugin, const char *text, int stop_fd);

/* Stops what waits; the alarm ends a test that hangs. */
static void stops_while_waiting(const struct kc_plugin *plugin, const char *waits, waiter *work)
{
    struct mute_server server = mute_server_start();
    struct kc_signal stop;
    pthread_t thread;
    KC_AUTO_BUF text = KC_BUF(0);
    const char *port = strstr(waits, "%d");
    kc_buf_put(&text, waits, port ? (size_t)(port - waits) : strlen(waits));
    if (port)
        kc_buf_printf(&text, "%d%s", server.port, port + 2);
    kc_signal_init(&stop);
    kc_thread_start(&thread, "stopper", raise_later, &stop);
    alarm(20);
    work(plugin, text.data, stop.fd);
    alarm(0);
    assert_true(kc_signal_raised(&stop));
    pthread_join(thread, NULL);
    kc_signal_clear(&stop);
    close(server.fd);
}

/* ---- sources ---- */

static struct kc_source *source_new(const struct kc_plugin *plugin, const char *text, int stop_fd)
{
    struct kc_source *source = kc_calloc(1, plugin->source->size);
    source->plugin = plugin;
    source->connector = "conformance";
    source->stop_fd = stop_fd;
    source->config = config_of(plugin, text);
    return source;
}

static void source_free(struct kc_source *source)
{
    source->plugin->source->close(source);
    source->plugin->source->close(source);
    free_config(source->plugin, (void *)source->config);
    free(source);
}

static void source_fails(const struct kc_plugin *plugin, const char *text, int stop_fd)
{
    struct kc_source *source = source_new(plugin, text, stop_fd);
    for (int round = 0; round < 2; round++) {
        struct kc_error *err = plugin->source->open(source);
        assert_non_null(err);
        kc_error_free(err);
        plugin->source->close(source);
    }
    source_free(source);
}

/* Polls until `count` records have come; their values as lines. */
static void read_records(struct kc_source *source, struct kc_batch *batch, size_t count,
                         struct kc_buf *values)
{
    size_t records = 0;
    while (records < count) {
        kc_batch_reset(batch);
        assert_ok(source->plugin->source->poll(source, batch));
        for (struct kc_record *record = batch->first; record; record = record->next) {
            assert_ok(kc_schema_check(record->key_schema, record->key));
            assert_ok(kc_schema_check(record->value_schema, record->value));
            kc_plain_json_write(record->value, values);
            kc_buf_char(values, '\n');
            records++;
        }
    }
}

/* Two runs, the second from the positions of the first, give what one long run gives. */
static void source_resumes(const struct kc_plugin *plugin, const char *text, int stop_fd)
{
    struct kc_batch first, second;
    struct kc_arena kept; /* of the positions, as the runtime keeps them: apart from the source */
    struct kc_position stored;
    struct kc_buf in_parts = { 0 }, at_once = { 0 };
    kc_batch_init(&first, 2, 0);
    kc_batch_init(&second, 2, 0);
    kc_arena_init(&kept, 0);

    struct kc_source *source = source_new(plugin, text, stop_fd);
    assert_ok(plugin->source->open(source));
    read_records(source, &first, 4, &in_parts);
    assert_int_equal(first.n_positions, 1);
    stored.partition = kc_value_copy(&kept, first.positions[0].partition);
    stored.offset = kc_value_copy(&kept, first.positions[0].offset);
    if (plugin->source->commit)
        assert_ok(plugin->source->commit(source, first.positions, first.n_positions));
    if (plugin->source->idle)
        assert_ok(plugin->source->idle(source));
    source_free(source);

    source = source_new(plugin, text, stop_fd);
    source->stored = &stored;
    source->n_stored = 1;
    assert_ok(plugin->source->open(source));
    read_records(source, &second, 4, &in_parts);
    source_free(source);

    source = source_new(plugin, text, stop_fd);
    assert_ok(plugin->source->open(source));
    read_records(source, &second, 8, &at_once);
    source_free(source);

    assert_string_equal(in_parts.data, at_once.data);
    kc_buf_clear(&in_parts);
    kc_buf_clear(&at_once);
    kc_batch_clear(&first);
    kc_batch_clear(&second);
    kc_arena_clear(&kept);
}

/* Once stop_fd is readable, poll returns though there is nothing to give (the alarm ends a test
 * that hangs). */
static void source_stops(const struct kc_plugin *plugin, const char *text, int raised_fd)
{
    struct kc_batch batch;
    kc_batch_init(&batch, 1000, 0);
    struct kc_source *source = source_new(plugin, text, raised_fd);
    alarm(10);
    struct kc_error *err = plugin->source->open(source);
    for (int i = 0; !err && i < 20; i++) {
        kc_batch_reset(&batch);
        err = plugin->source->poll(source, &batch);
    }
    alarm(0);
    kc_error_free(err);
    source_free(source);
    kc_batch_clear(&batch);
}

/* Waits in open, or in poll after poll, until stop_fd is readable. */
static void source_waits(const struct kc_plugin *plugin, const char *text, int stop_fd)
{
    struct kc_batch batch;
    kc_batch_init(&batch, 1000, 0);
    struct kc_source *source = source_new(plugin, text, stop_fd);
    struct kc_error *err = plugin->source->open(source);
    while (!err && !kc_wait_stop(stop_fd, 0)) {
        kc_batch_reset(&batch);
        err = plugin->source->poll(source, &batch);
    }
    kc_error_free(err);
    source_free(source);
    kc_batch_clear(&batch);
}

static void test_source(const struct kc_plugin *plugin, int quiet_fd, int raised_fd)
{
    const struct row *row = row_of(plugin);
    if (row->fails)
        source_fails(plugin, row->fails, quiet_fd);
    source_stops(plugin, row->works ? row->works : row->fails, raised_fd);
    if (row->works)
        source_resumes(plugin, row->works, quiet_fd);
    if (row->waits)
        stops_while_waiting(plugin, row->waits, source_waits);
}

/* ---- sinks ---- */

static void test_sink_with(const struct kc_plugin *plugin, const char *text, bool must_fail,
                           int stop_fd)
{
    struct kc_batch batch;
    struct kc_sink *sink = kc_calloc(1, plugin->sink->size);
    sink->plugin = plugin;
    sink->connector = "conformance";
    sink->stop_fd = stop_fd;
    sink->config = config_of(plugin, text);
    kc_batch_init(&batch, 0, 0);
    struct kc_schema *schema = kc_schema_new(KC_STRUCT);
    kc_schema_field(schema, "id", kc_schema_of(KC_INT32, false));
    struct kc_record *record = kc_batch_add(&batch, "t");
    record->partition = 0;
    record->offset = 0;
    record->value_schema = kc_schema_keep(&batch.arena, schema);
    record->value = kc_struct_new(&batch.arena, schema);
    record->value.u.structure->field[0] = kc_integer(KC_INT32, 1);
    alarm(20);
    for (int round = 0; round < 2; round++) {
        struct kc_error *err = plugin->sink->open(sink);
        if (!err)
            err = plugin->sink->put(sink, &batch);
        if (!err && plugin->sink->flush)
            err = plugin->sink->flush(sink);
        assert_int_equal(must_fail, err != NULL);
        kc_error_free(err);
        plugin->sink->close(sink);
        plugin->sink->close(sink);
    }
    alarm(0);
    free_config(plugin, (void *)sink->config);
    free(sink);
    kc_batch_clear(&batch);
    kc_schema_unref(schema);
}

static void sink_waits(const struct kc_plugin *plugin, const char *text, int stop_fd)
{
    test_sink_with(plugin, text, true, stop_fd);
}

static void test_sink(const struct kc_plugin *plugin, int quiet_fd)
{
    const struct row *row = row_of(plugin);
    if (row->fails)
        test_sink_with(plugin, row->fails, true, quiet_fd);
    if (row->works)
        test_sink_with(plugin, row->works, false, quiet_fd);
    if (row->waits)
        stops_while_waiting(plugin, row->waits, sink_waits);
}

/* ---- converters and transforms ---- */

/* Kafka's null is a null value, both ways, unless the schema says otherwise. */
static void test_converter(const struct kc_plugin *plugin)
{
    struct kc_arena arena;
    struct kc_converter *converter = kc_calloc(1, plugin->converter->size);
    const struct kc_schema *schema = NULL;
    struct kc_wire wire = { "", 0 };
    struct kc_value value = kc_bool(true);
    kc_arena_init(&arena, 0);
    converter->plugin = plugin;
    converter->side = KC_VALUE_SIDE;
    converter->config = config_of(plugin, row_of(plugin)->works);
    assert_true(plugin->converter->for_records || plugin->converter->for_headers);
    if (plugin->converter->open)
        assert_ok(plugin->converter->open(converter));
    assert_ok(plugin->converter->encode(converter, "t", NULL, kc_null(), &arena, &wire));
    assert_null(wire.data);
    assert_ok(plugin->converter->decode(converter, "t", wire, &arena, &schema, &value));
    assert_int_equal(value.kind, KC_NULL);
    for (int i = 0; plugin->converter->close && i < 2; i++)
        plugin->converter->close(converter);
    free_config(plugin, (void *)converter->config);
    free(converter);
    kc_arena_clear(&arena);
}

static void test_transform(const struct kc_plugin *plugin)
{
    struct kc_transform *transform = kc_calloc(1, plugin->transform->size);
    transform->plugin = plugin;
    transform->config = config_of(plugin, row_of(plugin)->works);
    for (int round = 0; round < 2; round++) {
        if (plugin->transform->open)
            assert_ok(plugin->transform->open(transform));
        for (int i = 0; plugin->transform->close && i < 2; i++)
            plugin->transform->close(transform);
    }
    free_config(plugin, (void *)transform->config);
    free(transform);
}

static void test_plugin(void **state)
{
    const struct kc_plugin *plugin = *state;
    struct kc_signal quiet, raised;
    kc_signal_init(&quiet);
    kc_signal_init(&raised);
    kc_signal_raise(&raised);
    test_descriptions(plugin);
    switch (plugin->kind) {
    case KC_SOURCE:
        test_source(plugin, quiet.fd, raised.fd);
        break;
    case KC_SINK:
        test_sink(plugin, quiet.fd);
        break;
    case KC_CONVERTER:
        test_converter(plugin);
        break;
    case KC_TRANSFORM:
        test_transform(plugin);
        break;
    }
    kc_signal_clear(&quiet);
    kc_signal_clear(&raised);
}

static void write_input(void)
{
    FILE *file = fopen("conformance.input", "w");
    for (int i = 0; file && i < 20; i++)
        fprintf(file, "line %d \xC3\xA4\n", i);
    if (file)
        fclose(file);
}

int main(void)
{
    enum { MOST = 200 };
    static struct CMUnitTest tests[MOST];
    static char names[MOST][64];
    struct kc_error *err = registry_add_builtin();
    if (err) {
        fprintf(stderr, "%s\n", err->text);
        return 1;
    }
    size_t count = registry_count() < MOST ? registry_count() : MOST;
    for (size_t i = 0; i < count; i++) {
        const struct kc_plugin *plugin = registry_at(i);
        snprintf(names[i], sizeof(names[i]), "%s %s", registry_kind_name(plugin->kind),
                 plugin->name);
        tests[i] = (struct CMUnitTest){ names[i], test_plugin, NULL, NULL, (void *)plugin };
    }
    write_input();
    int failed = _cmocka_run_group_tests("conformance", tests, count, NULL, NULL);
    unlink("conformance.input");
    return failed;
}
