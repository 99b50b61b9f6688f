#include "schemas/avro_codec.h"

#include "schemas/avro_plan.h"
#include "schemas/avro_to_connect.h"

/* ---- plans ---- */

static const struct avro_pair *pair_of(enum avro_type type)
{
    switch (type) {
    case AVRO_RECORD:
        return &avro_record;
    case AVRO_ARRAY:
        return &avro_array;
    case AVRO_MAP:
        return &avro_map;
    case AVRO_UNION:
        return &avro_union;
    default:
        return &avro_scalars[type];
    }
}

struct planner {
    struct kc_arena *arena;
    const struct avro_settings *settings;
};

static struct avro_plan *make(const struct planner *planner, const struct kc_schema *connect,
                              const struct avro_schema *avro);

static void plan_parts(const struct planner *planner, struct avro_plan *plan, uint32_t count)
{
    plan->parts = kc_alloc0(planner->arena, (count + 1) * sizeof(*plan->parts));
    plan->n_parts = count;
}

static void plan_record(const struct planner *planner, struct avro_plan *plan)
{
    plan_parts(planner, plan, plan->avro->n_fields);
    plan->empty = true;
    for (uint32_t i = 0; i < plan->n_parts; i++) {
        plan->parts[i] = make(planner, plan->connect->fields[i].schema, plan->avro->fields[i].type);
        plan->empty &= plan->parts[i]->empty;
    }
}

static void plan_union(const struct planner *planner, struct avro_plan *plan)
{
    int32_t field = 0;
    plan_parts(planner, plan, plan->avro->n_branches);
    plan->places = kc_alloc(planner->arena, (plan->n_parts + 1) * sizeof(*plan->places));
    for (uint32_t i = 0; i < plan->n_parts; i++) {
        bool null = plan->avro->branches[i]->type == AVRO_NULL;
        plan->places[i] = null ? -1 : field;
        plan->parts[i] = make(planner, null ? NULL : plan->connect->fields[field].schema,
                              plan->avro->branches[i]);
        field += !null;
    }
}

static void plan_container(const struct planner *planner, struct avro_plan *plan)
{
    bool entries = plan->avro->type == AVRO_ARRAY && plan->connect->kind == KC_MAP;
    const struct avro_schema *element = plan->avro->element;
    plan_parts(planner, plan, 1);
    if (entries) {
        plan->pair = avro_map;
        plan->key = make(planner, plan->connect->key, element->fields[0].type);
        element = element->fields[1].type;
    }
    plan->parts[0] = make(planner, plan->connect->element, element);
}

static void plan_logical(struct avro_plan *plan)
{
    plan->logical = kc_logical_of(plan->connect);
    if (plan->logical == KC_LOGICAL_DECIMAL) {
        plan->pair = avro_decimal;
        kc_error_free(kc_decimal_scale(plan->connect, &plan->scale));
    } else if (plan->logical) {
        plan->pair = avro_instant;
    }
}

static struct avro_plan *make(const struct planner *planner, const struct kc_schema *connect,
                              const struct avro_schema *avro)
{
    struct avro_plan *plan = kc_alloc0(planner->arena, sizeof(*plan));
    const struct avro_schema *only = avro_nullable(avro);
    bool is_union = connect && avro_is_union(connect, planner->settings);
    if (only && !is_union) {
        plan->nullable = true;
        plan->null_branch = avro->branches[0]->type != AVRO_NULL;
        plan->value_branch = !plan->null_branch;
        avro = only;
    } else if (avro->type == AVRO_UNION && avro->n_branches == 1 && !is_union) {
        avro = avro->branches[0];
        plan->single = true;
    }
    plan->connect = connect;
    plan->avro = avro;
    plan->ignore_default = planner->settings->ignore_default;
    if (!connect && avro->type == AVRO_RECORD) {
        plan->pair = avro_any;
        return plan;
    }
    plan->pair = *pair_of(avro->type);
    plan->empty = avro->type == AVRO_NULL || (avro->type == AVRO_FIXED && !avro->size);
    if (avro->type == AVRO_RECORD)
        plan_record(planner, plan);
    else if (avro->type == AVRO_UNION)
        plan_union(planner, plan);
    else if (avro->type == AVRO_ARRAY || avro->type == AVRO_MAP)
        plan_container(planner, plan);
    else if (connect)
        plan_logical(plan);
    plan->empty &= !plan->nullable && !plan->single;
    return plan;
}

struct avro_plan *avro_plan_new(struct kc_arena *arena, const struct avro_settings *settings,
                                const struct kc_schema *connect, const struct avro_schema *avro)
{
    return make(&(struct planner){arena, settings}, connect, avro);
}

static bool is_raw(const struct avro_plan *plan)
{
    return !plan->nullable && !plan->single && plan->avro->type == AVRO_BYTES;
}

struct kc_error *avro_encode(const struct avro_plan *plan, struct kc_value value,
                             struct kc_buf *buf)
{
    if (!is_raw(plan) || value.kind == KC_NULL)
        return avro_write_value(plan, value, buf);
    KC_AUTO_BUF framed = KC_BUF(0);
    struct kc_error *err = plan->pair.write(plan, value, &framed);
    size_t skip = 0;
    while (!err && skip < framed.len && (uint8_t)framed.data[skip] >= 0x80)
        skip++;
    if (!err)
        kc_buf_put(buf, framed.data + skip + 1, framed.len - skip - 1);
    return err;
}

struct kc_error *avro_decode(const struct avro_plan *plan, struct kc_text data,
                             struct kc_arena *arena, struct kc_value *value)
{
    const uint8_t *bytes = (const uint8_t *)data.ptr;
    struct avro_input input = {bytes, bytes + data.len, arena, 0};
    if (!is_raw(plan))
        return avro_read_value(plan, &input, value);
    if (plan->logical == KC_LOGICAL_DECIMAL && !data.len)
        return kc_fail(KC_BAD_DATA, "Zero length BigInteger");
    *value = plan->logical == KC_LOGICAL_DECIMAL
                 ? kc_decimal_from_bytes(arena, bytes, data.len, plan->scale)
                 : kc_bytes(bytes, data.len);
    return NULL;
}
