#include "flow/instance.h"

#include <stdlib.h>

static size_t state_size(const struct kc_plugin *plugin)
{
    switch (plugin->kind) {
    case KC_SOURCE:
        return plugin->source->size;
    case KC_SINK:
        return plugin->sink->size;
    case KC_CONVERTER:
        return plugin->converter->size;
    case KC_TRANSFORM:
        return plugin->transform->size;
    }
    return 0;
}

static struct kc_error *find_plugin(enum kc_plugin_kind kind, const char *class_name,
                                    const char *what, struct instance *instance)
{
    instance->plugin = registry_find(kind, class_name, &instance->which);
    if (instance->plugin)
        return NULL;
    const char *nearest = registry_nearest(kind, class_name);
    return kc_fail(KC_BAD_CONFIG, "%s: there is no %s %s here%s%s%s", what,
                   registry_kind_name(kind), class_name, nearest ? "; did you mean " : "",
                   nearest ? nearest : "", nearest ? "?" : "; `penstock plugins` lists what there is");
}

struct kc_error *instance_new(enum kc_plugin_kind kind, const char *class_name,
                              const struct kc_props *props, const char *what,
                              struct instance *instance)
{
    *instance = (struct instance){ .plugin = NULL };
    struct kc_error *err = find_plugin(kind, class_name, what, instance);
    if (err)
        return err;

    struct kc_findings findings = { .items = NULL };
    instance->config = kc_calloc(1, instance->plugin->config_size ? instance->plugin->config_size : 1);
    instance->state = kc_calloc(1, state_size(instance->plugin));
    kc_options_read(instance->plugin->options, props, instance->config, &findings);
    err = kc_findings_error(&findings);
    kc_findings_clear(&findings);
    return err ? kc_while(err, "reading the settings of %s", what) : NULL;
}

void instance_clear(struct instance *instance)
{
    if (instance->config)
        kc_options_clear(instance->plugin->options, instance->config);
    free(instance->config);
    free(instance->state);
    *instance = (struct instance){ .plugin = NULL };
}
