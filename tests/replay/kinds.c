/* Which runner a kind of cases has. Cases of other kinds are counted as skipped. */
#include "tests/replay/replay.h"

const struct replay_kind replay_kinds[] = {
    {.path = "converters/values", .run = replay_values},
    {.path = "converters/", .run = replay_converter},
    {.path = "transforms/", .run = replay_transform},
    {.path = "avro/canon", .check = replay_avro_text},
    {.path = "avro/c2a", .check = replay_avro_write},
    {.path = "avro/a2c", .check = replay_avro_read},
    {.path = "avro/valid", .check = replay_avro_valid},
    {.path = NULL},
};
