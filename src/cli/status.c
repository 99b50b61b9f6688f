#include "cli/status.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/http.h"
#include "cli/cli.h"

#define DEFAULT_URL "http://localhost:8083"
#define TIMEOUT_MS 15000

/* What the asking itself may come to, beside 0. */
enum { STATUS_FAILED = 1, STATUS_UNREACHABLE = 2 };

struct asker {
    char *url; /* of the worker, without a slash at its end */
};

/* Asks the worker for a path; KC_JSON of the answer. *found NULL: takes 200 only, else also 404 (false). */
static struct kc_error *ask(const struct asker *asker, const char *path, struct kc_json **json,
                            bool *found)
{
    struct kc_http_answer answer;
    char *url = kc_printf("%s%s", asker->url, path);
    struct kc_error *err = kc_http_get(url, -1, TIMEOUT_MS, &answer);

    *json = NULL;
    if (found)
        *found = !err && answer.code == 200;
    if (!err && answer.code != 200 && !(found && answer.code == 404))
        err = kc_fail(KC_RETRY, "GET %s: the answer is %d; is this the REST API of a worker?", url,
                      answer.code);
    if (!err && answer.code == 200) {
        err = kc_json_parse((struct kc_text){ answer.body.data ? answer.body.data : "", answer.body.len },
                            json);
        if (err)
            err = kc_while(err, "GET %s: the answer is no JSON; is this the REST API of a worker?", url);
    }
    kc_buf_clear(&answer.body);
    free(url);
    return err;
}

static void copy_member(struct kc_json *to, const struct kc_json *from, const char *name)
{
    const struct kc_json *value = kc_json_get(from, name);

    if (value)
        kc_json_put(to, name, kc_json_copy(value));
}

/* ---- gathering ---- */

/* A task of the status with the same one of the metrics. */
static struct kc_json *join_task(const struct kc_json *task, const struct kc_json *measured)
{
    struct kc_json *joined = kc_json_copy(task);
    const struct kc_json *tasks = kc_json_get(measured, "tasks");

    for (size_t i = 0; i < kc_json_count(tasks); i++) {
        const struct kc_json *other = kc_json_at(tasks, i);
        if (kc_json_int(kc_json_get(other, "id")) != kc_json_int(kc_json_get(task, "id")))
            continue;
        copy_member(joined, other, "age_ms");
        copy_member(joined, other, "trouble");
        copy_member(joined, other, "metrics");
    }
    return joined;
}

static struct kc_json *join(const struct kc_json *status, const struct kc_json *measured)
{
    static const char *const members[] = { "state", "worker_id", "trace" };
    struct kc_json *joined = kc_json_new_object(), *tasks = kc_json_new_array();
    const struct kc_json *list = kc_json_get(status, "tasks");

    copy_member(joined, status, "name");
    copy_member(joined, status, "type");
    for (size_t i = 0; i < KC_COUNT(members); i++)
        copy_member(joined, kc_json_get(status, "connector"), members[i]);
    for (size_t i = 0; i < kc_json_count(list); i++)
        kc_json_add(tasks, join_task(kc_json_at(list, i), measured));
    kc_json_put(joined, "tasks", tasks);
    return joined;
}

static struct kc_error *add_connector(const struct asker *asker, const struct kc_json *status,
                                      struct kc_json *connectors)
{
    KC_AUTO_BUF path = KC_BUF(0);
    struct kc_json *measured;
    bool found;

    kc_buf_str(&path, "/connectors/");
    kc_http_escape(&path, kc_json_string(kc_json_get(status, "name")));
    kc_buf_str(&path, "/metrics");
    struct kc_error *err = ask(asker, path.data, &measured, &found);
    if (!err)
        kc_json_add(connectors, join(status, measured));
    kc_json_free(measured);
    return err;
}

/* The statuses to show: one, or all in the order of their names. */
static struct kc_error *list(const struct asker *asker, const char *connector,
                             struct kc_json **statuses)
{
    KC_AUTO_BUF path = KC_BUF(0);
    struct kc_json *answer;
    bool found = true;

    kc_buf_str(&path, "/connectors");
    if (connector) {
        kc_buf_char(&path, '/');
        kc_http_escape(&path, connector);
    }
    kc_buf_str(&path, connector ? "/status" : "?expand=status");
    struct kc_error *err = ask(asker, path.data, &answer, &found);
    if (!err && !found)
        err = kc_fail(KC_BAD_CONFIG, "the worker at %s has no connector %s", asker->url,
                      connector ? connector : "");
    *statuses = kc_json_new_array();
    if (!err && connector)
        kc_json_add(*statuses, kc_json_copy(answer));
    void *at = NULL;
    const char *name;
    struct kc_json *one;
    while (!err && !connector && kc_json_next(answer, &at, &name, &one))
        kc_json_add(*statuses, kc_json_copy(kc_json_get(one, "status")));
    kc_json_free(answer);
    return err;
}

static struct kc_error *gather(const struct asker *asker, const char *connector,
                               struct kc_json **status)
{
    struct kc_json *root, *statuses = NULL, *connectors = kc_json_new_array();
    struct kc_error *err = ask(asker, "/", &root, NULL);

    if (!err)
        err = list(asker, connector, &statuses);
    for (size_t i = 0; !err && i < kc_json_count(statuses); i++)
        err = add_connector(asker, kc_json_at(statuses, i), connectors);
    *status = kc_json_new_object();
    kc_json_put_string(*status, "url", asker->url);
    copy_member(*status, root, "version");
    copy_member(*status, root, "commit");
    kc_json_put(*status, "connectors", connectors);
    kc_json_free(root);
    kc_json_free(statuses);
    return err;
}

/* ---- the command ---- */

/* A connector's name may hold anything, so what is a URL says so: by its scheme, or host:port. */
static bool is_url(const char *text)
{
    const char *colon = strrchr(text, ':');
    int64_t port;

    return strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0 ||
           (colon && colon != text && !strchr(text, '/') && kc_text_int64(kc_text(colon + 1), &port) &&
            port > 0 && port < 65536);
}

static char *base_url(const char *text)
{
    size_t len = strlen(text);

    while (len > 0 && text[len - 1] == '/')
        len--;
    return kc_printf("%s%.*s", strstr(text, "://") ? "" : "http://", (int)len, text);
}

static int show(const struct asker *asker, const char *connector, bool json)
{
    struct kc_json *status;
    KC_AUTO_BUF out = KC_BUF(0);
    struct kc_error *err = gather(asker, connector, &status);

    if (err) {
        kc_json_free(status);
        cli_complain_error(err);
        return STATUS_UNREACHABLE;
    }
    if (json) {
        kc_json_write(status, &out);
        kc_buf_char(&out, '\n');
    } else {
        status_table(status, &out);
    }
    fputs(out.data, stdout);
    bool failed = status_failed(status);
    kc_json_free(status);
    return failed ? STATUS_FAILED : 0;
}

int cli_status(int argc, char **argv)
{
    const char *connector = NULL, *url = NULL;
    bool json = false;

    for (int i = 0; i < argc; i++) {
        bool is_option = argv[i][0] == '-' && argv[i][1];
        if (strcmp(argv[i], "--json") == 0) {
            json = true;
        } else if (!is_option && !url && !connector && is_url(argv[i])) {
            url = argv[i];
        } else if (!is_option && !connector) {
            connector = argv[i];
        } else {
            cli_complain("status: what is %s? Usage: penstock status [--json] [URL] [CONNECTOR]", argv[i]);
            return STATUS_UNREACHABLE;
        }
    }
    struct asker asker = { .url = base_url(url ? url : DEFAULT_URL) };
    int status = show(&asker, connector, json);
    free(asker.url);
    return status;
}
