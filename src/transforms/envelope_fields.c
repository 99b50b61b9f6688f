#include "transforms/envelope_fields.h"

#include <stdlib.h>

#include "transforms/rebuild.h"

/* Where a name without a struct is looked up; everything else is in the source block. */
static const struct {
    const char *field, *part;
} envelope_parts[] = {
    { "op", NULL },
    { "ts_ms", NULL },
    { "ts_us", NULL },
    { "ts_ns", NULL },
    { "id", "transaction" },
    { "total_order", "transaction" },
    { "data_collection_order", "transaction" },
    { "updateDescription", "updateDescription" },
};

static const char *envelope_part(const char *field)
{
    for (size_t i = 0; i < KC_COUNT(envelope_parts); i++)
        if (strcmp(field, envelope_parts[i].field) == 0)
            return envelope_parts[i].part;
    return "source";
}

struct kc_error *envelope_fields_new(const struct kc_list *list, const char *prefix,
                                     struct envelope_field **made)
{
    struct envelope_field *fields = kc_calloc(list->len + 1, sizeof(*fields));

    for (size_t i = 0; i < list->len; i++) {
        struct kc_text rest = kc_text(list->items[i]), what, before, rename = { NULL, 0 };
        kc_text_split(&rest, ':', &what);
        if (rest.ptr)
            rename = kc_text_trim(rest);
        what = kc_text_trim(what);
        rest = what;
        kc_text_split(&rest, '.', &before);
        bool named = rest.ptr != NULL;
        struct kc_text field = named ? rest : what;
        if (!field.len || (named && !before.len) || (rename.ptr && !rename.len)) {
            envelope_fields_free(fields, list->len);
            return kc_fail(
                KC_BAD_CONFIG,
                "'%s' is no field: expected FIELD, STRUCT.FIELD, or one of these with :NAME",
                list->items[i]);
        }
        fields[i].field = kc_strndup(field.ptr, field.len);
        fields[i].part =
            named ? kc_strndup(before.ptr, before.len) : kc_strdup(envelope_part(fields[i].field));
        if (rename.len)
            fields[i].name = kc_printf("%s%.*s", prefix, KC_FMT(rename));
        else
            fields[i].name = kc_printf("%s%s%s%s", prefix, named ? fields[i].part : "",
                                       named ? "_" : "", fields[i].field);
    }
    *made = fields;
    return NULL;
}

void envelope_fields_free(struct envelope_field *fields, size_t count)
{
    for (size_t i = 0; fields && i < count; i++) {
        free(fields[i].part);
        free(fields[i].field);
        free(fields[i].name);
    }
    free(fields);
}

int *envelope_fields_plan(const struct envelope_field *fields, size_t count,
                          const struct kc_schema *envelope, struct kc_schema *target)
{
    int *places = kc_calloc(2 * count + 1, sizeof(*places));

    for (size_t i = 0; i < count; i++) {
        const struct kc_schema *in = envelope;
        places[2 * i] = fields[i].part ? kc_schema_find(envelope, kc_text(fields[i].part)) : -1;
        if (places[2 * i] >= 0)
            in = envelope->fields[places[2 * i]].schema;
        else if (fields[i].part)
            in = NULL;
        places[2 * i + 1] =
            in && in->kind == KC_STRUCT ? kc_schema_find(in, kc_text(fields[i].field)) : -1;
        if (places[2 * i + 1] < 0)
            continue;
        struct kc_schema *schema = rebuild_optional(in->fields[places[2 * i + 1]].schema);
        kc_schema_field(target, fields[i].name, schema);
        kc_schema_unref(schema);
    }
    return places;
}

struct kc_value envelope_fields_value(struct kc_value envelope, const int *place)
{
    struct kc_value in = envelope;

    if (place[0] >= 0)
        in = envelope.u.structure->field[place[0]];
    return in.kind == KC_STRUCT ? in.u.structure->field[place[1]] : kc_null();
}
