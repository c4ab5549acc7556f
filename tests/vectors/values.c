/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "vectors.h"

evh_status vector_array(const json_t *object, const char *key, json_t **out)
{
    evh_status status = evh_ok();
    *out = json_object_get(object, key);
    EVH_REQUIRE(json_is_array(*out), EVH_ERR_INPUT, "%s is %s", key,
                *out == NULL ? "missing" : "no array");
done:
    return status;
}

evh_status vector_element(const json_t *array, size_t index, const char *what, json_t **out)
{
    evh_status status = evh_ok();
    *out = json_array_get(array, index);
    EVH_REQUIRE(*out != NULL, EVH_ERR_INPUT, "%s has no element %zu", what, index);
done:
    return status;
}

static evh_status digits_to_integer(const char *text, const char *what, evh_u128 *out)
{
    evh_status status = evh_ok();
    EVH_REQUIRE(text[0] != '-', EVH_ERR_RANGE, "%s is negative", what);
    EVH_REQUIRE(text[0] != '\0' && strspn(text, "0123456789") == strlen(text), EVH_ERR_INPUT,
                "%s is no integer", what);
    for (const char *digit = text; *digit != '\0'; digit++) {
        evh_u128 value = 0;
        EVH_REQUIRE(!__builtin_mul_overflow(*out, (evh_u128)10, &value) &&
                        !__builtin_add_overflow(value, (evh_u128)(*digit - '0'), &value),
                    EVH_ERR_RANGE, "%s has more than 128 bits", what);
        *out = value;
    }
done:
    return status;
}

evh_status vector_integer(const json_t *value, const char *what, evh_u128 *out)
{
    evh_status status = evh_ok();
    *out = 0;
    if (json_is_string(value)) {
        EVH_TRY(digits_to_integer(json_string_value(value), what, out));
    } else if (json_is_boolean(value)) {
        *out = json_is_true(value) ? 1 : 0;
    } else {
        EVH_REQUIRE(json_is_integer(value), EVH_ERR_INPUT, "%s is %s", what,
                    value == NULL ? "missing" : "no integer");
        EVH_REQUIRE(json_integer_value(value) >= 0, EVH_ERR_RANGE, "%s is negative", what);
        *out = (evh_u128)json_integer_value(value);
    }
done:
    return status;
}

evh_status vector_count(const json_t *object, const char *key, uint64_t max, uint64_t *out)
{
    evh_status status = evh_ok();
    evh_u128 value = 0;
    *out = 0;
    EVH_TRY(vector_integer(json_object_get(object, key), key, &value));
    EVH_REQUIRE(value <= max, EVH_ERR_RANGE, "%s is larger than %llu", key,
                (unsigned long long)max);
    *out = (uint64_t)value;
done:
    return status;
}

evh_status vector_hex(const json_t *value, const char *what, evh_buffer *out)
{
    evh_status status = evh_ok();
    evh_view digits = evh_view_of(NULL, 0);
    uint8_t *bytes = NULL;
    evh_buffer_clear(out);
    EVH_REQUIRE(json_is_string(value), EVH_ERR_INPUT, "%s is %s", what,
                value == NULL ? "missing" : "no text of hex digits");
    digits = evh_view_of(json_string_value(value), json_string_length(value));
    EVH_TRY(evh_buffer_extend(out, digits.len / 2, &bytes));
    EVH_TRY(evh_status_in(evh_hex_decode(bytes, digits.len / 2, digits), "%s", what));
done:
    return status;
}

evh_status vector_hex_key(const json_t *object, const char *key, evh_buffer *out)
{
    return vector_hex(json_object_get(object, key), key, out);
}

evh_status vector_same(evh_view actual, evh_view expected, const char *what)
{
    evh_status status = evh_ok();
    size_t common = actual.len < expected.len ? actual.len : expected.len;
    size_t at = 0;
    while (at < common && actual.data[at] == expected.data[at])
        at++;
    EVH_REQUIRE(at == common, EVH_ERR_INPUT, "%s differs at byte %zu: computed %02x, file has %02x",
                what, at, actual.data[at], expected.data[at]);
    EVH_REQUIRE(actual.len == expected.len, EVH_ERR_INPUT,
                "%s differs: computed %zu bytes, file has %zu", what, actual.len, expected.len);
done:
    return status;
}
