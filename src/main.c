/* penstock: the program. One table of commands; a name that the program is called by may be one of them.
 * Layer: top. */
#include <libgen.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "kafka/client.h"
#include "plugin/plugin.h"

static const struct command {
    const char *name, *arguments, *summary, *help;
    int (*run)(int argc, char **argv);
    const char *alias; /* a name of the program that means this command */
} commands[] = {
    { "standalone", "WORKER.properties [CONNECTOR FILE]...", "run a worker with these connectors",
      "Runs one worker with the files of Kafka Connect's standalone mode: the worker's settings, then any\n"
      "number of connectors as .properties, as a flat JSON object, or as the JSON of POST /connectors. All\n"
      "mistakes in the settings are named before anything starts.\n\n"
      "SIGTERM and SIGINT end it in good order within task.shutdown.graceful.timeout.ms; a second one at\n"
      "once. Exit status: 0 after a signal, 1 wrong arguments or an unclean end, 2 wrong worker settings,\n"
      "3 a connector could not be started.\n",
      cli_standalone, "connect-standalone" },
    { "dev", "[--port N] [WORKER.properties] [CONNECTOR FILE]...", "run a worker with a broker inside",
      "Runs a worker together with a Kafka broker in this process: nothing else is needed to try things.\n"
      "Offsets and topics are kept in memory. WORKER.properties may set anything but bootstrap.servers\n"
      "and offset.storage.file.filename.\n\n"
      "  --port N   port of the REST API (8083)\n",
      cli_dev, NULL },
    { "check", "FILE...", "say whether these files would work",
      "Looks at the settings of a worker and of connectors, then at the live systems they name, and tells\n"
      "what it found: errors, warnings, what is right; with what to do about it. Changes nothing.\n\n"
      "Exit status: 0 it would work, 1 it would not, 2 a file could not be read.\n",
      cli_check, NULL },
    { "status", "[--json] [URL] [CONNECTOR]", "show what a worker's connectors are at",
      "Asks a running worker over its REST API (http://localhost:8083) and shows one line a task: its state, how far\n"
      "it is behind its database, how much WAL its replication slot holds back there, when offsets were last\n"
      "committed; below that snapshots that run, slots in danger, and why a task failed. Of a worker of Kafka\n"
      "Connect it shows the states.\n\n"
      "  --json   the same, and every measurement, as one JSON object\n\n"
      "Exit status: 0 nothing has failed, 1 something is FAILED, 2 the worker did not answer or has no such\n"
      "connector.\n",
      cli_status, NULL },
    { "plugins", "[PLUGIN.PATH]", "list connectors, converters, transforms",
      "Lists every plug-in by the class names it answers to. With a plugin.path: those in its shared\n"
      "objects as well.\n",
      cli_plugins, NULL },
    { "doc", "CLASS|worker|rest [PLUGIN.PATH]", "show all settings of a plug-in",
      "Prints the settings of a plug-in as Markdown. CLASS may be a class name, its last part, or the\n"
      "short name. `doc worker` prints those of a worker, `doc rest` the calls of the REST API.\n",
      cli_doc, NULL },
};

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < KC_COUNT(commands); i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static int show_command(const struct command *command)
{
    printf("Usage: penstock %s %s\n\n%s", command->name, command->arguments, command->help);
    return 0;
}

static int show_help(void)
{
    printf("Usage: penstock COMMAND [ARGUMENT]...\n\nKafka Connect as one small native program.\n\n");
    for (size_t i = 0; i < KC_COUNT(commands); i++)
        printf("  %-10s  %s\n", commands[i].name, commands[i].summary);
    printf("  help        show this text, or with the name of a command, more of it (also --help)\n"
           "  version     show the versions (also --version)\n"
           "\nCalled by the name connect-standalone it is `penstock standalone`.\n");
    return 0;
}

static int show_version(void)
{
    printf("penstock %s (Connect API %s, librdkafka %s)\n", PENSTOCK_VERSION, KC_CONNECT_VERSION,
           client_library_version());
    return 0;
}

static bool is_any(const char *text, const char *a, const char *b, const char *c)
{
    return strcmp(text, a) == 0 || strcmp(text, b) == 0 || strcmp(text, c) == 0;
}

static int run(const struct command *command, int argc, char **argv)
{
    return argc > 0 && is_any(argv[0], "--help", "-h", "-?") ? show_command(command)
                                                              : command->run(argc, argv);
}

int main(int argc, char **argv)
{
    /* Many threads that allocate little each: arenas of their own would cost more than they bring. */
    mallopt(M_ARENA_MAX, 2);
    const char *called = basename(argv[0]);
    for (size_t i = 0; i < KC_COUNT(commands); i++)
        if (commands[i].alias && strcmp(called, commands[i].alias) == 0)
            return run(&commands[i], argc - 1, argv + 1);
    if (argc < 2) {
        show_help();
        return 2;
    }
    bool help = is_any(argv[1], "help", "--help", "-h");
    const char *name = help && argc > 2 ? argv[2] : argv[1];
    const struct command *command = find_command(name);
    if (command)
        return help ? show_command(command) : run(command, argc - 2, argv + 2);
    if (help && argc == 2)
        return show_help();
    if (is_any(name, "version", "--version", "-V"))
        return show_version();
    cli_complain("there is no command %s; see penstock --help", name);
    return 2;
}
