#include "sinks/common/table.h"
#include "sinks/common/url.h"
#include "tests/unit/test.h"

static void test_urls(void **state)
{
    static const struct {
        const char *text, *subprotocol, *hosts, *ports, *database;
    } rows[] = {
        { "jdbc:postgresql://h:5433/db", "postgresql", "h", "5433", "db" },
        { "jdbc:postgresql://h/db", "postgresql", "h", "", "db" },
        { "jdbc:postgresql://a:1,b,c:3/db", "postgresql", "a,b,c", "1,,3", "db" },
        { "jdbc:postgresql://[::1]:5432/db", "postgresql", "::1", "5432", "db" },
        { "jdbc:postgresql:///db", "postgresql", NULL, NULL, "db" },
        { "jdbc:postgresql://h", "postgresql", "h", "", NULL },
        { "jdbc:postgresql:db", "postgresql", NULL, NULL, "db" },
        { "jdbc:postgresql://h/a%20b%2Fc", "postgresql", "h", "", "a b/c" },
        { "jdbc:sqlite:/var/lib/x.db", "sqlite", NULL, NULL, "/var/lib/x.db" },
        { " jdbc:mariadb://h:3306/shop ", "mariadb", "h", "3306", "shop" },
    };
    (void)state;
    for (size_t i = 0; i < KC_COUNT(rows); i++) {
        struct jdbc_url url = { 0 };
        assert_ok(jdbc_url_parse(rows[i].text, &url));
        const char *got[] = { url.subprotocol, url.hosts, url.ports, url.database };
        const char *want[] = { rows[i].subprotocol, rows[i].hosts, rows[i].ports,
                               rows[i].database };
        for (size_t k = 0; k < KC_COUNT(got); k++) {
            assert_int_equal(got[k] == NULL, want[k] == NULL);
            if (got[k])
                assert_string_equal(got[k], want[k]);
        }
        jdbc_url_clear(&url);
    }
}

static void test_params(void **state)
{
    struct jdbc_url url = { 0 };
    (void)state;
    assert_ok(
        jdbc_url_parse("jdbc:postgresql://h/db?user=a%26b&ssl&currentSchema=x,y&&p=1+2", &url));
    assert_string_equal(kc_props_get(&url.params, "user"), "a&b");
    assert_string_equal(kc_props_get(&url.params, "ssl"), "");
    assert_string_equal(kc_props_get(&url.params, "currentSchema"), "x,y");
    assert_string_equal(kc_props_get(&url.params, "p"), "1 2");
    assert_string_equal(url.database, "db");
    jdbc_url_clear(&url);
}

static void test_bad_urls(void **state)
{
    static const struct {
        const char *text, *message;
    } rows[] = {
        { "", "Not a valid JDBC URL:  (expected jdbc:SUBPROTOCOL:...)" },
        { "postgresql://h/db?password=secret",
          "Not a valid JDBC URL: postgresql://h/db (expected jdbc:SUBPROTOCOL:...)" },
        { "jdbc:x", "Not a valid JDBC URL: jdbc:x (expected jdbc:SUBPROTOCOL:...)" },
        { "jdbc::x", "Not a valid JDBC URL: jdbc::x (expected jdbc:SUBPROTOCOL:...)" },
        { "jdbc:postgresql://h:99999/db",
          "Not a valid JDBC URL: the port '99999' is no number from 1 to 65535" },
        { "postgresql://u:secret@h/db", "Not a valid JDBC URL:  (expected jdbc:SUBPROTOCOL:...)" },
        { "jdbc:postgresql://u:secret@h/db",
          "Not a valid JDBC URL: user and password can't stand before the host; they have settings "
          "of their own" },
        { "jdbc:postgresql://[::1/db",
          "Not a valid JDBC URL: a host that starts with [ needs its ]" },
    };
    (void)state;
    for (size_t i = 0; i < KC_COUNT(rows); i++) {
        struct jdbc_url url = { 0 };
        assert_error(jdbc_url_parse(rows[i].text, &url), KC_BAD_CONFIG, rows[i].message);
        jdbc_url_clear(&url);
    }
}

static void test_table_names(void **state)
{
    static const struct {
        const char *text;
        bool fold;
        const char *full, *sql;
    } rows[] = {
        { "t", false, "t", "\"t\"" },
        { "Sales.Orders", false, "Sales.Orders", "\"Sales\".\"Orders\"" },
        { "Sales.Orders", true, "sales.orders", "\"sales\".\"orders\"" },
        { "db.s.t", false, "db.s.t", "\"db\".\"s\".\"t\"" },
        { "\"a.b\".c", true, "a.b.c", "\"a.b\".\"c\"" },
        { "\"q\"\"q\"", false, "q\"q", "\"q\"\"q\"" },
    };
    (void)state;
    for (size_t i = 0; i < KC_COUNT(rows); i++) {
        struct jdbc_table *table;
        assert_ok(jdbc_table_new(rows[i].text, '"', rows[i].fold, &table));
        assert_string_equal(table->full, rows[i].full);
        assert_string_equal(table->sql, rows[i].sql);
        jdbc_table_free(table);
    }
    static const char *const bad[] = { "", "a.", ".a", "a.b.c.d", "\"a\"b" };
    for (size_t i = 0; i < KC_COUNT(bad); i++) {
        struct jdbc_table *table;
        struct kc_error *err = jdbc_table_new(bad[i], '"', false, &table);
        assert_non_null(err);
        kc_error_free(err);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_urls),
        cmocka_unit_test(test_params),
        cmocka_unit_test(test_bad_urls),
        cmocka_unit_test(test_table_names),
    };
    return cmocka_run_group_tests_name("jdbc url", tests, NULL, NULL);
}
