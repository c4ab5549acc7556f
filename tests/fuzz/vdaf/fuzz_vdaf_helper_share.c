/* SPDX-License-Identifier: Apache-2.0
 * A helper's input share. */
#include <string.h>

#include "fuzz_run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    evh_view message;
    fuzz_run *run = fuzz_run_of(data, size, &message);
    evh_prio3_report report = fuzz_report(run, 1);
    evh_view honest = report.input_share;
    uint8_t state[FUZZ_SMALL_MAX];
    uint8_t verifier[FUZZ_SMALL_MAX];
    report.input_share = message;
    evh_status status =
        evh_prio3_verify_init(run->prio3, run->workspace, state, verifier, &run->task, 1, &report);
    if (status.code != EVH_OK) {
        fuzz_check_refusal(status, message, honest.len);
        fuzz_check_zero(state, run->sizes.state);
        fuzz_check_zero(verifier, run->sizes.verifier_share);
        return 0;
    }
    evh_view own = evh_view_of(verifier, run->sizes.verifier_share);
    evh_view other = evh_view_of(run->verifiers[1 - 1], run->sizes.verifier_share);
    bool accepted = fuzz_finishes(run, run->states[0], state, other, own);
    FUZZ_CHECK(accepted == evh_view_equal(message, honest));
    return 0;
}
