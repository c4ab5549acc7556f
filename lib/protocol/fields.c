/* SPDX-License-Identifier: Apache-2.0 */
#include "fields_internal.h"

#include <string.h>

ProtobufCBinaryData evh_protocol_bytes(const uint8_t *bytes, size_t len)
{
    /* protobuf-c only reads what it packs, but its type is not const. */
    ProtobufCBinaryData field = {.len = len, .data = NULL};
    memcpy(&field.data, &bytes, sizeof field.data);
    return field;
}

evh_status evh_protocol_copy(uint8_t *out, size_t len, ProtobufCBinaryData from, const char *what)
{
    if (from.len != len)
        return evh_fail(EVH_ERR_LENGTH, "%s has %zu bytes, expected %zu", what, from.len, len);
    memcpy(out, from.data, len);
    return evh_ok();
}
