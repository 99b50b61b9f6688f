#include "base/arena.h"
#include "tests/unit/test.h"

static char order[8];

static void note(void *object)
{
    strcat(order, object);
}

static void test_cleanups(void **state)
{
    (void)state;
    struct kc_arena arena;
    char a[] = "a", b[] = "b", c[] = "c";
    kc_arena_init(&arena, 0);
    order[0] = '\0';
    kc_arena_defer(&arena, note, a);
    kc_arena_defer(&arena, note, b);
    assert_true(kc_arena_defers(&arena, note, a));
    assert_false(kc_arena_defers(&arena, note, c));
    kc_arena_reset(&arena);
    assert_string_equal(order, "ba");
    assert_false(kc_arena_defers(&arena, note, a));
    kc_arena_defer(&arena, note, c);
    kc_arena_clear(&arena);
    assert_string_equal(order, "bac");
    kc_arena_clear(&arena);
    assert_string_equal(order, "bac");
}

static void test_pieces(void **state)
{
    (void)state;
    struct kc_arena arena;
    kc_arena_init(&arena, 0);
    assert_non_null(kc_alloc(&arena, 0));
    for (int round = 0; round < 3; round++) {
        char *pieces[600];
        for (size_t i = 0; i < KC_COUNT(pieces); i++) {
            /* some larger than a block */
            size_t size = i % 97 == 0 ? 300000 : i * 3 + 1;
            pieces[i] = kc_alloc(&arena, size);
            assert_int_equal((uintptr_t)pieces[i] % 8, 0);
            memset(pieces[i], (int)i, size);
        }
        for (size_t i = 0; i < KC_COUNT(pieces); i++)
            assert_int_equal((unsigned char)pieces[i][0], i & 255);
        assert_string_equal(kc_arena_text(&arena, "abcdef", 3), "abc");
        assert_string_equal(kc_arena_printf(&arena, "%05d", 42), "00042");
        kc_arena_reset(&arena);
        assert_int_equal(arena.used, 0);
    }
    kc_arena_clear(&arena);
}

static void test_cap(void **state)
{
    (void)state;
    struct kc_arena arena;
    kc_arena_init(&arena, 1000);
    kc_alloc(&arena, 1000);
    assert_false(kc_arena_over(&arena));
    kc_alloc(&arena, 1);
    assert_true(kc_arena_over(&arena));
    kc_arena_reset(&arena);
    assert_false(kc_arena_over(&arena));
    kc_arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cleanups),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_cap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
