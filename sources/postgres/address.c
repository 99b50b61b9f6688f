#include "sources/postgres/address.h"

#include <netdb.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/mailbox.h"

/* Shared by the one who asks and the thread that looks; the last of them frees it. */
struct query {
    char *host;
    struct kc_signal done;
    int failed; /* getaddrinfo's */
    struct addrinfo *found;
    atomic_int users;
};

static void leave(struct query *query)
{
    if (atomic_fetch_sub(&query->users, 1) > 1)
        return;
    if (query->found)
        freeaddrinfo(query->found);
    kc_signal_clear(&query->done);
    free(query->host);
    free(query);
}

static void *look_up(void *arg)
{
    struct query *query = arg;
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    query->failed = getaddrinfo(query->host, NULL, &hints, &query->found);
    kc_signal_raise(&query->done);
    leave(query);
    return NULL;
}

static bool needs_none(const char *host)
{
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST}, *found = NULL;
    if (!*host || strchr(host, '/') || strchr(host, ',') || *host == '@')
        return true;
    bool numeric = getaddrinfo(host, NULL, &hints, &found) == 0;
    if (found)
        freeaddrinfo(found);
    return numeric;
}

static void put_addresses(const struct addrinfo *found, struct kc_buf *addresses, int *count)
{
    char text[NI_MAXHOST];
    for (; found; found = found->ai_next) {
        if (getnameinfo(found->ai_addr, found->ai_addrlen, text, sizeof(text), NULL, 0,
                        NI_NUMERICHOST) != 0)
            continue;
        kc_buf_printf(addresses, "%s%s", *count ? "," : "", text);
        (*count)++;
    }
}

struct kc_error *address_find(const char *host, int stop_fd, int64_t timeout_ms,
                              struct kc_buf *addresses, int *count)
{
    *count = 0;
    if (needs_none(host))
        return NULL;
    struct query *query = kc_calloc(1, sizeof(*query));
    pthread_t thread;
    query->host = kc_strdup(host);
    kc_signal_init(&query->done);
    atomic_init(&query->users, 2);
    kc_thread_start(&thread, "look-up", look_up, query);
    pthread_detach(thread);

    struct kc_error *err = NULL;
    enum kc_wait got = kc_wait_fd(query->done.fd, false, stop_fd, (int)timeout_ms);
    if (got == KC_WAIT_STOP)
        err = kc_fail(KC_STOPPED, "stopped while looking up host %s", host);
    else if (got == KC_WAIT_TIMEOUT)
        err = kc_fail(KC_RETRY, "looking up host %s: no answer from the name service within %lld ms",
                      host, (long long)timeout_ms);
    else if (query->failed)
        err = kc_fail(KC_RETRY,
                      "could not translate host name \"%s\" to address: %s. See whether "
                      "database.hostname is right and the name service knows it",
                      host, gai_strerror(query->failed));
    else
        put_addresses(query->found, addresses, count);
    leave(query);
    return err;
}
