#include "base/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static _Noreturn void out_of_memory(void)
{
    static const char text[] = "ERROR out of memory: the process ends (base)\n";
    ssize_t ignored = write(STDERR_FILENO, text, sizeof(text) - 1);
    (void)ignored;
    abort();
}

void *kc_calloc(size_t count, size_t size)
{
    void *ptr = calloc(count ? count : 1, size ? size : 1);
    if (!ptr)
        out_of_memory();
    return ptr;
}

void *kc_realloc(void *ptr, size_t size)
{
    void *grown = realloc(ptr, size ? size : 1);
    if (!grown)
        out_of_memory();
    return grown;
}

void *kc_grow(void *array, size_t len, size_t *cap, size_t size)
{
    if (len < *cap)
        return array;
    size_t wanted = *cap ? *cap * 2 : 8;
    if (wanted < *cap || wanted > SIZE_MAX / size)
        out_of_memory();
    *cap = wanted;
    return kc_realloc(array, wanted * size);
}

char *kc_strndup(const char *text, size_t len)
{
    if (!text)
        return NULL;
    char *copy = kc_realloc(NULL, len + 1);
    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

char *kc_strdup(const char *text)
{
    return text ? kc_strndup(text, strlen(text)) : NULL;
}

char *kc_vprintf(const char *format, va_list args)
{
    char *text;
    if (vasprintf(&text, format, args) < 0)
        out_of_memory();
    return text;
}

char *kc_printf(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = kc_vprintf(format, args);
    va_end(args);
    return text;
}
