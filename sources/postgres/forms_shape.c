/* Geometric types as Debezium's structs with well-known binary (OGC 06-103r4, little-endian). */
#include <stdlib.h>

#include "sources/postgres/types.h"

enum { WKB_POINT = 1, WKB_LINE = 2, WKB_POLYGON = 3 };

/* The next number in text such as "((1.5,-2),(3,4))", whatever brackets stand before it. */
static bool next_number(struct kc_text *rest, double *number)
{
    while (rest->len && strchr("([<{,; ", *rest->ptr))
        rest->ptr++, rest->len--;
    size_t len = 0;
    while (len < rest->len && !strchr(")]>},; ", rest->ptr[len]))
        len++;
    char buf[64], *end;
    if (!len || len >= sizeof(buf))
        return false;
    memcpy(buf, rest->ptr, len);
    buf[len] = '\0';
    *number = strtod(buf, &end);
    rest->ptr += len;
    rest->len -= len;
    return *end == '\0';
}

/* All numbers of a text; their count, or -1 if something else is in it. */
static int numbers(struct kc_text text, struct kc_arena *arena, double **out)
{
    size_t commas = 1;
    for (size_t i = 0; i < text.len; i++)
        commas += text.ptr[i] == ',';
    double *all = kc_alloc(arena, (commas + 2) * sizeof(*all)); /* room to close a ring */
    int count = 0;
    while (text.len && !memchr(")]>}", *text.ptr, 4)) {
        if (!next_number(&text, &all[count]))
            return -1;
        count++;
        while (text.len && strchr(")]>}", *text.ptr))
            text.ptr++, text.len--;
    }
    *out = all;
    return count;
}

static char *put32(char *at, uint32_t number)
{
    for (int i = 0; i < 4; i++)
        *at++ = (char)(number >> 8 * i);
    return at;
}

static char *put_double(char *at, double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof(bits));
    at = put32(at, (uint32_t)bits);
    return put32(at, (uint32_t)(bits >> 32));
}

static struct kc_value wkb(struct kc_arena *arena, uint32_t kind, const double *xy, int points)
{
    char *bytes = kc_alloc(arena, 13 + 16 * (size_t)points), *at = bytes;
    *at++ = 1;
    at = put32(at, kind);
    if (kind == WKB_POLYGON)
        at = put32(at, 1);
    if (kind != WKB_POINT)
        at = put32(at, (uint32_t)points);
    for (int i = 0; i < 2 * points; i++)
        at = put_double(at, xy[i]);
    return kc_bytes(bytes, (size_t)(at - bytes));
}

/* ---- point, circle, line ---- */

static struct kc_schema *point_schema(const struct type_use *use)
{
    (void)use;
    struct kc_schema *schema = kc_schema_new(KC_STRUCT);
    kc_schema_name(schema, "io.debezium.data.geometry.Point");
    kc_schema_version(schema, 1);
    kc_schema_doc(schema, "Geometry (POINT)");
    kc_schema_field(schema, "x", kc_schema_of(KC_FLOAT64, false));
    kc_schema_field(schema, "y", kc_schema_of(KC_FLOAT64, false));
    kc_schema_field(schema, "wkb", kc_schema_of(KC_BYTES, true));
    return kc_schema_field(schema, "srid", kc_schema_of(KC_INT32, true));
}

static struct kc_value point(const struct kc_schema *schema, const double xy[2],
                             struct kc_arena *arena)
{
    struct kc_value value = kc_struct_new(arena, schema);
    value.u.structure->field[0] = kc_double(xy[0]);
    value.u.structure->field[1] = kc_double(xy[1]);
    value.u.structure->field[2] = wkb(arena, WKB_POINT, xy, 1);
    return value;
}

static const char *read_point(const struct type_use *use, struct kc_text text,
                              struct kc_arena *arena, struct kc_value *value)
{
    double *n;
    if (numbers(text, arena, &n) != 2)
        return "is no point";
    *value = point(use->inner, n, arena);
    return NULL;
}

static struct kc_value point_missing(const struct type_use *use, struct kc_arena *arena)
{
    return point(use->inner, (double[2]){0}, arena);
}

static struct kc_schema *circle_schema(const struct type_use *use)
{
    struct kc_schema *schema = kc_schema_new(KC_STRUCT), *center = point_schema(use);
    kc_schema_name(schema, "io.debezium.data.geometry.Circle");
    kc_schema_version(schema, 1);
    kc_schema_doc(schema, "Geometry (CIRCLE)");
    kc_schema_field(schema, "center", center);
    kc_schema_unref(center);
    return kc_schema_field(schema, "radius", kc_schema_of(KC_FLOAT64, false));
}

static struct kc_value circle(const struct type_use *use, const double n[3], struct kc_arena *arena)
{
    struct kc_value value = kc_struct_new(arena, use->inner);
    value.u.structure->field[0] = point(use->inner->fields[0].schema, n, arena);
    value.u.structure->field[1] = kc_double(n[2]);
    return value;
}

static const char *read_circle(const struct type_use *use, struct kc_text text,
                               struct kc_arena *arena, struct kc_value *value)
{
    double *n;
    if (numbers(text, arena, &n) != 3)
        return "is no circle";
    *value = circle(use, n, arena);
    return NULL;
}

static struct kc_value circle_missing(const struct type_use *use, struct kc_arena *arena)
{
    return circle(use, (double[3]){0}, arena);
}

static struct kc_schema *line_schema(const struct type_use *use)
{
    (void)use;
    struct kc_schema *schema = kc_schema_new(KC_STRUCT);
    kc_schema_name(schema, "io.debezium.data.geometry.Line");
    kc_schema_version(schema, 1);
    kc_schema_doc(schema, "Geometry (LINE)");
    kc_schema_field(schema, "a", kc_schema_of(KC_FLOAT64, false));
    kc_schema_field(schema, "b", kc_schema_of(KC_FLOAT64, false));
    return kc_schema_field(schema, "c", kc_schema_of(KC_FLOAT64, false));
}

static struct kc_value line(const struct type_use *use, const double n[3], struct kc_arena *arena)
{
    struct kc_value value = kc_struct_new(arena, use->inner);
    for (int i = 0; i < 3; i++)
        value.u.structure->field[i] = kc_double(n[i]);
    return value;
}

static const char *read_line(const struct type_use *use, struct kc_text text,
                             struct kc_arena *arena, struct kc_value *value)
{
    double *n;
    if (numbers(text, arena, &n) != 3)
        return "is no line";
    *value = line(use, n, arena);
    return NULL;
}

/* y = 0; a line needs a or b. */
static struct kc_value line_missing(const struct type_use *use, struct kc_arena *arena)
{
    return line(use, (double[3]){0, 1, 0}, arena);
}

/* ---- the others are one struct, with what they are in its extensions ---- */

struct kc_schema *forms_geometry_schema(const struct type_use *use)
{
    (void)use;
    struct kc_schema *schema = kc_schema_new(KC_STRUCT), *map = kc_schema_new(KC_MAP);
    kc_schema_key(map, kc_schema_of(KC_STRING, false));
    kc_schema_element(map, kc_schema_of(KC_STRING, false));
    kc_schema_optional(map, true);
    kc_schema_name(schema, "io.debezium.data.geometry.Geometry");
    kc_schema_version(schema, 2);
    kc_schema_doc(schema, "Geometry");
    kc_schema_field(schema, "wkb", kc_schema_of(KC_BYTES, false));
    kc_schema_field(schema, "srid", kc_schema_of(KC_INT32, true));
    kc_schema_field(schema, "extensions", map);
    kc_schema_unref(map);
    return schema;
}

static struct kc_value c_string(const char *text)
{
    return kc_string(text, strlen(text));
}

static struct kc_value geometry(const struct type_use *use, struct kc_value bytes, const char *type,
                                const char *closed, struct kc_arena *arena)
{
    struct kc_entry *entries;
    struct kc_value value = kc_struct_new(arena, use->inner);
    value.u.structure->field[0] = bytes;
    value.u.structure->field[2] = kc_map_value_new(arena, closed ? 2 : 1, &entries);
    entries[0] = (struct kc_entry){c_string("type"), c_string(type)};
    if (closed)
        entries[1] = (struct kc_entry){c_string("closed"), c_string(closed)};
    return value;
}

static const char *read_lseg(const struct type_use *use, struct kc_text text,
                             struct kc_arena *arena, struct kc_value *value)
{
    double *n;
    if (numbers(text, arena, &n) != 4)
        return "is no line segment";
    *value = geometry(use, wkb(arena, WKB_LINE, n, 2), "lseg", NULL, arena);
    return NULL;
}

static const char *read_box(const struct type_use *use, struct kc_text text, struct kc_arena *arena,
                            struct kc_value *value)
{
    double *n;
    if (numbers(text, arena, &n) != 4)
        return "is no box";
    double ring[10] = {n[0], n[1], n[0], n[3], n[2], n[3], n[2], n[1], n[0], n[1]};
    *value = geometry(use, wkb(arena, WKB_POLYGON, ring, 5), "box", NULL, arena);
    return NULL;
}

static const char *read_path(const struct type_use *use, struct kc_text text,
                             struct kc_arena *arena, struct kc_value *value)
{
    double *n;
    int count = numbers(text, arena, &n);
    if (count < 2 || count % 2)
        return "is no path";
    *value = geometry(use, wkb(arena, WKB_LINE, n, count / 2), "path",
                      text.ptr[0] == '[' ? "false" : "true", arena);
    return NULL;
}

static const char *read_polygon(const struct type_use *use, struct kc_text text,
                                struct kc_arena *arena, struct kc_value *value)
{
    double *n;
    int count = numbers(text, arena, &n);
    if (count < 2 || count % 2)
        return "is no polygon";
    if (n[0] != n[count - 2] || n[1] != n[count - 1]) {
        n[count] = n[0];
        n[count + 1] = n[1];
        count += 2;
    }
    *value = geometry(use, wkb(arena, WKB_POLYGON, n, count / 2), "polygon", NULL, arena);
    return NULL;
}

/* Small but valid shapes, as the original's. */
static struct kc_value polygon_missing(const struct type_use *use, struct kc_arena *arena)
{
    static const double triangle[] = {0, 0, 1, 0, 0, 1, 0, 0};
    return geometry(use, wkb(arena, WKB_POLYGON, triangle, 4), "polygon", NULL, arena);
}

static struct kc_value box_missing(const struct type_use *use, struct kc_arena *arena)
{
    static const double square[] = {0, 0, 0, 1, 1, 1, 1, 0, 0, 0};
    return geometry(use, wkb(arena, WKB_POLYGON, square, 5), "box", NULL, arena);
}

static struct kc_value segment_missing(const struct type_use *use, struct kc_arena *arena)
{
    static const double segment[] = {0, 0, 1, 0};
    const char *type = use->form == &form_path ? "path" : "lseg";
    return geometry(use, wkb(arena, WKB_LINE, segment, 2), type, NULL, arena);
}

#define GEOMETRY "io.debezium.data.geometry.Geometry"
const struct type_form
    form_point = {KC_STRUCT, "io.debezium.data.geometry.Point", .schema = point_schema,
                  .read = read_point, .missing = point_missing},
    form_circle = {KC_STRUCT, "io.debezium.data.geometry.Circle", .schema = circle_schema,
                   .read = read_circle, .missing = circle_missing},
    form_line = {KC_STRUCT, "io.debezium.data.geometry.Line", .schema = line_schema,
                 .read = read_line, .missing = line_missing},
    form_lseg = {KC_STRUCT, GEOMETRY, .schema = forms_geometry_schema, .read = read_lseg, .missing = segment_missing},
    form_box = {KC_STRUCT, GEOMETRY, .schema = forms_geometry_schema, .read = read_box, .missing = box_missing},
    form_path = {KC_STRUCT, GEOMETRY, .schema = forms_geometry_schema, .read = read_path, .missing = segment_missing},
    form_polygon = {KC_STRUCT, GEOMETRY, .schema = forms_geometry_schema, .read = read_polygon,
                    .missing = polygon_missing};
