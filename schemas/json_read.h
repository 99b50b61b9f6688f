/* A reader of JSON record data, exact and without surprises: one document becomes a
 * flat list of nodes in the order of the text. Text without escapes points into the
 * input, numbers keep their text whatever their size. What is accepted is what the
 * original's parser (Jackson, as JsonConverter sets it up) accepts: RFC 8259 plus
 * leading zeros and a byte order mark; what follows the first value is left alone.
 * Invalid UTF-8 is refused.
 * Layer: schemas. One thread owns a document; it is reused. */
#ifndef SCHEMAS_JSON_READ_H
#define SCHEMAS_JSON_READ_H

#include "data/value.h"

enum json_type {
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_INTEGER, /* no point, no exponent */
    JSON_DECIMAL,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
};

/* Members of an object follow it as name, value, name, value ...; `next` leads from a
 * value over all that it holds to what follows it. */
struct json_node {
    uint8_t type;
    uint32_t len;     /* bytes of text */
    const char *text; /* of a string: its content; of all others: as it stands in the input */
    uint32_t count;   /* elements or members */
    uint32_t next;
};

struct json_doc {
    struct json_node *nodes; /* the value is nodes[0] */
    uint32_t len, cap;
};

enum {
    JSON_MAX_DEPTH = 1000,
    JSON_MAX_NODES = 1 << 24,  /* 400 MB of nodes: a document that needs more is refused */
    JSON_KEPT_NODES = 1 << 18, /* of a larger one the memory is given back by the next read */
};

/* Reads the value that starts at text into doc (which is emptied before). *rest is what
 * follows it. doc->len is 0 when there is nothing but white space. Unescaped strings go
 * into the arena. KC_BAD_DATA (SerializationException) with line and column. */
struct kc_error *json_read(struct json_doc *doc, struct kc_text text, struct kc_arena *arena,
                           struct kc_text *rest) KC_MUST_CHECK;
/* The same for a value that is the last member of an object whose start is not looked at: *rest
 * starts at what follows it and white space. */
struct kc_error *json_read_member(struct json_doc *doc, struct kc_text text, struct kc_arena *arena,
                                  struct kc_text *rest) KC_MUST_CHECK;
void json_doc_clear(struct json_doc *doc);

/* "NULL", "BOOLEAN", "NUMBER", "STRING", "ARRAY", "OBJECT": how error texts call it. */
const char *json_type_name(const struct json_node *node);
static inline bool json_is_number(const struct json_node *node)
{
    return node->type == JSON_INTEGER || node->type == JSON_DECIMAL;
}
static inline struct kc_text json_text(const struct json_node *node)
{
    return (struct kc_text){ node->text, node->len };
}
/* The value of a member (the last one of that name), NULL if there is none or the node is
 * no object. */
const struct json_node *json_member(const struct json_doc *doc, const struct json_node *object,
                                    const char *name);

/* Numbers as Java's JsonNode accessors give them; 0 for what is no number. */
int64_t json_long(const struct json_node *node);   /* fraction cut off, then modulo 2^64 */
bool json_fits_int(const struct json_node *node);  /* an integer within 32 bits */
double json_double(const struct json_node *node);  /* nearest; a zero is never negative */
float json_float(const struct json_node *node);
/* Base64 with padding, white space around and between groups, into the arena. False on
 * anything else. */
bool json_base64(const struct json_node *node, struct kc_arena *arena, struct kc_value *bytes);

#endif
