/* The stored position: Debezium's map and back, and what a resumed stream leaves out. */
#include "data/plain_json.h"
#include "sources/postgres/position.h"
#include "tests/unit/test.h"

static void written_and_read(void **state)
{
    (void)state;
    struct kc_arena arena;
    KC_AUTO_BUF json = KC_BUF(0);
    kc_arena_init(&arena, 0);
    struct position position = {.known = true,
                                .lsn = 24023128,
                                .lsn_proc = 24023128,
                                .lsn_commit = 24023119,
                                .tx_id = 555,
                                .ts_us = 1700000000123456,
                                .events = 2,
                                .message = "INSERT"};
    kc_plain_json_write(position_write(&position, NULL, &arena), &json);
    assert_string_equal(
        json.data, "{\"lsn\":24023128,\"lsn_proc\":24023128,\"lsn_commit\":24023119,\"txId\":555,"
                   "\"ts_usec\":1700000000123456,\"messageType\":\"INSERT\","
                   "\"lsn_events_processed\":2}");
    struct kc_value value;
    struct position back;
    assert_null(kc_plain_json_read((struct kc_text){json.data, json.len}, &arena, &value));
    position_read(value, &back);
    char *first = kc_buf_take(&json);
    kc_plain_json_write(position_write(&back, NULL, &arena), &json);
    assert_string_equal(json.data, first);
    free(first);
    assert_int_equal(position_start(&back), 24023128);
    assert_int_equal(position_flushable(&back), 24023119);

    position = (struct position){.known = true, .lsn = 7, .tx_id = 3, .in_snapshot = true};
    assert_int_equal(position_flushable(&position), 0);
    position_read(position_write(&position, NULL, &arena), &back);
    assert_true(back.in_snapshot);
    assert_false(back.completed);
    position_read(kc_null(), &back);
    assert_false(back.known);
    kc_arena_clear(&arena);
}

/* During a blocking snapshot the position is that of the stream, to us and to the original. */
static void blocking(void **state)
{
    (void)state;
    struct kc_arena arena;
    KC_AUTO_BUF json = KC_BUF(0);
    kc_arena_init(&arena, 0);
    struct position position = {.known = true, .lsn = 20, .lsn_proc = 20, .lsn_commit = 10,
                                .tx_id = 5, .ts_us = 1, .events = 1, .message = "INSERT",
                                .blocking = true, .wishes = "[1]"};
    struct kc_value value = position_write(&position, NULL, &arena);
    kc_plain_json_write(value, &json);
    assert_string_equal(json.data,
                        "{\"last_snapshot_record\":false,\"lsn\":20,\"lsn_proc\":20,"
                        "\"lsn_commit\":10,\"txId\":5,\"ts_usec\":1,\"messageType\":\"INSERT\","
                        "\"lsn_events_processed\":1,\"penstock_blocking\":\"[1]\","
                        "\"snapshot\":\"BLOCKING\",\"snapshot_completed\":false}");
    struct position back;
    position_read(value, &back);
    assert_false(back.in_snapshot);
    assert_false(back.blocking);
    assert_string_equal(back.wishes, "[1]");
    assert_int_equal(position_start(&back), 20);
    assert_int_equal(position_flushable(&back), 10);
    assert_true(position_transaction_begun(&back, 5));
    kc_arena_clear(&arena);
}

/* Transaction 10 was done (its commit record ended at 100), of 11 the events up to 60 were, of
 * those at 60 the first two. */
static void resumed(void **state)
{
    (void)state;
    struct position stored = {.known = true,
                              .lsn = 60,
                              .lsn_proc = 60,
                              .lsn_commit = 100,
                              .tx_id = 11,
                              .events = 2,
                              .message = "UPDATE"};
    assert_true(position_transaction_done(&stored, 90));
    assert_false(position_transaction_done(&stored, 100));
    assert_true(position_transaction_begun(&stored, 11));
    assert_false(position_transaction_begun(&stored, 12));
    assert_true(position_event_done(&stored, 59, 0));
    assert_true(position_event_done(&stored, 60, 1));
    assert_false(position_event_done(&stored, 60, 2));
    assert_false(position_event_done(&stored, 61, 0));
    /* After a commit nothing is in progress; after a snapshot nothing was streamed. */
    stored.message = "COMMIT";
    assert_false(position_transaction_begun(&stored, 11));
    stored.message = "UPDATE";
    stored.in_snapshot = true;
    assert_false(position_transaction_done(&stored, 90));
    assert_false(position_transaction_begun(&stored, 11));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_and_read), cmocka_unit_test(blocking),
        cmocka_unit_test(resumed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
