#include "base/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

static const char *const default_class[] = {
    [KC_RETRY] = "org.apache.kafka.connect.errors.RetriableException",
    [KC_BAD_DATA] = "org.apache.kafka.connect.errors.DataException",
    [KC_BAD_CONFIG] = "org.apache.kafka.common.config.ConfigException",
    [KC_FATAL] = "org.apache.kafka.connect.errors.ConnectException",
    [KC_STOPPED] = "org.apache.kafka.connect.errors.ConnectException",
};

static KC_PRINTF(6, 0) struct kc_error *make(enum kc_fault fault, const char *java_class,
                                             struct kc_error *cause, const char *file, int line,
                                             const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (len < 0)
        len = 0;
    struct kc_error *err = kc_calloc(1, sizeof(*err) + (size_t)len + 1);
    *err = (struct kc_error){
        .fault = fault, .java_class = java_class, .file = file, .line = line, .cause = cause
    };
    vsnprintf(err->text, (size_t)len + 1, format, args);
    return err;
}

struct kc_error *kc_error_make(enum kc_fault fault, const char *java_class, struct kc_error *cause,
                               const char *file, int line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct kc_error *err = make(fault, java_class, cause, file, line, format, args);
    va_end(args);
    return err;
}

struct kc_error *kc_error_wrap(struct kc_error *cause, const char *java_class, const char *file,
                               int line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct kc_error *err = make(cause->fault, java_class, cause, file, line, format, args);
    va_end(args);
    return err;
}

struct kc_error *kc_error_place(struct kc_error *err, const char *format, ...)
{
    struct kc_error *last = err;
    va_list args;
    while (last->cause)
        last = last->cause;
    va_start(args, format);
    last->cause = make(err->fault, NULL, NULL, err->file, err->line, format, args);
    va_end(args);
    return err;
}

void kc_error_free(struct kc_error *err)
{
    while (err) {
        struct kc_error *cause = err->cause;
        free(err);
        err = cause;
    }
}

char *kc_error_line(const struct kc_error *err)
{
    struct kc_buf buf = { 0 };
    for (; err; err = err->cause) {
        kc_buf_str(&buf, err->text);
        if (err->cause)
            kc_buf_str(&buf, ": ");
    }
    return kc_buf_take(&buf);
}

const char *kc_error_java_class(const struct kc_error *err)
{
    return err->java_class ? err->java_class : default_class[err->fault];
}

char *kc_error_trace(const struct kc_error *err)
{
    struct kc_buf buf = { 0 };
    for (const char *head = ""; err; err = err->cause) {
        if (err->java_class && strcmp(err->java_class, KC_AT) == 0) {
            kc_buf_printf(&buf, "\tat %s\n", err->text);
            continue;
        }
        kc_buf_printf(&buf, "%s%s: %s\n", head, kc_error_java_class(err), err->text);
        head = "Caused by: ";
    }
    return kc_buf_take(&buf);
}
