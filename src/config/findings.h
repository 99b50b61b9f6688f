/* What a check found: mistakes in settings, trouble in the live system, advice. One
 * list serves option tables, validation over REST, and `penstock check`.
 * Layer: config. One thread owns a list. */
#ifndef KC_CONFIG_FINDINGS_H
#define KC_CONFIG_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum kc_severity {
    KC_ERROR, /* it will not work */
    KC_WARN,  /* it will work, but not as one may think */
    KC_OK,    /* looked at and found right; `penstock check` shows it */
};

struct kc_finding {
    enum kc_severity severity;
    char *setting; /* the setting it belongs to; NULL: none */
    char *text;    /* one sentence or two, with what to do about it */
};

struct kc_findings {
    struct kc_finding *items;
    size_t len, cap;
};

void kc_findings_clear(struct kc_findings *findings);
/* setting may be NULL. */
void kc_find(struct kc_findings *findings, enum kc_severity severity, const char *setting,
             const char *format, ...) KC_PRINTF(4, 5);
size_t kc_findings_errors(const struct kc_findings *findings); /* how many are KC_ERROR */
/* All errors in one KC_BAD_CONFIG, or NULL if there are none. */
struct kc_error *kc_findings_error(const struct kc_findings *findings) KC_MUST_CHECK;

#endif
