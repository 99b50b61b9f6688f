#include "cli/status.h"

#include "tests/unit/test.h"

static struct kc_json *parse(const char *text)
{
    struct kc_json *json;
    assert_ok(kc_json_parse(kc_text(text), &json));
    return json;
}

#define METRIC(name, value) "{\"name\":\"" name "\",\"value\":" #value "}"
#define TASK(id, state, more) "{\"id\":" #id ",\"state\":\"" state "\",\"worker_id\":\"w:1\"" more "}"

static void compare(const char *connectors, const char *table, bool failed)
{
    KC_AUTO_BUF text = KC_BUF(0), out = KC_BUF(0);
    kc_buf_printf(&text, "{\"url\":\"http://w:1\",\"connectors\":[%s]}", connectors);
    struct kc_json *status = parse(text.data);
    status_table(status, &out);
    assert_string_equal(out.data, table);
    assert_int_equal(status_failed(status), failed);
    kc_json_free(status);
}

static void test_columns(void **state)
{
    (void)state;
    compare("", "The worker at http://w:1 has no connectors\n", false);
    /* A worker without measurements; a stopped connector; names in order and of any script. */
    compare("{\"name\":\"ä\",\"state\":\"STOPPED\",\"worker_id\":\"w:1\",\"tasks\":[]},"
            "{\"name\":\"a\",\"state\":\"RUNNING\",\"worker_id\":\"w:1\",\"tasks\":["
            TASK(1, "RUNNING", "") "," TASK(0, "UNASSIGNED", "") "]}",
            "CONNECTOR  TASK  STATE       WORKER\n"
            "a          0     UNASSIGNED  w:1\n"
            "a          1     RUNNING     w:1\n"
            "ä          -     STOPPED     w:1\n", false);
    compare("{\"name\":\"pg\",\"state\":\"RUNNING\",\"tasks\":[" TASK(0, "RUNNING", ",\"age_ms\":5,\"metrics\":["
            METRIC("penstock_source_lag_bytes", 3000000) "," METRIC("debezium_metrics_MilliSecondsBehindSource", 61000) ","
            METRIC("penstock_slot_wal_bytes", 5000) "," METRIC("penstock_task_last_offset_commit_ms", 1500) "]") "]}",
            "CONNECTOR  TASK  STATE    WORKER  BEHIND             SLOT HOLDS  COMMITTED\n"
            "pg         0     RUNNING  w:1     2.9 MB, 1 min 1 s  4.9 kB      1 s ago\n", false);
}

static void test_notes(void **state)
{
    (void)state;
    /* The first line of a trace; a failure counts also while its connector is paused. */
    compare("{\"name\":\"f\",\"state\":\"PAUSED\",\"tasks\":["
            TASK(0, "FAILED", ",\"trace\":\"x.Y: it broke\\n\\tat z\",\"age_ms\":99999999") "]}",
            "CONNECTOR  TASK  STATE   WORKER\n"
            "f          0     FAILED  w:1\n\n"
            "f/0: FAILED: x.Y: it broke\n", true);
    compare("{\"name\":\"s\",\"state\":\"RUNNING\",\"tasks\":[" TASK(0, "RUNNING", ",\"age_ms\":20000,\"trouble\":\"no way\",\"metrics\":["
            METRIC("debezium_metrics_SnapshotRunning", 1) "," METRIC("debezium_metrics_TotalTableCount", 9) ","
            METRIC("debezium_metrics_RemainingTableCount", 4) "," METRIC("penstock_snapshot_rows", 10) ","
            METRIC("penstock_snapshot_rows_estimated", 40) "," METRIC("penstock_snapshot_left_ms", 125000) ","
            METRIC("penstock_incremental_tables", 2) "," METRIC("debezium_metrics_SnapshotPaused", 1) ","
            METRIC("penstock_incremental_rows", 7) ","
            METRIC("penstock_slot_wal_status", 2) "," METRIC("penstock_slot_safe_wal_bytes", 1048576) "]") "]}",
            "CONNECTOR  TASK  STATE    WORKER\n"
            "s          0     RUNNING  w:1\n\n"
            "s/0: snapshot: 5 of 9 tables, 10 rows of about 40, about 2 min 5 s left\n"
            "s/0: incremental snapshot, paused: 2 tables to go, 7 rows of the first\n"
            "s/0: the slot holds back more than max_wal_size; mind the server's disk; after 1.0 MB more it gives the slot up\n"
            "s/0: the task was last heard of 20 s ago; it may wait for a server\n"
            "s/0: trying again: no way\n", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_columns), cmocka_unit_test(test_notes) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
