#include "flow/metrics.h"

#include <stdlib.h>

#include "../test.h"

static const struct kc_metric own[] = {
    { "a_total", NULL, KC_COUNTER, "A." },
    { "b", "streaming", KC_GAUGE, "B." },
    { .name = NULL },
};
static const struct kc_plugin source = { .kind = KC_SOURCE }, sink = { .kind = KC_SINK };

static const struct task_metric *find(const struct task_report *report, const char *name)
{
    for (size_t i = 0; i < report->n_metrics; i++)
        if (strcmp(report->metrics[i].metric->name, name) == 0)
            return &report->metrics[i];
    return NULL;
}

static struct task_report *report_of(struct flow *flow, const struct kc_metric *rows, int64_t b)
{
    struct metrics metrics;

    metrics_init(&metrics, flow, rows);
    assert_true(metrics_due(&metrics));
    if (rows)
        metrics.values[1] = b;
    metrics_report(&metrics);
    assert_false(metrics_due(&metrics));
    metrics_clear(&metrics);
    struct task_report *report = (struct task_report *)kc_mailbox_take(flow->reports);
    assert_int_equal(report->kind, TASK_REPORT_METRICS);
    return report;
}

/* What is not known is left out, of the source's own rows and of the flow's. */
static void test_only_what_is_known(void **state)
{
    struct kc_mailbox reports;
    struct flow flow = { .plugin = &source, .reports = &reports };

    (void)state;
    kc_mailbox_init(&reports);
    flow_count(&flow, 3, 100);
    flow_count(&flow, 0, 0);
    struct task_report *report = report_of(&flow, own, 42);
    assert_null(find(report, "a_total"));
    assert_int_equal(find(report, "b")->value, 42);
    assert_string_equal(find(report, "b")->metric->context, "streaming");
    assert_int_equal(find(report, "kafka_connect_source_task_source_record_write_total")->value, 3);
    assert_int_equal(find(report, "penstock_task_batches_total")->value, 1);
    assert_non_null(find(report, "penstock_task_last_batch_ms"));
    assert_null(find(report, "penstock_task_last_offset_commit_ms"));
    assert_null(find(report, "kafka_connect_sink_task_sink_record_send_total"));
    task_report_free(report);
    kc_mailbox_clear(&reports);
}

static void test_commits(void **state)
{
    struct kc_mailbox reports;
    struct flow flow = { .plugin = &sink, .reports = &reports };

    (void)state;
    kc_mailbox_init(&reports);
    flow_count_commit(&flow, false);
    flow_count_commit(&flow, true);
    struct task_report *report = report_of(&flow, NULL, 0);
    assert_int_equal(find(report, "penstock_task_offset_commits_total")->value, 1);
    assert_int_equal(find(report, "penstock_task_offset_commit_failures_total")->value, 1);
    assert_non_null(find(report, "penstock_task_last_offset_commit_ms"));
    assert_null(find(report, "kafka_connect_source_task_source_record_write_total"));
    assert_non_null(find(report, "kafka_connect_sink_task_sink_record_send_total"));
    task_report_free(report);
    kc_mailbox_clear(&reports);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_what_is_known),
        cmocka_unit_test(test_commits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
