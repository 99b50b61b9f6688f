#include "config/option.h"
#include "flow/connector_config.h"
#include "plugin/registry.h"
#include "tests/unit/test.h"

static const struct kc_option no_options[] = { OPT_END };
static const struct kc_plugin a_sink = { .kind = KC_SINK, .options = no_options };
static const struct kc_plugin a_source = { .kind = KC_SOURCE, .options = no_options };

/* Reads "name=value" lines and lists what is wrong: "setting: text" each. */
static void read_lines(const struct kc_plugin *plugin, const char *lines, struct kc_buf *buf)
{
    struct kc_props props = { .map.count = 0 };
    struct kc_findings findings = { .len = 0 };
    struct connector_config config = { .name = NULL };
    assert_ok(kc_props_parse(kc_text(lines), &props));
    connector_config_read(plugin, &props, &config, &findings);
    for (size_t i = 0; i < findings.len; i++)
        if (findings.items[i].severity == KC_ERROR)
            kc_buf_printf(buf, "%s: %s\n", findings.items[i].setting, findings.items[i].text);
    connector_config_clear(plugin->kind, &config);
    kc_findings_clear(&findings);
    kc_props_clear(&props);
}

#define SINK "name=n\nconnector.class=c\n"

static void test_sinks(void **state)
{
    (void)state;
    static const struct {
        const char *lines, *found;
    } cases[] = {
        { SINK "topics=a", "" },
        { SINK, "topics: Must configure one of topics or topics.regex\n"
                "topics.regex: Must configure one of topics or topics.regex\n" },
        { SINK "topics=a\ntopics.regex=b",
          "topics: topics and topics.regex are mutually exclusive options, but both are set.\n"
          "topics.regex: topics and topics.regex are mutually exclusive options, but both are set.\n" },
        { SINK "topics=t, d\nerrors.deadletterqueue.topic.name=d",
          "topics: The DLQ topic 'd' may not be included in the list of topics ('topics=[t, d]') "
          "consumed by the connector\n" },
        { SINK "topics.regex=.*\nerrors.deadletterqueue.topic.name=d",
          "topics.regex: The DLQ topic 'd' may not be matched by the regex for the topics "
          "('topics.regex=.*') consumed by the connector\n" },
        { SINK "topics=a\ntransforms=x,x",
          "transforms: Invalid value [x, x] for configuration transforms: Duplicate alias provided.\n"
          "transforms.x.type: Missing required configuration \"transforms.x.type\" which has no "
          "default value.\n" },
        { SINK "topics=a\nkey.converter=nope",
          "key.converter: Invalid value nope for configuration key.converter: Class nope could not be "
          "found.\n" },
        { SINK "topics=a\nheader.converter=java.lang.String",
          "header.converter: Class class java.lang.String does not implement the HeaderConverter "
          "interface\n" },
        { "name=a\\u0001b\nconnector.class=c\ntopics=a",
          "name: Invalid value a\001b for configuration name: String may not contain control "
          "sequences but had the following ASCII chars: 1\n" },
        { "name=\nconnector.class=c\ntopics=a",
          "name: Invalid value  for configuration name: String may not be empty\n" },
        { SINK "topics=a\ntasks.max=0",
          "tasks.max: Invalid value 0 for configuration tasks.max: Value must be at least 1\n" },
        { SINK "topics=a\nerrors.tolerance=ALL",
          "errors.tolerance: Invalid value ALL for configuration errors.tolerance: String must be one "
          "of: none, all\n" },
    };
    struct kc_buf buf = { 0 };
    for (size_t i = 0; i < KC_COUNT(cases); i++) {
        read_lines(&a_sink, cases[i].lines, &buf);
        assert_buf(&buf, cases[i].found);
    }
    kc_buf_clear(&buf);
}

static void test_sources(void **state)
{
    (void)state;
    struct kc_buf buf = { 0 };
    read_lines(&a_source, "name=n\nconnector.class=c\nexactly.once.support=x\noffsets.storage.topic=", &buf);
    assert_buf(&buf, "exactly.once.support: Invalid value x for configuration exactly.once.support: String "
                     "must be one of (case insensitive): REQUIRED, REQUESTED\n"
                     "offsets.storage.topic: Invalid value  for configuration offsets.storage.topic: String "
                     "must be non-empty\n");
    kc_buf_clear(&buf);
}

static void test_topic_rules(void **state)
{
    (void)state;
    static const struct {
        const char *topic;
        int partitions, replication;
        const char *policy;
    } cases[] = {
        { "logs-a", 8, 3, "compact" },
        { "logs-private", 1, 3, NULL },
        { "other", 1, 3, NULL },
    };
    struct kc_props props = { .map.count = 0 };
    struct topic_rule rule = { .partitions = 0 };
    assert_false(connector_topic_rule(&props, "logs-a", &rule));
    assert_ok(kc_props_parse(KC_TEXT("topic.creation.groups=logs\n"
                                     "topic.creation.default.partitions=1\n"
                                     "topic.creation.default.replication.factor=3\n"
                                     "topic.creation.logs.include=logs-.*, x\n"
                                     "topic.creation.logs.exclude=.*private\n"
                                     "topic.creation.logs.partitions=8\n"
                                     "topic.creation.logs.cleanup.policy=compact\n"),
                             &props));
    for (size_t i = 0; i < KC_COUNT(cases); i++) {
        assert_true(connector_topic_rule(&props, cases[i].topic, &rule));
        assert_int_equal(rule.partitions, cases[i].partitions);
        assert_int_equal(rule.replication, cases[i].replication);
        const char *policy = kc_props_get(&rule.configs, "cleanup.policy");
        assert_true(policy ? cases[i].policy && strcmp(policy, cases[i].policy) == 0 : !cases[i].policy);
        kc_props_clear(&rule.configs);
    }
    kc_props_clear(&props);
}

static void list(const struct kc_findings *findings, struct kc_buf *buf)
{
    for (size_t i = 0; i < findings->len; i++)
        kc_buf_printf(buf, "%s: %s\n", findings->items[i].setting, findings->items[i].text);
}

static void test_topic_settings(void **state)
{
    (void)state;
    static const struct {
        const char *lines, *found;
    } cases[] = {
        { "", "" },
        { "topic.creation.default.partitions=-1\ntopic.creation.default.replication.factor=3", "" },
        { "topic.creation.default.partitions=0\n",
          "topic.creation.default.partitions: Invalid value 0 for configuration partitions: Value must be at "
          "least 1, or -1 for the broker's default\n"
          "topic.creation.default.replication.factor: Missing required configuration "
          "\"topic.creation.default.replication.factor\" which has no default value.\n" },
        { "topic.creation.groups=g, default\ntopic.creation.g.partitions=x\n"
          "topic.creation.default.partitions=1\ntopic.creation.default.replication.factor=1",
          "topic.creation.g.include: Missing required configuration \"topic.creation.g.include\" which has no "
          "default value.\n"
          "topic.creation.g.partitions: Invalid value x for configuration partitions: Not a number of type "
          "INT\n" },
    };
    struct kc_buf buf = { 0 };
    for (size_t i = 0; i < KC_COUNT(cases); i++) {
        struct kc_props props = { .map.count = 0 };
        struct kc_findings findings = { .len = 0 };
        struct connector_config config = { .name = NULL };
        assert_ok(kc_props_parse(kc_text(cases[i].lines), &props));
        kc_options_read(connector_options(KC_SOURCE), &props, &config, &findings);
        kc_findings_clear(&findings);
        connector_check_topics(&config, &props, &findings);
        list(&findings, &buf);
        assert_buf(&buf, cases[i].found);
        connector_config_clear(KC_SOURCE, &config);
        kc_findings_clear(&findings);
        kc_props_clear(&props);
    }
    kc_buf_clear(&buf);
}

/* Settings that nothing reads, because the list that would name their owner does not. */
static void test_without_effect(void **state)
{
    (void)state;
    struct kc_props props = { .map.count = 0 };
    struct kc_findings findings = { .len = 0 };
    struct kc_buf buf = { 0 };
    assert_ok(kc_props_parse(KC_TEXT("transforms=a.b\ntransforms.a.b.type=x\ntransforms.c.type=x\n"
                                     "topic.creation.default.partitions=1\ntopic.creation.g.include=x\n"
                                     "key.converter=x\nkey.converter.y=z\nvalue.converter.y=z\n"
                                     "value.converter.plugin.version=1\ntopic.creation.grups=g\n"),
                             &props));
    connector_config_unknown(&a_source, &props, &findings);
    list(&findings, &buf);
    assert_buf(&buf, "transforms.c.type: The setting transforms.c.type has no effect: transforms does not list c.\n"
                     "topic.creation.g.include: The setting topic.creation.g.include has no effect: "
                     "topic.creation.groups does not list g.\n"
                     "value.converter.y: The setting value.converter.y has no effect: without a value.converter "
                     "of its own the connector has the worker's, with the worker's settings.\n"
                     "topic.creation.grups: The setting topic.creation.grups is not known and is ignored. Did "
                     "you mean topic.creation.groups?\n");
    kc_buf_clear(&buf);
    kc_findings_clear(&findings);
    kc_props_clear(&props);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sinks),
        cmocka_unit_test(test_sources),
        cmocka_unit_test(test_topic_rules),
        cmocka_unit_test(test_topic_settings),
        cmocka_unit_test(test_without_effect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
