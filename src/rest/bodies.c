#include "rest/bodies.h"

#include <stdlib.h>
#include <strings.h>

static const char *const type_names[] = {
    [KC_JSON_NULL] = "Null value",     [KC_JSON_BOOL] = "Boolean value",
    [KC_JSON_INT] = "Integer value",   [KC_JSON_REAL] = "Floating-point value",
    [KC_JSON_STRING] = "String value", [KC_JSON_ARRAY] = "Array value",
    [KC_JSON_OBJECT] = "Object value",
};

static bool wrong_type(struct rest_call *call, const char *what, const char *wanted,
                       const struct kc_json *json)
{
    rest_error(call, 500, "Cannot deserialize value of type `%s` from %s (%s of the request body)",
               wanted, type_names[kc_json_type(json)], what);
    return false;
}

/* A body as a whole; NULL for none. Owned by the caller. */
static bool body_json(struct rest_call *call, struct kc_json **json)
{
    struct kc_text text = { call->body.data, call->body.len };
    *json = NULL;
    if (kc_text_trim(text).len == 0)
        return true;
    struct kc_error *err = kc_json_parse(text, json);
    if (!err)
        return true;
    rest_error(call, 500, "Unexpected JSON in the request body: %s", err->text);
    kc_error_free(err);
    return false;
}

/* One setting's value as text: numbers and booleans too. False for arrays and objects. */
static bool body_text(const struct kc_json *json, char **text)
{
    struct kc_buf buf = KC_BUF(0);
    *text = NULL;
    if (kc_json_type(json) == KC_JSON_ARRAY || kc_json_type(json) == KC_JSON_OBJECT)
        return false;
    if (kc_json_type(json) == KC_JSON_NULL)
        return true;
    if (kc_json_type(json) == KC_JSON_STRING)
        kc_buf_str(&buf, kc_json_string(json));
    else
        kc_json_write(json, &buf);
    *text = buf.data ? kc_buf_take(&buf) : kc_strdup("");
    return true;
}

static bool take_config(struct rest_call *call, const struct kc_json *json,
                        struct herder_request *request)
{
    if (kc_json_type(json) == KC_JSON_NULL)
        return true;
    if (kc_json_type(json) != KC_JSON_OBJECT)
        return wrong_type(call, "config", "map of setting to text", json);
    struct kc_error *err = kc_props_from_json(json, &request->config);
    request->has_config = !err;
    if (err)
        rest_error(call, 500, "Cannot deserialize value of type `text`: %s", err->text);
    kc_error_free(err);
    return request->has_config;
}

bool body_config(struct rest_call *call, struct herder_request *request)
{
    struct kc_json *json;
    if (!body_json(call, &json))
        return false;
    bool fine = take_config(call, json, request);
    kc_json_free(json);
    return fine;
}

/* ---- POST /connectors ---- */

static bool take_name(struct rest_call *call, const struct kc_json *json,
                      struct herder_request *request)
{
    char *text;
    if (!body_text(json, &text))
        return wrong_type(call, "name", "text", json);
    struct kc_text name = kc_text_trim(kc_text(text ? text : ""));
    free(request->connector);
    request->connector = kc_strndup(name.ptr, name.len);
    free(text);
    return true;
}

static bool take_state(struct rest_call *call, const struct kc_json *json,
                       struct herder_request *request)
{
    static const char *const states[] = { "RUNNING", "PAUSED", "STOPPED" };
    char *text = NULL;
    if (!body_text(json, &text))
        return wrong_type(call, "initial_state", "text", json);
    bool found = !text;
    for (size_t i = 0; !found && i < KC_COUNT(states); i++) {
        found = strcasecmp(states[i], text) == 0;
        request->initial_state = (enum herder_target)i;
    }
    if (!found)
        rest_error(call, 500,
                   "Cannot construct instance of `initial_state`: %s is none of RUNNING, "
                   "PAUSED, STOPPED",
                   text);
    free(text);
    return found;
}

/* Members that nobody knows are refused: a typing error must not pass in silence. */
static bool only_known(struct rest_call *call, const struct kc_json *json, const char *const *known)
{
    void *at = NULL;
    const char *name;
    struct kc_json *value;
    while (kc_json_next(json, &at, &name, &value)) {
        size_t i = 0;
        while (known[i] && strcmp(known[i], name) != 0)
            i++;
        if (!known[i]) {
            rest_error(call, 500, "Unrecognized field \"%s\" in the request body", name);
            return false;
        }
    }
    return true;
}

static bool take_create(struct rest_call *call, const struct kc_json *json,
                        struct herder_request *request)
{
    static const char *const known[] = { "name", "config", "initial_state", NULL };
    if (kc_json_type(json) != KC_JSON_OBJECT) {
        if (kc_json_type(json) == KC_JSON_NULL)
            rest_error(call, 500,
                       "The request has no body: {\"name\":...,\"config\":{...}} is needed");
        else
            wrong_type(call, "the whole", "object with name and config", json);
        return false;
    }
    return only_known(call, json, known) && take_name(call, kc_json_get(json, "name"), request) &&
           take_config(call, kc_json_get(json, "config"), request) &&
           take_state(call, kc_json_get(json, "initial_state"), request);
}

bool body_create(struct rest_call *call, struct herder_request *request)
{
    struct kc_json *json;
    if (!body_json(call, &json))
        return false;
    bool fine = take_create(call, json, request);
    kc_json_free(json);
    return fine;
}

/* ---- PATCH /connectors/{c}/offsets ---- */

static bool is_map(const struct kc_json *json)
{
    return kc_json_type(json) == KC_JSON_OBJECT || kc_json_type(json) == KC_JSON_NULL;
}

static bool check_offsets(struct rest_call *call, const struct kc_json *list)
{
    static const char *const known[] = { "partition", "offset", NULL };
    if (list && kc_json_type(list) != KC_JSON_ARRAY && kc_json_type(list) != KC_JSON_NULL)
        return wrong_type(call, "offsets", "list of {partition, offset}", list);
    for (size_t i = 0; i < kc_json_count(list); i++) {
        const struct kc_json *item = kc_json_at(list, i);
        if (kc_json_type(item) != KC_JSON_OBJECT)
            return wrong_type(call, "an entry of offsets", "{partition, offset}", item);
        if (!only_known(call, item, known))
            return false;
        if (!is_map(kc_json_get(item, "partition")))
            return wrong_type(call, "partition", "map", kc_json_get(item, "partition"));
        if (!is_map(kc_json_get(item, "offset")))
            return wrong_type(call, "offset", "map", kc_json_get(item, "offset"));
    }
    return true;
}

static bool take_offsets(struct rest_call *call, const struct kc_json *json,
                         struct herder_request *request)
{
    static const char *const known[] = { "offsets", NULL };
    if (!json || kc_json_type(json) == KC_JSON_NULL) {
        rest_error(call, 500, "The request has no body: {\"offsets\":[...]} is needed");
        return false;
    }
    if (kc_json_type(json) != KC_JSON_OBJECT)
        return wrong_type(call, "the whole", "object with offsets", json);
    if (!only_known(call, json, known) || !check_offsets(call, kc_json_get(json, "offsets")))
        return false;
    if (kc_json_type(kc_json_get(json, "offsets")) == KC_JSON_ARRAY)
        request->body = kc_json_copy(kc_json_get(json, "offsets"));
    return true;
}

bool body_offsets(struct rest_call *call, struct herder_request *request)
{
    struct kc_json *json;
    if (!body_json(call, &json))
        return false;
    bool fine = take_offsets(call, json, request);
    kc_json_free(json);
    return fine;
}

/* ---- POST /connectors/{c}/signals ---- */

bool body_signal(struct rest_call *call, struct herder_request *request)
{
    struct kc_text text = { call->body.data, call->body.len };
    struct kc_error *err = kc_json_parse(text, &request->body);
    if (!err)
        return true;
    rest_error(call, 400,
               "The request body must be a signal, {\"id\":...,\"type\":...,\"data\":{...}}: %s",
               err->text);
    kc_error_free(err);
    return false;
}
