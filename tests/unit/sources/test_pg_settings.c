/* The settings of the original's reference, one by one, against the option table. */
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "sources/postgres/config.h"
#include "sources/postgres/listed.h"
#include "tests/unit/test.h"

/* What a config with the setting, otherwise sound, is told of it. */
static void look(const char *name, const char *value, struct kc_findings *findings)
{
    struct pg_config config = { 0 };
    struct kc_props props = { 0 };
    const char *const needed[] = { "database.hostname", "database.user", "database.dbname",
                                   "topic.prefix" };
    for (size_t i = 0; i < KC_COUNT(needed); i++)
        kc_props_set(&props, needed[i], "x");
    kc_props_set(&props, name, value);
    kc_options_read(pg_options, &props, &config, findings);
    kc_options_clear(pg_options, &config);
    kc_props_clear(&props);
}

/* "works", "idle" or "refused": by what it is told. */
static const char *met(const char *name, const char *value)
{
    struct kc_findings findings = { 0 };
    look(name, value, &findings);
    const char *how = "works";
    for (size_t i = 0; i < findings.len; i++) {
        const struct kc_finding *finding = &findings.items[i];
        how = finding->severity == KC_ERROR ? "refused" : "idle";
        if (!strstr(finding->text, name))
            fail_msg("%s=%s: %s", name, value, finding->text);
    }
    kc_findings_clear(&findings);
    return how;
}

static void check_line(char *line, struct kc_map *seen)
{
    char *rest = line, *how = strsep(&rest, " "), *name = strsep(&rest, " ");
    const char *value = rest ? rest : "";
    const struct kc_option *option = kc_options_find(pg_options, name);
    if (!option)
        fail_msg("there is no row for %s", name);
    kc_map_set(seen, kc_text(option->name), line);
    if (strcmp(how, "known") == 0 || strcmp(how, "ours") == 0)
        return;
    const char *want = strcmp(how, "value") == 0 ? "refused" : how;
    const char *got = met(name, value);
    if (strcmp(got, want) != 0)
        fail_msg("%s=%s: %s, not %s", name, value, got, want);
}

static void read_file(const char *name, struct kc_buf *text)
{
    char path[512];
    const char *srcdir = getenv("srcdir");
    snprintf(path, sizeof(path), "%s/tests/unit/sources/%s", srcdir ? srcdir : ".", name);
    assert_ok(kc_props_read_file(path, text));
    kc_buf_char(text, '\0');
}

static void every_setting(void **state)
{
    (void)state;
    struct kc_buf text = { 0 };
    read_file("pg_settings.txt", &text);
    struct kc_map seen = { 0 };
    char *rest = text.data, *line;
    while ((line = strsep(&rest, "\n")))
        if (*line && *line != '#')
            check_line(line, &seen);
    /* The list says all there is. */
    for (const struct kc_option *option = pg_options; option->name; option++)
        if (!kc_map_get(&seen, kc_text(option->name)))
            fail_msg("%s is not in pg_settings.txt", option->name);
    kc_map_clear(&seen, NULL);
    kc_buf_clear(&text);
}

/* What REST lists is there, and shows the values that are taken. */
static void listed(void **state)
{
    (void)state;
    for (const struct kc_listed *row = pg_listed; row->group || row->name; row++) {
        const struct kc_option *option = row->name ? kc_options_find(pg_options, row->name) : NULL;
        if (row->name && !option)
            fail_msg("%s is listed, but there is no row for it", row->name);
        if (option && option->names && !option->valid)
            fail_msg("%s does not say which values it takes", row->name);
    }
}

/* A line of pg_validation.jsonl: [SETTING, VALUE, [MESSAGE...]] as the original was seen to answer. */
static void check_recorded(const char *line)
{
    struct kc_json *json = NULL;
    struct kc_findings findings = { 0 };
    assert_ok(kc_json_parse(kc_text(line), &json));
    const char *name = kc_json_string(kc_json_at(json, 0));
    const struct kc_json *messages = kc_json_at(json, 2);
    look(name, kc_json_string(kc_json_at(json, 1)), &findings);
    size_t count = 0;
    for (size_t i = 0; i < findings.len; i++) {
        if (findings.items[i].severity != KC_ERROR)
            continue;
        const char *want =
            count < kc_json_count(messages) ? kc_json_string(kc_json_at(messages, count)) : "nothing";
        if (strcmp(findings.items[i].text, want) != 0)
            fail_msg("%s\nsays: %s\nnot:  %s", line, findings.items[i].text, want);
        count++;
    }
    if (count != kc_json_count(messages))
        fail_msg("%s\nsays %zu messages", line, count);
    kc_findings_clear(&findings);
    kc_json_free(json);
}

static void recorded(void **state)
{
    (void)state;
    struct kc_buf text = { 0 };
    read_file("pg_validation.jsonl", &text);
    char *rest = text.data, *line;
    while ((line = strsep(&rest, "\n")))
        if (*line)
            check_recorded(line);
    kc_buf_clear(&text);
}

/* What the original reads without a look at it. */
static void lenient(void **state)
{
    (void)state;
    assert_string_equal(met("offset.mismatch.strategy", "x"), "idle");
    assert_string_equal(met("errors.max.retries", "-2"), "works");
    assert_string_equal(met("topic.naming.strategy", "no.such.Class"), "works");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_setting), cmocka_unit_test(listed),
                                        cmocka_unit_test(recorded),
                                        cmocka_unit_test(lenient) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
