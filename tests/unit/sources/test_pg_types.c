/* Texts of the server to values, by the rows of the type table. */
#include "data/plain_json.h"
#include "sources/postgres/types.h"
#include "tests/unit/test.h"

static const struct type_info *find_none(struct type_catalog *catalog, uint32_t oid)
{
    (void)catalog, (void)oid;
    return NULL;
}

struct row {
    uint32_t oid;
    int32_t typmod;
    struct pg_type_modes modes;
    const char *text, *json; /* json NULL: unreadable */
};

#define ISO { .time = TIME_ISOSTRING, .interval = INTERVAL_STRING }
static const struct row rows[] = {
    { 23, -1, { 0 }, "-2147483648", "-2147483648" },
    { 20, -1, { 0 }, "-9223372036854775808", "-9223372036854775808" },
    { 20, -1, { 0 }, "9223372036854775808", NULL },
    { 16, -1, { 0 }, "t", "true" },
    { 1700, (5 << 16 | 2) + 4, { .decimal = DECIMAL_STRING }, "1.50", "\"1.50\"" },
    { 1700, -1, { .decimal = DECIMAL_STRING }, "-Infinity", "\"NEGATIVE_INFINITY\"" },
    { 1700, -1, { 0 }, "NaN", NULL },
    { 1700, -1, { 0 }, "1.500", "{\"scale\":1,\"value\":\"Dw==\"}" },
    { 1082, -1, { 0 }, "2024-02-29", "19782" },
    { 1082, -1, { 0 }, "0044-03-15 BC", "-735160" },
    { 1082, -1, { 0 }, "infinity", "2146033979" },
    { 1082, -1, ISO, "10000-01-01", "\"+10000-01-01Z\"" },
    { 1083, -1, { 0 }, "24:00:00", "86400000000" },
    { 1083, 3, { 0 }, "12:34:56.789", "45296789" },
    { 1114, -1, { 0 }, "1969-12-31 23:59:59.999999", "-1" },
    { 1114, 3, { 0 }, "1969-12-31 23:59:59.999", "-1" },
    { 1114, -1, { 0 }, "294276-12-31 23:59:59.999999", NULL },
    { 1114, -1, ISO, "2020-02-03 04:05:06.789", "\"2020-02-03T04:05:06.789Z\"" },
    { 1184, -1, { 0 }, "2024-02-29 12:34:56.1+00", "\"2024-02-29T12:34:56.100000Z\"" },
    { 1184, 0, { 0 }, "2024-02-29 12:34:56+02", "\"2024-02-29T10:34:56Z\"" },
    { 1184, -1, { 0 }, "0044-03-15 12:00:00+00 BC", "\"-0043-03-15T12:00:00.000000Z\"" },
    { 1266, -1, { 0 }, "12:34:56.789012-05:30", "\"18:04:56.789012Z\"" },
    { 1186, -1, { 0 }, "-1 mons -1 days -00:00:00.000001", "-2716200000001" },
    { 1186, -1, ISO, "1 year 2 mons 3 days 04:05:06.789012", "\"P1Y2M3DT4H5M6.789012S\"" },
    { 790, -1, { .money_digits = 2, .decimal = DECIMAL_STRING }, "-$1,234.56", "\"-1234.56\"" },
    { 17, -1, { .binary = BINARY_HEX }, "\\x00ff80", "\"00ff80\"" },
    { 17, -1, { .binary = BINARY_BASE64_URL_SAFE }, "\\xfbff3e3f", "\"-_8-Pw==\"" },
    { 17, -1, { 0 }, "\\x0", NULL },
    { 1560, 3, { 0 }, "101", "\"BQ==\"" },
    { 1560, 1, { 0 }, "1", "true" },
    { 1007, -1, { 0 }, "{1,NULL,-3}", "[1,null,-3]" },
    { 1009, -1, { 0 }, "{\"a \\\"b\\\"\",\"\",NULL,\"NULL\"}", "[\"a \\\"b\\\"\",\"\",null,\"NULL\"]" },
    { 1007, -1, { 0 }, "[0:1]={1,2}", "[1,2]" },
    { 1007, -1, { 0 }, "{{1,2},{3,4}}", "[1,2,3,4]" },
    { 1007, -1, { 0 }, "[1:1][0:1]={{1,NULL}}", "[1,null]" },
    { 1007, -1, { 0 }, "{}", "[]" },
    { 1007, -1, { 0 }, "{1,2", NULL },
    { 1007, -1, { 0 }, "{1}}", NULL },
    { 1007, -1, { 0 }, "{{1},2", NULL },
    { 1007, -1, { 0 }, "[0:1]", NULL },
    { 3643, -1, { 0 }, "{'a',NULL}", NULL },
    { 1561, 3, { 0 }, "{101,001}", "[\"BQ==\",\"AQ==\"]" },
#define STRUCTURED { .time = TIME_STRUCTURED }
    { 1082, -1, STRUCTURED, "0044-03-15 BC", "{\"year\":-43,\"month\":3,\"day\":15,\"specialValue\":null}" },
    { 1082, -1, STRUCTURED, "-infinity",
      "{\"year\":null,\"month\":null,\"day\":null,\"specialValue\":\"NEGATIVE_INFINITY\"}" },
    { 1083, 3, STRUCTURED, "24:00:00", "{\"hour\":24,\"minute\":0,\"second\":0,\"nanos\":0,\"precision\":3}" },
    { 1266, -1, STRUCTURED, "23:59:59.5-05:30",
      "{\"hour\":23,\"minute\":59,\"second\":59,\"nanos\":500000000,\"offsetSeconds\":-19800,\"precision\":6}" },
    { 1184, -1, STRUCTURED, "2024-02-29 23:00:00-02",
      "{\"year\":2024,\"month\":3,\"day\":1,\"hour\":1,\"minute\":0,\"second\":0,\"nanos\":0,"
      "\"offsetSeconds\":0,\"zoneId\":\"Z\",\"specialValue\":null,\"precision\":6}" },
    { 1186, 0x7fffffff, STRUCTURED, "-1 mons -00:00:00.000001",
      "{\"years\":0,\"months\":-1,\"days\":0,\"hours\":0,\"minutes\":0,\"seconds\":0,\"nanos\":-1000,"
      "\"precision\":65535}" },
    { 600, -1, { 0 }, "(1,2)", "{\"x\":1.0,\"y\":2.0,\"wkb\":\"AQEAAAAAAAAAAADwPwAAAAAAAABA\",\"srid\":null}" },
};

static void values(void **state)
{
    (void)state;
    for (size_t i = 0; i < KC_COUNT(rows); i++) {
        struct type_catalog catalog = { find_none };
        struct type_use use;
        struct kc_arena arena;
        struct kc_value value;
        KC_AUTO_BUF json = KC_BUF(0);
        kc_arena_init(&arena, 0);
        types_resolve(&catalog, &rows[i].modes, rows[i].oid, rows[i].typmod, &use);
        assert_non_null(use.form);
        struct kc_schema *schema = types_schema(&use);
        types_bind(&use, schema);
        const char *problem = use.form->read(&use, kc_text(rows[i].text), &arena, &value);
        if (!problem)
            kc_plain_json_write(value, &json);
        if (rows[i].json && problem)
            fail_msg("%s: %s", rows[i].text, problem);
        if (!rows[i].json && !problem)
            fail_msg("%s reads as %s", rows[i].text, json.data);
        if (rows[i].json)
            assert_string_equal(json.data, rows[i].json);
        kc_schema_unref(schema);
        types_clear(&use);
        kc_arena_clear(&arena);
    }
}

static const struct {
    uint32_t oid;
    const char *expression, *json; /* NULL: none */
} defaults[] = {
    { 23, "7", "7" },
    { 23, "'-7'::integer", "-7" },
    { 23, "nextval('a_id_seq'::regclass)", "0" },
    { 23, "(1 + 2)", NULL },
    { 1043, "'it''s'::character varying", "\"it's\"" },
    { 1043, "NULL::character varying", NULL },
    { 25, "'a'::public.\"Mood-2\"", "\"a\"" },
    { 25, "('a'::text || 'b')", NULL },
    { 23, "'1'::integer + 1", NULL },
    { 1186, "'1 day'::interval day", "86400000000" },
    { 25, "('a'::text || 'b'::text)", NULL },
    { 16, "true", "true" },
    { 1082, "('2020-01-01'::date + 1)", NULL },
    { 1082, "'epoch'::date", "0" },
    { 2950, "(md5('x'::text))::uuid", "\"00000000-0000-0000-0000-000000000000\"" },
    { 1184, "now()", "\"1970-01-01T00:00:00.000000Z\"" },
    { 869, "'10.0.0.1'::inet", NULL },
    { 23, "('5'::text)::integer", "5" },
    { 25, "(('a'::character varying(3))::text)::text", "\"a\"" },
    { 23, "('5'::text)::integer + 1", NULL },
    { 21, "(5)::smallint", NULL },
    { 23, "(5)", "5" },
    { 1082, "CURRENT_DATE", "0" },
    { 25, "CURRENT_USER", NULL },
};

static void default_expressions(void **state)
{
    (void)state;
    for (size_t i = 0; i < KC_COUNT(defaults); i++) {
        struct type_catalog catalog = { find_none };
        struct pg_type_modes modes = { 0 };
        struct type_use use;
        struct kc_arena arena;
        struct kc_value value;
        KC_AUTO_BUF json = KC_BUF(0);
        kc_arena_init(&arena, 0);
        types_resolve(&catalog, &modes, defaults[i].oid, -1, &use);
        bool has = types_default(&use, defaults[i].expression, &arena, &value);
        if (has)
            kc_plain_json_write(value, &json);
        if (has != (defaults[i].json != NULL))
            fail_msg("%s gives %s", defaults[i].expression, has ? json.data : "none");
        if (has)
            assert_string_equal(json.data, defaults[i].json);
        types_clear(&use);
        kc_arena_clear(&arena);
    }
}

static void missing_and_unavailable(void **state)
{
    (void)state;
    struct type_catalog catalog = { find_none };
    struct pg_type_modes modes = { 0 };
    const struct placeholder placeholder = { KC_TEXT("S"), KC_TEXT("S") };
    static const struct {
        uint32_t oid;
        const char *missing, *gone;
    } expected[] = {
        { 23, "0", "null" },   { 25, "\"\"", "\"S\"" },     { 1184, "\"1970-01-01T00:00:00Z\"", "null" },
        { 1007, "[]", "[83]" }, { 1009, "[]", "[\"S\"]" },  { 17, "\"\"", "\"Uw==\"" },
        { 3802, "\"\"", "\"S\"" },
    };
    for (size_t i = 0; i < KC_COUNT(expected); i++) {
        struct type_use use;
        struct kc_arena arena;
        KC_AUTO_BUF json = KC_BUF(0);
        kc_arena_init(&arena, 0);
        types_resolve(&catalog, &modes, expected[i].oid, -1, &use);
        kc_plain_json_write(types_missing(&use, &arena), &json);
        assert_string_equal(json.data, expected[i].missing);
        kc_buf_reset(&json);
        kc_plain_json_write(types_gone(&use, &placeholder, &arena), &json);
        assert_string_equal(json.data, expected[i].gone);
        types_clear(&use);
        kc_arena_clear(&arena);
    }
}

/* No form makes a value of what is none of its type: a reader says so, or passes a text on as it is. */
static void nonsense(void **state)
{
    (void)state;
    static const uint32_t oids[] = { 16,   17,   20,   21,   22,   23,   26,   30,   600,  601,  602,  603,  604,  628,
                                     700,  701,  718,  1000, 1007, 1020, 1082, 1083, 1114, 1115, 1184, 1186, 1231, 1266,
                                     1560, 1561, 1562, 1700, 2951 };
    static const char *const texts[] = { "?", "{?}", "(1,?)", "1 ?", "12:00:00?", "2024-01-01?", "\\x0" };
    for (size_t i = 0; i < KC_COUNT(oids) * KC_COUNT(texts) * (TIME_STRUCTURED + 1) * 2; i++) {
        size_t rest = i;
        uint32_t oid = oids[rest % KC_COUNT(oids)];
        rest /= KC_COUNT(oids);
        const char *text = texts[rest % KC_COUNT(texts)];
        rest /= KC_COUNT(texts);
        struct pg_type_modes modes = { .time = (int)(rest / 2), .binary = rest % 2 ? BINARY_HEX : BINARY_BYTES };
        struct type_catalog catalog = { find_none };
        struct type_use use;
        struct kc_arena arena;
        struct kc_value value;
        kc_arena_init(&arena, 0);
        types_resolve(&catalog, &modes, oid, -1, &use);
        struct kc_schema *schema = types_schema(&use);
        types_bind(&use, schema);
        bool passed_on = use.element && use.element->form == &form_uuid;
        const char *problem = use.form->read(&use, kc_text(text), &arena, &value);
        if (!problem && !(passed_on && *text == '{'))
            fail_msg("type %u reads %s", oid, text);
        kc_schema_unref(schema);
        types_clear(&use);
        kc_arena_clear(&arena);
    }
}

/* Types of extensions are found by name; their arrays have a delimiter of their own. */
static const struct type_info *find_extension(struct type_catalog *catalog, uint32_t oid)
{
    (void)catalog;
    static const struct type_info known[] = {
        { .name = "geometry", .kind = 'b', .delimiter = ':' },  { .name = "vector", .kind = 'b', .delimiter = ',' },
        { .name = "halfvec", .kind = 'b', .delimiter = ',' },   { .name = "sparsevec", .kind = 'b', .delimiter = ',' },
        { .name = "_geometry", .kind = 'b', .element = 60000 }, { .name = "amount", .kind = 'd', .base = 60006, .base_typmod = -1 },
        { .name = "money2", .kind = 'd', .base = 1700, .base_typmod = (6 << 16 | 2) + 4 },
        { .name = "hstore", .kind = 'c' }, /* somebody's own */
    };
    return oid >= 60000 && oid < 60000 + KC_COUNT(known) ? &known[oid - 60000] : NULL;
}

static void extensions(void **state)
{
    (void)state;
    static const struct {
        uint32_t oid;
        const char *text, *json; /* json NULL: unreadable */
    } expected[] = {
        { 60000, "0101000020E610000000000000000000000000000000000000",
          "{\"wkb\":\"AQEAACDmEAAAAAAAAAAAAAAAAAAAAAAAAA==\",\"srid\":4326,\"extensions\":null}" },
        { 60000, "0101", NULL },
        { 60000, "01010000200000", NULL },
        { 60001, "[1,2.5,-3e-05]", "[1.0,2.5,-3.0E-5]" },
        { 60001, "[1,]", NULL },
        { 60002, "[0.1]", "[0.1]" },
        { 60003, "{1:1,9:2.5}/3000", "{\"dimensions\":3000,\"vector\":[[1,1.0],[9,2.5]]}" },
        { 60003, "{}/5", "{\"dimensions\":5,\"vector\":{}}" },
        { 60003, "{1:1}/40000", NULL },
        { 60003, "{1:1", NULL },
        { 60004, "{010700000000000000:NULL}", "[{\"wkb\":\"AQcAAAAAAAAA\",\"srid\":null,\"extensions\":null},null]" },
        { 60005, "1.5", "1.50" },
    };
    for (size_t i = 0; i < KC_COUNT(expected); i++) {
        struct type_catalog catalog = { find_extension };
        struct pg_type_modes modes = { 0 };
        struct type_use use;
        struct kc_arena arena;
        struct kc_value value;
        KC_AUTO_BUF json = KC_BUF(0);
        kc_arena_init(&arena, 0);
        types_resolve(&catalog, &modes, expected[i].oid, -1, &use);
        assert_non_null(use.form);
        struct kc_schema *schema = types_schema(&use);
        types_bind(&use, schema);
        const char *problem = use.form->read(&use, kc_text(expected[i].text), &arena, &value);
        if (!problem != !!expected[i].json)
            fail_msg("%s: %s", expected[i].text, problem ? problem : "is read");
        if (value.kind == KC_DECIMAL && !problem)
            kc_decimal_plain(value, &json);
        else if (!problem)
            kc_plain_json_write(value, &json);
        if (!problem)
            assert_string_equal(json.data, expected[i].json);
        kc_schema_unref(schema);
        types_clear(&use);
        kc_arena_clear(&arena);
    }
    struct type_catalog catalog = { find_extension };
    struct pg_type_modes modes = { 0 };
    struct type_use use;
    types_resolve(&catalog, &modes, 60007, -1, &use);
    assert_null(use.form);
    types_clear(&use);
}

/* What column.propagate.source.type notes: as the JDBC driver counts. */
static void sources(void **state)
{
    (void)state;
    static const struct {
        uint32_t oid;
        int32_t typmod;
        const char *name;
        int32_t length, scale;
    } expected[] = {
        { 23, -1, "int4", 10, 0 },           { 1007, -1, "_int4", 10, 0 },   { 25, -1, "text", INT32_MAX, 0 },
        { 1043, 16, "varchar", 12, 0 },      { 1015, 9, "_varchar", 5, 0 },  { 1700, (8 << 16 | 3) + 4, "numeric", 8, 3 },
        { 1700, -1, "numeric", 0, -1 },      { 1231, -1, "_numeric", 131089, 0 }, { 1114, 3, "timestamp", 26, 3 },
        { 1184, -1, "timestamptz", 35, 6 },  { 1083, 0, "time", 8, 0 },      { 1186, -1, "interval", 49, 6 },
        { 1560, 5, "bit", 5, 0 },            { 701, -1, "float8", 17, 17 },
    };
    for (size_t i = 0; i < KC_COUNT(expected); i++) {
        struct type_catalog catalog = { find_none };
        struct pg_type_modes modes = { 0 };
        struct type_use use;
        struct type_source source;
        types_resolve(&catalog, &modes, expected[i].oid, expected[i].typmod, &use);
        types_source(&use, &source);
        assert_string_equal(source.name, expected[i].name);
        assert_int_equal(source.length, expected[i].length);
        assert_int_equal(source.scale, expected[i].scale);
        types_clear(&use);
    }
}

static void losses(void **state)
{
    (void)state;
    static const struct {
        uint32_t oid;
        int32_t typmod;
        struct pg_type_modes modes;
        const char *words; /* NULL: none */
    } expected[] = {
        { 1114, -1, { .time = TIME_CONNECT }, "milliseconds" },
        { 1114, 3, { .time = TIME_CONNECT }, NULL },
        { 1115, -1, { .time = TIME_CONNECT }, "milliseconds" },
        { 1114, -1, { 0 }, NULL },
        { 1700, -1, { .decimal = DECIMAL_DOUBLE }, "15 digits" },
        { 1700, -1, { 0 }, NULL },
        { 3220, -1, { 0 }, "left out" },
        { 3220, -1, { .unknown = true }, "bytes of its text" },
        { 1266, -1, { .time = TIME_STRUCTURED }, NULL },
    };
    for (size_t i = 0; i < KC_COUNT(expected); i++) {
        struct type_catalog catalog = { find_none };
        struct type_use use;
        types_resolve(&catalog, &expected[i].modes, expected[i].oid, expected[i].typmod, &use);
        const char *loss = types_loss(&use);
        if (!loss != !expected[i].words || (loss && !strstr(loss, expected[i].words)))
            fail_msg("type %u loses: %s", expected[i].oid, loss ? loss : "nothing");
        types_clear(&use);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values),
        cmocka_unit_test(default_expressions),
        cmocka_unit_test(missing_and_unavailable),
        cmocka_unit_test(nonsense),
        cmocka_unit_test(extensions),
        cmocka_unit_test(sources),
        cmocka_unit_test(losses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
