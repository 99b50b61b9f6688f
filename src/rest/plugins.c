#include <stdlib.h>
#include <strings.h>

#include "herder/validation.h"
#include "herder/versions.h"
#include "plugin/registry.h"
#include "rest/bodies.h"
#include "rest/router.h"

/* /connector-plugins. What is constant after start is answered without asking the herder. */

/* The order of the list: what a plug-in is listed as. */
enum listed_as { AS_SINK, AS_SOURCE, AS_TRANSFORMATION, AS_CONVERTER, AS_HEADER_CONVERTER, AS_KINDS };

static const struct {
    enum kc_plugin_kind kind;
    const char *type;
} listed[AS_KINDS] = {
    [AS_SINK] = { KC_SINK, "sink" },
    [AS_SOURCE] = { KC_SOURCE, "source" },
    [AS_TRANSFORMATION] = { KC_TRANSFORM, "transformation" },
    [AS_CONVERTER] = { KC_CONVERTER, "converter" },
    [AS_HEADER_CONVERTER] = { KC_CONVERTER, "header_converter" },
};

static bool belongs(const struct kc_plugin *plugin, enum listed_as as)
{
    if (plugin->kind != listed[as].kind)
        return false;
    return as == AS_CONVERTER          ? plugin->converter->for_records
           : as == AS_HEADER_CONVERTER ? plugin->converter->for_headers
                                       : true;
}

static void list_kind(struct kc_json *list, enum listed_as as)
{
    for (size_t i = 0; i < registry_count(); i++) {
        const struct kc_plugin *plugin = registry_at(i);
        if (!belongs(plugin, as))
            continue;
        /* Classes of a transform differ ($Key, $Value); those of a connector are names for the same. */
        for (size_t j = 0; plugin->java_classes[j] && (j == 0 || as == AS_TRANSFORMATION); j++) {
            struct kc_json *item = kc_json_new_object();
            kc_json_put_string(item, "class", plugin->java_classes[j]);
            kc_json_put_string(item, "type", listed[as].type);
            kc_json_put_string(item, "version", plugin->version);
            kc_json_add(list, item);
        }
    }
}

static void get_list(struct rest_call *call)
{
    const char *only = http_argument(&call->target, "connectorsOnly");
    enum listed_as end = !only || strcasecmp(only, "true") == 0 ? AS_SOURCE + 1 : AS_KINDS;
    struct kc_json *list = kc_json_new_array();
    for (enum listed_as as = AS_SINK; as < end; as++)
        list_kind(list, as);
    rest_json(call, 200, list);
}

static const struct kc_plugin *find_any(const char *name)
{
    const struct kc_plugin *plugin = NULL;
    for (size_t as = AS_SINK; !plugin && as < AS_HEADER_CONVERTER; as++)
        plugin = registry_find(listed[as].kind, name, NULL);
    return plugin;
}

static void get_config(struct rest_call *call)
{
    const struct kc_plugin *plugin = find_any(call->connector);
    const char *version = http_argument(&call->target, "version");
    if (!plugin) {
        rest_error(call, 404, "Unknown plugin %s.", call->connector);
    } else if (version && !versions_match(version, plugin->version)) {
        char *text = versions_mismatch(plugin, version);
        rest_error(call, 400, "%s", text);
        free(text);
    } else {
        rest_json(call, 200, validation_show_options(plugin));
    }
}

static void put_validate(struct rest_call *call)
{
    struct herder_request *request = rest_ask(call, HERDER_VALIDATE);
    call->request = NULL;
    if (body_config(call, request))
        call->request = request;
    else
        herder_request_free(request);
}

const struct route plugin_routes[] = {
    { "GET", "/connector-plugins", get_list, "Connectors there are; connectorsOnly=false: all plug-ins", true },
    { "GET", "/connector-plugins/{c}/config", get_config, "Settings of a plug-in", true },
    { "PUT", "/connector-plugins/{c}/config/validate", put_validate, "What is wrong with a config", true },
    { .method = NULL },
};
