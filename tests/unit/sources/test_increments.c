/* What incremental snapshots of all databases share: the window of a chunk, the tables to be read. */
#include "sources/common/agenda.h"
#include "sources/common/window.h"
#include "tests/unit/test.h"

static void put(struct window *window, const char *key, const char *row)
{
    window_put(window, kc_text(key), strdup(row), strlen(row));
}

static void rows_are(struct window *window, const char *expected)
{
    KC_AUTO_BUF got = KC_BUF(0);
    const struct window_row *row;
    while ((row = window_next(window)))
        kc_buf_printf(&got, "%.*s ", (int)row->len, row->row);
    assert_buf(&got, expected);
}

static void changed_rows_are_taken_out(void **state)
{
    (void)state;
    struct window window = {0};
    window_begin(&window);
    put(&window, "1", "a");
    window_change(&window, KC_TEXT("1")); /* not open yet */
    window.open = true;
    put(&window, "2", "b");
    put(&window, "3", "c");
    window_change(&window, KC_TEXT("2"));
    window_change(&window, KC_TEXT("4")); /* before its row arrives */
    put(&window, "4", "d");
    window_filled(&window);
    window_change(&window, KC_TEXT("9"));
    rows_are(&window, "a c ");
    window_begin(&window);
    rows_are(&window, "");
    window_clear(&window);
}

static void rows_may_share_a_key(void **state)
{
    (void)state;
    struct window window = {0};
    window_begin(&window);
    window.open = true;
    put(&window, "1", "a");
    put(&window, "2", "b");
    put(&window, "1", "c");
    window_filled(&window);
    rows_are(&window, "a b c ");
    window.at = 0;
    window_change(&window, KC_TEXT("1"));
    rows_are(&window, "b ");
    window_clear(&window);
}

static void tables_come_one_after_the_other(void **state)
{
    (void)state;
    struct agenda agenda = {0};
    agenda_add(&agenda, "s.a", NULL, "", "x");
    agenda_add(&agenda, "s.b", "(v > 1)", "k", "x");
    agenda_add(&agenda, "s.c", NULL, NULL, NULL);
    assert_false(agenda_drop(&agenda, "s.a")); /* the one at hand stays */
    assert_true(agenda_drop(&agenda, "s.c"));
    assert_false(agenda_drop(&agenda, "s.c"));
    agenda_next(&agenda);
    assert_string_equal(agenda.tables[0].id, "s.b");
    agenda_stop(&agenda, NULL, 0);
    assert_string_equal(agenda.stops[0], ".*");
    agenda_next(&agenda);
    assert_false(agenda_running(&agenda));
    agenda_next(&agenda);
    agenda_clear(&agenda);
}

static void offset_holds_it(void **state)
{
    (void)state;
    static const struct java_value key[] = {{JAVA_INTEGER, KC_TEXT("7")}};
    struct agenda agenda = {0}, again = {0};
    struct kc_arena arena;
    struct kc_entry *entries;
    struct java_value *last, *maximum;
    size_t n_last, n_maximum;
    kc_arena_init(&arena, 0);
    struct kc_value map = kc_map_value_new(&arena, AGENDA_ENTRIES, &entries);
    assert_int_equal(agenda_write(&agenda, NULL, 0, NULL, 0, &arena, entries), 0);
    agenda_add(&agenda, "s.b", "(v > 1)", NULL, "x");
    agenda.correlation = strdup("x");
    agenda.rows = 12;
    map.len = agenda_write(&agenda, NULL, 0, key, 1, &arena, entries);
    assert_int_equal(map.len, AGENDA_ENTRIES);
    struct kc_text tables =
        kc_value_text(kc_map_value_get(map, "incremental_snapshot_collections"));
    assert_true(kc_text_is(tables,
                           "[{\"incremental_snapshot_collections_id\":\"s.b\","
                           "\"incremental_snapshot_collections_additional_condition\":\"(v > 1)\","
                           "\"incremental_snapshot_collections_surrogate_key\":null,"
                           "\"incremental_snapshot_collections_correlation_id\":\"x\"}]"));
    assert_ok(agenda_read(&again, map, &arena, &last, &n_last, &maximum, &n_maximum));
    assert_null(last);
    assert_int_equal(n_maximum, 1);
    assert_true(kc_text_is(maximum[0].text, "7"));
    assert_string_equal(again.tables[0].condition, "(v > 1)");
    assert_string_equal(again.correlation, "x");
    assert_int_equal(again.rows, 12);
    agenda_clear(&again);
    agenda_clear(&agenda);
    kc_arena_clear(&arena);
}

static void offsets_that_are_none(void **state)
{
    (void)state;
    struct agenda agenda = {0};
    struct kc_arena arena;
    struct java_value *last, *maximum;
    size_t n_last, n_maximum;
    kc_arena_init(&arena, 0);
    assert_ok(agenda_read(&agenda, kc_null(), &arena, &last, &n_last, &maximum, &n_maximum));
    struct kc_value bad =
        kc_map_of_one(&arena, "incremental_snapshot_collections", kc_string("[{}]", 4));
    assert_error(agenda_read(&agenda, bad, &arena, &last, &n_last, &maximum, &n_maximum), KC_FATAL,
                 "incremental_snapshot_collections in the stored offset has an element without "
                 "incremental_snapshot_collections_id");
    agenda_clear(&agenda);
    kc_arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changed_rows_are_taken_out),
        cmocka_unit_test(rows_may_share_a_key),
        cmocka_unit_test(tables_come_one_after_the_other),
        cmocka_unit_test(offset_holds_it),
        cmocka_unit_test(offsets_that_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
