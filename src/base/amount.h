/* Amounts as people read them. Layer: base. Any thread. */
#ifndef KC_BASE_AMOUNT_H
#define KC_BASE_AMOUNT_H

#include <stdint.h>

/* By value, so that it can stand in an argument list: kc_bytes_text(n).text */
struct kc_amount {
    char text[32];
};

struct kc_amount kc_bytes_text(int64_t bytes); /* "912 B", "1.5 MB", "16 GB": by 1024, as PostgreSQL */
struct kc_amount kc_time_text(int64_t ms);     /* "340 ms", "12 s", "3 min 20 s", "2 h 5 min", "3 d 4 h" */

#endif
