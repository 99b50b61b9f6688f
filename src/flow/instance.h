/* Plug-in instances: find the class, read its settings, allocate its state.
 * Layer: flow. Task thread (checks: any thread). */
#ifndef FLOW_INSTANCE_H
#define FLOW_INSTANCE_H

#include "config/option.h"
#include "plugin/registry.h"

/* The plug-in, its filled config and its zeroed state struct; all but plugin owned. */
struct instance {
    const struct kc_plugin *plugin;
    int which;
    void *config;
    void *state;
};

/* class: as the user wrote it. props: the plug-in's own settings, without prefix. what: how messages
 * name the place ("key.converter"). KC_BAD_CONFIG with all mistakes. */
struct kc_error *instance_new(enum kc_plugin_kind kind, const char *class_name,
                              const struct kc_props *props, const char *what,
                              struct instance *instance) KC_MUST_CHECK;
/* The plug-in's close is the caller's job, before. A zeroed instance is fine. */
void instance_clear(struct instance *instance);

#endif
