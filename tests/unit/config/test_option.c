#include "config/option.h"
#include "tests/unit/test.h"

struct example_config {
    char *name, *class_name, *password;
    bool flag, spare;
    int small, number, mode;
    int64_t large;
    struct kc_list list;
    struct kc_props rest;
    struct kc_named helpers;
};

static const struct kc_enum_name modes[] = { { "none", 0 }, { "all", 1 }, { 0 } };
static const struct kc_enum_name loud_modes[] = { { "REQUIRED", 0 }, { "REQUESTED", 1 }, { 0 } };

static char *not_empty(const struct kc_option *option, const char *text)
{
    return *text ? NULL
                 : kc_printf("Invalid value  for configuration %s: String must be non-empty",
                             option->name);
}

#define OPTIONS_OF struct example_config
static const struct kc_option options[] = {
    OPT_STRING("topic", name, .required = true, .importance = KC_HIGH, .check = not_empty,
               .doc = "Where to | write."),
    OPT_CLASS("the.class", class_name, .def = "a.B", .doc = "A class."),
    OPT_PASSWORD("the.password", password, .group = "Security", .doc = "Secret."),
    OPT_BOOL("flag", flag, .def = "true", .doc = "A flag."),
    OPT_SHORT("replication", small, .def = "3", .doc = "A short."),
    OPT_INT("tasks.max", number, .def = "1", AT_LEAST(1), .doc = "A number."),
    OPT_LONG("timeout.ms", large, .def = "1000", RANGE(1, 60000), .doc = "A long."),
    OPT_LIST("list", list, .def = "", .doc = "A list."),
    OPT_ENUM("mode", mode, modes, .def = "none", .refuse = "Use none.", .refuse_values = "all|some",
             .doc = "A mode."),
    OPT_PREFIX("producer.", rest, .doc = "For the client."),
    OPT_BOOL("spare", spare, .def = "false", .no_effect = "there is only one", .doc = "A spare one."),
    OPT_NAMED("helpers", helpers, .doc = "Helpers."),
    OPT_REFUSED("driver.", "Leave it out."),
    OPT_REFUSED("old.style", "Use topic instead."),
    OPT_REFUSED("usual", "It is always 5.", .def = "5"),
    OPT_END
};
#undef OPTIONS_OF

struct loud_config {
    int mode, soft;
};
#define OPTIONS_OF struct loud_config
static const struct kc_option loud_options[] = {
    OPT_ENUM("support", mode, loud_modes, .def = "requested", .any_case = true, .doc = "Loud."),
    OPT_ENUM("soft", soft, loud_modes, .def = "REQUESTED", .lenient = true, .doc = "Soft."),
    OPT_END
};
#undef OPTIONS_OF

/* All messages of reading that .properties text, one a line as "setting: text". */
static void read_messages(const char *text, struct example_config *config, struct kc_buf *messages)
{
    struct kc_props props = { 0 };
    struct kc_findings findings = { 0 };
    assert_ok(kc_props_parse(kc_text(text), &props));
    bool fine = kc_options_read(options, &props, config, &findings);
    assert_int_equal(fine, kc_findings_errors(&findings) == 0);
    for (size_t i = 0; i < findings.len; i++)
        kc_buf_printf(messages, "%s: %s\n", findings.items[i].setting, findings.items[i].text);
    kc_findings_clear(&findings);
    kc_props_clear(&props);
}

static void test_reading(void **state)
{
    (void)state;
    struct example_config config = { 0 };
    struct kc_buf messages = { 0 };
    read_messages("topic=t \nthe.class= x.Y \nflag= FALSE\nreplication=-1\ntasks.max= 7\n"
                  "timeout.ms=60000\nlist= a , b,,c\nproducer.acks=all\nunknown=1\n"
                  "usual=5\nthe.password=p",
                  &config, &messages);
    assert_buf(&messages, "");
    assert_string_equal(config.name, "t ");
    assert_string_equal(config.class_name, "x.Y");
    assert_string_equal(config.password, "p");
    assert_false(config.flag);
    assert_int_equal(config.small, -1);
    assert_int_equal(config.number, 7);
    assert_int_equal(config.large, 60000);
    assert_int_equal(config.list.len, 4);
    assert_string_equal(config.list.items[1], "b");
    assert_string_equal(config.list.items[2], "");
    assert_null(config.list.items[4]);
    assert_string_equal(kc_props_get(&config.rest, "acks"), "all");
    kc_options_clear(options, &config);
    kc_options_clear(options, &config);

    read_messages("topic=t", &config, &messages);
    assert_buf(&messages, "");
    assert_string_equal(config.class_name, "a.B");
    assert_null(config.password);
    assert_true(config.flag);
    assert_int_equal(config.list.len, 0);
    kc_options_clear(options, &config);
    kc_buf_clear(&messages);
}

static void test_messages(void **state)
{
    (void)state;
    struct example_config config = { 0 };
    struct kc_buf messages = { 0 };
    read_messages("flag=maybe\nreplication=99999\ntasks.max=abc\ntimeout.ms=60001\n"
                  "mode=ALL\nold.style=1\nusual=6",
                  &config, &messages);
    assert_buf(&messages,
               "topic: Missing required configuration \"topic\" which has no default value.\n"
               "flag: Invalid value maybe for configuration flag: Expected value to be either true "
               "or false\n"
               "replication: Invalid value 99999 for configuration replication: Not a number of "
               "type SHORT\n"
               "tasks.max: Invalid value abc for configuration tasks.max: Not a number of type "
               "INT\n"
               "tasks.max: Invalid value null for configuration tasks.max: Value must be "
               "non-null\n"
               "timeout.ms: Invalid value 60001 for configuration timeout.ms: Value must be no more "
               "than 60000\n"
               "mode: Invalid value ALL for configuration mode: String must be one of: none, all\n"
               "old.style: The setting old.style is not supported here. Use topic instead.\n"
               "usual: The setting usual is not supported here. It is always 5.\n");
    kc_options_clear(options, &config);
    read_messages("topic=\ntasks.max=0\nmode=all\nspare=true", &config, &messages);
    assert_buf(&messages,
               "topic: Invalid value  for configuration topic: String must be non-empty\n"
               "tasks.max: Invalid value 0 for configuration tasks.max: Value must be at least 1\n"
               "mode: Invalid value all for configuration mode: not supported here. Use none.\n"
               "spare: The setting spare has no effect: there is only one.\n");
    kc_options_clear(options, &config);
    read_messages("topic=t\nspare= false", &config, &messages);
    assert_int_equal(messages.len, 0);
    kc_options_clear(options, &config);
    kc_buf_clear(&messages);
}

static void test_any_case(void **state)
{
    (void)state;
    struct loud_config config = { 0 };
    struct kc_findings findings = { 0 };
    struct kc_props props = { 0 };
    assert_true(kc_options_read(loud_options, &props, &config, &findings));
    assert_int_equal(config.mode, 1);
    kc_props_set(&props, "support", "x");
    assert_false(kc_options_read(loud_options, &props, &config, &findings));
    assert_error(kc_findings_error(&findings), KC_BAD_CONFIG,
                 "Invalid value x for configuration support: String must be one of (case "
                 "insensitive): REQUIRED, REQUESTED");
    kc_findings_clear(&findings);
    kc_props_clear(&props);
}

static void test_named(void **state)
{
    (void)state;
    struct example_config config = { 0 };
    struct kc_buf messages = { 0 };
    read_messages("topic=t\nhelpers=a, bc\na.type=x\nbc.deep.er=y\nb.type=z", &config, &messages);
    assert_buf(&messages, "");
    assert_int_equal(config.helpers.names.len, 2);
    assert_string_equal(kc_props_get(&config.helpers.settings, "a.type"), "x");
    assert_string_equal(kc_props_get(&config.helpers.settings, "bc.deep.er"), "y");
    assert_null(kc_props_get(&config.helpers.settings, "b.type"));
    kc_options_clear(options, &config);
    read_messages("topic=t\ndriver.x=1", &config, &messages);
    assert_buf(&messages, "driver.x: The setting driver.x is not supported here. Leave it out.\n");
    kc_options_clear(options, &config);
    kc_buf_clear(&messages);
}

/* What the original takes without a look: the default, and a word of warning. */
static void test_lenient(void **state)
{
    (void)state;
    struct loud_config config = { 0 };
    struct kc_findings findings = { 0 };
    struct kc_props props = { 0 };
    kc_props_set(&props, "soft", "x");
    assert_true(kc_options_read(loud_options, &props, &config, &findings));
    assert_int_equal(config.soft, 1);
    assert_int_equal(findings.len, 1);
    assert_int_equal(findings.items[0].severity, KC_WARN);
    kc_findings_clear(&findings);
    kc_props_clear(&props);
}

static void test_unknown(void **state)
{
    (void)state;
    const struct kc_option *const tables[] = { options, loud_options, NULL };
    struct kc_findings findings = { 0 };
    struct kc_props props = { 0 };
    kc_props_set(&props, "task.max", "1");
    kc_props_set(&props, "producer.acks", "1");
    kc_props_set(&props, "suport", "1");
    kc_props_set(&props, "something.else", "1");
    kc_options_unknown(tables, &props, &findings);
    assert_int_equal(findings.len, 3);
    assert_string_equal(findings.items[0].text,
                        "The setting task.max is not known and is ignored. Did you mean tasks.max?");
    assert_string_equal(findings.items[1].text,
                        "The setting suport is not known and is ignored. Did you mean support?");
    assert_string_equal(findings.items[2].text,
                        "The setting something.else is not known and is ignored.");
    assert_int_equal(findings.items[2].severity, KC_WARN);
    assert_ok(kc_findings_error(&findings));
    kc_findings_clear(&findings);
    kc_props_clear(&props);
}

static void test_show(void **state)
{
    (void)state;
    static const struct {
        const char *name, *given, *shown;
    } rows[] = {
        { "topic", NULL, NULL },          { "topic", " t ", " t " },
        { "the.class", " x.Y ", "x.Y" },  { "the.class", NULL, "a.B" },
        { "the.password", NULL, NULL },   { "the.password", "s3cret", "[hidden]" },
        { "flag", "TRUE", "true" },       { "flag", "maybe", NULL },
        { "tasks.max", " 07 ", "7" },     { "tasks.max", "0", "0" },
        { "tasks.max", "abc", NULL },     { "list", "a , b", "a,b" },
        { "mode", "x", "x" },
    };
    for (size_t i = 0; i < KC_COUNT(rows); i++) {
        struct kc_props props = { 0 };
        if (rows[i].given)
            kc_props_set(&props, rows[i].name, rows[i].given);
        char *shown = kc_option_show(kc_options_find(options, rows[i].name), &props);
        if (rows[i].shown)
            assert_string_equal(shown, rows[i].shown);
        else
            assert_null(shown);
        free(shown);
        kc_props_clear(&props);
    }
}

static void test_markdown(void **state)
{
    (void)state;
    struct kc_buf buf = { 0 };
    kc_options_markdown(options, &buf);
    static const char *const parts[] = {
        "| `topic` | STRING | required |  | high | Where to \\| write. |\n",
        "| `timeout.ms` | LONG | `1000` | 1 to 60000 | medium | A long. |\n",
        "| `mode` | STRING | `none` | `none`, `all` | medium | A mode. Not supported: all\\|some. "
        "Use none. |\n",
        "| `producer.*` | STRING | none |  | medium | For the client. |\n",
        "| `spare` | BOOLEAN | `false` |  | medium | A spare one. Has no effect: there is only "
        "one. |\n",
        "\n### Security\n",
        "### Not supported\n\n| Setting | Instead |\n|---|---|\n| `driver.*` | Leave it out. |\n"
        "| `old.style` | Use topic instead. "
        "|\n| `usual` |",
    };
    for (size_t i = 0; i < KC_COUNT(parts); i++)
        assert_non_null(strstr(buf.data, parts[i]));
    kc_buf_clear(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reading), cmocka_unit_test(test_messages),
        cmocka_unit_test(test_any_case), cmocka_unit_test(test_lenient), cmocka_unit_test(test_named),
        cmocka_unit_test(test_unknown),  cmocka_unit_test(test_show),
        cmocka_unit_test(test_markdown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
