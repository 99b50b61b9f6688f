#include "store/java_map.h"

#include <stdlib.h>

/* Grammar: "Object Serialization Stream Protocol" of the Java platform, chapter 6.4. */
enum {
    TC_NULL = 0x70,
    TC_REFERENCE = 0x71,
    TC_CLASSDESC = 0x72,
    TC_OBJECT = 0x73,
    TC_ARRAY = 0x75,
    TC_BLOCKDATA = 0x77,
    TC_ENDBLOCKDATA = 0x78,
};

/* Objects are numbered from here in the order they appear: the map's class, the map, the class
 * of byte[], then each array. */
#define FIRST_HANDLE 0x7E0000u
#define BYTES_CLASS_HANDLE (FIRST_HANDLE + 2)
#define FIRST_ARRAY_HANDLE (FIRST_HANDLE + 3)

/* Stream magic and version, the map's object and class up to its two fields. */
static const uint8_t map_head[] = {
    0xAC, 0xED, 0x00, 0x05, TC_OBJECT, TC_CLASSDESC, 0x00, 0x11, 'j', 'a', 'v', 'a', '.', 'u', 't',
    'i', 'l', '.', 'H', 'a', 's', 'h', 'M', 'a', 'p', 0x05, 0x07, 0xDA, 0xC1, 0xC3, 0x16, 0x60, 0xD1,
    0x03, 0x00, 0x02, 'F', 0x00, 0x0A, 'l', 'o', 'a', 'd', 'F', 'a', 'c', 't', 'o', 'r', 'I', 0x00,
    0x09, 't', 'h', 'r', 'e', 's', 'h', 'o', 'l', 'd', TC_ENDBLOCKDATA, TC_NULL,
};
static const uint8_t load_factor[] = { 0x3F, 0x40, 0x00, 0x00 }; /* 0.75f */
/* The class of byte[], as the first array carries it. */
static const uint8_t bytes_class[] = {
    TC_CLASSDESC, 0x00, 0x02, '[', 'B', 0xAC, 0xF3, 0x17, 0xF8, 0x06, 0x08, 0x54, 0xE0, 0x02, 0x00,
    0x00, TC_ENDBLOCKDATA, TC_NULL,
};

static void write_bytes(struct kc_buf *buf, bool first, struct kc_text bytes)
{
    if (!bytes.ptr) {
        kc_buf_char(buf, TC_NULL);
        return;
    }
    kc_buf_char(buf, TC_ARRAY);
    if (first) {
        kc_buf_put(buf, bytes_class, sizeof bytes_class);
    } else {
        kc_buf_char(buf, TC_REFERENCE);
        kc_buf_be32(buf, BYTES_CLASS_HANDLE);
    }
    kc_buf_be32(buf, (uint32_t)bytes.len);
    kc_buf_text(buf, bytes);
}

void java_map_write_begin(struct kc_buf *buf, uint32_t count)
{
    uint32_t capacity = 16; /* HashMap doubles its table when it is more than 3/4 full */
    while (count > capacity / 4 * 3 && capacity < 1u << 30)
        capacity *= 2;
    kc_buf_put(buf, map_head, sizeof map_head);
    kc_buf_put(buf, load_factor, sizeof load_factor);
    kc_buf_be32(buf, count ? capacity / 4 * 3 : 0);
    kc_buf_char(buf, TC_BLOCKDATA);
    kc_buf_char(buf, 8);
    kc_buf_be32(buf, capacity);
    kc_buf_be32(buf, count);
}

void java_map_write_entry(struct kc_buf *buf, bool first, struct kc_text key, struct kc_text value)
{
    write_bytes(buf, first, key);
    write_bytes(buf, false, value);
}

void java_map_write_end(struct kc_buf *buf)
{
    kc_buf_char(buf, TC_ENDBLOCKDATA);
}

struct reader {
    struct kc_text rest;
    size_t total;
    struct kc_text *arrays; /* by handle: an array may be referred to again */
    size_t len, cap;
};

static struct kc_error *torn(const struct reader *reader)
{
    return kc_fail(KC_BAD_DATA, "it ends too early, after %zu bytes, in the middle of the map",
                   reader->total);
}

static struct kc_error *foreign(const struct reader *reader, const char *wanted)
{
    return kc_fail(KC_BAD_DATA, "byte %zu does not belong to a Java-serialised HashMap of byte arrays "
                                "(%s expected)",
                   reader->total - reader->rest.len, wanted);
}

static struct kc_error *read_exact(struct reader *reader, const uint8_t *bytes, size_t len,
                                   const char *what)
{
    size_t have = reader->rest.len < len ? reader->rest.len : len;
    if (memcmp(reader->rest.ptr, bytes, have) != 0)
        return foreign(reader, what);
    if (have < len)
        return torn(reader);
    reader->rest.ptr += len;
    reader->rest.len -= len;
    return NULL;
}

static struct kc_error *read_u8(struct reader *reader, uint8_t *number)
{
    if (reader->rest.len < 1)
        return torn(reader);
    *number = (uint8_t)reader->rest.ptr[0];
    reader->rest.ptr++;
    reader->rest.len--;
    return NULL;
}

static struct kc_error *read_be32(struct reader *reader, uint32_t *number)
{
    if (reader->rest.len < 4)
        return torn(reader);
    const uint8_t *p = (const uint8_t *)reader->rest.ptr;
    *number = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    reader->rest.ptr += 4;
    reader->rest.len -= 4;
    return NULL;
}

static struct kc_error *read_array_class(struct reader *reader)
{
    uint32_t handle = 0;
    if (reader->rest.len && (uint8_t)reader->rest.ptr[0] == TC_CLASSDESC)
        return read_exact(reader, bytes_class, sizeof bytes_class, "the class of byte[]");
    uint8_t tag = 0;
    struct kc_error *err = read_u8(reader, &tag);
    if (!err && tag != TC_REFERENCE)
        err = foreign(reader, "the class of byte[]");
    if (!err)
        err = read_be32(reader, &handle);
    if (!err && handle != BYTES_CLASS_HANDLE)
        err = foreign(reader, "a reference to the class of byte[]");
    return err;
}

static struct kc_error *read_array(struct reader *reader, struct kc_text *bytes)
{
    uint32_t len = 0;
    struct kc_error *err = read_array_class(reader);
    if (!err)
        err = read_be32(reader, &len);
    if (err)
        return err;
    if (len > reader->rest.len)
        return torn(reader);
    *bytes = (struct kc_text){ reader->rest.ptr, len };
    reader->rest.ptr += len;
    reader->rest.len -= len;
    reader->arrays = kc_grow(reader->arrays, reader->len, &reader->cap, sizeof *bytes);
    reader->arrays[reader->len++] = *bytes;
    return NULL;
}

static struct kc_error *read_bytes(struct reader *reader, struct kc_text *bytes)
{
    uint8_t tag = 0;
    uint32_t handle = 0;
    struct kc_error *err = read_u8(reader, &tag);
    if (err)
        return err;
    switch (tag) {
    case TC_NULL:
        *bytes = (struct kc_text){ NULL, 0 };
        return NULL;
    case TC_ARRAY:
        return read_array(reader, bytes);
    case TC_REFERENCE:
        err = read_be32(reader, &handle);
        if (err)
            return err;
        if (handle < FIRST_ARRAY_HANDLE || handle - FIRST_ARRAY_HANDLE >= reader->len)
            return foreign(reader, "a reference to an earlier array");
        *bytes = reader->arrays[handle - FIRST_ARRAY_HANDLE];
        return NULL;
    default:
        return foreign(reader, "a byte array or null");
    }
}

static struct kc_error *read_head(struct reader *reader, uint32_t *count)
{
    uint32_t number;
    static const uint8_t block[] = { TC_BLOCKDATA, 8 };
    struct kc_error *err = read_exact(reader, map_head, sizeof map_head, "java.util.HashMap");
    if (!err)
        err = read_be32(reader, &number); /* load factor */
    if (!err)
        err = read_be32(reader, &number); /* threshold */
    if (!err)
        err = read_exact(reader, block, sizeof block, "the map's size");
    if (!err)
        err = read_be32(reader, &number); /* capacity */
    if (!err)
        err = read_be32(reader, count);
    return err;
}

static struct kc_error *read_entries(struct reader *reader, uint32_t count, java_map_entry *each,
                                     void *context)
{
    static const uint8_t end[] = { TC_ENDBLOCKDATA };
    for (uint32_t i = 0; i < count; i++) {
        struct kc_text key, value;
        struct kc_error *err = read_bytes(reader, &key);
        if (!err)
            err = read_bytes(reader, &value);
        if (err)
            return err;
        if (key.ptr)
            each(context, key, value);
    }
    struct kc_error *err = read_exact(reader, end, sizeof end, "the end of the map");
    if (!err && reader->rest.len)
        err = foreign(reader, "nothing after the map");
    return err;
}

struct kc_error *java_map_read(struct kc_text bytes, java_map_entry *each, void *context)
{
    struct reader reader = { .rest = bytes, .total = bytes.len };
    uint32_t count = 0;
    struct kc_error *err = read_head(&reader, &count);
    if (!err)
        err = read_entries(&reader, count, each, context);
    free(reader.arrays);
    return err;
}
