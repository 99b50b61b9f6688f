/* For builds with ThreadSanitizer only. librdkafka starts its threads by C11's functions, which the
 * sanitizer does not see, and crashes in them; these take their place and lead to those it sees.
 * configure makes the linker take them (-u thrd_create).
 * Layer: base. */
#ifdef __SANITIZE_THREAD__
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <threads.h>

#include "base/mem.h"

struct c11_thread {
    thrd_start_t run;
    void *arg;
};

static void *c11_run(void *arg)
{
    struct c11_thread thread = *(struct c11_thread *)arg;
    free(arg);
    return (void *)(intptr_t)thread.run(thread.arg);
}

int thrd_create(thrd_t *id, thrd_start_t run, void *arg)
{
    struct c11_thread *thread = kc_calloc(1, sizeof(*thread));
    *thread = (struct c11_thread){ run, arg };
    return pthread_create(id, NULL, c11_run, thread) == 0 ? thrd_success : thrd_error;
}

int thrd_join(thrd_t id, int *result)
{
    void *value;
    if (pthread_join(id, &value) != 0)
        return thrd_error;
    if (result)
        *result = (int)(intptr_t)value;
    return thrd_success;
}
#else
typedef int tsan_is_off; /* a file must hold something */
#endif
