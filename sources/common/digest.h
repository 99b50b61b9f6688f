/* Message digests: MD5 (RFC 1321), SHA-1, SHA-224, SHA-256, SHA-384 and SHA-512 (FIPS 180-4), for
 * masks and name-based UUIDs; not for security of our own.
 * Layer: source. Any thread. */
#ifndef CDC_DIGEST_H
#define CDC_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIGEST_MAX 64

struct digest; /* an algorithm */

/* By Java's name, any case: "MD5", "SHA-1" or "SHA", "SHA-256" ...; NULL: unknown. */
const struct digest *digest_find(const char *name);
/* The digest of data; returns its length. */
size_t digest_bytes(const struct digest *digest, const void *data, size_t len,
                    uint8_t out[DIGEST_MAX]);

#endif
