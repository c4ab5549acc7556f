/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/base/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/base/secret.h"
#include "evenhand/base/sizes.h"

evh_view evh_view_of_text(const char *text)
{
    return evh_view_of(text, strlen(text));
}

bool evh_view_equal(evh_view a, evh_view b)
{
    return evh_view_compare(a, b) == 0;
}

int evh_view_compare(evh_view a, evh_view b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common == 0 ? 0 : memcmp(a.data, b.data, common);
    if (order == 0)
        return (a.len > b.len) - (a.len < b.len);
    return order < 0 ? -1 : 1;
}

static bool is_white(uint8_t byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

evh_view evh_view_trim(evh_view view)
{
    while (view.len > 0 && is_white(view.data[view.len - 1]))
        view.len--;
    while (view.len > 0 && is_white(view.data[0])) {
        view.data++;
        view.len--;
    }
    return view;
}

void evh_buffer_clear(evh_buffer *buffer)
{
    evh_wipe(buffer->data, buffer->capacity);
    free(buffer->data);
    *buffer = evh_buffer_init(buffer->ceiling);
}

/* Not realloc: it may leave a copy of a secret behind. */
static evh_status buffer_move(evh_buffer *buffer, size_t capacity)
{
    uint8_t *data = malloc(capacity);
    if (data == NULL)
        return evh_fail(EVH_ERR_MEMORY, "no memory for %zu bytes", capacity);
    if (buffer->len > 0)
        memcpy(data, buffer->data, buffer->len);
    evh_wipe(buffer->data, buffer->capacity);
    free(buffer->data);
    buffer->data = data;
    buffer->capacity = capacity;
    return evh_ok();
}

evh_status evh_buffer_reserve(evh_buffer *buffer, size_t extra)
{
    size_t needed = 0;
    if (!evh_size_add(buffer->len, extra, &needed) || needed > buffer->ceiling)
        return evh_fail(EVH_ERR_MEMORY, "%zu more bytes after %zu pass the limit of %zu", extra,
                        buffer->len, buffer->ceiling);
    if (needed <= buffer->capacity)
        return evh_ok();
    size_t doubled = 0;
    if (!evh_size_mul(buffer->capacity, 2, &doubled) || doubled < needed)
        doubled = needed;
    if (doubled < 64)
        doubled = 64;
    return buffer_move(buffer, doubled > buffer->ceiling ? buffer->ceiling : doubled);
}

evh_status evh_buffer_extend(evh_buffer *buffer, size_t len, uint8_t **out)
{
    *out = NULL;
    evh_status status = evh_buffer_reserve(buffer, len);
    if (status.code != EVH_OK)
        return status;
    if (len == 0) {
        *out = buffer->data;
        return status;
    }
    *out = buffer->data + buffer->len;
    memset(*out, 0, len);
    buffer->len += len;
    return evh_ok();
}

evh_status evh_buffer_append(evh_buffer *buffer, evh_view view)
{
    uint8_t *to = NULL;
    evh_status status = evh_buffer_extend(buffer, view.len, &to);
    if (status.code == EVH_OK && view.len > 0)
        memcpy(to, view.data, view.len);
    return status;
}

evh_status evh_buffer_format(evh_buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (len < 0)
        return evh_fail(EVH_ERR_INTERNAL, "a text could not be formatted");
    /* One byte more than the text, for vsnprintf's NUL; it is taken back. */
    uint8_t *to = NULL;
    evh_status status = evh_buffer_extend(buffer, (size_t)len + 1, &to);
    if (status.code != EVH_OK)
        return status;
    va_start(arguments, format);
    (void)vsnprintf((char *)to, (size_t)len + 1, format, arguments);
    va_end(arguments);
    buffer->len -= 1;
    return evh_ok();
}

void evh_buffer_truncate(evh_buffer *buffer, size_t len)
{
    if (len >= buffer->len)
        return;
    evh_wipe(buffer->data + len, buffer->len - len);
    buffer->len = len;
}

static evh_status append_integer(evh_buffer *buffer, uint64_t value, unsigned width)
{
    uint8_t bytes[8];
    for (unsigned i = 0; i < width; i++)
        bytes[i] = (uint8_t)(value >> (8 * (width - 1 - i)));
    return evh_buffer_append(buffer, evh_view_of(bytes, width));
}

evh_status evh_buffer_u8(evh_buffer *buffer, uint8_t value)
{
    return append_integer(buffer, value, 1);
}

evh_status evh_buffer_be16(evh_buffer *buffer, uint16_t value)
{
    return append_integer(buffer, value, 2);
}

evh_status evh_buffer_be32(evh_buffer *buffer, uint32_t value)
{
    return append_integer(buffer, value, 4);
}

evh_status evh_buffer_be64(evh_buffer *buffer, uint64_t value)
{
    return append_integer(buffer, value, 8);
}

evh_status evh_read_view(evh_reader *reader, const char *what, size_t len, evh_view *out)
{
    *out = evh_view_of(NULL, 0);
    if (len > reader->rest.len)
        return evh_fail(EVH_ERR_LENGTH, "%s: needs %zu bytes, %zu are left", what, len,
                        reader->rest.len);
    if (len == 0)
        return evh_ok();
    *out = evh_view_of(reader->rest.data, len);
    reader->rest = evh_view_of(reader->rest.data + len, reader->rest.len - len);
    return evh_ok();
}

evh_status evh_read_bytes(evh_reader *reader, const char *what, uint8_t *out, size_t len)
{
    evh_view view;
    evh_status status = evh_read_view(reader, what, len, &view);
    if (status.code == EVH_OK && len > 0)
        memcpy(out, view.data, len);
    return status;
}

static evh_status read_integer(evh_reader *reader, const char *what, unsigned width, uint64_t *out)
{
    *out = 0;
    evh_view view;
    evh_status status = evh_read_view(reader, what, width, &view);
    if (status.code != EVH_OK)
        return status;
    for (unsigned i = 0; i < width; i++)
        *out |= (uint64_t)view.data[i] << (8 * (width - 1 - i));
    return status;
}

evh_status evh_read_u8(evh_reader *reader, const char *what, uint8_t *out)
{
    uint64_t value = 0;
    evh_status status = read_integer(reader, what, 1, &value);
    *out = (uint8_t)value;
    return status;
}

evh_status evh_read_be16(evh_reader *reader, const char *what, uint16_t *out)
{
    uint64_t value = 0;
    evh_status status = read_integer(reader, what, 2, &value);
    *out = (uint16_t)value;
    return status;
}

evh_status evh_read_be32(evh_reader *reader, const char *what, uint32_t *out)
{
    uint64_t value = 0;
    evh_status status = read_integer(reader, what, 4, &value);
    *out = (uint32_t)value;
    return status;
}

evh_status evh_read_be64(evh_reader *reader, const char *what, uint64_t *out)
{
    return read_integer(reader, what, 8, out);
}

evh_status evh_read_end(const evh_reader *reader, const char *what)
{
    if (reader->rest.len > 0)
        return evh_fail(EVH_ERR_TRAILING, "%s: %zu bytes after its end", what, reader->rest.len);
    return evh_ok();
}
