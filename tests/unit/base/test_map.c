#include <stdio.h>

#include "base/map.h"
#include "tests/unit/test.h"

static struct kc_text key(char *text, int i)
{
    snprintf(text, 32, "key-%d", i);
    return kc_text(text);
}

static void test_many(void **state)
{
    (void)state;
    struct kc_map map = { 0 };
    char text[32];
    static int values[5000];
    for (int i = 0; i < 5000; i++)
        assert_null(kc_map_set(&map, key(text, i), &values[i]));
    assert_int_equal(map.count, 5000);
    for (int i = 0; i < 5000; i += 2)
        assert_ptr_equal(kc_map_remove(&map, key(text, i)), &values[i]);
    for (int i = 0; i < 5000; i++)
        assert_ptr_equal(kc_map_get(&map, key(text, i)), i % 2 ? &values[i] : NULL);
    /* in and out again and again does not make it grow */
    for (int i = 0; i < 100000; i++) {
        kc_map_set(&map, KC_TEXT("x"), values);
        kc_map_remove(&map, KC_TEXT("x"));
    }
    assert_true(map.cap < 20000);
    int next = 1;
    for (struct kc_map_entry *e = NULL; (e = kc_map_next(&map, e)); next += 2)
        assert_ptr_equal(e->value, &values[next]);
    assert_int_equal(next, 5001);
    kc_map_clear(&map, NULL);
    assert_null(kc_map_next(&map, NULL));
}

static void test_replace(void **state)
{
    (void)state;
    struct kc_map map = { 0 };
    kc_map_set(&map, KC_TEXT("a"), strdup("1"));
    char *old = kc_map_set(&map, KC_TEXT("a"), strdup("2"));
    assert_string_equal(old, "1");
    free(old);
    assert_false(kc_map_has(&map, KC_TEXT("")));
    kc_map_set(&map, KC_TEXT(""), NULL);
    assert_true(kc_map_has(&map, KC_TEXT("")));
    assert_int_equal(map.count, 2);
    kc_map_clear(&map, free);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_replace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
