#include "base/http.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "base/mailbox.h"
#include "tests/unit/test.h"

/* A server that takes one connection and says this, or never a word (NULL). */
struct server {
    int fd, port;
    const char *answer;
    pthread_t thread;
};

static void *serve(void *arg)
{
    struct server *server = arg;
    int fd = accept(server->fd, NULL, NULL);
    char request[4096];
    if (fd < 0)
        return NULL;
    if (server->answer && read(fd, request, sizeof(request)) > 0)
        assert_true(write(fd, server->answer, strlen(server->answer)) > 0);
    if (!server->answer)
        while (read(fd, request, sizeof(request)) > 0)
            ;
    close(fd);
    return NULL;
}

static void server_start(struct server *server, const char *answer)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(address);
    *server = (struct server){ .fd = socket(AF_INET, SOCK_STREAM, 0), .answer = answer };
    assert_int_equal(bind(server->fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(server->fd, 1), 0);
    assert_int_equal(getsockname(server->fd, (struct sockaddr *)&address, &len), 0);
    server->port = ntohs(address.sin_port);
    assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

static void server_end(struct server *server)
{
    pthread_join(server->thread, NULL);
    close(server->fd);
}

static struct kc_error *get(const struct server *server, int stop_fd, int ms, struct kc_http_answer *answer)
{
    char url[64];
    snprintf(url, sizeof(url), "http://127.0.0.1:%d/x", server->port);
    return kc_http_get(url, stop_fd, ms, answer);
}

static void test_answers(void **state)
{
    struct server server;
    struct kc_http_answer answer;
    (void)state;
    server_start(&server, "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nbody");
    assert_ok(get(&server, -1, 10000, &answer));
    assert_int_equal(answer.code, 404);
    assert_string_equal(answer.body.data, "body");
    kc_buf_clear(&answer.body);
    server_end(&server);
}

static void assert_fault(struct kc_error *err, enum kc_fault fault)
{
    assert_non_null(err);
    assert_int_equal(err->fault, fault);
    kc_error_free(err);
}

static void test_no_answers(void **state)
{
    struct server server;
    struct kc_http_answer answer;
    struct kc_signal stop;
    (void)state;
    server_start(&server, NULL);
    kc_signal_init(&stop);
    kc_signal_raise(&stop);
    assert_fault(get(&server, stop.fd, 60000, &answer), KC_STOPPED);
    kc_buf_clear(&answer.body);
    kc_signal_clear(&stop);
    server_end(&server);
    server_start(&server, NULL);
    assert_fault(get(&server, -1, 50, &answer), KC_RETRY);
    kc_buf_clear(&answer.body);
    server_end(&server);
    assert_fault(get(&server, -1, 10000, &answer), KC_RETRY); /* nobody listens any more */
    kc_buf_clear(&answer.body);
    assert_fault(kc_http_get("ftp://127.0.0.1/x", -1, 1000, &answer), KC_BAD_CONFIG);
    kc_buf_clear(&answer.body);
    assert_fault(kc_http_get("http://127.0.0.1:port/", -1, 1000, &answer), KC_BAD_CONFIG);
    kc_buf_clear(&answer.body);
}

static void test_escape(void **state)
{
    (void)state;
    KC_AUTO_BUF url = KC_BUF(0);
    kc_http_escape(&url, "a b/ä%.~_-9");
    assert_string_equal(url.data, "a%20b%2F%C3%A4%25.~_-9");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_no_answers),
        cmocka_unit_test(test_escape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
