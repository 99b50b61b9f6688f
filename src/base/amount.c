#include "base/amount.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/mem.h"

struct kc_amount kc_bytes_text(int64_t bytes)
{
    static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB" };
    double amount = (double)bytes;
    size_t unit = 0;
    struct kc_amount out;

    while ((amount >= 1023.5 || amount <= -1023.5) && unit + 1 < KC_COUNT(units)) {
        amount /= 1024;
        unit++;
    }
    snprintf(out.text, sizeof(out.text), unit && amount < 9.95 && amount > -9.95 ? "%.1f %s" : "%.0f %s",
             amount, units[unit]);
    return out;
}

struct kc_amount kc_time_text(int64_t ms)
{
    static const struct {
        int64_t ms;
        const char *unit;
    } units[] = { { 86400000, "d" }, { 3600000, "h" }, { 60000, "min" }, { 1000, "s" } };
    struct kc_amount out;
    size_t i = 0;

    if (ms < 1000) {
        snprintf(out.text, sizeof(out.text), "%" PRId64 " ms", ms);
        return out;
    }
    while (ms < units[i].ms)
        i++;
    int64_t rest = i + 1 < KC_COUNT(units) ? ms % units[i].ms / units[i + 1].ms : 0;
    int len = snprintf(out.text, sizeof(out.text), "%" PRId64 " %s", ms / units[i].ms, units[i].unit);
    if (rest)
        snprintf(out.text + len, sizeof(out.text) - (size_t)len, " %" PRId64 " %s", rest,
                 units[i + 1].unit);
    return out;
}
