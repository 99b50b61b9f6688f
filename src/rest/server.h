/* The HTTP server: sockets, bytes, and calls that wait for the herder without holding a thread. The
 * only file that includes microhttpd.h. Layer: rest. Started and stopped by the main thread; one
 * thread of its own per listener. */
#ifndef REST_SERVER_H
#define REST_SERVER_H

#include "flow/worker_config.h"
#include "herder/herder.h"

struct server;

/* Opens the listeners, so that the port is known; nobody is served yet. KC_BAD_CONFIG names a
 * listener that can't be opened. */
struct kc_error *server_open(const struct worker_config *worker,
                             struct server **server) KC_MUST_CHECK;
/* "host:port" that statuses show as worker id; the server's. */
const char *server_address(const struct server *server);
/* Serves from now on. Calls that wait are answered by the herder, which must be running. */
struct kc_error *server_start(struct server *server, struct herder *herder) KC_MUST_CHECK;
/* After herder_run has returned and before herder_free: refuses what still comes, ends. NULL is
 * fine. */
void server_stop(struct server *server);

#endif
