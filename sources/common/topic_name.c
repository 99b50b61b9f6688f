#include "sources/common/topic_name.h"

#include <stdlib.h>

#define MOST_TOPIC_CHARS 249

static bool is_letter(unsigned c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(unsigned c)
{
    return c >= '0' && c <= '9';
}

/* The next character of UTF-8 as UTF-16 units; how many (1 or 2). */
static int next_units(const char **at, unsigned units[2])
{
    const unsigned char *p = (const unsigned char *)*at;
    int more = *p >= 0xf0 ? 3 : *p >= 0xe0 ? 2 : *p >= 0xc0 ? 1 : 0;
    unsigned c = more == 3 ? *p & 7u : more == 2 ? *p & 15u : more == 1 ? *p & 31u : *p;
    p++;
    for (; more && (*p & 0xc0) == 0x80; more--)
        c = c << 6 | (*p++ & 63u);
    *at = (const char *)p;
    if (c < 0x10000) {
        units[0] = c;
        return 1;
    }
    units[0] = 0xd800 + ((c - 0x10000) >> 10);
    units[1] = 0xdc00 + ((c - 0x10000) & 1023);
    return 2;
}

/* Of UTF-16: how the original writes what a name can't have ("_u005f", "_u1f4"). */
static void put_escaped(struct kc_buf *out, unsigned unit)
{
    kc_buf_printf(out, unit < 0x100 ? "_u00%x" : "_u%x", unit);
}

static bool is_topic_char(unsigned c)
{
    return is_letter(c) || is_digit(c) || c == '.' || c == '_' || c == '-';
}

static void put_topic_char(struct kc_buf *out, unsigned c, bool unicode)
{
    if (is_topic_char(c) && !(unicode && c == '_'))
        kc_buf_char(out, (char)c);
    else if (unicode)
        put_escaped(out, c);
    else
        kc_buf_char(out, '_');
}

static char *clean(const char *name, bool unicode)
{
    KC_AUTO_BUF out = KC_BUF(0);
    unsigned units[2];
    while (*name && out.len < MOST_TOPIC_CHARS) {
        int count = next_units(&name, units);
        for (int i = 0; i < count; i++)
            put_topic_char(&out, units[i], unicode);
    }
    if (out.len == 1 && out.data[0] == '.')
        out.data[0] = '_';
    else if (out.len == 2 && memcmp(out.data, "..", 2) == 0)
        memcpy(out.data, "__", 2);
    size_t len = out.len < MOST_TOPIC_CHARS ? out.len : MOST_TOPIC_CHARS;
    return kc_strndup(out.data ? out.data : "", len);
}

char *topic_name_clean(const char *name)
{
    return clean(name, false);
}

char *topic_name_unicode(const char *name)
{
    return clean(name, true);
}

bool topic_name_fits(const char *name)
{
    while (*name && is_topic_char((unsigned char)*name))
        name++;
    return !*name;
}

static char *adjusted(const char *name, enum name_adjustment adjustment, bool dots)
{
    if (adjustment == NAME_AS_IS)
        return kc_strdup(name);
    KC_AUTO_BUF out = KC_BUF(0);
    bool first = true, unicode = adjustment == NAME_AVRO_UNICODE;
    unsigned units[2];
    while (*name) {
        int count = next_units(&name, units);
        for (int i = 0; i < count; i++) {
            unsigned c = units[i];
            bool good = is_letter(c) || (c == '_' && !unicode) ||
                        (!first && (is_digit(c) || (dots && c == '.')));
            if (good)
                kc_buf_char(&out, (char)c);
            else if (unicode)
                put_escaped(&out, c);
            else if (first && is_digit(c))
                kc_buf_printf(&out, "_%c", (char)c);
            else
                kc_buf_char(&out, '_');
            first = false;
        }
    }
    return out.len ? kc_buf_take(&out) : kc_strdup("");
}

char *topic_name_schema(const char *name, enum name_adjustment adjustment)
{
    return adjusted(name, adjustment, true);
}

char *topic_name_field(const char *name, enum name_adjustment adjustment)
{
    return adjusted(name, adjustment, false);
}
