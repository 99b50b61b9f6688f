#include "rest/http.h"
#include "tests/unit/test.h"

static void show(const char *raw, struct kc_buf *buf)
{
    struct http_target target;
    const char *fault = http_target_parse(raw, &target);
    if (fault)
        kc_buf_printf(buf, "! %s", fault);
    for (size_t i = 0; !fault && i < target.n_segments; i++)
        kc_buf_printf(buf, "[%s]", target.segments[i]);
    for (size_t i = 0; !fault && i < target.n_arguments; i++)
        kc_buf_printf(buf, " %s=%s", target.arguments[i].name, target.arguments[i].value);
    http_target_clear(&target);
}

static void test_targets(void **state)
{
    (void)state;
    static const struct {
        const char *raw, *shown;
    } cases[] = {
        { "/", "" },
        { "/connectors/", "[connectors]" },
        { "/connectors/a%20b/status", "[connectors][a b][status]" },
        { "/connectors/a+b", "[connectors][a+b]" },
        { "/connectors/%C3%BC%e2%9c%93", "[connectors][\xC3\xBC\xE2\x9C\x93]" },
        { "/connectors/a;b=c", "[connectors][a;b=c]" },
        { "/c?expand=info&expand=status&x&=y&&z=a+b%21%zz", "[c] expand=info expand=status x= =y z=a b!%zz" },
        { "//", "! Ambiguous URI empty segment" },
        { "/a//b", "! Ambiguous URI empty segment" },
        { "/a%2Fb", "! Ambiguous URI path separator" },
        { "/a%25b", "! Ambiguous URI path encoding" },
        { "/a%5Cb", "! Suspicious Path Character" },
        { "/a\\b", "! Suspicious Path Character" },
        { "/%2E%2e/x", "! Ambiguous URI path segment" },
        { "/./x", "! Ambiguous URI path segment" },
        { "/a%ZZ", "! Bad escape in the URI" },
        { "/a%4", "! Bad escape in the URI" },
        { "/%", "! Bad escape in the URI" },
        { "/a%00b", "! Control character in the URI" },
        { "/a%FFb", "! The URI is not UTF-8" },
        { "*", "! The URI must begin with a slash" },
        { "", "! The URI must begin with a slash" },
    };
    struct kc_buf buf = { 0 };
    for (size_t i = 0; i < KC_COUNT(cases); i++) {
        show(cases[i].raw, &buf);
        assert_buf(&buf, cases[i].shown);
    }
    kc_buf_clear(&buf);
}

static void test_media_types(void **state)
{
    (void)state;
    assert_true(http_is_json("application/json"));
    assert_true(http_is_json("Application/JSON; charset=utf-8"));
    assert_false(http_is_json("text/plain"));
    assert_false(http_is_json("application/jsonx"));
    assert_true(http_accepts_json(NULL));
    assert_true(http_accepts_json("text/html, */*;q=0.1"));
    assert_true(http_accepts_json("application/*"));
    assert_false(http_accepts_json("text/html"));
}

static void test_locations(void **state)
{
    (void)state;
    static const struct {
        const char *name, *shown;
    } cases[] = {
        { "a b", "a%20b" }, { "a/b", "a/b" },   { "a%2Fb", "a%2Fb" }, { "%", "%25" },
        { "q\"x", "q%22x" }, { "a;b=c", "a;b=c" }, { "\xC3\xBC", "%C3%BC" }, { "a?#b", "a%3F%23b" },
    };
    struct kc_buf buf = { 0 };
    for (size_t i = 0; i < KC_COUNT(cases); i++) {
        http_escape_path(cases[i].name, &buf);
        assert_buf(&buf, cases[i].shown);
    }
    kc_buf_clear(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_targets),
        cmocka_unit_test(test_media_types),
        cmocka_unit_test(test_locations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
