#include "base/http.h"

#include <ctype.h>
#include <curl/curl.h>
#include <pthread.h>

#include "base/mailbox.h"

#define BODY_MOST (64 << 20)
#define WAIT_MS 1000

static pthread_once_t initialized = PTHREAD_ONCE_INIT;

struct call {
    CURL *easy;
    CURLM *multi;
    struct kc_http_answer *answer;
    char why[CURL_ERROR_SIZE];
};

static size_t take_body(char *data, size_t size, size_t count, void *context)
{
    struct kc_http_answer *answer = context;

    kc_buf_put(&answer->body, data, size * count);
    return answer->body.failed ? 0 : size * count;
}

static void init(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static void set_up(struct call *call, const char *url, int timeout_ms)
{
    curl_easy_setopt(call->easy, CURLOPT_URL, url);
    curl_easy_setopt(call->easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(call->easy, CURLOPT_PROXY, "");
    curl_easy_setopt(call->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(call->easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    curl_easy_setopt(call->easy, CURLOPT_USERAGENT, "penstock");
    curl_easy_setopt(call->easy, CURLOPT_ERRORBUFFER, call->why);
    curl_easy_setopt(call->easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(call->easy, CURLOPT_WRITEDATA, call->answer);
}

static struct kc_error *outcome(const struct call *call, CURLcode code)
{
    long status = 0;

    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    call->answer->code = (int)status;
    if (code == CURLE_OK)
        return NULL;
    if (call->answer->body.failed)
        return kc_fail(KC_BAD_DATA, "the answer is larger than %d MiB", BODY_MOST >> 20);
    enum kc_fault fault = code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL
                              ? KC_BAD_CONFIG
                              : KC_RETRY;
    return kc_fail(fault, "%s", *call->why ? call->why : curl_easy_strerror(code));
}

static struct kc_error *perform(struct call *call, int stop_fd)
{
    struct curl_waitfd stop = { .fd = stop_fd, .events = CURL_WAIT_POLLIN };
    int running = 1, left;

    while (running) {
        CURLMcode code = curl_multi_perform(call->multi, &running);
        if (code == CURLM_OK && running)
            code = curl_multi_poll(call->multi, &stop, stop_fd >= 0, WAIT_MS, NULL);
        if (code != CURLM_OK)
            return kc_fail(KC_RETRY, "%s", curl_multi_strerror(code));
        if (kc_wait_stop(stop_fd, 0))
            return kc_fail(KC_STOPPED, "stopped while waiting for the answer");
    }
    const CURLMsg *message = curl_multi_info_read(call->multi, &left);
    return outcome(call, message ? message->data.result : CURLE_RECV_ERROR);
}

struct kc_error *kc_http_get(const char *url, int stop_fd, int timeout_ms,
                             struct kc_http_answer *answer)
{
    *answer = (struct kc_http_answer){ .body = KC_BUF(BODY_MOST) };
    pthread_once(&initialized, init);
    struct call call = { .easy = curl_easy_init(), .multi = curl_multi_init(), .answer = answer };
    if (!call.easy || !call.multi)
        return kc_fail(KC_FATAL, "out of memory");
    set_up(&call, url, timeout_ms);
    curl_multi_add_handle(call.multi, call.easy);
    struct kc_error *err = perform(&call, stop_fd);
    curl_multi_remove_handle(call.multi, call.easy);
    curl_multi_cleanup(call.multi);
    curl_easy_cleanup(call.easy);
    return err ? kc_while(err, "GET %s", url) : NULL;
}

void kc_http_escape(struct kc_buf *url, const char *text)
{
    static const char hex[] = "0123456789ABCDEF";

    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (isalnum(c) || strchr("-._~", c)) {
            kc_buf_char(url, (char)c);
        } else {
            kc_buf_char(url, '%');
            kc_buf_char(url, hex[c >> 4]);
            kc_buf_char(url, hex[c & 15]);
        }
    }
}
