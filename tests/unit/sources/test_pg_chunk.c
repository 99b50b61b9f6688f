/* The SQL of chunks. */
#include "sources/postgres/chunk.h"
#include "tests/unit/test.h"

static struct relation_column columns[] = {
    {.name = "a", .required = true, .copied = true},
    {.name = "B\"b", .required = true, .copied = true},
    {.name = "gone"},
    {.name = "n", .copied = true},
};
static const struct relation relation = {
    .schema = "s", .name = "T", .columns = columns, .n_columns = 4};
static char *texts[] = {"1", "it's \\", NULL};
static const struct chunk_place one = {texts, 1}, two = {texts, 2}, nothing = {texts + 2, 1};

static void is_select(const struct chunk *chunk, const char *expected)
{
    KC_AUTO_BUF sql = KC_BUF(0);
    chunk_put_select(&sql, chunk);
    assert_buf(&sql, expected);
}

static void bounds(void **state)
{
    (void)state;
    struct chunk_column key[] = {{0, false}, {1, false}};
    struct chunk_order order = {key, 2, true};
    struct chunk chunk = {.relation = &relation, .order = &order, .limit = 5};
#define COLUMNS "SELECT \"a\", \"B\"\"b\", \"n\" FROM \"s\".\"T\""
#define ORDER   " ORDER BY \"a\", \"B\"\"b\" FETCH FIRST 5 ROWS ONLY"
    is_select(&chunk, COLUMNS ORDER);
    chunk.after = &two;
    is_select(&chunk, COLUMNS " WHERE ROW(\"a\", \"B\"\"b\") > ROW('1', E'it''s \\\\')" ORDER);
    chunk.to = &two;
    chunk.condition = "x OR y -- z";
    is_select(&chunk, COLUMNS " WHERE ROW(\"a\", \"B\"\"b\") > ROW('1', E'it''s \\\\') AND "
                              "ROW(\"a\", \"B\"\"b\") <= ROW('1', E'it''s \\\\') AND "
                              "(x OR y -- z\n)" ORDER);
    chunk.after = &one; /* of another order: no place here */
    chunk.to = NULL;
    chunk.condition = NULL;
    is_select(&chunk, COLUMNS ORDER);
}

static void nulls_come_last(void **state)
{
    (void)state;
    struct chunk_column key[] = {{3, true}};
    struct chunk_order order = {key, 1, false};
    struct chunk chunk = {.relation = &relation, .order = &order, .after = &one, .limit = 1};
#undef ORDER
#define ORDER " ORDER BY \"n\" FETCH FIRST 1 ROWS WITH TIES"
    is_select(&chunk, COLUMNS " WHERE (((\"n\" > '1' OR \"n\" IS NULL)))" ORDER);
    chunk.after = &nothing;
    is_select(&chunk, COLUMNS " WHERE ((FALSE))" ORDER);
    chunk.after = NULL;
    chunk.to = &nothing;
    is_select(&chunk, COLUMNS " WHERE NOT ((FALSE))" ORDER);
}

static void last_place(void **state)
{
    (void)state;
    struct chunk_column key[] = {{0, false}, {3, true}};
    struct chunk_order order = {key, 2, false};
    struct chunk chunk = {.relation = &relation, .order = &order, .condition = "a > 1"};
    KC_AUTO_BUF sql = KC_BUF(0);
    chunk_put_last(&sql, &chunk);
    assert_buf(&sql, "SELECT \"a\", \"n\" FROM \"s\".\"T\" WHERE (a > 1\n)"
                     " ORDER BY \"a\" DESC, \"n\" DESC LIMIT 1");
}

static void places(void **state)
{
    (void)state;
    struct chunk_place place = {0};
    assert_false(chunk_place_equal(&place, &two));
    chunk_place_copy(&place, &two);
    assert_true(chunk_place_equal(&place, &two));
    chunk_place_copy(&place, &nothing);
    assert_true(chunk_place_equal(&place, &nothing));
    assert_false(chunk_place_equal(&place, &one));
    chunk_place_clear(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds),
        cmocka_unit_test(nulls_come_last),
        cmocka_unit_test(last_place),
        cmocka_unit_test(places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
