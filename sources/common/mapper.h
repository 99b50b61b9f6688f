/* What settings do to the values of columns on their way out: cut, mask or hash them
 * (column.truncate.to.N.chars, column.mask.with.N.chars, column.mask.hash.ALG.with.salt.SALT and
 * column.mask.hash.v2...). Keys are left as they are.
 * Layer: source. One thread owns a list. */
#ifndef CDC_MAPPER_H
#define CDC_MAPPER_H

#include "config/option.h"
#include "data/schema.h"
#include "sources/common/digest.h"
#include "sources/common/filter.h"

enum mapper_kind { MAPPER_TRUNCATE, MAPPER_MASK, MAPPER_HASH };

struct mapper {
    enum mapper_kind kind;
    int count; /* of characters */
    const struct digest *digest;
    char *salt;
    bool java; /* hashes the string as Java serialises it; else its UTF-8 */
    struct filter columns;
};

struct mappers {
    struct mapper *items;
    size_t count;
};

/* The settings by what stands behind their prefixes: "6.chars", "SHA-256.with.salt.x".
 * KC_BAD_CONFIG for one that is malformed: nothing may go out as it is that should not. */
struct kc_error *mappers_init(struct mappers *mappers, const struct kc_props *truncate,
                              const struct kc_props *mask,
                              const struct kc_props *hash) KC_MUST_CHECK;
void mappers_clear(struct mappers *mappers);
/* The first that speaks of the column ("schema.table.column") of that declared length (-1: none);
 * NULL: none does. */
const struct mapper *mappers_find(const struct mappers *mappers, struct kc_text column,
                                  int32_t length);
/* Notes it in the column's schema. */
void mapper_mark(const struct mapper *mapper, struct kc_schema *schema);
/* The value as it goes out, of a column of text; of other kinds only bytes are cut. kind: of the
 * column. */
struct kc_value mapper_apply(const struct mapper *mapper, enum kc_kind kind, int32_t length,
                             struct kc_value value, struct kc_arena *arena);

#endif
