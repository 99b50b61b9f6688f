/* Would this configuration work? Layer: sinks. Any thread. */
#ifndef SINKS_COMMON_CHECK_H
#define SINKS_COMMON_CHECK_H

#include "plugin/plugin.h"
#include "sinks/common/driver.h"

/* As kc_sink_ops.check. drivers: ended by NULL. */
void jdbc_check(const struct kc_check *check, enum jdbc_flavour flavour,
                const struct jdbc_driver *const *drivers);

#endif
