/* One call of the REST API: what was asked, and the answer that is being made.
 * Layer: rest. The HTTP thread owns a call; while a herder request of it is under way, nobody
 * touches it. */
#ifndef REST_CALL_H
#define REST_CALL_H

#include "base/json.h"
#include "herder/herder.h"
#include "rest/http.h"

struct rest_call {
    const char *method;
    struct http_target target;
    const char *connector; /* of the path: {c}, also the name of a plug-in or logger; NULL: none */
    int task;              /* of the path: {i} */
    struct kc_buf body;
    char *content_type, *accept, *host; /* headers, or NULL */
    const char *address;                /* host:port we are known by */
    /* What the herder must be asked; NULL: answered already. The answer is made from it unless
     * `finish` does it. */
    struct herder_request *request;
    void (*finish)(struct rest_call *call);
    /* The answer. */
    int code;
    struct kc_buf out;
    char *location;
    char *allow;
    const char *out_type; /* static */
};

/* Answers: with JSON (taken; NULL for no body), or with Connect's error object. */
void rest_json(struct rest_call *call, int code, struct kc_json *json);
void rest_error(struct rest_call *call, int code, const char *format, ...) KC_PRINTF(3, 4);
/* Prepares a question to the herder about the connector of the path. */
struct herder_request *rest_ask(struct rest_call *call, enum herder_op op);
/* Makes the answer of the herder's. */
void rest_finish(struct rest_call *call);
/* Frees what it holds. */
void rest_call_clear(struct rest_call *call);

#endif
