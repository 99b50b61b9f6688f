/* Values as PostgreSQL takes them: binary elements, text, parameters of URLs. */
#include "sinks/postgres/bind.h"
#include "sinks/postgres/params.h"
#include "sinks/postgres/text.h"
#include "tests/unit/test.h"

static struct kc_schema *named(enum kc_kind kind, const char *name)
{
    struct kc_schema *schema = kc_schema_new(kind);
    return name ? kc_schema_name(schema, name) : schema;
}

/* The element in hex; "misfit" when it can't be, "refused" when the types don't go together. */
static void element_hex(const struct kc_schema *schema, struct kc_value value, uint32_t target,
                        struct kc_buf *hex)
{
    struct jdbc_table_column to = { .name = (char *)"c", .type = (char *)"t", .cast = (char *)"t",
                                    .type_id = target };
    struct jdbc_column column = { .name = (char *)"f", .schema = schema, .type = semantic_of(schema),
                                  .target = &to };
    struct pg_bind bind;
    struct kc_buf out = { 0 };
    struct kc_error *err = pg_bind_find(&column, &bind);
    bool fits = true;

    kc_buf_reset(hex);
    if (err)
        kc_buf_str(hex, "refused");
    else if (!(fits = bind.put(&column, value, &out)))
        kc_buf_str(hex, "misfit");
    for (size_t i = 0; !err && fits && i < out.len; i++)
        kc_buf_printf(hex, "%02x", (unsigned char)out.data[i]);
    if (!err && bind.cast)
        kc_buf_printf(hex, " as %s", bind.cast);
    kc_error_free(err);
    kc_buf_clear(&out);
}

static void test_numbers(void **state)
{
    static const struct {
        enum kc_kind kind;
        const char *name;
        int64_t number;
        uint32_t target;
        const char *hex;
    } rows[] = {
        { KC_INT16, NULL, -2, 21, "fffe" },
        { KC_INT64, NULL, 40000, 21, "misfit" },
        { KC_INT64, NULL, 1, 23, "00000001" },
        { KC_INT64, NULL, INT64_C(1) << 40, 23, "misfit" },
        { KC_INT32, NULL, 5, 20, "0000000000000005" },
        { KC_INT32, NULL, 1, 701, "3ff0000000000000" },
        { KC_INT32, NULL, 5, 25, "35 as t" },
        { KC_BOOLEAN, NULL, 1, 16, "01" },
        { KC_INT32, NULL, 7, 17, "refused" },
        { KC_INT32, "io.debezium.time.Date", 10957, 1082, "00000000" },
        { KC_INT32, "io.debezium.time.Date", -1, 1082, "ffffd532" },
        { KC_INT32, "io.debezium.time.Date", -2147472693, 1082, "7fffffff" },
        { KC_INT32, "io.debezium.time.Time", 1500, 1083, "000000000016e360" },
        { KC_INT64, "io.debezium.time.MicroTime", INT64_C(86400000000), 1083, "000000141dd76000" },
        { KC_INT64, "io.debezium.time.MicroTime", INT64_C(86400000001), 1083, "misfit" },
        { KC_INT64, "io.debezium.time.MicroTimestamp", INT64_C(946684800000001), 1114, "0000000000000001" },
        { KC_INT64, "io.debezium.time.Timestamp", INT64_C(946684800001), 1114, "00000000000003e8" },
        { KC_INT64, "io.debezium.time.NanoTimestamp", INT64_C(946684800000000499), 1114, "0000000000000000" },
        { KC_INT64, "io.debezium.time.NanoTimestamp", INT64_C(946684799999999500), 1114, "0000000000000000" },
        { KC_INT64, "io.debezium.time.MicroTimestamp", INT64_C(9223372036825200000), 1114, "7fffffffffffffff" },
        { KC_INT64, "io.debezium.time.MicroTimestamp", INT64_C(-9223372036832400000), 1114, "8000000000000000" },
        { KC_INT64, "io.debezium.time.MicroTimestamp", 5, 20, "0000000000000005" },
        { KC_INT64, "io.debezium.time.MicroDuration", 1500000, 1186,
          "31353030303030206d6963726f7365636f6e6473 as t" },
    };
    struct kc_buf hex = { 0 };
    (void)state;
    for (size_t i = 0; i < KC_COUNT(rows); i++) {
        struct kc_schema *schema = named(rows[i].kind, rows[i].name);
        element_hex(schema, kc_integer(rows[i].kind, rows[i].number), rows[i].target, &hex);
        assert_buf(&hex, rows[i].hex);
        kc_schema_unref(schema);
    }
    kc_buf_clear(&hex);
}

static void test_strings(void **state)
{
    static const char zoned[] = "io.debezium.time.ZonedTimestamp";
    static const struct {
        const char *name, *text;
        uint32_t target;
        const char *hex;
    } rows[] = {
        { NULL, "ab", 25, "6162" },
        { NULL, "ab", 1043, "6162" },
        { NULL, "ab", 17, "refused" },
        { NULL, "{}", 3802, "017b7d" },
        { NULL, "1.5", 1700, "312e35 as t" },
        { "io.debezium.data.Uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", 2950,
          "a0eebc999c0b4ef8bb6d6bb9bd380a11" },
        { NULL, "a0eebc99", 2950, "misfit" },
        { NULL, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1g", 2950, "misfit" },
        { zoned, "2000-01-01T00:00:00Z", 1184, "0000000000000000" },
        { zoned, "2000-01-01T02:00:00.000001+02:00", 1184, "0000000000000001" },
        { zoned, "1999-12-31T23:59:59.999999Z", 1184, "ffffffffffffffff" },
        { zoned, "infinity", 1184, "7fffffffffffffff" },
        { zoned, "+12000-01-01T00:00:00Z", 1184, "0460f3e155cda000" },
        { zoned, "2000-01-01T00:00:00", 1184, "misfit" },
        { zoned, "2000-13-01T00:00:00Z", 1184, "misfit" },
        { zoned, "yesterday", 1184, "misfit" },
    };
    struct kc_buf hex = { 0 };
    (void)state;
    for (size_t i = 0; i < KC_COUNT(rows); i++) {
        struct kc_schema *schema = named(KC_STRING, rows[i].name);
        element_hex(schema, kc_string(rows[i].text, strlen(rows[i].text)), rows[i].target, &hex);
        if (strncmp(rows[i].text, "+12000", 6) == 0) {
            int64_t micros = (int64_t)strtoull(hex.data, NULL, 16);
            assert_int_equal(micros, INT64_C(315569520000000000)); /* 10000 years of 365.2425 days */
            kc_buf_reset(&hex);
        } else {
            assert_buf(&hex, rows[i].hex);
        }
        kc_schema_unref(schema);
    }
    kc_buf_clear(&hex);
}

static void assert_text(struct kc_schema *schema, struct kc_value value, const char *text)
{
    struct kc_buf buf = { 0 };

    assert_int_equal(pg_text(schema, semantic_of(schema), value, &buf), text != NULL);
    if (text)
        assert_buf(&buf, text);
    kc_buf_clear(&buf);
    kc_schema_unref(schema);
}

static void test_text(void **state)
{
    struct kc_arena arena;
    struct kc_value *items, array;
    struct kc_schema *list = kc_schema_new(KC_ARRAY), *nested = kc_schema_new(KC_ARRAY);
    struct kc_schema *bits = named(KC_BYTES, "io.debezium.data.Bits");
    struct kc_schema *varying = named(KC_BYTES, "io.debezium.data.Bits");
    (void)state;
    kc_arena_init(&arena, 0);
    assert_text(named(KC_INT32, "io.debezium.time.Date"), kc_integer(KC_INT32, 0), "1970-01-01");
    assert_text(named(KC_INT32, "io.debezium.time.Date"), kc_integer(KC_INT32, -719163), "0001-12-31 BC");
    assert_text(named(KC_INT64, "io.debezium.time.MicroTimestamp"), kc_integer(KC_INT64, -1),
                "1969-12-31 23:59:59.999999");
    assert_text(kc_schema_logical(KC_TIMESTAMP_NAME), kc_instant(1), "1970-01-01 00:00:00.001000+00");
    assert_text(named(KC_FLOAT64, NULL), kc_double(1e300), "1.0E300");
    assert_text(kc_schema_decimal(3), kc_decimal_from_int(&arena, -1, 3), "-0.001");
    assert_text(named(KC_BYTES, NULL), kc_bytes("\x00\xff", 2), "\\x00ff");
    kc_schema_param(bits, "length", "10");
    assert_text(bits, kc_bytes("\x03\x02", 2), "1000000011");
    kc_schema_param(varying, "length", "2147483647");
    assert_text(varying, kc_bytes("\x05", 1), "101");
    kc_schema_element(list, kc_schema_of(KC_STRING, true));
    array = kc_array_new(&arena, 4, &items);
    items[0] = kc_string("a,b", 3);
    items[1] = kc_string("q\"\\", 3);
    items[2] = kc_string("", 0);
    items[3] = kc_null();
    kc_schema_element(nested, list);
    assert_text(list, array, "{\"a,b\",\"q\\\"\\\\\",\"\",NULL}");
    struct kc_value *outer, two = kc_array_new(&arena, 2, &outer);
    outer[0] = outer[1] = array;
    array.len = 1;
    assert_text(nested, two, "{{\"a,b\",\"q\\\"\\\\\",\"\",NULL},{\"a,b\",\"q\\\"\\\\\",\"\",NULL}}");
    assert_text(named(KC_STRUCT, "other"), kc_null(), NULL);
    kc_arena_clear(&arena);
}

static const char *param_of(const struct pg_params *params, const char *keyword)
{
    for (int i = 0; i < params->count; i++)
        if (strcmp(params->keywords[i], keyword) == 0)
            return params->values[i];
    return NULL;
}

static void test_params(void **state)
{
    struct jdbc_url url = { 0 };
    struct kc_findings findings = { 0 };
    struct pg_params params;
    (void)state;
    assert_ok(jdbc_url_parse("jdbc:postgresql://h/db?ssl=true&ApplicationName=x&currentSchema=a,b&"
                             "targetServerType=master&tcpKeepAlive=false&connectTimeout=3&stringtype=unspecified",
                             &url));
    struct jdbc_target target = { &url, &url.params, "u", "p", "app" };
    pg_params_of(&target, "PST", &params, &findings);
    assert_int_equal(findings.len, 0);
    assert_string_equal(param_of(&params, "sslmode"), "verify-full");
    assert_string_equal(param_of(&params, "application_name"), "x");
    assert_string_equal(param_of(&params, "target_session_attrs"), "primary");
    assert_string_equal(param_of(&params, "keepalives"), "0");
    assert_string_equal(param_of(&params, "dbname"), "db");
    assert_string_equal(params.search_path, "a,b");
    assert_string_equal(params.time_zone, "America/Los_Angeles");
    assert_int_equal(params.connect_ms, 3000);
    pg_params_clear(&params);
    jdbc_url_clear(&url);
}

static void test_bad_params(void **state)
{
    static const struct {
        const char *url, *message;
    } rows[] = {
        { "jdbc:postgresql://h/db?applicationname2=x",
          "PostgreSQL's driver has no parameter 'applicationname2', did you mean 'ApplicationName'; take it out "
          "of connection.url (or the setting connection.applicationname2)" },
        { "jdbc:postgresql://h/db?sslfactory=org.postgresql.ssl.NonValidatingFactory",
          "sslfactory is not supported: use sslmode: require, verify-ca or verify-full" },
        { "jdbc:postgresql://h/db?sslkey=/k.pk8",
          "sslkey names /k.pk8, a format of Java's; give PEM files (openssl pkcs8 -inform DER -in FILE -out "
          "FILE.pem turns a .pk8 into one)" },
        { "jdbc:postgresql://h/db?socketTimeout=x", "socketTimeout is 'x', which is no number of seconds" },
    };
    (void)state;
    for (size_t i = 0; i < KC_COUNT(rows); i++) {
        struct jdbc_url url = { 0 };
        struct kc_findings findings = { 0 };
        struct pg_params params;
        assert_ok(jdbc_url_parse(rows[i].url, &url));
        struct jdbc_target target = { &url, &url.params, "u", "p", "app" };
        pg_params_of(&target, NULL, &params, &findings);
        assert_int_equal(findings.len, 1);
        assert_string_equal(findings.items[0].text, rows[i].message);
        kc_findings_clear(&findings);
        pg_params_clear(&params);
        jdbc_url_clear(&url);
    }
}

static void test_zones(void **state)
{
    static const char *const rows[][2] = {
        { "UTC", "UTC" },           { "Europe/Berlin", "Europe/Berlin" }, { "GMT+2", "<+02:00>-02:00" },
        { "-05:30", "<-05:30>+05:30" }, { "UTC+0530", "<+05:30>-05:30" }, { "IST", "Asia/Kolkata" },
        { "GMT", "GMT" },
    };
    (void)state;
    for (size_t i = 0; i < KC_COUNT(rows); i++) {
        char *zone = pg_zone(rows[i][0]);
        assert_string_equal(zone, rows[i][1]);
        free(zone);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),    cmocka_unit_test(test_strings), cmocka_unit_test(test_text),
        cmocka_unit_test(test_params),     cmocka_unit_test(test_bad_params), cmocka_unit_test(test_zones),
    };
    return cmocka_run_group_tests_name("postgres bind", tests, NULL, NULL);
}
