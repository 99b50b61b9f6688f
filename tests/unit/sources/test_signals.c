/* Signals as texts, what snapshot signals ask for, names of tables. */
#include <stdlib.h>

#include "sources/common/signals.h"
#include "sources/common/table_id.h"
#include "tests/unit/test.h"

static struct kc_error *parse(const char *data, struct signal *signal)
{
    return signal_parse(KC_TEXT("s1"), KC_TEXT("execute-snapshot"), kc_text(data), signal);
}

static void assert_refused(struct kc_error *err, const char *text)
{
    assert_non_null(err);
    char *line = kc_error_line(err);
    if (!strstr(line, text))
        fail_msg("\"%s\" is not in \"%s\"", text, line);
    free(line);
    kc_error_free(err);
}

static void data_may_be_missing(void **state)
{
    (void)state;
    static const char *const nothing[] = {NULL, "", "  ", "{}"};
    for (size_t i = 0; i < KC_COUNT(nothing); i++) {
        struct signal signal;
        assert_ok(parse(nothing[i], &signal));
        assert_string_equal(signal.id, "s1");
        assert_int_equal(kc_json_type(signal.data), KC_JSON_OBJECT);
        signal_clear(&signal);
    }
    struct signal signal;
    assert_ok(signal_parse((struct kc_text){0}, (struct kc_text){0}, (struct kc_text){0}, &signal));
    assert_string_equal(signal.id, "");
    assert_string_equal(signal.type, "");
    signal_clear(&signal);
}

static void bad_data_is_refused(void **state)
{
    (void)state;
    struct signal signal;
    assert_refused(parse("{broken", &signal), "no JSON");
    assert_refused(parse("[1]", &signal), "no JSON object");
    assert_refused(parse("7", &signal), "no JSON object");
    char *long_text = malloc(2 << 20);
    memset(long_text, ' ', 2 << 20);
    assert_refused(signal_parse(KC_TEXT(""), KC_TEXT(""), (struct kc_text){long_text, 2 << 20}, &signal),
                   "more than a megabyte");
    free(long_text);
}

static struct kc_error *request(const char *data, bool stop, struct snapshot_request *asked)
{
    struct signal signal;
    assert_ok(parse(data, &signal));
    struct kc_error *err = snapshot_request_read(&signal, stop, asked);
    signal_clear(&signal);
    return err;
}

static void requests_are_read(void **state)
{
    (void)state;
    struct snapshot_request asked;
    assert_ok(request("{\"data-collections\":[\" public.t \",\"public.u\"]}", false, &asked));
    assert_int_equal(asked.type, SIGNAL_INCREMENTAL);
    assert_int_equal(asked.n_collections, 2);
    assert_string_equal(asked.collections[0], "public.t");
    assert_null(asked.surrogate_key);
    snapshot_request_clear(&asked);

    assert_ok(request("{\"data-collections\":[\"public.t\"],\"type\":\"bLocking\","
                        "\"surrogate-key\":\"k\",\"additional-conditions\":["
                        "{\"data-collection\":\"PUBLIC\\\\.t\",\"filter\":\"a=1\"}]}",
                        false, &asked));
    assert_int_equal(asked.type, SIGNAL_BLOCKING);
    assert_string_equal(asked.surrogate_key, "k");
    assert_string_equal(snapshot_request_filter(&asked, KC_TEXT("public.t")), "a=1");
    assert_null(snapshot_request_filter(&asked, KC_TEXT("public.t2")));
    snapshot_request_clear(&asked);

    assert_ok(request("{}", true, &asked));
    assert_int_equal(asked.n_collections, 0);
    snapshot_request_clear(&asked);
}

static void bad_requests_are_refused(void **state)
{
    (void)state;
    struct snapshot_request asked;
    assert_refused(request("{}", false, &asked), "data-collections");
    assert_refused(request("{\"data-collections\":\"public.t\"}", false, &asked), "data-collections");
    assert_refused(request("{\"data-collections\":[]}", false, &asked), "data-collections");
    assert_refused(request("{\"data-collections\":[\"a\",3]}", false, &asked), "element 2");
    assert_refused(request("{\"data-collections\":[3]}", true, &asked), "element 1");
    assert_refused(request("{\"data-collections\":[\"a\"],\"type\":\"FULL\"}", false, &asked), "FULL");
    assert_refused(request("{\"data-collections\":[\"a\"],\"additional-conditions\":[1]}", false, &asked),
                   "additional-conditions");
    assert_refused(request("{\"data-collections\":[\"a\"],\"additional-conditions\":"
                           "[{\"data-collection\":\"(\",\"filter\":\"x\"}]}", false, &asked),
                   "additional-conditions");
    assert_refused(request("{\"data-collections\":[\"a\"],\"additional-condition\":\"x\"}", false, &asked),
                   "no more");
}

static void patterns_expand(void **state)
{
    (void)state;
    char *known[] = {"public.a", "public.b", "other.a"};
    char *patterns[] = {"public\\..*", "public.b", "gone.x", "(", "PUBLIC.A"};
    static const char *const expected[] = {"public.a", "public.b", "gone.x", "(", "PUBLIC.A"};
    size_t count;
    char **names = snapshot_expand(patterns, 5, known, 3, &count);
    assert_int_equal(count, KC_COUNT(expected));
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(names[i], expected[i]);
        free(names[i]);
    }
    free(names);
}

static void table_ids_are_parsed(void **state)
{
    (void)state;
    static const struct {
        const char *text, *catalog, *schema, *name, *joined;
    } cases[] = {
        {"public.t", NULL, "public", "t", "public.t"},
        {" public.t ", NULL, "public", "t", "public.t"},
        {"t", NULL, NULL, "t", "t"},
        {"\"a.b\".\"c\"\"d\"", NULL, "a.b", "c\"d", "a.b.c\"d"},
        {"db.s.t", "db", "s", "t", "db.s.t"},
        {"`s`.t", NULL, "s", "t", "s.t"},
    };
    struct table_id id;
    for (size_t i = 0; i < KC_COUNT(cases); i++) {
        assert_true(table_id_parse(kc_text(cases[i].text), &id));
        assert_string_equal(id.name, cases[i].name);
        assert_string_equal(id.text, cases[i].joined);
        if (cases[i].schema)
            assert_string_equal(id.schema, cases[i].schema);
        else
            assert_null(id.schema);
        if (cases[i].catalog)
            assert_string_equal(id.catalog, cases[i].catalog);
        else
            assert_null(id.catalog);
        table_id_clear(&id);
    }
    assert_false(table_id_parse(KC_TEXT("  "), &id));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(data_may_be_missing),
        cmocka_unit_test(bad_data_is_refused),
        cmocka_unit_test(requests_are_read),
        cmocka_unit_test(bad_requests_are_refused),
        cmocka_unit_test(patterns_expand),
        cmocka_unit_test(table_ids_are_parsed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
