#include "schemas/avro_plan.h"

/* ---- values without a schema: a record with one field for each kind ---- */

enum {
    ANY_BOOLEAN,
    ANY_BYTES,
    ANY_DOUBLE,
    ANY_FLOAT,
    ANY_INT,
    ANY_LONG,
    ANY_STRING,
    ANY_ARRAY,
    ANY_MAP,
    ANY_FIELDS
};

static const struct {
    int8_t field; /* -1: there is none */
    enum kc_kind kind;
} any_kinds[] = {
    [KC_NULL] = {-1, KC_NULL},
    [KC_INT8] = {ANY_INT, KC_INT32},
    [KC_INT16] = {ANY_INT, KC_INT32},
    [KC_INT32] = {ANY_INT, KC_INT32},
    [KC_INT64] = {ANY_LONG, KC_INT64},
    [KC_FLOAT32] = {ANY_FLOAT, KC_FLOAT32},
    [KC_FLOAT64] = {ANY_DOUBLE, KC_FLOAT64},
    [KC_BOOLEAN] = {ANY_BOOLEAN, KC_BOOLEAN},
    [KC_STRING] = {ANY_STRING, KC_STRING},
    [KC_BYTES] = {-1, KC_BYTES},
    [KC_ARRAY] = {ANY_ARRAY, KC_ARRAY},
    [KC_MAP] = {ANY_MAP, KC_MAP},
    [KC_STRUCT] = {-1, KC_STRUCT},
    [KC_DECIMAL] = {-1, KC_DECIMAL},
    [KC_INSTANT] = {-1, KC_INSTANT},
};

static struct kc_error *write_any(const struct avro_plan *plan, struct kc_value value,
                                  struct kc_buf *buf);

static struct kc_error *write_any_content(const struct avro_plan *plan, struct kc_value value,
                                          struct kc_buf *buf)
{
    struct kc_schema schema = {.kind = (uint8_t)any_kinds[value.kind].kind};
    struct avro_plan one = {.connect = &schema};
    struct kc_error *err = NULL;
    value.kind = value.kind < KC_INT32 ? KC_INT32 : value.kind;
    switch (value.kind) {
    case KC_INT32:
    case KC_INT64:
        return avro_scalars[AVRO_LONG].write(&one, value, buf);
    case KC_FLOAT32:
        return avro_scalars[AVRO_FLOAT].write(&one, value, buf);
    case KC_FLOAT64:
        return avro_scalars[AVRO_DOUBLE].write(&one, value, buf);
    case KC_BOOLEAN:
        return avro_scalars[AVRO_BOOLEAN].write(&one, value, buf);
    case KC_STRING:
        return avro_scalars[AVRO_STRING].write(&one, value, buf);
    default:
        break;
    }
    if (value.len)
        avro_put_long(buf, value.len);
    for (uint32_t i = 0; i < value.len && !err; i++) {
        if (value.kind == KC_MAP)
            err = write_any(plan, value.u.entries[i].key, buf);
        if (!err)
            err = write_any(
                plan, value.kind == KC_MAP ? value.u.entries[i].value : value.u.items[i], buf);
    }
    kc_buf_char(buf, 0);
    return err;
}

static struct kc_error *write_any(const struct avro_plan *plan, struct kc_value value,
                                  struct kc_buf *buf)
{
    struct kc_error *err = NULL;
    int field = any_kinds[value.kind].field;
    if (field < 0 && value.kind != KC_NULL)
        return kc_fail(KC_BAD_DATA, "Unknown Java type for schemaless data: class %s",
                       value.kind == KC_BYTES ? "java.nio.HeapByteBuffer"
                                              : kc_kind_java_class((enum kc_kind)value.kind));
    for (int i = 0; i < ANY_FIELDS && !err; i++) {
        avro_put_long(buf, i == field);
        if (i == field)
            err = write_any_content(plan, value, buf);
    }
    return err;
}

static struct kc_error *read_any(const struct avro_plan *plan, struct avro_input *input,
                                 struct kc_value *value);

static struct kc_error *read_any_items(const struct avro_plan *plan, struct avro_input *input,
                                       bool map, struct kc_value *value)
{
    const struct avro_plan one = {.pair = avro_any};
    const struct avro_plan *parts[] = {&one};
    struct avro_plan container = {.parts = parts, .n_parts = 1, .key = map ? &one : NULL};
    (void)plan;
    return (map ? avro_map : avro_array).read(&container, input, value);
}

static struct kc_error *read_any_content(const struct avro_plan *plan, int field,
                                         struct avro_input *input, struct kc_value *value)
{
    static const struct {
        enum avro_type type;
        enum kc_kind kind;
    } fields[] = {
        [ANY_BOOLEAN] = {AVRO_BOOLEAN, KC_BOOLEAN}, [ANY_BYTES] = {AVRO_BYTES, KC_BYTES},
        [ANY_DOUBLE] = {AVRO_DOUBLE, KC_FLOAT64},   [ANY_FLOAT] = {AVRO_FLOAT, KC_FLOAT32},
        [ANY_INT] = {AVRO_INT, KC_INT32},           [ANY_LONG] = {AVRO_LONG, KC_INT64},
        [ANY_STRING] = {AVRO_STRING, KC_STRING},
    };
    if (field >= ANY_ARRAY)
        return read_any_items(plan, input, field == ANY_MAP, value);
    struct kc_schema connect = {.kind = (uint8_t)fields[field].kind};
    struct avro_schema avro = {.type = fields[field].type};
    struct avro_plan one = {.connect = &connect, .avro = &avro};
    return avro_scalars[fields[field].type].read(&one, input, value);
}

static struct kc_error *read_any(const struct avro_plan *plan, struct avro_input *input,
                                 struct kc_value *value)
{
    struct kc_error *err = NULL;
    if (++input->depth > AVRO_MAX_DEPTH)
        return avro_too_deep();
    *value = kc_null();
    for (int i = 0; i < ANY_FIELDS && !err; i++) {
        int64_t branch;
        err = avro_get_long(input, &branch);
        if (!err && (branch < 0 || branch > 1))
            err = kc_fail(KC_BAD_DATA, "the union has no branch number %lld", (long long)branch);
        if (!err && branch)
            err = read_any_content(plan, i, input, value);
    }
    input->depth--;
    return err;
}

const struct avro_pair avro_any = {write_any, read_any};
