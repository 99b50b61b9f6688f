#include "data/literal.h"

#include "data/cast.h"
#include "data/java_date.h"
#include "data/map_build.h"
#include "data/number_read.h"

enum {
    MOST_DEPTH = 500,
    LONGEST_TEMPORAL = 128, /* 24 characters of up to four bytes, and escapes */
    MOST_SCALE = 131072,    /* of a decimal; beyond it the text stays text */
};

/* The text is read in tokens: one of the delimiters [ ] { } , : " or all up to the next of them. A
 * backslash before a delimiter makes it an ordinary character. */
struct parser {
    struct kc_text text;
    size_t at;            /* where the next token starts, behind `ahead` */
    struct kc_text ahead; /* a token looked at, but not taken; ptr NULL: none */
    struct kc_arena *arena;
    unsigned depth;
    bool too_deep;
};

/* A value with its schema (NULL: null or unknown). */
struct literal {
    const struct kc_schema *schema;
    struct kc_value value;
};

/* ---- tokens ---- */

static bool is_delimiter(char c)
{
    return memchr("[]{},:\"", c, 7) != NULL;
}

static struct kc_text scan(struct parser *parser)
{
    size_t start = parser->at;
    bool escaped = false;
    for (; parser->at < parser->text.len; parser->at++) {
        char c = parser->text.ptr[parser->at];
        if (is_delimiter(c) && !escaped) {
            parser->at += parser->at == start;
            break;
        }
        escaped = c == '\\' && !escaped;
    }
    return (struct kc_text){ parser->text.ptr + start, parser->at - start };
}

static bool can_scan(const struct parser *parser)
{
    return parser->at < parser->text.len;
}

static bool has_next(const struct parser *parser)
{
    return parser->ahead.ptr || can_scan(parser);
}

static struct kc_text next(struct parser *parser)
{
    struct kc_text token = parser->ahead;
    parser->ahead.ptr = NULL;
    return token.ptr ? token : scan(parser);
}

/* Takes the next token if it is `expected`, white space around it left out. A blank token before
 * another one is lost. */
static bool take(struct parser *parser, const char *expected)
{
    if (!has_next(parser))
        return false;
    if (!parser->ahead.ptr)
        parser->ahead = scan(parser);
    while (!kc_text_trim(parser->ahead).len && can_scan(parser))
        parser->ahead = scan(parser);
    if (!kc_text_is(kc_text_trim(parser->ahead), expected))
        return false;
    parser->ahead.ptr = NULL;
    return true;
}

static size_t mark(const struct parser *parser)
{
    return parser->at - (parser->ahead.ptr ? parser->ahead.len : 0);
}

static void rewind_to(struct parser *parser, size_t at)
{
    parser->at = at;
    parser->ahead.ptr = NULL;
}

/* ---- dates ---- */

/* As Java counts: a character beyond 16 bits is two. */
static size_t java_length(struct kc_text text)
{
    size_t length = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        length += (c & 0xC0) != 0x80;
        length += c >= 0xF0;
    }
    return length;
}

static const struct kc_schema *logical_schema(struct kc_arena *arena, const char *name)
{
    struct kc_schema *schema = kc_schema_logical(name);
    kc_schema_keep(arena, schema);
    kc_schema_unref(schema);
    return schema;
}

/* The length alone decides which of the three forms it may be. Colons may be escaped. */
static bool read_temporal(struct parser *parser, struct kc_text text, struct literal *literal)
{
    static const struct {
        size_t length;
        enum kc_date_pattern pattern;
        const char *schema;
    } forms[] = { { 10, KC_ISO_DATE, KC_DATE_NAME },
                  { 13, KC_ISO_TIME, KC_TIME_NAME },
                  { 24, KC_ISO_TIMESTAMP, KC_TIMESTAMP_NAME } };
    char plain[LONGEST_TEMPORAL];
    size_t len = 0;
    int64_t ms;
    if (text.len > LONGEST_TEMPORAL)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] != '\\' || i + 1 == text.len || text.ptr[i + 1] != ':')
            plain[len++] = text.ptr[i];
    size_t length = java_length((struct kc_text){ plain, len });
    for (size_t i = 0; i < KC_COUNT(forms); i++) {
        if (forms[i].length != length)
            continue;
        struct kc_text digits = kc_ascii_digits((struct kc_text){ plain, len }, parser->arena);
        if (!kc_date_read(digits, forms[i].pattern, &ms))
            return false;
        literal->schema = logical_schema(parser->arena, forms[i].schema);
        literal->value = kc_instant(ms);
        return true;
    }
    return false;
}

/* A time of day is five tokens, as its colons are delimiters: the one that was taken and four more.
 */
static bool read_split_temporal(struct parser *parser, struct kc_text token,
                                struct literal *literal)
{
    size_t start = mark(parser);
    for (int i = 0; i < 4; i++) {
        if (!has_next(parser)) {
            rewind_to(parser, start);
            return read_temporal(parser, token, literal);
        }
        next(parser);
    }
    char joined[LONGEST_TEMPORAL];
    size_t more = parser->at - start;
    if (token.len + more <= sizeof(joined)) {
        memcpy(joined, token.ptr, token.len);
        memcpy(joined + token.len, parser->text.ptr + start, more);
        if (read_temporal(parser, (struct kc_text){ joined, token.len + more }, literal))
            return true;
    }
    rewind_to(parser, start);
    return read_temporal(parser, token, literal);
}

/* ---- numbers ---- */

static void set_integer(int64_t number, struct literal *literal)
{
    enum kc_kind kind = number == (int8_t)number    ? KC_INT8
                        : number == (int16_t)number ? KC_INT16
                        : number == (int32_t)number ? KC_INT32
                                                    : KC_INT64;
    literal->schema = kc_schema_of(kind, false);
    literal->value = kc_integer(kind, number);
}

/* A whole number that fits 64 bits: neither wrapped nor cut off. */
static bool fits_long(const struct kc_number *number, int64_t *result)
{
    double size = kc_number_double(number);
    *result = kc_number_long(number);
    if (!kc_number_whole(number) || !(size > -9.3e18 && size < 9.3e18))
        return false;
    return number->negative ? *result <= 0 : *result >= 0; /* beyond 2^63 the sign is another */
}

/* The smallest integer, else the smallest float that isn't infinite, else a decimal. Only whole
 * numbers written as such (and too large for 64 bits) are decimals straight away. */
static bool read_number(struct parser *parser, struct kc_text token, struct literal *literal)
{
    struct kc_number number;
    int64_t whole;
    if (!kc_number_parse(kc_ascii_digits(token, parser->arena), &number))
        return false;
    if (fits_long(&number, &whole)) {
        set_integer(whole, literal);
        return true;
    }
    float single = kc_number_float(&number);
    double twice = kc_number_double(&number);
    if (number.scale != 0 && !__builtin_isinf(single)) {
        literal->schema = kc_schema_of(KC_FLOAT32, false);
        literal->value = kc_float(single);
    } else if (number.scale != 0 && !__builtin_isinf(twice)) {
        literal->schema = kc_schema_of(KC_FLOAT64, false);
        literal->value = kc_double(twice);
    } else {
        if (number.scale > MOST_SCALE || number.scale < -MOST_SCALE ||
            !kc_number_decimal(&number, parser->arena, &literal->value))
            return false;
        struct kc_schema *schema = kc_schema_decimal(number.scale);
        literal->schema = kc_schema_keep(parser->arena, schema);
        kc_schema_unref(schema);
    }
    return true;
}

/* Java's Character.isDigit of the first character. */
static bool starts_with_digit(struct parser *parser, struct kc_text token)
{
    struct kc_text first = { token.ptr, token.len < 4 ? token.len : 4 };
    if ((unsigned char)token.ptr[0] >= 0x80)
        first = kc_ascii_digits(first, parser->arena);
    return first.ptr[0] >= '0' && first.ptr[0] <= '9';
}

/* ---- a schema for all elements ---- */

struct common {
    const struct kc_schema *schema; /* NULL: none so far, or (once it failed) none at all */
    bool failed;
};

static bool is_number(const struct kc_schema *schema)
{
    return schema->kind >= KC_INT8 && schema->kind <= KC_FLOAT64;
}

/* Numbers widen (INT8 < ... < INT64 < FLOAT32 < FLOAT64); of two schemas of one kind the later
 * counts, whatever they hold. */
static void merge(struct common *common, const struct kc_schema *schema)
{
    if (!schema || common->failed)
        return;
    const struct kc_schema *before = common->schema;
    if (!before || before->kind == schema->kind)
        common->schema = schema;
    else if (is_number(before) && is_number(schema))
        common->schema = schema->kind > before->kind ? schema : before;
    else
        *common = (struct common){ .failed = true };
}

static bool align(const struct common *common, struct kc_value *value, struct kc_arena *arena)
{
    if (!common->schema)
        return true;
    struct kc_error *err = kc_cast(common->schema, NULL, *value, arena, value);
    kc_error_free(err);
    return !err;
}

/* ---- arrays and maps: false, and the text is a string ---- */

static bool parse(struct parser *parser, bool embedded, struct literal *literal);

struct list {
    struct kc_value *items;
    uint32_t len, cap;
};

static void append(struct list *list, struct kc_value value, struct kc_arena *arena)
{
    if (list->len == list->cap) {
        list->cap = list->cap ? list->cap * 2 : 8;
        struct kc_value *items = kc_alloc(arena, list->cap * sizeof(*items));
        if (list->len)
            memcpy(items, list->items, list->len * sizeof(*items));
        list->items = items;
    }
    list->items[list->len++] = value;
}

static bool finish_array(struct parser *parser, const struct common *common, struct list *list,
                         struct literal *literal)
{
    for (uint32_t i = 0; i < list->len; i++)
        if (!align(common, &list->items[i], parser->arena))
            return false;
    struct kc_schema *schema = kc_schema_new(KC_ARRAY);
    if (common->schema)
        kc_schema_element(schema, common->schema);
    literal->schema = kc_schema_keep(parser->arena, schema);
    literal->value =
        (struct kc_value){ .kind = KC_ARRAY, .len = list->len, .u.items = list->items };
    kc_schema_unref(schema);
    return true;
}

static bool read_array(struct parser *parser, struct literal *literal)
{
    struct list list = { 0 };
    struct common common = { 0 };
    while (has_next(parser)) {
        struct literal element = { 0 };
        if (take(parser, "]"))
            return finish_array(parser, &common, &list, literal);
        if (take(parser, ",") || !parse(parser, true, &element))
            return false;
        merge(&common, element.schema);
        append(&list, element.value, parser->arena);
        size_t behind = mark(parser);
        if (take(parser, "]"))
            rewind_to(parser, behind);
        else if (!take(parser, ","))
            return false;
    }
    return false;
}

static bool finish_map(struct parser *parser, const struct common *keys,
                       const struct common *values, const struct kc_map_build *entries,
                       struct literal *literal)
{
    struct kc_map_build aligned = kc_map_build(parser->arena, entries->count);
    for (uint32_t i = 0; i < entries->count; i++) {
        struct kc_entry entry = entries->entries[i];
        if (!align(keys, &entry.key, parser->arena) ||
            (keys->schema && !align(values, &entry.value, parser->arena)))
            return false;
        *kc_map_build_slot(&aligned, entry.key) = entry.value;
    }
    struct kc_schema *schema = kc_schema_new(KC_MAP);
    if (keys->schema)
        kc_schema_key(schema, keys->schema);
    if (keys->schema && values->schema)
        kc_schema_element(schema, values->schema);
    literal->schema = kc_schema_keep(parser->arena, schema);
    literal->value = kc_map_build_done(&aligned);
    kc_schema_unref(schema);
    return true;
}

static bool read_map(struct parser *parser, struct literal *literal)
{
    struct kc_map_build entries = kc_map_build(parser->arena, 0);
    struct common keys = { 0 }, values = { 0 };
    while (has_next(parser)) {
        struct literal key = { 0 }, value = { 0 };
        if (take(parser, "}"))
            return finish_map(parser, &keys, &values, &entries, literal);
        if (take(parser, ",") || !parse(parser, true, &key) || key.value.kind == KC_NULL ||
            !take(parser, ":") || !parse(parser, true, &value))
            return false;
        *kc_map_build_slot(&entries, key.value) = value.value;
        take(parser, ",");
        merge(&keys, key.schema);
        merge(&values, value.schema);
    }
    return false;
}

/* ---- any literal ---- */

/* The tokens up to the closing quote; out NULL: their length alone. */
static size_t take_quoted(struct parser *parser, char *out)
{
    size_t len = 0;
    while (has_next(parser) && !take(parser, "\"")) {
        struct kc_text token = next(parser);
        if (out)
            memcpy(out + len, token.ptr, token.len);
        len += token.len;
    }
    return len;
}

/* Behind the opening quote of an embedded text; escapes stay as they are. */
static void read_quoted(struct parser *parser, struct literal *literal)
{
    size_t start = mark(parser), len = take_quoted(parser, NULL);
    char *content = kc_alloc(parser->arena, len);
    rewind_to(parser, start);
    take_quoted(parser, content);
    if (read_temporal(parser, (struct kc_text){ content, len }, literal))
        return;
    literal->schema = kc_schema_of(KC_STRING, false);
    literal->value = kc_string(content, len);
}

/* null, true or false; at the top nothing may follow it. */
static bool take_word(struct parser *parser, bool embedded, const char *word)
{
    size_t start = mark(parser);
    if (take(parser, word) && (embedded || !has_next(parser)))
        return true;
    rewind_to(parser, start);
    return false;
}

static bool read_word(struct parser *parser, bool embedded, struct literal *literal)
{
    static const char *const words[] = { "null", "true", "false" };
    for (int i = 0; i < 3; i++) {
        if (!take_word(parser, embedded, words[i]))
            continue;
        literal->schema = i ? kc_schema_of(KC_BOOLEAN, false) : NULL;
        literal->value = i ? kc_bool(i == 1) : kc_null();
        return true;
    }
    return false;
}

/* False: it is none, or (*opened) a broken one. */
static bool read_container(struct parser *parser, struct literal *literal, bool *opened)
{
    bool (*read)(struct parser *, struct literal *) = take(parser, "[")   ? read_array
                                                      : take(parser, "{") ? read_map
                                                                          : NULL;
    *opened = read != NULL;
    if (!read)
        return false;
    if (parser->depth == MOST_DEPTH) {
        parser->too_deep = true;
        return false;
    }
    parser->depth++;
    bool good = read(parser, literal);
    parser->depth--;
    return good;
}

static bool read_token(struct parser *parser, bool embedded, struct literal *literal)
{
    struct kc_text token = next(parser), trimmed = kc_text_trim(token);
    literal->schema = kc_schema_of(KC_STRING, false);
    literal->value = kc_string(token.ptr, token.len);
    if (!trimmed.len)
        return true;
    bool digit = starts_with_digit(parser, trimmed);
    if (digit && read_split_temporal(parser, trimmed, literal))
        return true;
    if ((digit || trimmed.ptr[0] == '+' || trimmed.ptr[0] == '-') &&
        read_number(parser, trimmed, literal))
        return true;
    literal->schema = kc_schema_of(KC_STRING, false);
    literal->value = kc_string(parser->text.ptr, parser->text.len);
    return !embedded;
}

/* False: what is embedded is none of these. */
static bool parse(struct parser *parser, bool embedded, struct literal *literal)
{
    *literal = (struct literal){ .value = kc_null() };
    if (!has_next(parser))
        return true;
    if (embedded && take(parser, "\"")) {
        read_quoted(parser, literal);
        return true;
    }
    if (read_word(parser, embedded, literal))
        return true;
    size_t start = mark(parser);
    bool opened;
    if (read_container(parser, literal, &opened))
        return true;
    if (parser->too_deep)
        return false;
    if (opened)
        rewind_to(parser, start);
    return read_token(parser, embedded, literal);
}

bool kc_literal_read(struct kc_text text, struct kc_arena *arena, const struct kc_schema **schema,
                     struct kc_value *value)
{
    struct parser parser = { .text = text, .arena = arena };
    struct literal literal = { .schema = kc_schema_of(KC_STRING, false),
                               .value = kc_string(text.ptr, text.len) };
    if (text.len)
        parse(&parser, false, &literal);
    *schema = literal.schema;
    *value = literal.value;
    return !parser.too_deep;
}
