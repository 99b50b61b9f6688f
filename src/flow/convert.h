/* The key, value and header converters of one task, in both directions. A record that can't be
 * converted gets a fault; its neighbours go on.
 * Layer: flow. Task thread. */
#ifndef FLOW_CONVERT_H
#define FLOW_CONVERT_H

#include "flow/flow.h"
#include "flow/instance.h"
#include "flow/tolerance.h"

struct convert {
    struct instance key, value, header;
};

/* The connector's converters where it names them, else the worker's. Takes nothing; clear it
 * after a failure too. */
struct kc_error *convert_init(struct convert *convert, const struct flow *flow) KC_MUST_CHECK;
void convert_clear(struct convert *convert);
/* Values to bytes: fills key_wire, value_wire, wire_headers of every record that is neither dropped
 * nor at fault. */
struct kc_error *convert_encode_batch(struct convert *convert, struct tolerance *tolerance,
                                      struct kc_batch *batch) KC_MUST_CHECK;
/* The twin: bytes to values. */
struct kc_error *convert_decode_batch(struct convert *convert, struct tolerance *tolerance,
                                      struct kc_batch *batch) KC_MUST_CHECK;

#endif
