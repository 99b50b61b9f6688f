/* The one error type. NULL is success; every function that can fail returns a
 * struct kc_error * which its caller passes on (kc_while), handles, or frees.
 * It is made for the user: what was being done, what went wrong, what to do;
 * never a secret. A function logs or returns, never both.
 * Layer: base. Any thread; an error belongs to one owner at a time. */
#ifndef KC_BASE_ERROR_H
#define KC_BASE_ERROR_H

#include "base/mem.h"

/* What the runtime does about it. */
enum kc_fault {
    KC_RETRY,      /* may pass: wait (backoff) and try the same again */
    KC_BAD_DATA,   /* this record only: errors.tolerance decides */
    KC_BAD_CONFIG, /* the user must change a setting */
    KC_FATAL,      /* the task must stop */
    KC_STOPPED,    /* the wait was cut short since the task stops; never shown */
};

struct kc_error {
    enum kc_fault fault;
    const char *java_class; /* static; exception name shown in a trace, or NULL */
    const char *file;       /* where it was made */
    int line;
    struct kc_error *cause; /* owned */
    char text[];
};

/* New error, e.g. kc_fail(KC_RETRY, "connecting to %s: %s", host, text). */
#define kc_fail(fault, ...) kc_error_make((fault), NULL, NULL, __FILE__, __LINE__, __VA_ARGS__)
/* The same under the name of the Java exception that users of the original
 * know; java_class is static text such as "java.nio.file.NoSuchFileException". */
#define kc_fail_as(fault, java_class, ...) \
    kc_error_make((fault), (java_class), NULL, __FILE__, __LINE__, __VA_ARGS__)
/* Adds "while ..." around a cause and keeps its fault class. Takes the cause. */
#define kc_while(cause, ...) kc_error_wrap((cause), NULL, __FILE__, __LINE__, __VA_ARGS__)
#define kc_while_as(cause, java_class, ...) \
    kc_error_wrap((cause), (java_class), __FILE__, __LINE__, __VA_ARGS__)

struct kc_error *kc_error_make(enum kc_fault fault, const char *java_class, struct kc_error *cause,
                               const char *file, int line, const char *format, ...)
    KC_PRINTF(6, 7) KC_MUST_CHECK;
/* cause must not be NULL. */
struct kc_error *kc_error_wrap(struct kc_error *cause, const char *java_class, const char *file,
                               int line, const char *format, ...) KC_PRINTF(5, 6) KC_MUST_CHECK;
/* As java_class of a link that only says where: a trace shows it as an indented "at" line below the
 * link around it, not as a cause of its own. */
#define KC_AT "at"
/* The exception name of a link: its own, or the one that stands for its fault class. */
const char *kc_error_java_class(const struct kc_error *err);
/* Adds a last cause to a chain that says where it happened: kc_error_place(err, "in field %s", name).
 * For those whose text must stay the original's. Returns err. */
struct kc_error *kc_error_place(struct kc_error *err, const char *format, ...) KC_PRINTF(2, 3);
/* Frees the whole chain; NULL is fine. */
void kc_error_free(struct kc_error *err);
/* The chain on one line, "outer: cause: cause"; the caller frees it. */
char *kc_error_line(const struct kc_error *err);
/* The chain as REST's `trace` and the log show it: "CLASS: text" and one
 * "Caused by: CLASS: text" line per cause. A link without a class shows
 * org.apache.kafka.connect.errors.ConnectException (ConfigException for
 * KC_BAD_CONFIG, DataException for KC_BAD_DATA, RetriableException for KC_RETRY).
 * The caller frees it. */
char *kc_error_trace(const struct kc_error *err);

#endif
