/* The offsets of source connectors in a standalone worker: source partition -> source offset, both
 * as the JSON texts that Connect keeps, in memory and in a file of Java's own layout. Layer: store.
 * One thread owns a store; writing to disk is done by a thread of the store, so that its owner
 * never waits for the disk. */
#ifndef STORE_OFFSETS_H
#define STORE_OFFSETS_H

#include <stdint.h>

#include "base/error.h"
#include "base/mailbox.h"

struct offsets;

/* key is the text of ["connector",{partition}], value that of {offset}. */
typedef void offsets_each(void *context, const char *key, const char *value);

/* What offsets_flush was asked for has been done, or failed; posted into the mailbox given at
 * offsets_open. The receiver frees it with offsets_written_free. */
struct offsets_written {
    struct kc_message message; /* first */
    uint64_t version;          /* everything put up to this version is on disk */
    struct kc_error
        *error; /* NULL: it is; else nothing changed on disk, and a later flush tries again */
};
void offsets_written_free(struct offsets_written *written);

/* path NULL: in memory only. A file that is torn, or is not an offset file, is KC_BAD_CONFIG; it is
 * left as it is. A missing file, or one of no bytes, is an empty store. */
struct kc_error *offsets_open(const char *path, struct kc_mailbox *written,
                              struct offsets **offsets) KC_MUST_CHECK;
/* Waits for a write under way. */
void offsets_close(struct offsets *offsets);

/* Sets or (value NULL) removes an entry. Keys that mean the same partition with its members in
 * another order are one entry, which keeps the text of its first key. Returns the version that has
 * it. KC_BAD_DATA when the key is not a JSON array of a name and a map. */
struct kc_error *offsets_put(struct offsets *offsets, const char *key, const char *value,
                             uint64_t *version) KC_MUST_CHECK;
/* Every entry of a connector, in the order they came. */
void offsets_of(const struct offsets *offsets, const char *connector, offsets_each *each,
                void *context);
/* Orders the newest version to be made durable. Answers by one offsets_written message per call, in
 * order: the owner puts what came meanwhile together and asks again once the last write is
 * answered. */
void offsets_flush(struct offsets *offsets);

#endif
