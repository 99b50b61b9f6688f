/* hstore: "a"=>"1", "b"=>NULL, as JSON text or as a map. */
#include "sources/postgres/types.h"

/* One quoted word from *at on, unescaped in the arena; NULL is said without quotes. */
static bool next_word(const char **at, const char *end, struct kc_arena *arena,
                      struct kc_value *word)
{
    const char *p = *at;
    if (end - p >= 4 && memcmp(p, "NULL", 4) == 0) {
        *word = kc_null();
        *at = p + 4;
        return true;
    }
    if (p == end || *p++ != '"')
        return false;
    char *out = kc_alloc(arena, (size_t)(end - p) + 1), *o = out;
    for (; p < end && *p != '"'; p++) {
        if (*p == '\\' && ++p == end)
            return false;
        *o++ = *p;
    }
    if (p == end)
        return false;
    *word = kc_string(out, (size_t)(o - out));
    *at = p + 1;
    return true;
}

static const char *read_entries(struct kc_text text, struct kc_arena *arena, struct kc_value *map)
{
    static const char malformed[] = "is no hstore in text form";
    const char *at = text.ptr, *end = text.ptr + text.len;
    struct kc_entry *entries;
    uint32_t most = 0, count = 0;
    for (size_t i = 0; i + 1 < text.len; i++)
        most += text.ptr[i] == '=' && text.ptr[i + 1] == '>';
    *map = kc_map_value_new(arena, most, &entries);
    while (at < end) {
        if (count == most || !next_word(&at, end, arena, &entries[count].key) ||
            entries[count].key.kind == KC_NULL || end - at < 2 || memcmp(at, "=>", 2) != 0)
            return malformed;
        at += 2;
        if (!next_word(&at, end, arena, &entries[count].value))
            return malformed;
        count++;
        if (at < end && (end - at < 3 || memcmp(at, ", ", 2) != 0))
            return malformed;
        at += at < end ? 2 : 0;
    }
    map->len = count;
    return NULL;
}

static void put_word(struct kc_buf *json, struct kc_value word)
{
    if (word.kind == KC_NULL) {
        kc_buf_str(json, "null");
        return;
    }
    static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
    kc_buf_char(json, '"');
    for (uint32_t i = 0; i < word.len; i++) {
        char c = word.u.text[i];
        const char *found = c ? strchr(from, c) : NULL;
        if (found) {
            kc_buf_char(json, '\\');
            kc_buf_char(json, to[found - from]);
        } else if ((unsigned char)c < ' ') {
            kc_buf_printf(json, "\\u%04X", c);
        } else {
            kc_buf_char(json, c);
        }
    }
    kc_buf_char(json, '"');
}

static struct kc_value as_json(struct kc_value map, struct kc_arena *arena)
{
    KC_AUTO_BUF json = KC_BUF(0);
    kc_buf_char(&json, '{');
    for (uint32_t i = 0; i < map.len; i++) {
        if (i)
            kc_buf_char(&json, ',');
        put_word(&json, map.u.entries[i].key);
        kc_buf_char(&json, ':');
        put_word(&json, map.u.entries[i].value);
    }
    kc_buf_char(&json, '}');
    return kc_string(kc_arena_text(arena, json.data, json.len), json.len);
}

static const char *read_json(const struct type_use *use, struct kc_text text,
                             struct kc_arena *arena, struct kc_value *value)
{
    (void)use;
    struct kc_value map;
    const char *problem = read_entries(text, arena, &map);
    if (!problem)
        *value = as_json(map, arena);
    return problem;
}

static struct kc_schema *map_schema(const struct type_use *use)
{
    (void)use;
    struct kc_schema *schema = kc_schema_new(KC_MAP);
    kc_schema_key(schema, kc_schema_of(KC_STRING, false));
    return kc_schema_element(schema, kc_schema_of(KC_STRING, true));
}

static const char *read_map(const struct type_use *use, struct kc_text text, struct kc_arena *arena,
                            struct kc_value *value)
{
    (void)use;
    return read_entries(text, arena, value);
}

static struct kc_value map_gone(const struct type_use *use, const struct placeholder *placeholder,
                                struct kc_arena *arena)
{
    (void)use;
    struct kc_entry *entries;
    struct kc_value map = kc_map_value_new(arena, 1, &entries);
    entries[0].key = entries[0].value = kc_string(placeholder->text.ptr, placeholder->text.len);
    return map;
}

static struct kc_value json_gone(const struct type_use *use, const struct placeholder *placeholder,
                                 struct kc_arena *arena)
{
    return as_json(map_gone(use, placeholder, arena), arena);
}

static const struct type_form form_hstore_json = {KC_STRING, "io.debezium.data.Json",
                                                  .read = read_json, .gone = json_gone},
                              form_hstore_map = {KC_MAP, .schema = map_schema, .read = read_map,
                                                 .gone = map_gone};

const struct type_form *forms_hstore(const struct pg_type_modes *modes, int32_t typmod)
{
    (void)typmod;
    return modes->hstore == HSTORE_MAP ? &form_hstore_map : &form_hstore_json;
}
