#include "store/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX ((size_t)256 << 20)

static struct kc_error *read_all(int fd, struct kc_buf *buf)
{
    for (;;) {
        char part[16384];
        ssize_t got = read(fd, part, sizeof part);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return kc_fail(KC_FATAL, "%s", strerror(errno));
        if (got == 0)
            return NULL;
        if (buf->len + (size_t)got > FILE_MAX)
            return kc_fail(KC_FATAL, "it is larger than %zu MiB", FILE_MAX >> 20);
        kc_buf_put(buf, part, (size_t)got);
    }
}

struct kc_error *file_read(const char *path, struct kc_buf *buf, bool *exists)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    *exists = fd >= 0 || errno != ENOENT;
    if (fd < 0)
        return *exists ? kc_fail(KC_FATAL, "opening %s: %s", path, strerror(errno)) : NULL;
    struct kc_error *err = read_all(fd, buf);
    close(fd);
    return err ? kc_while(err, "reading %s", path) : NULL;
}

static struct kc_error *write_all(int fd, struct kc_text content)
{
    while (content.len) {
        ssize_t put = write(fd, content.ptr, content.len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return kc_fail(KC_RETRY, "%s", strerror(errno));
        content.ptr += put;
        content.len -= (size_t)put;
    }
    return fsync(fd) < 0 ? kc_fail(KC_RETRY, "fsync: %s", strerror(errno)) : NULL;
}

static struct kc_error *sync_folder(const char *path)
{
    char *copy = kc_strdup(path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(copy);
    int failed = fd < 0 || fsync(fd) < 0 ? errno : 0;
    if (fd >= 0)
        close(fd);
    /* Some file systems can't sync a folder; then the rename is as durable as it gets. */
    if (failed && failed != EINVAL && failed != EROFS)
        return kc_fail(KC_RETRY, "fsync of the folder: %s", strerror(failed));
    return NULL;
}

static struct kc_error *write_beside(const char *beside, const char *target, struct kc_text content)
{
    struct stat old;
    bool had = stat(target, &old) == 0;
    int fd =
        open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, had ? old.st_mode & 07777 : 0666);
    if (fd < 0)
        return kc_fail(KC_RETRY, "opening %s: %s", beside, strerror(errno));
    struct kc_error *err = write_all(fd, content);
    if (close(fd) < 0 && !err)
        err = kc_fail(KC_RETRY, "%s", strerror(errno));
    if (!err && rename(beside, target) < 0)
        err = kc_fail(KC_RETRY, "renaming %s: %s", beside, strerror(errno));
    if (err)
        unlink(beside);
    return err ? err : sync_folder(target);
}

struct kc_error *file_replace(const char *path, struct kc_text content)
{
    char real[PATH_MAX];
    const char *target = realpath(path, real) ? real : path;
    char *beside = kc_printf("%s.new", target);
    struct kc_error *err = write_beside(beside, target, content);
    free(beside);
    return err ? kc_while(err, "while writing %s", path) : NULL;
}
