/* Default expressions of columns, as far as a schema can show them: constants, and a zero where a
 * function gives the value. Every other expression shows none. */
#include "sources/postgres/types.h"

#include <stdlib.h>

/* "nextval('a_id_seq'::regclass)", "(md5('x'::text))::uuid"; and the words that are functions, for
 * dates and times ("CURRENT_DATE"). */
static bool is_function(const struct type_form *form, const char *text)
{
    static const char *const words[] = {"CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP",
                                        "LOCALTIME", "LOCALTIMESTAMP"};
    for (size_t i = 0; i < KC_COUNT(words) && form->name; i++)
        if (strcmp(text, words[i]) == 0)
            return true;
    if (*text == '(')
        text++;
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.");
    return len > 0 && text[len] == '(' && strchr(text, ')');
}

/* A type behind "::", such as: character varying, public."Mood-2", numeric(5,2). NULL: it is more
 * than that. */
static const char *over_type(const char *text)
{
    bool quoted = false;
    int depth = 0;
    for (; *text; text++) {
        if (*text == '"')
            quoted = !quoted;
        if (quoted)
            continue;
        if (strchr("+-*/|<>=", *text))
            return NULL;
        if (depth == 0 && (*text == ':' || *text == ')'))
            break;
        depth += (*text == '(') - (*text == ')');
    }
    return quoted ? NULL : text;
}

/* Casts and nothing else, and the ends of so many brackets. */
static bool is_cast(const char *text, int brackets)
{
    while (text && *text) {
        if (brackets && *text == ')')
            brackets--, text++;
        else if (text[0] == ':' && text[1] == ':')
            text = over_type(text + 2);
        else
            return false;
    }
    return text && brackets == 0;
}

/* 'it''s'::text, E'a\\b'::text, B'101'::"bit", ('5'::text)::integer */
static bool quoted_literal(const char *text, struct kc_arena *arena, struct kc_text *literal)
{
    int brackets = (int)strspn(text, "(");
    text += brackets;
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
    return is_cast(text, brackets);
}

/* 5, (-7), 1.5, true; NULL::x is none, and so, as in the original, is (5)::smallint */
static bool bare_literal(const char *text, struct kc_arena *arena, struct kc_text *literal)
{
    bool bracket = *text == '(';
    text += bracket;
    size_t len = strspn(text, "-+.0123456789eE");
    if (len == 0 && (strncmp(text, "true", 4) == 0 || strncmp(text, "false", 5) == 0))
        len = *text == 't' ? 4 : 5;
    if (len == 0)
        return false;
    *literal = (struct kc_text){kc_arena_text(arena, text, len), len};
    return bracket ? strcmp(text + len, ")") == 0 : is_cast(text + len, 0);
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

bool types_default(const struct type_use *use, const char *expression, struct kc_arena *arena,
                   struct kc_value *value)
{
    const struct type_form *form = use->form;
    struct kc_text literal;
    if (use->no_default || use->domain || form->kind == KC_STRUCT || form->kind == KC_MAP)
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
    if (!form->zero || !is_function(form, expression))
        return false;
    return form->read(use, kc_text(form->zero), arena, value) == NULL;
}
