/* The smallest source, to be copied: counts, one record each interval. A source is an option table
 * (what the user sees), a state struct, and operations in the order of their calls. */
#include "base/clock.h"
#include "base/mailbox.h"
#include "plugin/source.h"

struct tick_config {
    char *topic;
    int interval_ms;
};

#define OPTIONS_OF struct tick_config
static const struct kc_option tick_options[] = {
    OPT_STRING("topic", topic, .required = true, .importance = KC_HIGH, .doc = "Where to write."),
    OPT_INT("interval.ms", interval_ms, .def = "1000", RANGE(1, 3600000),
            .doc = "Milliseconds between two records."),
    OPT_END
};

struct tick {
    struct kc_source base;
    int64_t next;          /* number of the next record */
    int64_t due_ms;        /* when it is due, on the monotonic clock */
    struct kc_entry topic; /* of the one source partition there is: */
    struct kc_value place; /* {"topic": the configured one} */
};

static struct kc_error *tick_open(struct kc_source *source)
{
    struct tick *tick = (struct tick *)source;
    const struct tick_config *config = source->config;
    tick->topic = (struct kc_entry){ kc_cstring("topic"), kc_cstring(config->topic) };
    tick->place = (struct kc_value){ .kind = KC_MAP, .len = 1, .u.entries = &tick->topic };
    struct kc_value offset = kc_position_find(source->stored, source->n_stored, tick->place);
    tick->next = kc_map_value_get(offset, "next").u.i; /* 0 when nothing is stored */
    tick->due_ms = kc_monotonic_ms();
    return NULL;
}

static struct kc_error *tick_poll(struct kc_source *source, struct kc_batch *batch)
{
    struct tick *tick = (struct tick *)source;
    const struct tick_config *config = source->config;
    int64_t wait_ms = tick->due_ms - kc_monotonic_ms();
    if (wait_ms > 0 && kc_wait_stop(source->stop_fd, wait_ms < 500 ? (int)wait_ms : 500))
        return NULL;
    if (wait_ms > 500)
        return NULL; /* nothing yet: the core calls again */

    struct kc_record *record = kc_batch_add(batch, config->topic);
    record->timestamp = kc_now_ms();
    record->value_schema = kc_schema_of(KC_INT64, false);
    record->value = kc_integer(KC_INT64, tick->next++);
    kc_batch_position(batch, tick->place,
                      kc_map_of_one(&batch->arena, "next", kc_integer(KC_INT64, tick->next)));
    tick->due_ms += config->interval_ms;
    return NULL;
}

static void tick_close(struct kc_source *source)
{
    (void)source; /* holds nothing */
}

static const struct kc_source_ops tick_ops = {
    .size = sizeof(struct tick), .open = tick_open, .poll = tick_poll, .close = tick_close
};
static const char *const tick_classes[] = { "penstock.TickSourceConnector", NULL };

extern const struct kc_plugin kc_plugin_tick_source;
const struct kc_plugin kc_plugin_tick_source = {
    .abi = KC_ABI,
    .kind = KC_SOURCE,
    .name = "tick",
    .version = "1.0",
    .about = "Counts, one record each interval: for trying things out, and to be copied.",
    .java_classes = tick_classes,
    .java_task_class = "penstock.TickSourceTask",
    .config_size = sizeof(struct tick_config),
    .options = tick_options,
    .source = &tick_ops,
};
KC_PLUGIN_EXPORT(kc_plugin_tick_source);
