/* SPDX-License-Identifier: Apache-2.0
 * Ping-pong messages: the same bytes at the helper as the leader's first message, and at the leader
 * as the helper's answer. What is accepted is the honest message and nothing else. */
#include <string.h>

#include "fuzz_run.h"

enum { HEADER_LEN = 5 };

/* True if the message is the type, the length and exactly these bytes. */
static bool is_message(evh_view message, uint8_t type, const uint8_t *payload, size_t len)
{
    const uint8_t header[HEADER_LEN] = {type, (uint8_t)(len >> 24), (uint8_t)(len >> 16),
                                        (uint8_t)(len >> 8), (uint8_t)len};
    return message.len == HEADER_LEN + len && memcmp(message.data, header, HEADER_LEN) == 0 &&
           (len == 0 || memcmp(message.data + HEADER_LEN, payload, len) == 0);
}

static void at_helper(fuzz_run *run, evh_view message)
{
    uint8_t output[FUZZ_SMALL_MAX];
    uint8_t outbound[HEADER_LEN + 32];
    evh_ping_pong_helper_out out = {output, outbound, EVH_PRIO3_ACCEPTED};
    evh_prio3_report report = fuzz_report(run, 1);
    evh_status status =
        evh_ping_pong_helper(run->prio3, run->workspace, &out, &run->task, &report, message);
    FUZZ_CHECK(status.code == EVH_OK || out.verdict == EVH_PRIO3_REJECTED);
    if (out.verdict == EVH_PRIO3_REJECTED) {
        fuzz_check_zero(output, run->sizes.output_share);
        fuzz_check_zero(outbound, evh_ping_pong_final_len(run->prio3));
    }
    FUZZ_CHECK((out.verdict == EVH_PRIO3_ACCEPTED) ==
               is_message(message, 0, run->verifiers[0], run->sizes.verifier_share));
}

static void at_leader(fuzz_run *run, evh_view message)
{
    uint8_t output[FUZZ_SMALL_MAX];
    uint8_t state[FUZZ_SMALL_MAX];
    evh_prio3_verdict verdict = EVH_PRIO3_ACCEPTED;
    memcpy(state, run->states[0], run->sizes.state);
    evh_status status = evh_ping_pong_leader_finish(run->prio3, output, &verdict, state, message);
    FUZZ_CHECK(status.code == EVH_OK || verdict == EVH_PRIO3_REJECTED);
    fuzz_check_zero(state, run->sizes.state);
    if (verdict == EVH_PRIO3_REJECTED)
        fuzz_check_zero(output, run->sizes.output_share);
    FUZZ_CHECK((verdict == EVH_PRIO3_ACCEPTED) ==
               is_message(message, 2, run->message, run->sizes.verifier_message));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    evh_view message;
    fuzz_run *run = fuzz_run_of(data, size, &message);
    at_helper(run, message);
    at_leader(run, message);
    return 0;
}
