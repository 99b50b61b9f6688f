/* How far behind the server we are, and how long until a snapshot is done: the arithmetic of it.
 * Layer: source. Task thread; no I/O. */
#ifndef PG_LAG_H
#define PG_LAG_H

#include <stdbool.h>
#include <stdint.h>

#define LAG_SAMPLES 128

/* Where the server's WAL ended at moments that we asked. From it follows the age of any position, by our
 * own clock: neither an idle database nor a clock that is wrong makes it lie. */
struct lag {
    struct lag_sample {
        int64_t at; /* monotonic ms */
        uint64_t lsn;
    } samples[LAG_SAMPLES]; /* in order; sparser the longer they reach back */
    int count;
    int64_t gap; /* least ms between two of them */
};

/* The server's WAL ended there. */
void lag_note(struct lag *lag, int64_t now, uint64_t lsn);
/* Ms since the server's WAL went beyond what we have read; 0: it has not; -1: it was before the first
 * sample. */
int64_t lag_ms(const struct lag *lag, int64_t now, uint64_t read);
/* Bytes from one position to a later one, 0 if it is none. */
int64_t lag_bytes(uint64_t from, uint64_t to);
/* Ms that the rest of some work will take: `done` of `all` are done, `since_start` of them in `ms`. -1: can't
 * be said. */
int64_t lag_left_ms(int64_t done, int64_t all, int64_t since_start, int64_t ms);

/* ---- will the server give the slot up? ---- */

enum slot_health {
    SLOT_UNKNOWN, /* or there is no slot */
    SLOT_RESERVED,
    SLOT_EXTENDED,
    SLOT_UNRESERVED,
    SLOT_LOST,
};
enum slot_health slot_health_of(const char *wal_status); /* NULL is fine */

enum slot_danger {
    SLOT_FINE,
    SLOT_PILES_UP, /* holds back more than max_wal_size */
    SLOT_NEAR,     /* three quarters of max_slot_wal_keep_size are held back */
    SLOT_AT_RISK,  /* beyond it: the next checkpoint may remove WAL that is needed */
    SLOT_GONE,
};
/* safe: safe_wal_size, keep: max_slot_wal_keep_size; in bytes, negative for none. */
enum slot_danger slot_danger_of(enum slot_health health, int64_t safe, int64_t keep);

/* Tells each crossing once: true when the danger is greater than what was told. It counts as over, and is
 * told again when it comes back, after it was less for five minutes. */
struct slot_alarm {
    enum slot_danger told;
    int64_t calm_since; /* monotonic ms; 0: it is not less than told */
};
bool slot_alarm_rings(struct slot_alarm *alarm, enum slot_danger danger, int64_t now);

#endif
