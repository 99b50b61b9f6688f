#include "sources/common/transactions.h"

#include <stdlib.h>

#include "sources/common/topic_name.h"

#define ID    "transaction_id"
#define ORDER "transaction_data_collection_order_"

static const struct kc_schema *key_schema(void)
{
    struct kc_schema *schema = kc_schema_new(KC_STRUCT);
    kc_schema_name(schema, "io.debezium.connector.common.TransactionMetadataKey");
    kc_schema_version(schema, 1);
    return kc_schema_field(schema, "id", kc_schema_of(KC_STRING, false));
}

static const struct kc_schema *value_schema(void)
{
    struct kc_schema *collection = kc_schema_optional(kc_schema_new(KC_STRUCT), true);
    kc_schema_name(collection, "event.collection");
    kc_schema_version(collection, 1);
    kc_schema_field(collection, "data_collection", kc_schema_of(KC_STRING, false));
    kc_schema_field(collection, "event_count", kc_schema_of(KC_INT64, false));
    struct kc_schema *list = kc_schema_optional(kc_schema_new(KC_ARRAY), true);
    kc_schema_element(list, collection);
    struct kc_schema *schema = kc_schema_new(KC_STRUCT);
    kc_schema_name(schema, "io.debezium.connector.common.TransactionMetadataValue");
    kc_schema_version(schema, 1);
    kc_schema_field(schema, "status", kc_schema_of(KC_STRING, false));
    kc_schema_field(schema, "id", kc_schema_of(KC_STRING, false));
    kc_schema_field(schema, "event_count", kc_schema_of(KC_INT64, true));
    kc_schema_field(schema, "data_collections", list);
    kc_schema_field(schema, "ts_ms", kc_schema_of(KC_INT64, false));
    kc_schema_unref(collection);
    kc_schema_unref(list);
    return schema;
}

void transactions_init(struct transactions *transactions, bool on, const char *topic)
{
    *transactions = (struct transactions){.on = on};
    if (!on)
        return;
    transactions->topic = topic_name_clean(topic);
    transactions->key = key_schema();
    transactions->value = value_schema();
}

static void forget(struct transactions *transactions)
{
    free(transactions->id);
    transactions->id = NULL;
    transactions->total = 0;
    kc_map_clear(&transactions->counts, free);
}

void transactions_clear(struct transactions *transactions)
{
    forget(transactions);
    free(transactions->topic);
    kc_schema_unref(transactions->key);
    kc_schema_unref(transactions->value);
    *transactions = (struct transactions){0};
}

static struct kc_value text_in(struct kc_arena *arena, const char *text)
{
    size_t len = strlen(text);
    return kc_string(kc_arena_text(arena, text, len), len);
}

static struct kc_value *add_record(const struct transactions *transactions, struct kc_batch *batch,
                                   const char *status, const char *label, int64_t ts_ms)
{
    struct kc_arena *arena = &batch->arena;
    struct kc_record *record = kc_batch_add(batch, transactions->topic);
    record->key_schema = kc_schema_keep(arena, transactions->key);
    record->value_schema = kc_schema_keep(arena, transactions->value);
    record->key = kc_struct_new(arena, transactions->key);
    record->key.u.structure->field[0] = text_in(arena, label);
    record->value = kc_struct_new(arena, transactions->value);
    struct kc_value *field = record->value.u.structure->field;
    field[0] = kc_string(status, strlen(status));
    field[1] = record->key.u.structure->field[0];
    field[4] = kc_integer(KC_INT64, ts_ms);
    return field;
}

void transactions_begin(struct transactions *transactions, struct kc_batch *batch, const char *id,
                        const char *label, int64_t ts_ms)
{
    if (!transactions->on)
        return;
    forget(transactions);
    transactions->id = kc_strdup(id);
    add_record(transactions, batch, "BEGIN", label, ts_ms);
}

static int64_t *count_of(struct transactions *transactions, struct kc_text collection)
{
    int64_t *count = kc_map_get(&transactions->counts, collection);
    if (count)
        return count;
    count = kc_calloc(1, sizeof(*count));
    kc_map_set(&transactions->counts, collection, count);
    return count;
}

struct kc_value transactions_event(struct transactions *transactions, struct kc_arena *arena,
                                   const struct kc_schema *block, const char *label,
                                   const char *collection)
{
    if (!transactions->on)
        return kc_null();
    struct kc_value value = kc_struct_new(arena, block);
    value.u.structure->field[0] = text_in(arena, label);
    value.u.structure->field[1] = kc_integer(KC_INT64, ++transactions->total);
    value.u.structure->field[2] =
        kc_integer(KC_INT64, ++*count_of(transactions, kc_text(collection)));
    return value;
}

static int compare_entries(const void *a, const void *b)
{
    const struct kc_map_entry *const *x = a, *const *y = b;
    return strcmp((*x)->key.ptr, (*y)->key.ptr);
}

void transactions_end(struct transactions *transactions, struct kc_batch *batch, const char *label,
                      int64_t ts_ms)
{
    if (!transactions->on)
        return;
    struct kc_arena *arena = &batch->arena;
    const struct kc_schema *element = transactions->value->fields[3].schema->element;
    struct kc_value *field = add_record(transactions, batch, "END", label, ts_ms), *items;
    uint32_t count = 0;
    const struct kc_map_entry **sorted =
        kc_alloc(arena, (transactions->counts.count + 1) * sizeof(*sorted));
    for (struct kc_map_entry *e = NULL; (e = kc_map_next(&transactions->counts, e));)
        sorted[count++] = e;
    qsort(sorted, count, sizeof(*sorted), compare_entries);
    field[2] = kc_integer(KC_INT64, transactions->total);
    field[3] = kc_array_new(arena, count, &items);
    for (uint32_t i = 0; i < count; i++) {
        items[i] = kc_struct_new(arena, element);
        items[i].u.structure->field[0] = text_in(arena, sorted[i]->key.ptr);
        items[i].u.structure->field[1] = kc_integer(KC_INT64, *(const int64_t *)sorted[i]->value);
    }
}

/* ---- in stored offsets ---- */

uint32_t transactions_entries(const struct transactions *transactions)
{
    return transactions->id ? 1 + (uint32_t)transactions->counts.count : 0;
}

void transactions_write(const struct transactions *transactions, struct kc_arena *arena,
                        struct kc_entry *entries)
{
    if (!transactions->id)
        return;
    entries->key = kc_string(ID, strlen(ID));
    entries++->value = text_in(arena, transactions->id);
    for (struct kc_map_entry *e = NULL; (e = kc_map_next(&transactions->counts, e)); entries++) {
        char *name = kc_arena_printf(arena, ORDER "%.*s", KC_FMT(e->key));
        entries->key = kc_string(name, strlen(name));
        entries->value = kc_integer(KC_INT64, *(const int64_t *)e->value);
    }
}

void transactions_read(struct transactions *transactions, struct kc_value offset)
{
    struct kc_value id = kc_map_value_get(offset, ID);
    forget(transactions);
    if (!transactions->on || id.kind != KC_STRING)
        return;
    transactions->id = kc_strndup(id.u.text, id.len);
    for (uint32_t i = 0; i < offset.len; i++) {
        struct kc_text key = kc_value_text(offset.u.entries[i].key);
        if (!kc_text_starts(key, ORDER))
            continue;
        struct kc_text name = {key.ptr + strlen(ORDER), key.len - strlen(ORDER)};
        *count_of(transactions, name) = offset.u.entries[i].value.u.i;
        transactions->total += offset.u.entries[i].value.u.i;
    }
}
