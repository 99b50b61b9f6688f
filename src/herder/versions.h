/* Versions and ranges of versions as Maven writes them: "4.1.0", "[4.0,5.0)", "(,4.1]".
 * Layer: herder. No state. */
#ifndef HERDER_VERSIONS_H
#define HERDER_VERSIONS_H

#include <stdbool.h>

#include "plugin/plugin.h"

/* Does a version lie in the range? A range without brackets is that version alone. */
bool versions_match(const char *range, const char *version);
/* The original's words for a plug-in that does not. The caller frees it. */
char *versions_mismatch(const struct kc_plugin *plugin, const char *range);

#endif
