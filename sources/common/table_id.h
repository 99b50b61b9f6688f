/* Names of tables as users write them: "schema.table", each part in double quotes, single
 * quotes or backticks where it holds a dot.
 * Layer: source. Any thread. */
#ifndef CDC_TABLE_ID_H
#define CDC_TABLE_ID_H

#include "base/text.h"

struct table_id {
    char *catalog, *schema, *name; /* NULL: not given */
    char *text;                    /* what was given, joined by dots without quotes */
};

/* One part names a table, two a schema and a table, three or more a catalog as well (what follows
 * the third is left out). False, and nothing to clear, if there is no part. */
bool table_id_parse(struct kc_text text, struct table_id *id);
void table_id_clear(struct table_id *id);

#endif
