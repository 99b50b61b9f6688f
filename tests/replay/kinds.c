/* Which runner a kind of cases has. Cases of other kinds are counted as skipped. */
#include "tests/replay/replay.h"

const struct replay_kind replay_kinds[] = {
    { "converters/json", replay_converter },
    { "converters/string", replay_converter },
    { "converters/bytearray", replay_converter },
    { "converters/header", replay_converter },
    { "converters/values", replay_values },
    { NULL, NULL },
};
