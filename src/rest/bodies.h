/* Request bodies: what each call takes, and the mistakes in it.
 * Layer: rest. HTTP thread. */
#ifndef REST_BODIES_H
#define REST_BODIES_H

#include "rest/call.h"

/* Each fills the request from the body of the call; false: the call is answered with the mistake
 * (500, as the original does). An empty body, and JSON null, are no mistake here: the request then
 * has no config (no body). */
bool body_create(struct rest_call *call,
                 struct herder_request *request); /* {"name","config","initial_state"} */
bool body_config(struct rest_call *call, struct herder_request *request);  /* {"setting":"value"} */
bool body_offsets(struct rest_call *call, struct herder_request *request); /* {"offsets":[...]} */
/* {"id","type","data"}. An addition of ours, so its mistakes are answered with 400. */
bool body_signal(struct rest_call *call, struct herder_request *request);

#endif
