#include "sources/common/heartbeat.h"

#include <stdlib.h>

#include "base/clock.h"
#include "sources/common/topic_name.h"

static const struct kc_schema *one_field(const char *name, const char *field, enum kc_kind kind)
{
    struct kc_schema *schema = kc_schema_name(kc_schema_new(KC_STRUCT), name);
    kc_schema_version(schema, 1);
    return kc_schema_field(schema, field, kc_schema_of(kind, false));
}

void heartbeat_init(struct heartbeat *heartbeat, int64_t interval_ms, const char *topic,
                    const char *topic_prefix, const char *delimiter, const char *prefix)
{
    char *name =
        topic && *topic ? kc_strdup(topic) : kc_printf("%s%s%s", topic_prefix, delimiter, prefix);
    *heartbeat = (struct heartbeat){
        .topic = topic_name_clean(name),
        .prefix = prefix,
        .key = one_field("io.debezium.connector.common.ServerNameKey", "serverName", KC_STRING),
        .value = one_field("io.debezium.connector.common.Heartbeat", "ts_ms", KC_INT64),
        .interval_ms = interval_ms,
        .next = kc_monotonic_ms() + interval_ms,
    };
    free(name);
}

void heartbeat_clear(struct heartbeat *heartbeat)
{
    kc_schema_unref(heartbeat->key);
    kc_schema_unref(heartbeat->value);
    free(heartbeat->topic);
    *heartbeat = (struct heartbeat){0};
}

bool heartbeat_due(const struct heartbeat *heartbeat)
{
    return heartbeat->interval_ms > 0 && kc_monotonic_ms() >= heartbeat->next;
}

void heartbeat_now(struct heartbeat *heartbeat)
{
    heartbeat->next = kc_monotonic_ms();
}

void heartbeat_add(struct heartbeat *heartbeat, struct kc_batch *batch)
{
    heartbeat->next = kc_monotonic_ms() + heartbeat->interval_ms;
    struct kc_record *record = kc_batch_add(batch, heartbeat->topic);
    record->partition = 0;
    record->key_schema = kc_schema_keep(&batch->arena, heartbeat->key);
    record->value_schema = kc_schema_keep(&batch->arena, heartbeat->value);
    record->key = kc_struct_new(&batch->arena, heartbeat->key);
    record->key.u.structure->field[0] = kc_string(heartbeat->prefix, strlen(heartbeat->prefix));
    record->value = kc_struct_new(&batch->arena, heartbeat->value);
    record->value.u.structure->field[0] = kc_integer(KC_INT64, kc_now_ms());
}
