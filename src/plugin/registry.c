#include "plugin/registry.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"

static const struct kc_plugin **plugins; /* sorted by kind, then class name */
static size_t n_plugins, plugins_cap;

/* What is particular to a kind: its name in REST, and the word that a short class name may lack. */
static const struct {
    const char *name, *ending;
} kinds[] = {
    [KC_SOURCE] = { "source", "Connector" },
    [KC_SINK] = { "sink", "Connector" },
    [KC_CONVERTER] = { "converter", "Converter" },
    [KC_TRANSFORM] = { "transformation", "Transformation" },
};

const char *registry_kind_name(enum kc_plugin_kind kind)
{
    return kinds[kind].name;
}

size_t registry_count(void)
{
    return n_plugins;
}

const struct kc_plugin *registry_at(size_t index)
{
    return index < n_plugins ? plugins[index] : NULL;
}

/* ---- looking up ---- */

/* The class name without its package; an inner class has no short name. */
static struct kc_text simple_name(const char *java_class)
{
    const char *dot = strrchr(java_class, '.');
    const char *name = dot ? dot + 1 : java_class;
    return strchr(name, '$') ? (struct kc_text){ NULL, 0 } : kc_text(name);
}

/* The short name up to the last place where the kind's word stands. */
static struct kc_text pruned_name(enum kc_plugin_kind kind, struct kc_text simple)
{
    const char *word = kinds[kind].ending;
    size_t len = strlen(word);
    for (size_t i = simple.len; i-- > 1;)
        if (i + len <= simple.len && memcmp(simple.ptr + i, word, len) == 0)
            return (struct kc_text){ simple.ptr, i };
    return simple;
}

/* "Simple" for SimpleHeaderConverter. */
static bool is_header_alias(enum kc_plugin_kind kind, struct kc_text simple, struct kc_text name)
{
    static const char word[] = "HeaderConverter";
    return kind == KC_CONVERTER && simple.len == name.len + sizeof(word) - 1 &&
           memcmp(simple.ptr, name.ptr, name.len) == 0 &&
           memcmp(simple.ptr + name.len, word, sizeof(word) - 1) == 0;
}

static bool is_alias(enum kc_plugin_kind kind, const char *java_class, struct kc_text name)
{
    struct kc_text simple = simple_name(java_class);
    return simple.len && name.len &&
           (kc_text_equal(simple, name) || kc_text_equal(pruned_name(kind, simple), name) ||
            is_header_alias(kind, simple, name));
}

static int class_index(const struct kc_plugin *plugin, const char *name)
{
    for (int i = 0; plugin->java_classes[i]; i++)
        if (strcmp(plugin->java_classes[i], name) == 0)
            return i;
    return -1;
}

static int alias_index(const struct kc_plugin *plugin, const char *name)
{
    for (int i = 0; plugin->java_classes[i]; i++)
        if (is_alias(plugin->kind, plugin->java_classes[i], kc_text(name)))
            return i;
    return strcmp(plugin->name, name) == 0 ? 0 : -1;
}

/* The one plug-in of the kind that knows the name by that measure; NULL if there is none, or
 * more. */
static const struct kc_plugin *find_by(int (*index_of)(const struct kc_plugin *, const char *),
                                       enum kc_plugin_kind kind, const char *name, int *which)
{
    const struct kc_plugin *found = NULL;
    for (size_t i = 0; i < n_plugins; i++) {
        int index = plugins[i]->kind == kind ? index_of(plugins[i], name) : -1;
        if (index < 0)
            continue;
        if (found)
            return NULL;
        found = plugins[i];
        if (which)
            *which = index;
    }
    return found;
}

const struct kc_plugin *registry_find(enum kc_plugin_kind kind, const char *name, int *which)
{
    const struct kc_plugin *found = find_by(class_index, kind, name, which);
    return found ? found : find_by(alias_index, kind, name, which);
}

const char *registry_nearest(enum kc_plugin_kind kind, const char *name)
{
    struct kc_text wanted = kc_text(name), wanted_simple = simple_name(name);
    unsigned best = (unsigned)wanted_simple.len / 3 + 1;
    const char *found = NULL;
    for (size_t i = 0; i < n_plugins; i++) {
        for (int c = 0; plugins[i]->kind == kind && plugins[i]->java_classes[c]; c++) {
            const char *candidate = plugins[i]->java_classes[c];
            struct kc_text simple = simple_name(candidate);
            unsigned distance = kc_text_distance(wanted, kc_text(candidate), best);
            unsigned by_simple = kc_text_distance(wanted_simple, simple, best);
            unsigned by_pruned = kc_text_distance(wanted_simple, pruned_name(kind, simple), best);
            if (by_simple < distance)
                distance = by_simple;
            if (by_pruned < distance)
                distance = by_pruned;
            if (distance > best || (found && distance == best))
                continue;
            best = distance;
            found = candidate;
        }
    }
    return found;
}

/* ---- adding ---- */

/* What is wrong with a row of an option table, or NULL. The caller frees it. */
static char *option_mistake(const struct kc_plugin *plugin, const struct kc_option *option)
{
    union {
        char *text;
        int64_t number;
        double real;
        struct kc_list list;
        struct kc_props props;
    } field;
    if (!option->type)
        return kc_strdup("has no type");
    if (kc_options_find(plugin->options, option->name) != option)
        return kc_strdup("stands twice");
    if (option->type == &kc_type_refused)
        return option->refuse ? NULL : kc_strdup("is refused without advice");
    if (option->offset >= plugin->config_size)
        return kc_strdup("has its field outside the config struct");
    if (!option->doc || !*option->doc)
        return kc_strdup("has no doc");
    if (option->type == &kc_type_enum && !option->names)
        return kc_strdup("is an enum without names");
    if (option->type == &kc_type_prefix || option->required || !option->def)
        return NULL;
    memset(&field, 0, sizeof(field));
    char *message = option->type->parse(option, option->def, &field);
    option->type->clear(&field);
    return message;
}

static struct kc_error *check_options(const struct kc_plugin *plugin)
{
    for (const struct kc_option *option = plugin->options; option->name; option++) {
        char *mistake = option_mistake(plugin, option);
        if (!mistake)
            continue;
        struct kc_error *err = kc_fail(KC_BAD_CONFIG, "the option %s of plug-in %s %s",
                                       option->name, plugin->name, mistake);
        free(mistake);
        return err;
    }
    return NULL;
}

/* Has it the operations that its kind must have, and no other kind's? */
static bool has_operations(const struct kc_plugin *p)
{
    if (!!p->source + !!p->sink + !!p->converter + !!p->transform != 1)
        return false;
    switch (p->kind) {
    case KC_SOURCE:
        return p->source && p->source->size >= sizeof(struct kc_source) && p->source->open &&
               p->source->poll && p->source->close && p->java_task_class;
    case KC_SINK:
        return p->sink && p->sink->size >= sizeof(struct kc_sink) && p->sink->open &&
               p->sink->put && p->sink->close && p->java_task_class;
    case KC_CONVERTER:
        return p->converter && p->converter->size >= sizeof(struct kc_converter) &&
               p->converter->encode && p->converter->decode;
    case KC_TRANSFORM:
        return p->transform && p->transform->size >= sizeof(struct kc_transform) &&
               p->transform->apply;
    }
    return false;
}

static struct kc_error *check_plugin(const struct kc_plugin *plugin)
{
    if (plugin->abi != KC_ABI)
        return kc_fail(KC_BAD_CONFIG,
                       "it was built for plug-in ABI %u, this program has %d: build it again "
                       "with this version's headers",
                       plugin->abi, KC_ABI);
    if (!plugin->name || !plugin->version || !plugin->about || !plugin->options ||
        !plugin->java_classes || !plugin->java_classes[0])
        return kc_fail(KC_BAD_CONFIG, "its struct lacks a name, version, about, options or class");
    if (!has_operations(plugin))
        return kc_fail(KC_BAD_CONFIG, "plug-in %s lacks operations of its kind, or has another's",
                       plugin->name);
    for (size_t i = 0; i < n_plugins; i++) {
        if (plugins[i]->kind != plugin->kind)
            continue;
        if (strcmp(plugins[i]->name, plugin->name) == 0)
            return kc_fail(KC_BAD_CONFIG, "there is a %s named %s already",
                           registry_kind_name(plugin->kind), plugin->name);
        for (int c = 0; plugin->java_classes[c]; c++)
            if (class_index(plugins[i], plugin->java_classes[c]) >= 0)
                return kc_fail(KC_BAD_CONFIG, "plug-in %s stands for %s already", plugins[i]->name,
                               plugin->java_classes[c]);
    }
    return check_options(plugin);
}

static bool stands_before(const struct kc_plugin *a, const struct kc_plugin *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind;
    return strcmp(a->java_classes[0], b->java_classes[0]) < 0;
}

struct kc_error *registry_add(const struct kc_plugin *plugin)
{
    struct kc_error *err = check_plugin(plugin);
    if (err)
        return err;
    plugins = kc_grow(plugins, n_plugins, &plugins_cap, sizeof(*plugins));
    size_t i = n_plugins++;
    for (; i > 0 && stands_before(plugin, plugins[i - 1]); i--)
        plugins[i] = plugins[i - 1];
    plugins[i] = plugin;
    return NULL;
}

/* ---- plugin.path ---- */

static bool is_known(const struct kc_plugin *plugin)
{
    for (size_t i = 0; i < n_plugins; i++)
        if (plugins[i]->kind == plugin->kind && plugin->java_classes && plugin->java_classes[0] &&
            class_index(plugins[i], plugin->java_classes[0]) >= 0)
            return true;
    return false;
}

static struct kc_error *load_file(const char *path)
{
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!object) {
        kc_log_warn("plugin", "Passing over %s: %s", path, dlerror());
        return NULL;
    }
    const struct kc_plugin *const *plugin = dlsym(object, "kc_plugin_export");
    if (!plugin) {
        kc_log_debug("plugin", "Passing over %s: it is no plug-in of ours", path);
        dlclose(object);
        return NULL;
    }
    if ((*plugin)->abi == KC_ABI && is_known(*plugin)) {
        kc_log_warn("plugin", "Passing over %s: there is a %s already", path,
                    (*plugin)->java_classes[0]);
        dlclose(object);
        return NULL;
    }
    struct kc_error *err = registry_add(*plugin);
    if (err) {
        err = kc_while(err, "while loading the plug-in %s", path);
        dlclose(object);
        return err;
    }
    kc_log_info("plugin", "Loaded %s %s from %s", registry_kind_name((*plugin)->kind),
                (*plugin)->java_classes[0], path);
    return NULL;
}

static bool ends_with(const char *name, const char *ending)
{
    size_t len = strlen(name), ending_len = strlen(ending);
    return len >= ending_len && strcmp(name + len - ending_len, ending) == 0;
}

static struct kc_error *load_folder(const char *path, int depth);

static struct kc_error *load_entry(const char *path, int depth)
{
    struct stat info;
    if (stat(path, &info) != 0)
        return NULL;
    if (S_ISDIR(info.st_mode))
        return depth < 1 ? load_folder(path, depth + 1) : NULL;
    if (ends_with(path, ".jar") || ends_with(path, ".zip"))
        kc_log_info("plugin", "Passing over %s: Java plug-ins can't run here", path);
    return ends_with(path, ".so") ? load_file(path) : NULL;
}

/* depth 0 is an entry of plugin.path, 1 the level below. */
static struct kc_error *load_folder(const char *path, int depth)
{
    struct dirent **names;
    int count = scandir(path, &names, NULL, alphasort); /* sorted: the same order every time */
    if (count < 0) {
        kc_log_warn("plugin", "Passing over %s of plugin.path: %s", path, strerror(errno));
        return NULL;
    }
    struct kc_error *err = NULL;
    for (int i = 0; i < count; i++) {
        if (!err && names[i]->d_name[0] != '.') {
            char *entry = kc_printf("%s/%s", path, names[i]->d_name);
            err = load_entry(entry, depth);
            free(entry);
        }
        free(names[i]);
    }
    free(names);
    return err;
}

struct kc_error *registry_load_path(const char *plugin_path)
{
    struct kc_text rest = kc_text(plugin_path), piece;
    struct kc_error *err = NULL;
    while (!err && kc_text_split(&rest, ',', &piece)) {
        piece = kc_text_trim(piece);
        if (!piece.len)
            continue;
        char *path = kc_strndup(piece.ptr, piece.len);
        err = ends_with(path, ".so") ? load_file(path) : load_folder(path, 0);
        free(path);
    }
    return err;
}
