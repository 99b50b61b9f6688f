/* All plug-ins this process knows: the built-in ones and those loaded from plugin.path.
 * Filled at start by the main thread, constant afterwards.
 * Layer: plugin. Any thread may look things up. */
#ifndef KC_PLUGIN_REGISTRY_H
#define KC_PLUGIN_REGISTRY_H

#include "plugin/converter.h"
#include "plugin/plugin.h"
#include "plugin/sink.h"
#include "plugin/source.h"
#include "plugin/transform.h"

/* Checks the struct (ABI, names, the ops of its kind, option rows) and adds it. KC_BAD_CONFIG when
 * it is malformed or a class is taken. */
struct kc_error *registry_add(const struct kc_plugin *plugin) KC_MUST_CHECK;
/* Adds every plug-in that is built in: the list that configure writes. Whoever calls this links
 * all plug-ins ($(PENSTOCK_LIBS)). */
struct kc_error *registry_add_builtin(void) KC_MUST_CHECK;
/* Loads every *.so of each folder of the comma-separated list (and one level below). A file without
 * the symbol kc_plugin_export is passed over; jars, missing folders, and plug-ins whose class is
 * there already too, with a line in the log. KC_BAD_CONFIG for a plug-in that is malformed or of
 * another ABI. */
struct kc_error *registry_load_path(const char *plugin_path) KC_MUST_CHECK;
/* By class name, alias (simple class name, with or without its ending "Connector", "Converter",
 * "Transformation") or short name of that kind. *which: index of the class that matched (MAY be
 * NULL). NULL if there is none. */
const struct kc_plugin *registry_find(enum kc_plugin_kind kind, const char *name, int *which);
size_t registry_count(void);
const struct kc_plugin *registry_at(size_t index); /* sorted by kind, then class name */
/* "source", "sink", "converter", "transformation": as /connector-plugins says it. */
const char *registry_kind_name(enum kc_plugin_kind kind);
/* The nearest class of that kind to a mistyped one, or NULL. */
const char *registry_nearest(enum kc_plugin_kind kind, const char *name);

#endif
