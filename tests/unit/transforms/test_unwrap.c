#include "config/option.h"
#include "data/plain_json.h"
#include "plugin/transform.h"
#include "tests/unit/test.h"

extern const struct kc_plugin kc_plugin_unwrap_transform;

/* A transform with settings, and what its records need. */
struct fixture {
    struct kc_transform *transform;
    void *config;
    struct kc_arena arena;
    struct kc_schema *row, *source, *envelope;
};

static void start(struct fixture *f, const char *settings)
{
    const struct kc_plugin *plugin = &kc_plugin_unwrap_transform;
    struct kc_props props = { 0 };
    struct kc_findings findings = { 0 };

    assert_ok(kc_props_parse(kc_text(settings), &props));
    f->config = kc_calloc(1, plugin->config_size);
    kc_options_read(plugin->options, &props, f->config, &findings);
    assert_ok(kc_findings_error(&findings));
    kc_findings_clear(&findings);
    kc_props_clear(&props);
    f->transform = kc_calloc(1, plugin->transform->size);
    f->transform->plugin = plugin;
    f->transform->config = f->config;
    assert_ok(plugin->transform->open(f->transform));
    kc_arena_init(&f->arena, 0);

    struct kc_schema *score = kc_schema_optional(kc_schema_new(KC_INT32), true);
    kc_schema_default(score, kc_integer(KC_INT32, 7));
    f->row = kc_schema_optional(kc_schema_name(kc_schema_new(KC_STRUCT), "s.t.Value"), true);
    kc_schema_field(f->row, "id", kc_schema_of(KC_INT32, false));
    kc_schema_field(f->row, "name", kc_schema_of(KC_STRING, true));
    kc_schema_field(f->row, "score", score);
    kc_schema_unref(score);
    f->source = kc_schema_name(kc_schema_new(KC_STRUCT), "io.debezium.connector.postgresql.Source");
    kc_schema_field(f->source, "ts_ms", kc_schema_of(KC_INT64, false));
    kc_schema_field(f->source, "table", kc_schema_of(KC_STRING, false));
    f->envelope = kc_schema_name(kc_schema_new(KC_STRUCT), "s.t.Envelope");
    kc_schema_field(f->envelope, "before", f->row);
    kc_schema_field(f->envelope, "after", f->row);
    kc_schema_field(f->envelope, "source", f->source);
    kc_schema_field(f->envelope, "op", kc_schema_of(KC_STRING, false));
    kc_schema_field(f->envelope, "ts_ms", kc_schema_of(KC_INT64, true));
}

static void stop(struct fixture *f)
{
    f->transform->plugin->transform->close(f->transform);
    kc_options_clear(f->transform->plugin->options, f->config);
    free(f->config);
    free(f->transform);
    kc_schema_unref(f->row);
    kc_schema_unref(f->source);
    kc_schema_unref(f->envelope);
    kc_arena_clear(&f->arena);
}

static struct kc_value row(struct fixture *f, int id, const char *name)
{
    struct kc_value value = kc_struct_new(&f->arena, f->row);

    value.u.structure->field[0] = kc_integer(KC_INT32, id);
    value.u.structure->field[1] = kc_string(name, strlen(name));
    return value;
}

static struct kc_record event(struct fixture *f, const char *op, struct kc_value before,
                              struct kc_value after)
{
    struct kc_value source = kc_struct_new(&f->arena, f->source);
    struct kc_value value = kc_struct_new(&f->arena, f->envelope);

    source.u.structure->field[0] = kc_integer(KC_INT64, 5);
    source.u.structure->field[1] = kc_string("t", 1);
    value.u.structure->field[0] = before;
    value.u.structure->field[1] = after;
    value.u.structure->field[2] = source;
    value.u.structure->field[3] = kc_string(op, 1);
    value.u.structure->field[4] = kc_integer(KC_INT64, 6);
    return (struct kc_record){ .topic = "s.t", .value = value, .value_schema = f->envelope };
}

static void apply(struct fixture *f, struct kc_record *record)
{
    assert_ok(f->transform->plugin->transform->apply(f->transform, record, &f->arena));
    assert_ok(kc_schema_check(record->value_schema, record->value));
}

/* The value as JSON; whether its schema is optional. */
static void assert_record(const struct kc_record *record, const char *json, bool optional)
{
    struct kc_buf text = { 0 };

    assert_false(record->dropped);
    kc_plain_json_write(record->value, &text);
    assert_buf(&text, json);
    kc_buf_clear(&text);
    assert_string_equal(record->value_schema->name, "s.t.Value");
    assert_int_equal(record->value_schema->optional, optional);
}

static void test_default(void **state)
{
    struct fixture f;
    (void)state;
    start(&f, "");
    struct kc_record created = event(&f, "c", kc_null(), row(&f, 1, "a"));
    apply(&f, &created);
    /* Nothing is added, so nothing is rebuilt: the null stays one. */
    assert_record(&created, "{\"id\":1,\"name\":\"a\",\"score\":null}", false);
    struct kc_record deleted = event(&f, "d", row(&f, 1, "a"), kc_null());
    apply(&f, &deleted);
    assert_record(&deleted, "null", true);
    struct kc_record tombstone = { .topic = "s.t" };
    apply(&f, &tombstone);
    assert_true(tombstone.dropped);
    struct kc_record emptied = event(&f, "t", kc_null(), kc_null());
    apply(&f, &emptied);
    assert_true(emptied.dropped);
    stop(&f);
}

static void test_rewrite(void **state)
{
    struct fixture f;
    (void)state;
    start(&f, "delete.tombstone.handling.mode=rewrite-with-tombstone\n"
              "add.fields=op,table:tbl,source.ts_ms,ts_ms,nothing\nadd.headers=op,db");
    struct kc_record deleted = event(&f, "d", row(&f, 1, "a"), kc_null());
    apply(&f, &deleted);
    assert_record(&deleted,
                  "{\"id\":1,\"name\":\"a\",\"score\":7,\"__deleted\":\"true\",\"__op\":\"d\",\"__"
                  "tbl\":\"t\","
                  "\"__source_ts_ms\":5,\"__ts_ms\":6}",
                  false);
    assert_true(deleted.value_schema->fields[4].schema->optional);
    assert_int_equal(deleted.n_headers, 1);
    assert_string_equal(deleted.headers[0].name, "__op");
    assert_true(deleted.headers[0].schema->optional);
    struct kc_record updated = event(&f, "u", kc_null(), row(&f, 1, "b"));
    apply(&f, &updated);
    assert_true(updated.value_schema == deleted.value_schema);
    struct kc_record tombstone = { .topic = "s.t" };
    apply(&f, &tombstone);
    assert_false(tombstone.dropped);
    assert_int_equal(tombstone.n_headers, 1);
    assert_false(tombstone.headers[0].schema->optional);
    stop(&f);
}

static void test_modes(void **state)
{
    static const struct {
        const char *settings;
        bool deletion_dropped, tombstone_dropped, without_schema;
    } rows[] = {
        { "delete.tombstone.handling.mode=drop", true, true, false },
        { "delete.tombstone.handling.mode=tombstone", false, true, false },
        { "delete.tombstone.handling.mode=rewrite", false, true, false },
        { "delete.tombstone.handling.mode=delete-to-tombstone", false, true, true },
        { "drop.tombstones=false", true, false, false },
        { "drop.tombstones=false\ndelete.handling.mode=rewrite", false, false, false },
        { "drop.tombstones=true\ndelete.handling.mode=none", false, true, false },
    };
    (void)state;
    for (size_t i = 0; i < KC_COUNT(rows); i++) {
        struct fixture f;
        start(&f, rows[i].settings);
        struct kc_record deleted = event(&f, "d", row(&f, 1, "a"), kc_null());
        struct kc_record tombstone = { .topic = "s.t" };
        apply(&f, &deleted);
        apply(&f, &tombstone);
        assert_int_equal(deleted.dropped, rows[i].deletion_dropped);
        assert_int_equal(tombstone.dropped, rows[i].tombstone_dropped);
        assert_int_equal(deleted.value_schema == NULL, rows[i].without_schema);
        stop(&f);
    }
}

static void test_route_and_drop(void **state)
{
    struct fixture f;
    struct kc_value *names;
    (void)state;
    start(&f, "route.by.field=name\ndrop.fields.header.name=gone");
    struct kc_record routed = event(&f, "c", kc_null(), row(&f, 1, "other"));
    struct kc_header header = { .name = "gone", .value = kc_array_new(&f.arena, 2, &names) };
    names[0] = kc_string("id", 2); /* required: it stays */
    names[1] = kc_string("name", 4);
    routed.headers = &header;
    routed.n_headers = 1;
    apply(&f, &routed);
    assert_string_equal(routed.topic, "other");
    assert_record(&routed, "{\"id\":1,\"score\":null}", false);
    struct kc_record unnamed = event(&f, "c", kc_null(), row(&f, 1, "x"));
    unnamed.value.u.structure->field[1].u.structure->field[1] = kc_null();
    apply(&f, &unnamed);
    assert_string_equal(unnamed.topic, "s.t");
    stop(&f);
}

static void test_others_pass(void **state)
{
    struct fixture f;
    struct kc_record text = { .topic = "t",
                              .value = kc_string("x", 1),
                              .value_schema = kc_schema_of(KC_STRING, false) };
    (void)state;
    start(&f, "");
    apply(&f, &text);
    assert_int_equal(text.value.kind, KC_STRING);
    struct kc_record plain = { .topic = "t", .value = row(&f, 1, "a"), .value_schema = f.row };
    apply(&f, &plain);
    assert_true(plain.value_schema == f.row);
    stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_default),     cmocka_unit_test(test_rewrite),
        cmocka_unit_test(test_modes),       cmocka_unit_test(test_route_and_drop),
        cmocka_unit_test(test_others_pass),
    };
    return cmocka_run_group_tests_name("unwrap", tests, NULL, NULL);
}
