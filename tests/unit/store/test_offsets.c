#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/file.h"
#include "store/offsets.h"
#include "tests/unit/test.h"

static char folder[] = "/tmp/test-offsets-XXXXXX";
static char path[64];
static struct kc_mailbox written;

static int make_folder(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/connect.offsets", folder);
    kc_mailbox_init(&written);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    kc_mailbox_clear(&written);
    unlink(path);
    return rmdir(folder);
}

static void join(void *context, const char *key, const char *value)
{
    kc_buf_printf(context, "%s=%s ", key, value);
}

static void put(struct offsets *offsets, const char *key, const char *value)
{
    uint64_t version;
    assert_ok(offsets_put(offsets, key, value, &version));
}

static void flush(struct offsets *offsets)
{
    offsets_flush(offsets);
    struct offsets_written *message = (struct offsets_written *)kc_mailbox_wait(&written, -1);
    assert_ok(message->error);
    message->error = NULL;
    offsets_written_free(message);
}

static void test_keeps(void **state)
{
    (void)state;
    struct kc_buf text = { 0 };
    struct offsets *offsets;
    assert_ok(offsets_open(path, &written, &offsets));
    put(offsets, "[\"a\",{\"filename\":\"x\"}]", "{\"position\":1}");
    put(offsets, "[\"b\",{\"server\":\"s\",\"db\":1}]", "{\"lsn\":7}");
    put(offsets, "[\"a\",{\"filename\":\"x\"}]", "{\"position\":2}");
    flush(offsets);
    offsets_close(offsets);

    assert_ok(offsets_open(path, &written, &offsets));
    offsets_of(offsets, "a", join, &text);
    assert_buf(&text, "[\"a\",{\"filename\":\"x\"}]={\"position\":2} ");
    /* another order of members is the same partition */
    put(offsets, "[\"b\",{\"db\":1,\"server\":\"s\"}]", "{\"lsn\":8}");
    offsets_of(offsets, "b", join, &text);
    assert_buf(&text, "[\"b\",{\"server\":\"s\",\"db\":1}]={\"lsn\":8} ");
    put(offsets, "[\"b\",{\"db\":1,\"server\":\"s\"}]", NULL);
    offsets_of(offsets, "b", join, &text);
    assert_buf(&text, "");
    flush(offsets);
    offsets_close(offsets);
    kc_buf_clear(&text);
}

/* A file that is not one of ours stays as it is. */
static void test_refuses(void **state)
{
    (void)state;
    struct offsets *offsets;
    char *expected;
    assert_ok(file_replace(path, KC_TEXT("\xAC\xED\x00\x05sr")));
    struct kc_error *err = offsets_open(path, &written, &offsets);
    assert_int_equal(asprintf(&expected,
                              "%s (offset.storage.file.filename) is torn or no offset file: it ends too early, "
                              "after 6 bytes, in the middle of the map. It was left as it is. Restore it from a "
                              "copy, or move it away to start without offsets.",
                              path) > 0,
                     true);
    assert_error(err, KC_BAD_CONFIG, expected);
    free(expected);
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_size, 6);
}

static void test_bad_keys(void **state)
{
    (void)state;
    uint64_t version;
    struct offsets *offsets;
    assert_ok(offsets_open(NULL, &written, &offsets));
    static const char *const keys[] = { "", "{}", "[]", "[1,{}]", "[\"a\"]", "[\"a\",1]", "[\"a\",{},1]" };
    for (size_t i = 0; i < KC_COUNT(keys); i++) {
        struct kc_error *err = offsets_put(offsets, keys[i], "{}", &version);
        assert_non_null(err);
        assert_int_equal(err->fault, KC_BAD_DATA);
        kc_error_free(err);
    }
    put(offsets, "[\"a\",null]", "{}");
    flush(offsets);
    offsets_close(offsets);
}

/* When the disk fails the old file is as it was, and the answer says so. */
static void test_failed_write(void **state)
{
    (void)state;
    struct offsets *offsets;
    char *missing = kc_printf("%s/none/offsets", folder);
    assert_ok(offsets_open(missing, &written, &offsets));
    put(offsets, "[\"a\",{}]", "{}");
    offsets_flush(offsets);
    struct offsets_written *message = (struct offsets_written *)kc_mailbox_wait(&written, -1);
    assert_non_null(message->error);
    assert_int_equal(message->error->fault, KC_RETRY);
    offsets_written_free(message);
    offsets_close(offsets);
    free(missing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keeps),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_bad_keys),
        cmocka_unit_test(test_failed_write),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
