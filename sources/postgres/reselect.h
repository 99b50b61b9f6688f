/* Columns of a changed row that are read again from the table; see sources/common/reselect.h.
 * Layer: source. Task thread. */
#ifndef PG_RESELECT_H
#define PG_RESELECT_H

#include "sources/postgres/relation.h"

/* Puts what the table holds now into cells of the row that did not come with the change. old: the
 * whole row as it was, or NULL; it has what is unchanged. Texts live as long as the arena. */
struct kc_error *reselect_row(const struct relation_maker *maker, const struct relation *relation,
                              struct pgoutput_tuple *row, const struct pgoutput_tuple *old,
                              struct kc_arena *arena) KC_MUST_CHECK;

#endif
