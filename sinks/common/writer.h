/* The work of the sink, whatever the database: connects, finds each record its table and layout,
 * writes batches in transactions, and finds the records that can't be written. Layer: sinks. One
 * thread (the task's). */
#ifndef SINKS_COMMON_WRITER_H
#define SINKS_COMMON_WRITER_H

#include "plugin/sink.h"
#include "sinks/common/slots.h"

struct jdbc_writer {
    struct kc_sink *sink;
    struct jdbc_settings settings;
    const struct jdbc_driver *driver;
    struct jdbc_url url;
    struct kc_props params;
    char *application;
    struct jdbc_conn *conn; /* NULL while not connected */
    struct kc_map topics;   /* topic -> struct writer_topic */
    struct kc_map tables;   /* full name -> struct jdbc_table */
    bool by_source;         /* the table depends on more than the topic */
    struct jdbc_slots slots;
    struct kc_record **records;
    size_t records_cap;
    struct jdbc_sent *sent;
    bool pending; /* what `sent` holds was sent by an earlier put and is not known to be written */
    bool failed;  /* and it turned out that it can't be: nothing may be committed any more */
    int retries_left;
    int connect_failures; /* in a row */
};

/* Takes the config apart (URL, driver parameters); no connection is made. drivers: the list of
 * those built in, ended by NULL. KC_BAD_CONFIG. */
struct kc_error *jdbc_writer_init(struct jdbc_writer *writer, struct kc_sink *sink,
                                  enum jdbc_flavour flavour,
                                  const struct jdbc_driver *const *drivers) KC_MUST_CHECK;
/* As kc_sink_ops.put. */
struct kc_error *jdbc_writer_put(struct jdbc_writer *writer, struct kc_batch *batch) KC_MUST_CHECK;
/* As kc_sink_ops.flush: waits for what a put left on its way. KC_RETRY: not now. */
struct kc_error *jdbc_writer_flush(struct jdbc_writer *writer) KC_MUST_CHECK;
/* May be called twice. */
void jdbc_writer_clear(struct jdbc_writer *writer);

/* ---- shared with the check ---- */

/* The driver for a URL; KC_BAD_CONFIG names those there are. */
struct kc_error *jdbc_driver_find(const struct jdbc_driver *const *drivers,
                                  const struct jdbc_url *url, const char *dialect,
                                  const struct jdbc_driver **driver) KC_MUST_CHECK;
/* connection.* settings that are the driver's, and the URL's parameters, which win. */
void jdbc_driver_params(const struct jdbc_config *config, const struct jdbc_url *url,
                        struct kc_props *params);

#endif
