/* Makes the table fit the records: reads what is there, creates it, adds what is missing, as far as
 * the settings allow. Layer: sinks. One thread (the task's). */
#ifndef SINKS_COMMON_EVOLVE_H
#define SINKS_COMMON_EVOLVE_H

#include "sinks/common/driver.h"

/* Afterwards each column of the layout has its target, and the driver has compiled it. `related`
 * gets the names of tables tied to a table that was described on the way. KC_BAD_DATA when this
 * layout's records have no place; KC_RETRY, KC_STOPPED from the connection. */
struct kc_error *jdbc_evolve(struct jdbc_conn *conn, struct jdbc_layout *layout,
                             struct kc_list *related) KC_MUST_CHECK;

#endif
