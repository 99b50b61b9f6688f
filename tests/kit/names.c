/* Preloaded into the worker: a name service of one host, "db.test", whose state is the first word of the file
 * $NAMES_FILE: an address, "none", or "mute". */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **result)
{
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) =
        (int (*)(const char *, const char *, const struct addrinfo *, struct addrinfo **))dlsym(
            RTLD_NEXT, "getaddrinfo");
    char state[64] = "none";
    if (!node || strcmp(node, "db.test") != 0)
        return real(node, service, hints, result);
    if (hints && hints->ai_flags & AI_NUMERICHOST)
        return EAI_NONAME;
    FILE *file = fopen(getenv("NAMES_FILE"), "r");
    if (file) {
        if (fscanf(file, "%63s", state) != 1)
            strcpy(state, "none");
        fclose(file);
    }
    if (strcmp(state, "mute") == 0)
        sleep(30);
    if (strcmp(state, "mute") == 0 || strcmp(state, "none") == 0)
        return EAI_NONAME;
    return real(state, service, hints, result);
}
