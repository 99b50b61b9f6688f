#include "schemas/json_read.h"

#include <stdlib.h>

#include "base/error.h"

struct reader {
    const char *start, *at, *end;
    struct json_doc *doc;
    struct kc_arena *arena;
    const char *problem; /* what is wrong at `at` */
    unsigned depth;
};

static bool problem(struct reader *reader, const char *text)
{
    if (!reader->problem)
        reader->problem = text;
    return false;
}

static void skip_space(struct reader *reader)
{
    while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\n' ||
                                        *reader->at == '\r' || *reader->at == '\t'))
        reader->at++;
}

static bool grow(struct reader *reader)
{
    struct json_doc *doc = reader->doc;
    if (doc->cap >= JSON_MAX_NODES)
        return problem(reader, "the document holds too many values");
    doc->cap = doc->cap ? doc->cap * 2 : 256;
    doc->nodes = kc_realloc(doc->nodes, doc->cap * sizeof(*doc->nodes));
    return true;
}

static inline bool add(struct reader *reader, enum json_type type, const char *text, size_t len)
{
    struct json_doc *doc = reader->doc;
    if (doc->len == doc->cap && !grow(reader))
        return false;
    doc->nodes[doc->len] = (struct json_node){
        .type = (uint8_t)type, .len = (uint32_t)len, .text = text, .next = doc->len + 1
    };
    doc->len++;
    return true;
}

/* ---- strings ---- */

/* The four digits of an escape; -1 if they aren't. */
static int32_t hex4(struct reader *reader)
{
    int32_t unit = 0;
    if (reader->end - reader->at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int digit = kc_hex_digit(reader->at[i]);
        if (digit < 0)
            return -1;
        unit = unit << 4 | digit;
    }
    reader->at += 4;
    return unit;
}

/* Behind "\u". A surrogate without its other half stays as three bytes. */
static char *unescape_unicode(struct reader *reader, char *out)
{
    int32_t unit = hex4(reader);
    if (unit < 0) {
        problem(reader, "four hexadecimal digits must follow \\u");
        return NULL;
    }
    if (unit >= 0xD800 && unit < 0xDC00 && reader->end - reader->at >= 6 && reader->at[0] == '\\' &&
        reader->at[1] == 'u') {
        const char *back = reader->at;
        reader->at += 2;
        int32_t low = hex4(reader);
        if (low >= 0xDC00 && low < 0xE000)
            return out + kc_utf8_put(out, 0x10000 + ((uint32_t)(unit - 0xD800) << 10) +
                                              (uint32_t)(low - 0xDC00));
        reader->at = back;
    }
    return out + kc_utf8_put(out, (uint32_t)unit);
}

static const char simple_escapes[256] = { ['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
                                          ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t' };

/* `at` is behind a backslash. */
static char *unescape(struct reader *reader, char *out)
{
    if (reader->at == reader->end) {
        problem(reader, "the text ends within a string");
        return NULL;
    }
    unsigned char c = (unsigned char)*reader->at;
    if (c == 'u') {
        reader->at++;
        return unescape_unicode(reader, out);
    }
    if (!simple_escapes[c]) {
        problem(reader, "unknown escape in a string");
        return NULL;
    }
    reader->at++;
    *out++ = simple_escapes[c];
    return out;
}

/* Characters that need no look: ASCII from the space up but for " and \. */
typedef uint8_t vec16 __attribute__((vector_size(16)));

static inline const char *skip_plain(const char *at, const char *end)
{
    while (end - at >= 16) {
        vec16 v;
        memcpy(&v, at, 16);
        vec16 bad = (vec16)((v < 0x20) | (v == '"') | (v == '\\') | (v >= 0x80));
        uint64_t half[2];
        memcpy(half, &bad, 16);
        if (half[0])
            return at + __builtin_ctzll(half[0]) / 8;
        if (half[1])
            return at + 8 + __builtin_ctzll(half[1]) / 8;
        at += 16;
    }
    while (at < end && (unsigned char)*at >= 0x20 && (unsigned char)*at < 0x80 && *at != '"' &&
           *at != '\\')
        at++;
    return at;
}

/* Goes on to the next quote or backslash. */
static bool skip_text(struct reader *reader)
{
    for (;;) {
        const char *at = reader->at = skip_plain(reader->at, reader->end);
        if (at == reader->end)
            return problem(reader, "the text ends within a string");
        if (*at == '"' || *at == '\\')
            return true;
        if ((unsigned char)*at < 0x20)
            return problem(reader, "a control character in a string must be escaped");
        while (reader->at < reader->end && (unsigned char)*reader->at >= 0x80) {
            size_t left = (size_t)(reader->end - reader->at);
            size_t len = kc_text_utf8((struct kc_text){ reader->at, left < 4 ? left : 4 });
            if (!len)
                return problem(reader, "invalid UTF-8");
            reader->at += len; /* whole characters; ASCII among them is looked at again */
            while ((unsigned char)reader->at[-1] < 0x80)
                reader->at--;
        }
    }
}

/* The rest of a string that has an escape at `at`; its text so far is from start on. */
static bool read_escaped(struct reader *reader, const char *start)
{
    /* The end is not known yet: look for it, so that the copy has its size. */
    const char *close = reader->at;
    while (close < reader->end && *close != '"')
        close += *close == '\\' ? 2 : 1;
    if (close >= reader->end)
        close = reader->end;
    char *text = kc_alloc(reader->arena, (size_t)(close - start) + 1);
    char *out = text;
    for (;;) {
        size_t len = (size_t)(reader->at - start);
        memcpy(out, start, len);
        out += len;
        if (*reader->at == '"')
            break;
        reader->at++;
        out = unescape(reader, out);
        if (!out)
            return false;
        start = reader->at;
        if (!skip_text(reader))
            return false;
    }
    reader->at++;
    return add(reader, JSON_STRING, text, (size_t)(out - text));
}

/* `at` is at the opening quote. */
static bool read_string(struct reader *reader)
{
    const char *start = ++reader->at;
    if (!skip_text(reader))
        return false;
    if (*reader->at == '\\')
        return read_escaped(reader, start);
    bool added = add(reader, JSON_STRING, start, (size_t)(reader->at - start));
    reader->at++;
    return added;
}

/* ---- numbers and words ---- */

static bool skip_digits(struct reader *reader)
{
    const char *start = reader->at;
    while (reader->at < reader->end && (unsigned char)(*reader->at - '0') <= 9)
        reader->at++;
    return reader->at > start || problem(reader, "a digit must stand here");
}

/* Java's BigDecimal has 32 bits for the scale. */
static bool scale_fits(const char *exponent, const char *end, size_t fraction)
{
    struct kc_text text = { exponent, (size_t)(end - exponent) };
    int64_t number;
    if (!kc_text_int64(text, &number))
        return false;
    number = (int64_t)fraction - number;
    return number >= INT32_MIN && number <= INT32_MAX;
}

static bool read_number(struct reader *reader)
{
    const char *start = reader->at;
    enum json_type type = JSON_INTEGER;
    size_t fraction = 0;
    if (*reader->at == '-')
        reader->at++;
    if (!skip_digits(reader))
        return false;
    if (reader->at < reader->end && *reader->at == '.') {
        type = JSON_DECIMAL;
        const char *point = reader->at++;
        if (!skip_digits(reader))
            return false;
        fraction = (size_t)(reader->at - point) - 1;
    }
    if (reader->at < reader->end && (*reader->at | 32) == 'e') {
        type = JSON_DECIMAL;
        const char *exponent = ++reader->at;
        if (reader->at < reader->end && (*reader->at == '+' || *reader->at == '-'))
            reader->at++;
        if (!skip_digits(reader))
            return false;
        if (!scale_fits(exponent, reader->at, fraction))
            return problem(reader, "the exponent of the number is too large");
    }
    if (reader->depth == 0 && reader->at < reader->end) {
        char c = *reader->at;
        if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
            return problem(reader, "white space must follow a number");
    }
    return add(reader, type, start, (size_t)(reader->at - start));
}

static bool read_word(struct reader *reader)
{
    static const struct {
        const char *text;
        enum json_type type;
    } words[] = { { "null", JSON_NULL }, { "true", JSON_TRUE }, { "false", JSON_FALSE } };
    for (size_t i = 0; i < KC_COUNT(words); i++) {
        size_t len = strlen(words[i].text), left = (size_t)(reader->end - reader->at);
        if (left < len || memcmp(reader->at, words[i].text, len))
            continue;
        unsigned char after = left > len ? (unsigned char)reader->at[len] : ' ';
        if (after == '_' || after == '$' || after >= 0x80 || (after >= '0' && after <= '9') ||
            ((after | 32) >= 'a' && (after | 32) <= 'z'))
            break;
        reader->at += len;
        return add(reader, words[i].type, words[i].text, len);
    }
    return problem(reader, "a value must stand here");
}

/* ---- values ---- */

static bool read_value(struct reader *reader);

static bool read_name(struct reader *reader)
{
    skip_space(reader);
    if (reader->at == reader->end || *reader->at != '"')
        return problem(reader, "a name in double quotes must stand here");
    if (!read_string(reader))
        return false;
    skip_space(reader);
    if (reader->at == reader->end || *reader->at != ':')
        return problem(reader, "a colon must follow a name");
    reader->at++;
    return true;
}

/* The elements or members behind the opening bracket, up to and with the closing one. */
static bool read_children(struct reader *reader, char close, uint32_t *count)
{
    skip_space(reader);
    if (reader->at < reader->end && *reader->at == close) {
        reader->at++;
        return true;
    }
    for (;;) {
        if (close == '}' && !read_name(reader))
            return false;
        if (!read_value(reader))
            return false;
        ++*count;
        skip_space(reader);
        if (reader->at == reader->end)
            return problem(reader, "the text ends within an object or array");
        char c = *reader->at;
        if (c != ',' && c != close)
            return problem(reader, "a comma or a closing bracket must stand here");
        reader->at++;
        if (c == close)
            return true;
    }
}

static bool read_container(struct reader *reader)
{
    const char *start = reader->at++;
    uint32_t index = reader->doc->len, count = 0;
    if (reader->depth == JSON_MAX_DEPTH)
        return problem(reader, "nested too deeply");
    if (!add(reader, *start == '{' ? JSON_OBJECT : JSON_ARRAY, start, 0))
        return false;
    reader->depth++;
    if (!read_children(reader, *start == '{' ? '}' : ']', &count))
        return false;
    reader->depth--;
    struct json_node *node = &reader->doc->nodes[index];
    node->len = (uint32_t)(reader->at - start);
    node->count = count;
    node->next = reader->doc->len;
    return true;
}

static bool read_value(struct reader *reader)
{
    skip_space(reader);
    if (reader->at == reader->end)
        return problem(reader, "the text ends where a value must stand");
    char c = *reader->at;
    if (c == '"')
        return read_string(reader);
    if (c == '{' || c == '[')
        return read_container(reader);
    if (c == '-' || (c >= '0' && c <= '9'))
        return read_number(reader);
    return read_word(reader);
}

static struct kc_error *place(const struct reader *reader)
{
    size_t line = 1, column = 1;
    for (const char *at = reader->start; at < reader->at; at++) {
        column = *at == '\n' ? 1 : column + 1;
        line += *at == '\n';
    }
    return kc_fail_as(KC_BAD_DATA, "org.apache.kafka.common.errors.SerializationException",
                      "not valid JSON at line %zu, column %zu: %s", line, column, reader->problem);
}

void json_doc_clear(struct json_doc *doc)
{
    free(doc->nodes);
    *doc = (struct json_doc){ 0 };
}

static struct kc_error *read_document(struct reader *reader, struct kc_text text,
                                      struct kc_text *rest)
{
    reader->start = reader->at = text.ptr;
    reader->end = text.ptr + text.len;
    if (reader->doc->cap > JSON_KEPT_NODES)
        json_doc_clear(reader->doc);
    reader->doc->len = 0;
    if (text.len > UINT32_MAX)
        return kc_fail(KC_BAD_DATA, "the JSON text is longer than 4 GiB");
    if (reader->depth == 0 && kc_text_starts(text, "\xEF\xBB\xBF"))
        reader->at += 3;
    skip_space(reader);
    if ((reader->at < reader->end || reader->depth) && !read_value(reader))
        return place(reader);
    if (reader->depth)
        skip_space(reader);
    *rest = (struct kc_text){ reader->at, (size_t)(reader->end - reader->at) };
    return NULL;
}

struct kc_error *json_read(struct json_doc *doc, struct kc_text text, struct kc_arena *arena,
                           struct kc_text *rest)
{
    struct reader reader = { .doc = doc, .arena = arena };
    return read_document(&reader, text, rest);
}

struct kc_error *json_read_member(struct json_doc *doc, struct kc_text text, struct kc_arena *arena,
                                  struct kc_text *rest)
{
    struct reader reader = { .doc = doc, .arena = arena, .depth = 1 };
    return read_document(&reader, text, rest);
}

/* ---- looking at nodes ---- */

const char *json_type_name(const struct json_node *node)
{
    static const char *const names[] = {
        [JSON_NULL] = "NULL",      [JSON_FALSE] = "BOOLEAN",  [JSON_TRUE] = "BOOLEAN",
        [JSON_INTEGER] = "NUMBER", [JSON_DECIMAL] = "NUMBER", [JSON_STRING] = "STRING",
        [JSON_ARRAY] = "ARRAY",    [JSON_OBJECT] = "OBJECT",
    };
    return names[node->type];
}

const struct json_node *json_member(const struct json_doc *doc, const struct json_node *object,
                                    const char *name)
{
    const struct json_node *found = NULL, *at = object + 1;
    if (object->type != JSON_OBJECT)
        return NULL;
    for (uint32_t i = 0; i < object->count; i++) {
        if (kc_text_is(json_text(at), name))
            found = at + 1;
        if (i + 1 < object->count)
            at = &doc->nodes[at[1].next];
    }
    return found;
}
