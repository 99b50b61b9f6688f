/* A row of COPY TO STDOUT in text format (PostgreSQL manual, COPY, "Text Format"). No I/O.
 * Layer: source. Any thread. */
#ifndef PG_COPYLINE_H
#define PG_COPYLINE_H

#include "sources/postgres/pgoutput.h"

/* Cuts a line into cells, unescaping in place: they point into it. False if there are not as many
 * as expected. */
bool copyline_split(char *line, size_t len, struct pgoutput_tuple *tuple, size_t expected);

#endif
