/* Settings of Java's Kafka clients as librdkafka's: mapped, or refused by name with
 * advice; TLS and SASL included (sasl.jaas.config is parsed, PEM, JKS and PKCS#12 stores are
 * mapped or refused with advice). One table says what becomes of each name.
 * Layer: kafka. Any thread. Only files of this folder include rdkafka.h; its types do
 * not leave it. */
#ifndef KAFKA_CLIENT_H
#define KAFKA_CLIENT_H

#include "config/findings.h"
#include "config/props.h"

enum client_kind { CLIENT_PRODUCER, CLIENT_CONSUMER, CLIENT_ADMIN };

/* Looks at every setting in props (already without prefix, in Java's names) and adds: KC_ERROR for
 * what can't be done here or has a wrong value, KC_WARN for what has no meaning here (ignored), with
 * `prefix` put before the name ("producer.override."). */
void client_check(enum client_kind kind, const struct kc_props *props, const char *prefix,
                  struct kc_findings *findings);

/* Version of librdkafka, for --version. */
const char *client_library_version(void);

#endif
