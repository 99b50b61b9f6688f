#include <stdio.h>
#include <unistd.h>

#include "base/mailbox.h"
#include "plugin/source.h"
#include "tests/unit/test.h"

static const char input[] = "test_file.input";

extern const struct kc_plugin kc_plugin_file_source;

struct fixture {
    struct kc_source *source;
    struct kc_batch batch;
    struct kc_signal stop;
    void *config;
};

static void append(const char *text)
{
    FILE *file = fopen(input, "a");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int set_up(void **state)
{
    const struct kc_plugin *plugin = &kc_plugin_file_source;
    struct fixture *f = kc_calloc(1, sizeof(*f));
    struct kc_props props = { 0 };
    struct kc_findings findings = { 0 };
    f->config = kc_calloc(1, plugin->config_size);
    kc_props_set(&props, "file", input);
    kc_props_set(&props, "topic", "t");
    kc_props_set(&props, "batch.size", "3");
    assert_true(kc_options_read(plugin->options, &props, f->config, &findings));
    kc_props_clear(&props);
    kc_signal_init(&f->stop);
    kc_batch_init(&f->batch, 0, 0);
    f->source = kc_calloc(1, plugin->source->size);
    f->source->plugin = plugin;
    f->source->config = f->config;
    f->source->stop_fd = f->stop.fd;
    unlink(input);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    f->source->plugin->source->close(f->source);
    kc_options_clear(f->source->plugin->options, f->config);
    kc_batch_clear(&f->batch);
    kc_signal_clear(&f->stop);
    free(f->config);
    free(f->source);
    free(f);
    unlink(input);
    return 0;
}

static void open_at(struct fixture *f, struct kc_value position)
{
    struct kc_arena arena;
    kc_arena_init(&arena, 0);
    struct kc_position stored = { kc_map_of_one(&arena, "filename", kc_cstring(input)),
                                  kc_map_of_one(&arena, "position", position) };
    f->source->stored = &stored;
    f->source->n_stored = position.kind != KC_NULL;
    struct kc_error *err = f->source->plugin->source->open(f->source);
    f->source->n_stored = 0;
    kc_arena_clear(&arena);
    assert_ok(err);
}

/* One poll: lines in brackets, then the position if the batch moves it. */
static void assert_poll(struct fixture *f, const char *expected)
{
    struct kc_buf buf = { 0 };
    kc_batch_reset(&f->batch);
    assert_ok(f->source->plugin->source->poll(f->source, &f->batch));
    for (struct kc_record *record = f->batch.first; record; record = record->next) {
        assert_true(record->timestamp > 0);
        assert_ok(kc_schema_check(record->value_schema, record->value));
        kc_buf_printf(&buf, "[%.*s]", KC_FMT(kc_value_text(record->value)));
    }
    for (size_t i = 0; i < f->batch.n_positions; i++)
        kc_buf_int(&buf, kc_map_value_get(f->batch.positions[i].offset, "position").u.i);
    assert_buf(&buf, expected);
    kc_buf_clear(&buf);
}

static void test_lines(void **state)
{
    struct fixture *f = *state;
    append("one\ntwo\nthree\nfo");
    open_at(f, kc_null());
    assert_poll(f, "[one][two][three]14");
    assert_poll(f, "");
    append("ur \xC3\xA9\n\nsix\twith tab\r\nseven no end");
    assert_poll(f, "[four \xC3\xA9][][six\twith tab]37");
    append("\nmac\r");
    assert_poll(f, "[seven no end]50"); /* the \r may be half of \r\n */
    append("\nmac\rlast\n");
    assert_poll(f, "[mac][mac][last]64");
}

static void test_resume(void **state)
{
    struct fixture *f = *state;
    append("one\n\xC3\xA4\xC3\xA4\nthree\n");
    open_at(f, kc_integer(KC_INT64, 9));
    assert_poll(f, "[three]15");
    f->source->plugin->source->close(f->source);
    open_at(f, kc_integer(KC_INT64, 100)); /* beyond the end: waits for it */
    assert_poll(f, "");
}

static void test_bad_position(void **state)
{
    struct fixture *f = *state;
    struct kc_arena arena;
    kc_arena_init(&arena, 0);
    struct kc_position stored = { kc_map_of_one(&arena, "filename", kc_cstring(input)),
                                  kc_map_of_one(&arena, "position", kc_cstring("9")) };
    f->source->stored = &stored;
    f->source->n_stored = 1;
    assert_error(f->source->plugin->source->open(f->source), KC_FATAL,
                 "Offset position is the incorrect type");
    kc_arena_clear(&arena);
}

static void test_appears_later(void **state)
{
    struct fixture *f = *state;
    open_at(f, kc_null());
    assert_poll(f, "");
    append("here\n");
    assert_poll(f, "[here]5");
}

static void test_not_utf8(void **state)
{
    struct fixture *f = *state;
    append("a\xFF" "b\n");
    open_at(f, kc_null());
    assert_poll(f, "[a\xEF\xBF\xBD" "b]4");
}

static void test_long_lines(void **state)
{
    struct fixture *f = *state;
    char *line = kc_calloc(1, 300001);
    memset(line, 'x', 300000);
    append(line);
    append("\nshort\n");
    open_at(f, kc_null());
    kc_batch_reset(&f->batch);
    assert_ok(f->source->plugin->source->poll(f->source, &f->batch));
    assert_int_equal(f->batch.count, 2);
    assert_int_equal(f->batch.first->value.len, 300000);
    free(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_lines, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_resume, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bad_position, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_appears_later, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_not_utf8, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_long_lines, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
