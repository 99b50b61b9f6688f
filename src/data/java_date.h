/* Instants as text the way Java's SimpleDateFormat and Date.toString show them, in the
 * time zone of the process (the letter Z of the patterns is a literal there too): the
 * Julian calendar before 15 October 1582, lenient reading.
 * Layer: data. Any thread. */
#ifndef KC_DATA_JAVA_DATE_H
#define KC_DATA_JAVA_DATE_H

#include "base/buf.h"

enum kc_date_pattern {
    KC_ISO_DATE,      /* yyyy-MM-dd */
    KC_ISO_TIME,      /* HH:mm:ss.SSS'Z' */
    KC_ISO_TIMESTAMP, /* yyyy-MM-dd'T'HH:mm:ss.SSS'Z' */
    KC_DATE_STRING,   /* EEE MMM dd HH:mm:ss zzz yyyy; for writing only */
};

void kc_date_write(int64_t ms, enum kc_date_pattern pattern, struct kc_buf *buf);
/* Lenient: month 13 is January of the next year, text behind the pattern is left alone. False if
 * the text does not start with the pattern. */
bool kc_date_read(struct kc_text text, enum kc_date_pattern pattern, int64_t *ms);

#endif
