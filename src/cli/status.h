/* `penstock status`: what a worker says of its connectors, as a table. The worker may be another program
 * that speaks Kafka Connect's REST API: then there are states, but no measurements.
 * Layer: top. Main thread. */
#ifndef CLI_STATUS_H
#define CLI_STATUS_H

#include "base/json.h"

/* The answer of a worker, gathered: {"url","version","commit","connectors":[{"name","type","state","worker_id",
 * "trace","tasks":[{"id","state","worker_id","trace","age_ms","trouble","metrics":[...]}]}]}. The members of tasks are
 * those of REST, metrics as GET /connectors/{c}/metrics has them. */

/* The table, then a line for each snapshot that runs, slot in danger, old measurement, and failure. */
void status_table(const struct kc_json *status, struct kc_buf *out);
/* Is anything FAILED? */
bool status_failed(const struct kc_json *status);

#endif
