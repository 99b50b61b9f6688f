#include "schemas/avro_print.h"

#include <stdlib.h>

#include "schemas/avro_equal.h"
#include "schemas/avro_json.h"
#include "schemas/json_write.h"

enum style { STYLE_TEXT, STYLE_NORMAL, STYLE_CANONICAL };

struct printer {
    struct kc_buf *buf;
    enum style style;
    const char *space;   /* the namespace around; NULL: none */
    struct kc_map names; /* printed so far, and known */
};

static void put_key(const struct printer *printer, const char *name)
{
    kc_buf_str(printer->buf, ",\"");
    kc_buf_str(printer->buf, name);
    kc_buf_str(printer->buf, "\":");
}

static void put_text(const struct printer *printer, const char *text)
{
    json_write_text(printer->buf, kc_text(text));
}

static void put_text_member(const struct printer *printer, const char *name, const char *text)
{
    put_key(printer, name);
    put_text(printer, text);
}

/* JSON again, with the members of objects sorted. */
static void put_sorted(const struct printer *printer, struct kc_text json)
{
    struct json_doc doc = {0};
    struct kc_arena arena;
    kc_arena_init(&arena, 0);
    struct kc_error *err = avro_json_read(&doc, json, &arena);
    if (err)
        kc_buf_text(printer->buf, json);
    else
        avro_json_write(&doc, &doc.nodes[0], true, printer->buf);
    kc_error_free(err);
    json_doc_clear(&doc);
    kc_arena_clear(&arena);
}

/* ---- properties ---- */

static void put_prop(const struct printer *printer, const struct avro_prop *prop)
{
    kc_buf_char(printer->buf, ',');
    put_text(printer, prop->name);
    kc_buf_char(printer->buf, ':');
    if (printer->style == STYLE_NORMAL)
        put_sorted(printer, prop->json);
    else
        kc_buf_text(printer->buf, prop->json);
}

/* The properties of logical types come first in a normalized text. */
static int rank_of(const char *name)
{
    static const char *const first[] = {"logicalType", "precision", "scale"};
    int rank = 0;
    while (rank < (int)KC_COUNT(first) && strcmp(first[rank], name) != 0)
        rank++;
    return rank;
}

static int compare_props(const void *x, const void *y)
{
    const struct avro_prop *const *a = x, *const *b = y;
    int ranks = rank_of((*a)->name) - rank_of((*b)->name);
    return ranks ? ranks : strcmp((*a)->name, (*b)->name);
}

static void put_props(const struct printer *printer, const struct avro_props *props)
{
    if (printer->style == STYLE_CANONICAL || !props->count)
        return;
    const struct avro_prop **sorted = kc_calloc(props->count, sizeof(*sorted));
    for (uint32_t i = 0; i < props->count; i++)
        sorted[i] = &props->items[i];
    if (printer->style == STYLE_NORMAL)
        qsort(sorted, props->count, sizeof(*sorted), compare_props);
    for (uint32_t i = 0; i < props->count; i++)
        put_prop(printer, sorted[i]);
    free(sorted);
}

/* ---- names ---- */

static int compare_texts(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

/* space: aliases in it are written short; NULL: all as they are. */
static void put_aliases(const struct printer *printer, const char *const *aliases, uint32_t count,
                        const char *space)
{
    if (printer->style == STYLE_CANONICAL || !count)
        return;
    const char **names = kc_calloc(count, sizeof(*names));
    size_t len = space ? strlen(space) : 0;
    for (uint32_t i = 0; i < count; i++) {
        bool inside = space && strncmp(aliases[i], space, len) == 0 && aliases[i][len] == '.' &&
                      !strchr(aliases[i] + len + 1, '.');
        names[i] = inside ? aliases[i] + len + 1 : aliases[i];
    }
    if (printer->style == STYLE_NORMAL)
        qsort(names, count, sizeof(*names), compare_texts);
    put_key(printer, "aliases");
    for (uint32_t i = 0; i < count; i++) {
        kc_buf_char(printer->buf, i ? ',' : '[');
        put_text(printer, names[i]);
    }
    kc_buf_char(printer->buf, ']');
    free(names);
}

static bool same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* Words that would be read as a type need their namespace. */
static bool is_type_word(const char *name)
{
    for (int type = AVRO_NULL; type <= AVRO_UNION; type++)
        if (strcmp(avro_type_name((enum avro_type)type), name) == 0)
            return true;
    return false;
}

static void put_reference(const struct printer *printer, const struct avro_schema *schema)
{
    bool brief = printer->style != STYLE_CANONICAL && same(schema->space, printer->space) &&
                 !(schema->space && is_type_word(schema->name));
    put_text(printer, brief ? schema->name : schema->full);
}

/* Was it printed before? Then its name will do. */
static struct kc_error *met(struct printer *printer, const struct avro_schema *schema, bool *before)
{
    const struct avro_schema *known = kc_map_get(&printer->names, kc_text(schema->full));
    *before = known && (known == schema || avro_equal(known, schema));
    if (*before) {
        put_reference(printer, schema);
        return NULL;
    }
    if (known)
        return kc_fail_as(KC_BAD_DATA, "org.apache.avro.SchemaParseException", "Can't redefine: %s",
                          schema->full);
    kc_map_set(&printer->names, kc_text(schema->full), (void *)schema);
    return NULL;
}

static void put_head(const struct printer *printer, const struct avro_schema *schema,
                     const char *type)
{
    struct kc_buf *buf = printer->buf;
    kc_buf_str(buf, printer->style == STYLE_CANONICAL ? "{\"name\":" : "{\"type\":");
    put_text(printer, printer->style == STYLE_CANONICAL ? schema->full : type);
    if (printer->style == STYLE_CANONICAL) {
        put_text_member(printer, "type", type);
        return;
    }
    put_text_member(printer, "name", schema->name);
    /* A normalized text can't tell a type without a namespace from one that takes it from around.
     */
    if (schema->space ? !same(schema->space, printer->space)
                      : printer->space && printer->style == STYLE_TEXT)
        put_text_member(printer, "namespace", schema->space ? schema->space : "");
    if (schema->doc && schema->type != AVRO_RECORD)
        put_text_member(printer, "doc", schema->doc);
}

/* ---- types ---- */

static struct kc_error *put_schema(struct printer *printer, const struct avro_schema *schema);

/* A number as the type of its field prints it; nothing for one that does not fit. */
static void put_default(const struct printer *printer, const struct avro_field *field)
{
    struct kc_text json = field->default_json;
    enum avro_type type = field->type->type;
    if (printer->style == STYLE_NORMAL && (type == AVRO_FLOAT || type == AVRO_DOUBLE)) {
        double number;
        int64_t whole;
        bool integer = json.len && !memchr(json.ptr, '.', json.len) && json.ptr[0] != '"';
        if (integer && !kc_text_int64(json, &whole))
            return;
        if (integer && kc_text_double(json, &number)) {
            put_key(printer, "default");
            kc_double_text(number, printer->buf);
            return;
        }
    }
    put_key(printer, "default");
    if (printer->style == STYLE_NORMAL)
        put_sorted(printer, json);
    else
        kc_buf_text(printer->buf, json);
}

static struct kc_error *put_field(struct printer *printer, const struct avro_field *field)
{
    static const char *const orders[] = {"ascending", "descending", "ignore"};
    kc_buf_str(printer->buf, "{\"name\":");
    put_text(printer, field->name);
    put_key(printer, "type");
    struct kc_error *err = put_schema(printer, field->type);
    if (err)
        return err;
    if (printer->style != STYLE_CANONICAL) {
        if (field->doc)
            put_text_member(printer, "doc", field->doc);
        if (field->default_json.ptr)
            put_default(printer, field);
        if (field->order)
            put_text_member(printer, "order", orders[field->order]);
    }
    put_aliases(printer, field->aliases, field->n_aliases, NULL);
    put_props(printer, &field->props);
    kc_buf_char(printer->buf, '}');
    return NULL;
}

static struct kc_error *put_record(struct printer *printer, const struct avro_schema *schema)
{
    const char *space = printer->space;
    bool error = schema->is_error && printer->style == STYLE_TEXT;
    put_head(printer, schema, error ? "error" : "record");
    printer->space = schema->space;
    if (schema->doc && printer->style != STYLE_CANONICAL)
        put_text_member(printer, "doc", schema->doc);
    put_key(printer, "fields");
    kc_buf_char(printer->buf, '[');
    struct kc_error *err = NULL;
    for (uint32_t i = 0; i < schema->n_fields && !err; i++) {
        if (i)
            kc_buf_char(printer->buf, ',');
        err = put_field(printer, &schema->fields[i]);
    }
    kc_buf_char(printer->buf, ']');
    put_props(printer, &schema->props);
    put_aliases(printer, schema->aliases, schema->n_aliases, schema->space);
    kc_buf_char(printer->buf, '}');
    printer->space = space;
    return err;
}

static void put_enum(const struct printer *printer, const struct avro_schema *schema)
{
    put_head(printer, schema, "enum");
    put_key(printer, "symbols");
    kc_buf_char(printer->buf, '[');
    for (uint32_t i = 0; i < schema->n_symbols; i++) {
        if (i)
            kc_buf_char(printer->buf, ',');
        put_text(printer, schema->symbols[i]);
    }
    kc_buf_char(printer->buf, ']');
    if (schema->symbol_default && printer->style != STYLE_CANONICAL)
        put_text_member(printer, "default", schema->symbol_default);
}

static void put_fixed(const struct printer *printer, const struct avro_schema *schema)
{
    put_head(printer, schema, "fixed");
    put_key(printer, "size");
    kc_buf_int(printer->buf, schema->size);
}

static struct kc_error *put_named(struct printer *printer, const struct avro_schema *schema)
{
    bool before;
    struct kc_error *err = met(printer, schema, &before);
    if (err || before)
        return err;
    if (schema->type == AVRO_RECORD)
        return put_record(printer, schema);
    if (schema->type == AVRO_ENUM)
        put_enum(printer, schema);
    else
        put_fixed(printer, schema);
    put_props(printer, &schema->props);
    put_aliases(printer, schema->aliases, schema->n_aliases, schema->space);
    kc_buf_char(printer->buf, '}');
    return NULL;
}

static struct kc_error *put_container(struct printer *printer, const struct avro_schema *schema)
{
    kc_buf_str(printer->buf, schema->type == AVRO_ARRAY ? "{\"type\":\"array\",\"items\":"
                                                        : "{\"type\":\"map\",\"values\":");
    struct kc_error *err = put_schema(printer, schema->element);
    put_props(printer, &schema->props);
    kc_buf_char(printer->buf, '}');
    return err;
}

static struct kc_error *put_union(struct printer *printer, const struct avro_schema *schema)
{
    struct kc_error *err = NULL;
    kc_buf_char(printer->buf, '[');
    for (uint32_t i = 0; i < schema->n_branches && !err; i++) {
        if (i)
            kc_buf_char(printer->buf, ',');
        err = put_schema(printer, schema->branches[i]);
    }
    kc_buf_char(printer->buf, ']');
    return err;
}

static struct kc_error *put_schema(struct printer *printer, const struct avro_schema *schema)
{
    if (schema->full)
        return put_named(printer, schema);
    if (schema->type == AVRO_UNION)
        return put_union(printer, schema);
    if (schema->type == AVRO_ARRAY || schema->type == AVRO_MAP)
        return put_container(printer, schema);
    bool bare = printer->style == STYLE_CANONICAL || !schema->props.count;
    if (!bare)
        kc_buf_str(printer->buf, "{\"type\":");
    put_text(printer, avro_type_name(schema->type));
    put_props(printer, &schema->props);
    if (!bare)
        kc_buf_char(printer->buf, '}');
    return NULL;
}

static struct kc_error *print(const struct avro_schema *schema, const struct kc_map *known,
                              enum style style, struct kc_buf *buf)
{
    struct printer printer = {.buf = buf, .style = style};
    for (struct kc_map_entry *at = NULL; known && (at = kc_map_next(known, at));)
        kc_map_set(&printer.names, at->key, at->value);
    struct kc_error *err = put_schema(&printer, schema);
    kc_map_clear(&printer.names, NULL);
    return err;
}

struct kc_error *avro_print(const struct avro_schema *schema, const struct kc_map *known,
                            struct kc_buf *buf)
{
    return print(schema, known, STYLE_TEXT, buf);
}

struct kc_error *avro_print_normal(const struct avro_schema *schema, const struct kc_map *known,
                                   struct kc_buf *buf)
{
    return print(schema, known, STYLE_NORMAL, buf);
}

struct kc_error *avro_print_canonical(const struct avro_schema *schema, struct kc_buf *buf)
{
    return print(schema, NULL, STYLE_CANONICAL, buf);
}

uint64_t avro_fingerprint(struct kc_text canonical)
{
    static const uint64_t empty = 0xc15d213aa4d7a795;
    uint64_t table[256], sum = empty;
    for (unsigned i = 0; i < 256; i++) {
        table[i] = i;
        for (int bit = 0; bit < 8; bit++)
            table[i] = (table[i] >> 1) ^ (empty & -(table[i] & 1));
    }
    for (size_t i = 0; i < canonical.len; i++)
        sum = (sum >> 8) ^ table[(sum ^ (uint8_t)canonical.ptr[i]) & 0xff];
    return sum;
}
