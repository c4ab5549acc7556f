/* SPDX-License-Identifier: Apache-2.0 */
#include "json_internal.h"

static const char *reason_of(enum json_error_code code)
{
    switch (code) {
    case json_error_invalid_utf8:
        return "not UTF-8";
    case json_error_null_character:
    case json_error_null_byte_in_key:
        return "a NUL character in a string";
    case json_error_duplicate_key:
        return "a key that was there before";
    case json_error_numeric_overflow:
        return "a number too large to be one";
    case json_error_premature_end_of_input:
        return "the end inside the JSON value";
    case json_error_end_of_input_expected:
        return "something behind the JSON value";
    case json_error_stack_overflow:
        return "too deeply nested";
    default:
        return "not valid JSON";
    }
}

evh_status evh_input_json_parse(json_t **out, evh_view text)
{
    json_error_t error;
    *out = json_loadb((const char *)text.data, text.len,
                      JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, &error);
    if (*out == NULL && json_error_code(&error) == json_error_out_of_memory)
        return evh_fail(EVH_ERR_MEMORY, "no memory for a JSON value");
    if (*out == NULL)
        return evh_fail(EVH_ERR_INPUT, "byte %d: %s", error.position,
                        reason_of(json_error_code(&error)));
    if (!json_is_object(*out)) {
        json_decref(*out);
        *out = NULL;
        return evh_fail(EVH_ERR_INPUT, "a JSON object {...} is expected");
    }
    return evh_ok();
}
