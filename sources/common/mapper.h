/* What settings do to the values of columns on their way out: cut, mask or hash them
 * (column.truncate.to.N.chars, column.mask.with.N.chars, column.mask.hash.ALG.with.salt.SALT and
 * column.mask.hash.v2...), or note the database's type in their schemas
 * (column.propagate.source.type, datatype.propagate.source.type). Keys are left as they are.
 * Layer: source. One thread owns a list. */
#ifndef CDC_MAPPER_H
#define CDC_MAPPER_H

#include "config/option.h"
#include "data/schema.h"
#include "sources/common/digest.h"
#include "sources/common/filter.h"

enum mapper_kind { MAPPER_TRUNCATE, MAPPER_MASK, MAPPER_HASH, MAPPER_PROPAGATE };

struct mapper {
    enum mapper_kind kind;
    int count; /* of characters */
    const struct digest *digest;
    char *salt;
    bool java; /* hashes the string as Java serialises it; else its UTF-8 */
    struct filter columns;
    bool by_type; /* the filter is of types */
};

/* The settings as they were given; texts may be NULL. */
struct mapper_settings {
    /* By what stands behind their prefixes: "6.chars", "SHA-256.with.salt.x". */
    const struct kc_props *truncate, *mask, *hash;
    const char *propagate_columns, *propagate_types; /* lists of patterns */
};

/* What a mapper looks at. */
struct mapper_column {
    const char *schema, *table, *name;
    const char *type;              /* of the database */
    int32_t length, scale; /* as a schema notes them; -1: not said */
};

struct mappers {
    struct mapper *items;
    size_t count;
};

/* KC_BAD_CONFIG for a setting that is malformed: nothing may go out as it is that should not. */
struct kc_error *mappers_init(struct mappers *mappers,
                              const struct mapper_settings *settings) KC_MUST_CHECK;
void mappers_clear(struct mappers *mappers);
/* The first that speaks of the column, as schema.table.column, or of its type, as schema.table.type;
 * NULL: none does. */
const struct mapper *mappers_find(const struct mappers *mappers,
                                  const struct mapper_column *column);
/* Notes it in the column's schema. */
void mapper_mark(const struct mapper *mapper, const struct mapper_column *column,
                 struct kc_schema *schema);
/* The value as it goes out. Masks and hashes are for columns of characters (text) alone, as in the
 * original, though they are noted on any; what is cut is any text, and bytes. length: of the
 * column, see above. */
struct kc_value mapper_apply(const struct mapper *mapper, bool text, int32_t length,
                             struct kc_value value, struct kc_arena *arena);

#endif
