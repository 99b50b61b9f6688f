/* Which rows go together, and which of a key is written; statements for PostgreSQL. */
#include "sinks/common/ddl.h"
#include "sinks/common/slots.h"
#include "sinks/postgres/driver.h"
#include "tests/unit/test.h"

struct fixture {
    struct jdbc_config config;
    struct jdbc_settings settings;
    struct jdbc_slots slots;
    struct kc_schema *key, *value;
    struct kc_arena arena;
    struct jdbc_table *tables[2];
    struct jdbc_layout *writes[2], *deletes[2];
};

static struct jdbc_row row_of(struct fixture *f, int id, const char *name)
{
    struct kc_record *record = kc_alloc0(&f->arena, sizeof(*record));

    record->topic = "t";
    record->key_schema = f->key;
    record->key = kc_struct_new(&f->arena, f->key);
    record->key.u.structure->field[0] = kc_integer(KC_INT32, id);
    if (!name)
        return (struct jdbc_row){ .record = record, .op = JDBC_DELETE };
    record->value_schema = f->value;
    record->value = kc_struct_new(&f->arena, f->value);
    record->value.u.structure->field[0] = kc_integer(KC_INT32, id);
    record->value.u.structure->field[1] = kc_string(name, strlen(name));
    return (
        struct jdbc_row){ .record = record, .fields = record->value.u.structure, .op = JDBC_WRITE };
}

static void start(struct fixture *f, enum jdbc_insert_mode mode)
{
    *f = (struct fixture){ .config = { .insert_mode = (int)mode,
                                       .pk_mode = JDBC_PK_KEY,
                                       .batch_size = 100,
                                       .delete_enabled = true,
                                       .table_format = "${topic}" } };
    f->settings = jdbc_settings_of(&f->config, JDBC_CONFLUENT);
    f->slots.settings = &f->settings;
    kc_arena_init(&f->arena, 0);
    f->key = kc_schema_new(KC_STRUCT);
    kc_schema_field(f->key, "id", kc_schema_of(KC_INT32, false));
    f->value = kc_schema_new(KC_STRUCT);
    kc_schema_field(f->value, "id", kc_schema_of(KC_INT32, false));
    kc_schema_field(f->value, "name", kc_schema_of(KC_STRING, true));
    struct jdbc_row write = row_of(f, 1, "x"), deletion = row_of(f, 1, NULL);
    for (int i = 0; i < 2; i++) {
        assert_ok(jdbc_table_new(i ? "child" : "parent", '"', false, &f->tables[i]));
        assert_ok(jdbc_layout_new(&f->settings, &write, f->tables[i], &f->writes[i]));
        assert_ok(jdbc_layout_new(&f->settings, &deletion, f->tables[i], &f->deletes[i]));
    }
}

static void stop(struct fixture *f)
{
    jdbc_slots_reset(&f->slots);
    jdbc_slots_clear(&f->slots);
    for (int i = 0; i < 2; i++) {
        jdbc_layout_free(f->writes[i]);
        jdbc_layout_free(f->deletes[i]);
        f->tables[i]->related = NULL; /* the test's own arrays */
        jdbc_table_free(f->tables[i]);
    }
    kc_schema_unref(f->key);
    kc_schema_unref(f->value);
    kc_arena_clear(&f->arena);
}

/* "p1a": row 1 of the parent, name a; "c1-": the child's row 1 is deleted; groups as
 * "parent+1a,2b". */
static void assert_groups(struct fixture *f, const char *rows, const char *groups)
{
    struct kc_buf text = { 0 };
    size_t count;

    jdbc_slots_reset(&f->slots);
    for (const char *at = rows; *at; at += 3 + (at[3] == ' ')) {
        int table = at[0] == 'c';
        char *name = kc_arena_text(&f->arena, at + 2, 1);
        struct jdbc_row row = row_of(f, at[1] - '0', at[2] == '-' ? NULL : name);
        jdbc_slots_add(&f->slots, at[2] == '-' ? f->deletes[table] : f->writes[table], &row);
    }
    const struct jdbc_group *made = jdbc_slots_groups(&f->slots, &count);
    for (size_t i = 0; i < count; i++) {
        kc_buf_printf(&text, "%s%s%c", i ? " " : "", made[i].layout->table->name,
                      made[i].op == JDBC_DELETE ? '-' : '+');
        for (size_t k = 0; k < made[i].n_rows; k++) {
            const struct kc_record *record = made[i].rows[k].record;
            struct kc_value name = kc_struct_get(record->value, "name");
            kc_buf_printf(&text, "%s%d%.*s", k ? "," : "",
                          (int)record->key.u.structure->field[0].u.i, (int)name.len,
                          name.kind == KC_STRING ? name.u.text : "");
        }
    }
    assert_buf(&text, groups);
    kc_buf_clear(&text);
}

static void test_upsert(void **state)
{
    struct fixture f;
    (void)state;
    start(&f, JDBC_UPSERT);
    assert_groups(&f, "p1a p2b c1x p3c", "parent+1a,2b,3c child+1x");
    assert_groups(&f, "p1a p2b p1c p1d", "parent+2b,1d");
    assert_groups(&f, "p1a p1- p2b", "parent-1 parent+2b");
    assert_groups(&f, "p1- p1a p2-", "parent-2 parent+1a");
    assert_groups(&f, "p1a p1- p1b p1-", "parent-1");
    f.config.batch_size = 2;
    assert_groups(&f, "p1a p2b p3c p4d p5e", "parent+1a,2b parent+3c,4d parent+5e");
    stop(&f);
}

/* Foreign keys: rows of both tables keep their order, and so does a table with itself. */
static void test_related(void **state)
{
    struct fixture f;
    (void)state;
    start(&f, JDBC_UPSERT);
    f.tables[0]->related = &f.tables[1];
    f.tables[1]->related = &f.tables[0];
    f.tables[0]->n_related = f.tables[1]->n_related = 1;
    assert_groups(&f, "p1a c1x p2b c2y", "parent+1a child+1x parent+2b child+2y");
    assert_groups(&f, "p1a p2b c1x c2y c1- p1-", "parent+1a,2b child-1 child+2y parent-1");
    f.tables[0]->n_related = f.tables[1]->n_related = 0;
    f.tables[0]->self_related = true;
    assert_groups(&f, "p1a p2b p1c", "parent+1a,2b parent+1c");
    assert_groups(&f, "p1a p2- p3b", "parent+1a parent-2 parent+3b");
    stop(&f);
}

static void test_insert_and_update(void **state)
{
    struct fixture f;
    (void)state;
    start(&f, JDBC_INSERT);
    assert_groups(&f, "p1a p1b p2c", "parent+1a,1b,2c");
    assert_groups(&f, "p1a p1- p1b", "parent+1a parent-1 parent+1b");
    stop(&f);
    start(&f, JDBC_UPDATE);
    assert_groups(&f, "p1a p2b p1c", "parent+2b,1c");
    /* An update after the deletion changes nothing, so it must not take its place. */
    assert_groups(&f, "p1- p1a", "parent-1 parent+1a");
    stop(&f);
}

static void test_many_keys(void **state)
{
    struct fixture f;
    size_t count;
    (void)state;
    start(&f, JDBC_UPSERT);
    f.config.batch_size = 100000;
    for (int i = 0; i < 20000; i++) {
        struct jdbc_row row = row_of(&f, i % 5000, "x");
        jdbc_slots_add(&f.slots, f.writes[0], &row);
    }
    const struct jdbc_group *groups = jdbc_slots_groups(&f.slots, &count);
    assert_int_equal(count, 1);
    assert_int_equal(groups[0].n_rows, 5000);
    stop(&f);
}

static void test_ddl(void **state)
{
    struct fixture f;
    struct kc_buf sql = { 0 };
    struct kc_schema *wide = kc_schema_new(KC_STRUCT);
    struct kc_schema *text = kc_schema_optional(kc_schema_new(KC_STRING), true);
    struct kc_schema *decimal = kc_schema_decimal(2), *when = kc_schema_logical(KC_TIMESTAMP_NAME);
    struct kc_schema *list = kc_schema_optional(kc_schema_new(KC_ARRAY), true);
    size_t next = 0;
    (void)state;
    start(&f, JDBC_UPSERT);
    kc_schema_default(text, kc_string("it's", 4));
    kc_schema_element(list, kc_schema_of(KC_INT32, true));
    kc_schema_field(wide, "na\"me", text);
    kc_schema_field(wide, "price", decimal);
    kc_schema_field(wide, "id", kc_schema_of(KC_INT32, false));
    kc_schema_field(wide, "at", when);
    kc_schema_field(wide, "list", list);
    struct jdbc_row row = row_of(&f, 1, "x");
    row.record->value_schema = wide;
    row.record->value = kc_struct_new(&f.arena, wide);
    row.fields = row.record->value.u.structure;
    struct jdbc_layout *layout;
    assert_ok(jdbc_layout_new(&f.settings, &row, f.tables[0], &layout));
    const struct jdbc_dialect *dialect = jdbc_postgres_driver.dialect;
    assert_ok(jdbc_ddl_create(&f.settings, dialect, layout, &sql));
    assert_buf(
        &sql,
        "CREATE TABLE \"parent\" (\n\"na\"\"me\" text DEFAULT 'it''s' NULL,\n"
        "\"price\" numeric NOT NULL,\n\"id\" integer NOT NULL,\n\"at\" timestamp(6) NOT NULL,\n"
        "\"list\" integer[] NULL,\nPRIMARY KEY(\"id\"))");
    struct jdbc_table_column there = { .name = (char *)"id" };
    layout->columns[0].target = layout->columns[2].target = layout->columns[3].target = &there;
    assert_ok(jdbc_ddl_add(&f.settings, dialect, layout, &next, &sql));
    assert_buf(&sql, "ALTER TABLE \"parent\" ADD \"na\"\"me\" text DEFAULT 'it''s' NULL,\n"
                     "ADD \"list\" integer[] NULL");
    kc_buf_clear(&sql);
    jdbc_layout_free(layout);
    kc_schema_unref(wide);
    kc_schema_unref(text);
    kc_schema_unref(decimal);
    kc_schema_unref(when);
    kc_schema_unref(list);
    stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_upsert),
        cmocka_unit_test(test_related),
        cmocka_unit_test(test_insert_and_update),
        cmocka_unit_test(test_many_keys),
        cmocka_unit_test(test_ddl),
    };
    return cmocka_run_group_tests_name("jdbc slots", tests, NULL, NULL);
}
