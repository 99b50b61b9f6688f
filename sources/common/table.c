#include "sources/common/table.h"

#include <stdlib.h>

const struct kc_schema *table_transaction_schema(void)
{
    struct kc_schema *block = kc_schema_new(KC_STRUCT);
    kc_schema_optional(block, true);
    kc_schema_name(block, "event.block");
    kc_schema_version(block, 1);
    kc_schema_field(block, "id", kc_schema_of(KC_STRING, false));
    kc_schema_field(block, "total_order", kc_schema_of(KC_INT64, false));
    return kc_schema_field(block, "data_collection_order", kc_schema_of(KC_INT64, false));
}

/* Fields in the order of the original (Envelope.java). */
static const struct kc_schema *envelope_schema(const struct kc_schema *value,
                                               const struct kc_schema *source, const char *name)
{
    struct kc_schema *envelope = kc_schema_new(KC_STRUCT);
    const struct kc_schema *transaction = table_transaction_schema();
    kc_schema_name(envelope, name);
    kc_schema_version(envelope, 2);
    kc_schema_field(envelope, "before", value);
    kc_schema_field(envelope, "after", value);
    kc_schema_field(envelope, "source", source);
    kc_schema_field(envelope, "transaction", transaction);
    kc_schema_field(envelope, "op", kc_schema_of(KC_STRING, false));
    kc_schema_field(envelope, "ts_ms", kc_schema_of(KC_INT64, true));
    kc_schema_field(envelope, "ts_us", kc_schema_of(KC_INT64, true));
    kc_schema_field(envelope, "ts_ns", kc_schema_of(KC_INT64, true));
    kc_schema_unref(transaction);
    return envelope;
}

struct table *table_new(const char *topic, const char *schema, const char *name,
                        const struct kc_schema *key, const struct kc_schema *value,
                        const struct kc_schema *source, const char *envelope_name)
{
    struct table *table = kc_calloc(1, sizeof(*table));
    table->refs = 1;
    kc_arena_init(&table->arena, 0);
    table->topic = kc_strdup(topic);
    table->schema = kc_strdup(schema);
    table->name = kc_strdup(name);
    table->key = key;
    table->value = value;
    table->envelope = envelope_schema(value, source, envelope_name);
    return table;
}

void table_unref(struct table *table)
{
    if (!table || --table->refs)
        return;
    kc_schema_unref(table->key);
    kc_schema_unref(table->value);
    kc_schema_unref(table->envelope);
    kc_arena_clear(&table->arena);
    free(table->topic);
    free(table->schema);
    free(table->name);
    free(table);
}

static void release(void *table)
{
    table_unref(table);
}

void table_keep(struct table *table, struct kc_batch *batch, uint64_t number)
{
    if (table->kept_in == number)
        return;
    table->kept_in = number;
    table->refs++;
    kc_arena_defer(&batch->arena, release, table);
}
