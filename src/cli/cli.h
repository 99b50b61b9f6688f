/* The commands of the program. Each gets the arguments after its name and returns the exit status.
 * Layer: top (like main.c). Main thread. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "flow/worker_config.h"
#include "herder/herder.h"

/* Exit statuses of a worker, as the original's scripts expect them. */
enum { EXIT_USAGE = 1, EXIT_SETTINGS = 2, EXIT_START = 3 };

int cli_standalone(int argc, char **argv);
int cli_dev(int argc, char **argv);
int cli_check(int argc, char **argv);
int cli_status(int argc, char **argv);
int cli_plugins(int argc, char **argv);
int cli_doc(int argc, char **argv);

/* ---- shared by them ---- */

/* "penstock: " and a line on stderr. */
void cli_complain(const char *format, ...) KC_PRINTF(1, 2);
/* The same with the chain of an error, which is taken. */
void cli_complain_error(struct kc_error *err);
/* Registers the plug-ins: the built-in ones, and those of plugin_path (NULL: none). */
struct kc_error *cli_load_plugins(const char *plugin_path) KC_MUST_CHECK;

/* A file that sets up a connector. */
struct connector_file {
    const char *path; /* borrowed */
    char *name;
    struct kc_props props;
    enum herder_target initial_state;
};
/* Any settings file as it is: for a worker's, and to tell one kind from the other. */
struct kc_error *settings_file_read(const char *path, struct kc_props *props) KC_MUST_CHECK;

/* Runs a worker with these connectors until a signal comes. */
int cli_run_worker(const struct worker_config *worker, const struct connector_file *files,
                   size_t n_files);
/* Reads the files of connectors, all of them, and complains about each that is wrong. NULL if any
 * was. */
struct connector_file *cli_read_connectors(char **paths, size_t count);
void cli_free_connectors(struct connector_file *files, size_t count);
/* What stands before a finding's text to say which setting it is about: "SETTING: ", or nothing when the
 * text names it. The caller frees it. */
char *cli_finding_head(const struct kc_finding *finding);
/* Prints the mistakes on stderr, one line each. */
void cli_print_mistakes(const struct kc_findings *findings);

#endif
