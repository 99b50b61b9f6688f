/* Default expressions of columns, as far as a schema can show them: constants, and a zero where a
 * function gives the value of a required column. Every other expression shows none. */
#include "sources/postgres/types.h"

#include <stdlib.h>

/* "nextval('a_id_seq'::regclass)", "(md5('x'::text))::uuid" */
static bool is_function(const char *text)
{
    if (*text == '(')
        text++;
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.");
    return len > 0 && text[len] == '(' && strchr(text, ')');
}

/* A cast and nothing else: "::character varying", "::public."Mood-2"", "::numeric(5,2)", or the end. */
static bool is_cast(const char *text)
{
    bool quoted = false;
    if (*text == '\0')
        return true;
    if (text[0] != ':' || text[1] != ':')
        return false;
    for (; *text; text++) {
        if (*text == '"')
            quoted = !quoted;
        else if (!quoted && strchr("+-*/|<>=", *text))
            return false;
    }
    return !quoted;
}

/* 'it''s'::text, E'a\\b'::text, B'101'::"bit" */
static bool quoted_literal(const char *text, struct kc_arena *arena, struct kc_text *literal)
{
    bool escapes = *text == 'E';
    if (*text == 'E' || *text == 'B')
        text++;
    if (*text++ != '\'')
        return false;
    char *out = kc_alloc(arena, strlen(text) + 1), *at = out;
    for (;; text++) {
        if (*text == '\0')
            return false;
        if (*text == '\'' && *++text != '\'')
            break;
        if (escapes && *text == '\\')
            text++;
        *at++ = *text;
    }
    *literal = (struct kc_text){out, (size_t)(at - out)};
    return is_cast(text);
}

/* 5, '-7'::integer, (-7), 1.5, true, NULL::x is none */
static bool bare_literal(const char *text, struct kc_arena *arena, struct kc_text *literal)
{
    bool bracket = *text == '(';
    text += bracket;
    size_t len = strspn(text, "-+.0123456789eE");
    if (len == 0 && (strncmp(text, "true", 4) == 0 || strncmp(text, "false", 5) == 0))
        len = *text == 't' ? 4 : 5;
    if (len == 0)
        return false;
    const char *rest = text + len;
    if (bracket && *rest++ != ')')
        return false;
    *literal = (struct kc_text){kc_arena_text(arena, text, len), len};
    return is_cast(rest);
}

/* A numeric's default as the column would print it: 1.5 in numeric(5,2) is 1.50. */
static struct kc_text with_scale(struct kc_text literal, int32_t scale, struct kc_arena *arena)
{
    struct kc_value number;
    KC_AUTO_BUF plain = KC_BUF(0);
    if (!kc_decimal_from_text(arena, literal, &number) ||
        !kc_decimal_rescale(arena, number, scale, &number))
        return literal;
    kc_decimal_plain(number, &plain);
    return (struct kc_text){kc_arena_text(arena, plain.data, plain.len), plain.len};
}

bool types_default(const struct type_use *use, const char *expression, bool required,
                   struct kc_arena *arena, struct kc_value *value)
{
    const struct type_form *form = use->form;
    struct kc_text literal;
    if (use->no_default || form->kind == KC_STRUCT || form->kind == KC_MAP)
        return false;
    if (quoted_literal(expression, arena, &literal) || bare_literal(expression, arena, &literal)) {
        /* A default of char(5) is shown without its blanks, and "epoch" means 1970. */
        bool epoch = form != &form_text && kc_text_is(literal, "epoch");
        if (epoch && form->zero)
            literal = kc_text(form->zero);
        if (form->kind == KC_STRING && use->scale > 0 && use->length > 0)
            literal = with_scale(literal, use->scale, arena);
        return form->read(use, literal, arena, value) == NULL && value->kind != KC_NULL;
    }
    if (!required || !form->zero || !is_function(expression))
        return false;
    return form->read(use, kc_text(form->zero), arena, value) == NULL;
}
