/* What a record asks for, and the names of tables. */
#include "sinks/common/layout.h"
#include "tests/unit/test.h"

struct fixture {
    struct kc_arena arena;
    struct kc_schema *row, *envelope;
    struct kc_record record;
};

static void start(struct fixture *f)
{
    kc_arena_init(&f->arena, 0);
    f->row = kc_schema_new(KC_STRUCT);
    kc_schema_field(f->row, "id", kc_schema_of(KC_INT32, false));
    f->envelope = kc_schema_name(kc_schema_new(KC_STRUCT), "x.Envelope");
    kc_schema_field(f->envelope, "before", f->row);
    kc_schema_field(f->envelope, "after", f->row);
    kc_schema_field(f->envelope, "op", kc_schema_of(KC_STRING, false));
    f->record = (struct kc_record){ .topic = "a.b",
                                    .partition = 1,
                                    .offset = 2,
                                    .timestamp = 3,
                                    .key = kc_integer(KC_INT32, 1),
                                    .key_schema = kc_schema_of(KC_INT32, false),
                                    .value = kc_struct_new(&f->arena, f->row),
                                    .value_schema = f->row };
}

static void stop(struct fixture *f)
{
    kc_schema_unref(f->row);
    kc_schema_unref(f->envelope);
    kc_arena_clear(&f->arena);
}

#define REQUIRES(delete_, mode)                                                                    \
    "Sink connector 'c' is configured with 'delete.enabled=" delete_ "' and 'pk.mode=" mode        \
    "' and therefore "                                                                             \
    "requires records with a non-null "
#define FOUND "but found record at (topic='a.b',partition=1,offset=2,timestamp=3) with a "

static void test_what_is_required(void **state)
{
    struct fixture f;
    struct jdbc_config config = { .pk_mode = JDBC_PK_KEY, .delete_enabled = false };
    struct jdbc_settings settings = jdbc_settings_of(&config, JDBC_CONFLUENT);
    struct jdbc_row row;
    struct kc_entry *entries;
    (void)state;
    start(&f);
    assert_ok(jdbc_interpret(&settings, "c", &f.record, &row));
    assert_int_equal(row.op, JDBC_WRITE);
    f.record.value = kc_map_value_new(&f.arena, 0, &entries);
    f.record.value_schema = NULL;
    assert_error(jdbc_interpret(&settings, "c", &f.record, &row), KC_BAD_DATA,
                 REQUIRES("false", "record_key") "Struct value and non-null Struct schema, " FOUND
                                                 "HashMap value and null value schema.");
    f.record.value = kc_null();
    assert_error(jdbc_interpret(&settings, "c", &f.record, &row), KC_BAD_DATA,
                 REQUIRES("false", "record_key") "Struct value and non-null Struct schema, " FOUND
                                                 "null value and null value schema.");
    config.delete_enabled = true;
    assert_ok(jdbc_interpret(&settings, "c", &f.record, &row));
    assert_int_equal(row.op, JDBC_DELETE);
    f.record.key = kc_null();
    f.record.key_schema = NULL;
    assert_error(
        jdbc_interpret(&settings, "c", &f.record, &row), KC_BAD_DATA,
        REQUIRES("true", "record_key") "key and non-null Struct or primitive key schema, " FOUND
                                       "null key and null key schema.");
    stop(&f);
}

static enum jdbc_op op_of(struct fixture *f, const struct jdbc_settings *settings, const char *op,
                          bool before, bool after)
{
    struct jdbc_row row;
    struct kc_value value = kc_struct_new(&f->arena, f->envelope),
                    one = kc_struct_new(&f->arena, f->row);

    value.u.structure->field[0] = before ? one : kc_null();
    value.u.structure->field[1] = after ? one : kc_null();
    value.u.structure->field[2] = kc_string(op, 1);
    f->record.value = value;
    f->record.value_schema = f->envelope;
    assert_ok(jdbc_interpret(settings, "c", &f->record, &row));
    return row.op;
}

static void test_envelopes(void **state)
{
    struct fixture f;
    struct jdbc_config config = { .pk_mode = JDBC_PK_KEY };
    struct jdbc_settings settings = jdbc_settings_of(&config, JDBC_DEBEZIUM);
    (void)state;
    start(&f);
    assert_int_equal(op_of(&f, &settings, "c", false, true), JDBC_WRITE);
    assert_int_equal(op_of(&f, &settings, "d", true, false), JDBC_SKIP);
    assert_int_equal(op_of(&f, &settings, "t", false, false), JDBC_SKIP);
    config.delete_enabled = config.truncate_enabled = true;
    assert_int_equal(op_of(&f, &settings, "d", true, false), JDBC_DELETE);
    assert_int_equal(op_of(&f, &settings, "t", false, false), JDBC_TRUNCATE);
    assert_int_equal(op_of(&f, &settings, "m", false, false), JDBC_SKIP);
    stop(&f);
}

static void assert_table(struct fixture *f, const struct jdbc_config *config,
                         enum jdbc_flavour flavour, const char *name)
{
    struct jdbc_settings settings = jdbc_settings_of(config, flavour);
    struct jdbc_row row = { .record = &f->record };
    struct kc_buf text = { 0 };

    assert_ok(jdbc_table_name(&settings, &row, &text));
    assert_buf(&text, name);
    kc_buf_clear(&text);
}

static void test_tables(void **state)
{
    struct fixture f;
    char *pair = (char *)"a.b:s.t";
    struct jdbc_config plain = { .table_format = (char *)"${topic}" },
                       dressed = { .table_format = (char *)"s.x_${topic}_${other}" },
                       mapped = { .table_format = (char *)"${topic}",
                                  .topic_tables = { &pair, 1 } },
                       normal = { .table_format = (char *)"${topic}", .normalize_name = true };
    (void)state;
    start(&f);
    assert_table(&f, &plain, JDBC_CONFLUENT, "a.b");
    assert_table(&f, &plain, JDBC_DEBEZIUM, "a_b");
    assert_table(&f, &dressed, JDBC_CONFLUENT, "s.x_a.b_${other}");
    assert_table(&f, &mapped, JDBC_AIVEN, "s.t");
    assert_table(&f, &normal, JDBC_AIVEN, "a_b");
    stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_required),
        cmocka_unit_test(test_envelopes),
        cmocka_unit_test(test_tables),
    };
    return cmocka_run_group_tests_name("jdbc records", tests, NULL, NULL);
}
