#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "herder/internal.h"

size_t tasks_wanted(const struct connector *connector)
{
    int64_t max = 1;
    const char *text = kc_props_get(&connector->props, "tasks.max");
    if (connector->plugin->kind == KC_SINK && text)
        kc_text_int64(kc_text_trim(kc_text(text)), &max);
    return max > 0 ? (size_t)max : 1; /* a source here is one stream, hence one task */
}

bool tasks_leaving(const struct herder *herder, const char *connector)
{
    for (const struct running *r = herder->running; r; r = r->next)
        if (!r->slot && strcmp(r->connector, connector) == 0)
            return true;
    return false;
}

static bool predecessor_leaving(const struct herder *herder, const struct slot *slot)
{
    for (const struct running *r = herder->running; r; r = r->next)
        if (!r->slot && r->number == slot->number &&
            strcmp(r->connector, slot->connector->name) == 0)
            return true;
    return false;
}

static void set_state(struct slot *slot, enum task_state state, const char *trace)
{
    slot->state = state;
    free(slot->trace);
    slot->trace = kc_strdup(trace);
}

/* Takes the metrics of a report; NULL forgets them. */
static void set_metrics(struct slot *slot, struct task_report *report)
{
    free(slot->metrics);
    free(slot->trouble);
    slot->metrics = report ? report->metrics : NULL;
    slot->n_metrics = report ? report->n_metrics : 0;
    slot->trouble = report ? report->trouble : NULL;
    slot->measured = kc_monotonic_ms();
    if (report) {
        report->metrics = NULL;
        report->trouble = NULL;
    }
}

/* ---- starting ---- */

struct stored {
    struct task_offset *items;
    size_t len, cap;
};

static void collect_offset(void *context, const char *key, const char *value)
{
    struct stored *stored = context;
    stored->items = kc_grow(stored->items, stored->len, &stored->cap, sizeof *stored->items);
    stored->items[stored->len++] =
        (struct task_offset){ (char *)(uintptr_t)key, (char *)(uintptr_t)value };
}

static void start(struct herder *herder, struct slot *slot)
{
    struct connector *connector = slot->connector;
    struct stored stored = { .items = NULL };
    struct running *running = kc_calloc(1, sizeof *running);
    *running = (struct running){ .next = herder->running,
                                 .connector = kc_strdup(connector->name),
                                 .number = slot->number,
                                 .slot = slot };
    herder->running = running;
    slot->running = running;
    slot->wanted = false;
    set_metrics(slot, NULL);
    if (connector->plugin->kind == KC_SOURCE)
        offsets_of(herder->offsets, connector->name, collect_offset, &stored);
    struct task_spec spec = {
        .connector = connector->name,
        .number = slot->number,
        .plugin = connector->plugin,
        .worker = herder->worker,
        .props = &connector->props,
        .target = connector->target == HERDER_PAUSED ? TASK_PAUSED : TASK_RUNNING,
        .stored = stored.items,
        .n_stored = stored.len,
        .reports = &herder->reports,
        .owner_data = running,
    };
    running->task = task_start(&spec);
    free(stored.items);
}

static void want(struct herder *herder, struct slot *slot)
{
    slot->wanted = true;
    if (!predecessor_leaving(herder, slot) && !herder->stopping)
        start(herder, slot);
}

/* Starts what waited for a predecessor. */
static void tasks_start_wanted(struct herder *herder, const char *name)
{
    struct connector *connector = herder_find(herder, name);
    for (size_t i = 0; connector && i < connector->n_slots; i++)
        if (connector->slots[i]->wanted)
            want(herder, connector->slots[i]);
}

/* ---- stopping ---- */

static void let_go(struct slot *slot)
{
    if (slot->running) {
        slot->running->slot = NULL;
        task_stop(slot->running->task);
    }
    slot->running = NULL;
    slot->wanted = false;
}

void tasks_remove(struct herder *herder, struct connector *connector)
{
    (void)herder;
    for (size_t i = 0; i < connector->n_slots; i++) {
        let_go(connector->slots[i]);
        free(connector->slots[i]->trace);
        set_metrics(connector->slots[i], NULL);
        free(connector->slots[i]);
    }
    free(connector->slots);
    connector->slots = NULL;
    connector->n_slots = 0;
}

void tasks_replace(struct herder *herder, struct connector *connector, size_t count)
{
    tasks_remove(herder, connector);
    connector->slots = kc_calloc(count, sizeof(struct slot *));
    connector->n_slots = count;
    for (size_t i = 0; i < count; i++) {
        struct slot *slot = kc_calloc(1, sizeof *slot);
        *slot = (struct slot){ .connector = connector, .number = (int)i, .state = TASK_UNASSIGNED };
        connector->slots[i] = slot;
        want(herder, slot);
    }
}

void tasks_restart(struct herder *herder, struct slot *slot)
{
    let_go(slot);
    set_state(slot, TASK_UNASSIGNED, NULL);
    want(herder, slot);
}

void tasks_pause(struct connector *connector, bool pause)
{
    for (size_t i = 0; i < connector->n_slots; i++) {
        struct running *running = connector->slots[i]->running;
        if (running)
            (pause ? task_pause : task_resume)(running->task);
    }
}

void tasks_stop_all(struct herder *herder)
{
    for (struct kc_map_entry *at = NULL; (at = kc_map_next(&herder->connectors, at));) {
        struct connector *connector = at->value;
        for (size_t i = 0; i < connector->n_slots; i++)
            let_go(connector->slots[i]);
    }
}

/* ---- reports ---- */

static void drop_flushes(struct herder *herder, const struct task *task)
{
    for (struct flush **at = &herder->flushes; *at;) {
        struct flush *flush = *at;
        if (flush->task != task) {
            at = &flush->next;
            continue;
        }
        *at = flush->next;
        free(flush);
    }
}

static void ended(struct herder *herder, struct running *running)
{
    struct running **at = &herder->running;
    while (*at != running)
        at = &(*at)->next;
    *at = running->next;
    drop_flushes(herder, running->task);
    task_join(running->task);
    if (running->slot)
        running->slot->running = NULL;
    tasks_start_wanted(herder, running->connector);
    free(running->connector);
    free(running);
}

static void take_offsets(struct herder *herder, struct task_report *report)
{
    struct flush *flush = kc_calloc(1, sizeof *flush);
    *flush = (struct flush){ .task = report->task, .flush = report->flush };
    for (size_t i = 0; i < report->n_offsets; i++) {
        struct kc_error *err = offsets_put(herder->offsets, report->offsets[i].key,
                                           report->offsets[i].value, &flush->version);
        if (err) {
            task_offsets_stored(report->task, report->flush, err);
            free(flush);
            return;
        }
    }
    herder_flush_offsets(herder, flush);
}

static void take_topic(struct herder *herder, const char *connector, const char *topic)
{
    if (!herder->worker->topic_tracking_enable)
        return;
    struct kc_json *topics = kc_map_get(&herder->topics, kc_text(connector));
    if (!topics) {
        topics = kc_json_new_array();
        kc_map_set(&herder->topics, kc_text(connector), topics);
    }
    for (size_t i = 0; i < kc_json_count(topics); i++)
        if (strcmp(kc_json_string(kc_json_at(topics, i)), topic) == 0)
            return;
    kc_json_add(topics, kc_json_new_string(topic));
}

void tasks_report(struct herder *herder, struct task_report *report)
{
    struct running *running = task_owner_data(report->task);
    switch (report->kind) {
    case TASK_REPORT_STATE:
        if (running->slot) {
            running->slot->restarting = false;
            set_state(running->slot, report->state, report->trace);
        }
        break;
    case TASK_REPORT_OFFSETS:
        take_offsets(herder, report);
        break;
    case TASK_REPORT_TOPIC:
        take_topic(herder, running->connector, report->topic);
        break;
    case TASK_REPORT_METRICS:
        if (running->slot)
            set_metrics(running->slot, report);
        break;
    case TASK_REPORT_ENDED:
        ended(herder, running);
        break;
    }
    task_report_free(report);
}
