/* Fields of a change event by the names that settings such as add.fields use: `op`, `source.ts_ms`,
 * `lsn:mylsn`.
 * Layer: transforms. */
#ifndef TRANSFORMS_ENVELOPE_FIELDS_H
#define TRANSFORMS_ENVELOPE_FIELDS_H

#include "config/option.h"
#include "data/schema.h"

struct envelope_field {
    char *part; /* struct of the envelope it is in; NULL: the envelope itself */
    char *field;
    char *name; /* what it is to be called */
};

/* list->len of them, to be freed. KC_BAD_CONFIG. */
struct kc_error *envelope_fields_new(const struct kc_list *list, const char *prefix,
                                     struct envelope_field **fields) KC_MUST_CHECK;
void envelope_fields_free(struct envelope_field *fields, size_t count);
/* Finds them in an envelope's schema and adds each that is there to `target`, as optional. Returns
 * two numbers for each, to be freed: position of the part (-1: none) and of the field (-1: not
 * there). */
int *envelope_fields_plan(const struct envelope_field *fields, size_t count,
                          const struct kc_schema *envelope, struct kc_schema *target);
/* The value at such a pair of numbers; null if the part is null. */
struct kc_value envelope_fields_value(struct kc_value envelope, const int *place);

#endif
