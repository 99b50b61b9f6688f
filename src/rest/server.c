#include "rest/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mailbox.h"
#include "rest/router.h"

#define BODY_MAX ((size_t)16 << 20)
#define IDLE_SECONDS 60
#define CONNECTIONS_MAX 512
#define CONNECTION_MEMORY ((size_t)32 << 10) /* holds the header lines */
#define STACK_SIZE ((size_t)256 << 10)

struct listener {
    struct server *server;
    char *host; /* "" for all */
    int port;
    int fd;
    struct MHD_Daemon *daemon;
};

struct server {
    const struct worker_config *worker;
    struct herder *herder;
    char *address;
    struct listener *listeners;
    size_t n_listeners;
    atomic_bool closing;
    atomic_size_t waiting; /* calls that the herder is asked about */
};

/* A call with what the server has to remember of it. */
struct connection {
    struct rest_call call; /* first */
    struct server *server;
    struct MHD_Connection *mhd;
    char *raw;
    char *origin;
    bool begun, routed, too_large;
    bool waiting;         /* counted in the server's `waiting` */
    atomic_bool answered; /* by the herder: its answer may be read */
};

/* ---- answering ---- */

static void add_header(struct MHD_Response *response, const char *name, const char *value)
{
    if (value)
        MHD_add_response_header(response, name, value);
}

/* Cross-origin calls, if the worker's settings allow that origin. */
static void add_cors(const struct connection *connection, struct MHD_Response *response)
{
    const struct worker_config *worker = connection->server->worker;
    if (!connection->origin || !worker->allow_origin || !*worker->allow_origin)
        return;
    if (strcmp(worker->allow_origin, "*") != 0 &&
        strcmp(worker->allow_origin, connection->origin) != 0)
        return;
    add_header(response, "Access-Control-Allow-Origin", connection->origin);
    if (strcmp(connection->call.method, "OPTIONS") == 0)
        add_header(response, "Access-Control-Allow-Methods",
                   worker->allow_methods && *worker->allow_methods ? worker->allow_methods
                                                                   : "GET,POST,HEAD");
}

static enum MHD_Result send_answer(struct connection *connection)
{
    struct rest_call *call = &connection->call;
    size_t len = call->out.len;
    struct MHD_Response *response =
        MHD_create_response_from_buffer(len, len ? call->out.data : (void *)(uintptr_t) "",
                                        MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    add_header(response, "Content-Type", len ? call->out_type : NULL);
    add_header(response, "Location", call->location);
    add_header(response, "Allow", call->allow);
    add_cors(connection, response);
    enum MHD_Result result = MHD_queue_response(connection->mhd, (unsigned)call->code, response);
    MHD_destroy_response(response);
    return result;
}

/* On the herder's thread. */
static void answered(struct herder_request *request)
{
    struct connection *connection = request->owner;
    struct MHD_Connection *mhd = connection->mhd;
    atomic_store(&connection->answered, true);
    MHD_resume_connection(mhd); /* from here on the connection is the HTTP thread's */
}

/* Counts a call that needs the herder, until it is answered or its client has gone. */
static void count_waiting(struct connection *connection, bool waiting)
{
    if (connection->waiting == waiting)
        return;
    connection->waiting = waiting;
    if (waiting)
        atomic_fetch_add(&connection->server->waiting, 1);
    else
        atomic_fetch_sub(&connection->server->waiting, 1);
}

static enum MHD_Result finish(struct connection *connection)
{
    rest_finish(&connection->call);
    count_waiting(connection, false);
    return send_answer(connection);
}

static enum MHD_Result serve(struct connection *connection)
{
    struct rest_call *call = &connection->call;
    connection->routed = true;
    if (connection->too_large)
        rest_error(call, 413, "The request body is larger than %zu MiB", BODY_MAX >> 20);
    else
        router_serve(call, connection->raw);
    if (!call->request)
        return send_answer(connection);
    count_waiting(connection, true);
    if (atomic_load(&connection->server->closing)) {
        call->request->code = 503;
        call->request->error = kc_strdup("The worker is stopping");
        return finish(connection);
    }
    call->request->done = answered;
    call->request->owner = connection;
    MHD_suspend_connection(connection->mhd);
    herder_post(connection->server->herder, call->request);
    return MHD_YES;
}

/* ---- what libmicrohttpd calls ---- */

static char *header(struct MHD_Connection *mhd, const char *name)
{
    return kc_strdup(MHD_lookup_connection_value(mhd, MHD_HEADER_KIND, name));
}

static void begin(struct connection *connection, struct MHD_Connection *mhd, const char *method)
{
    connection->mhd = mhd;
    connection->begun = true;
    connection->call.method = method;
    connection->call.content_type = header(mhd, MHD_HTTP_HEADER_CONTENT_TYPE);
    connection->call.accept = header(mhd, MHD_HTTP_HEADER_ACCEPT);
    connection->call.host = header(mhd, MHD_HTTP_HEADER_HOST);
    connection->origin = header(mhd, MHD_HTTP_HEADER_ORIGIN);
    connection->call.address = connection->server->address;
}

static enum MHD_Result take(void *context, struct MHD_Connection *mhd, const char *url,
                            const char *method, const char *version, const char *data, size_t *size,
                            void **state)
{
    struct connection *connection = *state;
    (void)context;
    (void)url;
    (void)version;
    if (!connection)
        return MHD_NO;
    if (!connection->begun) {
        begin(connection, mhd, method);
        return MHD_YES;
    }
    if (*size) {
        connection->too_large =
            connection->too_large || connection->call.body.len + *size > BODY_MAX;
        if (!connection->too_large)
            kc_buf_put(&connection->call.body, data, *size);
        *size = 0;
        return MHD_YES;
    }
    if (!connection->routed)
        return serve(connection);
    return atomic_load(&connection->answered) ? finish(connection) : MHD_NO;
}

/* The request line has been read; what this returns becomes the state of the request. */
static void *take_target(void *context, const char *raw, struct MHD_Connection *mhd)
{
    struct listener *listener = context;
    struct connection *connection = kc_calloc(1, sizeof *connection);
    (void)mhd;
    connection->server = listener->server;
    connection->raw = kc_strdup(raw);
    connection->call.body = KC_BUF(BODY_MAX + 1);
    return connection;
}

static void completed(void *context, struct MHD_Connection *mhd, void **state,
                      enum MHD_RequestTerminationCode code)
{
    struct connection *connection = *state;
    (void)context;
    (void)mhd;
    (void)code;
    if (!connection)
        return;
    count_waiting(connection, false);
    rest_call_clear(&connection->call);
    free(connection->raw);
    free(connection->origin);
    free(connection);
    *state = NULL;
}

/* Targets are decoded by rest/http.c. */
static size_t leave_alone(void *context, struct MHD_Connection *mhd, char *text)
{
    (void)context;
    (void)mhd;
    return strlen(text);
}

static void log_line(void *context, const char *format, va_list args)
{
    char *line = kc_vprintf(format, args);
    (void)context;
    kc_log_debug("rest", "%s", line);
    free(line);
}

/* ---- listening ---- */

static int listen_at(const struct addrinfo *info)
{
    int one = 1, zero = 0;
    int fd = socket(info->ai_family, info->ai_socktype | SOCK_CLOEXEC, info->ai_protocol);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (info->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof zero);
    if (bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, 128) == 0)
        return fd;
    int failed = errno;
    close(fd);
    errno = failed;
    return -1;
}

static int bound_port(int fd)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &len) < 0)
        return 0;
    return ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                               : ((struct sockaddr_in *)&address)->sin_port);
}

static struct kc_error *open_listener(struct listener *listener)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
    struct addrinfo *list = NULL;
    char port[16];
    snprintf(port, sizeof port, "%d", listener->port);
    int failed = getaddrinfo(*listener->host ? listener->host : NULL, port, &hints, &list);
    if (failed)
        return kc_fail(KC_BAD_CONFIG, "listeners: the host %s is not known: %s", listener->host,
                       gai_strerror(failed));
    /* With an empty host, IPv6 serves both; where there is none, IPv4. */
    listener->fd = -1;
    for (int family = AF_INET6; listener->fd < 0; family = AF_INET) {
        for (struct addrinfo *info = list; info && listener->fd < 0; info = info->ai_next)
            if (info->ai_family == family)
                listener->fd = listen_at(info);
        if (family == AF_INET)
            break;
    }
    failed = errno;
    freeaddrinfo(list);
    if (listener->fd < 0)
        return kc_fail(KC_BAD_CONFIG, "listeners: the REST API can't listen on %s:%d: %s. %s",
                       *listener->host ? listener->host : "all interfaces,", listener->port,
                       strerror(failed),
                       failed == EADDRINUSE ? "Is another worker running? Set listeners to another "
                                              "port."
                                            : "Set listeners to an address of this machine.");
    listener->port = bound_port(listener->fd);
    return NULL;
}

/* "http://HOST:PORT"; its form was checked with the settings. */
static void parse_listener(const char *text, struct listener *listener)
{
    const char *host = strstr(text, "://") + 3, *colon = strrchr(text, ':');
    size_t len = (size_t)(colon - host);
    if (len >= 2 && host[0] == '[') {
        host++;
        len -= 2;
    }
    listener->host = kc_strndup(host, len);
    listener->port = atoi(colon + 1);
}

/* A name for this machine that others may reach, if no setting says one. */
static char *local_address(void)
{
    char name[256] = "";
    char text[INET_ADDRSTRLEN] = "127.0.0.1";
    struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM }, *list = NULL;
    if (gethostname(name, sizeof name - 1) == 0 && getaddrinfo(name, NULL, &hints, &list) == 0 &&
        list)
        inet_ntop(AF_INET, &((struct sockaddr_in *)list->ai_addr)->sin_addr, text, sizeof text);
    if (list)
        freeaddrinfo(list);
    return kc_strdup(text);
}

static char *advertise(const struct server *server)
{
    const struct worker_config *worker = server->worker;
    const struct listener *first = &server->listeners[0];
    bool given = worker->advertised_host && *worker->advertised_host;
    char *host = given          ? kc_strdup(worker->advertised_host)
                 : *first->host ? kc_strdup(first->host)
                                : local_address();
    char *address = kc_printf(strchr(host, ':') ? "[%s]:%d" : "%s:%d", host,
                              worker->advertised_port ? worker->advertised_port : first->port);
    free(host);
    return address;
}

struct kc_error *server_open(const struct worker_config *worker, struct server **result)
{
    struct server *server = kc_calloc(1, sizeof *server);
    struct kc_error *err = NULL;
    server->worker = worker;
    server->listeners = kc_calloc(worker->listeners.len, sizeof *server->listeners);
    for (size_t i = 0; !err && i < worker->listeners.len; i++) {
        struct listener *listener = &server->listeners[server->n_listeners++];
        listener->server = server;
        parse_listener(worker->listeners.items[i], listener);
        err = open_listener(listener);
    }
    if (err) {
        server_stop(server);
        return err;
    }
    server->address = advertise(server);
    *result = server;
    return NULL;
}

const char *server_address(const struct server *server)
{
    return server->address;
}

struct kc_error *server_start(struct server *server, struct herder *herder)
{
    server->herder = herder;
    for (size_t i = 0; i < server->n_listeners; i++) {
        struct listener *listener = &server->listeners[i];
        listener->daemon =
            MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME |
                                 MHD_USE_ERROR_LOG,
                             0, NULL, NULL, take, listener, MHD_OPTION_EXTERNAL_LOGGER, log_line,
                             NULL, MHD_OPTION_LISTEN_SOCKET, listener->fd,
                             MHD_OPTION_URI_LOG_CALLBACK, take_target, listener,
                             MHD_OPTION_NOTIFY_COMPLETED, completed, NULL,
                             MHD_OPTION_UNESCAPE_CALLBACK, leave_alone, NULL,
                             MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
                             MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
                             MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY,
                             MHD_OPTION_THREAD_STACK_SIZE, STACK_SIZE, MHD_OPTION_END);
        if (!listener->daemon)
            return kc_fail(KC_FATAL, "the HTTP server could not be started on port %d: %s",
                           listener->port, strerror(errno));
        listener->fd = -1; /* libmicrohttpd's from here on */
        kc_log_info("rest", "The REST API listens on http://%s%s%s:%d",
                    strchr(listener->host, ':') ? "[" : "",
                    *listener->host ? listener->host : "0.0.0.0",
                    strchr(listener->host, ':') ? "]" : "", listener->port);
    }
    return NULL;
}

/* libmicrohttpd must not be ended while calls wait for the herder. */
static void drain(struct server *server)
{
    atomic_store(&server->closing, true);
    while (atomic_load(&server->waiting)) {
        herder_refuse_posted(server->herder);
        kc_wait_stop(-1, 1);
    }
}

void server_stop(struct server *server)
{
    if (!server)
        return;
    drain(server);
    for (size_t i = 0; i < server->n_listeners; i++) {
        struct listener *listener = &server->listeners[i];
        if (listener->daemon)
            MHD_stop_daemon(listener->daemon);
        if (!listener->daemon && listener->fd >= 0)
            close(listener->fd);
        free(listener->host);
    }
    free(server->listeners);
    free(server->address);
    free(server);
}
