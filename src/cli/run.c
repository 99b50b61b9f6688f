#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/cli.h"
#include "plugin/registry.h"
#include "rest/server.h"

/* ---- words for the user ---- */

void cli_complain(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = kc_vprintf(format, args);
    va_end(args);
    fprintf(stderr, "penstock: %s\n", text);
    free(text);
}

void cli_complain_error(struct kc_error *err)
{
    char *line = kc_error_line(err);
    kc_error_free(err);
    cli_complain("%s", line);
    free(line);
}

char *cli_finding_head(const struct kc_finding *finding)
{
    bool named = !finding->setting || strstr(finding->text, finding->setting);
    return named ? kc_strdup("") : kc_printf("%s: ", finding->setting);
}

void cli_print_mistakes(const struct kc_findings *findings)
{
    for (size_t i = 0; i < findings->len; i++) {
        if (findings->items[i].severity != KC_ERROR)
            continue;
        char *head = cli_finding_head(&findings->items[i]);
        fprintf(stderr, "  - %s%s\n", head, findings->items[i].text);
        free(head);
    }
}

struct kc_error *cli_load_plugins(const char *plugin_path)
{
    struct kc_error *err = registry_add_builtin();
    if (!err && plugin_path)
        err = registry_load_path(plugin_path);
    return err;
}

/* ---- signals ---- */

static struct kc_signal stop_signal;
static volatile sig_atomic_t signals_seen;

/* The first asks for an orderly end, the second ends at once. */
static void on_signal(int number)
{
    if (signals_seen++)
        _exit(128 + number);
    kc_signal_raise(&stop_signal);
}

static void take_signals(void)
{
    struct sigaction action = { .sa_handler = on_signal };
    struct sigaction ignore = { .sa_handler = SIG_IGN };
    kc_signal_init(&stop_signal);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
}

/* ---- the worker ---- */

struct run {
    struct herder *herder;
    const struct connector_file *files;
    size_t n_files, next;
    int status;
};

static void create_next(struct run *run);

static void created(struct herder_request *request)
{
    struct run *run = request->owner;
    const struct connector_file *file = &run->files[run->next];
    if (request->code >= 400 && request->code != 503) {
        kc_log_error("cli", "Failed to create connector for %s: %s", file->path, request->error);
        kc_log_error("cli", "Stopping after connector error");
        run->status = EXIT_START;
        kc_signal_raise(&stop_signal);
    } else {
        run->next++;
        create_next(run);
    }
    herder_request_free(request);
}

/* One after the other, in the order of the command line; the first that fails ends the worker. */
static void create_next(struct run *run)
{
    if (run->next == run->n_files)
        return;
    const struct connector_file *file = &run->files[run->next];
    struct herder_request *request = herder_request_new(HERDER_CREATE, file->name, created, run);
    request->has_config = true;
    request->initial_state = file->initial_state;
    kc_props_copy(&request->config, &file->props);
    herder_post(run->herder, request);
}

static int serve(struct run *run, struct server *server)
{
    struct kc_error *err = server_start(server, run->herder);
    if (err) {
        cli_complain_error(err);
        return EXIT_START;
    }
    create_next(run);
    bool clean = herder_run(run->herder, stop_signal.fd);
    if (!clean && !run->status) {
        kc_log_warn("cli", "Stopped before everything was finished: what was not committed will be "
                           "read again");
        run->status = EXIT_FAILURE;
    }
    if (!clean)
        _exit(run->status); /* threads that hang can't be waited for */
    kc_log_info("cli", "Stopped");
    return run->status;
}

int cli_run_worker(const struct worker_config *worker, const struct connector_file *files,
                   size_t n_files)
{
    struct server *server = NULL;
    struct run run = { .files = files, .n_files = n_files };
    take_signals();
    struct kc_error *err = server_open(worker, &server);
    if (!err)
        err = herder_new(worker, server_address(server), &run.herder);
    if (err) {
        cli_complain_error(err);
        run.status = EXIT_SETTINGS;
    } else {
        run.status = serve(&run, server);
    }
    server_stop(server);
    herder_free(run.herder);
    kc_signal_clear(&stop_signal);
    return run.status;
}
