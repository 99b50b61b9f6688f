/* .properties files. */
#include "config/props.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct kc_props props = { 0 };
    kc_error_free(kc_props_parse(fuzz_text(data, size), &props));
    kc_props_clear(&props);
    return 0;
}
