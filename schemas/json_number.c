/* Numbers and bytes of JSON nodes, with the rules of Java's JsonNode accessors. */
#include "data/number_read.h"
#include "schemas/json_read.h"

int64_t json_long(const struct json_node *node)
{
    struct kc_number number;
    int64_t result = 0;
    if (node->type == JSON_INTEGER && node->len < 19) {
        kc_text_int64(json_text(node), &result);
        return result;
    }
    return json_is_number(node) && kc_number_parse(json_text(node), &number)
               ? kc_number_long(&number)
               : 0;
}

bool json_fits_int(const struct json_node *node)
{
    int64_t number;
    return node->type == JSON_INTEGER && kc_text_int64(json_text(node), &number) &&
           number >= INT32_MIN && number <= INT32_MAX;
}

double json_double(const struct json_node *node)
{
    struct kc_number number;
    return json_is_number(node) && kc_number_parse(json_text(node), &number)
               ? kc_number_double(&number)
               : 0;
}

float json_float(const struct json_node *node)
{
    struct kc_number number;
    return json_is_number(node) && kc_number_parse(json_text(node), &number)
               ? kc_number_float(&number)
               : 0;
}

/* Stricter than kc_text_base64 in that the padding must be there, laxer in that white space may
 * stand before each group and padded groups may follow one another. */
bool json_base64(const struct json_node *node, struct kc_arena *arena, struct kc_value *bytes)
{
    struct kc_text text = kc_text_trim(json_text(node));
    uint8_t *out = kc_alloc(arena, text.len / 4 * 3 + 3);
    size_t len = 0, at = 0;
    for (;;) {
        while (at < text.len && (unsigned char)text.ptr[at] <= ' ')
            at++;
        if (at == text.len)
            break;
        if (text.len - at < 4)
            return false;
        const char *group = text.ptr + at;
        int a = kc_base64_digit(group[0]), b = kc_base64_digit(group[1]);
        int c = kc_base64_digit(group[2]), d = kc_base64_digit(group[3]);
        at += 4;
        if (a < 0 || b < 0 || (c < 0 && (group[2] != '=' || group[3] != '=')) ||
            (c >= 0 && d < 0 && group[3] != '='))
            return false;
        out[len++] = (uint8_t)(a << 2 | b >> 4);
        if (c >= 0)
            out[len++] = (uint8_t)(b << 4 | c >> 2);
        if (d >= 0 && c >= 0)
            out[len++] = (uint8_t)(c << 6 | d);
    }
    *bytes = kc_bytes(out, len);
    return true;
}
