/* Arrays ({1,NULL,"a \"b\""}) and the two vectors of the catalogs ("1 2"). */
#include "sources/postgres/types.h"

static struct kc_schema *array_schema(const struct type_use *use)
{
    struct kc_schema *element = types_schema(use->element);
    kc_schema_optional(element, !use->element->required);
    struct kc_schema *schema = kc_schema_element(kc_schema_new(KC_ARRAY), element);
    kc_schema_unref(element);
    return schema;
}

/* The rest of an array's text. */
struct cursor {
    const char *at, *end;
    char delimiter;
};

/* Goes on over c if it is next. */
static bool over(struct cursor *cursor, char c)
{
    if (cursor->at == cursor->end || *cursor->at != c)
        return false;
    cursor->at++;
    return true;
}

/* One element, unescaped in the arena; false at a malformed one. */
static bool next_element(struct cursor *cursor, struct kc_arena *arena, struct kc_text *element,
                         bool *is_null)
{
    const char *p = cursor->at, *end = cursor->end;
    *is_null = false;
    if (p < end && *p == '"') {
        char *out = kc_alloc(arena, (size_t)(end - p)), *o = out;
        for (p++; p < end && *p != '"'; p++) {
            if (*p == '\\' && ++p == end)
                return false;
            *o++ = *p;
        }
        if (p == end)
            return false;
        *element = (struct kc_text){out, (size_t)(o - out)};
        p++;
    } else {
        while (p < end && *p != cursor->delimiter && *p != '}')
            p++;
        *element = (struct kc_text){cursor->at, (size_t)(p - cursor->at)};
        *is_null = kc_text_is(*element, "NULL");
    }
    cursor->at = p;
    return p < end;
}

/* At least as many as there are. */
static uint32_t count_elements(const struct cursor *cursor)
{
    uint32_t count = 1;
    for (const char *p = cursor->at; p < cursor->end; p++)
        count += *p == cursor->delimiter;
    return count;
}

static const char *read_element(const struct type_use *use, struct cursor *cursor,
                                struct kc_arena *arena, struct kc_value *value)
{
    struct kc_text text;
    bool is_null;
    if (!next_element(cursor, arena, &text, &is_null))
        return "is no array in text form";
    *value = kc_null();
    if (is_null)
        return use->required ? "has a null among elements that can't be null" : NULL;
    return use->form->read(use, text, arena, value);
}

/* Arrays of arrays: their elements come in one list, row by row, since the declared type doesn't
 * tell how many dimensions a value has, but a schema would have to. */
static const char *read_array(const struct type_use *use, struct kc_text text,
                              struct kc_arena *arena, struct kc_value *value)
{
    static const char malformed[] = "is no array in text form";
    struct cursor cursor = {text.ptr, text.ptr + text.len, use->delimiter};
    struct kc_value *items;
    uint32_t count = 0;
    int depth = 0;
    /* Bounds other than 1 stand before: [0:2]={...} */
    if (over(&cursor, '[')) {
        while (cursor.at < cursor.end && *cursor.at != '=')
            cursor.at++;
        over(&cursor, '=');
    }
    *value = kc_array_new(arena, count_elements(&cursor), &items);
    do {
        while (over(&cursor, '{'))
            depth++;
        if (depth == 0 || cursor.at == cursor.end)
            return malformed;
        if (*cursor.at != '}') {
            const char *problem = read_element(use->element, &cursor, arena, &items[count++]);
            if (problem)
                return problem;
        }
        while (depth > 0 && over(&cursor, '}'))
            depth--;
    } while (depth > 0 && over(&cursor, use->delimiter));
    value->len = count;
    return depth == 0 && cursor.at == cursor.end ? NULL : malformed;
}

/* The original makes an array of the placeholder's bytes for numbers, of the placeholder itself
 * for what is text, and null for all else. */
#define BYTEA 17
static struct kc_value array_gone(const struct type_use *use, const struct placeholder *placeholder,
                                  struct kc_arena *arena)
{
    const struct type_use *element = use->element;
    struct kc_value *items, value;
    if (element->root == BYTEA && element->form->kind == KC_STRING)
        return kc_null();
    if (element->form->gone) {
        value = kc_array_new(arena, 1, &items);
        items[0] = element->form->gone(element, placeholder, arena);
        return value;
    }
    const char *name = element->form->name;
    bool number = element->form == &form_int4 || element->form == &form_int8 ||
                  (name && strcmp(name, "io.debezium.time.Date") == 0);
    if (!number)
        return kc_null();
    value = kc_array_new(arena, (uint32_t)placeholder->bytes.len, &items);
    for (size_t i = 0; i < placeholder->bytes.len; i++)
        items[i] = kc_integer(element->form->kind, (int8_t)placeholder->bytes.ptr[i]);
    return value;
}

const struct type_form form_array = {KC_ARRAY, NULL, array_schema, read_array, .gone = array_gone};

/* ---- int2vector and oidvector: "1 2" ---- */

static struct kc_schema *vector_schema(const struct type_use *use)
{
    (void)use;
    return kc_schema_element(kc_schema_new(KC_ARRAY), kc_schema_of(KC_INT16, false));
}

static struct kc_schema *oidvector_schema(const struct type_use *use)
{
    (void)use;
    return kc_schema_element(kc_schema_new(KC_ARRAY), kc_schema_of(KC_INT64, false));
}

static const char *read_vector(const struct type_use *use, struct kc_text text,
                               struct kc_arena *arena, struct kc_value *value)
{
    uint32_t count = text.len > 0, at = 0;
    for (size_t i = 0; i < text.len; i++)
        count += text.ptr[i] == ' ';
    struct kc_value *items;
    *value = kc_array_new(arena, count, &items);
    struct kc_text rest = text, piece;
    if (!text.len)
        rest.ptr = NULL;
    while (rest.ptr && kc_text_split(&rest, ' ', &piece)) {
        int64_t number;
        if (!kc_text_int64(piece, &number))
            return "is no list of numbers";
        items[at++] = kc_integer(use->form == &form_int2vector ? KC_INT16 : KC_INT64, number);
    }
    return NULL;
}

const struct type_form form_int2vector = {KC_ARRAY, .schema = vector_schema, .read = read_vector};
const struct type_form form_oidvector = {KC_ARRAY, .schema = oidvector_schema, .read = read_vector};
