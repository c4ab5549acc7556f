/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/wire/message.h"
#include "follow_internal.h"
#include "service.pb-c.h"

enum { REQUEST_BYTES_MAX = 64 };

const char *evh_follow_finding_name(evh_follow_finding finding)
{
    static const char *const names[EVH_FOLLOW_FINDING_COUNT] = {
        [EVH_FOLLOW_FINE] = "fine",
        [EVH_FOLLOW_UNREACHABLE] = "unreachable",
        [EVH_FOLLOW_DECLINED] = "declined",
        [EVH_FOLLOW_MALFORMED] = "malformed",
        [EVH_FOLLOW_OTHER_LOG] = "other_log",
        [EVH_FOLLOW_NOT_SIGNED] = "not_signed",
        [EVH_FOLLOW_NOT_COSIGNED] = "not_cosigned",
        [EVH_FOLLOW_ROLLED_BACK] = "rolled_back",
        [EVH_FOLLOW_FORKED] = "forked",
        [EVH_FOLLOW_MISMATCH] = "mismatch",
        [EVH_FOLLOW_VISIT] = "visit",
        [EVH_FOLLOW_LOCAL] = "local",
    };
    return (size_t)finding < EVH_FOLLOW_FINDING_COUNT ? names[finding] : names[EVH_FOLLOW_LOCAL];
}

evh_status evh_follow_found(evh_follow_finding *finding, evh_follow_finding value,
                            evh_status status)
{
    if (status.code != EVH_OK)
        *finding = status.code == EVH_ERR_MEMORY ? EVH_FOLLOW_LOCAL : value;
    return status;
}

evh_status evh_follow_ask(const evh_follow_peer *peer, const char *method,
                          const ProtobufCMessage *request, evh_buffer *response,
                          evh_follow_finding *finding)
{
    evh_buffer bytes = evh_buffer_init(REQUEST_BYTES_MAX);
    evh_status status = evh_ok();
    EVH_TRY(evh_wire_pack(&bytes, request));
    evh_buffer_clear(response);
    status = peer->call(peer->context, method, evh_buffer_view(&bytes), response);
    status = evh_follow_found(
        finding, status.code == EVH_ERR_UNAVAILABLE ? EVH_FOLLOW_UNREACHABLE : EVH_FOLLOW_DECLINED,
        status);
done:
    evh_buffer_clear(&bytes);
    return status;
}

evh_status evh_follow_read_proof(evh_merkle_proof *out, const ProtobufCBinaryData *hashes,
                                 size_t count, evh_follow_finding *finding)
{
    evh_status status = evh_ok();
    out->count = 0;
    EVH_REQUIRE(count <= EVH_MERKLE_PROOF_MAX, EVH_ERR_LENGTH, "a proof of %zu hashes", count);
    for (size_t i = 0; i < count; i++)
        EVH_TRY(evh_wire_copy_bytes(out->hashes[i].bytes, EVH_MERKLE_HASH_LEN, &hashes[i],
                                    "hash of a proof"));
    out->count = count;
done:
    return evh_follow_found(finding, EVH_FOLLOW_MALFORMED, status);
}
