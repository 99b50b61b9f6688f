#include "schemas/avro_data.h"

#define NULLABLE(type) "{\"name\":\"" type "\",\"type\":[\"null\",\"" type "\"],\"default\":null},"

const char avro_anything[] =
    "{\"type\":\"record\",\"name\":\"Anything\",\"namespace\":\"" AVRO_SPACE
    "\",\"fields\":[" NULLABLE("boolean") NULLABLE("bytes") NULLABLE("double") NULLABLE("float")
        NULLABLE("int") NULLABLE("long")
            NULLABLE("string") "{\"name\":\"array\",\"type\":[\"null\",{\"type\":\"array\","
                               "\"items\":\"Anything\"}],\"default\":null},"
                               "{\"name\":\"map\",\"type\":[\"null\",{\"type\":\"array\",\"items\":"
                               "{\"type\":\"record\",\"name\":\"MapEntry\","
                               "\"fields\":[{\"name\":\"key\",\"type\":\"Anything\"},{\"name\":"
                               "\"value\",\"type\":\"Anything\"}]}}],"
                               "\"default\":null}]}";

bool avro_is_union(const struct kc_schema *schema, const struct avro_settings *settings)
{
    if (!schema || schema->kind != KC_STRUCT)
        return false;
    return kc_schema_is(schema, AVRO_UNION_NAME) ||
           (settings->generalized && kc_schema_get_param(schema, AVRO_GENERAL_UNION));
}

static bool is_plain(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* URLEncoder.encode, an x before what can't be first, then _ for what is still not allowed. */
const char *avro_scrub(const struct avro_settings *settings, const char *name,
                       struct kc_arena *arena)
{
    if (!settings->scrub || !name)
        return name;
    size_t len = strlen(name);
    char *out = kc_alloc(arena, len * 3 + 2), *at = out;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)name[i];
        bool kept = is_plain(c) || c == '.' || c == '-' || c == '*' || c == ' ';
        if (at == out && c >= '0' && c <= '9')
            *at++ = 'x';
        *at++ = is_plain(c) ? (char)c : '_';
        if (kept)
            continue;
        *at++ = "0123456789ABCDEF"[c >> 4];
        *at++ = "0123456789ABCDEF"[c & 15];
    }
    *at = '\0';
    return out;
}
