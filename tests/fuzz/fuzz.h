/* What every fuzz target has in common. A target reads bytes that others may have made; it must
 * neither crash, leak, hang nor grow without bound, whatever they are (libFuzzer, ASan and UBSan
 * watch). Where there is a twin that writes, what was read must come back the same. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the run, so that libFuzzer keeps the input. */
#define FUZZ_MUST(condition)                                                        \
    do {                                                                            \
        if (!(condition)) {                                                         \
            fprintf(stderr, "%s:%d: must hold: %s\n", __FILE__, __LINE__, #condition); \
            abort();                                                                \
        }                                                                           \
    } while (0)

static inline struct kc_text fuzz_text(const uint8_t *data, size_t size)
{
    return (struct kc_text){ (const char *)data, size };
}

#endif
