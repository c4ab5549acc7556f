/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/protocol/task.h"

#include <string.h>

#include "evenhand/seal/hash.h"
#include "evenhand/vdaf/prio3.h"
#include "evenhand/wire/message.h"
#include "log.pb-c.h"

static const char ctx_name[] = "evenhand";
static const char verify_key_label[] = "evenhand/verify-key/1";

enum { CTX_VERSION = 1, INFO_BYTES_MAX = 256 };

static evh_status read_key(evh_key_config *out, ProtobufCBinaryData bytes,
                           const evh_identity *owner, const char *whose)
{
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    evh_status status =
        evh_key_config_verify(out, &verdict, owner, evh_view_of(bytes.data, bytes.len));
    if (status.code != EVH_OK)
        return evh_status_in(status, "the %s's round key", whose);
    if (verdict != EVH_SEAL_ACCEPTED)
        return evh_fail(EVH_ERR_KEY, "the %s's round key is not signed by the %s that is pinned",
                        whose, whose);
    return status;
}

static evh_status read_fields(evh_task *out, const Evenhand__V1__RoundOpened *entry)
{
    evh_status status = evh_ok();
    size_t origin_len = strlen(entry->log_origin);
    EVH_REQUIRE(entry->vdaf_version == EVH_PRIO3_VERSION, EVH_ERR_TYPE,
                "the round uses VDAF version %u, this program knows %d", entry->vdaf_version,
                EVH_PRIO3_VERSION);
    EVH_REQUIRE(entry->round >= 1, EVH_ERR_ENCODING, "a round without a number");
    EVH_REQUIRE(origin_len >= 1 && origin_len < sizeof out->log_origin, EVH_ERR_LENGTH,
                "the log's origin has %zu bytes", origin_len);
    EVH_REQUIRE(entry->window_start_ms <= entry->window_end_ms, EVH_ERR_ENCODING,
                "a window that ends before it starts");
    EVH_TRY(evh_wire_copy_bytes(out->plan_id, sizeof out->plan_id, &entry->plan_id, "plan_id"));
    EVH_TRY(evh_wire_copy_bytes(out->leader_commitment, sizeof out->leader_commitment,
                                &entry->leader_commitment, "the leader's commitment"));
    EVH_TRY(evh_wire_copy_bytes(out->helper_commitment, sizeof out->helper_commitment,
                                &entry->helper_commitment, "the helper's commitment"));
    memcpy(out->log_origin, entry->log_origin, origin_len);
    out->round = entry->round;
    out->window_start_ms = entry->window_start_ms;
    out->window_end_ms = entry->window_end_ms;
    out->deadline_ms = entry->deadline_ms;
    out->roster_size = entry->roster_size;
done:
    return status;
}

evh_status evh_task_read(evh_task *out, evh_view round_opened, const evh_identity *leader,
                         const evh_identity *helper)
{
    memset(out, 0, sizeof *out);
    Evenhand__V1__RoundOpened *entry = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_wire_unpack(&entry, &evenhand__v1__round_opened__descriptor, round_opened,
                            "round-opened entry"));
    EVH_TRY(evh_sha256(out->id, round_opened));
    EVH_TRY(read_fields(out, entry));
    EVH_TRY(read_key(&out->leader_key, entry->leader_hpke_key, leader, "leader"));
    EVH_TRY(read_key(&out->helper_key, entry->helper_hpke_key, helper, "helper"));
done:
    evh_wire_free(&entry);
    if (status.code != EVH_OK)
        memset(out, 0, sizeof *out);
    return status;
}

void evh_task_ctx(uint8_t out[EVH_TASK_CTX_LEN], const evh_task *task)
{
    memcpy(out, ctx_name, sizeof ctx_name - 1);
    out[sizeof ctx_name - 1] = CTX_VERSION;
    memcpy(out + sizeof ctx_name, task->id, EVH_TASK_ID_LEN);
}

evh_status evh_task_commit(uint8_t out[EVH_COMMITMENT_LEN], const evh_seed32 *random)
{
    return evh_sha256(out, evh_view_of(random->bytes, sizeof random->bytes));
}

static evh_status check_commitment(const uint8_t expected[EVH_COMMITMENT_LEN],
                                   const evh_seed32 *random, const char *whose)
{
    uint8_t actual[EVH_COMMITMENT_LEN];
    evh_status status = evh_task_commit(actual, random);
    if (status.code == EVH_OK && !evh_equal_ct(actual, expected, sizeof actual))
        status = evh_fail(EVH_ERR_KEY, "the %s's random is not what the log commits to", whose);
    return status;
}

evh_status evh_task_verify_key(evh_seed32 *out, const evh_task *task,
                               const evh_seed32 *leader_random, const evh_seed32 *helper_random)
{
    evh_wipe(out, sizeof *out);
    uint8_t secret[2 * sizeof(evh_seed32)];
    evh_buffer info = evh_buffer_init(INFO_BYTES_MAX);
    evh_status status = evh_ok();
    EVH_TRY(check_commitment(task->leader_commitment, leader_random, "leader"));
    EVH_TRY(check_commitment(task->helper_commitment, helper_random, "helper"));
    memcpy(secret, leader_random->bytes, sizeof leader_random->bytes);
    memcpy(secret + sizeof leader_random->bytes, helper_random->bytes, sizeof helper_random->bytes);
    EVH_TRY(evh_buffer_append(&info, evh_view_of_text(verify_key_label)));
    EVH_TRY(evh_buffer_append(&info, evh_view_of(task->id, sizeof task->id)));
    EVH_TRY(evh_hkdf(out->bytes, sizeof out->bytes, evh_view_of(NULL, 0),
                     evh_view_of(secret, sizeof secret), evh_buffer_view(&info)));
done:
    evh_wipe(secret, sizeof secret);
    evh_buffer_clear(&info);
    return status;
}

evh_status evh_task_hpke_info(evh_buffer *out, const char *label, evh_role from, evh_role to)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_buffer_append(out, evh_view_of_text(label)));
    EVH_TRY(evh_buffer_u8(out, (uint8_t)from));
    EVH_TRY(evh_buffer_u8(out, (uint8_t)to));
done:
    return status;
}
