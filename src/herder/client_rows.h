/* Settings of Java's Kafka clients as validation shows them, for those that connectors override most. Whether
 * a setting works here is another matter: kafka/client.h.
 * Layer: herder. Constant. */
#ifndef HERDER_CLIENT_ROWS_H
#define HERDER_CLIENT_ROWS_H

#include "config/option.h"

/* Both are only for showing: they have no fields. */
extern const struct kc_option client_producer_rows[], client_consumer_rows[];

#endif
