/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/plan/canonical.h"

#include <string.h>

#include "evenhand/base/utf8.h"
#include "evenhand/scoring/text.h"
#include "evenhand/seal/hash.h"
#include "evenhand/wire/message.h"
#include "plan_internal.h"

evh_status evh_plan_encode(const evh_plan *plan, evh_buffer *out)
{
    return evh_wire_pack(out, &plan->message->base);
}

/* A text as the reader of YAML leaves it: NFC, trimmed, without control characters. */
static bool is_clean(evh_view text, evh_buffer *scratch)
{
    evh_view normal;
    evh_status status = evh_text_nfc(&normal, scratch, text);
    if (status.code != EVH_OK || !evh_view_equal(normal, text) ||
        !evh_view_equal(evh_view_trim(text), text))
        return false;
    for (size_t i = 0; i < text.len;) {
        uint32_t code = 0;
        size_t len = evh_utf8_decode(evh_view_of(text.data + i, text.len - i), &code);
        if (len == 0 || code < 0x20 || (code >= 0x7f && code < 0xa0))
            return false;
        i += len;
    }
    return text.len <= EVH_PLAN_VALUE_MAX;
}

static bool field_is_clean(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
                           evh_buffer *scratch);

static bool message_is_clean(const ProtobufCMessage *message, evh_buffer *scratch)
{
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        if (!field_is_clean(message, &message->descriptor->fields[i], scratch))
            return false;
    }
    return true;
}

static bool value_is_clean(const ProtobufCFieldDescriptor *field, const void *value,
                           evh_buffer *scratch)
{
    if (value == NULL)
        return true;
    if (field->type == PROTOBUF_C_TYPE_STRING) {
        evh_view text = evh_view_of_text(value);
        /* In a list an empty text is a value; elsewhere it is an absent one. */
        return is_clean(text, scratch) &&
               (text.len > 0 || field->label != PROTOBUF_C_LABEL_REPEATED);
    }
    return message_is_clean(value, scratch);
}

/* Walks the generated structs by their descriptors; every text and sub-message is a pointer. */
static bool field_is_clean(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
                           evh_buffer *scratch)
{
    const uint8_t *base = (const uint8_t *)message;
    if (field->type != PROTOBUF_C_TYPE_STRING && field->type != PROTOBUF_C_TYPE_MESSAGE)
        return true;
    void *pointer = NULL;
    memcpy(&pointer, base + field->offset, sizeof pointer);
    if (field->label != PROTOBUF_C_LABEL_REPEATED)
        return value_is_clean(field, pointer, scratch);
    size_t count = 0;
    memcpy(&count, base + field->quantifier_offset, sizeof count);
    for (size_t i = 0; i < count; i++) {
        void *item = NULL;
        memcpy(&item, (const uint8_t *)pointer + i * sizeof item, sizeof item);
        if (!value_is_clean(field, item, scratch))
            return false;
    }
    return true;
}

evh_status evh_plan_fill_id(evh_plan *plan)
{
    evh_status status = evh_ok();
    evh_buffer bytes = evh_buffer_init(EVH_PLAN_ARENA_MAX);
    if (plan->has_noise) {
        EVH_TRY(evh_plan_encode(plan, &bytes));
        EVH_REQUIRE(bytes.len <= EVH_PLAN_BYTES_MAX, EVH_ERR_INPUT,
                    "the plan has %zu canonical bytes, over %d", bytes.len, EVH_PLAN_BYTES_MAX);
        EVH_TRY(evh_sha256(plan->id, evh_buffer_view(&bytes)));
    }
done:
    evh_buffer_clear(&bytes);
    return status;
}

/* Any mistake in the bytes is an encoding error, with the first mistake as its text. */
static evh_status resolve_bytes(evh_plan *plan)
{
    evh_status status = evh_ok();
    evh_diagnostics mistakes = evh_diagnostics_init(4);
    evh_plan_context context = {
        .plan = plan, .diagnostics = &mistakes, .file = NULL, .failure = evh_ok()};
    bool good = evh_plan_resolve(&context);
    status = evh_plan_outcome(&context, good);
    if (status.code == EVH_ERR_INPUT && mistakes.count > 0)
        status = evh_fail(EVH_ERR_ENCODING, "the plan's bytes: %s (expected %s)",
                          mistakes.items[0].wrong, mistakes.items[0].right);
    evh_diagnostics_clear(&mistakes);
    return status;
}

evh_status evh_plan_decode(evh_plan **plan, evh_view bytes)
{
    evh_status status = evh_ok();
    evh_plan *made = NULL;
    evh_buffer scratch = evh_buffer_init(EVH_PLAN_BYTES_MAX);
    *plan = NULL;
    EVH_REQUIRE(bytes.len <= EVH_PLAN_BYTES_MAX, EVH_ERR_RANGE, "a plan of %zu bytes, over %d",
                bytes.len, EVH_PLAN_BYTES_MAX);
    EVH_TRY(evh_plan_new(&made));
    EVH_TRY(evh_wire_unpack(&made->decoded, &evenhand__v1__plan__descriptor, bytes, "plan"));
    made->message = made->decoded;
    EVH_REQUIRE(message_is_clean(&made->message->base, &scratch), EVH_ERR_ENCODING,
                "the plan's bytes: a text that is empty, too long or not in its normal form");
    EVH_TRY(resolve_bytes(made));
    EVH_TRY(evh_plan_fill_id(made));
    *plan = made;
    made = NULL;
done:
    evh_plan_free(&made);
    evh_buffer_clear(&scratch);
    return status;
}

const uint8_t *evh_plan_id(const evh_plan *plan)
{
    return plan->has_noise ? plan->id : NULL;
}
