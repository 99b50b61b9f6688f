/* C11 threads as POSIX threads, preloaded where ThreadSanitizer watches.
 *
 * Debian's librdkafka starts its threads by thrd_create, which in glibc goes past ThreadSanitizer: it
 * then knows nothing of such a thread and crashes when that allocates. */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <threads.h>

static int as_c11(int error)
{
    switch (error) {
    case 0: return thrd_success;
    case EAGAIN: return thrd_nomem;
    default: return thrd_error;
    }
}

struct start {
    thrd_start_t function;
    void *argument;
};

static void *begin(void *argument)
{
    struct start start = *(struct start *)argument;
    free(argument);
    return (void *)(intptr_t)start.function(start.argument);
}

int thrd_create(thrd_t *thread, thrd_start_t function, void *argument)
{
    struct start *start = malloc(sizeof(*start));
    if (!start)
        return thrd_nomem;
    *start = (struct start){ function, argument };
    int error = pthread_create((pthread_t *)thread, NULL, begin, start);
    if (error)
        free(start);
    return as_c11(error);
}

int thrd_join(thrd_t thread, int *result)
{
    void *value = NULL;
    int error = pthread_join(thread, &value);
    if (result)
        *result = (int)(intptr_t)value;
    return as_c11(error);
}

int thrd_detach(thrd_t thread) { return as_c11(pthread_detach(thread)); }
