#include "sources/common/blocking.h"
#include "sources/common/channels.h"

#include <stdio.h>
#include <unistd.h>

#include "../test.h"

static char path[] = "/tmp/test_channels_XXXXXX";
static char *file_channel[] = {"file"};
static struct channels_config config = {
    .enabled = {file_channel, 1}, .poll_ms = 1, .file = path, .group = (char *)"kafka-signal"};
static struct kc_source source;

static void write_file(const char *text)
{
    FILE *file = fopen(path, "a");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static long file_size(void)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    fclose(file);
    return size;
}

static void assert_next(struct channels *channels, const char *id)
{
    struct signal signal;
    channels->next_look = 0;
    if (!id) {
        assert_false(channels_take(channels, &signal));
        return;
    }
    assert_true(channels_take(channels, &signal));
    assert_string_equal(signal.id, id);
    signal_clear(&signal);
}

static void test_file(void **state)
{
    struct channels channels;
    (void)state;
    channels_init(&channels, &config, "p", &source);
    assert_null(source.signals.topic);
    assert_next(&channels, NULL);
    write_file("{\"id\":\"1\",\"type\":\"log\",\"data\":{}}\n\nnonsense\n{\"id\":\"2\",\"type\":\"log\"}\n");
    assert_next(&channels, "1");
    assert_int_equal(file_size(), 0);
    assert_next(&channels, "2");
    /* A line without its end is one if it is whole; else it is left for later. */
    write_file("{\"id\":\"3\",\"type\":\"log\"}");
    assert_next(&channels, "3");
    write_file("{\"id\":\"4\",\"type\":\"log\"}\n{\"id\":\"5\",");
    assert_next(&channels, "4");
    assert_next(&channels, NULL);
    assert_int_equal(file_size(), 10);
    write_file("\"type\":\"log\"}\n");
    assert_next(&channels, "5");
    assert_int_equal(file_size(), 0);
    unlink(path);
    assert_next(&channels, NULL);
    channels_clear(&channels);
}

static void test_order_and_topic(void **state)
{
    char *kafka[] = {"kafka", "smoke"};
    const struct channels_config asks = {
        .enabled = {kafka, 2}, .poll_ms = 300, .group = (char *)"kafka-signal", .bootstrap = path};
    struct channels channels;
    (void)state;
    channels_init(&channels, &asks, "shop", &source);
    assert_string_equal(source.signals.topic, "shop-signal");
    assert_string_equal(source.signals.key, "shop");
    assert_int_equal(source.signals.interval_ms, 300);
    assert_string_equal(kc_props_get(source.signals.consumer, "group.id"), "kafka-signal");
    assert_string_equal(kc_props_get(source.signals.consumer, "bootstrap.servers"), path);
    channels_put(&channels, &(struct kc_source_signal){.id = "a", .type = "log"});
    channels_put(&channels, &(struct kc_source_signal){.id = "x", .type = "log", .data = "{no"});
    channels_put(&channels, &(struct kc_source_signal){.id = "b", .type = "log", .data = "{}"});
    assert_next(&channels, "a");
    assert_next(&channels, "b");
    assert_next(&channels, NULL);
    channels_put(&channels, &(struct kc_source_signal){.id = "c", .type = "log"});
    channels_clear(&channels);
}

static void test_names(void **state)
{
    const struct kc_option option = {.name = "signal.enabled.channels"};
    (void)state;
    assert_null(channels_check(&option, "source, kafka,file"));
    assert_null(channels_check(&option, "smoke"));
    char *message = channels_check(&option, "source, jmx");
    assert_non_null(message);
    assert_non_null(strstr(message, "POST /connectors/NAME/signals"));
    free(message);
}

static void ask(struct blocking *blocking, const char *id, const char *data)
{
    struct signal signal;
    struct snapshot_request request;
    assert_ok(signal_parse(kc_text(id), KC_TEXT("execute-snapshot"), kc_text(data), &signal));
    assert_ok(snapshot_request_read(&signal, false, &request));
    blocking_add(blocking, &signal, &request);
    signal_clear(&signal);
}

/* What waits stands in the offset as a text, and is read from there. */
static void test_blocking(void **state)
{
    struct blocking blocking = {0}, back = {0};
    struct blocking_tables tables;
    (void)state;
    ask(&blocking, "1", "{\"type\":\"BLOCKING\",\"data-collections\":[\"public\\\\.a.*\",\"[\"]}");
    ask(&blocking, "2", "{\"type\":\"BLOCKING\",\"data-collections\":[\"public.c\"]}");
    assert_non_null(blocking.text);
    blocking_read(&back, kc_text(blocking.text));
    assert_int_equal(back.count, 2);
    assert_string_equal(back.text, blocking.text);
    assert_string_equal(back.first->id, "1");
    blocking_tables_init(&tables, &back.first->request);
    assert_true(blocking_tables_have(&tables, "public.abc"));
    assert_true(blocking_tables_have(&tables, "PUBLIC.A"));
    assert_true(blocking_tables_have(&tables, "["));
    assert_false(blocking_tables_have(&tables, "public.c"));
    blocking_tables_clear(&tables);
    blocking_drop(&back);
    assert_string_equal(back.first->id, "2");
    blocking_drop(&back);
    assert_null(back.first);
    assert_null(back.text);
    blocking_read(&back, KC_TEXT("nonsense"));
    blocking_read(&back, KC_TEXT("[{\"id\":5}]"));
    assert_int_equal(back.count, 0);
    for (int i = 0; i < 120; i++)
        ask(&back, "x", "{\"type\":\"BLOCKING\",\"data-collections\":[\"a\"]}");
    assert_int_equal(back.count, 100);
    blocking_clear(&back);
    blocking_clear(&blocking);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_order_and_topic),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_blocking),
    };
    close(mkstemp(path));
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    return failed;
}
