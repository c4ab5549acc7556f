/* SPDX-License-Identifier: Apache-2.0
 * The leader's verifier share. */
#include "fuzz_run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    evh_view message;
    fuzz_run *run = fuzz_run_of(data, size, &message);
    evh_view honest = evh_view_of(run->verifiers[0], run->sizes.verifier_share);
    evh_view other = evh_view_of(run->verifiers[1], run->sizes.verifier_share);
    evh_view shares[2] = {message, other};
    evh_prio3_verdict verdict = EVH_PRIO3_ACCEPTED;
    uint8_t combined[32];
    evh_status status = evh_prio3_verifier_shares_to_message(run->prio3, run->workspace, combined,
                                                             &verdict, run->task.ctx, shares, 2);
    if (status.code != EVH_OK) {
        fuzz_check_refusal(status, message, honest.len);
        FUZZ_CHECK(verdict == EVH_PRIO3_REJECTED);
        fuzz_check_zero(combined, run->sizes.verifier_message);
        return 0;
    }
    bool accepted = fuzz_finishes(run, run->states[0], run->states[1], message, other);
    FUZZ_CHECK(accepted == evh_view_equal(message, honest));
    return 0;
}
