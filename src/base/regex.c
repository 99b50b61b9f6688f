#include "base/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

struct kc_regex {
    pcre2_code *code;
    pcre2_match_data *match;
    uint32_t groups;
};

#define SYNTAX_CLASS "java.util.regex.PatternSyntaxException"
#define ARGUMENT_CLASS "java.lang.IllegalArgumentException"

/* As PatternSyntaxException.getMessage() lays it out. */
static struct kc_error *syntax_error(const char *what, size_t index, const char *pattern)
{
    if (index < strlen(pattern))
        return kc_fail_as(KC_BAD_CONFIG, SYNTAX_CLASS, "%s near index %zu\n%s\n%*s^", what, index,
                          pattern, (int)index, "");
    return kc_fail_as(KC_BAD_CONFIG, SYNTAX_CLASS, "%s near index %zu\n%s", what, index, pattern);
}

/* Java's POSIX classes; PCRE2 knows them by another notation. */
static const char *const posix_classes[][2] = {
    { "Lower", "lower" }, { "Upper", "upper" }, { "ASCII", "ascii" }, { "Alpha", "alpha" },
    { "Digit", "digit" }, { "Alnum", "alnum" }, { "Punct", "punct" }, { "Graph", "graph" },
    { "Print", "print" }, { "Blank", "blank" }, { "Cntrl", "cntrl" }, { "XDigit", "xdigit" },
    { "Space", "space" },
};

/* What a walk over a Java pattern knows. */
struct translation {
    const char *pattern;
    size_t at;
    bool in_class;
    struct kc_buf out;
};

/* \p{Name} and \P{Name} at t->at; false: not of the kinds that need another form. */
static bool translate_property(struct translation *t)
{
    const char *start = t->pattern + t->at;
    const char *end = start[2] == '{' ? strchr(start, '}') : NULL;
    if (!end)
        return false;
    struct kc_text name = { start + 3, (size_t)(end - start) - 3 };
    bool negated = start[1] == 'P';
    for (size_t i = 0; i < KC_COUNT(posix_classes); i++) {
        if (!kc_text_is(name, posix_classes[i][0]))
            continue;
        kc_buf_printf(&t->out, t->in_class ? "[:%s%s:]" : "[[:%s%s:]]", negated ? "^" : "",
                      posix_classes[i][1]);
        t->at += (size_t)(end - start) + 1;
        return true;
    }
    if (!kc_text_starts(name, "Is"))
        return false;
    kc_buf_printf(&t->out, "\\%c{%.*s}", start[1], (int)name.len - 2, name.ptr + 2);
    t->at += (size_t)(end - start) + 1;
    return true;
}

static bool is_hex4(const char *text)
{
    return strspn(text, "0123456789abcdefABCDEF") >= 4;
}

/* A backslash and what belongs to it. */
static void translate_escape(struct translation *t)
{
    const char *start = t->pattern + t->at;
    if (start[1] == 'Q') {
        const char *end = strstr(start, "\\E");
        size_t len = end ? (size_t)(end - start) + 2 : strlen(start);
        kc_buf_put(&t->out, start, len);
        t->at += len;
    } else if (start[1] == 'u' && is_hex4(start + 2)) {
        kc_buf_printf(&t->out, "\\x{%.4s}", start + 2);
        t->at += 6;
    } else if ((start[1] == 'p' || start[1] == 'P') && translate_property(t)) {
        return;
    } else {
        size_t len = start[1] ? 2 : 1;
        kc_buf_put(&t->out, start, len);
        t->at += len;
    }
}

/* Java and PCRE2 read these differently; better no pattern than a wrong one. */
static const char *difference(const struct translation *t)
{
    const char *at = t->pattern + t->at;
    if (t->in_class && at[0] == '&' && at[1] == '&')
        return "Intersections of character classes are not supported; write the class out,";
    if (t->in_class && at[0] == '[')
        return "Nested character classes are not supported; write the class out,";
    if (!t->in_class && at[0] == '(' && at[1] == '?') {
        size_t flags = strspn(at + 2, "idmsuxU-");
        if (memchr(at + 2, 'U', flags) || memchr(at + 2, 'u', flags) || memchr(at + 2, 'd', flags))
            return "The flags d, u and U are not supported,";
    }
    return NULL;
}

static struct kc_error *translate(struct translation *t)
{
    size_t class_start = 0;
    while (t->pattern[t->at]) {
        char c = t->pattern[t->at];
        if (c == '\\') {
            translate_escape(t);
            continue;
        }
        const char *different = difference(t);
        if (different)
            return syntax_error(different, t->at, t->pattern);
        if (!t->in_class && c == '[') {
            t->in_class = true;
            class_start = t->at + (t->pattern[t->at + 1] == '^' ? 2 : 1);
        } else if (t->in_class && c == ']' && t->at > class_start) {
            t->in_class = false;
        }
        kc_buf_char(&t->out, c);
        t->at++;
    }
    return NULL;
}

/* PCRE2's commonest complaints in Java's words. */
static struct kc_error *compile_error(int code, size_t offset, const char *pattern)
{
    size_t len = strlen(pattern);
    char text[160];
    switch (code) {
    case 114:
        return syntax_error("Unclosed group", len, pattern);
    case 122:
        return syntax_error("Unmatched closing ')'", offset > 1 ? offset - 2 : 0, pattern);
    case 106:
        return syntax_error("Unclosed character class", len ? len - 1 : 0, pattern);
    case 109:
        if (offset && offset <= len && (offset == len || !strchr("*+?", pattern[offset])))
            offset--;
        if (offset < len) {
            snprintf(text, sizeof(text), "Dangling meta character '%c'", pattern[offset]);
            return syntax_error(text, offset, pattern);
        }
        break;
    case 101:
        return syntax_error("Unexpected internal error", len, pattern);
    }
    pcre2_get_error_message(code, (PCRE2_UCHAR *)text, sizeof(text));
    return syntax_error(text, offset, pattern);
}

struct kc_error *kc_regex_new(const char *pattern, bool ignore_case, struct kc_regex **regex)
{
    struct translation t = { .pattern = pattern };
    *regex = NULL;
    struct kc_error *err = translate(&t);
    if (err) {
        kc_buf_clear(&t.out);
        return err;
    }
    int code = 0;
    PCRE2_SIZE offset = 0;
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    pcre2_set_newline(context, PCRE2_NEWLINE_ANYCRLF);
    pcre2_code *compiled = pcre2_compile(
        (PCRE2_SPTR)(t.out.data ? t.out.data : ""), t.out.len,
        PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C |
            (ignore_case ? PCRE2_CASELESS : 0),
        &code, &offset, context);
    pcre2_compile_context_free(context);
    kc_buf_clear(&t.out);
    if (!compiled)
        return compile_error(code, offset, pattern);
    pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE); /* without it, matching is slower */
    struct kc_regex *made = kc_calloc(1, sizeof(*made));
    made->code = compiled;
    made->match = pcre2_match_data_create_from_pattern(compiled, NULL);
    pcre2_pattern_info(compiled, PCRE2_INFO_CAPTURECOUNT, &made->groups);
    *regex = made;
    return NULL;
}

void kc_regex_free(struct kc_regex *regex)
{
    if (!regex)
        return;
    pcre2_match_data_free(regex->match);
    pcre2_code_free(regex->code);
    free(regex);
}

static bool match(const struct kc_regex *regex, struct kc_text text, size_t from, uint32_t options)
{
    const char *subject = text.ptr ? text.ptr : "";
    return pcre2_match(regex->code, (PCRE2_SPTR)subject, text.len, from, options, regex->match,
                       NULL) > 0;
}

bool kc_regex_matches(const struct kc_regex *regex, struct kc_text text)
{
    return match(regex, text, 0, PCRE2_ANCHORED | PCRE2_ENDANCHORED);
}

static void put_group(const struct kc_regex *regex, struct kc_text text, uint32_t group,
                      struct kc_buf *buf)
{
    const PCRE2_SIZE *places = pcre2_get_ovector_pointer(regex->match);
    if (places[2 * group] != PCRE2_UNSET)
        kc_buf_put(buf, text.ptr + places[2 * group], places[2 * group + 1] - places[2 * group]);
}

/* `${name}`, *at behind the brace. */
static struct kc_error *named_group(const struct kc_regex *regex, const char **at, uint32_t *group)
{
    size_t len = strspn(*at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
    if (!len || (*at)[len] != '}')
        return kc_fail_as(KC_BAD_CONFIG, ARGUMENT_CLASS,
                          "named capturing group is missing trailing '}'");
    if (**at <= '9')
        return kc_fail_as(KC_BAD_CONFIG, ARGUMENT_CLASS,
                          "capturing group name {%.*s} starts with digit character", (int)len, *at);
    char *name = kc_strndup(*at, len);
    int number = pcre2_substring_number_from_name(regex->code, (PCRE2_SPTR)name);
    free(name);
    if (number < 0)
        return kc_fail_as(KC_BAD_CONFIG, ARGUMENT_CLASS, "No group with name {%.*s}", (int)len,
                          *at);
    *group = (uint32_t)number;
    *at += len + 1;
    return NULL;
}

/* `$12`, *at behind the dollar: the first digit always counts, more as long as there is such a
 * group. */
static struct kc_error *numbered_group(const struct kc_regex *regex, const char **at,
                                       uint32_t *group)
{
    if (!**at)
        return kc_fail_as(KC_BAD_CONFIG, ARGUMENT_CLASS,
                          "Illegal group reference: group index is missing");
    if (**at < '0' || **at > '9')
        return kc_fail_as(KC_BAD_CONFIG, ARGUMENT_CLASS, "Illegal group reference");
    *group = (uint32_t)(*(*at)++ - '0');
    while (**at >= '0' && **at <= '9') {
        uint32_t longer = *group * 10 + (uint32_t)(**at - '0');
        if (longer > regex->groups)
            break;
        *group = longer;
        (*at)++;
    }
    if (*group > regex->groups)
        return kc_fail_as(KC_BAD_CONFIG, "java.lang.IndexOutOfBoundsException", "No group %u",
                          *group);
    return NULL;
}

static struct kc_error *expand(const struct kc_regex *regex, struct kc_text text,
                               const char *replacement, struct kc_buf *buf)
{
    for (const char *at = replacement; *at;) {
        if (*at == '\\') {
            if (!*++at)
                return kc_fail_as(KC_BAD_CONFIG, ARGUMENT_CLASS,
                                  "character to be escaped is missing");
            kc_buf_char(buf, *at++);
        } else if (*at == '$') {
            uint32_t group = 0;
            at++;
            struct kc_error *err = *at == '{' ? (at++, named_group(regex, &at, &group))
                                              : numbered_group(regex, &at, &group);
            if (err)
                return err;
            put_group(regex, text, group, buf);
        } else {
            kc_buf_char(buf, *at++);
        }
    }
    return NULL;
}

struct kc_error *kc_regex_replace(const struct kc_regex *regex, struct kc_text text,
                                  const char *replacement, bool all, struct kc_arena *arena,
                                  struct kc_text *result)
{
    KC_AUTO_BUF buf = { 0 };
    size_t from = 0, copied = 0;
    bool found = false;
    while (from <= text.len && match(regex, text, from, 0)) {
        const PCRE2_SIZE *places = pcre2_get_ovector_pointer(regex->match);
        size_t start = places[0], end = places[1];
        if (start > end) /* \K in a lookaround */
            break;
        found = true;
        kc_buf_put(&buf, text.ptr + copied, start - copied);
        copied = end;
        struct kc_error *err = expand(regex, text, replacement, &buf);
        if (err)
            return err;
        if (!all)
            break;
        from = end;
        if (end == start) /* an empty match: go on behind the next character */
            do
                from++;
            while (from < text.len && ((unsigned char)text.ptr[from] & 0xC0) == 0x80);
    }
    if (!found) {
        *result = (struct kc_text){ kc_arena_text(arena, text.ptr, text.len), text.len };
        return NULL;
    }
    kc_buf_put(&buf, text.ptr + copied, text.len - copied);
    *result = (struct kc_text){ kc_arena_text(arena, buf.data ? buf.data : "", buf.len), buf.len };
    return NULL;
}
