/* The one place that decides about faults: retry with backoff, tolerate and report (log, dead letter
 * queue), or stop the task. Steps mark a record's fault and go on; after the step, tolerance looks at
 * the batch. So steps carry no recovery branches.
 * Layer: flow. Task thread. */
#ifndef FLOW_TOLERANCE_H
#define FLOW_TOLERANCE_H

#include "flow/dead_letter.h"
#include "flow/flow.h"

enum tolerance_stage {
    STAGE_TRANSFORMATION,
    STAGE_KEY_CONVERTER,
    STAGE_VALUE_CONVERTER,
    STAGE_HEADER_CONVERTER,
    STAGE_TASK_PUT,
    STAGE_KAFKA_PRODUCE,
};

/* Where a record went wrong. */
struct tolerance_fault {
    struct kc_record *record;
    enum tolerance_stage stage;
    const char *class_name; /* of the converter, transform or task; static */
};

struct tolerance {
    struct flow *flow;
    struct dead_letter *dead_letters; /* NULL: none */
    struct tolerance_fault *faults;   /* marked and not yet swept, in the order of the batch */
    size_t n_faults, faults_cap;
    int64_t retry_deadline; /* of the operation that is being retried */
    int retry;              /* how often it was; 0: nothing is being retried */
};

void tolerance_clear(struct tolerance *tolerance);
/* Marks a fault; takes the error. */
void tolerance_mark(struct tolerance *tolerance, struct kc_record *record,
                    enum tolerance_stage stage, const char *class_name, struct kc_error *fault);
/* An operation on one record failed with KC_RETRY: waits by errors.retry.timeout and
 * errors.retry.delay.max.ms and returns true when it shall be tried again; takes the error then. */
bool tolerance_retry(struct tolerance *tolerance, struct kc_error *err);
/* Ends a run of retries, whatever came of them. */
static inline void tolerance_done(struct tolerance *tolerance)
{
    tolerance->retry = 0;
}
/* After a step: reports every fault of the batch. errors.tolerance=all: those records are dropped. none: the
 * batch is cut before the first of them, so that what stands before it can still be delivered, and the error
 * that must end the task after that is returned. */
struct kc_error *tolerance_sweep(struct tolerance *tolerance, struct kc_batch *batch) KC_MUST_CHECK;
/* Two steps may find faults in one batch; the later step's is that of an earlier record, and the one
 * that counts. Takes both. */
struct kc_error *tolerance_earlier(struct kc_error *err, struct kc_error *later_step) KC_MUST_CHECK;

#endif
