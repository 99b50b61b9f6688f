#include "sources/postgres/lag.h"

#include <string.h>

#include "base/mem.h"

#define CALM_MS (5 * 60 * 1000)

/* ---- samples ---- */

/* Every other one goes; what comes stands twice as far apart. */
static void thin_out(struct lag *lag)
{
    for (int i = 0; i < LAG_SAMPLES / 2; i++)
        lag->samples[i] = lag->samples[2 * i + 1];
    lag->count = LAG_SAMPLES / 2;
    lag->gap = lag->gap ? 2 * lag->gap : 2000;
}

void lag_note(struct lag *lag, int64_t now, uint64_t lsn)
{
    struct lag_sample *last = lag->count ? &lag->samples[lag->count - 1] : NULL;
    struct lag_sample *before = lag->count > 1 ? last - 1 : NULL;

    /* Where the WAL does not grow, or a former server's was longer, the newest moment counts. */
    while (last && last->lsn > lsn)
        last = --lag->count ? last - 1 : NULL;
    if (last && (last->lsn == lsn || (before && last->at - before->at < lag->gap))) {
        *last = (struct lag_sample){now, lsn};
        return;
    }
    if (lag->count == LAG_SAMPLES)
        thin_out(lag);
    lag->samples[lag->count++] = (struct lag_sample){now, lsn};
}

int64_t lag_ms(const struct lag *lag, int64_t now, uint64_t read)
{
    int low = 0, high = lag->count;

    /* The first sample that lies beyond. */
    while (low < high) {
        int middle = (low + high) / 2;
        if (lag->samples[middle].lsn > read)
            high = middle;
        else
            low = middle + 1;
    }
    if (low == lag->count)
        return 0;
    if (low == 0)
        return -1;
    const struct lag_sample *a = &lag->samples[low - 1], *b = &lag->samples[low];
    double part = (double)(read - a->lsn) / (double)(b->lsn - a->lsn);
    int64_t at = a->at + (int64_t)(part * (double)(b->at - a->at));
    return now > at ? now - at : 0;
}

int64_t lag_bytes(uint64_t from, uint64_t to)
{
    return to > from ? (int64_t)(to - from) : 0;
}

int64_t lag_left_ms(int64_t done, int64_t all, int64_t since_start, int64_t ms)
{
    if (done >= all || since_start <= 0 || ms <= 0)
        return -1;
    return (int64_t)((double)(all - done) * (double)ms / (double)since_start);
}

/* ---- the slot ---- */

enum slot_health slot_health_of(const char *wal_status)
{
    static const char *const names[] = {
        [SLOT_RESERVED] = "reserved",
        [SLOT_EXTENDED] = "extended",
        [SLOT_UNRESERVED] = "unreserved",
        [SLOT_LOST] = "lost",
    };
    for (size_t i = SLOT_RESERVED; wal_status && i < KC_COUNT(names); i++)
        if (strcmp(names[i], wal_status) == 0)
            return (enum slot_health)i;
    return SLOT_UNKNOWN;
}

enum slot_danger slot_danger_of(enum slot_health health, int64_t safe, int64_t keep)
{
    static const enum slot_danger dangers[] = {
        [SLOT_UNKNOWN] = SLOT_FINE,        [SLOT_RESERVED] = SLOT_FINE, [SLOT_EXTENDED] = SLOT_PILES_UP,
        [SLOT_UNRESERVED] = SLOT_AT_RISK, [SLOT_LOST] = SLOT_GONE,
    };
    enum slot_danger danger = dangers[health];

    if (danger < SLOT_NEAR && keep > 0 && safe >= 0 && safe < keep / 4 && health != SLOT_UNKNOWN)
        danger = SLOT_NEAR;
    return danger;
}

bool slot_alarm_rings(struct slot_alarm *alarm, enum slot_danger danger, int64_t now)
{
    if (danger > alarm->told) {
        alarm->told = danger;
        alarm->calm_since = 0;
        return true;
    }
    if (danger == alarm->told) {
        alarm->calm_since = 0;
    } else if (!alarm->calm_since) {
        alarm->calm_since = now;
    } else if (now - alarm->calm_since >= CALM_MS) {
        alarm->told = danger;
        alarm->calm_since = 0;
    }
    return false;
}
