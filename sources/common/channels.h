/* The channels that signals come by, but for the tables of the source: its runtime (REST, and the signal topic
 * that the runtime reads for it), and the signal file. What has come waits here until the source takes it.
 * Layer: source. Task thread. */
#ifndef CDC_CHANNELS_H
#define CDC_CHANNELS_H

#include "plugin/source.h"
#include "sources/common/settings.h"
#include "sources/common/signals.h"

struct channels_config {
    struct kc_list enabled;
    int64_t poll_ms;
    char *file;
    char *topic, *group, *bootstrap;
    int topic_timeout_ms;
    struct kc_props consumer;
};

/* The rows of these settings; f: the field of the source's config that is a channels_config. */
#define CHANNELS_OPTIONS(f, ...)                                                                   \
    OPT_LIST("signal.enabled.channels", f.enabled, .def = "source", .check = channels_check,       \
             .doc = "Where signals come from, besides REST: source (the table of "                 \
                    "signal.data.collection), kafka (a topic), file.", __VA_ARGS__),               \
    CDC_LONG("signal.poll.interval.ms", f.poll_ms, .def = "5000", .check = settings_positive_long, \
             .doc = "How often to look for signals in the topic and the file.", __VA_ARGS__),      \
    CDC_STRING("signal.file", f.file, .def = "file-signals.txt",                                   \
               .doc = "File of the channel file: a JSON object with id, type and data on each "    \
                      "line. Lines that were read are taken out of it.", __VA_ARGS__),             \
    CDC_STRING("signal.kafka.topic", f.topic,                                                      \
               .doc = "Topic of the channel kafka, of one partition: JSON objects with id, type "  \
                      "and data. The key of a message is the topic.prefix of the connector it is " \
                      "for. Not set: topic.prefix and -signal.", __VA_ARGS__),                     \
    CDC_STRING("signal.kafka.groupId", f.group, .def = "kafka-signal",                             \
               .doc = "Group whose committed offset tells how far the topic was read.",            \
               __VA_ARGS__),                                                                       \
    CDC_STRING("signal.kafka.bootstrap.servers", f.bootstrap,                                      \
               .doc = "Brokers of the topic. Not set: the worker's Kafka, with its settings.",     \
               __VA_ARGS__),                                                                       \
    CDC_INT("signal.kafka.poll.timeout.ms", f.topic_timeout_ms, .def = "0",                        \
            .check = settings_not_negative,                                                        \
            .no_effect = "messages are fetched in the background",                                 \
            .doc = "How long to wait for messages.", __VA_ARGS__),                                 \
    OPT_PREFIX("signal.consumer.", f.consumer,                                                     \
               .doc = "Further settings of the consumer, by their names in Kafka.", __VA_ARGS__)

/* Of signal.enabled.channels: refuses the channels that exist in the original alone. */
char *channels_check(const struct kc_option *option, const char *text);

struct channels {
    const struct channels_config *config;
    char *topic;
    struct kc_props consumer; /* all that it needs */
    int64_t next_look;
    bool telling; /* that the file can't be read was told */
    struct channels_signal *first, **last;
};

/* Asks the runtime for the topic; names channels that there are not in the log. prefix: topic.prefix,
 * borrowed. */
void channels_init(struct channels *channels, const struct channels_config *config,
                   const char *prefix, struct kc_source *source);
void channels_clear(struct channels *channels);
bool channels_enabled(const struct channels_config *config, const char *channel);
/* The `signal` of kc_source_ops: one that can't be read is told in the log and forgotten. */
void channels_put(struct channels *channels, const struct kc_source_signal *signal);
/* The oldest signal that waits (to be cleared by signal_clear), after a look at the file when it is time;
 * false: there is none. */
bool channels_take(struct channels *channels, struct signal *signal);

#endif
