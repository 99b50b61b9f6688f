/* The contract of a converter: between values and bytes on the wire.
 * Layer: plugin. All operations of one instance run on its task's thread. */
#ifndef KC_PLUGIN_CONVERTER_H
#define KC_PLUGIN_CONVERTER_H

#include "data/record.h"
#include "plugin/plugin.h"

enum kc_side { KC_KEY_SIDE, KC_VALUE_SIDE, KC_HEADER_SIDE };

/* First member of a converter's own state struct; the core allocates (zeroed) and frees it. */
struct kc_converter {
    const struct kc_plugin *plugin;
    const void *config;
    enum kc_side side;
};

struct kc_converter_ops {
    size_t size; /* of the state struct */
    /* Where it can stand: lists of converters and of header converters show it accordingly. */
    bool for_records, for_headers;

    /* MAY be NULL. */
    struct kc_error *(*open)(struct kc_converter *converter);

    /* schema NULL: a value without one. name is the topic, or the header's name. Bytes (or
     * data NULL for null) go into the arena. KC_BAD_DATA names the field at fault. */
    struct kc_error *(*encode)(struct kc_converter *converter, const char *name,
                               const struct kc_schema *schema, struct kc_value value,
                               struct kc_arena *arena, struct kc_wire *wire);

    /* The twin. The schema (NULL: none) is kept by the arena (kc_schema_keep); text and
     * bytes may point into wire.data, which outlives the arena's content. */
    struct kc_error *(*decode)(struct kc_converter *converter, const char *name,
                               struct kc_wire wire, struct kc_arena *arena,
                               const struct kc_schema **schema, struct kc_value *value);

    /* May be called twice and after a failed open. MAY be NULL. */
    void (*close)(struct kc_converter *converter);
};

#endif
