#include "sources/common/envelope.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/uuid.h"

static const char op_names[] = {
    [OP_CREATE] = 'c', [OP_UPDATE] = 'u', [OP_DELETE] = 'd', [OP_READ] = 'r', [OP_TRUNCATE] = 't'};

enum envelope_field { BEFORE, AFTER, SOURCE, TRANSACTION, OP, TS_MS, TS_US, TS_NS };

void envelope_init(struct envelope *envelope, const char *prefix, const char *connector, int task,
                   bool headers, bool tombstones)
{
    *envelope = (struct envelope){.tombstones = tombstones};
    kc_uuid(envelope->run_id);
    snprintf(envelope->task, sizeof(envelope->task), "%d", task);
    const char *const context[][2] = {
        {"__debezium.context.connectorLogicalName", prefix},
        {"__debezium.context.taskId", envelope->task},
        {"__debezium.context.connectorName", connector},
        {"__debezium.context.runId", envelope->run_id},
    };
    envelope->n_context = headers ? KC_COUNT(context) : 0;
    for (uint32_t i = 0; i < envelope->n_context; i++)
        envelope->context[i] = (struct kc_header){
            context[i][0],
            kc_schema_of(KC_STRING, false),
            kc_string(context[i][1], strlen(context[i][1])),
        };
}

/* The context headers, after one of its own if there is a name. */
static void add_headers(const struct envelope *envelope, struct kc_batch *batch,
                        struct kc_record *record, const char *name, const struct kc_schema *schema,
                        struct kc_value value)
{
    uint32_t own = name != NULL;
    record->n_headers = envelope->n_context + own;
    if (!record->n_headers)
        return;
    record->headers = kc_alloc(&batch->arena, record->n_headers * sizeof(*record->headers));
    if (own)
        record->headers[0] = (struct kc_header){name, schema, value};
    memcpy(record->headers + own, envelope->context,
           envelope->n_context * sizeof(*record->headers));
}

static struct kc_record *add_record(struct kc_batch *batch, const struct table *table,
                                    struct kc_value key)
{
    struct kc_record *record = kc_batch_add(batch, table->topic);
    record->key_schema = table->key;
    record->key = key;
    return record;
}

static void set_value(struct kc_batch *batch, struct kc_record *record, const struct change *change,
                      enum change_op op, struct kc_value before, struct kc_value after)
{
    int64_t now = kc_now_us();
    struct kc_value value = kc_struct_new(&batch->arena, change->table->envelope);
    struct kc_value *field = value.u.structure->field;
    field[BEFORE] = before;
    field[AFTER] = after;
    field[SOURCE] = change->source;
    field[TRANSACTION] = change->transaction;
    field[OP] = kc_string(&op_names[op], 1);
    field[TS_MS] = kc_integer(KC_INT64, now / 1000);
    field[TS_US] = kc_integer(KC_INT64, now);
    field[TS_NS] = kc_integer(KC_INT64, now * 1000);
    record->value_schema = change->table->envelope;
    record->value = value;
}

/* A changed key is a delete of the old row and a create of the new one, tied by headers. */
static const char new_key[] = "__debezium.newkey", old_key[] = "__debezium.oldkey";

static void add_old_key(const struct envelope *envelope, struct kc_batch *batch,
                        const struct change *change)
{
    const struct kc_schema *schema = change->table->key;
    struct kc_record *record = add_record(batch, change->table, change->old_key);
    set_value(batch, record, change, OP_DELETE, change->before, kc_null());
    add_headers(envelope, batch, record, new_key, schema, change->key);
    if (!envelope->tombstones)
        return;
    record = add_record(batch, change->table, change->old_key);
    add_headers(envelope, batch, record, new_key, schema, change->key);
}

static void add_new_key(const struct envelope *envelope, struct kc_batch *batch,
                        const struct change *change)
{
    struct change create = *change;
    create.transaction = change->transaction2;
    struct kc_record *record = add_record(batch, change->table, change->key);
    set_value(batch, record, &create, OP_CREATE, kc_null(), change->after);
    add_headers(envelope, batch, record, old_key, change->table->key, change->old_key);
}

const struct kc_schema *envelope_transaction_schema(const struct table *table)
{
    return table->envelope->fields[TRANSACTION].schema;
}

bool envelope_splits(const struct change *change)
{
    return change->op == OP_UPDATE && change->old_key.kind != KC_NULL &&
           !kc_value_equal(change->old_key, change->key);
}

void envelope_add(const struct envelope *envelope, struct kc_batch *batch,
                  const struct change *change)
{
    if (envelope->counts)
        envelope->counts[change->op]++;
    if (envelope_splits(change)) {
        if (!change->no_delete)
            add_old_key(envelope, batch, change);
        if (!change->no_create)
            add_new_key(envelope, batch, change);
        return;
    }
    struct kc_record *record = add_record(batch, change->table, change->key);
    if (change->op == OP_TRUNCATE)
        record->key_schema = NULL;
    set_value(batch, record, change, change->op, change->before, change->after);
    add_headers(envelope, batch, record, NULL, NULL, kc_null());
    if (change->op == OP_DELETE && envelope->tombstones) {
        record = add_record(batch, change->table, change->key);
        add_headers(envelope, batch, record, NULL, NULL, kc_null());
    }
}
