/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/protocol/receipt.h"

#include <string.h>

#include "evenhand/wire/message.h"
#include "report.pb-c.h"

static const char label[] = "evenhand/receipt/1";

enum { RECEIPT_BYTES_MAX = 512 };

static bool equals(ProtobufCBinaryData field, const uint8_t *bytes, size_t len)
{
    return field.len == len && memcmp(field.data, bytes, len) == 0;
}

/* What is signed: the receipt without its signature. */
static evh_status write_unsigned(evh_buffer *out, Evenhand__V1__Receipt *message)
{
    ProtobufCBinaryData signature = message->leader_signature;
    evh_wire_set_bytes(&message->leader_signature, evh_view_of(NULL, 0));
    evh_status status = evh_wire_pack(out, &message->base);
    message->leader_signature = signature;
    return status;
}

evh_status evh_receipt_make(evh_buffer *out, const evh_report_header *report, uint64_t received_ms,
                            const evh_signing_key *leader)
{
    uint8_t signature[EVH_SIGNATURE_LEN];
    evh_buffer body = evh_buffer_init(RECEIPT_BYTES_MAX);
    Evenhand__V1__Receipt message;
    evenhand__v1__receipt__init(&message);
    evh_status status = evh_ok();
    evh_wire_set_bytes(&message.task_id, evh_view_of(report->task_id, sizeof report->task_id));
    evh_wire_set_bytes(&message.report_hash, evh_view_of(report->hash, sizeof report->hash));
    message.received_ms = received_ms;
    EVH_TRY(write_unsigned(&body, &message));
    EVH_TRY(evh_sign(signature, leader, label, evh_buffer_view(&body)));
    evh_wire_set_bytes(&message.leader_signature, evh_view_of(signature, sizeof signature));
    EVH_TRY(evh_wire_pack(out, &message.base));
done:
    evh_buffer_clear(&body);
    return status;
}

evh_status evh_receipt_check(evh_seal_verdict *verdict, evh_view receipt,
                             const evh_report_header *report, const evh_identity *leader)
{
    *verdict = EVH_SEAL_REJECTED;
    evh_buffer body = evh_buffer_init(RECEIPT_BYTES_MAX);
    Evenhand__V1__Receipt *message = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_wire_unpack(&message, &evenhand__v1__receipt__descriptor, receipt, "receipt"));
    if (!equals(message->task_id, report->task_id, sizeof report->task_id) ||
        !equals(message->report_hash, report->hash, sizeof report->hash))
        goto done;
    EVH_TRY(write_unsigned(&body, message));
    EVH_TRY(evh_verify(verdict, leader, label, evh_buffer_view(&body),
                       evh_view_of(message->leader_signature.data, message->leader_signature.len)));
done:
    evh_wire_free(&message);
    evh_buffer_clear(&body);
    return status;
}
