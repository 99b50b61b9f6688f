#include "schemas/avro_equal.h"

#include "base/map.h"

/* Pairs of records that are being compared: met again inside of themselves, they are taken for
 * equal. */
struct comparison {
    struct kc_map pairs;
};

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* In any order. */
static bool same_props(const struct avro_props *a, const struct avro_props *b)
{
    if (a->count != b->count)
        return false;
    for (uint32_t i = 0; i < a->count; i++) {
        const struct kc_text *other = avro_get_prop(b, a->items[i].name);
        if (!other || !kc_text_equal(*other, a->items[i].json))
            return false;
    }
    return true;
}

static bool same(struct comparison *comparison, const struct avro_schema *a,
                 const struct avro_schema *b);

static bool same_field(struct comparison *comparison, const struct avro_field *a,
                       const struct avro_field *b)
{
    return strcmp(a->name, b->name) == 0 && a->order == b->order &&
           kc_text_equal(a->default_json, b->default_json) &&
           !a->default_json.ptr == !b->default_json.ptr && same_props(&a->props, &b->props) &&
           same(comparison, a->type, b->type);
}

static bool same_record(struct comparison *comparison, const struct avro_schema *a,
                        const struct avro_schema *b)
{
    const void *pair[2] = {a, b};
    if (a->n_fields != b->n_fields || a->is_error != b->is_error)
        return false;
    if (kc_map_set(&comparison->pairs, (struct kc_text){(const char *)pair, sizeof(pair)},
                   comparison))
        return true;
    for (uint32_t i = 0; i < a->n_fields; i++)
        if (!same_field(comparison, &a->fields[i], &b->fields[i]))
            return false;
    return true;
}

static bool same_symbols(const struct avro_schema *a, const struct avro_schema *b)
{
    if (a->n_symbols != b->n_symbols)
        return false;
    for (uint32_t i = 0; i < a->n_symbols; i++)
        if (strcmp(a->symbols[i], b->symbols[i]) != 0)
            return false;
    return true;
}

static bool same_branches(struct comparison *comparison, const struct avro_schema *a,
                          const struct avro_schema *b)
{
    if (a->n_branches != b->n_branches)
        return false;
    for (uint32_t i = 0; i < a->n_branches; i++)
        if (!same(comparison, a->branches[i], b->branches[i]))
            return false;
    return true;
}

static bool same(struct comparison *comparison, const struct avro_schema *a,
                 const struct avro_schema *b)
{
    if (a == b)
        return true;
    if (a->type != b->type || !same_text(a->full, b->full) || !same_props(&a->props, &b->props))
        return false;
    switch (a->type) {
    case AVRO_RECORD:
        return same_record(comparison, a, b);
    case AVRO_ENUM:
        return same_symbols(a, b);
    case AVRO_FIXED:
        return a->size == b->size;
    case AVRO_ARRAY:
    case AVRO_MAP:
        return same(comparison, a->element, b->element);
    case AVRO_UNION:
        return same_branches(comparison, a, b);
    default:
        return true;
    }
}

bool avro_equal(const struct avro_schema *a, const struct avro_schema *b)
{
    struct comparison comparison = {0};
    bool equal = same(&comparison, a, b);
    kc_map_clear(&comparison.pairs, NULL);
    return equal;
}
