#include "sources/postgres/visible.h"

#include "tests/unit/test.h"

static struct visible parsed(const char *text)
{
    struct visible visible;
    assert_null(visible_parse(&visible, text));
    return visible;
}

static void sees_what_was_over(void **state)
{
    (void)state;
    struct visible visible = parsed("100:105:100,103");
    static const bool seen[] = {[99] = true, [101] = true, [102] = true, [104] = true, [106] = false};
    for (uint32_t xid = 99; xid < KC_COUNT(seen); xid++)
        assert_int_equal(visible_has(&visible, xid), seen[xid]);
    visible_clear(&visible);
}

static void none_was_running(void **state)
{
    (void)state;
    struct visible visible = parsed("7:7:");
    assert_true(visible_has(&visible, 6));
    assert_false(visible_has(&visible, 7));
    visible_clear(&visible);
}

/* Numbers of transactions in the stream begin again after 2^32. */
static void numbers_wrap(void **state)
{
    (void)state;
    struct visible visible = parsed("4294967290:4294967300:4294967295,4294967298");
    assert_true(visible_has(&visible, 4294967289u));
    assert_true(visible_has(&visible, 4294967294u));
    assert_false(visible_has(&visible, 4294967295u));
    assert_true(visible_has(&visible, 1));
    assert_false(visible_has(&visible, 2));
    assert_true(visible_has(&visible, 3));
    assert_false(visible_has(&visible, 4));
    visible_clear(&visible);
}

static void other_texts_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "1", "1:2", "a:2:", "1:2:x", "1:2:3,,4", "-1:2:"};
    for (size_t i = 0; i < KC_COUNT(texts); i++) {
        struct visible visible;
        struct kc_error *err = visible_parse(&visible, texts[i]);
        assert_non_null(err);
        kc_error_free(err);
        visible_clear(&visible);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sees_what_was_over),
        cmocka_unit_test(none_was_running),
        cmocka_unit_test(numbers_wrap),
        cmocka_unit_test(other_texts_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
