/* SPDX-License-Identifier: Apache-2.0
 * base/bytes.h: borrowed views, owned buffers, and strict reading and writing of wire integers.
 * Secret   a buffer may hold secrets: it is wiped when it grows, shrinks or is cleared
 * Threads  one thread per object          Memory   buffers allocate up to their ceiling
 * Tests    unit/base/test_bytes.c */
#ifndef EVH_BASE_BYTES_H
#define EVH_BASE_BYTES_H

#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/status.h"

/* Borrowed, read-only. Valid as long as what it points into. data may be NULL only if len is 0. */
typedef struct evh_view {
    const uint8_t *data;
    size_t len; /* bytes */
} evh_view;

/* Owned and growing, never beyond its ceiling. All zero is not a valid buffer: init it first. */
typedef struct evh_buffer {
    uint8_t *data;
    size_t len;      /* bytes in use */
    size_t capacity; /* bytes allocated */
    size_t ceiling;  /* bytes it may ever hold */
} evh_buffer;

static inline evh_view evh_view_of(const void *data, size_t len)
{
    evh_view view = {.data = (const uint8_t *)data, .len = len};
    return view;
}

/* A view of a NUL-terminated text, without the NUL. */
evh_view evh_view_of_text(const char *text);

/* True when both hold the same bytes. Public data only: not constant time. */
bool evh_view_equal(evh_view a, evh_view b);

/* Bytewise order, a shorter prefix first: -1, 0 or 1. Public data only. */
int evh_view_compare(evh_view a, evh_view b);

/* The view without ASCII white space (space, tab, line ends, vertical tab, form feed) at its ends.
 */
evh_view evh_view_trim(evh_view view);

/* ---- buffers ---- */

/* An empty buffer that may grow to `ceiling` bytes. Allocates nothing yet, cannot fail. */
static inline evh_buffer evh_buffer_init(size_t ceiling)
{
    evh_buffer buffer = {.data = NULL, .len = 0, .capacity = 0, .ceiling = ceiling};
    return buffer;
}

/* Wipes and frees the content; the buffer stays usable and empty. */
void evh_buffer_clear(evh_buffer *buffer);

/* Makes room for `extra` more bytes. Fails MEMORY over the ceiling or without memory. */
EVH_MUST_USE evh_status evh_buffer_reserve(evh_buffer *buffer, size_t extra);

/* Appends. The view must not point into the buffer. Fails MEMORY, and then nothing was added. */
EVH_MUST_USE evh_status evh_buffer_append(evh_buffer *buffer, evh_view view);

/* Appends a printf-style text without its NUL. Fails MEMORY. */
EVH_MUST_USE evh_status evh_buffer_format(evh_buffer *buffer, const char *format, ...)
    EVH_PRINTF(2, 3);

/* Appends `len` zero bytes and points *out at them, for the caller to fill before the next append.
 * With len 0 *out may be NULL. Fails MEMORY, and then *out is NULL. */
EVH_MUST_USE evh_status evh_buffer_extend(evh_buffer *buffer, size_t len, uint8_t **out);

/* Shortens to `len` bytes (no more than now) and wipes the rest. */
void evh_buffer_truncate(evh_buffer *buffer, size_t len);

/* Append one integer, big endian. Fail MEMORY. */
EVH_MUST_USE evh_status evh_buffer_u8(evh_buffer *buffer, uint8_t value);
EVH_MUST_USE evh_status evh_buffer_be16(evh_buffer *buffer, uint16_t value);
EVH_MUST_USE evh_status evh_buffer_be32(evh_buffer *buffer, uint32_t value);
EVH_MUST_USE evh_status evh_buffer_be64(evh_buffer *buffer, uint64_t value);

static inline evh_view evh_buffer_view(const evh_buffer *buffer)
{
    return evh_view_of(buffer->data, buffer->len);
}

/* ---- reading ---- */

/* What is left of a message. Reads take from the front; a failed read takes nothing. */
typedef struct evh_reader {
    evh_view rest;
} evh_reader;

static inline evh_reader evh_reader_of(evh_view view)
{
    evh_reader reader = {.rest = view};
    return reader;
}

/* Each fails LENGTH when fewer bytes are left; `what` names the field in the text. */
EVH_MUST_USE evh_status evh_read_u8(evh_reader *reader, const char *what, uint8_t *out);
EVH_MUST_USE evh_status evh_read_be16(evh_reader *reader, const char *what, uint16_t *out);
EVH_MUST_USE evh_status evh_read_be32(evh_reader *reader, const char *what, uint32_t *out);
EVH_MUST_USE evh_status evh_read_be64(evh_reader *reader, const char *what, uint64_t *out);

/* Borrows the next `len` bytes. Fails LENGTH. */
EVH_MUST_USE evh_status evh_read_view(evh_reader *reader, const char *what, size_t len,
                                      evh_view *out);

/* Copies the next `len` bytes to out. Fails LENGTH. */
EVH_MUST_USE evh_status evh_read_bytes(evh_reader *reader, const char *what, uint8_t *out,
                                       size_t len);

/* Fails TRAILING if anything is left. */
EVH_MUST_USE evh_status evh_read_end(const evh_reader *reader, const char *what);

/* ---- text forms, public data only ---- */

/* Writes 2*len lower-case hex digits and a NUL to out. */
void evh_hex_encode(char *out, evh_view bytes);

/* Reads exactly 2*len hex digits (either case). Fails LENGTH or ENCODING; out is then all zero. */
EVH_MUST_USE evh_status evh_hex_decode(uint8_t *out, size_t len, evh_view hex);

/* Appends standard base64 with padding (RFC 4648 section 4). Fails MEMORY. */
EVH_MUST_USE evh_status evh_base64_encode(evh_buffer *out, evh_view bytes);

/* Appends the decoded bytes; only canonical standard base64 with padding is read. Fails ENCODING or
 * MEMORY, and then nothing was added. */
EVH_MUST_USE evh_status evh_base64_decode(evh_buffer *out, evh_view text);

#endif
