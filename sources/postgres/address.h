/* Looks up the addresses of a host by a thread of its own, for libpq would block in it, and a name server that
 * does not answer would hold up a task that stops.
 * Layer: source. Any thread. */
#ifndef PG_ADDRESS_H
#define PG_ADDRESS_H

#include "base/buf.h"
#include "base/error.h"

/* Appends the numeric addresses of a host, separated by commas, and counts them. A host that needs no
 * look-up (an address, the folder of a socket) gives none. KC_STOPPED, KC_RETRY. */
struct kc_error *address_find(const char *host, int stop_fd, int64_t timeout_ms,
                              struct kc_buf *addresses, int *count) KC_MUST_CHECK;

#endif
