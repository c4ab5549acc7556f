/* SPDX-License-Identifier: Apache-2.0
 * Byte fields of generated messages, in and out. */
#ifndef EVH_PROTOCOL_FIELDS_INTERNAL_H
#define EVH_PROTOCOL_FIELDS_INTERNAL_H

#include <protobuf-c/protobuf-c.h>

#include "evenhand/base/status.h"

/* Borrows bytes for a message that is about to be packed. */
ProtobufCBinaryData evh_protocol_bytes(const uint8_t *bytes, size_t len);

/* Copies a field of exactly len bytes. Fails LENGTH; `what` names the field. */
EVH_MUST_USE evh_status evh_protocol_copy(uint8_t *out, size_t len, ProtobufCBinaryData from,
                                          const char *what);

#endif
