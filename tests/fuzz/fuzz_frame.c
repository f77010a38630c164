/* Frames from a stranger: what is taken off a stream was put on it by frame_append,
 * byte for byte, and reading in two pieces finds the same. */
#include <assert.h>
#include <string.h>

#include "io/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes rest = {data, size}, payload;
    struct buffer again = {0};
    enum frame_state state;
    while ((state = frame_next(&rest, &payload)) == FRAME_WHOLE) {
        assert(payload.size <= FRAME_PAYLOAD_BYTES_MAX);
        bool appended = frame_append(&again, payload);
        assert(appended);
    }
    assert(again.size + rest.size == size);
    assert(again.size == 0 || memcmp(again.at, data, again.size) == 0);
    /* More bytes never mend what is damaged. */
    struct bytes half = {data, size / 2};
    while (frame_next(&half, &payload) == FRAME_WHOLE)
        ;
    if (frame_next(&half, &payload) == FRAME_DAMAGED)
        assert(state == FRAME_DAMAGED);
    buffer_done(&again);
    return 0;
}
