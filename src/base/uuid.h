/* Random UUIDs (RFC 4122, version 4).
 * Layer: base. Any thread. */
#ifndef KC_BASE_UUID_H
#define KC_BASE_UUID_H

#define KC_UUID_SIZE 37

void kc_uuid(char out[KC_UUID_SIZE]);

#endif
