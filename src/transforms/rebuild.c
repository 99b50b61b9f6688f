#include "transforms/rebuild.h"

const struct rebuild_entry *rebuild_find(struct rebuild *rebuild, const struct kc_schema *from,
                                         uint64_t variant)
{
    struct rebuild_entry *entries = rebuild->entries;

    if (rebuild->len && entries[0].from == from && entries[0].variant == variant)
        return &entries[0];
    for (size_t i = 0; i < rebuild->len; i++) {
        struct rebuild_entry found = entries[i];
        if (found.variant != variant || !kc_schema_equal(found.from, from))
            continue;
        if (found.from != from) {
            /* Another object of the same content: the next record will bring this one. */
            kc_schema_unref(found.from);
            found.from = kc_schema_ref(from);
        }
        memmove(&entries[1], &entries[0], i * sizeof(*entries));
        entries[0] = found;
        return &entries[0];
    }
    return NULL;
}

static void rebuild_drop(struct rebuild *rebuild, struct rebuild_entry *entry)
{
    kc_schema_unref(entry->from);
    kc_schema_unref(entry->to);
    if (rebuild->free_plan && entry->plan)
        rebuild->free_plan(entry->plan);
}

const struct rebuild_entry *rebuild_add(struct rebuild *rebuild, const struct kc_schema *from,
                                        uint64_t variant, const struct kc_schema *to, void *plan)
{
    struct rebuild_entry *entries = rebuild->entries;

    if (rebuild->len == REBUILD_ENTRIES)
        rebuild_drop(rebuild, &entries[--rebuild->len]);
    memmove(&entries[1], &entries[0], rebuild->len * sizeof(*entries));
    entries[0] = (struct rebuild_entry){ kc_schema_ref(from), variant, to, plan };
    rebuild->len++;
    return &entries[0];
}

void rebuild_clear(struct rebuild *rebuild)
{
    while (rebuild->len)
        rebuild_drop(rebuild, &rebuild->entries[--rebuild->len]);
}

struct kc_schema *rebuild_shell(const struct kc_schema *from)
{
    struct kc_schema *to = kc_schema_new(from->kind);

    if (from->name)
        kc_schema_name(to, from->name);
    if (from->has_version)
        kc_schema_version(to, from->version);
    if (from->doc)
        kc_schema_doc(to, from->doc);
    for (uint32_t i = 0; i < from->n_params; i++)
        kc_schema_param(to, from->params[i].key, from->params[i].value);
    return to;
}

struct kc_schema *rebuild_optional(const struct kc_schema *from)
{
    struct kc_schema *to = rebuild_shell(from);

    for (uint32_t i = 0; i < from->n_fields; i++)
        kc_schema_field(to, from->fields[i].name, from->fields[i].schema);
    if (from->key)
        kc_schema_key(to, from->key);
    if (from->element)
        kc_schema_element(to, from->element);
    return kc_schema_optional(to, true);
}
