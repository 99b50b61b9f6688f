#include "sources/common/mapper.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- reading ---- */

/* "6.chars" */
static bool read_count(const char *name, int *count)
{
    char *end;
    long n = strtol(name, &end, 10);
    *count = (int)n;
    return end != name && strcmp(end, ".chars") == 0 && n >= 0 && n <= 1000000;
}

/* "SHA-256.with.salt.x", "v2.SHA-256.with.salt.x" */
static bool read_hash(const char *name, struct mapper *mapper)
{
    static const char with[] = ".with.salt.";
    mapper->java = strncmp(name, "v2.", 3) != 0;
    if (!mapper->java)
        name += 3;
    const char *salt = strstr(name, with);
    if (!salt)
        return false;
    char *algorithm = kc_strndup(name, (size_t)(salt - name));
    mapper->digest = digest_find(algorithm);
    free(algorithm);
    mapper->salt = kc_strdup(salt + strlen(with));
    return mapper->digest != NULL;
}

static struct kc_error *add(struct mappers *mappers, size_t *cap, enum mapper_kind kind,
                            const char *prefix, const struct kc_props *props)
{
    struct kc_map_entry *at = NULL;
    const char *name, *value;
    while (kc_props_next(props, &at, &name, &value)) {
        mappers->items = kc_grow(mappers->items, mappers->count, cap, sizeof(*mappers->items));
        struct mapper *mapper = &mappers->items[mappers->count++];
        *mapper = (struct mapper){.kind = kind};
        bool good =
            kind == MAPPER_HASH ? read_hash(name, mapper) : read_count(name, &mapper->count);
        if (!good)
            return kc_fail(
                KC_BAD_CONFIG,
                "The setting %s%s is malformed, or names a digest that is not known (MD5, "
                "SHA-1, SHA-224, SHA-256, SHA-384 and SHA-512 are)",
                prefix, name);
        struct kc_error *err = filter_init(&mapper->columns, value);
        if (err)
            return kc_while(err, "while reading %s%s", prefix, name);
    }
    return NULL;
}

static struct kc_error *add_propagation(struct mappers *mappers, size_t *cap, const char *setting,
                                        const char *patterns, bool by_type)
{
    if (!patterns || !*patterns)
        return NULL;
    mappers->items = kc_grow(mappers->items, mappers->count, cap, sizeof(*mappers->items));
    struct mapper *mapper = &mappers->items[mappers->count++];
    *mapper = (struct mapper){.kind = MAPPER_PROPAGATE, .by_type = by_type};
    struct kc_error *err = filter_init(&mapper->columns, patterns);
    return err ? kc_while(err, "while reading %s", setting) : NULL;
}

/* In the order in which the original asks them. */
struct kc_error *mappers_init(struct mappers *mappers, const struct mapper_settings *settings)
{
    size_t cap = 0;
    *mappers = (struct mappers){0};
    struct kc_error *err =
        add(mappers, &cap, MAPPER_TRUNCATE, "column.truncate.to.", settings->truncate);
    if (!err)
        err = add(mappers, &cap, MAPPER_MASK, "column.mask.with.", settings->mask);
    if (!err)
        err = add(mappers, &cap, MAPPER_HASH, "column.mask.hash.", settings->hash);
    if (!err)
        err = add_propagation(mappers, &cap, "column.propagate.source.type",
                              settings->propagate_columns, false);
    if (!err)
        err = add_propagation(mappers, &cap, "datatype.propagate.source.type",
                              settings->propagate_types, true);
    return err;
}

void mappers_clear(struct mappers *mappers)
{
    for (size_t i = 0; i < mappers->count; i++) {
        free(mappers->items[i].salt);
        filter_clear(&mappers->items[i].columns);
    }
    free(mappers->items);
    *mappers = (struct mappers){0};
}

static bool speaks_of(const struct mapper *mapper, const struct mapper_column *column)
{
    KC_AUTO_BUF name = KC_BUF(0);
    kc_buf_printf(&name, "%s.%s.%s", column->schema, column->table,
                  mapper->by_type ? column->type : column->name);
    return filter_matches(&mapper->columns, (struct kc_text){name.data, name.len});
}

/* A column that is too short to be cut may still be masked, but notes no type. Masks and hashes go
 * before notes in any case: the original asks for notes before hashes, and for neither behind a
 * column that is too short, so that what is to be hidden would show. */
const struct mapper *mappers_find(const struct mappers *mappers,
                                  const struct mapper_column *column)
{
    bool too_short = false;
    for (size_t i = 0; i < mappers->count; i++) {
        const struct mapper *mapper = &mappers->items[i];
        if (!speaks_of(mapper, column))
            continue;
        if (mapper->kind == MAPPER_TRUNCATE && column->length >= 0 &&
            column->length <= mapper->count) {
            too_short = true;
            continue;
        }
        return too_short && mapper->kind == MAPPER_PROPAGATE ? NULL : mapper;
    }
    return NULL;
}

static void mark_number(struct kc_schema *schema, const char *key, int32_t number)
{
    char text[16];
    snprintf(text, sizeof(text), "%d", number);
    kc_schema_param(schema, key, text);
}

static void mark_type(const struct mapper_column *column, struct kc_schema *schema)
{
    char *type = kc_strdup(column->type);
    for (char *at = type; *at; at++)
        *at = *at >= 'a' && *at <= 'z' ? (char)(*at - 'a' + 'A') : *at;
    kc_schema_param(schema, "__debezium.source.column.type", type);
    free(type);
    if (column->length >= 0)
        mark_number(schema, "__debezium.source.column.length", column->length);
    if (column->scale >= 0)
        mark_number(schema, "__debezium.source.column.scale", column->scale);
    kc_schema_param(schema, "__debezium.source.column.name", column->name);
}

void mapper_mark(const struct mapper *mapper, const struct mapper_column *column,
                 struct kc_schema *schema)
{
    if (mapper->kind == MAPPER_PROPAGATE)
        mark_type(column, schema);
    else if (mapper->kind == MAPPER_TRUNCATE)
        mark_number(schema, "truncateLength", mapper->count);
    else
        kc_schema_param(schema, "masked", "true");
}

/* ---- applying ---- */

/* Bytes of UTF-8 that hold so many UTF-16 units; a character of two units is not cut in the middle.
 */
static uint32_t utf8_of_units(struct kc_value text, int units)
{
    uint32_t at = 0;
    while (at < text.len) {
        uint8_t c = (uint8_t)text.u.text[at];
        uint32_t size = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
        units -= size == 4 ? 2 : 1;
        if (units < 0)
            break;
        at += size;
    }
    return at < text.len ? at : text.len;
}

static struct kc_value truncated(const struct mapper *mapper, struct kc_value value)
{
    if (value.kind == KC_STRING)
        value.len = utf8_of_units(value, mapper->count);
    else if (value.kind == KC_BYTES && value.len > (uint32_t)mapper->count)
        value.len = (uint32_t)mapper->count;
    return value;
}

/* java.io.ObjectOutputStream of a String: magic, version, TC_STRING, length, modified UTF-8 (which
 * writes each unit of a surrogate pair by itself, and NUL as two bytes). */
static void put_java_string(struct kc_buf *buf, struct kc_value text)
{
    kc_buf_put(buf, "\xac\xed\x00\x05\x74\x00\x00", 7);
    size_t begin = buf->len;
    for (uint32_t i = 0; i < text.len;) {
        const uint8_t *p = (const uint8_t *)text.u.text + i;
        if (p[0] >= 0xf0 && i + 4 <= text.len) {
            unsigned c = (p[0] & 7u) << 18 | (p[1] & 63u) << 12 | (p[2] & 63u) << 6 | (p[3] & 63u);
            unsigned units[2] = {0xd800 + ((c - 0x10000) >> 10), 0xdc00 + (c & 1023)};
            for (int u = 0; u < 2; u++) {
                kc_buf_char(buf, (char)(0xe0 | units[u] >> 12));
                kc_buf_char(buf, (char)(0x80 | (units[u] >> 6 & 63)));
                kc_buf_char(buf, (char)(0x80 | (units[u] & 63)));
            }
            i += 4;
        } else if (p[0] == 0) {
            kc_buf_put(buf, "\xc0\x80", 2);
            i++;
        } else {
            kc_buf_char(buf, (char)p[0]);
            i++;
        }
    }
    size_t len = buf->len - begin;
    buf->data[begin - 2] = (char)(len >> 8);
    buf->data[begin - 1] = (char)len;
}

static struct kc_value hashed(const struct mapper *mapper, int32_t length, struct kc_value value,
                              struct kc_arena *arena)
{
    static const char digit[] = "0123456789abcdef";
    uint8_t out[DIGEST_MAX];
    KC_AUTO_BUF input = KC_BUF(0);
    kc_buf_str(&input, mapper->salt);
    if (mapper->java)
        put_java_string(&input, value);
    else
        kc_buf_put(&input, value.u.text, value.len);
    size_t size = digest_bytes(mapper->digest, input.data, input.len, out);
    char *text = kc_alloc(arena, 2 * size);
    for (size_t i = 0; i < size; i++) {
        text[2 * i] = digit[out[i] >> 4];
        text[2 * i + 1] = digit[out[i] & 15];
    }
    size *= 2;
    return kc_string(text, length > 0 && (size_t)length < size ? (size_t)length : size);
}

struct kc_value mapper_apply(const struct mapper *mapper, bool text, int32_t length,
                             struct kc_value value, struct kc_arena *arena)
{
    if (mapper->kind == MAPPER_TRUNCATE)
        return truncated(mapper, value);
    if (!text || mapper->kind == MAPPER_PROPAGATE)
        return value;
    if (mapper->kind == MAPPER_HASH)
        return value.kind == KC_STRING ? hashed(mapper, length, value, arena) : value;
    char *stars = kc_alloc(arena, (size_t)mapper->count + 1);
    memset(stars, '*', (size_t)mapper->count);
    return kc_string(stars, (size_t)mapper->count);
}
