#include "sources/postgres/block.h"

static const char markers[] =
    "true,first,first_in_data_collection,last_in_data_collection,last,false,incremental";

static const struct kc_schema *snapshot_schema(void)
{
    struct kc_schema *schema = kc_schema_new(KC_STRING);
    kc_schema_optional(schema, true);
    kc_schema_name(schema, "io.debezium.data.Enum");
    kc_schema_version(schema, 1);
    kc_schema_param(schema, "allowed", markers);
    return kc_schema_default(schema, kc_string("false", 5));
}

const struct kc_schema *block_schema(void)
{
    static const struct {
        const char *name;
        enum kc_kind kind;
        bool optional;
    } fields[BLOCK_FIELDS] = {
        [BLOCK_VERSION] = {"version", KC_STRING, false},
        [BLOCK_CONNECTOR] = {"connector", KC_STRING, false},
        [BLOCK_NAME] = {"name", KC_STRING, false},
        [BLOCK_TS_MS] = {"ts_ms", KC_INT64, false},
        [BLOCK_SNAPSHOT] = {"snapshot", KC_NULL, true},
        [BLOCK_DB] = {"db", KC_STRING, false},
        [BLOCK_SEQUENCE] = {"sequence", KC_STRING, true},
        [BLOCK_TS_US] = {"ts_us", KC_INT64, true},
        [BLOCK_TS_NS] = {"ts_ns", KC_INT64, true},
        [BLOCK_SCHEMA] = {"schema", KC_STRING, false},
        [BLOCK_TABLE] = {"table", KC_STRING, false},
        [BLOCK_TX_ID] = {"txId", KC_INT64, true},
        [BLOCK_LSN] = {"lsn", KC_INT64, true},
        [BLOCK_XMIN] = {"xmin", KC_INT64, true},
        [BLOCK_ORIGIN] = {"origin", KC_STRING, true},
        [BLOCK_ORIGIN_LSN] = {"origin_lsn", KC_INT64, true},
    };
    struct kc_schema *schema = kc_schema_new(KC_STRUCT);
    kc_schema_name(schema, "io.debezium.connector.postgresql.Source");
    kc_schema_version(schema, 1);
    for (size_t i = 0; i < BLOCK_FIELDS; i++) {
        const struct kc_schema *field = i == BLOCK_SNAPSHOT
                                            ? snapshot_schema()
                                            : kc_schema_of(fields[i].kind, fields[i].optional);
        kc_schema_field(schema, fields[i].name, field);
        kc_schema_unref(field);
    }
    return schema;
}

static char *put_number(char *at, uint64_t number)
{
    char digits[20];
    int n = 0;
    do
        digits[n++] = (char)('0' + number % 10);
    while (number /= 10);
    *at++ = '"';
    while (n)
        *at++ = digits[--n];
    *at++ = '"';
    return at;
}

/* ["<end of the last commit, or null>","<position of the event>"] */
static struct kc_value sequence(const struct position *position, struct kc_arena *arena)
{
    char *text = kc_alloc(arena, 48), *at = text;
    *at++ = '[';
    if (position->lsn_commit) {
        at = put_number(at, position->lsn_commit);
    } else {
        memcpy(at, "null", 4);
        at += 4;
    }
    *at++ = ',';
    at = put_number(at, position->lsn);
    *at++ = ']';
    return kc_string(text, (size_t)(at - text));
}

static struct kc_value c_string(const char *text)
{
    return kc_string(text, strlen(text));
}

struct kc_value block_new(const struct block *block, const struct position *position,
                          struct kc_text schema, struct kc_text table, struct kc_arena *arena)
{
    struct kc_value value = kc_struct_new(arena, block->schema);
    struct kc_value *field = value.u.structure->field;
    field[BLOCK_VERSION] = c_string(PENSTOCK_VERSION);
    field[BLOCK_CONNECTOR] = kc_string("postgresql", 10);
    field[BLOCK_NAME] = c_string(block->config->prefix);
    field[BLOCK_DB] = c_string(block->config->dbname);
    field[BLOCK_TS_MS] = kc_integer(KC_INT64, block->ts_us / 1000);
    field[BLOCK_TS_US] = kc_integer(KC_INT64, block->ts_us);
    field[BLOCK_TS_NS] = kc_integer(KC_INT64, block->ts_us * 1000);
    if (block->snapshot)
        field[BLOCK_SNAPSHOT] = c_string(block->snapshot);
    field[BLOCK_SEQUENCE] = sequence(position, arena);
    field[BLOCK_SCHEMA] = kc_string(schema.ptr, schema.len);
    field[BLOCK_TABLE] = kc_string(table.ptr, table.len);
    if (position->tx_id >= 0)
        field[BLOCK_TX_ID] = kc_integer(KC_INT64, position->tx_id);
    field[BLOCK_LSN] = kc_integer(KC_INT64, (int64_t)position->lsn);
    if (position->xmin)
        field[BLOCK_XMIN] = kc_integer(KC_INT64, position->xmin);
    if (block->origin) {
        field[BLOCK_ORIGIN] = c_string(kc_arena_text(arena, block->origin, strlen(block->origin)));
        field[BLOCK_ORIGIN_LSN] = kc_integer(KC_INT64, (int64_t)block->origin_lsn);
    }
    return value;
}
