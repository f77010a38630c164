/* Any bytes are a history in the formats fastlin and fptlin, or are refused with a
 * sentence. */
#include "tests/fuzz/any_reading.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_anything(data, size, "fastlin");
    read_anything(data, size, "fptlin");
    read_anything(data, size, NULL);
    return 0;
}
