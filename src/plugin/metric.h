/* Metrics: what a connector tells of itself while it runs, as a constant table of rows and an array of
 * numbers beside it, so that a measurement is as cheap as filling in an array.
 * Layer: plugin. Constant. */
#ifndef KC_PLUGIN_METRIC_H
#define KC_PLUGIN_METRIC_H

#include <stdint.h>

/* The value of what is not known, or not now: left out wherever metrics are shown. */
#define KC_METRIC_UNKNOWN INT64_MIN

enum kc_metric_kind {
    KC_GAUGE,   /* goes up and down */
    KC_COUNTER, /* only up, from 0 at the start of the task; its name ends with _total where we name it */
};

struct kc_metric {
    /* As Prometheus shows it. What the original has too is called as the usual rules of the JMX exporter
     * call it (debezium_metrics_MilliSecondsBehindSource), so that dashboards go on working. */
    const char *name;
    const char *context; /* value of the label `context` that those rules make; NULL: there is none */
    enum kc_metric_kind kind;
    const char *help; /* one sentence */
};

#endif
