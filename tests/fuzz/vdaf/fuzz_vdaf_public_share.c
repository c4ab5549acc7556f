/* SPDX-License-Identifier: Apache-2.0
 * The public share, as both aggregators see it. */
#include <string.h>

#include "fuzz_run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    evh_view message;
    fuzz_run *run = fuzz_run_of(data, size, &message);
    uint8_t states[2][FUZZ_SMALL_MAX];
    uint8_t verifiers[2][FUZZ_SMALL_MAX];
    for (uint32_t id = 0; id < 2; id++) {
        evh_prio3_report report = fuzz_report(run, id);
        report.public_share = message;
        evh_status status = evh_prio3_verify_init(run->prio3, run->workspace, states[id],
                                                  verifiers[id], &run->task, id, &report);
        if (status.code != EVH_OK) {
            fuzz_check_refusal(status, message, run->sizes.public_share);
            fuzz_check_zero(states[id], run->sizes.state);
            return 0;
        }
    }
    bool accepted = fuzz_finishes(run, states[0], states[1],
                                  evh_view_of(verifiers[0], run->sizes.verifier_share),
                                  evh_view_of(verifiers[1], run->sizes.verifier_share));
    FUZZ_CHECK(accepted ==
               evh_view_equal(message, evh_view_of(run->public_share, run->sizes.public_share)));
    return 0;
}
