#include "sources/common/signals.h"

#include <stdlib.h>
#include <strings.h>

#include "base/map.h"

#define MOST_DATA   ((size_t)1 << 20)
#define MOST_TABLES 10000

/* ---- a signal ---- */

static bool is_blank(struct kc_text text)
{
    return kc_text_trim(text).len == 0;
}

struct kc_error *signal_parse(struct kc_text id, struct kc_text type, struct kc_text data,
                              struct signal *signal)
{
    struct kc_json *json = NULL;
    *signal = (struct signal){0};
    if (data.len > MOST_DATA)
        return kc_fail(KC_BAD_DATA, "its data has %zu bytes, more than a megabyte", data.len);
    if (!data.ptr || is_blank(data)) {
        json = kc_json_new_object();
    } else {
        struct kc_error *err = kc_json_parse(data, &json);
        if (err)
            return kc_while(err, "its data is no JSON");
        if (kc_json_type(json) != KC_JSON_OBJECT) {
            kc_json_free(json);
            return kc_fail(KC_BAD_DATA, "its data is no JSON object");
        }
    }
    *signal = (struct signal){
        .id = kc_strndup(id.ptr ? id.ptr : "", id.len),
        .type = kc_strndup(type.ptr ? type.ptr : "", type.len),
        .data = json,
    };
    return NULL;
}

void signal_clear(struct signal *signal)
{
    free(signal->id);
    free(signal->type);
    kc_json_free(signal->data);
    *signal = (struct signal){0};
}

/* ---- what snapshot signals ask for ---- */

static struct kc_error *read_type(const struct kc_json *data, struct snapshot_request *request)
{
    static const char *const names[] = {[SIGNAL_INCREMENTAL] = "INCREMENTAL",
                                        [SIGNAL_BLOCKING] = "BLOCKING"};
    const char *type = kc_json_string(kc_json_get(data, "type"));
    for (size_t i = 0; i < KC_COUNT(names); i++) {
        if (!type || strcasecmp(type, names[i]) == 0) {
            request->type = (enum signal_snapshot)i;
            return NULL;
        }
    }
    return kc_fail(KC_BAD_DATA, "there is no snapshot of type \"%s\": say INCREMENTAL or BLOCKING",
                   type);
}

static char *trimmed(const char *text)
{
    struct kc_text trim = kc_text_trim(kc_text(text));
    return kc_strndup(trim.ptr, trim.len);
}

static struct kc_error *read_collections(const struct kc_json *data, bool stop,
                                         struct snapshot_request *request)
{
    struct kc_json *list = kc_json_get(data, "data-collections");
    size_t count = kc_json_type(list) == KC_JSON_ARRAY ? kc_json_count(list) : 0;
    if (!count)
        return stop ? NULL
                    : kc_fail(KC_BAD_DATA, "its data has no \"data-collections\", a list of tables");
    if (count > MOST_TABLES)
        return kc_fail(KC_BAD_DATA, "it names %zu data collections, more than %d: use a pattern",
                       count, MOST_TABLES);
    request->collections = kc_calloc(count, sizeof(*request->collections));
    for (size_t i = 0; i < count; i++) {
        const char *name = kc_json_string(kc_json_at(list, i));
        if (!name)
            return kc_fail(KC_BAD_DATA, "element %zu of \"data-collections\" is no text", i + 1);
        request->collections[request->n_collections++] = trimmed(name);
    }
    return NULL;
}

static struct kc_error *read_conditions(const struct kc_json *data,
                                        struct snapshot_request *request)
{
    struct kc_json *list = kc_json_get(data, "additional-conditions");
    size_t count = kc_json_type(list) == KC_JSON_ARRAY ? kc_json_count(list) : 0;
    if (kc_json_get(data, "additional-condition"))
        return kc_fail(KC_BAD_DATA, "\"additional-condition\" is no more: use "
                                    "\"additional-conditions\", a list");
    request->conditions = kc_calloc(count + 1, sizeof(*request->conditions));
    for (size_t i = 0; i < count; i++) {
        const struct kc_json *item = kc_json_at(list, i);
        const char *tables = kc_json_string(kc_json_get(item, "data-collection"));
        const char *filter = kc_json_string(kc_json_get(item, "filter"));
        if (!tables || !filter)
            return kc_fail(KC_BAD_DATA,
                           "element %zu of \"additional-conditions\" needs the texts "
                           "\"data-collection\" and \"filter\"",
                           i + 1);
        struct snapshot_condition *condition = &request->conditions[request->n_conditions];
        struct kc_error *err = kc_regex_new(tables, true, &condition->tables);
        if (err)
            return kc_while(err, "element %zu of \"additional-conditions\"", i + 1);
        condition->filter = kc_strdup(filter);
        request->n_conditions++;
    }
    return NULL;
}

struct kc_error *snapshot_request_read(const struct signal *signal, bool stop,
                                       struct snapshot_request *request)
{
    *request = (struct snapshot_request){0};
    struct kc_error *err = read_type(signal->data, request);
    if (!err)
        err = read_collections(signal->data, stop, request);
    if (!err && !stop)
        err = read_conditions(signal->data, request);
    if (err) {
        snapshot_request_clear(request);
        err->fault = KC_BAD_DATA;
        return err;
    }
    const char *key = kc_json_string(kc_json_get(signal->data, "surrogate-key"));
    if (key && !is_blank(kc_text(key)))
        request->surrogate_key = kc_strdup(key);
    return NULL;
}

void snapshot_request_clear(struct snapshot_request *request)
{
    for (size_t i = 0; i < request->n_collections; i++)
        free(request->collections[i]);
    for (size_t i = 0; i < request->n_conditions; i++) {
        kc_regex_free(request->conditions[i].tables);
        free(request->conditions[i].filter);
    }
    free(request->collections);
    free(request->conditions);
    free(request->surrogate_key);
    *request = (struct snapshot_request){0};
}

const char *snapshot_request_filter(const struct snapshot_request *request, struct kc_text table)
{
    for (size_t i = 0; i < request->n_conditions; i++)
        if (kc_regex_matches(request->conditions[i].tables, table))
            return request->conditions[i].filter;
    return NULL;
}

/* ---- which tables ---- */

struct expansion {
    char **names;
    size_t count, cap;
    struct kc_map seen;
};

static void add_name(struct expansion *expansion, const char *name)
{
    if (kc_map_has(&expansion->seen, kc_text(name)))
        return;
    expansion->names = kc_grow(expansion->names, expansion->count, &expansion->cap, sizeof(char *));
    expansion->names[expansion->count++] = kc_strdup(name);
    kc_map_set(&expansion->seen, kc_text(name), expansion);
}

char **snapshot_expand(char *const *patterns, size_t n_patterns, char *const *known,
                       size_t n_known, size_t *count)
{
    struct expansion expansion = {0};
    for (size_t i = 0; i < n_patterns; i++) {
        struct kc_regex *regex = NULL;
        kc_error_free(kc_regex_new(patterns[i], false, &regex));
        bool found = false;
        for (size_t j = 0; regex && j < n_known; j++) {
            if (!kc_regex_matches(regex, kc_text(known[j])))
                continue;
            add_name(&expansion, known[j]);
            found = true;
        }
        if (!found)
            add_name(&expansion, patterns[i]);
        kc_regex_free(regex);
    }
    kc_map_clear(&expansion.seen, NULL);
    *count = expansion.count;
    return expansion.names;
}
