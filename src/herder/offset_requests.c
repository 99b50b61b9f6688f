#include <stdlib.h>

#include "data/plain_json.h"
#include "herder/internal.h"
#include "herder/sink_offsets.h"
#include "plugin/source.h"

/* Offsets of connectors over REST. Those of sources are in the herder's own store; those of sinks
 * are the committed offsets of their consumer group. */

struct listing {
    struct kc_json *list;
};

static void list_offset(void *context, const char *key, const char *value)
{
    struct listing *listing = context;
    struct kc_json *parsed = NULL, *offset = NULL;
    struct kc_error *err = kc_json_parse(kc_text(key), &parsed);
    if (!err)
        err = kc_json_parse(kc_text(value), &offset);
    if (!err) {
        struct kc_json *item = kc_json_new_object(), *partition = kc_json_at(parsed, 1);
        kc_json_put(item, "partition", partition ? kc_json_copy(partition) : kc_json_new_null());
        kc_json_put(item, "offset", offset);
        kc_json_add(listing->list, item);
    }
    kc_json_free(parsed);
    kc_error_free(err);
}

void handle_offsets(struct herder *herder, struct herder_request *request)
{
    struct connector *connector = herder_find(herder, request->connector);
    if (!connector) {
        herder_refuse(request, 404, "Connector %s not found", request->connector);
        return;
    }
    if (connector->plugin->kind == KC_SINK) {
        sink_offsets_get(herder, connector, request);
        return;
    }
    struct listing listing = { .list = kc_json_new_array() };
    struct kc_json *answer = kc_json_new_object();
    offsets_of(herder->offsets, connector->name, list_offset, &listing);
    kc_json_put(answer, "offsets", listing.list);
    herder_answer(request, 200, answer);
}

/* ---- changing them ---- */

static struct connector *find_stopped(struct herder *herder, struct herder_request *request)
{
    struct connector *connector = herder_find(herder, request->connector);
    if (!connector) {
        herder_refuse(request, 404, "Connector %s not found", request->connector);
    } else if (connector->target != HERDER_STOPPED || connector->n_slots) {
        herder_refuse(request, 400,
                      "Connectors must be in the STOPPED state before their offsets can be "
                      "modified. This "
                      "can be done for the specified connector by issuing a 'PUT' request to the "
                      "'/connectors/%s/stop' endpoint",
                      request->connector);
        connector = NULL;
    }
    return connector;
}

/* Once no task of the connector writes offsets any more. */
static struct connector *find_idle(struct herder *herder, struct herder_request *request,
                                   bool in_time, const char *verb)
{
    if (in_time)
        return find_stopped(herder, request); /* it may have been resumed meanwhile */
    herder_refuse(request, 500,
                  "Failed to %s offsets for connector %s because its tasks haven't stopped "
                  "completely yet",
                  verb, request->connector);
    return NULL;
}

static char *key_of(const char *connector, const struct kc_json *partition)
{
    struct kc_buf buf = KC_BUF(0);
    struct kc_json *key = kc_json_new_array();
    kc_json_add(key, kc_json_new_string(connector));
    kc_json_add(key, partition ? kc_json_copy(partition) : kc_json_new_null());
    kc_json_write(key, &buf);
    kc_json_free(key);
    return kc_buf_take(&buf);
}

static struct kc_error *put_offset(struct herder *herder, const char *connector,
                                   const struct kc_json *item, uint64_t *version)
{
    KC_AUTO_BUF value = KC_BUF(0);
    const struct kc_json *offset = kc_json_get(item, "offset");
    bool forget = kc_json_type(offset) == KC_JSON_NULL;
    char *key = key_of(connector, kc_json_get(item, "partition"));
    if (!forget)
        kc_json_write(offset, &value);
    struct kc_error *err = offsets_put(herder->offsets, key, forget ? NULL : value.data, version);
    free(key);
    return err;
}

static struct kc_error *check_offset(const struct validation *v, const struct kc_json *item)
{
    struct kc_arena arena;
    if (!v->plugin->source->check_offset)
        return NULL;
    kc_arena_init(&arena, 0);
    struct kc_value partition = kc_plain_json_value(kc_json_get(item, "partition"), &arena);
    struct kc_value offset = kc_plain_json_value(kc_json_get(item, "offset"), &arena);
    struct kc_error *err = v->plugin->source->check_offset(v->plugin_config, partition, offset);
    kc_arena_clear(&arena);
    return err;
}

/* A connector without a word on its offsets may keep others of its own, in the original's view. */
static const char *done_message(const struct connector *connector, bool altered)
{
    if (connector->plugin->source->check_offset)
        return altered ? "The offsets for this connector have been altered successfully"
                       : "The offsets for this connector have been reset successfully";
    return altered
        ? "The Connect framework-managed offsets for this connector have been altered successfully. "
          "However, if this connector manages offsets externally, they will need to be manually "
          "altered in the system that the connector uses."
        : "The Connect framework-managed offsets for this connector have been reset successfully. "
          "However, if this connector manages offsets externally, they will need to be manually "
          "reset in the system that the connector uses.";
}

static void alter_source(struct herder *herder, const struct connector *connector,
                         struct herder_request *request)
{
    struct kc_error *err = NULL;
    struct flush *flush = kc_calloc(1, sizeof *flush);
    struct validation *v = validation_new(herder->worker, connector->plugin, &connector->props);
    *flush = (struct flush){ .request = request,
                             .message = done_message(connector, true) };
    for (size_t i = 0; !err && i < kc_json_count(request->body); i++)
        err = check_offset(v, kc_json_at(request->body, i));
    for (size_t i = 0; !err && i < kc_json_count(request->body); i++)
        err = put_offset(herder, connector->name, kc_json_at(request->body, i), &flush->version);
    validation_free(v);
    if (!err) {
        herder_flush_offsets(herder, flush);
        return;
    }
    free(flush);
    herder_fail(request, 500, err);
}

static void alter_idle(struct herder *herder, struct herder_request *request, bool in_time)
{
    struct connector *connector = find_idle(herder, request, in_time, "alter");
    if (connector && connector->plugin->kind == KC_SINK)
        sink_offsets_alter(herder, connector, request);
    else if (connector)
        alter_source(herder, connector, request);
}

void handle_alter_offsets(struct herder *herder, struct herder_request *request)
{
    if (kc_json_count(request->body) == 0)
        herder_refuse(request, 400,
                      "Partitions / offsets need to be provided for an alter offsets request");
    else if (find_stopped(herder, request))
        herder_park(herder, request, herder->worker->task_shutdown_graceful_timeout_ms, alter_idle);
}

/* ---- forgetting them ---- */

static void list_key(void *context, const char *key, const char *value)
{
    (void)value;
    kc_json_add(context, kc_json_new_string(key));
}

static void reset_source(struct herder *herder, const struct connector *connector,
                         struct herder_request *request)
{
    struct kc_error *err = NULL;
    struct kc_json *keys = kc_json_new_array();
    struct flush *flush = kc_calloc(1, sizeof *flush);
    *flush = (struct flush){ .request = request,
                             .message = done_message(connector, false) };
    offsets_of(herder->offsets, connector->name, list_key, keys);
    for (size_t i = 0; !err && i < kc_json_count(keys); i++)
        err = offsets_put(herder->offsets, kc_json_string(kc_json_at(keys, i)), NULL,
                          &flush->version);
    kc_json_free(keys);
    if (!err) {
        herder_flush_offsets(herder, flush);
        return;
    }
    free(flush);
    herder_fail(request, 500, err);
}

static void reset_idle(struct herder *herder, struct herder_request *request, bool in_time)
{
    struct connector *connector = find_idle(herder, request, in_time, "reset");
    if (connector && connector->plugin->kind == KC_SINK)
        sink_offsets_reset(herder, connector, request);
    else if (connector)
        reset_source(herder, connector, request);
}

void handle_reset_offsets(struct herder *herder, struct herder_request *request)
{
    if (find_stopped(herder, request))
        herder_park(herder, request, herder->worker->task_shutdown_graceful_timeout_ms, reset_idle);
}
