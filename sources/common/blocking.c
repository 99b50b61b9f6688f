#include "sources/common/blocking.h"

#include <stdlib.h>
#include <strings.h>

#include "base/log.h"

#define MOST_WISHES 100

static void renew_text(struct blocking *blocking)
{
    struct kc_json *list = kc_json_new_array();
    for (const struct blocking_wish *wish = blocking->first; wish; wish = wish->next) {
        struct kc_json *item = kc_json_new_object();
        kc_json_put_string(item, "id", wish->id);
        kc_json_put(item, "data", kc_json_copy(wish->data));
        kc_json_add(list, item);
    }
    KC_AUTO_BUF buf = KC_BUF(0);
    kc_json_write(list, &buf);
    kc_json_free(list);
    free(blocking->text);
    blocking->text = blocking->first ? kc_strndup(buf.data, buf.len) : NULL;
}

void blocking_add(struct blocking *blocking, const struct signal *signal,
                  struct snapshot_request *request)
{
    if (blocking->count == MOST_WISHES) {
        kc_log_error("signals", "Signal %s is dropped: %d blocking snapshots wait", signal->id,
                     MOST_WISHES);
        snapshot_request_clear(request);
        return;
    }
    struct blocking_wish *wish = kc_calloc(1, sizeof(*wish));
    *wish = (struct blocking_wish){
        .id = kc_strdup(signal->id), .data = kc_json_copy(signal->data), .request = *request};
    *request = (struct snapshot_request){0};
    if (!blocking->first)
        blocking->last = &blocking->first;
    *blocking->last = wish;
    blocking->last = &wish->next;
    blocking->count++;
    renew_text(blocking);
}

void blocking_drop(struct blocking *blocking)
{
    struct blocking_wish *wish = blocking->first;
    blocking->first = wish->next;
    blocking->count--;
    snapshot_request_clear(&wish->request);
    kc_json_free(wish->data);
    free(wish->id);
    free(wish);
    renew_text(blocking);
}

void blocking_clear(struct blocking *blocking)
{
    while (blocking->first)
        blocking_drop(blocking);
    *blocking = (struct blocking){0};
}

static struct kc_error *read_wish(struct blocking *blocking, const struct kc_json *item)
{
    const char *id = kc_json_string(kc_json_get(item, "id"));
    struct kc_json *data = kc_json_get(item, "data");
    struct snapshot_request request;
    if (!id || kc_json_type(data) != KC_JSON_OBJECT)
        return kc_fail(KC_BAD_DATA, "an entry has no id or data");
    struct signal signal = {.id = kc_strdup(id), .type = kc_strdup(""), .data = kc_json_copy(data)};
    struct kc_error *err = snapshot_request_read(&signal, false, &request);
    if (!err)
        blocking_add(blocking, &signal, &request);
    signal_clear(&signal);
    return err;
}

void blocking_read(struct blocking *blocking, struct kc_text text)
{
    struct kc_json *list = NULL;
    struct kc_error *err = kc_json_parse(text, &list);
    for (size_t i = 0; !err && i < kc_json_count(list); i++)
        err = read_wish(blocking, kc_json_at(list, i));
    kc_json_free(list);
    if (!err)
        return;
    char *line = kc_error_line(err);
    kc_log_warn("signals", "Blocking snapshots in the stored offset can't be read: %s", line);
    free(line);
    kc_error_free(err);
}

/* ---- tables ---- */

void blocking_tables_init(struct blocking_tables *tables, const struct snapshot_request *request)
{
    *tables = (struct blocking_tables){
        .request = request,
        .patterns = kc_calloc(request->n_collections + 1, sizeof(struct kc_regex *)),
    };
    for (size_t i = 0; i < request->n_collections; i++)
        kc_error_free(kc_regex_new(request->collections[i], true, &tables->patterns[i]));
}

void blocking_tables_clear(struct blocking_tables *tables)
{
    for (size_t i = 0; i < tables->request->n_collections; i++)
        kc_regex_free(tables->patterns[i]);
    free(tables->patterns);
}

bool blocking_tables_have(const struct blocking_tables *tables, const char *name)
{
    for (size_t i = 0; i < tables->request->n_collections; i++)
        if (strcasecmp(tables->request->collections[i], name) == 0 ||
            (tables->patterns[i] && kc_regex_matches(tables->patterns[i], kc_text(name))))
            return true;
    return false;
}
