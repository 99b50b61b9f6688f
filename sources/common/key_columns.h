/* message.key.columns: other key columns than the table's own, for tables by pattern:
 * "inventory.customers:pk1,pk2;(.*).purchases:pk3".
 * Layer: source. One thread owns a list. */
#ifndef CDC_KEY_COLUMNS_H
#define CDC_KEY_COLUMNS_H

#include "config/option.h"
#include "sources/common/filter.h"

struct key_columns {
    struct key_rule {
        struct kc_regex *table;
        struct kc_list columns;
    } * rules;
    size_t count;
};

/* NULL or empty text: no rules. KC_BAD_CONFIG. */
struct kc_error *key_columns_init(struct key_columns *keys, const char *text) KC_MUST_CHECK;
void key_columns_clear(struct key_columns *keys);
/* Does that rule speak of the table ("schema.table")? The columns of all that do make its key. */
bool key_columns_match(const struct key_columns *keys, size_t rule, struct kc_text table);
/* For .check_with: the form of the text. */
char *key_columns_check(const struct kc_option *option, const char *text,
                        const struct kc_props *props);

#endif
