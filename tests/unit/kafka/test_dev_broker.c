/* The Kafka clients against the in-process broker. */
#include "tests/unit/test.h"

#include <stdio.h>

#include "base/clock.h"
#include "kafka/admin.h"
#include "kafka/consumer.h"
#include "kafka/dev_broker.h"
#include "kafka/producer.h"

#define WAIT_MS 20000

static struct dev_broker *broker;
static size_t n_delivered, n_failed;
static uint64_t tags;

static void delivered(void *context, uint64_t tag, const struct kc_error *error)
{
    (void)context;
    n_delivered += !error;
    n_failed += error != NULL;
    tags += tag;
}

static struct kc_props props_of(const char *more)
{
    struct kc_props props = { .map.count = 0 };

    assert_ok(kc_props_parse(kc_text(more), &props));
    kc_props_set(&props, "bootstrap.servers", dev_broker_bootstrap(broker));
    return props;
}

static struct producer *new_producer(const char *more)
{
    struct kc_props props = props_of(more);
    struct producer *producer;

    n_delivered = n_failed = tags = 0;
    assert_ok(producer_new(&props, delivered, NULL, &producer));
    kc_props_clear(&props);
    return producer;
}

static void drain(struct producer *producer)
{
    while (producer_queued(producer))
        assert_ok(producer_poll(producer, 100));
}

static struct consumer *new_consumer(const char *group, const char *topic, bool dev)
{
    struct kc_props props = props_of("session.timeout.ms=4000\nheartbeat.interval.ms=200\n"
                                     "fetch.max.wait.ms=20\n");
    char *topics[] = { (char *)topic };
    struct kc_list list = { topics, 1 };
    struct consumer_subscription subscription = { .topics = &list };
    struct consumer *consumer;

    if (topic[0] == '~')
        subscription = (struct consumer_subscription){ .topics_regex = topic + 1 };
    kc_props_set(&props, "group.id", group);
    assert_ok(consumer_new(&props, &subscription, dev, &consumer));
    kc_props_clear(&props);
    return consumer;
}

/* A group's first join takes the broker 3 s: those of all tests are made at the start, and join while the
 * tests run. */
static struct {
    const char *topic;
    struct consumer *consumer;
} early[] = { { "round", NULL }, { "going", NULL }, { "pause", NULL }, { "moving", NULL },
              { "~re-\\d", NULL }, { "gap", NULL }, { "later", NULL } };

static struct consumer *early_consumer(const char *topic)
{
    for (size_t i = 0; i < KC_COUNT(early); i++)
        if (strcmp(early[i].topic, topic) == 0) {
            struct consumer *consumer = early[i].consumer;
            early[i].consumer = NULL;
            return consumer;
        }
    fail();
    return NULL;
}

/* Polls until the batch has `count` records or time is up. */
static void poll_records(struct consumer *consumer, struct kc_batch *batch, size_t count)
{
    int64_t until = kc_monotonic_ms() + WAIT_MS;
    enum consumer_event event;

    while (batch->count < count && kc_monotonic_ms() < until)
        assert_ok(consumer_poll(consumer, 100, batch, &event));
    assert_int_equal(batch->count, count);
}

static void send(struct producer *producer, const char *topic, int32_t partition, const char *key,
                 const char *value, uint64_t tag)
{
    struct producer_message message = {
        .topic = topic, .partition = partition, .timestamp = -1, .tag = tag,
        .key = { key, key ? strlen(key) : 0 }, .value = { value, value ? strlen(value) : 0 },
    };

    assert_ok(producer_send(producer, &message));
}

static void assert_wire(struct kc_wire wire, const char *text)
{
    if (!text) {
        assert_null(wire.data);
        return;
    }
    assert_int_equal(wire.len, strlen(text));
    assert_non_null(wire.data);
    assert_memory_equal(wire.data, text, wire.len);
}

static void test_round_trip(void **state)
{
    struct producer *producer = new_producer("");
    struct kc_wire_header headers[] = { { "a", { "1", 1 } }, { "b", { NULL, 0 } }, { "a", { "", 0 } } };
    struct producer_message full = {
        .topic = "round", .partition = -1, .timestamp = 1234567, .tag = 40,
        .key = { "k", 1 }, .value = { "v", 1 }, .headers = headers, .n_headers = 3,
    };
    struct consumer *consumer;
    struct kc_batch batch;

    (void)state;
    assert_ok(producer_send(producer, &full));
    send(producer, "round", 0, NULL, NULL, 1);
    send(producer, "round", 0, "", "", 1);
    drain(producer);
    assert_int_equal(n_delivered, 3);
    assert_int_equal(tags, 42);
    producer_free(producer);

    consumer = early_consumer("round");
    kc_batch_init(&batch, 0, 0);
    poll_records(consumer, &batch, 3);
    consumer_free(consumer); /* the records stay */
    const struct kc_record *record = batch.first;
    assert_string_equal(record->topic, "round");
    assert_int_equal(record->timestamp, 1234567);
    assert_int_equal(record->timestamp_type, KC_CREATE_TIME);
    assert_int_equal(record->offset, 0);
    assert_wire(record->key_wire, "k");
    assert_wire(record->value_wire, "v");
    assert_int_equal(record->n_wire_headers, 3);
    assert_string_equal(record->wire_headers[0].name, "a");
    assert_wire(record->wire_headers[0].value, "1");
    assert_wire(record->wire_headers[1].value, NULL);
    assert_wire(record->wire_headers[2].value, "");
    record = record->next;
    assert_wire(record->key_wire, NULL);
    assert_wire(record->value_wire, NULL);
    record = record->next;
    assert_wire(record->key_wire, "");
    assert_wire(record->value_wire, "");
    kc_batch_clear(&batch);
}

static void test_send_refuses(void **state)
{
    struct producer *producer = new_producer("max.request.size=2000\n");
    static char large[5000];
    struct producer_message message = { .topic = "sp ace", .partition = -1, .timestamp = -1 };

    (void)state;
    struct kc_error *err = producer_send(producer, &message);
    assert_int_equal(err->fault, KC_BAD_DATA);
    assert_non_null(strstr(err->text, "'sp ace' can't be a topic"));
    kc_error_free(err);
    message.topic = "refuse";
    message.value = (struct kc_wire){ large, sizeof(large) };
    err = producer_send(producer, &message);
    assert_int_equal(err->fault, KC_BAD_DATA);
    assert_non_null(strstr(err->text, "max.request.size"));
    kc_error_free(err);
    assert_int_equal(producer_queued(producer), 0);
    producer_free(producer);
}

static void test_queue_is_bounded(void **state)
{
    struct producer *producer = new_producer("buffer.memory=65536\nlinger.ms=60000\nbatch.size=1000000\n");
    char value[1000];
    struct producer_message message = { .topic = "bounded", .partition = 0, .timestamp = -1,
                                        .value = { value, sizeof(value) } };
    struct kc_error *err = NULL;
    size_t sent = 0;

    (void)state;
    memset(value, 'x', sizeof(value));
    while (!err && sent < 1000) {
        err = producer_send(producer, &message);
        sent += !err;
    }
    assert_non_null(err);
    assert_int_equal(err->fault, KC_RETRY);
    kc_error_free(err);
    assert_in_range(sent, 60, 66);
    producer_free(producer); /* drops them, without reports */
    assert_int_equal(n_delivered + n_failed, 0);
}

static void test_commit_goes_on(void **state)
{
    struct producer *producer = new_producer("");
    struct consumer_offset offset = { "going", 0, 2 }, foreign = { "round", 3, 1 };
    struct kc_batch batch;

    (void)state;
    for (uint64_t i = 0; i < 4; i++)
        send(producer, "going", 0, NULL, "v", i);
    drain(producer);
    producer_free(producer);
    kc_batch_init(&batch, 0, 0);
    struct consumer *consumer = early_consumer("going");
    poll_records(consumer, &batch, 4);
    assert_ok(consumer_commit(consumer, &offset, 1, 5000));
    assert_ok(consumer_commit(consumer, &foreign, 1, 5000)); /* not ours: left out */
    kc_batch_reset(&batch);
    consumer_free(consumer);
    consumer = new_consumer("going", "going", true);
    poll_records(consumer, &batch, 2);
    assert_int_equal(batch.first->offset, 2);
    const struct consumer_offset *assigned;
    assert_int_equal(consumer_assignment(consumer, &assigned), 1);
    assert_int_equal(assigned[0].offset, 4);
    kc_batch_clear(&batch);
    consumer_free(consumer);
}

static void test_pause(void **state)
{
    struct producer *producer = new_producer("");
    struct consumer *consumer = early_consumer("pause");
    enum consumer_event event;
    struct kc_batch batch;

    (void)state;
    kc_batch_init(&batch, 0, 0);
    send(producer, "pause", 0, NULL, "v", 1);
    poll_records(consumer, &batch, 1);
    assert_ok(consumer_pause(consumer, true));
    send(producer, "pause", 0, NULL, "w", 1);
    drain(producer);
    kc_batch_reset(&batch);
    for (int i = 0; i < 5; i++)
        assert_ok(consumer_poll(consumer, 100, &batch, &event));
    assert_int_equal(batch.count, 0);
    assert_ok(consumer_pause(consumer, false));
    poll_records(consumer, &batch, 1);
    assert_wire(batch.first->value_wire, "w");
    kc_batch_clear(&batch);
    consumer_free(consumer);
    producer_free(producer);
}

/* The second member takes one of the two partitions; the first is told before it loses it. */
static void test_rebalance(void **state)
{
    struct kc_batch batch;
    const struct consumer_offset *assigned;
    enum consumer_event event = CONSUMER_RECORDS;
    bool revoked = false;
    size_t first_has = 0, second_has = 0;

    (void)state;
    struct producer *producer = new_producer("");
    send(producer, "moving", 0, NULL, "v", 1);
    send(producer, "moving", 1, NULL, "v", 1);
    drain(producer);
    producer_free(producer);
    kc_batch_init(&batch, 0, 0);
    struct consumer *first = early_consumer("moving");
    poll_records(first, &batch, 2);
    struct consumer *second = new_consumer("moving", "moving", true);
    kc_batch_reset(&batch);
    for (int64_t until = kc_monotonic_ms() + WAIT_MS; kc_monotonic_ms() < until;) {
        assert_ok(consumer_poll(first, 50, &batch, &event));
        if (event == CONSUMER_REVOKE && !revoked) { /* there may be another one */
            struct consumer_offset offsets[] = { { "moving", 0, 1 }, { "moving", 1, 1 } };
            assert_int_equal(consumer_assignment(first, &assigned), 2);
            /* A real broker takes it, this one says that the group rebalances. */
            struct kc_error *err = consumer_commit(first, offsets, 2, 5000);
            assert_true(!err || err->fault == KC_RETRY);
            kc_error_free(err);
            revoked = true;
        }
        assert_ok(consumer_poll(second, 50, &batch, &event));
        first_has = consumer_assignment(first, &assigned);
        second_has = consumer_assignment(second, &assigned);
        if (revoked && first_has == 1 && second_has == 1)
            break;
    }
    assert_true(revoked);
    assert_int_equal(first_has, 1);
    assert_int_equal(second_has, 1);
    kc_batch_clear(&batch);
    consumer_free(first);
    consumer_free(second);
}

static void test_regex(void **state)
{
    struct kc_batch batch;

    (void)state;
    struct consumer *consumer = early_consumer("~re-\\d");
    kc_batch_init(&batch, 0, 0);
    poll_records(consumer, &batch, 2);
    kc_batch_clear(&batch);
    consumer_free(consumer);
}

/* Sends `count` records of 100 KB to partition 0. */
static void send_large(const char *topic, int count)
{
    struct producer *producer = new_producer("batch.size=200000\n");
    static char value[100000];
    struct producer_message message = { .topic = topic, .partition = 0, .timestamp = -1,
                                        .value = { value, sizeof(value) } };

    for (int i = 0; i < count; i++) {
        assert_ok(producer_send(producer, &message));
        drain(producer);
    }
    producer_free(producer);
}

/* Polls until there is an error, and checks it. */
static void assert_gap(struct consumer *consumer, struct kc_batch *batch, const char *start)
{
    struct kc_error *err = NULL;
    enum consumer_event event;

    for (int64_t until = kc_monotonic_ms() + WAIT_MS; !err && kc_monotonic_ms() < until;)
        err = consumer_poll(consumer, 100, batch, &event);
    assert_non_null(err);
    assert_int_equal(err->fault, KC_FATAL);
    assert_memory_equal(err->text, start, strlen(start));
    assert_non_null(strstr(err->text, "only the newest 5 MB or 100,000 batches of a partition"));
    kc_error_free(err);
}

static void test_gap_at_start(void **state)
{
    struct kc_batch batch;

    (void)state;
    send_large("gap", 70);
    struct consumer *consumer = early_consumer("gap");
    kc_batch_init(&batch, 0, 0);
    assert_gap(consumer, &batch, "Records 0 to 1");
    assert_int_equal(batch.count, 0);
    kc_batch_clear(&batch);
    consumer_free(consumer);
}

static void test_gap_later(void **state)
{
    struct kc_batch batch;

    (void)state;
    send_large("later", 3);
    struct consumer *consumer = early_consumer("later");
    kc_batch_init(&batch, 0, 0);
    poll_records(consumer, &batch, 3);
    assert_ok(consumer_pause(consumer, true));
    send_large("later", 70);
    kc_batch_reset(&batch);
    assert_ok(consumer_pause(consumer, false));
    assert_gap(consumer, &batch, "Records ");
    kc_batch_clear(&batch);
    consumer_free(consumer);
}

static void count_offset(void *context, const char *topic, int32_t partition, int64_t offset)
{
    char *text = context;

    sprintf(text + strlen(text), "%s-%d=%lld ", topic, partition, (long long)offset);
}

static void test_admin(void **state)
{
    struct kc_props props = props_of("");
    struct admin_topic topic = { "made", 3, -1, NULL };
    struct admin *admin;
    char *id, text[256] = "";
    bool exists = true;

    (void)state;
    assert_ok(admin_new(&props, &admin));
    assert_ok(admin_topic_exists(admin, "made", 5000, &exists));
    assert_false(exists);
    assert_ok(admin_topic_exists(admin, "made", 5000, &exists));
    assert_false(exists); /* asking makes none */
    assert_ok(admin_create_topic(admin, &topic, 5000));
    assert_ok(admin_topic_exists(admin, "made", 5000, &exists));
    assert_true(exists);
    assert_ok(admin_create_topic(admin, &topic, 5000)); /* there already: fine */
    assert_ok(admin_cluster_id(admin, 5000, &id));
    assert_true(*id);
    free(id);
    assert_ok(admin_group_offsets(admin, "going", 5000, count_offset, text));
    assert_string_equal(text, "going-0=2 ");
    admin_free(admin);
    kc_props_clear(&props);
}

static int start(void **state)
{
    struct admin *admin;
    struct admin_topic topic = { "moving", 2, 1, NULL };
    enum consumer_event event;
    struct kc_batch batch;

    (void)state;
    assert_ok(dev_broker_start(1, &broker));
    assert_true(dev_broker_is(dev_broker_bootstrap(broker)));
    struct kc_props props = props_of("");
    assert_ok(admin_new(&props, &admin));
    assert_ok(admin_create_topic(admin, &topic, 5000));
    admin_free(admin);
    kc_props_clear(&props);
    struct producer *producer = new_producer("");
    send(producer, "re-1", 0, NULL, "1", 1);
    send(producer, "re-2", 0, NULL, "2", 1);
    send(producer, "not-re-3", 0, NULL, "3", 1);
    drain(producer);
    producer_free(producer);
    for (size_t i = 0; i < KC_COUNT(early); i++)
        early[i].consumer = new_consumer(early[i].topic, early[i].topic, true);
    kc_batch_init(&batch, 0, 0);
    for (size_t i = 0; i < KC_COUNT(early); i++)
        assert_ok(consumer_poll(early[i].consumer, 0, &batch, &event));
    kc_batch_clear(&batch);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    dev_broker_stop(broker);
    assert_false(dev_broker_is("127.0.0.1:1"));
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),       cmocka_unit_test(test_send_refuses),
        cmocka_unit_test(test_queue_is_bounded), cmocka_unit_test(test_commit_goes_on),
        cmocka_unit_test(test_pause),            cmocka_unit_test(test_rebalance),
        cmocka_unit_test(test_regex),            cmocka_unit_test(test_gap_at_start),
        cmocka_unit_test(test_gap_later),        cmocka_unit_test(test_admin),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
