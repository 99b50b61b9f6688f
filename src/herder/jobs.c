#include "herder/jobs.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"

#define STOP_WAIT_MS 1000

/* Ends a thread when it comes as an order. */
static struct job last_order;

static void *work(void *arg)
{
    struct jobs_thread *thread = arg;
    for (;;) {
        struct job *job = (struct job *)kc_mailbox_wait(&thread->orders, -1);
        if (job == &last_order)
            return NULL;
        if (!job)
            continue;
        job->run(job);
        kc_mailbox_post(&thread->pool->finished, &job->message);
    }
}

void jobs_init(struct jobs *jobs, const char *name, int threads)
{
    *jobs = (struct jobs){ .name = name, .wanted = threads };
    kc_mailbox_init(&jobs->finished);
}

static void start_thread(struct jobs *jobs)
{
    struct jobs_thread *thread = &jobs->threads[jobs->started++];
    thread->pool = jobs;
    kc_mailbox_init(&thread->orders);
    kc_thread_start(&thread->id, jobs->name, work, thread);
}

/* A thread that is free; one more is started while there are fewer than wanted that don't hang. */
static struct jobs_thread *free_thread(struct jobs *jobs)
{
    int sound = 0;
    for (int i = 0; i < jobs->started; i++) {
        if (!jobs->threads[i].job)
            return &jobs->threads[i];
        sound += !jobs->threads[i].job->answered;
    }
    if (sound >= jobs->wanted || jobs->started == JOBS_THREADS_MAX)
        return NULL;
    start_thread(jobs);
    return &jobs->threads[jobs->started - 1];
}

static void begin_queued(struct jobs *jobs)
{
    while (jobs->queue) {
        struct jobs_thread *thread = free_thread(jobs);
        if (!thread)
            return;
        struct job *job = jobs->queue;
        jobs->queue = job->next;
        thread->job = job;
        kc_mailbox_post(&thread->orders, &job->message);
    }
}

void jobs_run(struct jobs *jobs, struct job *job, int timeout_ms)
{
    struct job **last = &jobs->queue;
    kc_signal_init(&job->stop);
    job->deadline = kc_monotonic_ms() + timeout_ms;
    while (*last)
        last = &(*last)->next;
    *last = job;
    begin_queued(jobs);
}

static void job_answer(struct job *job, bool in_time)
{
    if (!job->answered)
        job->done(job, in_time);
    job->answered = true;
}

static void job_end(struct job *job)
{
    kc_signal_clear(&job->stop);
    job->free(job);
}

static void take_finished(struct jobs *jobs)
{
    struct job *job;
    while ((job = (struct job *)kc_mailbox_take(&jobs->finished))) {
        for (int i = 0; i < jobs->started; i++)
            if (jobs->threads[i].job == job)
                jobs->threads[i].job = NULL;
        job_answer(job, true);
        job_end(job);
    }
}

static int sooner(int wait, int64_t deadline, int64_t now)
{
    int left = deadline > now ? (int)(deadline - now) : 0;
    return wait < 0 || left < wait ? left : wait;
}

static int expire(struct jobs *jobs)
{
    int wait = -1;
    int64_t now = kc_monotonic_ms();
    for (struct job **at = &jobs->queue; *at;) {
        struct job *job = *at;
        if (job->deadline > now) {
            wait = sooner(wait, job->deadline, now);
            at = &job->next;
            continue;
        }
        *at = job->next;
        job_answer(job, false);
        job_end(job);
    }
    for (int i = 0; i < jobs->started; i++) {
        struct job *job = jobs->threads[i].job;
        if (!job || job->answered)
            continue;
        if (job->deadline <= now) {
            kc_signal_raise(&job->stop);
            job_answer(job, false);
        } else {
            wait = sooner(wait, job->deadline, now);
        }
    }
    return wait;
}

int jobs_serve(struct jobs *jobs)
{
    take_finished(jobs);
    int wait = expire(jobs);
    begin_queued(jobs);
    return wait;
}

static bool any_at_work(const struct jobs *jobs)
{
    for (int i = 0; i < jobs->started; i++)
        if (jobs->threads[i].job)
            return true;
    return false;
}

bool jobs_stop(struct jobs *jobs)
{
    int64_t end = kc_monotonic_ms() + STOP_WAIT_MS;
    for (struct job *job = jobs->queue; job; job = job->next)
        job->deadline = 0;
    for (int i = 0; i < jobs->started; i++)
        if (jobs->threads[i].job)
            jobs->threads[i].job->deadline = 0;
    expire(jobs);
    while (any_at_work(jobs) && kc_monotonic_ms() < end) {
        kc_wait_fd(jobs->finished.fd, false, -1, 50);
        take_finished(jobs);
    }
    if (any_at_work(jobs))
        return false;
    for (int i = 0; i < jobs->started; i++) {
        kc_mailbox_post(&jobs->threads[i].orders, &last_order.message);
        pthread_join(jobs->threads[i].id, NULL);
        kc_mailbox_clear(&jobs->threads[i].orders);
    }
    kc_mailbox_clear(&jobs->finished);
    return true;
}
