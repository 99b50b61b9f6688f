#include "sources/common/channels.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

#define FILE_MOST ((off_t)4 << 20) /* bytes of a signal file */

struct channels_signal {
    struct channels_signal *next;
    struct signal signal;
};

static const char *const here[] = {"source", "kafka", "file", NULL};
static const char *const elsewhere[] = {"jmx", "in-process", NULL};

static bool is_one_of(const char *const *names, struct kc_text name)
{
    while (*names && !kc_text_is(name, *names))
        names++;
    return *names != NULL;
}

char *channels_check(const struct kc_option *option, const char *text)
{
    struct kc_text rest = kc_text(text), piece;
    while (rest.ptr && kc_text_split(&rest, ',', &piece)) {
        piece = kc_text_trim(piece);
        if (is_one_of(elsewhere, piece))
            return kc_printf("Invalid value %s for configuration %s: there is no channel %.*s here. "
                             "Leave it out and send signals over REST: POST "
                             "/connectors/NAME/signals works with any setting.",
                             text, option->name, KC_FMT(piece));
    }
    return NULL;
}

bool channels_enabled(const struct channels_config *config, const char *channel)
{
    for (size_t i = 0; i < config->enabled.len; i++)
        if (strcmp(config->enabled.items[i], channel) == 0)
            return true;
    return false;
}

/* ---- life ---- */

static void ask_for_topic(struct channels *channels, const char *prefix, struct kc_source *source)
{
    const struct channels_config *config = channels->config;
    channels->topic = config->topic && *config->topic ? kc_strdup(config->topic)
                                                      : kc_printf("%s-signal", prefix);
    kc_props_set(&channels->consumer, "group.id", config->group);
    if (config->bootstrap && *config->bootstrap)
        kc_props_set(&channels->consumer, "bootstrap.servers", config->bootstrap);
    kc_props_copy(&channels->consumer, &config->consumer);
    source->signals = (struct kc_signal_topic){
        .topic = channels->topic,
        .key = prefix,
        .consumer = &channels->consumer,
        .interval_ms = config->poll_ms < INT32_MAX ? (int)config->poll_ms : INT32_MAX,
    };
}

void channels_init(struct channels *channels, const struct channels_config *config,
                   const char *prefix, struct kc_source *source)
{
    *channels = (struct channels){.config = config};
    for (size_t i = 0; i < config->enabled.len; i++)
        if (!is_one_of(here, kc_text(config->enabled.items[i])))
            kc_log_warn("signals",
                        "signal.enabled.channels names \"%s\", which is no channel: there are "
                        "source, kafka and file",
                        config->enabled.items[i]);
    if (channels_enabled(config, "kafka"))
        ask_for_topic(channels, prefix, source);
}

/* Takes the oldest out; the caller has its signal. */
static struct signal pop(struct channels *channels)
{
    struct channels_signal *oldest = channels->first;
    struct signal signal = oldest->signal;
    channels->first = oldest->next;
    free(oldest);
    return signal;
}

void channels_clear(struct channels *channels)
{
    while (channels->first) {
        struct signal signal = pop(channels);
        signal_clear(&signal);
    }
    kc_props_clear(&channels->consumer);
    free(channels->topic);
    *channels = (struct channels){0};
}

/* ---- signals that come ---- */

static void tell_unreadable(const char *id, const char *type, struct kc_error *err)
{
    char *line = kc_error_line(err);
    kc_log_warn("signals", "Signal '%s' of type '%s' can't be read: %s", id, type, line);
    free(line);
    kc_error_free(err);
}

void channels_put(struct channels *channels, const struct kc_source_signal *signal)
{
    struct channels_signal *waiting = kc_calloc(1, sizeof(*waiting));
    struct kc_error *err = signal_parse(kc_text(signal->id), kc_text(signal->type),
                                        kc_text(signal->data), &waiting->signal);
    if (err) {
        tell_unreadable(signal->id, signal->type, err);
        free(waiting);
        return;
    }
    if (!channels->first)
        channels->last = &channels->first;
    *channels->last = waiting;
    channels->last = &waiting->next;
}

/* ---- the file ---- */

static void put_line(struct channels *channels, struct kc_text line)
{
    struct kc_arena arena;
    struct kc_source_signal signal;
    if (kc_text_trim(line).len == 0)
        return;
    kc_arena_init(&arena, 0);
    struct kc_error *err = kc_source_signal_read(line, &arena, &signal);
    if (err)
        tell_unreadable("?", "?", err);
    else
        channels_put(channels, &signal);
    kc_arena_clear(&arena);
}

/* Is a last line without its end whole all the same, or still being written? */
static bool is_whole(struct kc_text line)
{
    struct kc_json *json = NULL;
    struct kc_error *err = kc_json_parse(line, &json);
    kc_json_free(json);
    kc_error_free(err);
    return !err;
}

/* Gives the lines to the queue; how many bytes of the text they are. */
static size_t put_lines(struct channels *channels, struct kc_text text)
{
    size_t taken = 0;
    while (taken < text.len) {
        struct kc_text line = {text.ptr + taken, text.len - taken};
        const char *end = memchr(line.ptr, '\n', line.len);
        if (end)
            line.len = (size_t)(end - line.ptr);
        else if (!is_whole(line))
            break;
        put_line(channels, line);
        taken += line.len + (end != NULL);
    }
    return taken;
}

static struct kc_error *system_error(const char *doing)
{
    return kc_fail(KC_RETRY, "%s: %s", doing, strerror(errno));
}

/* Reads the file as it is; what is written to it meanwhile comes next time. */
static struct kc_error *read_file(int fd, struct kc_buf *buf)
{
    struct stat stat;
    if (fstat(fd, &stat) != 0)
        return system_error("looking at it");
    if (!S_ISREG(stat.st_mode))
        return kc_fail(KC_RETRY, "it is no regular file");
    if (stat.st_size > FILE_MOST)
        return kc_fail(KC_RETRY, "it has more than %d MB", (int)(FILE_MOST >> 20));
    while (buf->len < (size_t)stat.st_size) {
        char piece[16384];
        ssize_t got = pread(fd, piece, sizeof(piece), (off_t)buf->len);
        if (got < 0)
            return system_error("reading it");
        if (got == 0)
            break;
        kc_buf_put(buf, piece, (size_t)got);
    }
    return NULL;
}

/* Takes the first bytes out of the file, and leaves those behind them: a line that is still being
 * written, and what came since we read. */
static struct kc_error *shorten(int fd, struct kc_buf *buf, size_t taken)
{
    struct kc_error *err = NULL;
    char piece[16384];
    ssize_t got;
    while ((got = pread(fd, piece, sizeof(piece), (off_t)buf->len)) > 0)
        kc_buf_put(buf, piece, (size_t)got);
    size_t left = buf->len - taken;
    if (left && pwrite(fd, buf->data + taken, left, 0) != (ssize_t)left)
        err = system_error("writing it");
    if (!err && ftruncate(fd, (off_t)left) != 0)
        err = system_error("emptying it");
    return err;
}

static struct kc_error *take_lines(struct channels *channels, int fd)
{
    KC_AUTO_BUF buf = KC_BUF(0);
    struct kc_error *err = read_file(fd, &buf);
    if (err || !buf.len)
        return err;
    size_t taken = put_lines(channels, (struct kc_text){buf.data, buf.len});
    return taken ? shorten(fd, &buf, taken) : NULL;
}

/* A file that is not there is one without signals. */
static void look_at_file(struct channels *channels)
{
    const char *path = channels->config->file;
    struct kc_error *err = NULL;
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return;
    if (fd < 0)
        err = system_error("opening it");
    if (!err)
        err = take_lines(channels, fd);
    if (fd >= 0)
        close(fd);
    if (err && !channels->telling) {
        char *line = kc_error_line(err);
        kc_log_error("signals", "The signal file %s can't be used: %s", path, line);
        free(line);
    }
    channels->telling = err != NULL;
    kc_error_free(err);
}

bool channels_take(struct channels *channels, struct signal *signal)
{
    int64_t now = kc_monotonic_ms();
    if (now >= channels->next_look && channels->config->file &&
        channels_enabled(channels->config, "file")) {
        channels->next_look = now + channels->config->poll_ms;
        look_at_file(channels);
    }
    if (!channels->first)
        return false;
    *signal = pop(channels);
    return true;
}
