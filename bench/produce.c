/* produce ours|bare|paced|latency BROKER TOPIC COUNT SIZE [NAME=VALUE...]: what it costs to hand records to
 * Kafka, in CPU time of the whole process (librdkafka's threads included) for each record. `ours` goes
 * through kafka/producer.h with settings in Java's names, `bare` is the plainest loop around librdkafka with
 * its own names (what there is to reach), `paced` sends 200 records every 10 ms, `latency` one at a time into
 * an idle producer. */
#include <librdkafka/rdkafka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mailbox.h"
#include "kafka/producer.h"

struct run {
    const char *broker, *topic;
    size_t count, size;
    char **settings;
    int n_settings;
    size_t delivered, failed;
};

static int64_t cpu_us(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (int64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
           usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

static void report(const char *what, const struct run *run, int64_t wall_us, int64_t cpu)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    printf("%s: %zu records of %zu bytes, %zu failed, %.2f s, %.0f records/s, "
           "CPU %.2f us/record (user %.2f s, system %.2f s), %ld switches, RSS %ld MB\n",
           what, run->count, run->size, run->failed, (double)wall_us / 1e6,
           (double)run->count * 1e6 / (double)wall_us, (double)cpu / (double)run->count,
           (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6,
           (double)usage.ru_stime.tv_sec + (double)usage.ru_stime.tv_usec / 1e6,
           usage.ru_nvcsw + usage.ru_nivcsw, usage.ru_maxrss / 1024);
}

static void die(const char *text)
{
    fprintf(stderr, "produce: %s\n", text);
    exit(1);
}

static void must(struct kc_error *err)
{
    if (err)
        die(kc_error_line(err));
}

/* ---- ours ---- */

static void delivered(void *context, uint64_t tag, const struct kc_error *error)
{
    struct run *run = context;

    (void)tag;
    run->delivered++;
    run->failed += error != NULL;
}

static struct producer *new_producer(struct run *run)
{
    struct kc_props props = { .map.count = 0 };
    struct producer *producer;

    kc_props_set(&props, "bootstrap.servers", run->broker);
    for (int i = 0; i < run->n_settings; i++) {
        char *equals = strchr(run->settings[i], '=');
        *equals = '\0';
        kc_props_set(&props, run->settings[i], equals + 1);
    }
    must(producer_new(&props, delivered, run, &producer));
    kc_props_clear(&props);
    return producer;
}

static void send_all(struct run *run, struct producer *producer, char *value)
{
    char key[16];

    for (size_t i = 0; i < run->count; i++) {
        struct producer_message message = {
            .topic = run->topic, .partition = -1, .timestamp = -1, .tag = i,
            .key = { key, (size_t)snprintf(key, sizeof(key), "%zu", i % 1000) },
            .value = { value, run->size },
        };
        struct kc_error *err;
        while ((err = producer_send(producer, &message))) {
            if (err->fault != KC_RETRY)
                must(err);
            kc_error_free(err);
            must(producer_poll(producer, 100));
        }
        if (i % 1000 == 0)
            must(producer_poll(producer, 0));
    }
    while (producer_queued(producer))
        must(producer_poll(producer, 100));
}

static void ours(struct run *run, char *value)
{
    struct producer *producer = new_producer(run);
    size_t count = run->count;

    run->count = 1; /* connect, learn the topic */
    send_all(run, producer, value);
    run->count = count;
    int64_t start = kc_monotonic_us(), cpu = cpu_us();
    send_all(run, producer, value);
    report("ours", run, kc_monotonic_us() - start, cpu_us() - cpu);
    producer_free(producer);
}

static void paced(struct run *run, char *value)
{
    struct producer *producer = new_producer(run);
    size_t count = run->count;

    run->count = 1;
    send_all(run, producer, value);
    run->count = 200;
    int64_t start = kc_monotonic_us(), cpu = cpu_us();
    for (size_t sent = 0; sent < count; sent += run->count) {
        send_all(run, producer, value);
        int64_t next = start + (int64_t)(sent / run->count + 1) * 10000, now = kc_monotonic_us();
        if (next > now)
            usleep((useconds_t)(next - now));
    }
    run->count = count;
    report("paced", run, kc_monotonic_us() - start, cpu_us() - cpu);
    producer_free(producer);
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static void latency(struct run *run, char *value)
{
    struct producer *producer = new_producer(run);
    int64_t *took = kc_calloc(run->count, sizeof(*took));
    size_t count = run->count;

    run->count = 1;
    send_all(run, producer, value);
    for (size_t i = 0; i < count; i++) {
        usleep(20000);
        int64_t start = kc_monotonic_us();
        struct producer_message message = { .topic = run->topic, .partition = -1, .timestamp = -1,
                                            .value = { value, run->size } };
        must(producer_send(producer, &message));
        while (producer_queued(producer)) {
            kc_wait_fd(producer_fd(producer), false, -1, 1000);
            must(producer_poll(producer, 0));
        }
        took[i] = kc_monotonic_us() - start;
    }
    qsort(took, count, sizeof(*took), by_number);
    printf("latency: %zu records, median %.2f ms, 99 %% %.2f ms\n", count,
           (double)took[count / 2] / 1e3, (double)took[count * 99 / 100] / 1e3);
    free(took);
    producer_free(producer);
}

/* ---- bare ---- */

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque)
{
    struct run *run = opaque;

    (void)rk;
    run->delivered++;
    run->failed += message->err != 0;
}

static void set(rd_kafka_conf_t *conf, const char *name, const char *value)
{
    char text[256];

    if (rd_kafka_conf_set(conf, name, value, text, sizeof(text)) != RD_KAFKA_CONF_OK)
        die(text);
}

static void loop(struct run *run, rd_kafka_t *rk, rd_kafka_topic_t *topic, char *value)
{
    char key[16];

    for (size_t i = 0; i < run->count; i++) {
        size_t len = (size_t)snprintf(key, sizeof(key), "%zu", i % 1000);
        while (rd_kafka_produce(topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, value, run->size, key,
                                len, NULL) != 0)
            rd_kafka_poll(rk, 100);
        if (i % 1000 == 0)
            rd_kafka_poll(rk, 0);
    }
    rd_kafka_flush(rk, 60000);
}

static void bare(struct run *run, char *value)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char text[256];
    size_t count = run->count;

    set(conf, "bootstrap.servers", run->broker);
    set(conf, "partitioner", "murmur2_random");
    set(conf, "enable.idempotence", "true");
    for (int i = 0; i < run->n_settings; i++) {
        char *equals = strchr(run->settings[i], '=');
        *equals = '\0';
        set(conf, run->settings[i], equals + 1);
    }
    rd_kafka_conf_set_opaque(conf, run);
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof(text));
    if (!rk)
        die(text);
    rd_kafka_topic_t *topic = rd_kafka_topic_new(rk, run->topic, NULL);
    run->count = 1;
    loop(run, rk, topic, value);
    run->count = count;
    int64_t start = kc_monotonic_us(), cpu = cpu_us();
    loop(run, rk, topic, value);
    report("bare", run, kc_monotonic_us() - start, cpu_us() - cpu);
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(rk);
}

int main(int argc, char **argv)
{
    if (argc < 6) {
        fprintf(stderr, "usage: produce ours|bare|paced|latency BROKER TOPIC COUNT SIZE [NAME=VALUE...]\n");
        return 2;
    }
    struct run run = { .broker = argv[2], .topic = argv[3], .count = strtoull(argv[4], NULL, 10),
                       .size = strtoull(argv[5], NULL, 10), .settings = argv + 6,
                       .n_settings = argc - 6 };
    char *value = kc_calloc(1, run.size + 1);

    /* Like JSON: text that repeats in part. */
    for (size_t i = 0; i < run.size; i++)
        value[i] = "{\"id\":12345,\"name\":\"some\"},"[i % 27];
    if (strcmp(argv[1], "ours") == 0)
        ours(&run, value);
    else if (strcmp(argv[1], "paced") == 0)
        paced(&run, value);
    else if (strcmp(argv[1], "bare") == 0)
        bare(&run, value);
    else
        latency(&run, value);
    free(value);
    return run.failed != 0;
}
