/* Inside src/kafka only: how settings become a librdkafka configuration, and what its clients share
 * (log, error texts). Beside the .c files of this folder the only one that includes rdkafka.h.
 * Layer: kafka. A build or client is used by one thread. */
#ifndef KAFKA_CLIENT_CONF_H
#define KAFKA_CLIENT_CONF_H

#include <librdkafka/rdkafka.h>

#include "base/mem.h"
#include "kafka/client.h"

/* ---- one table: what becomes of each of Java's settings ---- */

#define FOR_PRODUCER (1u << CLIENT_PRODUCER)
#define FOR_CONSUMER (1u << CLIENT_CONSUMER)
#define FOR_ADMIN (1u << CLIENT_ADMIN)
#define FOR_ALL (FOR_PRODUCER | FOR_CONSUMER | FOR_ADMIN)

enum setting_type {
    SETTING_STRING,
    SETTING_INT,
    SETTING_LONG,
    SETTING_DOUBLE,
    SETTING_BOOL,
    SETTING_LIST,
    SETTING_CLASS,
    SETTING_PASSWORD, /* never shown in a text */
};

/* Settings under way into a configuration. */
struct client_build {
    enum client_kind kind;
    const struct kc_props *props;
    const char *prefix; /* before every name in findings */
    struct kc_findings *findings;
    rd_kafka_conf_t *conf;
};

struct client_setting {
    const char *name; /* Java's */
    unsigned clients; /* who knows it */
    enum setting_type type;
    bool any_case;             /* names match in any case */
    bool ranged;               /* numbers: what Java accepts, min..max */
    int64_t min, max;
    int64_t low, high;         /* what the library accepts, if high is not 0: limited to it */
    const char *const *names;  /* Java's names and the library's, in pairs, ended by NULL */
    const char *library;       /* the library's name; NULL: see apply and ignored */
    /* Does more than setting one name to one value; value has its type. */
    void (*apply)(struct client_build *build, const struct client_setting *row, const char *value);
    const char *ignored; /* it has no meaning here: what the user is told */
    const char *refused; /* it can't be done here: the advice */
    const char *fine;    /* values split by '|' that ask for what happens anyway: said nothing about */
};

/* All rows in order of name, ended by one without a name. */
extern const struct client_setting client_settings[];
const struct client_setting *client_setting_find(const char *name);

/* batch.size of a producer that does not say: the library's own default, below the million bytes and a
 * bit that a topic takes unless told otherwise. */
#define CLIENT_BATCH_SIZE 1000000

/* ---- building ---- */

/* Reads props into a new configuration. KC_BAD_CONFIG names every setting at fault. The caller
 * destroys the configuration, or gives it to client_start. */
struct kc_error *client_conf_new(enum client_kind kind, const struct kc_props *props,
                                 rd_kafka_conf_t **conf) KC_MUST_CHECK;
/* Sets one of the library's names on behalf of a setting of Java's; its complaint becomes a finding
 * under Java's name. */
void client_conf_set(struct client_build *build, const char *name, const char *library,
                     const char *value);
/* A finding under the setting's full name. */
void client_find(struct client_build *build, enum kc_severity severity, const char *name,
                 const char *format, ...) KC_PRINTF(4, 5);
/* NULL when it is missing or null. */
static inline const char *client_get(const struct client_build *build, const char *name)
{
    return kc_props_get(build->props, name);
}
/* security.protocol, sasl.*, ssl.*: settings that depend on one another. */
void client_tls_apply(struct client_build *build);
void client_sasl_apply(struct client_build *build);

/* Why SCRAM logins may fail with this system's librdkafka, as the end of a sentence; NULL: they don't. */
const char *client_scram_trouble(void);

/* ---- sasl.jaas.config ---- */

/* "MODULE required name="value" ...;" as Java's JaasConfig reads it. */
struct client_jaas {
    char *module; /* class of the login module */
    struct kc_props options;
};
/* The message of a mistake (never with the text itself, it has secrets), which the caller frees; NULL:
 * fine. *jaas is to be cleared in any case. */
char *client_jaas_parse(const char *text, struct client_jaas *jaas);
void client_jaas_clear(struct client_jaas *jaas);

/* ---- running ---- */

/* First member of every client; the opaque of its rd_kafka_t. */
struct client {
    rd_kafka_t *rk;
    int fd;                    /* eventfd: written when its queue has something */
    struct kc_error *fatal;    /* what ended it; owned */
    char log_last[32];         /* facility of the newest line, for the limit on repetition */
    int64_t log_since_ms;
    unsigned log_skipped;
};

/* Makes the library's client of conf (taken in any case): log lines and errors come to the owner's
 * thread when it serves the client's queue. */
struct kc_error *client_start(struct client *client, rd_kafka_type_t type,
                              rd_kafka_conf_t *conf) KC_MUST_CHECK;
/* fd becomes readable when something comes into queue. */
void client_watch(struct client *client, rd_kafka_queue_t *queue);
void client_drain(struct client *client); /* fd is no longer readable */
void client_raise(struct client *client); /* fd is readable */
/* Destroys the rd_kafka_t (flags: RD_KAFKA_DESTROY_F_...) and frees the object whose first member
 * client is. The library may wait for a broker that does not answer: after a second that goes on in a
 * thread of its own. */
void client_end(struct client *client, int flags);
/* The fatal error as a new one, or NULL. */
struct kc_error *client_fatal(const struct client *client) KC_MUST_CHECK;
/* What the runtime should do about an error of the library. */
enum kc_fault client_fault(rd_kafka_resp_err_t err);
/* The exception by which Java's clients know it; NULL: none of its own. */
const char *client_java_class(rd_kafka_resp_err_t err);
/* An error of the library as one of ours. */
#define client_fail(err, ...) kc_fail_as(client_fault(err), client_java_class(err), __VA_ARGS__)
/* More to say about it than its own text: advice, or "". */
const char *client_advice(rd_kafka_resp_err_t err);

#endif
