/* golden PATH...: replays recorded cases from files or folders. The kind of a file follows from its
 * path: .../converters/json.jsonl (or .jsonl.gz, .jsonl.xz). Prints the ids that differ and how. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/map.h"
#include "plugin/registry.h"
#include "tests/replay/replay.h"
#include "schemas/json_decode.h"

const char replay_not_there[] = "what it is about is not there";

struct run {
    unsigned passed, failed, skipped;
    unsigned not_there; /* of the file at hand */
    bool verbose;
    struct kc_map exceptions; /* id -> reason */
    struct json_decoder reader;
    struct kc_arena arena;
};

/* ---- files ---- */

static void read_all(int fd, struct kc_buf *text)
{
    ssize_t got;
    do {
        if (!kc_buf_room(text, 1 << 16))
            break;
        got = read(fd, text->data + text->len, 1 << 16);
        if (got > 0)
            text->len += (size_t)got;
    } while (got > 0 || (got < 0 && errno == EINTR));
}

/* Compressed files are read through the program that unpacks them. */
static bool read_file(const char *path, struct kc_buf *text)
{
    const char *dot = strrchr(path, '.') ? strrchr(path, '.') : "";
    const char *tool = strcmp(dot, ".gz") == 0 ? "gzip" : strcmp(dot, ".xz") == 0 ? "xz" : "cat";
    int ends[2], status = 0;
    if (pipe(ends) != 0)
        return false;
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        if (strcmp(tool, "cat") == 0)
            execlp(tool, tool, "--", path, (char *)NULL);
        else
            execlp(tool, tool, "-dc", "--", path, (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    read_all(ends[0], text);
    close(ends[0]);
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

/* "converters/json" of ".../converters/json.jsonl.xz"; NULL if it is no file of cases. */
static char *kind_of_path(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    const char *end = strstr(name, ".jsonl");
    if (!end || (strcmp(end, ".jsonl") != 0 && strcmp(end, ".jsonl.gz") != 0 &&
                 strcmp(end, ".jsonl.xz") != 0))
        return NULL;
    const char *folder = slash ? slash : name;
    while (folder > path && folder[-1] != '/')
        folder--;
    return kc_strndup(folder, (size_t)(end - folder));
}

/* ---- cases ---- */

static void read_exceptions(struct run *run, const char *path)
{
    KC_AUTO_BUF text = KC_BUF(0);
    if (!read_file(path, &text)) {
        fprintf(stderr, "golden: can't read %s\n", path);
        exit(2);
    }
    struct kc_text rest = { text.data, text.len }, line;
    while (kc_text_split(&rest, '\n', &line)) {
        struct kc_text id = line;
        const char *space = line.len ? memchr(line.ptr, ' ', line.len) : NULL;
        if (!space || line.ptr[0] == '#')
            continue;
        id.len = (size_t)(space - line.ptr);
        kc_map_set(&run->exceptions, id, kc_strndup(space + 1, line.len - id.len - 1));
    }
}

static void skip(struct run *run, const char *id, const char *why)
{
    run->skipped++;
    run->not_there += why == replay_not_there;
    if (run->verbose)
        printf("skipped %s: %s\n", id, why);
}

static void set_zone(const char *zone)
{
    setenv("TZ", zone, 1);
    tzset();
}

static void run_case(struct run *run, const struct replay_kind *kind, struct replay_case *replay)
{
    struct replay_result result = { .output = kc_null() };
    const char *why = NULL, *zone = replay_text(replay->whole, "tz", &run->arena);
    const char *config = replay_text(replay->whole, "config", &run->arena);
    const char *exception = kc_map_get(&run->exceptions, kc_text(replay->id));
    if (!exception && config) /* a case that is played under several settings: "id:config" */
        exception = kc_map_get(&run->exceptions, kc_text(kc_arena_printf(&run->arena, "%s:%s",
                                                                         replay->id, config)));
    if (exception) {
        skip(run, replay->id, exception);
        return;
    }
    set_zone(zone ? zone : "UTC");
    if (kind->run)
        kind->run(replay, &result);
    else
        kind->check(replay, &why);
    if (result.skip) {
        skip(run, replay->id, result.skip);
    } else if (kind->run ? replay_matches(replay, &result, &why) : !why) {
        run->passed++;
    } else {
        run->failed++;
        printf("FAILED %s: %s\n  input    %s\n  config   %s\n", replay->id, why,
               replay_print(replay->input, &run->arena), replay_print(replay->config, &run->arena));
    }
    kc_error_free(result.error);
}

static void run_line(struct run *run, const struct replay_kind *kind, struct kc_text line,
                     const char *path, unsigned number)
{
    struct replay_case replay = { .arena = &run->arena };
    const struct kc_schema *none;
    struct kc_error *err = json_decode(&run->reader, line, &run->arena, &none, &replay.whole);
    replay.id = replay_text(replay.whole, "id", &run->arena);
    replay.op = replay_text(replay.whole, "op", &run->arena);
    if (err || !replay.id || (kind->run && !replay.op)) {
        char *text = err ? kc_error_line(err) : kc_strdup("no id or no op");
        printf("FAILED %s:%u is no case: %s\n", path, number, text);
        free(text);
        kc_error_free(err);
        run->failed++;
        return;
    }
    replay.config = kc_map_value_get(replay.whole, "config");
    replay.input = kc_map_value_get(replay.whole, "input");
    run_case(run, kind, &replay);
}

static const struct replay_kind *find_kind(const char *name)
{
    const struct replay_kind *kind = replay_kinds;
    for (; kind->path; kind++) {
        size_t len = strlen(kind->path);
        if (strcmp(kind->path, name) == 0 ||
            (kind->path[len - 1] == '/' && strncmp(kind->path, name, len) == 0))
            return kind;
    }
    return NULL;
}

static void run_lines(struct run *run, const struct replay_kind *kind, const char *path,
                      struct kc_text rest)
{
    struct kc_text line;
    run->not_there = 0;
    for (unsigned number = 1; rest.len && kc_text_split(&rest, '\n', &line); number++) {
        if (!kc_text_trim(line).len)
            continue;
        if (kind)
            run_line(run, kind, line, path, number);
        else
            skip(run, path, replay_not_there);
        kc_arena_reset(&run->arena);
    }
    if (run->not_there && !run->verbose)
        printf("skipped %s: %u cases: %s\n", path, run->not_there, replay_not_there);
}

static void run_file(struct run *run, const char *path)
{
    KC_AUTO_BUF text = KC_BUF(0);
    char *whole = realpath(path, NULL); /* so that the folder is seen also from within it */
    char *name = kind_of_path(whole ? whole : path);
    if (name && read_file(path, &text)) {
        run_lines(run, find_kind(name), path, (struct kc_text){ text.data, text.len });
    } else {
        printf("FAILED %s: %s\n", path, name ? "can't be read" : "no file of cases (.jsonl)");
        run->failed++;
    }
    free(name);
    free(whole);
}

static void run_path(struct run *run, const char *path);

static void run_folder(struct run *run, const char *path)
{
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        char *inner = kc_printf("%s/%s", path, entries[i]->d_name), *kind = kind_of_path(inner);
        struct stat found;
        if (entries[i]->d_name[0] != '.' && stat(inner, &found) == 0 &&
            (S_ISDIR(found.st_mode) || kind))
            run_path(run, inner);
        free(kind);
        free(inner);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

static void run_path(struct run *run, const char *path)
{
    struct stat found;
    if (stat(path, &found) == 0 && S_ISDIR(found.st_mode))
        run_folder(run, path);
    else
        run_file(run, path);
}

int main(int argc, char **argv)
{
    struct run run = { .reader = { .cache = 1 } };
    const char *exceptions = NULL;
    int option;
    while ((option = getopt(argc, argv, "vx:")) != -1) {
        if (option == 'v')
            run.verbose = true;
        else if (option == 'x')
            exceptions = optarg;
        else
            optind = argc;
    }
    if (optind >= argc) {
        fprintf(stderr, "usage: golden [-v] [-x EXCEPTIONS] PATH...\n");
        return 2;
    }
    struct kc_error *err = registry_add_builtin();
    if (err) {
        fprintf(stderr, "golden: %s\n", err->text);
        return 2;
    }
    if (exceptions)
        read_exceptions(&run, exceptions);
    for (int i = optind; i < argc; i++)
        run_path(&run, argv[i]);
    kc_map_clear(&run.exceptions, free);
    json_decoder_clear(&run.reader);
    kc_arena_clear(&run.arena);
    printf("%u passed, %u failed, %u skipped\n", run.passed, run.failed, run.skipped);
    return run.failed != 0;
}
