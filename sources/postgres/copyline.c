#include "sources/postgres/copyline.h"

static char unescaped(char c)
{
    static const char from[] = "bfnrtv", to[] = "\b\f\n\r\t\v";
    const char *found = c ? strchr(from, c) : NULL;
    return found ? to[found - from] : c;
}

bool copyline_split(char *line, size_t len, struct pgoutput_tuple *tuple, size_t expected)
{
    if (tuple->cap < expected) {
        tuple->cells = kc_realloc(tuple->cells, expected * sizeof(*tuple->cells));
        tuple->cap = expected;
    }
    char *in = line, *end = line + len;
    tuple->count = 0;
    if (len && end[-1] == '\n')
        end--;
    if (!expected)
        return in == end;
    while (tuple->count < expected) {
        struct pgoutput_cell *cell = &tuple->cells[tuple->count++];
        char *start = in, *out = in;
        bool null = false;
        while (in < end && *in != '\t' && *in != '\\')
            in++;
        for (out = in; in < end && *in != '\t'; in++) {
            if (*in == '\\' && in + 1 < end) {
                in++;
                null = *in == 'N';
                *out++ = unescaped(*in);
            } else {
                *out++ = *in;
            }
        }
        cell->kind = null ? CELL_NULL : CELL_TEXT;
        cell->text = (struct kc_text){start, (size_t)(out - start)};
        if (in == end)
            break;
        in++;
    }
    return tuple->count == expected && in >= end;
}
