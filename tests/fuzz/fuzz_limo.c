/* Any bytes are a history in the format limo, or are refused with a sentence. */
#include "tests/fuzz/any_reading.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_anything(data, size, "limo");
    read_anything(data, size, NULL);
    return 0;
}
