/* SPDX-License-Identifier: Apache-2.0 */
#include "stream_internal.h"

#include <string.h>

#include "evenhand/input/rows.h"

/* Small enough for the second-level cache, large enough that a system call is cheap beside it. */
enum { FIRST_BYTES = 256 << 10 };

evh_input_stream evh_input_stream_init(evh_input_source source)
{
    evh_input_stream stream = {
        .source = source,
        .buffer = evh_buffer_init(EVH_INPUT_ROW_BYTES_MAX + FIRST_BYTES + EVH_INPUT_STREAM_SLACK),
        .base = 0,
        .ended = false};
    return stream;
}

void evh_input_stream_clear(evh_input_stream *stream)
{
    evh_buffer_clear(&stream->buffer);
}

static void drop_front(evh_input_stream *stream, uint64_t keep)
{
    evh_buffer *buffer = &stream->buffer;
    size_t dropped = (size_t)(keep - stream->base);
    if (dropped == 0)
        return;
    buffer->len -= dropped;
    memmove(buffer->data, buffer->data + dropped, buffer->len);
    stream->base = keep;
}

evh_status evh_input_stream_more(evh_input_stream *stream, uint64_t keep)
{
    evh_status status = evh_ok();
    evh_buffer *buffer = &stream->buffer;
    size_t room = 0;
    size_t got = 0;
    drop_front(stream, keep);
    if (buffer->capacity == 0)
        EVH_TRY(evh_buffer_reserve(buffer, FIRST_BYTES + EVH_INPUT_STREAM_SLACK));
    else
        EVH_TRY(evh_buffer_reserve(buffer, EVH_INPUT_STREAM_SLACK + 1));
    room = buffer->capacity - buffer->len - EVH_INPUT_STREAM_SLACK;
    EVH_TRY(stream->source.read(stream->source.context, buffer->data + buffer->len, room, &got));
    EVH_INVARIANT(got <= room);
    buffer->len += got;
    memset(buffer->data + buffer->len, 0, EVH_INPUT_STREAM_SLACK);
    stream->ended = got == 0;

done:
    return status;
}

evh_status evh_input_stream_finish(evh_input_stream *stream)
{
    if (stream->source.finish == NULL)
        return evh_ok();
    return stream->source.finish(stream->source.context);
}
