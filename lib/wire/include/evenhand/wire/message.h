/* SPDX-License-Identifier: Apache-2.0
 * wire/message.h: protobuf messages as canonical bytes.
 * Canonical: fields in ascending number, proto3 defaults absent, no unknown fields. What is hashed
 * or signed is always read this way; reading gives the one message that has exactly these bytes.
 * Source   protobuf encoding, https://protobuf.dev/programming-guides/encoding
 * Memory   messages are on protobuf-c's heap; evh_wire_free     Tests  unit/wire */
#ifndef EVH_WIRE_MESSAGE_H
#define EVH_WIRE_MESSAGE_H

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"

/* Of protobuf-c; generated messages start with the first. */
struct ProtobufCBinaryData;
struct ProtobufCMessage;
struct ProtobufCMessageDescriptor;

/* Appends a message's canonical bytes. Fails MEMORY. */
EVH_MUST_USE evh_status evh_wire_pack(evh_buffer *out, const struct ProtobufCMessage *message);

/* Reads a message from canonical bytes.
 *   out   address of a pointer to the generated struct; NULL on failure; free with evh_wire_free
 *   what  names the message in texts
 * Fails    ENCODING malformed or not canonical, unknown fields included; MEMORY. */
EVH_MUST_USE evh_status evh_wire_unpack(void *out, const struct ProtobufCMessageDescriptor *type,
                                        evh_view bytes, const char *what);

/* Frees what evh_wire_unpack gave; takes the address of the pointer, accepts NULL, leaves NULL. */
void evh_wire_free(void *address_of_pointer);

/* ---- fields ---- */

/* Makes a field of a message that is about to be packed borrow bytes. */
void evh_wire_set_bytes(struct ProtobufCBinaryData *field, evh_view bytes);

/* The same for a text field, NUL-terminated. */
void evh_wire_set_text(char **field, const char *text);

/* The bytes of a field, borrowed from its message. */
evh_view evh_wire_bytes(const struct ProtobufCBinaryData *field);

/* Copies a field of exactly len bytes. Fails LENGTH; `what` names the field. */
EVH_MUST_USE evh_status evh_wire_copy_bytes(uint8_t *out, size_t len,
                                            const struct ProtobufCBinaryData *field,
                                            const char *what);

#endif
