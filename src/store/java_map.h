/* Java's serialised form of a HashMap<byte[], byte[]>, which is what a standalone worker's offset
 * file holds (java.io.ObjectOutputStream, protocol version 2): written as Java writes it, read
 * whatever its table size. Encode and decode are twins side by side. Layer: store. No state; any
 * thread. */
#ifndef STORE_JAVA_MAP_H
#define STORE_JAVA_MAP_H

#include "base/buf.h"
#include "base/error.h"
#include "base/text.h"

/* An entry that was read; value.ptr NULL is Java's null. Both point into the bytes that were read.
 */
typedef void java_map_entry(void *context, struct kc_text key, struct kc_text value);

/* Calls each() for every entry, in the order of the bytes. KC_BAD_DATA when the bytes end early
 * (a torn file), go on after the map, or are something else. Entries before the fault have been
 * given to each() by then. */
struct kc_error *java_map_read(struct kc_text bytes, java_map_entry *each,
                               void *context) KC_MUST_CHECK;

/* Writing: begin with the number of entries, then that many entries, then the end. A value
 * with ptr NULL becomes null. `first` of the first entry must be true. */
void java_map_write_begin(struct kc_buf *buf, uint32_t count);
void java_map_write_entry(struct kc_buf *buf, bool first, struct kc_text key, struct kc_text value);
void java_map_write_end(struct kc_buf *buf);

#endif
