/* Signals: any text is one or is refused, and so is what a snapshot signal asks for. */
#include "sources/common/signals.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct signal signal;
    struct snapshot_request request;
    struct kc_error *err = signal_parse_json(fuzz_text(data, size), &signal);
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
