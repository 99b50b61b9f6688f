/* How the topics of tables are named: the naming strategies of Debezium, chosen by the names of
 * their classes, and the field that regex strategies add to keys so that rows of several tables
 * in one topic stay apart.
 * Layer: source. Constant once made; one thread. */
#ifndef CDC_TOPIC_STRATEGY_H
#define CDC_TOPIC_STRATEGY_H

#include "base/regex.h"

/* The settings, borrowed for as long as the strategy lives. */
struct topic_settings {
    const char *strategy; /* topic.naming.strategy */
    const char *prefix, *delimiter, *transaction;
    const char *heartbeat_prefix, *heartbeat_name;
    const char *regex, *replacement;
    bool key_unique; /* topic.key.enforce.uniqueness */
    const char *key_field, *key_regex, *key_replacement;
};

struct topic_strategy {
    struct topic_settings settings;
    bool by_database; /* PREFIX.TABLE, as for databases without schemas */
    bool unicode;     /* characters that Kafka won't have are written as _uXXXX */
    struct kc_regex *regex, *key_regex;
};

/* KC_BAD_CONFIG: a strategy that is not known, or what one needs is missing or wrong. Cleared in
 * any case. */
struct kc_error *topic_strategy_init(struct topic_strategy *strategy,
                                     const struct topic_settings *settings) KC_MUST_CHECK;
void topic_strategy_clear(struct topic_strategy *strategy);
/* The topic of a table; to be freed. KC_BAD_CONFIG: the replacement names a group that is not
 * there. */
struct kc_error *topic_strategy_table(const struct topic_strategy *strategy, const char *schema,
                                      const char *table, char **topic) KC_MUST_CHECK;
/* The field to add to keys; NULL: none. */
const char *topic_strategy_key_field(const struct topic_strategy *strategy);
/* What that field holds in the keys of a table; to be freed. KC_BAD_CONFIG as above. */
struct kc_error *topic_strategy_key_value(const struct topic_strategy *strategy, const char *schema,
                                          const char *table, char **value) KC_MUST_CHECK;

#endif
