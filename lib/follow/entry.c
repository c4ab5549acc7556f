/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/wire/message.h"
#include "follow_internal.h"
#include "service.pb-c.h"

evh_status evh_follow_advance(evh_follow_head *head, evh_follow_finding *finding,
                              const evh_follow_peer *peer, const evh_follow_policy *policy)
{
    evh_follow_note note = evh_follow_note_init();
    evh_status status = evh_ok();
    *finding = EVH_FOLLOW_FINE;
    EVH_TRY(evh_follow_get_note(&note, finding, peer, policy, head->size));
    EVH_TRY(evh_follow_check_growth(&note, finding, head->size, &head->root));
    head->size = note.checkpoint.size;
    head->root = note.checkpoint.root;
    head->cosigned_s = note.cosigned_s;
done:
    if (status.code != EVH_OK && *finding == EVH_FOLLOW_FINE)
        *finding = EVH_FOLLOW_LOCAL;
    evh_follow_note_clear(&note);
    return status;
}

static evh_status get_proof(evh_merkle_proof *out, evh_follow_finding *finding,
                            const evh_follow_peer *peer, uint64_t index, uint64_t size)
{
    Evenhand__V1__GetInclusionRequest request;
    Evenhand__V1__Proof *answer = NULL;
    evh_buffer response = evh_buffer_init(EVH_FOLLOW_RESPONSE_BYTES_MAX);
    evh_status status = evh_ok();
    evenhand__v1__get_inclusion_request__init(&request);
    request.index = index;
    request.size = size;
    EVH_TRY(evh_follow_ask(peer, "/evenhand.v1.Leader/GetInclusion", &request.base, &response,
                           finding));
    EVH_TRY(
        evh_follow_found(finding, EVH_FOLLOW_MALFORMED,
                         evh_wire_unpack(&answer, &evenhand__v1__proof__descriptor,
                                         evh_buffer_view(&response), "answer to GetInclusion")));
    EVH_TRY(evh_follow_read_proof(out, answer->hashes, answer->n_hashes, finding));
done:
    evh_wire_free(&answer);
    evh_buffer_clear(&response);
    return status;
}

evh_status evh_follow_check_entry(const evh_follow_head *head, evh_follow_finding *finding,
                                  const evh_follow_peer *peer, uint64_t index, evh_view entry)
{
    evh_merkle_proof proof = {.count = 0};
    evh_merkle_hash leaf;
    bool holds = false;
    evh_status status = evh_ok();
    *finding = EVH_FOLLOW_MISMATCH;
    EVH_REQUIRE(index < head->size, EVH_ERR_REFUSED, "the log has only %llu entries",
                (unsigned long long)head->size);
    *finding = EVH_FOLLOW_FINE;
    EVH_TRY(get_proof(&proof, finding, peer, index, head->size));
    EVH_TRY(evh_merkle_leaf(&leaf, entry));
    EVH_TRY(evh_merkle_check_inclusion(&holds, &proof, index, head->size, &leaf, &head->root));
    *finding = holds ? EVH_FOLLOW_FINE : EVH_FOLLOW_MISMATCH;
    EVH_REQUIRE(holds, EVH_ERR_REFUSED, "the log's entry %llu is another one",
                (unsigned long long)index);
done:
    if (status.code != EVH_OK && *finding == EVH_FOLLOW_FINE)
        *finding = EVH_FOLLOW_LOCAL;
    return status;
}
