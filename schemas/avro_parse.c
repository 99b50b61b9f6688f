#include "schemas/avro_parse.h"

#include "schemas/avro_check.h"
#include "schemas/avro_json.h"
#include "schemas/avro_print.h"

#define PARSE_EXCEPTION   "org.apache.avro.SchemaParseException"
#define TYPE_EXCEPTION    "org.apache.avro.AvroTypeException"
#define RUNTIME_EXCEPTION "org.apache.avro.AvroRuntimeException"

struct parser {
    const struct avro_parse *parse;
    struct kc_arena *arena;
    struct json_doc *doc;
    const char *space; /* the namespace around; NULL: none */
};

static const struct json_node *member(const struct parser *parser, const struct json_node *node,
                                      const char *name)
{
    return json_member(parser->doc, node, name);
}

/* Text of a member that is a string; ptr NULL otherwise. */
static struct kc_text text_of(const struct parser *parser, const struct json_node *node,
                              const char *name)
{
    const struct json_node *found = member(parser, node, name);
    return found && found->type == JSON_STRING ? json_text(found) : (struct kc_text){NULL, 0};
}

static const char *copy_of(const struct parser *parser, const struct json_node *node,
                           const char *name)
{
    struct kc_text text = text_of(parser, node, name);
    return text.ptr ? kc_arena_text(parser->arena, text.ptr, text.len) : NULL;
}

/* "what: {the JSON}" */
static struct kc_error *complain(const struct parser *parser, const char *what,
                                 const struct json_node *node)
{
    KC_AUTO_BUF buf = KC_BUF(0);
    avro_json_write(parser->doc, node, false, &buf);
    return kc_fail_as(KC_BAD_DATA, PARSE_EXCEPTION, "%s: %.*s", what,
                      (int)(buf.len < 1000 ? buf.len : 1000), buf.data);
}

/* ---- names ---- */

static struct avro_schema *find_full(const struct parser *parser, const char *space,
                                     struct kc_text name)
{
    if (!space)
        return kc_map_get(parser->parse->names, name);
    KC_AUTO_BUF full = KC_BUF(0);
    kc_buf_printf(&full, "%s.%.*s", space, KC_FMT(name));
    return kc_map_get(parser->parse->names, (struct kc_text){full.data, full.len});
}

/* A primitive, or a type defined before: in the namespace around, or in none. */
static struct avro_schema *find_type(const struct parser *parser, struct kc_text name)
{
    int primitive = avro_primitive(name);
    if (primitive >= 0)
        return avro_new(parser->arena, (enum avro_type)primitive);
    bool full = memchr(name.ptr, '.', name.len);
    struct avro_schema *found = find_full(parser, full ? NULL : parser->space, name);
    return found || full ? found : find_full(parser, NULL, name);
}

static struct kc_error *add_name(const struct parser *parser, struct avro_schema *schema)
{
    if (kc_map_has(parser->parse->names, kc_text(schema->full)))
        return kc_fail_as(KC_BAD_DATA, PARSE_EXCEPTION, "Can't redefine: %s", schema->full);
    kc_map_set(parser->parse->names, kc_text(schema->full), schema);
    return NULL;
}

static struct kc_error *read_name(struct parser *parser, const struct json_node *node,
                                  struct avro_schema *schema)
{
    struct kc_text name = text_of(parser, node, "name"), space = text_of(parser, node, "namespace");
    if (!name.ptr)
        return complain(parser, "No name in schema", node);
    if (!space.ptr)
        space = kc_text(parser->space);
    struct kc_error *err = avro_set_name(parser->arena, schema, name, space);
    if (err)
        return err;
    schema->doc = copy_of(parser, node, "doc");
    parser->space = schema->space;
    return NULL;
}

/* Of a type: a full name, in the type's namespace where it has none of its own. Of a field (type
 * NULL): any text. */
static struct kc_error *alias_name(const struct parser *parser, const struct avro_schema *type,
                                   struct kc_text alias, const char **name)
{
    *name = kc_arena_text(parser->arena, alias.ptr, alias.len);
    if (!type)
        return NULL;
    const char *dot = strrchr(*name, '.');
    if (!dot && type->space)
        *name = kc_arena_printf(parser->arena, "%s.%.*s", type->space, KC_FMT(alias));
    return avro_check_name(dot ? kc_text(dot + 1) : alias);
}

static struct kc_error *read_aliases(const struct parser *parser, const struct json_node *node,
                                     const struct avro_schema *type, const char ***aliases,
                                     uint32_t *count)
{
    const struct json_node *list = member(parser, node, "aliases");
    struct kc_error *err = NULL;
    if (!list)
        return NULL;
    if (list->type != JSON_ARRAY)
        return complain(parser, "aliases not an array", node);
    *aliases = kc_alloc(parser->arena, list->count * sizeof(**aliases));
    uint32_t at = (uint32_t)(list - parser->doc->nodes) + 1;
    for (uint32_t i = 0; i < list->count && !err; i++, at = parser->doc->nodes[at].next) {
        const struct json_node *alias = &parser->doc->nodes[at];
        const char *name;
        if (alias->type != JSON_STRING)
            return complain(parser, "alias not a string", alias);
        err = alias_name(parser, type, json_text(alias), &name);
        bool known = false;
        for (uint32_t j = 0; j < *count; j++)
            known |= strcmp((*aliases)[j], name) == 0;
        if (!known)
            (*aliases)[(*count)++] = name;
    }
    return err;
}

/* ---- properties ---- */

static const char *const schema_reserved[] = {"doc",       "fields",  "items",   "name",
                                              "namespace", "size",    "symbols", "values",
                                              "type",      "aliases", NULL};
static const char *const enum_reserved[] = {"doc",       "fields",  "items",   "name",
                                            "namespace", "size",    "symbols", "values",
                                            "type",      "aliases", "default", NULL};
static const char *const field_reserved[] = {"default", "doc",     "name", "order",
                                             "type",    "aliases", NULL};

static void read_props(const struct parser *parser, const struct json_node *node,
                       const char *const *reserved, struct avro_props *props)
{
    const struct json_node *nodes = parser->doc->nodes;
    uint32_t at = (uint32_t)(node - nodes) + 1;
    for (uint32_t i = 0; i < node->count; i++, at = nodes[at + 1].next) {
        struct kc_text name = json_text(&nodes[at]);
        const char *const *word = reserved;
        while (*word && !kc_text_is(name, *word))
            word++;
        if (*word)
            continue;
        const char *copy = kc_arena_text(parser->arena, name.ptr, name.len);
        avro_set_prop(parser->arena, props, copy,
                      avro_json_text(parser->doc, &nodes[at + 1], parser->arena));
    }
}

/* ---- defaults ---- */

static struct kc_error *check_default(const struct parser *parser, const struct avro_field *field,
                                      const struct json_node *value)
{
    if (!parser->parse->check_defaults || avro_default_fits(field->type, parser->doc, value))
        return NULL;
    KC_AUTO_BUF given = KC_BUF(0), type = KC_BUF(0);
    avro_json_write(parser->doc, value, false, &given);
    struct kc_error *err = avro_print(field->type, NULL, &type);
    if (err)
        return err;
    return kc_fail_as(KC_BAD_DATA, TYPE_EXCEPTION, "Invalid default for field %s: %.*s not a %.*s",
                      field->name, (int)(given.len < 1000 ? given.len : 1000), given.data,
                      (int)(type.len < 1000 ? type.len : 1000), type.data);
}

/* A text such as "NaN" as default of a number is that number. */
static bool is_number_text(const struct avro_field *field, const struct json_node *value,
                           double *number)
{
    static const struct {
        const char *text;
        double number;
    } words[] = {{"NaN", __builtin_nan("")},
                 {"Infinity", __builtin_inf()},
                 {"+Infinity", __builtin_inf()},
                 {"-Infinity", -__builtin_inf()}};
    if (value->type != JSON_STRING ||
        (field->type->type != AVRO_FLOAT && field->type->type != AVRO_DOUBLE))
        return false;
    struct kc_text text = kc_text_trim(json_text(value));
    for (size_t i = 0; i < KC_COUNT(words); i++)
        if (kc_text_is(text, words[i].text)) {
            *number = words[i].number;
            return true;
        }
    return kc_text_double(text, number);
}

static struct kc_error *read_default(const struct parser *parser, const struct json_node *node,
                                     struct avro_field *field)
{
    const struct json_node *value = member(parser, node, "default");
    double number;
    if (!value)
        return NULL;
    if (!is_number_text(field, value, &number)) {
        field->default_json = avro_json_text(parser->doc, value, parser->arena);
        return check_default(parser, field, value);
    }
    KC_AUTO_BUF buf = KC_BUF(0);
    bool finite = __builtin_isfinite(number);
    if (!finite)
        kc_buf_char(&buf, '"');
    kc_double_text(number, &buf);
    if (!finite)
        kc_buf_char(&buf, '"');
    field->default_json.ptr = kc_arena_text(parser->arena, buf.data, buf.len);
    field->default_json.len = buf.len;
    return NULL;
}

/* ---- types ---- */

static struct kc_error *read_schema(struct parser *parser, const struct json_node *node,
                                    struct avro_schema **schema);

static struct kc_error *read_order(const struct parser *parser, const struct json_node *node,
                                   struct avro_field *field)
{
    static const char *const orders[] = {"ascending", "descending", "ignore"};
    struct kc_text order = text_of(parser, node, "order");
    if (!order.ptr)
        return NULL;
    for (size_t i = 0; i < KC_COUNT(orders); i++)
        if (order.len == strlen(orders[i]) && strncasecmp(order.ptr, orders[i], order.len) == 0) {
            field->order = (enum avro_order)i;
            return NULL;
        }
    return kc_fail_as(KC_BAD_DATA, "java.lang.IllegalArgumentException",
                      "No enum constant org.apache.avro.Schema.Field.Order.%.*s", KC_FMT(order));
}

static struct kc_error *read_field(struct parser *parser, const struct json_node *node,
                                   struct avro_field *field)
{
    struct kc_text name = text_of(parser, node, "name");
    const struct json_node *type = member(parser, node, "type");
    if (!name.ptr)
        return complain(parser, "No field name", node);
    field->name = kc_arena_text(parser->arena, name.ptr, name.len);
    field->doc = copy_of(parser, node, "doc");
    if (!type)
        return complain(parser, "No field type", node);
    if (type->type == JSON_STRING && !find_type(parser, json_text(type)))
        return kc_fail_as(KC_BAD_DATA, PARSE_EXCEPTION,
                          "\"%.*s\" is not a defined name. The type of the \"%s\" field must be a "
                          "defined name or a {\"type\": ...} expression.",
                          KC_FMT(json_text(type)), field->name);
    struct kc_error *err = read_schema(parser, type, &field->type);
    if (!err)
        err = read_order(parser, node, field);
    if (!err)
        err = avro_check_name(name);
    if (!err)
        err = read_default(parser, node, field);
    if (!err)
        err = read_aliases(parser, node, NULL, &field->aliases, &field->n_aliases);
    if (!err)
        read_props(parser, node, field_reserved, &field->props);
    return err;
}

static struct kc_error *read_record(struct parser *parser, const struct json_node *node,
                                    struct avro_schema *schema)
{
    struct kc_error *err = add_name(parser, schema);
    if (err)
        return err;
    const struct json_node *fields = member(parser, node, "fields");
    if (!fields || fields->type != JSON_ARRAY)
        return complain(parser, "Record has no fields", node);
    struct avro_field *list = kc_alloc0(parser->arena, (fields->count + 1) * sizeof(*list));
    struct kc_map seen = {0};
    uint32_t at = (uint32_t)(fields - parser->doc->nodes) + 1;
    for (uint32_t i = 0; i < fields->count && !err; i++, at = parser->doc->nodes[at].next) {
        err = read_field(parser, &parser->doc->nodes[at], &list[i]);
        if (!err && kc_map_set(&seen, kc_text(list[i].name), list))
            err = kc_fail_as(KC_BAD_DATA, RUNTIME_EXCEPTION, "Duplicate field %s in record %s",
                             list[i].name, schema->full);
    }
    kc_map_clear(&seen, NULL);
    schema->fields = list;
    schema->n_fields = fields->count;
    return err;
}

static struct kc_error *add_symbol(const struct parser *parser, struct avro_schema *schema,
                                   const struct json_node *node, struct kc_map *seen)
{
    if (node->type != JSON_STRING)
        return kc_fail_as(KC_BAD_DATA, PARSE_EXCEPTION, "Null name");
    const char *symbol = kc_arena_text(parser->arena, node->text, node->len);
    struct kc_error *err = avro_check_name(json_text(node));
    if (!err && kc_map_set(seen, json_text(node), schema))
        err = kc_fail_as(KC_BAD_DATA, PARSE_EXCEPTION, "Duplicate enum symbol: %s", symbol);
    schema->symbols[schema->n_symbols++] = symbol;
    return err;
}

static struct kc_error *check_symbol_default(const struct avro_schema *schema)
{
    KC_AUTO_BUF list = KC_BUF(0);
    for (uint32_t i = 0; i < schema->n_symbols; i++) {
        if (strcmp(schema->symbols[i], schema->symbol_default) == 0)
            return NULL;
        kc_buf_printf(&list, "%s%s", i ? ", " : "", schema->symbols[i]);
    }
    return kc_fail_as(KC_BAD_DATA, PARSE_EXCEPTION,
                      "The Enum Default: %s is not in the enum symbol set: [%s]",
                      schema->symbol_default, list.len ? list.data : "");
}

static struct kc_error *read_enum(struct parser *parser, const struct json_node *node,
                                  struct avro_schema *schema)
{
    const struct json_node *symbols = member(parser, node, "symbols");
    if (!symbols || symbols->type != JSON_ARRAY)
        return complain(parser, "Enum has no symbols", node);
    schema->symbols = kc_alloc(parser->arena, (symbols->count + 1) * sizeof(*schema->symbols));
    schema->symbol_default = copy_of(parser, node, "default");
    struct kc_map seen = {0};
    struct kc_error *err = NULL;
    uint32_t at = (uint32_t)(symbols - parser->doc->nodes) + 1;
    for (uint32_t i = 0; i < symbols->count && !err; i++, at = parser->doc->nodes[at].next)
        err = add_symbol(parser, schema, &parser->doc->nodes[at], &seen);
    kc_map_clear(&seen, NULL);
    if (!err && schema->symbol_default)
        err = check_symbol_default(schema);
    return err ? err : add_name(parser, schema);
}

static struct kc_error *read_fixed(struct parser *parser, const struct json_node *node,
                                   struct avro_schema *schema)
{
    const struct json_node *size = member(parser, node, "size");
    if (!size || !json_fits_int(size))
        return complain(parser, "Invalid or no size", node);
    schema->size = (int32_t)json_long(size);
    if (schema->size < 0)
        return kc_fail_as(KC_BAD_DATA, RUNTIME_EXCEPTION, "Malformed data. Length is negative: %d",
                          schema->size);
    return add_name(parser, schema);
}

static struct kc_error *read_array(struct parser *parser, const struct json_node *node,
                                   struct avro_schema *schema)
{
    const struct json_node *items = member(parser, node, "items");
    return items ? read_schema(parser, items, &schema->element)
                 : complain(parser, "Array has no items type", node);
}

static struct kc_error *read_map(struct parser *parser, const struct json_node *node,
                                 struct avro_schema *schema)
{
    const struct json_node *values = member(parser, node, "values");
    return values ? read_schema(parser, values, &schema->element)
                  : complain(parser, "Map has no values type", node);
}

/* Types that are written as an object; primitive ones have nothing to read but properties. */
static const struct complex {
    const char *name;
    enum avro_type type;
    bool named;
    struct kc_error *(*read)(struct parser *parser, const struct json_node *node,
                             struct avro_schema *schema);
} complex_types[] = {
    {"record", AVRO_RECORD, true, read_record}, {"error", AVRO_RECORD, true, read_record},
    {"enum", AVRO_ENUM, true, read_enum},       {"fixed", AVRO_FIXED, true, read_fixed},
    {"array", AVRO_ARRAY, false, read_array},   {"map", AVRO_MAP, false, read_map},
};

static const struct complex *find_complex(struct kc_text name)
{
    for (size_t i = 0; i < KC_COUNT(complex_types); i++)
        if (kc_text_is(name, complex_types[i].name))
            return &complex_types[i];
    return NULL;
}

static struct kc_error *read_complex(struct parser *parser, const struct json_node *node,
                                     const struct complex *complex, struct avro_schema *schema)
{
    const char *space = parser->space;
    schema->is_error = kc_text_is(kc_text(complex->name), "error");
    struct kc_error *err = complex->named ? read_name(parser, node, schema) : NULL;
    if (!err)
        err = complex->read(parser, node, schema);
    parser->space = space;
    if (!err && complex->named)
        err = read_aliases(parser, node, schema, &schema->aliases, &schema->n_aliases);
    return err;
}

static struct kc_error *read_object(struct parser *parser, const struct json_node *node,
                                    struct avro_schema **schema)
{
    struct kc_text name = text_of(parser, node, "type");
    if (!name.ptr)
        return complain(parser, "No type", node);
    int primitive = avro_primitive(name);
    const struct complex *complex = find_complex(name);
    if (primitive < 0 && !complex) {
        /* {"type":"a.Name"}: a type defined before, as it is */
        *schema = find_type(parser, name);
        return *schema ? NULL
                       : kc_fail_as(KC_BAD_DATA, PARSE_EXCEPTION, "Type not supported: %.*s",
                                    KC_FMT(name));
    }
    *schema = avro_new(parser->arena, complex ? complex->type : (enum avro_type)primitive);
    struct kc_error *err = complex ? read_complex(parser, node, complex, *schema) : NULL;
    if (!err)
        read_props(parser, node,
                   complex && complex->type == AVRO_ENUM ? enum_reserved : schema_reserved,
                   &(*schema)->props);
    return err;
}

static struct kc_error *read_union(struct parser *parser, const struct json_node *node,
                                   struct avro_schema **made)
{
    struct avro_schema *schema = *made = avro_new(parser->arena, AVRO_UNION);
    schema->branches = kc_alloc(parser->arena, (node->count + 1) * sizeof(*schema->branches));
    struct kc_error *err = NULL;
    uint32_t at = (uint32_t)(node - parser->doc->nodes) + 1;
    for (uint32_t i = 0; i < node->count && !err; i++, at = parser->doc->nodes[at].next)
        err = read_schema(parser, &parser->doc->nodes[at], &schema->branches[i]);
    schema->n_branches = node->count;
    return err ? err : avro_check_union(schema);
}

static struct kc_error *read_schema(struct parser *parser, const struct json_node *node,
                                    struct avro_schema **schema)
{
    switch (node->type) {
    case JSON_STRING:
        *schema = find_type(parser, json_text(node));
        return *schema ? NULL : complain(parser, "Undefined name", node);
    case JSON_OBJECT:
        return read_object(parser, node, schema);
    case JSON_ARRAY:
        return read_union(parser, node, schema);
    default:
        return complain(parser, "Schema not yet supported", node);
    }
}

struct kc_error *avro_parse(const struct avro_parse *parse, struct kc_text text,
                            struct avro_schema **schema)
{
    struct json_doc doc = {0};
    struct kc_arena scratch;
    kc_arena_init(&scratch, 0);
    struct parser parser = {.parse = parse, .arena = parse->arena, .doc = &doc};
    struct kc_error *err = avro_json_read(&doc, text, &scratch);
    if (!err)
        err = read_schema(&parser, &doc.nodes[0], schema);
    json_doc_clear(&doc);
    kc_arena_clear(&scratch);
    return err;
}

struct kc_error *avro_parse_alone(struct kc_arena *arena, struct kc_text text, bool check_defaults,
                                  struct avro_schema **schema)
{
    struct kc_map names = {0};
    struct kc_error *err = avro_parse(
        &(struct avro_parse){.arena = arena, .names = &names, .check_defaults = check_defaults},
        text, schema);
    kc_map_clear(&names, NULL);
    return err;
}
