#include <unistd.h>

#include "base/log.h"
#include "tests/unit/test.h"

/* What a call writes to stderr. */
static char *logged(void (*write_lines)(void))
{
    int ends[2], before = dup(STDERR_FILENO);
    char *text = kc_calloc(1, 4096);
    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    write_lines();
    dup2(before, STDERR_FILENO);
    close(before);
    close(ends[1]);
    assert_true(read(ends[0], text, 4095) >= 0);
    close(ends[0]);
    return text;
}

static void some_lines(void)
{
    kc_log_set_context("inventory|task-0");
    kc_log_warn("flow", "text with %d\n", 5);
    kc_log_set_context(NULL);
    kc_log_info("flow", "no context");
    kc_log_debug("flow", "not shown");
    assert_true(kc_log_set_level("debug"));
    kc_log_debug("flow", "shown");
    assert_true(kc_log_set_level("INFO"));
    assert_false(kc_log_set_level("loud"));
}

static void test_lines(void **state)
{
    (void)state;
    char *text = logged(some_lines);
    static const char *const ends[] = { " WARN [inventory|task-0] text with 5 (flow)",
                                        " INFO no context (flow)", " DEBUG shown (flow)" };
    struct kc_text rest = kc_text(text), line;
    for (size_t i = 0; i < KC_COUNT(ends); i++) {
        assert_true(kc_text_split(&rest, '\n', &line));
        assert_int_equal(line.len, strlen("2026-01-31 12:00:00,123") + strlen(ends[i]));
        assert_memory_equal(line.ptr + line.len - strlen(ends[i]), ends[i], strlen(ends[i]));
    }
    assert_int_equal(rest.len, 0);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_lines) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
