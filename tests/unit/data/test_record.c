#include "data/plain_json.h"
#include "data/record.h"
#include "tests/unit/test.h"

static struct kc_value place(struct kc_arena *arena, const char *json)
{
    struct kc_value value;
    assert_ok(kc_plain_json_read(kc_text(json), arena, &value));
    return value;
}

static void test_positions(void **state)
{
    (void)state;
    struct kc_batch batch;
    kc_batch_init(&batch, 0, 0);
    struct kc_arena *arena = &batch.arena;
    kc_batch_position(&batch, place(arena, "{\"t\":\"a\",\"n\":1}"), place(arena, "{\"at\":1}"));
    kc_batch_position(&batch, place(arena, "{\"t\":\"b\",\"n\":1}"), place(arena, "{\"at\":5}"));
    kc_batch_position(&batch, place(arena, "{\"n\":1,\"t\":\"a\"}"), place(arena, "{\"at\":2}"));
    assert_int_equal(batch.n_positions, 2);

    /* an integer's width and the order of a map don't matter */
    struct kc_entry *entries;
    struct kc_value partition = kc_map_value_new(arena, 2, &entries);
    entries[0] = (struct kc_entry){ kc_string("t", 1), kc_string("a", 1) };
    entries[1] = (struct kc_entry){ kc_string("n", 1), kc_integer(KC_INT32, 1) };
    struct kc_value found = kc_position_find(batch.positions, batch.n_positions, partition);
    assert_int_equal(kc_map_value_get(found, "at").u.i, 2);
    entries[1].value = kc_integer(KC_INT32, 2);
    assert_int_equal(kc_position_find(batch.positions, batch.n_positions, partition).kind, KC_NULL);
    kc_batch_reset(&batch);
    assert_int_equal(batch.n_positions, 0);
    kc_batch_position(&batch, kc_null(), kc_null());
    assert_int_equal(batch.n_positions, 1);
    kc_batch_clear(&batch);
}

static void test_records(void **state)
{
    (void)state;
    struct kc_batch batch;
    kc_batch_init(&batch, 3, 0);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 3; i++) {
            assert_false(kc_batch_full(&batch));
            struct kc_record *record = kc_batch_add(&batch, "t");
            assert_int_equal(record->partition, -1);
            assert_int_equal(record->timestamp, -1);
            assert_int_equal(record->value.kind, KC_NULL);
            record->value = kc_integer(KC_INT32, i);
        }
        assert_true(kc_batch_full(&batch));
        int next = 0;
        for (struct kc_record *record = batch.first; record; record = record->next)
            assert_int_equal(record->value.u.i, next++);
        assert_int_equal(next, 3);
        batch.first->fault = kc_fail(KC_BAD_DATA, "left behind"); /* reset frees it */
        kc_batch_reset(&batch);
        assert_null(batch.first);
    }
    kc_batch_clear(&batch);
    kc_batch_init(&batch, 0, 100);
    kc_batch_add(&batch, "t");
    assert_true(kc_batch_full(&batch));
    kc_batch_clear(&batch);
}

static void test_plain_json(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "null", "9223372036854775807", "1.5", "\"a\\\"b\"", "[1,[],{}]", "{\"b\":1,\"a\":null}",
        "1.0E10",
    };
    struct kc_arena arena;
    struct kc_buf buf = { 0 };
    kc_arena_init(&arena, 0);
    for (size_t i = 0; i < KC_COUNT(texts); i++) {
        struct kc_value value = place(&arena, texts[i]);
        kc_plain_json_write(value, &buf);
        assert_buf(&buf, texts[i]);
    }
    kc_plain_json_write(kc_bytes("foo", 3), &buf);
    kc_plain_json_write(kc_decimal_from_int(&arena, -150, 2), &buf);
    kc_plain_json_write(kc_double(__builtin_inf()), &buf);
    assert_buf(&buf, "\"Zm9v\"-1.50\"Infinity\"");
    struct kc_entry *entries;
    struct kc_value map = kc_map_value_new(&arena, 1, &entries);
    entries[0] = (struct kc_entry){ kc_integer(KC_INT32, 5), kc_bool(true) };
    kc_plain_json_write(map, &buf);
    assert_buf(&buf, "[[5,true]]");
    kc_buf_clear(&buf);
    kc_arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_positions),
        cmocka_unit_test(test_records),
        cmocka_unit_test(test_plain_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
