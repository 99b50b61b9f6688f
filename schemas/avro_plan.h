/* How the values of one pair of schemas are written and read: what the parts of the codec share.
 * Layer: schemas, inside of the codec. One thread uses a plan at a time. */
#ifndef SCHEMAS_AVRO_PLAN_H
#define SCHEMAS_AVRO_PLAN_H

#include "data/logical.h"
#include "schemas/avro_data.h"

enum {
    AVRO_MAX_DEPTH = 1000,
    /* An element of no bytes (null, an empty record) costs memory but no input. */
    AVRO_MAX_EMPTY = 1 << 16,
};

/* What is left of a body. */
struct avro_input {
    const uint8_t *at, *end;
    struct kc_arena *arena;
    int depth;
};

struct avro_plan;
typedef struct kc_error *(*avro_writer)(const struct avro_plan *plan, struct kc_value value,
                                        struct kc_buf *buf);
typedef struct kc_error *(*avro_reader)(const struct avro_plan *plan, struct avro_input *input,
                                        struct kc_value *value);
/* Twins: what one writes, the other reads. */
struct avro_pair {
    avro_writer write;
    avro_reader read;
};

/* How to write and read the values of one pair of schemas. */
struct avro_plan {
    struct avro_pair pair;
    const struct kc_schema *connect; /* NULL: values without a schema */
    const struct avro_schema *avro;  /* of a nullable union: the other branch */
    enum kc_logical logical;
    int32_t scale;
    bool nullable;
    bool single; /* a union of one branch, which is that branch to Connect */
    uint8_t null_branch, value_branch;
    bool empty; /* its values take no bytes */
    bool ignore_default;
    const struct avro_plan **parts; /* of fields, elements (map: the values), branches */
    uint32_t n_parts;
    const struct avro_plan *key; /* of maps with keys that are no strings */
    int32_t *places;             /* union: the field of each branch, -1 null; record: likewise */
};

/* By type; containers have theirs in avro_container.c. */
extern const struct avro_pair avro_scalars[AVRO_UNION + 1];
extern const struct avro_pair avro_decimal, avro_instant;
extern const struct avro_pair avro_record, avro_array, avro_map, avro_union;
/* Values without a schema. */
extern const struct avro_pair avro_any;

/* ---- bytes ---- */

/* Zigzag and variable length. */
void avro_put_long(struct kc_buf *buf, int64_t number);
struct kc_error *avro_get_long(struct avro_input *input, int64_t *number) KC_MUST_CHECK;
/* That many bytes, in place; what: for the message of a body that ends too early. */
struct kc_error *avro_get_block(struct avro_input *input, size_t len, const char *what,
                                const uint8_t **bytes) KC_MUST_CHECK;
/* The same with their number before them. */
struct kc_error *avro_get_bytes(struct avro_input *input, const char *what, const uint8_t **bytes,
                                uint32_t *len) KC_MUST_CHECK;

/* ---- values ---- */

/* A value that may be null, in a union or not. */
struct kc_error *avro_write_value(const struct avro_plan *plan, struct kc_value value,
                                  struct kc_buf *buf) KC_MUST_CHECK;
struct kc_error *avro_read_value(const struct avro_plan *plan, struct avro_input *input,
                                 struct kc_value *value) KC_MUST_CHECK;
struct kc_error *avro_wrong_kind(const struct avro_plan *plan, struct kc_value value) KC_MUST_CHECK;
struct kc_error *avro_too_deep(void) KC_MUST_CHECK;

#endif
