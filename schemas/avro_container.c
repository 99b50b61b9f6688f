#include "schemas/avro_plan.h"

/* ---- null, and what may be null ---- */

struct kc_error *avro_write_value(const struct avro_plan *plan, struct kc_value value,
                                  struct kc_buf *buf)
{
    bool null = value.kind == KC_NULL && plan->connect;
    if (null && !plan->connect->optional)
        return kc_fail(KC_BAD_DATA, "Found null value for non-optional schema");
    if (plan->nullable || plan->single)
        avro_put_long(buf, null ? plan->null_branch : plan->value_branch);
    if (null && plan->nullable)
        return NULL;
    return plan->pair.write(plan, value, buf);
}

struct kc_error *avro_read_value(const struct avro_plan *plan, struct avro_input *input,
                                 struct kc_value *value)
{
    int64_t branch;
    struct kc_error *err = NULL;
    if (!plan->nullable && !plan->single)
        return plan->pair.read(plan, input, value);
    err = avro_get_long(input, &branch);
    if (err)
        return err;
    if (branch < 0 || branch > plan->nullable)
        return kc_fail(KC_BAD_DATA, "the union has no branch number %lld", (long long)branch);
    if (plan->single || branch != plan->null_branch)
        return plan->pair.read(plan, input, value);
    *value = kc_null();
    return NULL;
}

/* ---- arrays and maps: blocks of items, the last one of none ---- */

/* The number of items in the next block. */
static struct kc_error *next_block(const struct avro_plan *part, struct avro_input *input,
                                   int64_t *count)
{
    int64_t size;
    struct kc_error *err = avro_get_long(input, count);
    if (!err && *count < 0) {
        err = avro_get_long(input, &size);
        *count = *count == INT64_MIN ? INT64_MAX : -*count;
    }
    int64_t most = part->empty ? AVRO_MAX_EMPTY : input->end - input->at;
    if (!err && *count > most)
        return kc_fail(KC_BAD_DATA, "Malformed data: a block of %lld items in %lld bytes",
                       (long long)*count, (long long)(input->end - input->at));
    return err;
}

/* Items that grow, each time to twice their number. */
struct growing {
    void *items;
    uint32_t len, cap;
};

static struct kc_error *make_room(struct growing *growing, size_t item, int64_t more, bool empty,
                                  struct kc_arena *arena)
{
    int64_t needed = growing->len + more;
    if (needed > (int64_t)(UINT32_MAX / item / 2) || (empty && needed > AVRO_MAX_EMPTY))
        return kc_fail(KC_BAD_DATA, "Malformed data: %lld items in an array or map",
                       (long long)needed);
    if (needed <= growing->cap)
        return NULL;
    uint32_t cap = growing->cap * 2 > needed ? growing->cap * 2 : (uint32_t)needed;
    void *items = kc_alloc(arena, item * cap);
    if (growing->len)
        memcpy(items, growing->items, item * growing->len);
    growing->items = items;
    growing->cap = cap;
    return NULL;
}

struct kc_error *avro_too_deep(void)
{
    return kc_fail(KC_BAD_DATA, "the Avro data is nested more than %d deep", AVRO_MAX_DEPTH);
}

static struct kc_error *write_array(const struct avro_plan *plan, struct kc_value value,
                                    struct kc_buf *buf)
{
    struct kc_error *err = NULL;
    if (value.kind != KC_ARRAY)
        return avro_wrong_kind(plan, value);
    if (value.len)
        avro_put_long(buf, value.len);
    for (uint32_t i = 0; i < value.len && !err; i++)
        err = avro_write_value(plan->parts[0], value.u.items[i], buf);
    kc_buf_char(buf, 0);
    return err;
}

static struct kc_error *read_array(const struct avro_plan *plan, struct avro_input *input,
                                   struct kc_value *value)
{
    const struct avro_plan *part = plan->parts[0];
    struct growing growing = {NULL, 0, 0};
    int64_t count = 0;
    struct kc_error *err = NULL;
    if (++input->depth > AVRO_MAX_DEPTH)
        return avro_too_deep();
    while (!err && !(err = next_block(part, input, &count)) && count) {
        err = make_room(&growing, sizeof(*value), count, part->empty, input->arena);
        for (int64_t i = 0; i < count && !err; i++)
            err = avro_read_value(part, input, (struct kc_value *)growing.items + growing.len++);
    }
    input->depth--;
    *value = (struct kc_value){.kind = KC_ARRAY, .len = growing.len, .u.items = growing.items};
    return err;
}

static struct kc_error *write_entry(const struct avro_plan *plan, const struct kc_entry *entry,
                                    struct kc_buf *buf)
{
    if (plan->key) {
        struct kc_error *err = avro_write_value(plan->key, entry->key, buf);
        return err ? err : avro_write_value(plan->parts[0], entry->value, buf);
    }
    if (entry->key.kind != KC_STRING)
        return kc_fail(KC_BAD_DATA, "Invalid type for STRING: class %s",
                       kc_kind_java_class((enum kc_kind)entry->key.kind));
    avro_put_long(buf, entry->key.len);
    kc_buf_put(buf, entry->key.u.text, entry->key.len);
    return avro_write_value(plan->parts[0], entry->value, buf);
}

static struct kc_error *write_map(const struct avro_plan *plan, struct kc_value value,
                                  struct kc_buf *buf)
{
    struct kc_error *err = NULL;
    if (value.kind != KC_MAP)
        return avro_wrong_kind(plan, value);
    if (value.len)
        avro_put_long(buf, value.len);
    for (uint32_t i = 0; i < value.len && !err; i++)
        err = write_entry(plan, &value.u.entries[i], buf);
    kc_buf_char(buf, 0);
    return err;
}

static struct kc_error *read_entry(const struct avro_plan *plan, struct avro_input *input,
                                   struct kc_entry *entry)
{
    struct kc_error *err = plan->key ? avro_read_value(plan->key, input, &entry->key)
                                     : avro_scalars[AVRO_STRING].read(plan, input, &entry->key);
    return err ? err : avro_read_value(plan->parts[0], input, &entry->value);
}

/* A key that comes again replaces the entry before it; looked for among a few only, for nobody
 * writes such maps but to try. */
static void add_entry(struct growing *growing, const struct kc_entry *entry)
{
    struct kc_entry *entries = growing->items;
    for (uint32_t i = growing->len; growing->len <= 64 && i-- > 0;)
        if (kc_value_equal(entries[i].key, entry->key)) {
            entries[i] = *entry;
            return;
        }
    entries[growing->len++] = *entry;
}

static struct kc_error *read_map(const struct avro_plan *plan, struct avro_input *input,
                                 struct kc_value *value)
{
    static const struct avro_plan key_has_bytes;
    struct growing growing = {NULL, 0, 0};
    struct kc_entry entry = {kc_null(), kc_null()};
    int64_t count = 0;
    struct kc_error *err = NULL;
    if (++input->depth > AVRO_MAX_DEPTH)
        return avro_too_deep();
    while (!err && !(err = next_block(&key_has_bytes, input, &count)) && count) {
        err = make_room(&growing, sizeof(entry), count, false, input->arena);
        for (int64_t i = 0; i < count && !err; i++) {
            err = read_entry(plan, input, &entry);
            if (!err)
                add_entry(&growing, &entry);
        }
    }
    input->depth--;
    *value = (struct kc_value){.kind = KC_MAP, .len = growing.len, .u.entries = growing.items};
    return err;
}

/* ---- structs ---- */

static struct kc_value field_value(const struct avro_plan *plan, const struct kc_struct *structure,
                                   uint32_t i)
{
    const struct kc_schema *field = plan->connect->fields[i].schema;
    struct kc_value value = structure->field[i];
    if (value.kind == KC_NULL && field && field->has_default && !plan->ignore_default)
        return field->default_value;
    return value;
}

static struct kc_error *write_record(const struct avro_plan *plan, struct kc_value value,
                                     struct kc_buf *buf)
{
    if (value.kind != KC_STRUCT)
        return avro_wrong_kind(plan, value);
    const struct kc_struct *structure = value.u.structure;
    if (structure->schema != plan->connect && !kc_schema_equal(structure->schema, plan->connect))
        return kc_fail(KC_BAD_DATA, "Mismatching struct schema");
    for (uint32_t i = 0; i < plan->n_parts; i++) {
        struct kc_error *err =
            avro_write_value(plan->parts[i], field_value(plan, structure, i), buf);
        if (err)
            return kc_error_place(err, "in field %s", plan->connect->fields[i].name);
    }
    return NULL;
}

static struct kc_error *read_record(const struct avro_plan *plan, struct avro_input *input,
                                    struct kc_value *value)
{
    if (++input->depth > AVRO_MAX_DEPTH)
        return avro_too_deep();
    *value = kc_struct_new(input->arena, plan->connect);
    for (uint32_t i = 0; i < plan->n_parts; i++) {
        struct kc_error *err =
            avro_read_value(plan->parts[i], input, &value->u.structure->field[i]);
        if (err)
            return kc_error_place(err, "in field %s", plan->connect->fields[i].name);
    }
    input->depth--;
    return NULL;
}

/* The one field that is set. */
static struct kc_error *write_union(const struct avro_plan *plan, struct kc_value value,
                                    struct kc_buf *buf)
{
    if (value.kind != KC_STRUCT && value.kind != KC_NULL)
        return avro_wrong_kind(plan, value);
    for (uint32_t i = 0; i < plan->n_parts; i++) {
        if (plan->places[i] < 0) {
            if (value.kind != KC_NULL)
                continue;
            avro_put_long(buf, i);
            return NULL;
        }
        if (value.kind == KC_NULL)
            continue;
        struct kc_value field = field_value(plan, value.u.structure, (uint32_t)plan->places[i]);
        if (field.kind == KC_NULL)
            continue;
        avro_put_long(buf, i);
        return avro_write_value(plan->parts[i], field, buf);
    }
    return kc_fail(KC_BAD_DATA, "Found null value for non-optional schema");
}

static struct kc_error *read_union(const struct avro_plan *plan, struct avro_input *input,
                                   struct kc_value *value)
{
    int64_t branch;
    struct kc_error *err = avro_get_long(input, &branch);
    if (err)
        return err;
    if (branch < 0 || branch >= plan->n_parts)
        return kc_fail(KC_BAD_DATA, "the union has no branch number %lld", (long long)branch);
    *value = kc_null();
    if (plan->places[branch] < 0)
        return NULL;
    *value = kc_struct_new(input->arena, plan->connect);
    return avro_read_value(plan->parts[branch], input,
                           &value->u.structure->field[plan->places[branch]]);
}

const struct avro_pair avro_array = {write_array, read_array};
const struct avro_pair avro_map = {write_map, read_map};
const struct avro_pair avro_record = {write_record, read_record};
const struct avro_pair avro_union = {write_union, read_union};
