/* The settings as REST lists them; see kc_listed.
 * Layer: source. Constant. */
#ifndef PG_LISTED_H
#define PG_LISTED_H

#include "plugin/plugin.h"

extern const struct kc_listed pg_listed[];

#endif
