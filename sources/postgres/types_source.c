/* Length and scale of a column as the JDBC driver (TypeInfoCache of pgjdbc) gives them: of most
 * types the longest text that they can have. Consumers such as the JDBC sink make columns from
 * them. */
#include <stdio.h>

#include "sources/postgres/types.h"

#define UNLIMITED INT32_MAX
#define NUMERIC   1700

enum rule {
    FIXED,  /* length and scale as they stand here */
    CHARS,  /* length of the modifier less 4 */
    BITS,   /* the modifier itself */
    DIGITS, /* precision and scale are packed */
    CLOCK,  /* length of the text around the digits of the second, which the modifier gives */
    SPAN,
};

static const struct {
    uint32_t oid;
    enum rule rule;
    int32_t length, scale;
} rows[] = {
    {16, FIXED, 1, 0},           {18, FIXED, 1, 0},           {20, FIXED, 19, 0},
    {21, FIXED, 5, 0},           {23, FIXED, 10, 0},          {26, FIXED, 10, 0},
    {700, FIXED, 8, 8},          {701, FIXED, 17, 17},        {1042, .rule = CHARS},
    {1043, .rule = CHARS},       {1082, FIXED, 13, 0},        {1083, CLOCK, .length = 8},
    {1114, CLOCK, .length = 22}, {1184, CLOCK, .length = 28}, {1186, SPAN, .length = 49},
    {1266, CLOCK, .length = 14}, {1560, .rule = BITS},        {1562, .rule = BITS},
    {NUMERIC, .rule = DIGITS},
};

/* How many characters the fraction of a second takes: with its point, and never one digit alone. */
static int32_t fraction_size(int32_t digits)
{
    return digits == 0 ? 0 : digits == 1 ? 3 : digits + 1;
}

static void by_rule(size_t row, int32_t typmod, struct type_source *source)
{
    int32_t scale = typmod < 0 ? 6 : typmod & 0xffff;
    switch (rows[row].rule) {
    case FIXED:
        source->length = rows[row].length;
        source->scale = rows[row].scale;
        break;
    case CHARS:
        source->length = typmod < 0 ? UNLIMITED : typmod - 4;
        break;
    case BITS:
        source->length = typmod < 0 ? UNLIMITED : typmod;
        break;
    case DIGITS:
        source->length = typmod < 0 ? 131089 : (typmod - 4) >> 16 & 0xffff;
        source->scale = typmod < 0 ? 0 : (typmod - 4) & 0xffff;
        break;
    case CLOCK:
        source->length = rows[row].length + fraction_size(scale);
        source->scale = scale;
        break;
    case SPAN:
        source->length = rows[row].length;
        source->scale = scale;
        break;
    }
}

void types_source(const struct type_use *use, struct type_source *source)
{
    const struct type_use *root = use->element ? use->element : use;
    bool array = use->element && !use->domain && use->declared && use->declared[0] != '_';
    snprintf(source->name, sizeof(source->name), "%s%s", array ? "_" : "",
             use->declared ? use->declared : use->type_name);
    source->length = UNLIMITED;
    source->scale = 0;
    for (size_t i = 0; i < KC_COUNT(rows); i++)
        if (rows[i].oid == root->root)
            by_rule(i, root->typmod, source);
    /* A numeric without limits: the original's snapshot says 0 and no scale, its stream 131089 and
     * 0, as if it had no fraction. */
    if (use->root == NUMERIC && use->typmod < 0 && !use->domain)
        source->length = 0, source->scale = -1;
}

void types_source_serial(struct type_source *source, const char *expression)
{
    static const char *const names[][2] = {
        {"int2", "smallserial"}, {"int4", "serial"}, {"int8", "bigserial"}};
    if (!expression || !strstr(expression, "nextval("))
        return;
    for (size_t i = 0; i < KC_COUNT(names); i++)
        if (strcmp(source->name, names[i][0]) == 0) {
            snprintf(source->name, sizeof(source->name), "%s", names[i][1]);
            return;
        }
}
