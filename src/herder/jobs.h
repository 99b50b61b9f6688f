/* Work that may wait for the outside (a check of a database, a question to Kafka), done by a few
 * threads so that its owner never waits. Each job has a deadline: what answers too late is not
 * waited for. Layer: herder. The owner's thread calls everything here; run() is called on a thread
 * of the pool. */
#ifndef HERDER_JOBS_H
#define HERDER_JOBS_H

#include "base/mailbox.h"

#include <stdint.h>

#define JOBS_THREADS_MAX 32

/* First member of a job's own struct, zeroed but for the three functions. */
struct job {
    struct kc_message message;
    /* On a thread of the pool. SHOULD return soon once stop is raised. */
    void (*run)(struct job *job);
    /* On the owner's thread, once: with in_time when run() has returned, without when the deadline
     * went by first; then run() may still be at work, and what it uses must be left alone. */
    void (*done)(struct job *job, bool in_time);
    /* On the owner's thread, after done() and run(). */
    void (*free)(struct job *job);
    struct kc_signal stop;
    int64_t deadline;
    bool answered;
    struct job *next; /* queued behind this one */
};

struct jobs_thread {
    pthread_t id;
    struct kc_mailbox orders;
    struct jobs *pool;
    struct job *job; /* at work on */
};

struct jobs {
    const char *name;
    int wanted; /* threads when none of them hangs */
    int started;
    struct jobs_thread threads[JOBS_THREADS_MAX];
    struct job *queue; /* not begun; oldest first */
    struct kc_mailbox finished;
};

/* Threads start when there is work. finished.fd is readable when jobs_serve has something to do. */
void jobs_init(struct jobs *jobs, const char *name, int threads);
void jobs_run(struct jobs *jobs, struct job *job, int timeout_ms);
/* Ends finished jobs and those past their deadline; returns the ms until the next deadline, -1 if
 * there is none. */
int jobs_serve(struct jobs *jobs);
/* Every job is answered; waits a moment for those at work. False if some hang: their threads, and
 * this struct, must be left alone until the process ends. */
bool jobs_stop(struct jobs *jobs);

#endif
