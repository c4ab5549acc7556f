/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/protocol/result_entry.h"

#include "evenhand/seal/hash.h"
#include "evenhand/wire/message.h"
#include "log.pb-c.h"

static const char label[] = "evenhand/result/1";

evh_status evh_result_entry_check(evh_seal_verdict *verdict, evh_view entry, const uint8_t *task_id,
                                  evh_view result_json, const evh_identity *collector)
{
    evh_buffer body = evh_buffer_init(EVH_RESULT_ENTRY_BYTES_MAX);
    Evenhand__V1__ResultEntry *message = NULL;
    ProtobufCBinaryData signature;
    uint8_t hash[EVH_SHA256_LEN];
    evh_status status = evh_ok();
    *verdict = EVH_SEAL_REJECTED;
    EVH_TRY(
        evh_wire_unpack(&message, &evenhand__v1__result_entry__descriptor, entry, "result entry"));
    EVH_TRY(evh_sha256(hash, result_json));
    if (!evh_view_equal(evh_wire_bytes(&message->task_id), evh_view_of(task_id, EVH_TASK_ID_LEN)) ||
        !evh_view_equal(evh_wire_bytes(&message->result_hash), evh_view_of(hash, sizeof hash)))
        goto done;
    signature = message->collector_signature;
    evh_wire_set_bytes(&message->collector_signature, evh_view_of(NULL, 0));
    status = evh_wire_pack(&body, &message->base);
    message->collector_signature = signature;
    EVH_TRY(status);
    EVH_TRY(
        evh_verify(verdict, collector, label, evh_buffer_view(&body), evh_wire_bytes(&signature)));
done:
    evh_wire_free(&message);
    evh_buffer_clear(&body);
    return status;
}
