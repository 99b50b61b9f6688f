/* What is told of incremental snapshots where notifications are on (sources/common/notifications.h).
 * Layer: source. Task thread. */
#ifndef PG_INCREMENT_NOTIFY_H
#define PG_INCREMENT_NOTIFY_H

#include "sources/postgres/incremental.h"

/* "STARTED", "DATA_COLLECTIONS_RESOLVED", "PAUSED", "RESUMED": with the tables that are to be read. */
void increment_tell(const struct incremental *increment, const char *type);
/* A chunk was read. */
void increment_tell_progress(const struct incremental *increment);
/* The first table is done: "SUCCEEDED", "EMPTY", "NO_PRIMARY_KEY", "UNKNOWN_SCHEMA", "SQL_EXCEPTION". */
void increment_tell_scanned(const struct incremental *increment, const char *status);
/* All are done; signal: that asked for the last of them. */
void increment_tell_completed(const struct incremental *increment, const char *signal);
/* These were taken out at a user's request. */
void increment_tell_aborted(const struct incremental *increment, char *const *tables, size_t count);

#endif
