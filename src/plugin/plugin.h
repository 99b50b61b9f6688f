/* What a plug-in is: one constant struct that says what it is called, which
 * settings it has, and what it can do. Connectors that are built in and those
 * loaded from plugin.path are alike.
 *
 * Asking is data: a plug-in that wants something of the runtime writes it into its
 * base struct (source->retry_in_ms = 500); it never calls the runtime. So there is
 * no re-entrance, no lock, and a test needs no fake runtime. sources/tick.c is the
 * teaching copy.
 * Layer: plugin. Constant. */
#ifndef KC_PLUGIN_PLUGIN_H
#define KC_PLUGIN_PLUGIN_H

#include "config/option.h"

/* Changes with every change of an installed header that a shared object could
 * notice; one with another number is refused at load. */
#define KC_ABI 4
/* The version of Kafka Connect that this speaks like; what comes with Connect has it as its own. */
#define KC_CONNECT_VERSION "4.1.0"

enum kc_plugin_kind { KC_SOURCE, KC_SINK, KC_CONVERTER, KC_TRANSFORM };

struct kc_position;
struct kc_source_ops;
struct kc_sink_ops;
struct kc_converter_ops;
struct kc_transform_ops;

/* A setting as REST lists it where a connector's users know another list than its option table: in the
 * order of the rows, each at its place in its group. */
struct kc_listed {
    const char *group; /* of the rows from here on; a row that has one has nothing else */
    const char *name, *display, *type;
    enum kc_importance importance;
    enum kc_width width;
    const char *def;        /* NULL: the option's; "": none */
    const char *dependents; /* names, separated by ", "; NULL: none */
    bool invisible;
    bool alias; /* of the row before, at whose place it stands */
};

struct kc_plugin {
    unsigned abi; /* KC_ABI */
    enum kc_plugin_kind kind;
    const char *name;    /* short, unique in its kind: "postgres", "json" */
    const char *version; /* as /connector-plugins shows it */
    const char *about;   /* one sentence */
    /* Names of the original classes it stands for, ended by NULL; the first is the one that
     * lists show. A short name without the package ("FileStreamSource",
     * "FileStreamSourceConnector") finds it as well. */
    const char *const *java_classes;
    const char *java_task_class; /* connectors: `task.class` in the task's config; else NULL */
    size_t config_size;
    const struct kc_option *options;
    const struct kc_listed *listed; /* ended by {0}; NULL: REST lists the rows of options */
    /* The one of its kind; the others NULL. */
    const struct kc_source_ops *source;
    const struct kc_sink_ops *sink;
    const struct kc_converter_ops *converter;
    const struct kc_transform_ops *transform;
};

/* How deep a check may look. */
enum kc_check_depth {
    /* what REST's validate does in the original: settings together, perhaps a login */
    KC_CHECK_CONFIG,
    KC_CHECK_LIVE, /* `penstock check`: all that can go wrong with the live system */
};

/* A question to a connector before it starts: would this work? */
struct kc_check {
    const void *config;           /* read without errors from its option table */
    const struct kc_props *props; /* all settings of the connector, `topics` of a sink among them */
    enum kc_check_depth depth;
    /* Of a source: where earlier runs of it got to, if that is known; else none. */
    const struct kc_position *stored;
    size_t n_stored;
    int stop_fd; /* readable: give up at once */
    struct kc_findings *findings;
};

/* Makes a file that defines a plug-in loadable when it is built with -DKC_SHARED_OBJECT;
 * built in, it does nothing. Stands last in the file. */
#ifdef KC_SHARED_OBJECT
#define KC_PLUGIN_EXPORT(plugin) \
    extern const struct kc_plugin *const kc_plugin_export; \
    const struct kc_plugin *const kc_plugin_export = &(plugin)
#else
#define KC_PLUGIN_EXPORT(plugin) _Static_assert(1, "")
#endif

#endif
