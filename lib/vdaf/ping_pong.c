/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/vdaf/ping_pong.h"

#include <string.h>

#include "evenhand/base/secret.h"
#include "evenhand/vdaf/batch.h"
#include "prio3_internal.h"

enum { TYPE_INITIALIZE = 0, TYPE_FINISH = 2, HEADER_LEN = 5, LEADER = 0, HELPER = 1 };

size_t evh_ping_pong_initial_len(const evh_prio3 *prio3)
{
    return HEADER_LEN + prio3->sizes.verifier_share;
}

size_t evh_ping_pong_final_len(const evh_prio3 *prio3)
{
    return HEADER_LEN + prio3->sizes.verifier_message;
}

static void write_header(uint8_t *message, uint8_t type, size_t payload_len)
{
    message[0] = type;
    message[1] = (uint8_t)(payload_len >> 24);
    message[2] = (uint8_t)(payload_len >> 16);
    message[3] = (uint8_t)(payload_len >> 8);
    message[4] = (uint8_t)payload_len;
}

/* The payload of a message that must be of the given type and hold exactly len bytes. */
static evh_status read_message(evh_view message, uint8_t type, size_t len, evh_view *payload)
{
    evh_status status = evh_ok();
    evh_reader reader = evh_reader_of(message);
    uint8_t actual_type = 0;
    uint32_t actual_len = 0;
    EVH_TRY(evh_read_u8(&reader, "the type of a ping-pong message", &actual_type));
    EVH_REQUIRE(actual_type == type, EVH_ERR_TYPE, "a ping-pong message of type %u, not %u",
                (unsigned)actual_type, (unsigned)type);
    EVH_TRY(evh_read_be32(&reader, "the length in a ping-pong message", &actual_len));
    EVH_REQUIRE(actual_len == len, actual_len < len ? EVH_ERR_LENGTH : EVH_ERR_TRAILING,
                "a ping-pong message with %u bytes inside, not %zu", (unsigned)actual_len, len);
    EVH_TRY(evh_read_view(&reader, "a ping-pong message", len, payload));
    EVH_TRY(evh_read_end(&reader, "a ping-pong message"));
done:
    return status;
}

static evh_status check_two_parties(const evh_prio3 *prio3)
{
    evh_status status = evh_ok();
    EVH_REQUIRE(prio3->params.shares == 2, EVH_ERR_ARG, "ping-pong is for two aggregators, not %u",
                (unsigned)prio3->params.shares);
done:
    return status;
}

evh_status evh_ping_pong_leader_init(const evh_prio3 *prio3, evh_prio3_workspace *workspace,
                                     uint8_t *state, uint8_t *outbound, const evh_prio3_task *task,
                                     const evh_prio3_report *report)
{
    evh_status status = evh_ok();
    memset(state, 0, prio3->sizes.state);
    memset(outbound, 0, evh_ping_pong_initial_len(prio3));
    EVH_TRY(check_two_parties(prio3));
    EVH_TRY(evh_prio3_verify_init(prio3, workspace, state, outbound + HEADER_LEN, task, LEADER,
                                  report));
    write_header(outbound, TYPE_INITIALIZE, prio3->sizes.verifier_share);
done:
    return status;
}

/* The helper's steps; the workspace still has to be wiped. */
static evh_status helper_no_wipe(const evh_prio3 *prio3, evh_prio3_workspace *workspace,
                                 evh_ping_pong_helper_out *out, const evh_prio3_task *task,
                                 const evh_prio3_report *report, evh_view inbound)
{
    evh_status status = evh_ok();
    evh_view shares[2] = {{.data = NULL, .len = 0},
                          {.data = workspace->own_verifier, .len = prio3->sizes.verifier_share}};
    size_t message_len = prio3->sizes.verifier_message;
    uint8_t *message = out->outbound + HEADER_LEN;
    out->verdict = EVH_PRIO3_REJECTED;
    memset(out->output_share, 0, prio3->sizes.output_share);
    memset(out->outbound, 0, evh_ping_pong_final_len(prio3));
    EVH_TRY(check_two_parties(prio3));
    EVH_TRY(read_message(inbound, TYPE_INITIALIZE, prio3->sizes.verifier_share, &shares[LEADER]));
    EVH_TRY(evh_prio3_verify_init_no_wipe(prio3, workspace, workspace->own_state,
                                          workspace->own_verifier, task, HELPER, report));
    EVH_TRY(
        evh_prio3_combine_no_wipe(prio3, workspace, message, &out->verdict, task->ctx, shares, 2));
    if (out->verdict == EVH_PRIO3_ACCEPTED)
        EVH_TRY(evh_prio3_verify_next(prio3, out->output_share, &out->verdict, workspace->own_state,
                                      evh_view_of(message, message_len)));
    if (out->verdict == EVH_PRIO3_ACCEPTED)
        write_header(out->outbound, TYPE_FINISH, message_len);
    else
        memset(out->outbound, 0, evh_ping_pong_final_len(prio3));
done:
    return status;
}

evh_status evh_ping_pong_helper(const evh_prio3 *prio3, evh_prio3_workspace *workspace,
                                evh_ping_pong_helper_out *out, const evh_prio3_task *task,
                                const evh_prio3_report *report, evh_view inbound)
{
    evh_status status = helper_no_wipe(prio3, workspace, out, task, report, inbound);
    evh_prio3_workspace_wipe(workspace);
    return status;
}

void evh_ping_pong_helper_batch(const evh_prio3 *prio3, evh_prio3_workspace *workspace,
                                const evh_prio3_task *task, evh_ping_pong_helper_item *items,
                                size_t count)
{
    for (size_t i = 0; i < count; i++)
        items[i].status = helper_no_wipe(prio3, workspace, &items[i].out, task, &items[i].report,
                                         items[i].inbound);
    evh_prio3_workspace_wipe(workspace);
}

evh_status evh_ping_pong_leader_finish(const evh_prio3 *prio3, uint8_t *output_share,
                                       evh_prio3_verdict *verdict, uint8_t *state, evh_view inbound)
{
    evh_status status = evh_ok();
    evh_view message = {.data = NULL, .len = 0};
    *verdict = EVH_PRIO3_REJECTED;
    memset(output_share, 0, prio3->sizes.output_share);
    EVH_TRY(read_message(inbound, TYPE_FINISH, prio3->sizes.verifier_message, &message));
    EVH_TRY(evh_prio3_verify_next(prio3, output_share, verdict, state, message));
done:
    evh_wipe(state, prio3->sizes.state);
    return status;
}
