#include "flow/dead_letter.h"
#include "tests/unit/test.h"

#define SIZE 3000

struct fixture {
    struct worker_config worker;
    struct flow flow;
    struct kc_props props;
    struct kc_batch batch;
    struct kc_record *record;
    struct dead_letter *queue;
    char bytes[SIZE];
};

/* A queue whose broker is not there, with room for one record. */
static struct fixture *setup(const char *settings)
{
    struct fixture *f = kc_calloc(1, sizeof(*f));
    f->worker.dev = true; /* topics come into being by being used */
    f->worker.bootstrap_servers = "127.0.0.1:1";
    f->flow.connector = "shop";
    f->flow.worker = &f->worker;
    f->flow.props = &f->props;
    f->flow.config.dlq_topic = "dead";
    kc_signal_init(&f->flow.stop);
    assert_ok(kc_props_parse(kc_text(settings), &f->props));
    kc_batch_init(&f->batch, 0, 0);
    f->record = kc_batch_add(&f->batch, "orders");
    f->record->origin_topic = "orders";
    f->record->offset = 7;
    f->record->value_wire = (struct kc_wire){ f->bytes, SIZE };
    assert_ok(dead_letter_new(&f->flow, &f->queue));
    return f;
}

static void teardown(struct fixture *f)
{
    dead_letter_free(f->queue);
    kc_batch_clear(&f->batch);
    kc_props_clear(&f->props);
    kc_signal_clear(&f->flow.stop);
    free(f);
}

static void send_one(struct fixture *f)
{
    struct kc_error *fault = kc_fail(KC_BAD_DATA, "no JSON");
    dead_letter_send(f->queue, f->record, "VALUE_CONVERTER", "a.Converter", fault);
    kc_error_free(fault);
}

static void no_queue_is_always_flushed(void **state)
{
    (void)state;
    assert_ok(dead_letter_flush(NULL, 0));
}

static void what_is_under_way_is_waited_for(void **state)
{
    struct fixture *f = setup("");
    (void)state;
    assert_ok(dead_letter_flush(f->queue, 0));
    send_one(f);
    assert_error(dead_letter_flush(f->queue, 0), KC_RETRY,
                 "the dead letter queue dead did not take 1 records in time");
    teardown(f);
}

/* A record too large for the broker is the record's own fault: it is passed over. */
static void one_too_large_is_passed_over(void **state)
{
    struct fixture *f = setup("producer.override.max.request.size=1000\nproducer.override.batch.size=500");
    (void)state;
    send_one(f);
    assert_ok(dead_letter_flush(f->queue, 0));
    teardown(f);
}

/* The task stops while the producer's queue is full: the record did not get there, so what is
 * before it must not count as done. */
static void one_given_up_is_told(void **state)
{
    struct fixture *f = setup("producer.override.buffer.memory=1024");
    (void)state;
    kc_signal_raise(&f->flow.stop);
    for (int i = 0; i < 3; i++)
        send_one(f);
    assert_error(dead_letter_flush(f->queue, 0), KC_STOPPED, "the task is stopping");
    teardown(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_queue_is_always_flushed),
        cmocka_unit_test(what_is_under_way_is_waited_for),
        cmocka_unit_test(one_too_large_is_passed_over),
        cmocka_unit_test(one_given_up_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
