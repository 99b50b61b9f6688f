#include "schemas/avro_json.h"

#include <stdlib.h>

#include "base/error.h"
#include "schemas/json_write.h"

#define PARSE_EXCEPTION "org.apache.avro.SchemaParseException"

/* ---- reading ---- */

/* The end of the comment that starts at `at`, or `at` if none does. */
static const char *skip_comment(const char *at, const char *end)
{
    if (end - at < 2 || at[0] != '/')
        return at;
    if (at[1] == '/') {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        return stop ? stop : end;
    }
    if (at[1] != '*')
        return at;
    const char *stop = memmem(at + 2, (size_t)(end - at) - 2, "*/", 2);
    return stop ? stop + 2 : at;
}

static const char *skip_string(const char *at, const char *end)
{
    for (at++; at < end && *at != '"'; at++)
        if (*at == '\\')
            at++;
    return at < end ? at + 1 : end;
}

/* A copy with blanks in place of comments; the text itself when there are none. */
static struct kc_text without_comments(struct kc_text text, struct kc_arena *arena)
{
    if (!memchr(text.ptr, '/', text.len))
        return text;
    char *copy = kc_arena_text(arena, text.ptr, text.len), *end = copy + text.len, *at = copy;
    while (at < end) {
        char *next = (char *)skip_comment(at, end);
        if (next > at)
            memset(at, ' ', (size_t)(next - at));
        else
            next = *at == '"' ? (char *)skip_string(at, end) : at + 1;
        at = next;
    }
    return (struct kc_text){copy, text.len};
}

struct kc_error *avro_json_read(struct json_doc *doc, struct kc_text text, struct kc_arena *arena)
{
    struct kc_text rest;
    struct kc_error *err = json_read(doc, without_comments(text, arena), arena, &rest);
    if (err)
        return kc_while_as(err, PARSE_EXCEPTION, "the schema is not valid JSON");
    if (!doc->len)
        return kc_fail_as(KC_BAD_DATA, PARSE_EXCEPTION, "Cannot parse <null> schema");
    rest = kc_text_trim(rest);
    if (rest.len)
        return kc_fail_as(KC_BAD_DATA, PARSE_EXCEPTION,
                          "dangling content after end of schema: %.*s",
                          (int)(rest.len < 80 ? rest.len : 80), rest.ptr);
    return NULL;
}

/* ---- writing ---- */

struct writer {
    const struct json_doc *doc;
    struct kc_buf *buf;
    bool sorted;
};

struct member {
    const struct json_node *name, *value;
};

static int compare_members(const void *x, const void *y)
{
    const struct member *a = x, *b = y;
    size_t least = a->name->len < b->name->len ? a->name->len : b->name->len;
    int order = memcmp(a->name->text, b->name->text, least);
    return order ? order : (a->name->len > b->name->len) - (a->name->len < b->name->len);
}

static void write_node(const struct writer *writer, const struct json_node *node);

static void write_object(const struct writer *writer, const struct json_node *node)
{
    const struct json_node *nodes = writer->doc->nodes;
    struct member *members = kc_calloc((size_t)node->count + 1, sizeof(*members));
    uint32_t at = (uint32_t)(node - nodes) + 1;
    for (uint32_t i = 0; i < node->count; i++) {
        members[i] = (struct member){&nodes[at], &nodes[at + 1]};
        at = nodes[at + 1].next;
    }
    if (writer->sorted)
        qsort(members, node->count, sizeof(*members), compare_members);
    kc_buf_char(writer->buf, '{');
    for (uint32_t i = 0; i < node->count; i++) {
        if (i)
            kc_buf_char(writer->buf, ',');
        json_write_text(writer->buf, json_text(members[i].name));
        kc_buf_char(writer->buf, ':');
        write_node(writer, members[i].value);
    }
    kc_buf_char(writer->buf, '}');
    free(members);
}

static void write_array(const struct writer *writer, const struct json_node *node)
{
    const struct json_node *nodes = writer->doc->nodes;
    uint32_t at = (uint32_t)(node - nodes) + 1;
    kc_buf_char(writer->buf, '[');
    for (uint32_t i = 0; i < node->count; i++, at = nodes[at].next) {
        if (i)
            kc_buf_char(writer->buf, ',');
        write_node(writer, &nodes[at]);
    }
    kc_buf_char(writer->buf, ']');
}

static void write_node(const struct writer *writer, const struct json_node *node)
{
    double number;
    switch (node->type) {
    case JSON_OBJECT:
        write_object(writer, node);
        return;
    case JSON_ARRAY:
        write_array(writer, node);
        return;
    case JSON_STRING:
        json_write_text(writer->buf, json_text(node));
        return;
    case JSON_DECIMAL:
        if (!kc_text_double(json_text(node), &number)) /* beyond all bounds */
            number = json_double(node);
        kc_double_text(number, writer->buf);
        return;
    default:
        kc_buf_text(writer->buf, json_text(node));
    }
}

void avro_json_write(const struct json_doc *doc, const struct json_node *node, bool sorted,
                     struct kc_buf *buf)
{
    write_node(&(struct writer){doc, buf, sorted}, node);
}

struct kc_text avro_json_text(const struct json_doc *doc, const struct json_node *node,
                              struct kc_arena *arena)
{
    KC_AUTO_BUF buf = KC_BUF(0);
    avro_json_write(doc, node, false, &buf);
    return (struct kc_text){kc_arena_text(arena, buf.data, buf.len), buf.len};
}
