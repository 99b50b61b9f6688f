/* A signal: what a user asks of a running source ("read this table again"). It comes over REST, from a
 * topic, a file, or a table of the source itself; whoever reads it there, the form is the same.
 * Layer: plugin. Any thread. */
#ifndef KC_PLUGIN_SIGNAL_H
#define KC_PLUGIN_SIGNAL_H

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

struct kc_source_signal {
    const char *id; /* names it in logs, notifications and what it starts; "": it has none */
    const char *type;
    const char *data; /* JSON, not looked at yet; NULL: none */
};

/* Reads {"id":"...","type":"...","data":{...}} into the arena. id and data may be left out, data may be its
 * JSON as a text; other members are passed over. KC_BAD_DATA says what is wrong. */
struct kc_error *kc_source_signal_read(struct kc_text json, struct kc_arena *arena,
                                       struct kc_source_signal *signal) KC_MUST_CHECK;

#endif
