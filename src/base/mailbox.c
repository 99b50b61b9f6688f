#include "base/mailbox.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"

static int event_new(void)
{
    int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (fd < 0) {
        fprintf(stderr, "ERROR no eventfd: %s (base)\n", strerror(errno));
        abort();
    }
    return fd;
}

static void event_raise(int fd)
{
    uint64_t one = 1;
    ssize_t ignored = write(fd, &one, sizeof(one));
    (void)ignored;
}

static void event_lower(int fd)
{
    uint64_t count;
    ssize_t ignored = read(fd, &count, sizeof(count));
    (void)ignored;
}

/* poll() that goes on after signals. */
static int poll_until(struct pollfd *fds, nfds_t count, int ms)
{
    int64_t deadline = ms > 0 ? kc_monotonic_ms() + ms : 0;
    for (;;) {
        int ready = poll(fds, count, ms);
        if (ready >= 0 || errno != EINTR)
            return ready;
        if (ms > 0) {
            int64_t left = deadline - kc_monotonic_ms();
            ms = left > 0 ? (int)left : 0;
        }
    }
}

void kc_mailbox_init(struct kc_mailbox *box)
{
    *box = (struct kc_mailbox){ .fd = event_new() };
    pthread_mutex_init(&box->lock, NULL);
}

void kc_mailbox_clear(struct kc_mailbox *box)
{
    assert(!box->first);
    pthread_mutex_destroy(&box->lock);
    close(box->fd);
    box->fd = -1;
}

void kc_mailbox_post(struct kc_mailbox *box, struct kc_message *message)
{
    message->next = NULL;
    pthread_mutex_lock(&box->lock);
    if (box->last)
        box->last->next = message;
    else
        box->first = message;
    box->last = message;
    if (box->first == message)
        event_raise(box->fd);
    pthread_mutex_unlock(&box->lock);
}

struct kc_message *kc_mailbox_take(struct kc_mailbox *box)
{
    pthread_mutex_lock(&box->lock);
    struct kc_message *message = box->first;
    if (message) {
        box->first = message->next;
        if (!box->first) {
            box->last = NULL;
            event_lower(box->fd);
        }
        message->next = NULL;
    }
    pthread_mutex_unlock(&box->lock);
    return message;
}

struct kc_message *kc_mailbox_wait(struct kc_mailbox *box, int timeout_ms)
{
    struct pollfd ready = { .fd = box->fd, .events = POLLIN };
    struct kc_message *message = kc_mailbox_take(box);
    if (message || poll_until(&ready, 1, timeout_ms) <= 0)
        return message;
    return kc_mailbox_take(box);
}

void kc_signal_init(struct kc_signal *signal)
{
    signal->fd = event_new();
}

void kc_signal_clear(struct kc_signal *signal)
{
    if (signal->fd >= 0)
        close(signal->fd);
    signal->fd = -1;
}

void kc_signal_raise(struct kc_signal *signal)
{
    event_raise(signal->fd);
}

bool kc_signal_raised(const struct kc_signal *signal)
{
    return kc_wait_stop(signal->fd, 0);
}

bool kc_wait_stop(int stop_fd, int ms)
{
    struct pollfd stop = { .fd = stop_fd, .events = POLLIN };
    return poll_until(&stop, 1, ms) > 0;
}

enum kc_wait kc_wait_fd(int fd, bool for_write, int stop_fd, int ms)
{
    struct pollfd fds[] = {
        { .fd = fd, .events = (short)(for_write ? POLLIN | POLLOUT : POLLIN) },
        { .fd = stop_fd, .events = POLLIN },
    };
    if (poll_until(fds, 2, ms) <= 0)
        return KC_WAIT_TIMEOUT;
    return fds[1].revents ? KC_WAIT_STOP : KC_WAIT_READY;
}

enum kc_wait kc_wait_either(int fd, int other_fd, int stop_fd, int ms)
{
    struct pollfd fds[] = {
        { .fd = fd, .events = POLLIN },
        { .fd = other_fd, .events = POLLIN },
        { .fd = stop_fd, .events = POLLIN },
    };
    if (poll_until(fds, 3, ms) <= 0)
        return KC_WAIT_TIMEOUT;
    return fds[2].revents ? KC_WAIT_STOP : KC_WAIT_READY;
}

void kc_thread_start(pthread_t *thread, const char *name, void *(*run)(void *), void *arg)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(thread, NULL, run, arg);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed) {
        fprintf(stderr, "ERROR no thread %s: %s (base)\n", name, strerror(failed));
        abort();
    }
    char shown[16];
    snprintf(shown, sizeof(shown), "%s", name);
    pthread_setname_np(*thread, shown);
}
