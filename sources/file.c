/* FileStreamSource: the lines of a file (or of standard input) as records, and what is appended
 * to it later. Like the original it reads UTF-8, ends lines at \n, \r and \r\n, keeps back a last
 * line without an end, and does not notice when the file is replaced by another.
 * Unlike the original, the position counts bytes, as what a restart skips are bytes; the original
 * counts characters, and so resumes at the wrong place behind anything but ASCII. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "plugin/source.h"

enum {
    CHUNK = 64 << 10,
    LONGEST_LINE = 64 << 20,
    IDLE_MS = 250,    /* between two looks at a file that has no more */
    MISSING_MS = 500, /* between two looks for a file that isn't there */
};

struct file_config {
    char *file;
    char *topic;
    int batch_size;
};

static char *not_empty(const struct kc_option *option, const char *text)
{
    return *text ? NULL
                 : kc_printf("Invalid value  for configuration %s: String must be non-empty",
                             option->name);
}

#define OPTIONS_OF struct file_config
static const struct kc_option file_options[] = {
    OPT_STRING("file", file, .importance = KC_HIGH,
               .doc = "The file to read. Without it, standard input is read, and nothing is "
                      "remembered from one run to the next."),
    OPT_STRING("topic", topic, .required = true, .importance = KC_HIGH, .check = not_empty,
               .doc = "The topic that gets the lines."),
    OPT_INT("batch.size", batch_size, .def = "2000", .importance = KC_LOW,
            .doc = "How many lines are read at most before they are sent on."),
    OPT_END
};
#undef OPTIONS_OF

struct file_source {
    struct kc_source base;
    int fd;               /* -1: not open (yet) */
    bool opened;          /* open was called: fd means something */
    bool warned;          /* the log has been told that the file is missing */
    int64_t position;     /* bytes of the lines that were given out */
    struct kc_buf buffer; /* bytes from `position` on, after the first `start` */
    size_t start;
    size_t scanned; /* no line ends before this offset of the buffer */
};

/* ---- opening ---- */

static struct kc_value partition_of(struct kc_arena *arena, const char *file)
{
    return kc_map_of_one(arena, "filename", kc_cstring(file));
}

static struct kc_error *find_position(struct file_source *source, const char *file)
{
    struct kc_arena arena;
    kc_arena_init(&arena, 0);
    struct kc_value offset = kc_position_find(source->base.stored, source->base.n_stored,
                                              partition_of(&arena, file));
    struct kc_value position = kc_map_value_get(offset, "position");
    kc_arena_clear(&arena);
    if (position.kind != KC_NULL && position.kind != KC_INT64)
        return kc_fail(KC_FATAL, "Offset position is the incorrect type");
    source->position = position.u.i;
    return NULL;
}

static struct kc_error *file_open(struct kc_source *base)
{
    struct file_source *source = (struct file_source *)base;
    const struct file_config *config = base->config;
    source->opened = true;
    source->fd = config->file ? -1 : STDIN_FILENO;
    source->position = 0;
    source->start = source->scanned = 0;
    source->warned = false;
    return config->file ? find_position(source, config->file) : NULL;
}

/* The file may come into being later: *found false. */
static struct kc_error *look_for_file(struct file_source *source, bool *found)
{
    const struct file_config *config = source->base.config;
    *found = true;
    if (source->fd >= 0)
        return NULL;
    source->fd = open(config->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (source->fd >= 0)
        return NULL;
    *found = false;
    if (errno != ENOENT)
        return kc_fail(KC_FATAL, "cannot open the file %s: %s", config->file, strerror(errno));
    if (!source->warned)
        kc_log_warn("file", "Couldn't find file %s for FileStreamSourceTask, sleeping to wait for "
                            "it to be created", config->file);
    source->warned = true;
    kc_wait_stop(source->base.stop_fd, MISSING_MS);
    return NULL;
}

/* ---- reading ---- */

/* Forgets the lines that were given out, when that makes enough room. */
static void compact(struct file_source *source)
{
    struct kc_buf *buffer = &source->buffer;
    if (source->start < buffer->len && source->start < CHUNK)
        return;
    memmove(buffer->data, buffer->data + source->start, buffer->len - source->start);
    buffer->len -= source->start;
    source->scanned -= source->start;
    source->start = 0;
}

/* Reads the next bytes there are; *got 0: none. Waits for those of standard input. */
static struct kc_error *read_more(struct file_source *source, size_t *got)
{
    const struct file_config *config = source->base.config;
    const char *name = config->file ? config->file : "standard input";
    struct kc_buf *buffer = &source->buffer;
    *got = 0;
    if (source->start)
        compact(source);
    buffer->max = LONGEST_LINE + 2 * CHUNK;
    if (buffer->len - source->start > LONGEST_LINE || !kc_buf_room(buffer, CHUNK))
        return kc_fail(KC_FATAL, "a line of %s at position %lld is longer than %d MiB", name,
                       (long long)source->position, LONGEST_LINE >> 20);
    if (!config->file && kc_wait_fd(source->fd, false, source->base.stop_fd, IDLE_MS) != KC_WAIT_READY)
        return NULL;
    off_t at = (off_t)(source->position + (int64_t)(buffer->len - source->start));
    ssize_t len = config->file ? pread(source->fd, buffer->data + buffer->len, CHUNK, at)
                               : read(source->fd, buffer->data + buffer->len, CHUNK);
    if (len < 0 && errno != EINTR && errno != EAGAIN)
        return kc_fail(KC_FATAL, "cannot read %s: %s", name, strerror(errno));
    if (len > 0) {
        buffer->len += (size_t)len;
        *got = (size_t)len;
    }
    return NULL;
}

/* The next whole line in the buffer; its end is taken off with it. */
static bool next_line(struct file_source *source, struct kc_text *line)
{
    const char *data = source->buffer.data;
    size_t len = source->buffer.len, i = source->scanned;
    while (i < len && data[i] != '\n' && data[i] != '\r')
        i++;
    source->scanned = i;
    /* \r at the very end may be half of \r\n */
    if (i == len || (data[i] == '\r' && i + 1 == len))
        return false;
    *line = (struct kc_text){ data + source->start, i - source->start };
    size_t end = i + (data[i] == '\r' && data[i + 1] == '\n' ? 2 : 1);
    source->position += (int64_t)(end - source->start);
    source->start = source->scanned = end;
    return true;
}

static void add_line(struct file_source *source, struct kc_text line, struct kc_batch *batch)
{
    const struct file_config *config = source->base.config;
    struct kc_record *record = kc_batch_add(batch, config->topic);
    KC_AUTO_BUF clean = { 0 };
    if (kc_text_utf8(line) < line.len) {
        kc_buf_utf8(&clean, line);
        line = (struct kc_text){ clean.data, clean.len };
    }
    record->timestamp = kc_now_ms();
    record->value_schema = kc_schema_of(KC_STRING, false);
    record->value = kc_string(kc_arena_text(&batch->arena, line.ptr, line.len), line.len);
}

static bool is_full(const struct file_config *config, const struct kc_batch *batch)
{
    return kc_batch_full(batch) || (batch->count && batch->count >= (size_t)config->batch_size);
}

/* Moves whole lines from the buffer into the batch. */
static void take_lines(struct file_source *source, struct kc_batch *batch)
{
    struct kc_text line;
    while (!is_full(source->base.config, batch) && next_line(source, &line))
        add_line(source, line, batch);
}

static struct kc_error *file_poll(struct kc_source *base, struct kc_batch *batch)
{
    struct file_source *source = (struct file_source *)base;
    const struct file_config *config = base->config;
    bool found;
    size_t got = 1;
    struct kc_error *err = look_for_file(source, &found);
    if (err || !found)
        return err;
    take_lines(source, batch);
    while (!err && got && !is_full(config, batch)) {
        err = read_more(source, &got);
        take_lines(source, batch);
    }
    if (err)
        return err;
    if (!batch->count)
        kc_wait_stop(base->stop_fd, IDLE_MS);
    else if (config->file)
        kc_batch_position(batch, partition_of(&batch->arena, config->file),
                          kc_map_of_one(&batch->arena, "position",
                                        kc_integer(KC_INT64, source->position)));
    return NULL;
}

static void file_close(struct kc_source *base)
{
    struct file_source *source = (struct file_source *)base;
    if (source->opened && source->fd > STDIN_FILENO)
        close(source->fd);
    source->opened = false;
    source->fd = -1;
    kc_buf_clear(&source->buffer);
}

static void file_check(const struct kc_check *check)
{
    const struct file_config *config = check->config;
    if (check->depth != KC_CHECK_LIVE || !config->file)
        return;
    struct stat info;
    if (stat(config->file, &info) != 0 && errno == ENOENT)
        kc_find(check->findings, KC_WARN, "file",
                "%s is not there yet; the task waits for it to be created.", config->file);
    else if (access(config->file, R_OK) != 0)
        kc_find(check->findings, KC_ERROR, "file", "%s can't be read: %s.", config->file,
                strerror(errno));
    else if (S_ISDIR(info.st_mode))
        kc_find(check->findings, KC_ERROR, "file", "%s is a folder; name a file.", config->file);
    else
        kc_find(check->findings, KC_OK, "file", "%s can be read.", config->file);
}

static bool has_key(struct kc_value map, const char *key)
{
    for (uint32_t i = 0; map.kind == KC_MAP && i < map.len; i++)
        if (kc_text_is(kc_value_text(map.u.entries[i].key), key))
            return true;
    return false;
}

/* In the words of the original. */
static struct kc_error *file_check_offset(const void *settings, struct kc_value partition,
                                          struct kc_value offset)
{
    const struct file_config *config = settings;
    struct kc_value position = kc_map_value_get(offset, "position");
    if (!config->file)
        return kc_fail(KC_BAD_DATA, "Offsets cannot be modified if the 'file' configuration is "
                                    "unspecified. This is because stdin is used for input and offsets "
                                    "are not tracked.");
    if (offset.kind == KC_NULL)
        return NULL;
    if (!has_key(offset, "position"))
        return kc_fail(KC_BAD_DATA, "Offset objects should either be null or contain the key 'position'");
    if (position.kind != KC_INT64)
        return kc_fail(KC_BAD_DATA, "The value for the 'position' key in the offset is expected to be a "
                                    "Long value");
    if (position.u.i < 0)
        return kc_fail(KC_BAD_DATA, "The value for the 'position' key in the offset should be a "
                                    "non-negative value");
    if (partition.kind == KC_NULL)
        return kc_fail(KC_BAD_DATA, "Partition objects cannot be null");
    if (!has_key(partition, "filename"))
        return kc_fail(KC_BAD_DATA, "Partition objects should contain the key 'filename'");
    return NULL;
}

static const struct kc_source_ops file_ops = {
    .size = sizeof(struct file_source),
    .check = file_check,
    .check_offset = file_check_offset,
    .open = file_open,
    .poll = file_poll,
    .close = file_close,
};
static const char *const file_classes[] = { "org.apache.kafka.connect.file.FileStreamSourceConnector",
                                            NULL };

extern const struct kc_plugin kc_plugin_file_source;
const struct kc_plugin kc_plugin_file_source = {
    .abi = KC_ABI,
    .kind = KC_SOURCE,
    .name = "file",
    .version = KC_CONNECT_VERSION,
    .about = "Reads the lines of a file, and what is appended to it.",
    .java_classes = file_classes,
    .java_task_class = "org.apache.kafka.connect.file.FileStreamSourceTask",
    .config_size = sizeof(struct file_config),
    .options = file_options,
    .source = &file_ops,
};
KC_PLUGIN_EXPORT(kc_plugin_file_source);
