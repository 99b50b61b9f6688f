#include "config/findings.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

void kc_findings_clear(struct kc_findings *findings)
{
    for (size_t i = 0; i < findings->len; i++) {
        free(findings->items[i].setting);
        free(findings->items[i].text);
    }
    free(findings->items);
    *findings = (struct kc_findings){ 0 };
}

void kc_find(struct kc_findings *findings, enum kc_severity severity, const char *setting,
             const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = kc_vprintf(format, args);
    va_end(args);
    findings->items =
        kc_grow(findings->items, findings->len, &findings->cap, sizeof(*findings->items));
    findings->items[findings->len++] = (struct kc_finding){ severity, kc_strdup(setting), text };
}

size_t kc_findings_errors(const struct kc_findings *findings)
{
    size_t count = 0;
    for (size_t i = 0; i < findings->len; i++)
        count += findings->items[i].severity == KC_ERROR;
    return count;
}

struct kc_error *kc_findings_error(const struct kc_findings *findings)
{
    KC_AUTO_BUF all = { 0 };
    for (size_t i = 0; i < findings->len; i++) {
        const struct kc_finding *finding = &findings->items[i];
        if (finding->severity != KC_ERROR)
            continue;
        if (all.len)
            kc_buf_char(&all, '\n');
        if (finding->setting && !strstr(finding->text, finding->setting))
            kc_buf_printf(&all, "%s: ", finding->setting);
        kc_buf_str(&all, finding->text);
    }
    return all.len ? kc_fail(KC_BAD_CONFIG, "%s", all.data) : NULL;
}
