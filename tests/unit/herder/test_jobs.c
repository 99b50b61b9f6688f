#include "base/clock.h"
#include "herder/jobs.h"
#include "tests/unit/test.h"

/* What became of a job; the struct itself is the job pool's. */
struct outcome {
    int done_in_time, done_late, freed;
};

struct test_job {
    struct job job;
    struct outcome *outcome;
    bool hangs; /* until it is stopped */
};

static void run(struct job *job)
{
    if (((struct test_job *)job)->hangs)
        kc_wait_stop(job->stop.fd, 60000);
}

static void done(struct job *job, bool in_time)
{
    struct outcome *outcome = ((struct test_job *)job)->outcome;
    outcome->done_in_time += in_time;
    outcome->done_late += !in_time;
}

static void free_job(struct job *job)
{
    ((struct test_job *)job)->outcome->freed++;
    free(job);
}

static void start(struct jobs *jobs, struct outcome *outcome, bool hangs, int timeout_ms)
{
    struct test_job *job = kc_calloc(1, sizeof *job);
    *job = (struct test_job){ .job = { .run = run, .done = done, .free = free_job },
                              .outcome = outcome,
                              .hangs = hangs };
    jobs_run(jobs, &job->job, timeout_ms);
}

static void serve_until_freed(struct jobs *jobs, const struct outcome *outcome, int count)
{
    int wait = jobs_serve(jobs);
    while (outcome->freed < count) {
        kc_wait_fd(jobs->finished.fd, false, -1, wait);
        wait = jobs_serve(jobs);
    }
}

static void test_all_are_done(void **state)
{
    (void)state;
    struct jobs jobs;
    struct outcome outcome = { 0 };
    jobs_init(&jobs, "test", 2);
    for (int i = 0; i < 20; i++)
        start(&jobs, &outcome, false, 60000);
    serve_until_freed(&jobs, &outcome, 20);
    assert_int_equal(outcome.done_in_time, 20);
    assert_true(jobs_stop(&jobs));
}

/* Jobs that hang are answered at their deadline; they don't keep others waiting. */
static void test_deadline(void **state)
{
    (void)state;
    struct jobs jobs;
    struct outcome hanging = { 0 }, others = { 0 };
    jobs_init(&jobs, "test", 2);
    for (int i = 0; i < 3; i++)
        start(&jobs, &hanging, true, 20);
    for (int i = 0; i < 3; i++)
        start(&jobs, &others, false, 60000);
    serve_until_freed(&jobs, &others, 3);
    serve_until_freed(&jobs, &hanging, 3);
    assert_int_equal(others.done_in_time, 3);
    assert_int_equal(hanging.done_late, 3);
    assert_int_equal(hanging.done_in_time, 0);
    assert_true(jobs_stop(&jobs));
}

/* At the end all are answered, begun or not. */
static void test_stop(void **state)
{
    (void)state;
    struct jobs jobs;
    struct outcome outcome = { 0 };
    jobs_init(&jobs, "test", 1);
    for (int i = 0; i < 3; i++)
        start(&jobs, &outcome, true, 60000);
    assert_true(jobs_stop(&jobs));
    assert_int_equal(outcome.done_late, 3);
    assert_int_equal(outcome.freed, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_are_done),
        cmocka_unit_test(test_deadline),
        cmocka_unit_test(test_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
