/* Which runner a kind of cases has. Cases of other kinds are counted as skipped. */
#include "tests/replay/replay.h"

const struct replay_kind replay_kinds[] = {
    { "converters/values", replay_values },
    { "converters/", replay_converter },
    { "transforms/", replay_transform },
    { NULL, NULL },
};
