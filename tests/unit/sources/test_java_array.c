/* Object[] as Java serialises it: what JDK 17 wrote is what is written here, and is read. */
#include "sources/common/java_array.h"
#include "tests/unit/test.h"

static const struct {
    const char *hex;
    size_t count;
    struct java_value values[6];
} cases[] = {
    { /* int */
        "aced0005757200135b4c6a6176612e6c616e672e4f626a6563743b90ce589f1073296c02000078700000000173720011"
        "6a6176612e6c616e672e496e746567657212e2a0a4f781873802000149000576616c7565787200106a6176612e6c616e"
        "672e4e756d62657286ac951d0b94e08b020000787000000005",
     1,
     {{JAVA_INTEGER, KC_TEXT("5")}}},
    { /* long */
        "aced0005757200135b4c6a6176612e6c616e672e4f626a6563743b90ce589f1073296c0200007870000000017372000e"
        "6a6176612e6c616e672e4c6f6e673b8be490cc8f23df0200014a000576616c7565787200106a6176612e6c616e672e4e"
        "756d62657286ac951d0b94e08b0200007870fffffffffffffffb",
     1,
     {{JAVA_LONG, KC_TEXT("-5")}}},
    { /* ints */
        "aced0005757200135b4c6a6176612e6c616e672e4f626a6563743b90ce589f1073296c02000078700000000273720011"
        "6a6176612e6c616e672e496e746567657212e2a0a4f781873802000149000576616c7565787200106a6176612e6c616e"
        "672e4e756d62657286ac951d0b94e08b0200007870000003e87371007e0002000007d0",
     2,
     {{JAVA_INTEGER, KC_TEXT("1000")}, {JAVA_INTEGER, KC_TEXT("2000")}}},
    { /* strings */
        "aced0005757200135b4c6a6176612e6c616e672e4f626a6563743b90ce589f1073296c02000078700000000274000161"
        "74000ac3bceda0bdedb880c080",
     2,
     {{JAVA_STRING, KC_TEXT("a")}, {JAVA_STRING, KC_TEXT("\xc3\xbc\xf0\x9f\x98\x80\0")}}},
    { /* mixed */
        "aced0005757200135b4c6a6176612e6c616e672e4f626a6563743b90ce589f1073296c0200007870000000067372000f"
        "6a6176612e6c616e672e53686f7274684d37133460da5202000153000576616c7565787200106a6176612e6c616e672e"
        "4e756d62657286ac951d0b94e08b020000787000037372000e6a6176612e6c616e672e427974659c4e6084ee50f51c02"
        "000142000576616c75657871007e0003047372000f6a6176612e6c616e672e466c6f6174daedc9a2db3cf0ec02000146"
        "000576616c75657871007e00033fc00000737200106a6176612e6c616e672e446f75626c6580b3c24a296bfb04020001"
        "44000576616c75657871007e00034002000000000000737200116a6176612e6c616e672e426f6f6c65616ecd207280d5"
        "9cfaee0200015a000576616c756578700170",
     6,
     {{JAVA_SHORT, KC_TEXT("3")}, {JAVA_BYTE, KC_TEXT("4")}, {JAVA_FLOAT, KC_TEXT("1.5")},
     {JAVA_DOUBLE, KC_TEXT("2.25")}, {JAVA_BOOLEAN, KC_TEXT("true")}, {JAVA_NULL, {0}}}},
    { /* decimal */
        "aced0005757200135b4c6a6176612e6c616e672e4f626a6563743b90ce589f1073296c02000078700000000273720014"
        "6a6176612e6d6174682e426967446563696d616c54c71557f981284f0300024900057363616c654c0006696e7456616c"
        "7400164c6a6176612f6d6174682f426967496e74656765723b787200106a6176612e6c616e672e4e756d62657286ac95"
        "1d0b94e08b020000787000000004737200146a6176612e6d6174682e426967496e74656765728cfc9f1fa93bfb1d0300"
        "06490008626974436f756e744900096269744c656e67746849001366697273744e6f6e7a65726f427974654e756d4900"
        "0c6c6f776573745365744269744900067369676e756d5b00096d61676e69747564657400025b427871007e0004ffffff"
        "fffffffffffffffffefffffffeffffffff757200025b42acf317f8060854e002000078700000000a1a249b1f10a06c96"
        "aff278787371007e0002000000007371007e0006fffffffffffffffffffffffefffffffe000000007571007e00090000"
        "00007878",
     2,
     {{JAVA_DECIMAL, KC_TEXT("-12345678901234567890.1234")}, {JAVA_DECIMAL, KC_TEXT("0")}}},
    { /* uuid */
        "aced0005757200135b4c6a6176612e6c616e672e4f626a6563743b90ce589f1073296c0200007870000000017372000e"
        "6a6176612e7574696c2e55554944bc9903f7986d852f0200024a000c6c65617374536967426974734a000b6d6f737453"
        "69674269747378708def0123456789abc0a8010112344abc",
     1,
     {{JAVA_UUID, KC_TEXT("c0a80101-1234-4abc-8def-0123456789ab")}}},
    { /* date */
        "aced0005757200135b4c6a6176612e6c616e672e4f626a6563743b90ce589f1073296c0200007870000000017372000d"
        "6a6176612e73716c2e4461746514fa46683f3566970200007872000e6a6176612e7574696c2e44617465686a81014b59"
        "7419030000787077080000018bd047100078",
     1,
     {{JAVA_DATE, KC_TEXT("2023-11-15")}}},
    { /* bytes */
        "aced0005757200135b4c6a6176612e6c616e672e4f626a6563743b90ce589f1073296c02000078700000000175720002"
        "5b42acf317f8060854e002000078700000000301ff00",
     1,
     {{JAVA_BYTES, KC_TEXT("\\x01ff00")}}},
    { /* nan */
        "aced0005757200135b4c6a6176612e6c616e672e4f626a6563743b90ce589f1073296c02000078700000000273720010"
        "6a6176612e6c616e672e446f75626c6580b3c24a296bfb0402000144000576616c7565787200106a6176612e6c616e67"
        "2e4e756d62657286ac951d0b94e08b02000078707ff80000000000007371007e00027ff0000000000000",
     2,
     {{JAVA_DOUBLE, KC_TEXT("NaN")}, {JAVA_DOUBLE, KC_TEXT("Infinity")}}},
};
/* {1, 1}, one object twice; {}; {java.sql.Timestamp}. */
static const char same[] =
        "aced0005757200135b4c6a6176612e6c616e672e4f626a6563743b90ce589f1073296c02000078700000000273720011"
        "6a6176612e6c616e672e496e746567657212e2a0a4f781873802000149000576616c7565787200106a6176612e6c616e"
        "672e4e756d62657286ac951d0b94e08b02000078700000000171007e0004";
static const char empty[] =
        "aced0005757200135b4c6a6176612e6c616e672e4f626a6563743b90ce589f1073296c020000787000000000";
static const char timestamp[] =
        "aced0005757200135b4c6a6176612e6c616e672e4f626a6563743b90ce589f1073296c02000078700000000173720012"
        "6a6176612e73716c2e54696d657374616d702618d5c80153bf650200014900056e616e6f737872000e6a6176612e7574"
        "696c2e44617465686a81014b59741903000078707708000000000000000078004c4b40";

static void written_as_java_does(void **state)
{
    (void)state;
    KC_AUTO_BUF hex = KC_BUF(0);
    for (size_t i = 0; i < KC_COUNT(cases); i++) {
        java_array_write(&hex, cases[i].values, cases[i].count);
        assert_buf(&hex, cases[i].hex);
    }
    java_array_write(&hex, NULL, 0);
    assert_buf(&hex, "aced000570");
    java_array_write(&hex, cases[0].values, 0);
    assert_buf(&hex, empty);
}

static void read_back(void **state)
{
    (void)state;
    struct kc_arena arena;
    kc_arena_init(&arena, 0);
    struct java_value *values;
    size_t count;
    for (size_t i = 0; i < KC_COUNT(cases); i++) {
        assert_ok(java_array_read(kc_text(cases[i].hex), &arena, &values, &count));
        assert_int_equal(count, cases[i].count);
        for (size_t j = 0; j < count; j++) {
            assert_int_equal(values[j].kind, cases[i].values[j].kind);
            assert_true(kc_text_equal(values[j].text, cases[i].values[j].text));
        }
    }
    assert_ok(java_array_read(KC_TEXT("ACED000570"), &arena, &values, &count));
    assert_null(values);
    assert_ok(java_array_read(kc_text(empty), &arena, &values, &count));
    assert_non_null(values);
    assert_int_equal(count, 0);
    assert_ok(java_array_read(kc_text(same), &arena, &values, &count));
    assert_int_equal(count, 2);
    assert_true(kc_text_is(values[1].text, "1"));
    kc_arena_clear(&arena);
}

static void what_is_no_value_of_its_kind_is_text(void **state)
{
    (void)state;
    static const struct java_value odd[] = {
        {JAVA_INTEGER, KC_TEXT("3000000000")}, {JAVA_DATE, KC_TEXT("infinity")},
        {JAVA_UUID, KC_TEXT("x")},             {JAVA_DECIMAL, KC_TEXT("NaN")},
        {JAVA_BYTES, KC_TEXT("abc")},          {JAVA_DATE, KC_TEXT("0044-03-15 BC")},
    };
    struct kc_arena arena;
    kc_arena_init(&arena, 0);
    KC_AUTO_BUF hex = KC_BUF(0);
    struct java_value *values;
    size_t count;
    java_array_write(&hex, odd, KC_COUNT(odd));
    assert_ok(java_array_read((struct kc_text){hex.data, hex.len}, &arena, &values, &count));
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(values[i].kind, JAVA_STRING);
        assert_true(kc_text_equal(values[i].text, odd[i].text));
    }
    kc_arena_clear(&arena);
}

static void bad_input_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *hex, *problem;
    } bad[] = {
        {"", "it ends too early"},
        {"00000000", "it does not begin as Java's serialised objects do"},
        {"zz", "it is not hexadecimal"},
        {"aced0005", "it ends too early"},
        {"aced00057070", "something follows it"},
        {"aced0005740001", "it ends too early"},
        {"aced000574000161", "it is no array of objects"},
        {"aced000571007e0000", "it refers to what is not there"},
        {"aced000599", "it holds something else than values"},
        {timestamp, "its value 1 is an object of class java.sql.Timestamp"},
    };
    struct kc_arena arena;
    kc_arena_init(&arena, 0);
    struct java_value *values;
    size_t count;
    for (size_t i = 0; i < KC_COUNT(bad); i++) {
        assert_error(java_array_read(kc_text(bad[i].hex), &arena, &values, &count), KC_BAD_DATA,
                     bad[i].problem);
        assert_null(values);
    }
    kc_arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_as_java_does),
        cmocka_unit_test(read_back),
        cmocka_unit_test(what_is_no_value_of_its_kind_is_text),
        cmocka_unit_test(bad_input_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
