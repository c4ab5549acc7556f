/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "evenhand/wire/message.h"
#include "follow_internal.h"
#include "service.pb-c.h"

evh_follow_note evh_follow_note_init(void)
{
    evh_follow_note note = {.text = evh_buffer_init(EVH_CHECKPOINT_BYTES_MAX)};
    return note;
}

void evh_follow_note_clear(evh_follow_note *note)
{
    evh_buffer_clear(&note->text);
    *note = evh_follow_note_init();
}

/* Form, name, signature of the log, cosignature of the helper, in this order. */
static evh_status check_note(evh_follow_note *note, evh_follow_finding *finding,
                             const evh_follow_policy *policy)
{
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    evh_status status = evh_ok();
    EVH_TRY(evh_follow_found(finding, EVH_FOLLOW_MALFORMED,
                             evh_checkpoint_read(&note->checkpoint, evh_buffer_view(&note->text))));
    *finding = EVH_FOLLOW_OTHER_LOG;
    EVH_REQUIRE(strcmp(note->checkpoint.origin, policy->log->name) == 0, EVH_ERR_REFUSED,
                "a checkpoint of another log than %s", policy->log->name);
    *finding = EVH_FOLLOW_NOT_SIGNED;
    EVH_TRY(evh_follow_found(finding, EVH_FOLLOW_NOT_SIGNED,
                             evh_checkpoint_check(&verdict, &note->checkpoint, policy->log)));
    EVH_REQUIRE(verdict == EVH_SEAL_ACCEPTED, EVH_ERR_KEY,
                "the checkpoint is not signed by the log's pinned key");
    *finding = EVH_FOLLOW_NOT_COSIGNED;
    EVH_TRY(evh_follow_found(finding, EVH_FOLLOW_NOT_COSIGNED,
                             evh_checkpoint_check_cosignature(&verdict, &note->cosigned_s,
                                                              &note->checkpoint, policy->helper)));
    EVH_REQUIRE(verdict == EVH_SEAL_ACCEPTED, EVH_ERR_KEY,
                "the checkpoint is not cosigned by the pinned helper %s", policy->helper->name);
    *finding = EVH_FOLLOW_FINE;
done:
    return status;
}

/* A peer that knows less than was seen before refuses with RANGE; its word alone is enough to stop,
 * since there is nothing else to go on with. */
static evh_status ask_for_checkpoint(evh_buffer *response, evh_follow_finding *finding,
                                     const evh_follow_peer *peer, uint64_t known_size)
{
    Evenhand__V1__GetCheckpointRequest request;
    evenhand__v1__get_checkpoint_request__init(&request);
    request.known_size = known_size;
    evh_status status =
        evh_follow_ask(peer, "/evenhand.v1.Leader/GetCheckpoint", &request.base, response, finding);
    if (known_size > 0 && status.code == EVH_ERR_RANGE) {
        *finding = EVH_FOLLOW_ROLLED_BACK;
        status = evh_fail(EVH_ERR_REFUSED, "the log has fewer than the %llu entries seen before",
                          (unsigned long long)known_size);
    }
    return status;
}

evh_status evh_follow_get_note(evh_follow_note *out, evh_follow_finding *finding,
                               const evh_follow_peer *peer, const evh_follow_policy *policy,
                               uint64_t known_size)
{
    Evenhand__V1__GetCheckpointResponse *answer = NULL;
    evh_buffer response = evh_buffer_init(EVH_FOLLOW_RESPONSE_BYTES_MAX);
    evh_status status = evh_ok();
    evh_follow_note_clear(out);
    EVH_TRY(ask_for_checkpoint(&response, finding, peer, known_size));
    EVH_TRY(evh_follow_found(
        finding, EVH_FOLLOW_MALFORMED,
        evh_wire_unpack(&answer, &evenhand__v1__get_checkpoint_response__descriptor,
                        evh_buffer_view(&response), "answer to GetCheckpoint")));
    *finding = EVH_FOLLOW_MALFORMED;
    EVH_REQUIRE(answer->checkpoint.len <= EVH_CHECKPOINT_BYTES_MAX, EVH_ERR_LENGTH,
                "a checkpoint of %zu bytes", answer->checkpoint.len);
    *finding = EVH_FOLLOW_FINE;
    EVH_TRY(evh_buffer_append(&out->text, evh_wire_bytes(&answer->checkpoint)));
    EVH_TRY(
        evh_follow_read_proof(&out->proof, answer->consistency, answer->n_consistency, finding));
    EVH_TRY(check_note(out, finding, policy));
    *finding = EVH_FOLLOW_ROLLED_BACK;
    EVH_REQUIRE(out->checkpoint.size >= known_size, EVH_ERR_REFUSED,
                "the log has %llu entries; %llu were seen before",
                (unsigned long long)out->checkpoint.size, (unsigned long long)known_size);
    *finding = EVH_FOLLOW_FINE;
done:
    evh_wire_free(&answer);
    evh_buffer_clear(&response);
    return status;
}

evh_status evh_follow_check_growth(const evh_follow_note *note, evh_follow_finding *finding,
                                   uint64_t known_size, const evh_merkle_hash *known_root)
{
    bool holds = false;
    evh_status status = evh_ok();
    EVH_TRY(evh_merkle_check_consistency(&holds, &note->proof, known_size, known_root,
                                         note->checkpoint.size, &note->checkpoint.root));
    *finding = holds ? *finding : EVH_FOLLOW_FORKED;
    EVH_REQUIRE(holds, EVH_ERR_REFUSED,
                "the log of %llu entries does not extend the %llu that were seen before",
                (unsigned long long)note->checkpoint.size, (unsigned long long)known_size);
done:
    return status;
}
