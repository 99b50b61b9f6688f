#include "sources/postgres/messages.h"

#include <stdlib.h>

#include "base/clock.h"
#include "sources/common/table.h"
#include "sources/postgres/types.h"

enum { OP, TS_MS, SOURCE, TRANSACTION, MESSAGE };

static struct kc_schema *named(const char *name)
{
    return kc_schema_version(kc_schema_name(kc_schema_new(KC_STRUCT), name), 1);
}

static const struct kc_schema *value_schema(const struct kc_schema *source, int binary)
{
    struct kc_schema *message = named("io.debezium.connector.postgresql.Message");
    kc_schema_field(message, "prefix", kc_schema_of(KC_STRING, true));
    kc_schema_field(message, "content",
                    kc_schema_of(binary == BINARY_BYTES ? KC_BYTES : KC_STRING, true));
    const struct kc_schema *transaction = table_transaction_schema();
    struct kc_schema *value = named("io.debezium.connector.postgresql.MessageValue");
    kc_schema_field(value, "op", kc_schema_of(KC_STRING, false));
    kc_schema_field(value, "ts_ms", kc_schema_of(KC_INT64, true));
    kc_schema_field(value, "source", source);
    kc_schema_field(value, "transaction", transaction);
    kc_schema_field(value, "message", message);
    kc_schema_unref(transaction);
    kc_schema_unref(message);
    return value;
}

struct kc_error *messages_init(struct messages *messages, const struct pg_config *config,
                               const struct kc_schema *source)
{
    *messages = (struct messages){.binary = config->modes.binary};
    /* topic.delimiter has no say here. */
    messages->topic = kc_printf("%s.message", config->prefix);
    messages->key = kc_schema_field(named("io.debezium.connector.postgresql.MessageKey"), "prefix",
                                    kc_schema_of(KC_STRING, true));
    messages->value = value_schema(source, messages->binary);
    struct kc_error *err = filter_init(&messages->include, config->message_include);
    if (!err)
        err = filter_init(&messages->exclude, config->message_exclude);
    return err ? kc_while(err, "while reading message.prefix.include.list and exclude.list") : NULL;
}

void messages_clear(struct messages *messages)
{
    free(messages->topic);
    kc_schema_unref(messages->key);
    kc_schema_unref(messages->value);
    filter_clear(&messages->include);
    filter_clear(&messages->exclude);
    *messages = (struct messages){0};
}

bool messages_wants(const struct messages *messages, struct kc_text prefix)
{
    return filter_allows(&messages->include, &messages->exclude, prefix);
}

const struct kc_schema *messages_transaction_schema(const struct messages *messages)
{
    return messages->value->fields[TRANSACTION].schema;
}

void messages_add(const struct messages *messages, struct kc_batch *batch,
                  const struct pgoutput_change *message, struct kc_value source,
                  struct kc_value transaction)
{
    struct kc_arena *arena = &batch->arena;
    struct kc_record *record = kc_batch_add(batch, messages->topic);
    record->key_schema = kc_schema_keep(arena, messages->key);
    record->value_schema = kc_schema_keep(arena, messages->value);
    record->key = kc_struct_new(arena, messages->key);
    record->key.u.structure->field[0] = kc_string(message->name.ptr, message->name.len);
    record->value = kc_struct_new(arena, messages->value);
    struct kc_value *field = record->value.u.structure->field;
    field[OP] = kc_string("m", 1);
    field[TS_MS] = kc_integer(KC_INT64, kc_now_ms());
    field[SOURCE] = source;
    field[TRANSACTION] = transaction;
    field[MESSAGE] = kc_struct_new(arena, messages->value->fields[MESSAGE].schema);
    field[MESSAGE].u.structure->field[0] = record->key.u.structure->field[0];
    field[MESSAGE].u.structure->field[1] = forms_encode(messages->binary, message->content, arena);
}
