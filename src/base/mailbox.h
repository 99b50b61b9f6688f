/* Messages between threads, and threads: a queue with one reader and an
 * eventfd, so that a reader can wait for a message in poll() beside other
 * things. These and the log hold the only locks of the program.
 * Layer: base. */
#ifndef KC_BASE_MAILBOX_H
#define KC_BASE_MAILBOX_H

#include <pthread.h>
#include <stdbool.h>

struct kc_message {
    struct kc_message *next; /* the mailbox's while queued */
};

struct kc_mailbox {
    pthread_mutex_t lock;
    struct kc_message *first, *last;
    int fd; /* readable while something is queued */
};

void kc_mailbox_init(struct kc_mailbox *box);
/* The queue must be empty. */
void kc_mailbox_clear(struct kc_mailbox *box);
/* Any thread. The message belongs to the reader from here on. */
void kc_mailbox_post(struct kc_mailbox *box, struct kc_message *message);
/* Reader only: the oldest, or NULL at once if there is none. */
struct kc_message *kc_mailbox_take(struct kc_mailbox *box);
/* Reader only: waits up to timeout_ms (-1: for ever). */
struct kc_message *kc_mailbox_wait(struct kc_mailbox *box, int timeout_ms);

/* A signal that stays raised: for stop requests. fd is readable once raised. */
struct kc_signal {
    int fd;
};
void kc_signal_init(struct kc_signal *signal);
void kc_signal_clear(struct kc_signal *signal);
void kc_signal_raise(struct kc_signal *signal); /* any thread, async-signal-safe */
bool kc_signal_raised(const struct kc_signal *signal);
/* Waits until stop_fd is readable or ms went by; true if it is readable. */
bool kc_wait_stop(int stop_fd, int ms);
/* Waits until fd is readable (or, if asked, writable), stop_fd is, or ms went by
 * (-1: for ever). */
enum kc_wait { KC_WAIT_READY, KC_WAIT_STOP, KC_WAIT_TIMEOUT };
enum kc_wait kc_wait_fd(int fd, bool for_write, int stop_fd, int ms);
/* The same for whichever of two is readable first; -1 stands for none. */
enum kc_wait kc_wait_either(int fd, int other_fd, int stop_fd, int ms);

/* Starts a named thread (15 characters show in ps); dies if the system refuses. All signals
 * are blocked in it: they stay with the main thread. */
void kc_thread_start(pthread_t *thread, const char *name, void *(*run)(void *), void *arg);

#endif
