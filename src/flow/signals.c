#include "flow/signals.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "flow/clients.h"

#define BATCH_BYTES (1 << 20)
#define BATCH_COUNT 100
#define LAST_COMMIT_MS 1000

void signals_init(struct signals *signals, struct flow *flow)
{
    *signals = (struct signals){ .flow = flow, .looked = -1, .safe = -1, .committed = -1 };
}

struct kc_error *signals_open(struct signals *signals, const struct kc_signal_topic *asked,
                              uint64_t finished)
{
    for (struct task_signal *one = signals->flow->signals; one; one = one->next)
        if (one->tag >= finished)
            one->tag = 0;
    signals->asked = asked;
    if (!asked->topic || signals->consumer)
        return NULL;
    kc_log_info("flow", "Reading signals from topic %s", asked->topic);
    signals->topic = kc_strdup(asked->topic);
    return clients_signal_consumer(signals->flow, asked, &signals->consumer);
}

/* ---- the topic ---- */

static void add_message(struct signals *signals, const struct kc_record *record,
                        struct kc_arena *arena)
{
    struct kc_text key = { record->key_wire.data, record->key_wire.len };
    struct kc_text json = { record->value_wire.data, record->value_wire.len };
    struct kc_source_signal signal;

    if (!key.ptr || !kc_text_is(key, signals->asked->key)) {
        kc_log_info("flow", "Signal with key \"%.*s\" is for somebody else: this one has \"%s\"",
                    KC_FMT(key), signals->asked->key);
        return;
    }
    struct kc_error *err = kc_source_signal_read(json, arena, &signal);
    if (!err) {
        flow_add_signal(signals->flow,
                        task_signal_new(signal.id, signal.type, signal.data, record->offset));
        return;
    }
    char *text = kc_error_line(err);
    kc_log_warn("flow", "A signal at offset %lld of topic %s is passed over: %s",
                (long long)record->offset, signals->topic, text);
    free(text);
    kc_error_free(err);
}

/* Rows go on whatever happens to the topic. */
static void tell_trouble(struct signals *signals, struct kc_error *err)
{
    char *text = kc_error_line(err);

    kc_error_free(err);
    if (signals->trouble && strcmp(signals->trouble, text) == 0) {
        free(text);
        return;
    }
    kc_log_error("flow", "No signals can be read from topic %s: %s", signals->topic, text);
    free(signals->trouble);
    signals->trouble = text;
}

static void look(struct signals *signals)
{
    struct kc_batch batch;
    enum consumer_event event;
    int64_t now = kc_monotonic_ms();

    if (!signals->consumer || signals->flow->n_signals >= BATCH_COUNT || now < signals->next_look)
        return;
    signals->next_look = now + signals->asked->interval_ms;
    kc_batch_init(&batch, BATCH_COUNT, BATCH_BYTES);
    struct kc_error *err = consumer_poll(signals->consumer, 0, &batch, &event);
    if (err)
        tell_trouble(signals, err);
    for (const struct kc_record *r = batch.first; r; r = r->next) {
        add_message(signals, r, &batch.arena);
        signals->looked = r->offset + 1;
    }
    kc_batch_clear(&batch);
}

/* ---- telling the source ---- */

static bool is_known(const struct kc_source_ops *ops, const struct task_signal *signal)
{
    for (const char *const *type = ops->signal_types; type && *type; type++)
        if (strcmp(*type, signal->type) == 0)
            return true;
    kc_log_warn("flow", "Signal %s is passed over: its type \"%s\" is not known", signal->id,
                signal->type);
    return false;
}

struct kc_error *signals_tell(struct signals *signals, struct kc_source *source,
                              const struct kc_source_ops *ops)
{
    if (!source->listens)
        return NULL;
    look(signals);
    for (struct task_signal *one = signals->flow->signals; one; one = one->next) {
        const struct kc_source_signal signal = { .id = one->id, .type = one->type,
                                                 .data = one->data };
        if (one->tag)
            continue;
        if (ops->signal && is_known(ops, one)) {
            kc_log_info("flow", "Signal %s: %s", one->id, one->type);
            struct kc_error *err = ops->signal(source, &signal);
            if (err)
                return kc_while(err, "while taking signal %s (%s)", one->id, one->type);
        }
        one->tag = SIGNAL_TOLD;
    }
    return NULL;
}

void signals_position(struct signals *signals, uint64_t tag)
{
    for (struct task_signal *one = signals->flow->signals; one; one = one->next)
        if (one->tag == SIGNAL_TOLD)
            one->tag = tag;
}

/* ---- commits ---- */

/* How far the topic needs not be read again: up to the first signal that is not done. */
static int64_t safe_offset(const struct signals *signals)
{
    for (const struct task_signal *one = signals->flow->signals; one; one = one->next)
        if (one->offset >= 0)
            return one->offset;
    return signals->looked;
}

void signals_stored(struct signals *signals, uint64_t tag)
{
    struct flow *flow = signals->flow;

    while (flow->signals && flow->signals->tag && flow->signals->tag < tag)
        flow_drop_signal(flow);
    signals->safe = safe_offset(signals);
    if (!signals->consumer || signals->safe <= signals->committed)
        return;
    signals->committed = signals->safe;
    consumer_commit_later(signals->consumer, signals->topic, 0, signals->safe);
}

/* A commit that was asked for may have failed unheard: the last one is certain. */
static void commit_last(struct signals *signals)
{
    const struct consumer_offset last = { .topic = signals->topic, .offset = signals->safe };

    if (signals->safe <= 0)
        return;
    struct kc_error *err = consumer_commit(signals->consumer, &last, 1, LAST_COMMIT_MS);
    if (!err)
        return;
    char *text = kc_error_line(err);
    kc_log_warn("flow", "Signals of topic %s may come again: %s", signals->topic, text);
    free(text);
    kc_error_free(err);
}

void signals_clear(struct signals *signals)
{
    if (signals->consumer) {
        commit_last(signals);
        consumer_free(signals->consumer);
    }
    free(signals->topic);
    free(signals->trouble);
    signals_init(signals, signals->flow);
}
