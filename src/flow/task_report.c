#include "flow/task_report.h"

#include <stdlib.h>

const char *task_state_name(enum task_state state)
{
    static const char *const names[] = {
        [TASK_UNASSIGNED] = "UNASSIGNED", [TASK_RUNNING] = "RUNNING", [TASK_PAUSED] = "PAUSED",
        [TASK_FAILED] = "FAILED",         [TASK_STOPPED] = "STOPPED",
    };
    return names[state];
}

void task_offsets_free(struct task_offset *offsets, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(offsets[i].key);
        free(offsets[i].value);
    }
    free(offsets);
}

void task_report_free(struct task_report *report)
{
    if (!report)
        return;
    free(report->trace);
    free(report->topic);
    task_offsets_free(report->offsets, report->n_offsets);
    free(report);
}
