#include "rest/call.h"

#include <stdlib.h>

void rest_json(struct rest_call *call, int code, struct kc_json *json)
{
    call->code = code;
    if (!json)
        return;
    kc_json_write(json, &call->out);
    kc_json_free(json);
    call->out_type = "application/json";
}

static void put_error(struct rest_call *call, int code, const char *message)
{
    struct kc_json *json = kc_json_new_object();
    kc_json_put_int(json, "error_code", code);
    kc_json_put_string(json, "message", message);
    rest_json(call, code, json);
}

void rest_error(struct rest_call *call, int code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *message = kc_vprintf(format, args);
    va_end(args);
    put_error(call, code, message);
    free(message);
}

struct herder_request *rest_ask(struct rest_call *call, enum herder_op op)
{
    call->request = herder_request_new(op, call->connector, NULL, call);
    call->request->task = call->task;
    return call->request;
}

void rest_finish(struct rest_call *call)
{
    struct herder_request *request = call->request;
    if (request->code >= 400) {
        put_error(call, request->code, request->error);
    } else if (call->finish) {
        call->finish(call);
    } else {
        rest_json(call, request->code, request->answer);
        request->answer = NULL;
    }
    herder_request_free(request);
    call->request = NULL;
}

void rest_call_clear(struct rest_call *call)
{
    herder_request_free(call->request);
    http_target_clear(&call->target);
    kc_buf_clear(&call->body);
    kc_buf_clear(&call->out);
    free(call->content_type);
    free(call->accept);
    free(call->host);
    free(call->location);
    free(call->allow);
}
