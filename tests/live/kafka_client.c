/* kafka_client COMMAND PROPERTIES ...: the program's own Kafka clients from the command line, for the
 * live tests. PROPERTIES is a file of client settings in Java's names.
 *
 *   produce FILE TOPIC COUNT SIZE [TIMESTAMP]  records 0, 1, 2...: key k0, value "0 ....", up to SIZE bytes;
 *                                              not more than $RATE a second
 *   send FILE TOPIC                            a record per line of stdin: PARTITION TAB KEY TAB VALUE
 *   consume FILE SECONDS TOPIC... | ~REGEX     prints records and events, commits what it printed; sleeps
 *                                              $SLEEP_MS before its first commit
 *   exists FILE TOPIC; create FILE TOPIC PARTITIONS [NAME=VALUE]; cluster FILE; group FILE GROUP
 *   check producer|consumer|admin FILE         prints findings
 *   version                                    of librdkafka */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "kafka/admin.h"
#include "kafka/client.h"
#include "kafka/consumer.h"
#include "kafka/producer.h"

static struct kc_signal stop;

static void on_signal(int number)
{
    (void)number;
    kc_signal_raise(&stop);
}

static int show(struct kc_error *err)
{
    static const char *const names[] = { "RETRY", "BAD_DATA", "BAD_CONFIG", "FATAL", "STOPPED" };

    if (!err)
        return 0;
    char *line = kc_error_line(err);
    printf("error %s %s\n", names[err->fault], line);
    free(line);
    kc_error_free(err);
    return 1;
}

static void read_props(const char *path, struct kc_props *props)
{
    struct kc_buf text = { .max = 1 << 20 };
    struct kc_error *err = kc_props_read_file(path, &text);

    if (!err)
        err = kc_props_parse((struct kc_text){ text.data, text.len }, props);
    kc_buf_clear(&text);
    if (show(err))
        exit(2);
}

/* ---- producing ---- */

struct tally {
    size_t delivered, failed;
};

static void delivered(void *context, uint64_t tag, const struct kc_error *error)
{
    struct tally *tally = context;

    (void)tag;
    if (!error)
        tally->delivered++;
    else if (tally->failed++ < 3)
        printf("failed %d %s\n", error->fault, error->text);
}

/* Sends one, waiting while the queue is full; false when it can't be sent. */
static bool send_one(struct producer *producer, const struct producer_message *message)
{
    for (;;) {
        struct kc_error *err = producer_send(producer, message);
        if (!err)
            return true;
        if (err->fault != KC_RETRY) {
            show(err);
            return false;
        }
        kc_error_free(err);
        err = kc_signal_raised(&stop) ? kc_fail(KC_STOPPED, "stopped") : producer_poll(producer, 100);
        if (err) {
            show(err);
            return false;
        }
    }
}

static int drain(struct producer *producer, const struct tally *tally, size_t sent)
{
    int result = 0;

    while (producer_queued(producer) && !kc_signal_raised(&stop) && !result) {
        kc_wait_fd(producer_fd(producer), false, stop.fd, 1000);
        result = show(producer_poll(producer, 0));
    }
    printf("sent %zu delivered %zu failed %zu\n", sent, tally->delivered, tally->failed);
    return result;
}

static int produce(struct producer *producer, struct tally *tally, char **args, int n)
{
    size_t count = strtoull(args[1], NULL, 10), size = strtoull(args[2], NULL, 10), sent = 0;
    const char *rate = getenv("RATE");
    size_t most = rate ? strtoull(rate, NULL, 10) / 100 : 0; /* each 10 ms */
    char *value = kc_calloc(1, size + 32), key[32];
    struct kc_wire_header headers[] = { { "h", { "x", 1 } }, { "none", { NULL, 0 } } };

    for (size_t i = 0; i < count && !kc_signal_raised(&stop); i++) {
        int len = snprintf(value, size + 32, "%zu ", i);
        if ((size_t)len < size)
            memset(value + len, '.', size - (size_t)len);
        struct producer_message message = {
            .topic = args[0], .partition = -1, .timestamp = n > 3 ? strtoll(args[3], NULL, 10) : -1,
            .key = { key, (size_t)snprintf(key, sizeof(key), "k%zu", i) },
            .value = { value, size > (size_t)len ? size : (size_t)len },
            .headers = headers, .n_headers = n > 3 ? 2 : 0, .tag = i,
        };
        if (!send_one(producer, &message))
            break;
        sent++;
        if (i % 256 == 0 && show(producer_poll(producer, 0)))
            break;
        if (most && i % most == 0)
            kc_wait_stop(stop.fd, 10);
    }
    free(value);
    return drain(producer, tally, sent);
}

static int send_lines(struct producer *producer, struct tally *tally, char **args)
{
    char *line = NULL;
    size_t room = 0, sent = 0;

    while (getline(&line, &room, stdin) > 0) {
        struct kc_text rest = kc_text(strtok(line, "\n")), part, key, value;
        int64_t partition = -1;
        if (!kc_text_split(&rest, '\t', &part) || !kc_text_split(&rest, '\t', &key) ||
            !kc_text_split(&rest, '\t', &value))
            continue;
        (void)kc_text_int64(part, &partition);
        struct producer_message message = {
            .topic = args[0], .partition = (int32_t)partition, .timestamp = -1,
            .key = { key.len ? key.ptr : NULL, key.len }, .value = { value.ptr, value.len },
        };
        sent += send_one(producer, &message);
    }
    free(line);
    return drain(producer, tally, sent);
}

static int with_producer(const char *command, const struct kc_props *props, char **args, int n)
{
    struct tally tally = { 0, 0 };
    struct producer *producer = NULL;
    int result = 1;

    if (show(producer_new(props, delivered, &tally, &producer)))
        return 1;
    result = strcmp(command, "produce") == 0 ? produce(producer, &tally, args, n)
                                             : send_lines(producer, &tally, args);
    producer_free(producer);
    return result;
}

/* ---- consuming ---- */

static void print_record(const struct kc_record *record)
{
    size_t shown = record->value_wire.len < 24 ? record->value_wire.len : 24;

    printf("record %s %d %lld %lld %.*s %zu %.*s", record->topic, record->partition,
           (long long)record->offset, (long long)record->timestamp, (int)record->key_wire.len,
           record->key_wire.data ? (const char *)record->key_wire.data : "",
           record->value_wire.len, (int)shown,
           record->value_wire.data ? (const char *)record->value_wire.data : "");
    for (uint32_t i = 0; i < record->n_wire_headers; i++)
        printf(" %s=%.*s", record->wire_headers[i].name, (int)record->wire_headers[i].value.len,
               record->wire_headers[i].value.data ? (const char *)record->wire_headers[i].value.data
                                                  : "");
    printf("\n");
}

static struct kc_error *commit_all(struct consumer *consumer)
{
    const struct consumer_offset *assigned;
    size_t count = consumer_assignment(consumer, &assigned), known = 0;
    struct consumer_offset *offsets = kc_calloc(count + 1, sizeof(*offsets));

    for (size_t i = 0; i < count; i++)
        if (assigned[i].offset >= 0)
            offsets[known++] = assigned[i];
    struct kc_error *err = consumer_commit(consumer, offsets, known, 5000);
    free(offsets);
    return err;
}

static int consume_rounds(struct consumer *consumer, struct kc_batch *batch, int64_t until)
{
    const char *sleep = getenv("SLEEP_MS");
    int sleep_ms = sleep ? atoi(sleep) : 0;
    size_t had = 0;
    enum consumer_event event;

    while (kc_monotonic_ms() < until && !kc_signal_raised(&stop)) {
        const struct consumer_offset *assigned;
        struct kc_error *err = consumer_poll(consumer, 200, batch, &event);
        if (err && err->fault == KC_RETRY) {
            show(err);
            continue;
        }
        if (show(err))
            return 1;
        if (event == CONSUMER_REVOKE)
            printf("revoke\n");
        size_t count = consumer_assignment(consumer, &assigned);
        if (count != had)
            printf("assigned %zu\n", had = count);
        for (const struct kc_record *record = batch->first; record; record = record->next)
            print_record(record);
        if (batch->count && sleep_ms)
            kc_wait_stop(stop.fd, sleep_ms);
        if (batch->count)
            sleep_ms = 0;
        if (batch->count || event == CONSUMER_REVOKE)
            show(commit_all(consumer));
        fflush(stdout);
        kc_batch_reset(batch);
    }
    return show(commit_all(consumer));
}

static int consume(const struct kc_props *props, char **args, int n)
{
    struct kc_list topics = { args + 1, (size_t)n - 1 };
    struct consumer_subscription subscription = { .topics = &topics };
    struct consumer *consumer = NULL;
    struct kc_batch batch;

    if (args[1][0] == '~')
        subscription = (struct consumer_subscription){ .topics_regex = args[1] + 1 };
    if (show(consumer_new(props, &subscription, false, &consumer)))
        return 1;
    kc_batch_init(&batch, 0, 1 << 20);
    int result = consume_rounds(consumer, &batch, kc_monotonic_ms() + 1000 * atoll(args[0]));
    consumer_free(consumer);
    kc_batch_clear(&batch);
    printf("end\n");
    return result;
}

/* ---- asking ---- */

static void print_offset(void *context, const char *topic, int32_t partition, int64_t offset)
{
    (void)context;
    printf("offset %s %d %lld\n", topic, partition, (long long)offset);
}

static int create(struct admin *admin, char **args, int n)
{
    struct kc_props configs = { .map.count = 0 };
    struct admin_topic topic = { args[0], atoi(args[1]), -1, &configs };

    if (n > 2) {
        char *equals = strchr(args[2], '=');
        *equals = '\0';
        kc_props_set(&configs, args[2], equals + 1);
    }
    int result = show(admin_create_topic(admin, &topic, 10000));
    kc_props_clear(&configs);
    return result;
}

static int ask(const char *command, const struct kc_props *props, char **args, int n)
{
    struct admin *admin = NULL;
    bool exists = false;
    char *id = NULL;
    int result = 1;

    if (show(admin_new(props, &admin)))
        return 1;
    if (strcmp(command, "exists") == 0) {
        result = show(admin_topic_exists(admin, args[0], 10000, &exists));
        printf("%s\n", exists ? "yes" : "no");
    } else if (strcmp(command, "create") == 0) {
        result = create(admin, args, n);
    } else if (strcmp(command, "cluster") == 0) {
        result = show(admin_cluster_id(admin, 5000, &id));
        printf("cluster %s\n", id ? id : "");
        free(id);
    } else if (strcmp(command, "group") == 0) {
        result = show(admin_group_offsets(admin, args[0], 10000, print_offset, NULL));
    }
    admin_free(admin);
    return result;
}

static int check(const char *kind, const char *path)
{
    static const char *const severities[] = { "error", "warn", "ok" };
    struct kc_props props = { .map.count = 0 };
    struct kc_findings findings = { 0 };

    read_props(path, &props);
    client_check(strcmp(kind, "producer") == 0   ? CLIENT_PRODUCER
                 : strcmp(kind, "consumer") == 0 ? CLIENT_CONSUMER
                                                 : CLIENT_ADMIN,
                 &props, "", &findings);
    for (size_t i = 0; i < findings.len; i++)
        printf("%s %s: %s\n", severities[findings.items[i].severity], findings.items[i].setting,
               findings.items[i].text);
    kc_findings_clear(&findings);
    kc_props_clear(&props);
    return 0;
}

int main(int argc, char **argv)
{
    struct kc_props props = { .map.count = 0 };
    int result = 2;

    if (argc == 2 && strcmp(argv[1], "version") == 0)
        return puts(client_library_version()) < 0;
    if (argc < 3)
        return 2;
    kc_signal_init(&stop);
    signal(SIGTERM, on_signal);
    if (strcmp(argv[1], "check") == 0)
        return check(argv[2], argv[3]);
    read_props(argv[2], &props);
    if (strcmp(argv[1], "produce") == 0 || strcmp(argv[1], "send") == 0)
        result = with_producer(argv[1], &props, argv + 3, argc - 3);
    else if (strcmp(argv[1], "consume") == 0)
        result = consume(&props, argv + 3, argc - 3);
    else
        result = ask(argv[1], &props, argv + 3, argc - 3);
    kc_props_clear(&props);
    return result;
}
