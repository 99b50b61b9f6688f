/* What a task reports of itself about once a second: the counters of the flow, and what its source measures.
 * Layer: flow. Task thread. */
#ifndef FLOW_METRICS_H
#define FLOW_METRICS_H

#include "flow/flow.h"

struct metrics {
    struct flow *flow;
    const struct kc_metric *rows; /* the source's own; NULL: none */
    size_t n_rows;
    int64_t *values; /* one for each of them */
    int64_t due;     /* monotonic ms */
};

/* rows: ended by one without name; NULL for none. Borrowed. */
void metrics_init(struct metrics *metrics, struct flow *flow, const struct kc_metric *rows);
void metrics_clear(struct metrics *metrics);
/* Is it time for a report? Then the values are unknown again, to be filled in. */
bool metrics_due(struct metrics *metrics);
/* Reports what is known. */
void metrics_report(const struct metrics *metrics);

#endif
