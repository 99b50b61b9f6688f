/* FileStreamSink: appends the text of each value, a line each, to a file (or to standard output).
 * Unlike the original it reports what can't be written, and bytes come as base64. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data/java_text.h"
#include "plugin/sink.h"

enum { WRITE_AT = 1 << 20 };

struct file_config {
    char *file;
};

#define OPTIONS_OF struct file_config
static const struct kc_option file_options[] = {
    OPT_STRING("file", file, .importance = KC_HIGH,
               .doc = "The file to append to; it is created where it isn't there. Without it, "
                      "standard output is written."),
    OPT_END
};
#undef OPTIONS_OF

struct file_sink {
    struct kc_sink base;
    bool opened;
    int fd;
    struct kc_buf lines; /* not yet written */
};

/* The Java exception of a file that can't be opened, as a cause. */
static struct kc_error *open_error(const char *file, int number)
{
    switch (number) {
    case ENOENT:
        return kc_fail_as(KC_FATAL, "java.nio.file.NoSuchFileException", "%s", file);
    case EACCES:
        return kc_fail_as(KC_FATAL, "java.nio.file.AccessDeniedException", "%s", file);
    default:
        return kc_fail_as(KC_FATAL, "java.nio.file.FileSystemException", "%s: %s", file,
                          strerror(number));
    }
}

static struct kc_error *file_open(struct kc_sink *base)
{
    struct file_sink *sink = (struct file_sink *)base;
    const struct file_config *config = base->config;
    sink->fd = config->file ? open(config->file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666)
                            : STDOUT_FILENO;
    if (sink->fd < 0)
        return kc_while(open_error(config->file, errno),
                        "Couldn't find or create file '%s' for FileStreamSinkTask", config->file);
    sink->opened = true;
    return NULL;
}

static struct kc_error *write_lines(struct file_sink *sink)
{
    const struct file_config *config = sink->base.config;
    size_t done = 0;
    while (done < sink->lines.len) {
        ssize_t len = write(sink->fd, sink->lines.data + done, sink->lines.len - done);
        if (len < 0 && errno == EINTR)
            continue;
        if (len < 0)
            return kc_fail(KC_FATAL, "cannot write to %s: %s",
                           config->file ? config->file : "standard output", strerror(errno));
        done += (size_t)len;
    }
    kc_buf_reset(&sink->lines);
    return NULL;
}

static struct kc_error *file_put(struct kc_sink *base, struct kc_batch *batch)
{
    struct file_sink *sink = (struct file_sink *)base;
    struct kc_error *err = NULL;
    kc_buf_reset(&sink->lines);
    for (struct kc_record *record = batch->first; !err && record; record = record->next) {
        if (record->dropped || record->fault)
            continue;
        kc_java_text(record->value, &sink->lines);
        kc_buf_char(&sink->lines, '\n');
        if (sink->lines.len >= WRITE_AT)
            err = write_lines(sink);
    }
    return err ? err : write_lines(sink);
}

static struct kc_error *file_flush(struct kc_sink *base)
{
    struct file_sink *sink = (struct file_sink *)base;
    const struct file_config *config = base->config;
    /* Pipes and terminals have nothing to be made durable. */
    if (fdatasync(sink->fd) != 0 && errno != EINVAL && errno != EROFS)
        return kc_fail(KC_FATAL, "cannot write to %s: %s",
                       config->file ? config->file : "standard output", strerror(errno));
    return NULL;
}

static void file_close(struct kc_sink *base)
{
    struct file_sink *sink = (struct file_sink *)base;
    if (sink->opened && sink->fd != STDOUT_FILENO)
        close(sink->fd);
    sink->opened = false;
    kc_buf_clear(&sink->lines);
}

static void file_check(const struct kc_check *check)
{
    const struct file_config *config = check->config;
    if (check->depth != KC_CHECK_LIVE || !config->file)
        return;
    if (access(config->file, F_OK) == 0) {
        if (access(config->file, W_OK) != 0)
            kc_find(check->findings, KC_ERROR, "file", "%s can't be written: %s.", config->file,
                    strerror(errno));
        return;
    }
    const char *slash = strrchr(config->file, '/');
    char *folder = slash ? kc_strndup(config->file, slash == config->file
                                                        ? 1 : (size_t)(slash - config->file))
                         : kc_strdup(".");
    if (access(folder, W_OK) != 0)
        kc_find(check->findings, KC_ERROR, "file", "%s can't be created in %s: %s.", config->file,
                folder, strerror(errno));
    free(folder);
}

static const struct kc_sink_ops file_ops = {
    .size = sizeof(struct file_sink),
    .check = file_check,
    .open = file_open,
    .put = file_put,
    .flush = file_flush,
    .close = file_close,
};
static const char *const file_classes[] = { "org.apache.kafka.connect.file.FileStreamSinkConnector",
                                            NULL };

extern const struct kc_plugin kc_plugin_file_sink;
const struct kc_plugin kc_plugin_file_sink = {
    .abi = KC_ABI,
    .kind = KC_SINK,
    .name = "file",
    .version = KC_CONNECT_VERSION,
    .about = "Appends values to a file, one a line.",
    .java_classes = file_classes,
    .java_task_class = "org.apache.kafka.connect.file.FileStreamSinkTask",
    .config_size = sizeof(struct file_config),
    .options = file_options,
    .sink = &file_ops,
};
KC_PLUGIN_EXPORT(kc_plugin_file_sink);
