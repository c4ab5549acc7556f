/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/wire/message.h"

#include <string.h>

#include <protobuf-c/protobuf-c.h>

#include "evenhand/base/limits.h"

evh_status evh_wire_pack(evh_buffer *out, const struct ProtobufCMessage *message)
{
    uint8_t *to = NULL;
    size_t len = protobuf_c_message_get_packed_size(message);
    evh_status status = evh_buffer_extend(out, len, &to);
    if (status.code == EVH_OK && len > 0)
        (void)protobuf_c_message_pack(message, to);
    return status;
}

/* The sub-message of a field that holds one, or NULL when the field is not set. */
static const ProtobufCMessage *sub_message(const ProtobufCMessage *message,
                                           const ProtobufCFieldDescriptor *field, size_t index)
{
    const uint8_t *base = (const uint8_t *)message;
    const void *place = base + field->offset;
    const ProtobufCMessage *const *list = NULL;
    const ProtobufCMessage *only = NULL;
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        memcpy(&list, place, sizeof(void *));
        return list[index];
    }
    memcpy(&only, place, sizeof only);
    return only;
}

static size_t sub_message_count(const ProtobufCMessage *message,
                                const ProtobufCFieldDescriptor *field)
{
    const uint8_t *base = (const uint8_t *)message;
    size_t count = 0;
    uint32_t kind = 0;
    if (field->type != PROTOBUF_C_TYPE_MESSAGE)
        return 0;
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        memcpy(&count, base + field->quantifier_offset, sizeof count);
        return count;
    }
    if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0)
        return 1;
    /* Members of a oneof share their place: the case tells whose it is. */
    memcpy(&kind, base + field->quantifier_offset, sizeof kind);
    return kind == field->id ? 1 : 0;
}

/* protobuf-c keeps unknown fields and writes them back, at every depth, so comparing the bytes of a
 * round trip does not find them. Depth is bounded by the message types, none of which is recursive.
 */
static bool has_unknown_fields(const ProtobufCMessage *message)
{
    if (message->n_unknown_fields > 0)
        return true;
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        size_t count = sub_message_count(message, field);
        for (size_t k = 0; k < count; k++) {
            const ProtobufCMessage *sub = sub_message(message, field, k);
            if (sub != NULL && has_unknown_fields(sub))
                return true;
        }
    }
    return false;
}

evh_status evh_wire_unpack(void *out, const struct ProtobufCMessageDescriptor *type, evh_view bytes,
                           const char *what)
{
    ProtobufCMessage *message = NULL;
    memcpy(out, &message, sizeof message);
    evh_buffer again = evh_buffer_init(bytes.len);
    evh_status status = evh_ok();
    EVH_REQUIRE(bytes.len <= EVH_REPORT_BYTES_MAX, EVH_ERR_ENCODING, "%s: %zu bytes are too many",
                what, bytes.len);
    message = protobuf_c_message_unpack(type, NULL, bytes.len, bytes.data);
    EVH_REQUIRE(message != NULL, EVH_ERR_ENCODING, "%s: not a protobuf message of this type", what);
    EVH_REQUIRE(!has_unknown_fields(message), EVH_ERR_ENCODING, "%s: unknown fields", what);
    EVH_REQUIRE(protobuf_c_message_get_packed_size(message) == bytes.len, EVH_ERR_ENCODING,
                "%s: not in canonical form", what);
    EVH_TRY(evh_wire_pack(&again, message));
    EVH_REQUIRE(evh_view_equal(evh_buffer_view(&again), bytes), EVH_ERR_ENCODING,
                "%s: not in canonical form", what);
    memcpy(out, &message, sizeof message);
    message = NULL;
done:
    evh_buffer_clear(&again);
    if (message != NULL)
        protobuf_c_message_free_unpacked(message, NULL);
    return status;
}

void evh_wire_free(void *address_of_pointer)
{
    ProtobufCMessage *message = NULL;
    memcpy(&message, address_of_pointer, sizeof message);
    if (message != NULL)
        protobuf_c_message_free_unpacked(message, NULL);
    message = NULL;
    memcpy(address_of_pointer, &message, sizeof message);
}

void evh_wire_set_bytes(ProtobufCBinaryData *field, evh_view bytes)
{
    /* protobuf-c only reads what it packs, but its type is not const. */
    field->len = bytes.len;
    memcpy(&field->data, &bytes.data, sizeof field->data);
}

void evh_wire_set_text(char **field, const char *text)
{
    memcpy(field, &text, sizeof *field);
}

evh_view evh_wire_bytes(const ProtobufCBinaryData *field)
{
    return evh_view_of(field->data, field->len);
}

evh_status evh_wire_copy_bytes(uint8_t *out, size_t len, const ProtobufCBinaryData *field,
                               const char *what)
{
    if (field->len != len)
        return evh_fail(EVH_ERR_LENGTH, "%s has %zu bytes, expected %zu", what, field->len, len);
    memcpy(out, field->data, len);
    return evh_ok();
}
