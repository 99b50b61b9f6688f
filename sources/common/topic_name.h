/* Names of topics and schemas as Debezium makes them of a prefix and a table.
 * Layer: source. Any thread. */
#ifndef CDC_TOPIC_NAME_H
#define CDC_TOPIC_NAME_H

#include "base/buf.h"

enum name_adjustment { NAME_AS_IS, NAME_AVRO, NAME_AVRO_UNICODE };

/* A name that Kafka takes: other characters become '_', at most 249 remain. To be freed. */
char *topic_name_clean(const char *name);
/* The same, but other characters, and '_' itself, become _uXXXX (their UTF-16). To be freed. */
char *topic_name_unicode(const char *name);
/* Has it only characters that Kafka takes? */
bool topic_name_fits(const char *name);
/* A name for a schema ("a.b.C": dots stay) or a field, adjusted. To be freed. */
char *topic_name_schema(const char *name, enum name_adjustment adjustment);
char *topic_name_field(const char *name, enum name_adjustment adjustment);

#endif
