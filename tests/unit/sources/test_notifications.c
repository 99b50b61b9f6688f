#include "sources/common/notifications.h"

#include "../test.h"
#include "data/plain_json.h"

static struct kc_batch batch;
static char *sink[] = {"sink"};
static const struct notifications_config config = {{sink, 1}, (char *)"notes"};

/* type, aggregate and the members of the data, of each record. */
static void describe(struct kc_buf *buf)
{
    for (const struct kc_record *r = batch.first; r; r = r->next) {
        const struct kc_value *field = r->value.u.structure->field;
        kc_buf_printf(buf, "%s %.*s/%.*s", r->topic, KC_FMT(kc_value_text(field[2])),
                      KC_FMT(kc_value_text(field[1])));
        for (uint32_t i = 0; i < field[3].len; i++)
            kc_buf_printf(buf, " %.*s=%.*s", KC_FMT(kc_value_text(field[3].u.entries[i].key)),
                          KC_FMT(kc_value_text(field[3].u.entries[i].value)));
        kc_buf_char(buf, '\n');
    }
}

/* The order of members is that of a java.util.HashMap, as recorded. */
static void test_initial(void **state)
{
    struct notifications notes;
    KC_AUTO_BUF buf = KC_BUF(0);
    (void)state;
    notifications_init(&notes, &config, "case");
    notify_snapshot(&notes, "STARTED");
    notify_tables(&notes, "a,b");
    const struct notify_part part = {.table = "a", .tables = "a,b", .piece = 1, .pieces = 3};
    notify_table(&notes, &part);
    notify_piece(&notes, &part);
    notify_scanned(&notes, &part, 3);
    notify_snapshot(&notes, "COMPLETED");
    assert_true(notifications_wait(&notes));
    notifications_add(&notes, &batch);
    assert_false(notifications_wait(&notes));
    describe(&buf);
    assert_buf(&buf,
               "notes Initial Snapshot/STARTED connector_name=case\n"
               "notes Initial Snapshot/DATA_COLLECTIONS_RESOLVED connector_name=case "
               "data_collections=a,b\n"
               "notes Initial Snapshot/IN_PROGRESS current_collection_in_progress=a "
               "connector_name=case data_collections=a,b\n"
               "notes Initial Snapshot/TABLE_CHUNK_IN_PROGRESS current_collection_in_progress=a "
               "chunk_index=1 connector_name=case total_chunks=3 data_collections=a,b\n"
               "notes Initial Snapshot/TABLE_SCAN_COMPLETED scanned_collection=a "
               "connector_name=case total_rows_scanned=3 status=SUCCEEDED data_collections=a,b\n"
               "notes Initial Snapshot/COMPLETED connector_name=case\n");
    kc_batch_reset(&batch);
    notifications_clear(&notes);
}

static void test_off(void **state)
{
    static const struct notifications_config off = {{NULL, 0}, (char *)"notes"};
    struct notifications notes;
    (void)state;
    notifications_init(&notes, &off, "case");
    notify_snapshot(&notes, "STARTED");
    assert_false(notifications_wait(&notes));
    notifications_clear(&notes);
}

static void test_settings(void **state)
{
    const struct kc_option topic = {.name = "notification.sink.topic.name"};
    const struct kc_option channels = {.name = "notification.enabled.channels"};
    struct kc_props props = {.map.count = 0};
    (void)state;
    assert_null(notifications_check_topic(&topic, NULL, &props));
    kc_props_set(&props, "notification.enabled.channels", "log, sink");
    assert_null(notifications_check_topic(&topic, "t", &props));
    char *message = notifications_check_topic(&topic, NULL, &props);
    assert_string_equal(message,
                        "The 'notification.sink.topic.name' value is invalid: Notification topic "
                        "name must be provided when kafka notification channel is enabled");
    free(message);
    kc_props_clear(&props);
    assert_null(notifications_check(&channels, "sink,log,smoke"));
    message = notifications_check(&channels, "sink, jmx");
    assert_non_null(message);
    free(message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_initial), cmocka_unit_test(test_off),
                                       cmocka_unit_test(test_settings)};
    kc_batch_init(&batch, 0, 0);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    kc_batch_clear(&batch);
    return failed;
}
