/* The format of Java's serialised objects: its tokens, and bytes to a tree of objects, whatever
 * their classes (Java Object Serialization Specification, chapter 6). No I/O, so it can be fuzzed.
 * Layer: source. Any thread. */
#ifndef CDC_JAVA_STREAM_H
#define CDC_JAVA_STREAM_H

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

#define JAVA_MAGIC        0xaced0005u
#define JAVA_FIRST_HANDLE 0x7e0000u

enum java_token {
    JAVA_TOKEN_NULL = 0x70,
    JAVA_TOKEN_REFERENCE,
    JAVA_TOKEN_CLASS,
    JAVA_TOKEN_OBJECT,
    JAVA_TOKEN_STRING,
    JAVA_TOKEN_ARRAY,
    JAVA_TOKEN_BLOCK = 0x77,
    JAVA_TOKEN_END,
    JAVA_TOKEN_LONG_STRING = 0x7c,
};
enum { JAVA_WRITE_METHOD = 1, JAVA_SERIALIZABLE = 2 }; /* flags of a class */

struct java_node;

/* A field of an object, or a value of an array. */
struct java_slot {
    struct kc_text name;
    char type;
    uint64_t bits; /* of a primitive, sign-extended */
    struct java_node *object;
};

struct java_class {
    struct kc_text name;
    uint8_t flags;
    struct java_slot *fields; /* names and types */
    size_t n_fields;
    struct java_class *super;
};

struct java_node {
    enum { JAVA_NODE_CLASS, JAVA_NODE_TEXT, JAVA_NODE_OBJECT, JAVA_NODE_ARRAY } kind;
    struct java_class *class;
    struct kc_text text; /* of a string; of an object what its own method wrote; of a byte[] all */
    struct java_slot *slots;
    size_t n_slots;
};

/* One object and nothing behind it, in the arena; *node is NULL for Java's null. KC_BAD_DATA for what is
 * malformed, nested deeper than twelve levels, or holds more than 10,000 objects. Memory is bounded by
 * about a hundred times the length. */
struct kc_error *java_stream_read(struct kc_text bytes, struct kc_arena *arena,
                                  struct java_node **node) KC_MUST_CHECK;
/* The field of an object; NULL if it has none of that name. */
const struct java_slot *java_slot(const struct java_node *node, const char *name);

#endif
