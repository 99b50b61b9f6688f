#include "../test.h"

#include "flow/progress.h"

static void add(struct kc_batch *batch, const char *topic, int32_t partition, int64_t offset)
{
    struct kc_record *record = kc_batch_add(batch, "routed-elsewhere");
    record->origin_topic = topic;
    record->origin_partition = partition;
    record->offset = offset;
}

static void commits_what_moved(void **state)
{
    struct progress progress = { .count = 0 };
    struct kc_batch batch;
    size_t count;
    (void)state;
    kc_batch_init(&batch, 0, 0);
    add(&batch, "a", 0, 7);
    add(&batch, "a", 1, 3);
    add(&batch, "a", 0, 8);
    batch.last->dropped = true;
    progress_batch(&progress, &batch);
    struct consumer_offset *offsets = progress_take(&progress, &count);
    assert_int_equal(count, 2);
    assert_string_equal(offsets[0].topic, "a");
    assert_int_equal(offsets[0].offset, 9);
    assert_int_equal(offsets[1].offset, 4);
    progress_committed(&progress, offsets, count);
    free(offsets);
    assert_null(progress_take(&progress, &count));
    kc_batch_reset(&batch);
    add(&batch, "a", 1, 4);
    progress_batch(&progress, &batch);
    offsets = progress_take(&progress, &count);
    assert_int_equal(count, 1);
    assert_int_equal(offsets[0].partition, 1);
    assert_int_equal(offsets[0].offset, 5);
    free(offsets);
    progress_forget(&progress);
    assert_null(progress_take(&progress, &count));
    kc_batch_clear(&batch);
    progress_clear(&progress);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(commits_what_moved) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
