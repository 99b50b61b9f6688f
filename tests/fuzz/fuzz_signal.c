/* Signals: any text is one or is refused, and so is what a snapshot signal asks for. */
#include "plugin/signal.h"
#include "sources/common/signals.h"
#include "tests/fuzz/fuzz.h"

static struct kc_error *read(struct kc_text text, struct signal *signal)
{
    struct kc_arena arena;
    struct kc_source_signal texts;
    kc_arena_init(&arena, 0);
    struct kc_error *err = kc_source_signal_read(text, &arena, &texts);
    if (!err)
        err = signal_parse(kc_text(texts.id), kc_text(texts.type), kc_text(texts.data), signal);
    kc_arena_clear(&arena);
    return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct signal signal;
    struct snapshot_request request;
    struct kc_error *err = read(fuzz_text(data, size), &signal);
    if (!err) {
        for (int stop = 0; stop < 2; stop++) {
            struct kc_error *refused = snapshot_request_read(&signal, stop, &request);
            if (!refused)
                snapshot_request_clear(&request);
            kc_error_free(refused);
        }
        signal_clear(&signal);
    }
    kc_error_free(err);
    return 0;
}
