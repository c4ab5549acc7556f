/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vectors.h"

/* Numbers up to this many digits fit the parser's 64-bit integers. */
enum { SAFE_DIGITS = 17 };

static evh_status read_whole(evh_buffer *out, const char *path)
{
    evh_status status = evh_ok();
    uint8_t chunk[16384];
    size_t got = 0;
    FILE *file = fopen(path, "rb");
    EVH_REQUIRE(file != NULL, EVH_ERR_STORE, "cannot be opened: %s", strerror(errno));
    while ((got = fread(chunk, 1, sizeof chunk, file)) > 0)
        EVH_TRY(evh_buffer_append(out, evh_view_of(chunk, got)));
    EVH_REQUIRE(ferror(file) == 0, EVH_ERR_STORE, "cannot be read: %s", strerror(errno));
done:
    if (file != NULL)
        (void)fclose(file);
    return status;
}

/* The length of the plain integer that starts at text[at], sign included; 0 if none does, or if it
 * goes on as a fraction or with an exponent. */
static size_t integer_length(evh_view text, size_t at)
{
    size_t end = at + (text.data[at] == '-');
    size_t digits = end;
    while (end < text.len && isdigit(text.data[end]))
        end++;
    if (end == digits)
        return 0;
    bool goes_on = end < text.len && strchr(".eE", text.data[end]) != NULL;
    return goes_on ? 0 : end - at;
}

/* Copies JSON with every long integer in quotes. Strings are copied as they are. */
static evh_status quote_long_integers(evh_buffer *out, evh_view text)
{
    evh_status status = evh_ok();
    bool in_string = false;
    size_t at = 0;
    while (at < text.len) {
        uint8_t byte = text.data[at];
        size_t integer = in_string ? 0 : integer_length(text, at);
        size_t take = integer > 0 ? integer : 1;
        if (in_string && byte == '\\' && at + 1 < text.len)
            take = 2;
        bool quote = integer > SAFE_DIGITS;
        if (quote)
            EVH_TRY(evh_buffer_u8(out, '"'));
        EVH_TRY(evh_buffer_append(out, evh_view_of(text.data + at, take)));
        if (quote)
            EVH_TRY(evh_buffer_u8(out, '"'));
        if (byte == '"')
            in_string = !in_string;
        at += take;
    }
done:
    return status;
}

evh_status vector_load(json_t **out, const char *path)
{
    evh_status status = evh_ok();
    evh_buffer text = evh_buffer_init(VECTOR_BYTES_MAX);
    evh_buffer quoted = evh_buffer_init(VECTOR_BYTES_MAX);
    json_error_t error;
    *out = NULL;
    EVH_TRY(read_whole(&text, path));
    EVH_TRY(quote_long_integers(&quoted, evh_buffer_view(&text)));
    *out = json_loadb(quoted.len > 0 ? (const char *)quoted.data : "", quoted.len,
                      JSON_REJECT_DUPLICATES, &error);
    EVH_REQUIRE(*out != NULL, EVH_ERR_INPUT, "is not JSON, line %d: %.80s", error.line, error.text);
    if (!json_is_object(*out)) {
        json_decref(*out);
        *out = NULL;
        status = evh_fail(EVH_ERR_INPUT, "is no JSON object");
    }
done:
    evh_buffer_clear(&quoted);
    evh_buffer_clear(&text);
    return status;
}
