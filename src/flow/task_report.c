#include "flow/task_report.h"

#include <stdlib.h>

#include "data/plain_json.h"

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

struct kc_error *task_offsets_read(const struct task_offset *offsets, size_t count,
                                   struct kc_arena *arena, struct kc_position **positions,
                                   size_t *n_positions)
{
    *positions = kc_alloc(arena, (count + 1) * sizeof(**positions));
    *n_positions = 0;
    for (size_t i = 0; i < count; i++) {
        struct kc_value key, offset = kc_null();
        struct kc_error *err = kc_plain_json_read(kc_text(offsets[i].key), arena, &key);
        if (!err && offsets[i].value)
            err = kc_plain_json_read(kc_text(offsets[i].value), arena, &offset);
        if (err)
            return kc_while(err, "reading the stored offset %s", offsets[i].key);
        if (key.kind == KC_ARRAY && key.len == 2)
            (*positions)[(*n_positions)++] =
                (struct kc_position){ .partition = key.u.items[1], .offset = offset };
    }
    return NULL;
}

void task_report_free(struct task_report *report)
{
    if (!report)
        return;
    free(report->trace);
    free(report->topic);
    task_offsets_free(report->offsets, report->n_offsets);
    free(report->metrics);
    free(report->trouble);
    free(report);
}

struct task_signal *task_signal_new(const char *id, const char *type, const char *data,
                                    int64_t offset)
{
    struct task_signal *signal = kc_calloc(1, sizeof(*signal));
    *signal = (struct task_signal){ .offset = offset, .id = kc_strdup(id),
                                    .type = kc_strdup(type), .data = kc_strdup(data) };
    return signal;
}

void task_signal_free(struct task_signal *signal)
{
    if (!signal)
        return;
    free(signal->id);
    free(signal->type);
    free(signal->data);
    free(signal);
}
