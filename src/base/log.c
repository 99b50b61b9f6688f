#include "base/log.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"

enum { LONGEST_LINE = 256 << 10, CONTEXT_SIZE = 256 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local char context[CONTEXT_SIZE];

static void put_time(struct kc_buf *buf)
{
    struct timespec now;
    struct tm local;
    clock_gettime(CLOCK_REALTIME, &now);
    localtime_r(&now.tv_sec, &local);
    kc_buf_printf(buf, "%04d-%02d-%02d %02d:%02d:%02d,%03d", local.tm_year + 1900, local.tm_mon + 1,
                  local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec,
                  (int)(now.tv_nsec / 1000000));
}

static void write_whole(const char *data, size_t len)
{
    pthread_mutex_lock(&lock);
    while (len) {
        ssize_t n = write(STDERR_FILENO, data, len);
        if (n <= 0)
            break;
        data += n;
        len -= (size_t)n;
    }
    pthread_mutex_unlock(&lock);
}

void kc_log_write(enum kc_log_level level, const char *logger, const char *format, ...)
{
    if (!kc_log_passes(level, logger))
        return;
    KC_AUTO_BUF line = KC_BUF(LONGEST_LINE);
    put_time(&line);
    kc_buf_printf(&line, " %s ", kc_log_level_name(level));
    if (context[0])
        kc_buf_printf(&line, "[%s] ", context);
    va_list args;
    va_start(args, format);
    char *text = kc_vprintf(format, args);
    va_end(args);
    size_t len = strlen(text);
    while (len && text[len - 1] == '\n')
        len--;
    kc_buf_put(&line, text, len < LONGEST_LINE - 1024 ? len : LONGEST_LINE - 1024);
    free(text);
    kc_buf_printf(&line, " (%.100s)\n", logger);
    write_whole(line.data, line.len);
}

void kc_log_set_context(const char *text)
{
    snprintf(context, sizeof(context), "%s", text ? text : "");
}
