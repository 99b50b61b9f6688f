/* A fuzz target without libFuzzer: runs the seeds in tests/fuzz/corpus/NAME/ once each, and says
 * so in TAP, as the unit tests do. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"

static void replay(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return;
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    uint8_t *data = malloc(size > 0 ? (size_t)size : 1); /* exact, so that a read beyond it shows */
    size_t len = data && size > 0 ? fread(data, 1, (size_t)size, file) : 0;
    fclose(file);
    if (data)
        LLVMFuzzerTestOneInput(data, len);
    free(data);
}

int main(int argc, char **argv)
{
    const char *srcdir = getenv("srcdir"), *name = argc ? strstr(argv[0], "fuzz_") : NULL;
    char folder[4096], path[8192];
    if (!name)
        return 2;
    snprintf(folder, sizeof(folder), "%s/tests/fuzz/corpus/%s", srcdir ? srcdir : ".", name + 5);
    DIR *dir = opendir(folder);
    if (!dir) {
        fprintf(stderr, "no seeds in %s\n", folder);
        return 2;
    }
    int count = 0;
    LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        replay(path);
        printf("ok %d - %s\n", ++count, entry->d_name);
    }
    closedir(dir);
    printf("1..%d\n", count);
    return count ? 0 : 2;
}
