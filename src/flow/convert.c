#include "flow/convert.h"

#include <stdlib.h>
#include <string.h>

/* What one converter is about, to treat the three alike. */
struct place {
    const char *setting; /* "key.converter" */
    const char *type;    /* converter.type */
    enum kc_side side;
    enum tolerance_stage stage;
};

static const struct place key_place = { "key.converter", "key", KC_KEY_SIDE, STAGE_KEY_CONVERTER };
static const struct place value_place = { "value.converter", "value", KC_VALUE_SIDE,
                                          STAGE_VALUE_CONVERTER };
static const struct place header_place = { "header.converter", "header", KC_HEADER_SIDE,
                                           STAGE_HEADER_CONVERTER };

/* The connector's class and settings when it names a class, else the worker's. */
static struct kc_error *open_converter(const struct flow *flow, const struct place *place,
                                       const char *own_class, const char *worker_class,
                                       struct instance *instance)
{
    struct kc_props props = { .map.count = 0 };
    char *prefix = kc_printf("%s.", place->setting);
    const char *class_name = own_class && *own_class ? own_class : worker_class;

    kc_props_with_prefix(class_name == own_class ? flow->props : &flow->worker->props, prefix, &props);
    kc_props_set(&props, "converter.type", place->type);
    struct kc_error *err = instance_new(KC_CONVERTER, class_name, &props, place->setting, instance);
    free(prefix);
    kc_props_clear(&props);
    if (err)
        return err;
    struct kc_converter *converter = instance->state;
    converter->plugin = instance->plugin;
    converter->config = instance->config;
    converter->side = place->side;
    const struct kc_converter_ops *ops = instance->plugin->converter;
    return ops->open ? ops->open(converter) : NULL;
}

struct kc_error *convert_init(struct convert *convert, const struct flow *flow)
{
    const struct connector_config *own = &flow->config;
    const struct worker_config *worker = flow->worker;
    struct kc_error *err;

    err = open_converter(flow, &key_place, own->key_converter, worker->key_converter, &convert->key);
    if (!err)
        err = open_converter(flow, &value_place, own->value_converter, worker->value_converter,
                             &convert->value);
    if (!err)
        err = open_converter(flow, &header_place, own->header_converter, worker->header_converter,
                             &convert->header);
    return err;
}

static void close_converter(struct instance *instance)
{
    if (instance->state && instance->plugin->converter->close)
        instance->plugin->converter->close(instance->state);
    instance_clear(instance);
}

void convert_clear(struct convert *convert)
{
    close_converter(&convert->key);
    close_converter(&convert->value);
    close_converter(&convert->header);
}

static const char *class_of(const struct instance *instance)
{
    return instance->plugin->java_classes[instance->which];
}

/* ---- encode and decode, field by field the same ---- */

/* One part of one record on its way through a converter. */
struct part {
    const struct instance *instance;
    const struct place *place;
    struct tolerance *tolerance;
    struct kc_record *record;
    struct kc_arena *arena;
};

/* After an attempt: true when it shall be made again. A final failure marks the record. */
static bool again(const struct part *part, struct kc_error *err)
{
    if (err && err->fault == KC_RETRY && tolerance_retry(part->tolerance, err))
        return true;
    tolerance_done(part->tolerance);
    if (err)
        tolerance_mark(part->tolerance, part->record, part->place->stage,
                       class_of(part->instance), err);
    return false;
}

static void encode(const struct part *part, const char *name, const struct kc_schema *schema,
                   struct kc_value value, struct kc_wire *wire)
{
    const struct instance *instance = part->instance;

    if (part->record->fault)
        return;
    while (again(part, instance->plugin->converter->encode(instance->state, name, schema, value,
                                                           part->arena, wire)))
        continue;
}

static void decode(const struct part *part, const char *name, struct kc_wire wire,
                   const struct kc_schema **schema, struct kc_value *value)
{
    const struct instance *instance = part->instance;

    if (part->record->fault)
        return;
    while (again(part, instance->plugin->converter->decode(instance->state, name, wire,
                                                           part->arena, schema, value)))
        continue;
}

static bool same_header(const struct kc_header *a, const struct kc_header *b)
{
    return a->schema == b->schema && a->value.kind == KC_STRING && b->value.kind == KC_STRING &&
           a->value.len == b->value.len &&
           memcmp(a->value.u.text, b->value.u.text, a->value.len) == 0 &&
           (a->name == b->name || strcmp(a->name, b->name) == 0);
}

static bool same_headers(const struct kc_record *a, const struct kc_record *b)
{
    if (a->n_headers != b->n_headers)
        return false;
    for (uint32_t i = 0; i < a->n_headers; i++)
        if (!same_header(&a->headers[i], &b->headers[i]))
            return false;
    return true;
}

/* Most sources give every record the same headers: they are encoded once a batch. last: the record before
 * this one with headers, or NULL. */
static void encode_headers(const struct part *part, const struct kc_record *last)
{
    struct kc_record *record = part->record;

    if (record->n_headers == 0)
        return;
    if (last && !last->fault && same_headers(last, record)) {
        record->wire_headers = last->wire_headers;
        record->n_wire_headers = last->n_wire_headers;
        return;
    }
    record->wire_headers = kc_alloc0(part->arena, record->n_headers * sizeof(*record->wire_headers));
    record->n_wire_headers = record->n_headers;
    for (uint32_t i = 0; i < record->n_headers; i++) {
        const struct kc_header *header = &record->headers[i];
        record->wire_headers[i].name = header->name;
        encode(part, header->name, header->schema, header->value, &record->wire_headers[i].value);
    }
}

static void decode_headers(const struct part *part)
{
    struct kc_record *record = part->record;

    if (record->n_wire_headers == 0)
        return;
    record->headers = kc_alloc0(part->arena, record->n_wire_headers * sizeof(*record->headers));
    record->n_headers = record->n_wire_headers;
    for (uint32_t i = 0; i < record->n_wire_headers; i++) {
        struct kc_header *header = &record->headers[i];
        header->name = record->wire_headers[i].name;
        decode(part, header->name, record->wire_headers[i].value, &header->schema, &header->value);
    }
}

struct kc_error *convert_encode_batch(struct convert *convert, struct tolerance *tolerance,
                                      struct kc_batch *batch)
{
    struct part header = { &convert->header, &header_place, tolerance, NULL, &batch->arena };
    struct part key = { &convert->key, &key_place, tolerance, NULL, &batch->arena };
    struct part value = { &convert->value, &value_place, tolerance, NULL, &batch->arena };
    const struct kc_record *last = NULL;

    for (struct kc_record *r = batch->first; r; r = r->next) {
        if (r->dropped)
            continue;
        header.record = key.record = value.record = r;
        encode_headers(&header, last);
        if (r->n_headers)
            last = r;
        encode(&key, r->topic, r->key_schema, r->key, &r->key_wire);
        encode(&value, r->topic, r->value_schema, r->value, &r->value_wire);
    }
    return tolerance_sweep(tolerance, batch);
}

struct kc_error *convert_decode_batch(struct convert *convert, struct tolerance *tolerance,
                                      struct kc_batch *batch)
{
    struct part header = { &convert->header, &header_place, tolerance, NULL, &batch->arena };
    struct part key = { &convert->key, &key_place, tolerance, NULL, &batch->arena };
    struct part value = { &convert->value, &value_place, tolerance, NULL, &batch->arena };

    for (struct kc_record *r = batch->first; r; r = r->next) {
        if (r->dropped)
            continue;
        header.record = key.record = value.record = r;
        decode(&key, r->topic, r->key_wire, &r->key_schema, &r->key);
        decode(&value, r->topic, r->value_wire, &r->value_schema, &r->value);
        decode_headers(&header);
    }
    return tolerance_sweep(tolerance, batch);
}
