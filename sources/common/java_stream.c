#include "sources/common/java_stream.h"

#include <stdlib.h>

#define MOST_VALUES  2000
#define MOST_HANDLES 10000
#define MOST_FIELDS  50
#define MOST_DEPTH   12

struct reader {
    const uint8_t *at, *end;
    struct kc_arena *arena;
    struct java_node **handles;
    size_t n_handles, cap;
    const char *problem; /* NULL: none so far */
    int depth;
};

static void *fail(struct reader *reader, const char *problem)
{
    if (!reader->problem)
        reader->problem = problem;
    reader->at = reader->end;
    return NULL;
}

static uint64_t get(struct reader *reader, size_t width)
{
    uint64_t number = 0;
    if ((size_t)(reader->end - reader->at) < width) {
        fail(reader, "it ends too early");
        return 0;
    }
    for (size_t i = 0; i < width; i++)
        number = number << 8 | *reader->at++;
    return number;
}

static struct kc_text get_bytes(struct reader *reader, uint64_t len)
{
    if ((size_t)(reader->end - reader->at) < len) {
        fail(reader, "it ends too early");
        return KC_TEXT("");
    }
    struct kc_text bytes = {(const char *)reader->at, len};
    reader->at += len;
    return bytes;
}

static struct java_node *new_node(struct reader *reader, int kind)
{
    if (reader->n_handles == MOST_HANDLES)
        return fail(reader, "it holds too many objects");
    struct java_node *node = kc_alloc0(reader->arena, sizeof(*node));
    node->kind = kind;
    reader->handles =
        kc_grow(reader->handles, reader->n_handles, &reader->cap, sizeof(*reader->handles));
    reader->handles[reader->n_handles++] = node;
    return node;
}

static struct java_node *referred(struct reader *reader)
{
    uint64_t number = get(reader, 4) - JAVA_FIRST_HANDLE;
    return number < reader->n_handles ? reader->handles[number]
                                      : fail(reader, "it refers to what is not there");
}

/* Java's text to UTF-8: two halves of three bytes become one character. */
static struct kc_text java_text(struct reader *reader, struct kc_text text)
{
    char *out = kc_alloc(reader->arena, text.len + 1);
    size_t len = 0;
    const uint8_t *in = (const uint8_t *)text.ptr;
    for (size_t i = 0; i < text.len;) {
        bool pair = i + 6 <= text.len && in[i] == 0xed && (in[i + 1] & 0xf0) == 0xa0 &&
                    in[i + 3] == 0xed && (in[i + 4] & 0xf0) == 0xb0;
        if (pair) {
            uint32_t high = (uint32_t)(in[i + 1] & 15) << 6 | (in[i + 2] & 63);
            uint32_t low = (uint32_t)(in[i + 4] & 15) << 6 | (in[i + 5] & 63);
            len += kc_utf8_put(out + len, 0x10000 + (high << 10 | low));
            i += 6;
        } else if (i + 2 <= text.len && in[i] == 0xc0 && in[i + 1] == 0x80) {
            out[len++] = '\0';
            i += 2;
        } else {
            out[len++] = text.ptr[i++];
        }
    }
    return (struct kc_text){out, len};
}

static struct java_node *read_node(struct reader *reader);

static struct java_class *read_new_class(struct reader *reader)
{
    struct java_class *class = kc_alloc0(reader->arena, sizeof(*class));
    class->name = get_bytes(reader, get(reader, 2));
    get(reader, 8);
    struct java_node *node = new_node(reader, JAVA_NODE_CLASS);
    if (!node)
        return NULL;
    node->class = class;
    class->flags = (uint8_t)get(reader, 1);
    size_t count = get(reader, 2);
    if (count > MOST_FIELDS)
        return fail(reader, "one of its classes has too many fields");
    class->fields = kc_alloc0(reader->arena, (count + 1) * sizeof(*class->fields));
    for (; class->n_fields < count && !reader->problem; class->n_fields++) {
        struct java_slot *field = &class->fields[class->n_fields];
        field->type = (char)get(reader, 1);
        field->name = get_bytes(reader, get(reader, 2));
        if (field->type == 'L' || field->type == '[')
            read_node(reader);
    }
    if (get(reader, 1) != JAVA_TOKEN_END)
        return fail(reader, "one of its classes is annotated");
    return class;
}

/* A class and those it extends, whose number is bounded as that of handles is. */
static struct java_class *read_class(struct reader *reader)
{
    struct java_class *first = NULL, **place = &first;
    while (!reader->problem) {
        uint64_t token = get(reader, 1);
        if (token == JAVA_TOKEN_NULL)
            return first;
        if (token == JAVA_TOKEN_REFERENCE) {
            struct java_node *node = referred(reader);
            if (!node || node->kind != JAVA_NODE_CLASS)
                return fail(reader, "it refers to what is no class");
            /* A class can't extend itself. */
            int levels = 0;
            for (struct java_class *class = node->class; class; class = class->super)
                if (class == first || ++levels > MOST_DEPTH)
                    return fail(reader, "it has a class that extends itself");
            *place = node->class;
            return first;
        }
        if (token != JAVA_TOKEN_CLASS)
            return fail(reader, "it has something else where a class should be");
        *place = read_new_class(reader);
        if (*place)
            place = &(*place)->super;
    }
    return NULL;
}

static void read_slot(struct reader *reader, struct java_slot *slot)
{
    static const struct {
        char type;
        uint8_t width;
    } widths[] = {{'Z', 1}, {'B', 1}, {'S', 2}, {'C', 2}, {'I', 4}, {'F', 4}, {'J', 8}, {'D', 8}};
    if (slot->type == 'L' || slot->type == '[') {
        slot->object = read_node(reader);
        return;
    }
    for (size_t i = 0; i < KC_COUNT(widths); i++) {
        if (widths[i].type != slot->type)
            continue;
        slot->bits = get(reader, widths[i].width);
        if (strchr("BSI", slot->type)) {
            int shift = 64 - 8 * widths[i].width;
            slot->bits = (uint64_t)((int64_t)(slot->bits << shift) >> shift);
        }
        return;
    }
    fail(reader, "it has a field of an unknown type");
}

/* What a class wrote by a method of its own: data, of which we keep the first block. */
static void read_annotation(struct reader *reader, struct java_node *node)
{
    while (!reader->problem && reader->at < reader->end && *reader->at != JAVA_TOKEN_END) {
        if (*reader->at != JAVA_TOKEN_BLOCK) {
            read_node(reader);
            continue;
        }
        reader->at++;
        struct kc_text block = get_bytes(reader, get(reader, 1));
        if (!node->text.ptr)
            node->text = block;
    }
    get(reader, 1);
}

static void read_fields(struct reader *reader, struct java_node *node, struct java_class *class, int level)
{
    if (class->super && level < MOST_DEPTH)
        read_fields(reader, node, class->super, level + 1);
    if (!(class->flags & JAVA_SERIALIZABLE)) {
        fail(reader, "it has an object of a class that writes itself");
        return;
    }
    struct java_slot *slots =
        kc_alloc0(reader->arena, (node->n_slots + class->n_fields + 1) * sizeof(*slots));
    if (node->n_slots)
        memcpy(slots, node->slots, node->n_slots * sizeof(*slots));
    for (size_t i = 0; i < class->n_fields && !reader->problem; i++) {
        struct java_slot *slot = &slots[node->n_slots + i];
        *slot = class->fields[i];
        read_slot(reader, slot);
    }
    node->slots = slots;
    node->n_slots += class->n_fields;
    if (class->flags & JAVA_WRITE_METHOD)
        read_annotation(reader, node);
}

static struct java_node *read_object(struct reader *reader)
{
    struct java_class *class = read_class(reader);
    struct java_node *node = class ? new_node(reader, JAVA_NODE_OBJECT) : NULL;
    if (!node)
        return fail(reader, "it has an object without a class");
    node->class = class;
    read_fields(reader, node, class, 0);
    return node;
}

static struct java_node *read_array(struct reader *reader)
{
    struct java_class *class = read_class(reader);
    struct java_node *node = class ? new_node(reader, JAVA_NODE_ARRAY) : NULL;
    if (!node)
        return fail(reader, "it has an array without a class");
    node->class = class;
    uint64_t count = get(reader, 4);
    if (kc_text_is(class->name, "[B")) {
        node->text = get_bytes(reader, count);
        return node;
    }
    if (!kc_text_starts(class->name, "[L") || count > MOST_VALUES ||
        count > (size_t)(reader->end - reader->at))
        return fail(reader, "it has an array of another kind, or too long a one");
    node->slots = kc_alloc0(reader->arena, (count + 1) * sizeof(*node->slots));
    for (; node->n_slots < count && !reader->problem; node->n_slots++)
        node->slots[node->n_slots].object = read_node(reader);
    return node;
}

/* NULL is Java's null, or a problem. */
static struct java_node *read_node(struct reader *reader)
{
    struct java_node *node = NULL;
    if (++reader->depth > MOST_DEPTH)
        return fail(reader, "its objects are nested too deep");
    uint64_t token = get(reader, 1);
    switch (token) {
    case JAVA_TOKEN_NULL:
        break;
    case JAVA_TOKEN_REFERENCE:
        node = referred(reader);
        break;
    case JAVA_TOKEN_STRING:
    case JAVA_TOKEN_LONG_STRING:
        node = new_node(reader, JAVA_NODE_TEXT);
        if (node)
            node->text = java_text(
                reader, get_bytes(reader, get(reader, token == JAVA_TOKEN_STRING ? 2 : 8)));
        break;
    case JAVA_TOKEN_OBJECT:
        node = read_object(reader);
        break;
    case JAVA_TOKEN_ARRAY:
        node = read_array(reader);
        break;
    default:
        fail(reader, "it holds something else than values");
    }
    reader->depth--;
    return node;
}

struct kc_error *java_stream_read(struct kc_text bytes, struct kc_arena *arena,
                                  struct java_node **node)
{
    const uint8_t *start = (const uint8_t *)bytes.ptr;
    struct reader reader = {.at = start, .end = start + bytes.len, .arena = arena};
    *node = NULL;
    if (get(&reader, 4) != JAVA_MAGIC)
        fail(&reader, "it does not begin as Java's serialised objects do");
    else
        *node = read_node(&reader);
    if (!reader.problem && reader.at != reader.end)
        fail(&reader, "something follows it");
    free(reader.handles);
    return reader.problem ? kc_fail(KC_BAD_DATA, "%s", reader.problem) : NULL;
}

const struct java_slot *java_slot(const struct java_node *node, const char *name)
{
    for (size_t i = 0; node && i < node->n_slots; i++)
        if (kc_text_is(node->slots[i].name, name))
            return &node->slots[i];
    return NULL;
}
