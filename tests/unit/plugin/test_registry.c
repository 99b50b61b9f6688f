#include "plugin/registry.h"
#include "tests/unit/test.h"

struct none_config {
    int unused;
};
#define OPTIONS_OF struct none_config
static const struct kc_option no_options[] = { OPT_END };
static const struct kc_option bad_default[] = {
    OPT_INT("n", unused, .def = "x", .doc = "A number."),
    OPT_END
};
static const struct kc_option no_doc[] = { OPT_INT("n", unused, .def = "1"), OPT_END };
static const struct kc_option twice[] = {
    OPT_INT("n", unused, .def = "1", .doc = "A number."),
    OPT_INT("n", unused, .def = "1", .doc = "A number."),
    OPT_END
};

static struct kc_error *apply(struct kc_transform *transform, struct kc_record *record,
                              struct kc_arena *arena)
{
    (void)transform;
    (void)record;
    (void)arena;
    return NULL;
}

static const struct kc_transform_ops ops = { .size = sizeof(struct kc_transform), .apply = apply };

static const char *const cast_classes[] = { "org.example.Cast$Key", "org.example.Cast$Value", NULL };
static const char *const router_classes[] = { "org.example.RegexRouter", NULL };
static const char *const one_classes[] = { "org.one.NamedTransformation", NULL };
static const char *const other_classes[] = { "org.other.NamedTransformation", NULL };

#define TRANSFORM(name_, classes_) \
    { .abi = KC_ABI, .kind = KC_TRANSFORM, .name = (name_), .version = "1", .about = "About.", \
      .java_classes = (classes_), .config_size = sizeof(struct none_config), \
      .options = no_options, .transform = &ops }

static const struct kc_plugin cast = TRANSFORM("cast", cast_classes);
static const struct kc_plugin router = TRANSFORM("router", router_classes);
static const struct kc_plugin one = TRANSFORM("one", one_classes);
static const struct kc_plugin other = TRANSFORM("other", other_classes);

static void test_finding(void **state)
{
    (void)state;
    int which = -1;
    assert_ok(registry_add(&router));
    assert_ok(registry_add(&other));
    assert_ok(registry_add(&cast));
    assert_ok(registry_add(&one));
    assert_int_equal(registry_count(), 4);
    assert_ptr_equal(registry_at(0), &cast); /* by class name */
    assert_ptr_equal(registry_at(3), &other);
    assert_null(registry_at(4));
    assert_ptr_equal(registry_find(KC_TRANSFORM, "org.example.Cast$Value", &which), &cast);
    assert_int_equal(which, 1);
    assert_ptr_equal(registry_find(KC_TRANSFORM, "RegexRouter", &which), &router);
    assert_ptr_equal(registry_find(KC_TRANSFORM, "router", NULL), &router);
    assert_null(registry_find(KC_TRANSFORM, "Value", NULL));
    assert_null(registry_find(KC_TRANSFORM, "Named", NULL)); /* two have that alias */
    assert_ptr_equal(registry_find(KC_TRANSFORM, "org.one.NamedTransformation", NULL), &one);
    assert_null(registry_find(KC_SOURCE, "RegexRouter", NULL));
    assert_string_equal(registry_nearest(KC_TRANSFORM, "org.example.RegexRooter"),
                        "org.example.RegexRouter");
    assert_null(registry_nearest(KC_TRANSFORM, "something.else.Altogether"));
    assert_string_equal(registry_kind_name(KC_TRANSFORM), "transformation");
}

static void test_refusing(void **state)
{
    (void)state;
    static const char *const classes[] = { "org.example.New", NULL };
    struct kc_plugin plugin = TRANSFORM("new", classes);
    plugin.abi = KC_ABI + 1;
    struct kc_error *err = registry_add(&plugin);
    assert_non_null(strstr(err->text, "ABI"));
    kc_error_free(err);
    plugin.abi = KC_ABI;
    plugin.name = "cast";
    assert_error(registry_add(&plugin), KC_BAD_CONFIG,
                 "there is a transformation named cast already");
    plugin.name = "new";
    plugin.java_classes = router_classes;
    assert_error(registry_add(&plugin), KC_BAD_CONFIG,
                 "plug-in router stands for org.example.RegexRouter already");
    plugin.java_classes = classes;
    plugin.kind = KC_SINK;
    assert_error(registry_add(&plugin), KC_BAD_CONFIG,
                 "plug-in new lacks operations of its kind, or has another's");
    plugin.kind = KC_TRANSFORM;
    plugin.options = bad_default;
    assert_error(registry_add(&plugin), KC_BAD_CONFIG,
                 "the option n of plug-in new Invalid value x for configuration n: Not a number of "
                 "type INT");
    plugin.options = no_doc;
    assert_error(registry_add(&plugin), KC_BAD_CONFIG, "the option n of plug-in new has no doc");
    plugin.options = twice;
    assert_error(registry_add(&plugin), KC_BAD_CONFIG, "the option n of plug-in new stands twice");
    assert_int_equal(registry_count(), 4);
}

/* examples/tick.so, from the build folder; what else is in the folder is passed over. */
static void test_loading(void **state)
{
    (void)state;
    assert_ok(registry_load_path("/nonexistent-folder, examples"));
    const struct kc_plugin *tick = registry_find(KC_SOURCE, "TickSource", NULL);
    assert_non_null(tick);
    assert_string_equal(tick->java_classes[0], "penstock.TickSourceConnector");
    size_t count = registry_count();
    assert_ok(registry_load_path("examples/tick.so")); /* a second time: passed over */
    assert_int_equal(registry_count(), count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finding),
        cmocka_unit_test(test_refusing),
        cmocka_unit_test(test_loading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
