#include "store/offsets.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/log.h"
#include "base/map.h"
#include "store/file.h"
#include "store/java_map.h"

struct entry {
    char *connector;
    char *key, *value;
};

/* What the writing thread gets; content.data NULL ends it. */
struct write_order {
    struct kc_message message;
    struct kc_buf content;
    uint64_t version;
};

struct offsets {
    struct kc_map entries; /* by canonical key */
    char *path;            /* NULL: memory only */
    uint64_t version;      /* of what is in memory */
    struct kc_mailbox *written;
    struct kc_mailbox orders;
    pthread_t writer;
    bool writing; /* the thread is there */
};

void offsets_written_free(struct offsets_written *written)
{
    kc_error_free(written->error);
    free(written);
}

static void entry_free(void *value)
{
    struct entry *entry = value;
    if (!entry)
        return;
    free(entry->connector);
    free(entry->key);
    free(entry->value);
    free(entry);
}

/* ---- keys ---- */

struct member {
    const char *name;
    const struct kc_json *value;
};

static int compare_members(const void *a, const void *b)
{
    return strcmp(((const struct member *)a)->name, ((const struct member *)b)->name);
}

/* The members in the order of their names. */
static void write_sorted(const struct kc_json *json, struct kc_buf *buf)
{
    size_t len = 0;
    struct member *members = kc_calloc(kc_json_count(json) + 1, sizeof *members);
    void *at = NULL;
    const char *name;
    struct kc_json *value;
    while (kc_json_next(json, &at, &name, &value))
        members[len++] = (struct member){ name, value };
    qsort(members, len, sizeof *members, compare_members);
    kc_buf_char(buf, '{');
    for (size_t i = 0; i < len; i++) {
        struct kc_json *text = kc_json_new_string(members[i].name);
        if (i)
            kc_buf_char(buf, ',');
        kc_json_write(text, buf);
        kc_json_free(text);
        kc_buf_char(buf, ':');
        kc_json_write(members[i].value, buf);
    }
    kc_buf_char(buf, '}');
    free(members);
}

/* One text for all spellings of a key. */
static struct kc_error *canonical(struct kc_text key, struct kc_buf *buf, char **connector)
{
    struct kc_json *json = NULL;
    struct kc_error *err = kc_json_parse(key, &json);
    if (err)
        return err;
    const struct kc_json *name = kc_json_at(json, 0), *partition = kc_json_at(json, 1);
    bool fine =
        kc_json_type(json) == KC_JSON_ARRAY && kc_json_count(json) == 2 &&
        kc_json_type(name) == KC_JSON_STRING &&
        (kc_json_type(partition) == KC_JSON_OBJECT || kc_json_type(partition) == KC_JSON_NULL);
    if (fine) {
        kc_json_write(name, buf);
        if (kc_json_type(partition) == KC_JSON_OBJECT)
            write_sorted(partition, buf);
        *connector = kc_strdup(kc_json_string(name));
    }
    kc_json_free(json);
    return fine ? NULL
                : kc_fail(KC_BAD_DATA, "the offset key %.*s is no [\"connector\",{partition}]",
                          KC_FMT(key));
}

static struct kc_error *put_text(struct offsets *offsets, struct kc_text key, struct kc_text value)
{
    KC_AUTO_BUF buf = KC_BUF(0);
    char *connector = NULL;
    struct kc_error *err = canonical(key, &buf, &connector);
    if (err)
        return err;
    struct kc_text name = { buf.data, buf.len };
    struct entry *entry = kc_map_get(&offsets->entries, name);
    if (!value.ptr) {
        entry_free(kc_map_remove(&offsets->entries, name));
        free(connector);
        return NULL;
    }
    if (!entry) {
        entry = kc_calloc(1, sizeof *entry);
        entry->key = kc_strndup(key.ptr, key.len);
        entry->connector = connector;
        kc_map_set(&offsets->entries, name, entry);
    } else {
        free(connector);
    }
    free(entry->value);
    entry->value = kc_strndup(value.ptr, value.len);
    return NULL;
}

struct kc_error *offsets_put(struct offsets *offsets, const char *key, const char *value,
                             uint64_t *version)
{
    struct kc_error *err = put_text(offsets, kc_text(key), kc_text(value));
    if (!err)
        *version = ++offsets->version;
    return err;
}

void offsets_of(const struct offsets *offsets, const char *connector, offsets_each *each,
                void *context)
{
    for (struct kc_map_entry *at = NULL; (at = kc_map_next(&offsets->entries, at));) {
        const struct entry *entry = at->value;
        if (strcmp(entry->connector, connector) == 0)
            each(context, entry->key, entry->value);
    }
}

/* ---- the file ---- */

static void load_entry(void *context, struct kc_text key, struct kc_text value)
{
    struct kc_error *err = put_text(context, key, value);
    if (!err)
        return;
    char *line = kc_error_line(err);
    kc_log_warn("store", "An entry of the offset file is left out: %s", line);
    free(line);
    kc_error_free(err);
}

static struct kc_error *load(struct offsets *offsets)
{
    KC_AUTO_BUF buf = KC_BUF(0);
    bool exists;
    struct kc_error *err = file_read(offsets->path, &buf, &exists);
    if (err)
        return kc_while(err, "while reading the offset file (offset.storage.file.filename)");
    if (!exists)
        return NULL;
    if (buf.len == 0) {
        kc_log_warn("store",
                    "The offset file %s is empty: source connectors start as if they had never run",
                    offsets->path);
        return NULL;
    }
    err = java_map_read((struct kc_text){ buf.data, buf.len }, load_entry, offsets);
    if (!err)
        return NULL;
    char *line = kc_error_line(err);
    kc_error_free(err);
    err = kc_fail(KC_BAD_CONFIG,
                  "%s (offset.storage.file.filename) is torn or no offset file: %s. It was left as "
                  "it is. "
                  "Restore it from a copy, or move it away to start without offsets.",
                  offsets->path, line);
    free(line);
    return err;
}

static void encode(const struct offsets *offsets, struct kc_buf *buf)
{
    bool first = true;
    java_map_write_begin(buf, (uint32_t)offsets->entries.count);
    for (struct kc_map_entry *at = NULL; (at = kc_map_next(&offsets->entries, at));) {
        const struct entry *entry = at->value;
        java_map_write_entry(buf, first, kc_text(entry->key), kc_text(entry->value));
        first = false;
    }
    java_map_write_end(buf);
}

/* ---- writing ---- */

static void answer(struct offsets *offsets, uint64_t version, struct kc_error *error)
{
    struct offsets_written *written = kc_calloc(1, sizeof *written);
    written->version = version;
    written->error = error;
    kc_mailbox_post(offsets->written, &written->message);
}

static void *write_orders(void *arg)
{
    struct offsets *offsets = arg;
    for (;;) {
        struct write_order *order = (struct write_order *)kc_mailbox_wait(&offsets->orders, -1);
        if (!order)
            continue;
        bool last = !order->content.data;
        if (!last)
            answer(offsets, order->version,
                   file_replace(offsets->path,
                                (struct kc_text){ order->content.data, order->content.len }));
        kc_buf_clear(&order->content);
        free(order);
        if (last)
            return NULL;
    }
}

static void post_order(struct offsets *offsets, struct write_order *order)
{
    if (!offsets->writing) {
        offsets->writing = true;
        kc_mailbox_init(&offsets->orders);
        kc_thread_start(&offsets->writer, "offsets", write_orders, offsets);
    }
    kc_mailbox_post(&offsets->orders, &order->message);
}

void offsets_flush(struct offsets *offsets)
{
    if (!offsets->path) {
        answer(offsets, offsets->version, NULL);
        return;
    }
    struct write_order *order = kc_calloc(1, sizeof *order);
    order->content = KC_BUF(0);
    order->version = offsets->version;
    encode(offsets, &order->content);
    post_order(offsets, order);
}

struct kc_error *offsets_open(const char *path, struct kc_mailbox *written, struct offsets **result)
{
    struct offsets *offsets = kc_calloc(1, sizeof *offsets);
    offsets->path = kc_strdup(path);
    offsets->written = written;
    struct kc_error *err = path ? load(offsets) : NULL;
    if (err) {
        offsets_close(offsets);
        return err;
    }
    *result = offsets;
    return NULL;
}

void offsets_close(struct offsets *offsets)
{
    if (!offsets)
        return;
    if (offsets->writing) {
        post_order(offsets, kc_calloc(1, sizeof(struct write_order)));
        pthread_join(offsets->writer, NULL);
        kc_mailbox_clear(&offsets->orders);
    }
    kc_map_clear(&offsets->entries, entry_free);
    free(offsets->path);
    free(offsets);
}
