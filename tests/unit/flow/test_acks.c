#include "../test.h"

#include "flow/acks.h"

static struct kc_value map1(struct kc_arena *arena, const char *key, struct kc_value value)
{
    struct kc_entry *entries;
    struct kc_value map = kc_map_value_new(arena, 1, &entries);
    entries[0].key = kc_string(key, strlen(key));
    entries[0].value = value;
    return map;
}

static struct kc_position position(struct kc_arena *arena, const char *server, int64_t lsn)
{
    return (struct kc_position){
        .partition = map1(arena, "server", kc_string(server, strlen(server))),
        .offset = map1(arena, "lsn", kc_integer(KC_INT64, lsn)),
    };
}

/* A batch of n messages that reads up to lsn. */
static uint64_t send_batch(struct acks *acks, int messages, int64_t lsn)
{
    struct kc_arena arena;
    kc_arena_init(&arena, 0);
    uint64_t tag = acks_begin(acks);
    for (int i = 0; i < messages; i++)
        acks_sent(acks);
    struct kc_position reached = position(&arena, "a", lsn);
    acks_end(acks, &reached, 1);
    kc_arena_clear(&arena);
    return tag;
}

static void expect_taken(struct acks *acks, const char *value)
{
    size_t count;
    struct task_offset *offsets = acks_take(acks, "inventory", &count);
    if (value) {
        assert_int_equal(count, 1);
        assert_string_equal(offsets[0].key, "[\"inventory\",{\"server\":\"a\"}]");
        assert_string_equal(offsets[0].value, value);
    } else {
        assert_int_equal(count, 0);
    }
    task_offsets_free(offsets, count);
}

static void later_batches_wait_for_earlier_ones(void **state)
{
    struct acks acks;
    (void)state;
    acks_init(&acks);
    uint64_t one = send_batch(&acks, 2, 10), two = send_batch(&acks, 1, 20);
    acks_done(&acks, two, NULL);
    acks_done(&acks, one, NULL);
    assert_false(acks_advance(&acks));
    expect_taken(&acks, NULL);
    acks_done(&acks, one, NULL);
    assert_true(acks_advance(&acks));
    expect_taken(&acks, "{\"lsn\":20}");
    expect_taken(&acks, NULL);
    acks_untake(&acks);
    expect_taken(&acks, "{\"lsn\":20}");
    assert_int_equal(acks_in_flight(&acks), 0);
    acks_clear(&acks);
}

static void a_batch_cut_short_never_counts(void **state)
{
    struct acks acks;
    (void)state;
    acks_init(&acks);
    uint64_t one = acks_begin(&acks);
    acks_sent(&acks);
    acks_done(&acks, one, NULL);
    assert_false(acks_advance(&acks));
    expect_taken(&acks, NULL);
    acks_clear(&acks);
}

static void a_refused_record_holds_everything_after_it(void **state)
{
    struct acks acks;
    (void)state;
    acks_init(&acks);
    uint64_t one = send_batch(&acks, 1, 10), two = send_batch(&acks, 1, 20);
    struct kc_error *refused = kc_fail(KC_FATAL, "too large");
    acks_done(&acks, one, refused);
    acks_done(&acks, two, NULL);
    kc_error_free(refused);
    assert_false(acks_advance(&acks));
    assert_non_null(acks.failed);
    expect_taken(&acks, NULL);
    acks_clear(&acks);
}

static void an_empty_batch_moves_the_position(void **state)
{
    struct acks acks;
    (void)state;
    acks_init(&acks);
    send_batch(&acks, 0, 30);
    assert_true(acks_advance(&acks));
    expect_taken(&acks, "{\"lsn\":30}");
    acks_clear(&acks);
}

static void the_ring_grows_and_wraps(void **state)
{
    struct acks acks;
    uint64_t tags[100];
    (void)state;
    acks_init(&acks);
    for (int round = 0; round < 5; round++) {
        for (int i = 0; i < 100; i++)
            tags[i] = send_batch(&acks, 1, round * 100 + i);
        for (int i = 99; i >= 0; i--)
            acks_done(&acks, tags[i], NULL);
        assert_true(acks_advance(&acks));
        assert_int_equal(acks_in_flight(&acks), 0);
    }
    expect_taken(&acks, "{\"lsn\":499}");
    acks_clear(&acks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(later_batches_wait_for_earlier_ones),
        cmocka_unit_test(a_batch_cut_short_never_counts),
        cmocka_unit_test(a_refused_record_holds_everything_after_it),
        cmocka_unit_test(an_empty_batch_moves_the_position),
        cmocka_unit_test(the_ring_grows_and_wraps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
