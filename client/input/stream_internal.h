/* SPDX-License-Identifier: Apache-2.0
 * input/stream_internal.h: the part of a source that is in memory: from the start of the current
 * row on. Positions count from the start of the source, so they survive a refill.
 * Memory   EVH_INPUT_ROW_BYTES_MAX plus slack at most */
#ifndef EVH_INPUT_STREAM_INTERNAL_H
#define EVH_INPUT_STREAM_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"
#include "evenhand/input/source.h"

/* Bytes behind the end that may be read (they are zero), so that blocks need no special end. */
enum { EVH_INPUT_STREAM_SLACK = 64 };

typedef struct evh_input_stream {
    evh_input_source source;
    evh_buffer buffer;
    uint64_t base; /* position of the buffer's first byte */
    bool ended;    /* the source has no more */
} evh_input_stream;

evh_input_stream evh_input_stream_init(evh_input_source source);

void evh_input_stream_clear(evh_input_stream *stream);

/* Position behind the last byte in memory. */
static inline uint64_t evh_input_stream_end(const evh_input_stream *stream)
{
    return stream->base + stream->buffer.len;
}

/* The byte at a position that is in memory. */
static inline const uint8_t *evh_input_stream_at(const evh_input_stream *stream, uint64_t at)
{
    return stream->buffer.data + (at - stream->base);
}

/* Forgets what is before `keep` and reads on; sets ended when there is no more. Pointers into the
 * stream are void afterwards.
 *   keep   base..end, with end - keep <= EVH_INPUT_ROW_BYTES_MAX
 * Fails    what the source fails with, MEMORY */
EVH_MUST_USE evh_status evh_input_stream_more(evh_input_stream *stream, uint64_t keep);

/* After the end: asks the source whether what was read is consistent. */
EVH_MUST_USE evh_status evh_input_stream_finish(evh_input_stream *stream);

#endif
