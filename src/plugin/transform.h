/* The contract of a single message transform. The core walks the chain; a transform
 * gets one record and changes it, and never sees the next.
 * Layer: plugin. All operations of one instance run on its task's thread. */
#ifndef KC_PLUGIN_TRANSFORM_H
#define KC_PLUGIN_TRANSFORM_H

#include "data/record.h"
#include "plugin/plugin.h"

/* First member of a transform's own state struct; the core allocates (zeroed) and frees it. */
struct kc_transform {
    const struct kc_plugin *plugin;
    const void *config;
    int which; /* index of the class in plugin->java_classes that the config named: $Key, $Value */
};

struct kc_transform_ops {
    size_t size; /* of the state struct */

    /* MAY be NULL. Mistakes that the option table can't see: KC_BAD_CONFIG. */
    struct kc_error *(*open)(struct kc_transform *transform);

    /* Changes the record in place: new parts go into the arena, new schemas are kept by it
     * (kc_schema_keep). To filter it out: record->dropped = true. KC_BAD_DATA for a record that
     * it can't treat. */
    struct kc_error *(*apply)(struct kc_transform *transform, struct kc_record *record,
                              struct kc_arena *arena);

    /* May be called twice and after a failed open. MAY be NULL. */
    void (*close)(struct kc_transform *transform);
};

#endif
