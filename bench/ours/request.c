/* SPDX-License-Identifier: Apache-2.0 */
#include "request.h"

#include <stdlib.h>
#include <string.h>

#include "evenhand/base/sizes.h"

/* Takes what stands before the separator, or all, from the front of rest. */
static evh_view take(evh_view *rest, uint8_t separator)
{
    const uint8_t *end = rest->len == 0 ? NULL : memchr(rest->data, separator, rest->len);
    size_t len = end == NULL ? rest->len : (size_t)(end - rest->data);
    size_t used = end == NULL ? len : len + 1;
    evh_view part = evh_view_of(rest->data, len);
    *rest = evh_view_of(rest->data + used, rest->len - used);
    return part;
}

evh_status request_parse(bench_request *out, evh_view line)
{
    evh_status status = evh_ok();
    evh_view rest = line;
    memset(out, 0, sizeof *out);
    out->command = take(&rest, ' ');
    EVH_REQUIRE(out->command.len > 0, EVH_ERR_INPUT, "no command");
    while (rest.len > 0) {
        evh_view word = take(&rest, ' ');
        EVH_REQUIRE(out->count < REQUEST_VALUES_MAX, EVH_ERR_INPUT, "too many values");
        request_value *value = &out->values[out->count++];
        value->key = take(&word, '=');
        value->value = word;
    }
done:
    return status;
}

bool request_is(const bench_request *request, const char *command)
{
    return evh_view_equal(request->command, evh_view_of_text(command));
}

evh_status request_text(const bench_request *request, const char *key, evh_view *out)
{
    for (size_t i = 0; i < request->count; i++) {
        if (evh_view_equal(request->values[i].key, evh_view_of_text(key))) {
            *out = request->values[i].value;
            return evh_ok();
        }
    }
    return evh_fail(EVH_ERR_INPUT, "%s is missing", key);
}

static evh_status parse_number(evh_view text, const char *key, evh_u128 *out)
{
    evh_status status = evh_ok();
    evh_u128 value = 0;
    EVH_REQUIRE(text.len > 0, EVH_ERR_INPUT, "%s: an empty number", key);
    for (size_t i = 0; i < text.len; i++) {
        EVH_REQUIRE(text.data[i] >= '0' && text.data[i] <= '9', EVH_ERR_INPUT, "%s: not a number",
                    key);
        unsigned digit = text.data[i] - (unsigned)'0';
        EVH_REQUIRE(!__builtin_mul_overflow(value, (evh_u128)10, &value) &&
                        !__builtin_add_overflow(value, (evh_u128)digit, &value),
                    EVH_ERR_INPUT, "%s: a number over 128 bits", key);
    }
    *out = value;
done:
    return status;
}

evh_status request_number(const bench_request *request, const char *key, evh_u128 *out)
{
    evh_status status = evh_ok();
    evh_view text = evh_view_of(NULL, 0);
    EVH_TRY(request_text(request, key, &text));
    EVH_TRY(parse_number(text, key, out));
done:
    return status;
}

evh_status request_u32(const bench_request *request, const char *key, uint32_t *out)
{
    evh_status status = evh_ok();
    evh_u128 value = 0;
    EVH_TRY(request_number(request, key, &value));
    EVH_REQUIRE(value <= UINT32_MAX, EVH_ERR_INPUT, "%s: a number over 32 bits", key);
    *out = (uint32_t)value;
done:
    return status;
}

static evh_status append_hex(evh_view hex, const char *key, evh_buffer *out)
{
    evh_status status = evh_ok();
    uint8_t *bytes = NULL;
    EVH_REQUIRE(hex.len % 2 == 0, EVH_ERR_INPUT, "%s: an odd number of hex digits", key);
    EVH_TRY(evh_buffer_extend(out, hex.len / 2, &bytes));
    status = evh_hex_decode(bytes, hex.len / 2, hex);
    EVH_REQUIRE(status.code == EVH_OK, EVH_ERR_INPUT, "%s: not hex", key);
done:
    return status;
}

evh_status request_bytes(const bench_request *request, const char *key, evh_buffer *out)
{
    evh_status status = evh_ok();
    evh_view text = evh_view_of(NULL, 0);
    EVH_TRY(request_text(request, key, &text));
    EVH_TRY(append_hex(text, key, out));
done:
    return status;
}

evh_status request_array(const bench_request *request, const char *key, uint8_t *out, size_t len)
{
    evh_status status = evh_ok();
    evh_view text = evh_view_of(NULL, 0);
    EVH_TRY(request_text(request, key, &text));
    EVH_TRY(evh_hex_decode(out, len, text));
done:
    return status;
}

static size_t count_items(evh_view list)
{
    size_t count = 1;
    for (size_t i = 0; i < list.len; i++)
        count += list.data[i] == ',';
    return count;
}

evh_status request_numbers(const bench_request *request, const char *key, evh_u128 **out,
                           size_t *count)
{
    evh_status status = evh_ok();
    evh_view rest = evh_view_of(NULL, 0);
    evh_u128 *numbers = NULL;
    size_t used = 0;
    EVH_TRY(request_text(request, key, &rest));
    *count = count_items(rest);
    EVH_TRY(evh_alloc(&numbers, *count, sizeof *numbers, key));
    while (used < *count)
        EVH_TRY(parse_number(take(&rest, ','), key, &numbers[used++]));
    *out = numbers;
    numbers = NULL;
done:
    free(numbers);
    return status;
}

/* The views are made last: the buffer moves while it grows. */
evh_status request_byte_list(const bench_request *request, const char *key, byte_list *out)
{
    evh_status status = evh_ok();
    evh_view rest = evh_view_of(NULL, 0);
    size_t starts[REQUEST_LIST_MAX + 1] = {0};
    size_t count = 0;
    memset(out, 0, sizeof *out);
    out->bytes = evh_buffer_init(REQUEST_BYTES_MAX);
    EVH_TRY(request_text(request, key, &rest));
    count = count_items(rest);
    EVH_REQUIRE(count <= REQUEST_LIST_MAX, EVH_ERR_INPUT, "%s: too many items", key);
    EVH_TRY(evh_alloc(&out->items, count, sizeof *out->items, key));
    for (size_t i = 0; i < count; i++) {
        EVH_TRY(append_hex(take(&rest, ','), key, &out->bytes));
        starts[i + 1] = out->bytes.len;
    }
    for (size_t i = 0; i < count; i++)
        out->items[i] = evh_view_of(out->bytes.data + starts[i], starts[i + 1] - starts[i]);
    out->count = count;
done:
    if (status.code != EVH_OK)
        byte_list_clear(out);
    return status;
}

void byte_list_clear(byte_list *list)
{
    free(list->items);
    evh_buffer_clear(&list->bytes);
    list->items = NULL;
    list->count = 0;
}

evh_status answer_bytes(evh_buffer *out, const char *key, evh_view bytes)
{
    evh_status status = evh_ok();
    uint8_t *hex = NULL;
    EVH_TRY(evh_buffer_format(out, " %s=", key));
    EVH_TRY(evh_buffer_extend(out, 2 * bytes.len + 1, &hex));
    evh_hex_encode((char *)hex, bytes);
    evh_buffer_truncate(out, out->len - 1); /* the NUL */
done:
    return status;
}

static evh_status append_number(evh_buffer *out, evh_u128 value)
{
    char text[40];
    size_t at = sizeof text;
    do {
        text[--at] = (char)('0' + (int)(value % 10));
        value /= 10;
    } while (value > 0);
    return evh_buffer_append(out, evh_view_of(text + at, sizeof text - at));
}

evh_status answer_numbers(evh_buffer *out, const char *key, const evh_u128 *numbers, size_t count)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_buffer_format(out, " %s=", key));
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            EVH_TRY(evh_buffer_u8(out, ','));
        EVH_TRY(append_number(out, numbers[i]));
    }
done:
    return status;
}
