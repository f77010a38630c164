/* Whatever comes in: decoding either says why not, or gives a message that
 * encodes to the very same bytes. */
#include <assert.h>
#include <string.h>

#include "store/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct wire_space space;
    static struct buffer again;
    struct message m;
    struct err err = {0};
    if (wire_decode((struct bytes){data, size}, &space, &m, &err)) {
        assert(err.msg[0] != '\0');
        return 0;
    }
    again.size = 0;
    if (!wire_encode(&m, &again))
        return 0;
    assert(size == again.size && memcmp(data, again.at, size) == 0);
    return 0;
}
