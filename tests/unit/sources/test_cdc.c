/* What all change-data-capture sources share: names, filters, keys, digests, envelopes. */
#include "data/plain_json.h"
#include "sources/common/digest.h"
#include "sources/common/envelope.h"
#include "sources/common/filter.h"
#include "sources/common/key_columns.h"
#include "sources/common/reselect.h"
#include "sources/common/settings.h"
#include "sources/common/topic_name.h"
#include "sources/common/topic_strategy.h"
#include "tests/unit/test.h"

static void is_name(char *got, const char *expected)
{
    assert_string_equal(got, expected);
    free(got);
}

static void names(void **state)
{
    (void)state;
    is_name(topic_name_clean("p.Odd,Name.t\xc3\xabst"), "p.Odd_Name.t_st");
    is_name(topic_name_clean(".."), "__");
    is_name(topic_name_schema("1a.b c", NAME_AVRO), "_1a.b_c");
    is_name(topic_name_field("a.b", NAME_AVRO), "a_b");
    is_name(topic_name_field("_x", NAME_AVRO_UNICODE), "_u005fx");
    is_name(topic_name_field("\xe6\x97\xa5", NAME_AVRO_UNICODE), "_u65e5");
}

static void is_topic(const struct topic_settings *settings, const char *schema, const char *table,
                     const char *expected)
{
    struct topic_strategy strategy;
    char *topic;
    assert_ok(topic_strategy_init(&strategy, settings));
    assert_ok(topic_strategy_table(&strategy, schema, table, &topic));
    is_name(topic, expected);
    topic_strategy_clear(&strategy);
}

static void is_refused(const struct topic_settings *settings, const char *part)
{
    struct topic_strategy strategy;
    struct kc_error *err = topic_strategy_init(&strategy, settings);
    assert_non_null(err);
    char *line = kc_error_line(err);
    assert_non_null(strstr(line, part));
    free(line);
    kc_error_free(err);
    topic_strategy_clear(&strategy);
}

static void strategies(void **state)
{
    (void)state;
    struct topic_settings s = {.strategy = "io.debezium.schema.SchemaTopicNamingStrategy",
                               .prefix = "p",
                               .delimiter = ".",
                               .transaction = "transaction",
                               .heartbeat_prefix = "beat"};
    is_topic(&s, "inv", "a b", "p.inv.a_b");
    s.strategy = "io.debezium.schema.DefaultTopicNamingStrategy";
    is_topic(&s, "inv", "a b", "p.a_b");
    s.strategy = "io.debezium.schema.SchemaUnicodeTopicNamingStrategy";
    is_topic(&s, "in_v", "\xc7\xb4.\t", "p.in_u005fv._u1f4._u009");
    s.strategy = "io.debezium.schema.DefaultRegexTopicNamingStrategy";
    is_refused(&s, "topic.regex");
    s.regex = "(p\\.).*_([0-9]+)";
    is_refused(&s, "topic.replacement");
    s.replacement = "$1all";
    is_topic(&s, "inv", "t_1", "p.all");
    is_topic(&s, "inv", "other", "p.other");
    s.delimiter = "/";
    is_refused(&s, "topic.delimiter");
    s.strategy = "com.example.Own";
    is_refused(&s, "com.example.Own");
}

static void key_fields(void **state)
{
    (void)state;
    struct topic_strategy strategy;
    struct topic_settings s = {.strategy = "io.debezium.schema.SchemaRegexTopicNamingStrategy",
                               .prefix = "p",
                               .delimiter = ".",
                               .transaction = "transaction",
                               .heartbeat_prefix = "beat",
                               .regex = "x",
                               .replacement = "y",
                               .key_unique = true,
                               .key_field = "shard",
                               .key_regex = ".*_([0-9]+)",
                               .key_replacement = "no$1"};
    char *value;
    assert_ok(topic_strategy_init(&strategy, &s));
    assert_string_equal(topic_strategy_key_field(&strategy), "shard");
    assert_ok(topic_strategy_key_value(&strategy, "s", "t_7", &value));
    is_name(value, "no7");
    assert_ok(topic_strategy_key_value(&strategy, "s", "odd name", &value));
    is_name(value, "p.s.odd name");
    topic_strategy_clear(&strategy);
    s.key_unique = false;
    assert_ok(topic_strategy_init(&strategy, &s));
    assert_null(topic_strategy_key_field(&strategy));
    topic_strategy_clear(&strategy);
}

struct pair_config {
    char *include, *exclude;
    bool flag;
    int number, queue;
};
#define OPTIONS_OF struct pair_config
static const struct kc_option pair_options[] = {
    CDC_STRING("t.include.list", include, .check = settings_patterns,
               .check_with = settings_patterns_again),
    CDC_STRING("t.exclude.list", exclude, .check_with = settings_excludes),
    CDC_BOOL("flag", flag, .def = "true", .check = settings_is_bool),
    CDC_INT("number", number, .def = "3", .check = settings_positive),
    CDC_INT("max.queue.size", queue, .def = "8192", .check_with = settings_queue),
    OPT_REFUSED("mode.custom.name", "No code.", .check_with = settings_custom_name),
    OPT_END};
#undef OPTIONS_OF

static void messages_are(const char *text, const char *const *expected)
{
    struct pair_config config = {0};
    struct kc_props props = {0};
    struct kc_findings findings = {0};
    assert_ok(kc_props_parse(kc_text(text), &props));
    kc_options_read(pair_options, &props, &config, &findings);
    size_t i = 0;
    for (; expected[i]; i++) {
        assert_true(i < findings.len);
        assert_non_null(strstr(findings.items[i].text, expected[i]));
    }
    assert_int_equal(findings.len, i);
    kc_options_clear(pair_options, &config);
    kc_findings_clear(&findings);
    kc_props_clear(&props);
}

static void set_all(struct kc_props *props, const char *const (*pairs)[2])
{
    kc_props_clear(props);
    for (; (*pairs)[0]; pairs++)
        kc_props_set(props, (*pairs)[0], (*pairs)[1]);
}

static void is_problem(const struct kc_props *props, const char *part)
{
    static const struct kc_option option = {.name = "post.processors"};
    char *message = reselects_check(&option, kc_props_get(props, "post.processors"), props);
    if (part)
        assert_non_null(strstr(message, part));
    else
        assert_null(message);
    free(message);
}

#define RESELECT "io.debezium.processors.reselect.ReselectColumnsPostProcessor"
static void post_processors(void **state)
{
    (void)state;
    struct kc_named named = {.names = {.items = (char *[]){"r", "s", NULL}, .len = 2}};
    struct reselects reselects;
    set_all(&named.settings,
            (const char *const[][2]){{"post.processors", "r, s"},
                                     {"r.type", RESELECT},
                                     {"r.reselect.columns.include.list", "S\\.t:a.*"},
                                     {"r.reselect.null.values", "false"},
                                     {"s.type", RESELECT},
                                     {"s.reselect.columns.exclude.list", ".*:b"},
                                     {"s.reselect.error.handling.mode", "fail"},
                                     {NULL, NULL}});
    is_problem(&named.settings, NULL);
    assert_ok(reselects_init(&reselects, &named));
    assert_int_equal(reselects.count, 2);
    assert_int_equal(reselects_of(&reselects, "s.t", "abc"), 3);
    assert_int_equal(reselects_of(&reselects, "s.t", "b"), 0);
    assert_int_equal(reselects_of(&reselects, "s.u", "a"), 2);
    assert_false(reselects.items[0].nulls);
    assert_true(reselects.items[1].fails && reselects.items[1].nulls && reselects.items[1].missing);
    reselects_clear(&reselects);

    kc_props_set(&named.settings, "s.type", "com.example.Own");
    is_problem(&named.settings, "com.example.Own");
    kc_props_set(&named.settings, "s.type", RESELECT);
    kc_props_set(&named.settings, "r.reselect.cache.enabled", "true");
    is_problem(&named.settings, "r.reselect.cache.enabled");
    kc_props_clear(&named.settings);
}

/* What the original says twice, and of two settings together. */
static void validation(void **state)
{
    (void)state;
    messages_are("flag=no\nnumber=x", (const char *const[]){"Either 'true'", "Either 'true'",
                                                            "An integer", "A positive", NULL});
    messages_are("t.include.list=[a", (const char *const[]){"Unclosed", "Unclosed", NULL});
    messages_are("t.include.list=a\nt.exclude.list=b\nmode=custom",
                 (const char *const[]){"\"t.include.list\" is already specified",
                                       "cannot be empty when mode 'custom'", NULL});
    messages_are("max.batch.size=9000", (const char *const[]){"Must be larger", NULL});
    messages_are("t.exclude.list=b\nnumber=1", (const char *const[]){NULL});
}

static void filters(void **state)
{
    (void)state;
    struct filter include, exclude;
    assert_null(filter_init(&include, "public\\.a.*, inv.Odd\\,Name"));
    assert_null(filter_init(&exclude, "public.audit"));
    assert_true(filter_allows(&include, &exclude, KC_TEXT("PUBLIC.apples")));
    assert_false(filter_allows(&include, &exclude, KC_TEXT("public.audit")));
    assert_false(filter_allows(&include, &exclude, KC_TEXT("xpublic.a")));
    assert_int_equal(filter_which(&include, KC_TEXT("inv.Odd,Name")), 1);
    filter_clear(&include);
    filter_clear(&exclude);
    struct kc_error *err = filter_init(&include, "[bad");
    assert_non_null(err);
    kc_error_free(err);
}

static void keys(void **state)
{
    (void)state;
    struct key_columns columns;
    assert_null(key_columns_init(&columns, " public.cust.*:name ; (.*).log:a, b"));
    assert_int_equal(columns.count, 2);
    assert_true(key_columns_match(&columns, 0, KC_TEXT("public.customers")));
    assert_false(key_columns_match(&columns, 1, KC_TEXT("public.customers")));
    assert_string_equal(columns.rules[1].columns.items[1], "b");
    key_columns_clear(&columns);
}

static void digests(void **state)
{
    (void)state;
    uint8_t out[DIGEST_MAX];
    assert_int_equal(digest_bytes(digest_find("md5"), "abc", 3, out), 16);
    assert_memory_equal(out, "\x90\x01\x50\x98\x3c\xd2\x4f\xb0\xd6\x96\x3f\x7d\x28\xe1\x7f\x72",
                        16);
    assert_int_equal(digest_bytes(digest_find("SHA-256"), "abc", 3, out), 32);
    assert_memory_equal(out, "\xba\x78\x16\xbf\x8f\x01\xcf\xea\x41\x41\x40\xde\x5d\xae\x22\x23",
                        16);
    assert_null(digest_find("NOPE"));
}

/* A changed key gives a delete, a tombstone and a create; a delete gives a tombstone. */
static void envelopes(void **state)
{
    (void)state;
    struct envelope envelope;
    struct kc_batch batch;
    struct kc_schema *key = kc_schema_new(KC_STRUCT), *row = kc_schema_new(KC_STRUCT);
    struct kc_schema *block = kc_schema_new(KC_STRUCT);
    kc_schema_field(key, "id", kc_schema_of(KC_INT32, false));
    kc_schema_field(row, "id", kc_schema_of(KC_INT32, false));
    struct table *table = table_new("t", "s", "n", key, row, block, "t.Envelope");
    kc_batch_init(&batch, 0, 0);
    envelope_init(&envelope, "p", "postgresql", 0, true, true);
    table_keep(table, &batch, 1);
    struct change change = {.op = OP_UPDATE, .table = table};
    change.key = kc_struct_new(&batch.arena, key);
    change.key.u.structure->field[0] = kc_integer(KC_INT32, 2);
    change.old_key = kc_struct_new(&batch.arena, key);
    change.old_key.u.structure->field[0] = kc_integer(KC_INT32, 1);
    envelope_add(&envelope, &batch, &change);
    assert_int_equal(batch.count, 3);
    assert_int_equal(batch.first->n_headers, 5);
    assert_string_equal(batch.first->headers[0].name, "__debezium.newkey");
    assert_null(batch.first->next->value_schema);
    assert_string_equal(batch.last->headers[0].name, "__debezium.oldkey");
    assert_memory_equal(kc_struct_get(batch.last->value, "op").u.text, "c", 1);
    change.old_key = change.key;
    envelope_add(&envelope, &batch, &change);
    assert_int_equal(batch.count, 4);
    change.op = OP_DELETE;
    envelope_add(&envelope, &batch, &change);
    assert_int_equal(batch.count, 6);
    table_unref(table);
    kc_batch_clear(&batch);
    kc_schema_unref(block);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),      cmocka_unit_test(strategies),
        cmocka_unit_test(key_fields), cmocka_unit_test(post_processors),
        cmocka_unit_test(validation), cmocka_unit_test(filters),
        cmocka_unit_test(keys),       cmocka_unit_test(digests),
        cmocka_unit_test(envelopes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
