/* Offsets of a sink connector: the committed offsets of its consumer group, asked for and changed
 * through Kafka's admin interface by a job of the admin pool. Layer: herder. Herder's thread. */
#ifndef HERDER_SINK_OFFSETS_H
#define HERDER_SINK_OFFSETS_H

#include "herder/internal.h"

/* Each answers the request. alter: request->body as REST gave it. */
void sink_offsets_get(struct herder *herder, const struct connector *connector,
                      struct herder_request *request);
void sink_offsets_alter(struct herder *herder, const struct connector *connector,
                        struct herder_request *request);
void sink_offsets_reset(struct herder *herder, const struct connector *connector,
                        struct herder_request *request);

#endif
