#include <unistd.h>

#include "base/log.h"
#include "base/mailbox.h"
#include "tests/unit/test.h"

enum { SENDERS = 4, EACH = 5000 };

struct numbered {
    struct kc_message message;
    int sender, number;
};

struct sender {
    struct kc_mailbox *box;
    int id;
};

static void *send_all(void *arg)
{
    struct sender *sender = arg;
    kc_log_set_context("sender");
    for (int i = 0; i < EACH; i++) {
        struct numbered *message = kc_calloc(1, sizeof(*message));
        message->sender = sender->id;
        message->number = i;
        kc_mailbox_post(sender->box, &message->message);
    }
    return NULL;
}

static void test_many_senders(void **state)
{
    (void)state;
    struct kc_mailbox box;
    struct sender senders[SENDERS];
    pthread_t threads[SENDERS];
    int next[SENDERS] = { 0 };
    kc_mailbox_init(&box);
    assert_null(kc_mailbox_take(&box));
    assert_null(kc_mailbox_wait(&box, 0));
    for (int i = 0; i < SENDERS; i++) {
        senders[i] = (struct sender){ &box, i };
        kc_thread_start(&threads[i], "a sender with a long name", send_all, &senders[i]);
    }
    for (int i = 0; i < SENDERS * EACH; i++) {
        struct numbered *message = (struct numbered *)kc_mailbox_wait(&box, -1);
        assert_non_null(message);
        assert_int_equal(message->number, next[message->sender]++);
        free(message);
    }
    for (int i = 0; i < SENDERS; i++)
        pthread_join(threads[i], NULL);
    assert_false(kc_wait_stop(box.fd, 0)); /* an empty box is not readable */
    kc_mailbox_clear(&box);
}

static void *raise_it(void *arg)
{
    kc_signal_raise(arg);
    return NULL;
}

static void test_signal(void **state)
{
    (void)state;
    struct kc_signal signal;
    pthread_t thread;
    int ends[2];
    kc_signal_init(&signal);
    assert_false(kc_signal_raised(&signal));
    kc_thread_start(&thread, "raiser", raise_it, &signal);
    assert_true(kc_wait_stop(signal.fd, -1));
    pthread_join(thread, NULL);
    assert_true(kc_signal_raised(&signal));
    assert_true(kc_signal_raised(&signal));

    assert_int_equal(pipe(ends), 0);
    assert_int_equal(kc_wait_fd(ends[0], false, signal.fd, -1), KC_WAIT_STOP);
    assert_int_equal(kc_wait_fd(ends[0], false, -1, 0), KC_WAIT_TIMEOUT);
    assert_int_equal(kc_wait_fd(ends[1], true, -1, -1), KC_WAIT_READY);
    close(ends[0]);
    close(ends[1]);
    kc_signal_clear(&signal);
    kc_signal_clear(&signal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many_senders),
        cmocka_unit_test(test_signal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
