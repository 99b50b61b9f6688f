/* Which part of a record goes to which column: worked out once for each pair of key and value
 * schema of a topic, and used for all records that have them. Also says what a record asks for: a
 * row, a deletion, an emptied table. Layer: sinks. One thread (the task's). */
#ifndef SINKS_COMMON_LAYOUT_H
#define SINKS_COMMON_LAYOUT_H

#include "data/record.h"
#include "sinks/common/config.h"
#include "sinks/common/semantic.h"
#include "sinks/common/table.h"

enum jdbc_part {
    JDBC_VALUE_FIELD,
    JDBC_VALUE, /* as a whole */
    JDBC_KEY_FIELD,
    JDBC_KEY, /* as a whole */
    JDBC_TOPIC,
    JDBC_PARTITION,
    JDBC_OFFSET,
    JDBC_HEADER,
};

struct jdbc_column {
    char *name;
    const struct kc_schema *schema; /* lives as long as the layout's schemas */
    struct semantic_type type;
    enum jdbc_part part;
    uint32_t field;
    bool key;
    bool defaults;                          /* a null takes the schema's default */
    bool parse;                             /* an integer that comes as text */
    const struct jdbc_table_column *target; /* NULL until the table is known */
};

enum jdbc_op { JDBC_WRITE, JDBC_DELETE, JDBC_TRUNCATE, JDBC_SKIP };

struct jdbc_layout {
    struct jdbc_table *table;
    enum jdbc_op op; /* deletions need keys only, an emptied table needs nothing */
    const struct kc_schema *key_schema;   /* of the records; counted */
    const struct kc_schema *value_schema; /* of the records; counted; NULL: for deletions */
    const struct kc_schema *row_schema;   /* of the struct that holds the row */
    struct jdbc_column *columns;          /* keys first */
    size_t n_columns, n_keys;
    bool bound;       /* the driver has compiled it for the table ... */
    unsigned version; /* ... as it was then */
    void *compiled;   /* the driver's */
    void (*free_compiled)(void *compiled);
};

/* A record as the writer sees it. */
struct jdbc_row {
    struct kc_record *record;
    const struct kc_struct *fields; /* the row; NULL where the value is no struct */
    enum jdbc_op op;
};

/* What the record asks for, and whether it has what the settings need. KC_BAD_DATA with the text of
 * the original; connector is the name users gave. */
struct kc_error *jdbc_interpret(const struct jdbc_settings *settings, const char *connector,
                                struct kc_record *record, struct jdbc_row *row) KC_MUST_CHECK;
/* A layout for records with the schemas of this row's; *layout is new. KC_BAD_DATA. */
struct kc_error *jdbc_layout_new(const struct jdbc_settings *settings, const struct jdbc_row *row,
                                 struct jdbc_table *table,
                                 struct jdbc_layout **layout) KC_MUST_CHECK;
void jdbc_layout_free(struct jdbc_layout *layout);
/* Is it the one for this row? Pointers first, content else. */
bool jdbc_layout_fits(const struct jdbc_layout *layout, const struct jdbc_row *row);
static inline bool jdbc_layout_bound(const struct jdbc_layout *layout)
{
    return layout->bound && layout->version == layout->table->version;
}
struct kc_value jdbc_row_other(const struct jdbc_row *row, const struct jdbc_column *column);
/* What the row has for the column. */
static inline struct kc_value jdbc_row_value(const struct jdbc_row *row,
                                             const struct jdbc_column *column)
{
    if (column->part == JDBC_VALUE_FIELD && row->fields->field[column->field].kind != KC_NULL &&
        !column->parse)
        return row->fields->field[column->field];
    return jdbc_row_other(row, column);
}
/* The text of the table's name for a record. Appended. KC_BAD_DATA (KC_BAD_CONFIG) if there is
 * none. */
struct kc_error *jdbc_table_name(const struct jdbc_settings *settings, const struct jdbc_row *row,
                                 struct kc_buf *name) KC_MUST_CHECK;

#endif
