/* penstock: the program. Layer: top. */
#include <stdio.h>
#include <string.h>

static const char help[] =
    "Usage: penstock [--help] [--version]\n"
    "\n"
    "Kafka Connect as one small native program.\n"
    "\n"
    "  --help     show this text\n"
    "  --version  show the version\n";

int main(int argc, char **argv)
{
    const char *command = argc > 1 ? argv[1] : "--help";
    if (strcmp(command, "--version") == 0) {
        puts("penstock " PENSTOCK_VERSION);
        return 0;
    }
    if (strcmp(command, "--help") == 0) {
        fputs(help, stdout);
        return argc > 1 ? 0 : 2;
    }
    fprintf(stderr, "penstock: no command \"%s\"; see penstock --help\n", command);
    return 2;
}
