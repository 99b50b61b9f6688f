/* A small file that is replaced as a whole: the new content is written beside it, made durable, and
 * renamed over the old, so that a reader (and a crash) sees the one or the other, never a part.
 * Layer: store. Calls wait for the disk. */
#ifndef STORE_FILE_H
#define STORE_FILE_H

#include "base/buf.h"
#include "base/error.h"

/* Reads it whole. *exists is false (and no error) when there is none. KC_FATAL names the file. */
struct kc_error *file_read(const char *path, struct kc_buf *buf, bool *exists) KC_MUST_CHECK;
/* Writes PATH.new, fsync, rename, fsync of the folder. On an error the old file is as it was.
 * KC_RETRY: the disk may have room again later. A symbolic link keeps pointing to the file that is
 * replaced. */
struct kc_error *file_replace(const char *path, struct kc_text content) KC_MUST_CHECK;

#endif
