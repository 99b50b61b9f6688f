/* Signals: what users ask of a running connector, whatever channel brings it: an id, a
 * type and data, which is JSON. What the data of the snapshot signals say is read here as well.
 * Layer: source. Task thread. */
#ifndef CDC_SIGNALS_H
#define CDC_SIGNALS_H

#include "base/error.h"
#include "base/json.h"
#include "base/regex.h"

struct signal {
    char *id, *type;      /* "" where there was none */
    struct kc_json *data; /* an object; empty where there was none */
};

/* From three texts; a NULL pointer stands for null. KC_BAD_DATA if the data is no JSON object, or
 * more than a megabyte; nothing is to be cleared then. */
struct kc_error *signal_parse(struct kc_text id, struct kc_text type, struct kc_text data,
                              struct signal *signal) KC_MUST_CHECK;
void signal_clear(struct signal *signal);

/* ---- data of execute-snapshot and stop-snapshot ---- */

enum signal_snapshot { SIGNAL_INCREMENTAL, SIGNAL_BLOCKING };

struct snapshot_condition {
    struct kc_regex *tables;
    char *filter;
};

struct snapshot_request {
    enum signal_snapshot type;
    char **collections; /* patterns or names; none: all that are being read (stop-snapshot) */
    size_t n_collections;
    struct snapshot_condition *conditions;
    size_t n_conditions;
    char *surrogate_key; /* NULL: none */
};

/* KC_BAD_DATA says what is wrong with it; nothing is to be cleared then. stop: of stop-snapshot,
 * which may name no collection. */
struct kc_error *snapshot_request_read(const struct signal *signal, bool stop,
                                       struct snapshot_request *request) KC_MUST_CHECK;
void snapshot_request_clear(struct snapshot_request *request);
/* The additional condition for a table by its name "schema.table"; NULL: none. */
const char *snapshot_request_filter(const struct snapshot_request *request, struct kc_text table);
/* The tables that `patterns` name, each once, in the order of the patterns: those of `known`
 * ("schema.table") that one matches whole, in the case it is written; a pattern that matches none,
 * or is malformed, stands for itself. Array and texts are to be freed. */
char **snapshot_expand(char *const *patterns, size_t n_patterns, char *const *known,
                       size_t n_known, size_t *count);

#endif
