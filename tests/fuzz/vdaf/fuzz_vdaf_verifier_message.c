/* SPDX-License-Identifier: Apache-2.0
 * The verifier message. */
#include <string.h>

#include "fuzz_run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    evh_view message;
    fuzz_run *run = fuzz_run_of(data, size, &message);
    evh_prio3_verdict verdict = EVH_PRIO3_ACCEPTED;
    uint8_t state[FUZZ_SMALL_MAX];
    uint8_t output[FUZZ_SMALL_MAX];
    memcpy(state, run->states[0], run->sizes.state);
    evh_status status = evh_prio3_verify_next(run->prio3, output, &verdict, state, message);
    fuzz_check_zero(state, run->sizes.state);
    if (status.code != EVH_OK) {
        fuzz_check_refusal(status, message, run->sizes.verifier_message);
        FUZZ_CHECK(verdict == EVH_PRIO3_REJECTED);
    }
    if (verdict == EVH_PRIO3_REJECTED)
        fuzz_check_zero(output, run->sizes.output_share);
    FUZZ_CHECK((verdict == EVH_PRIO3_ACCEPTED) ==
               evh_view_equal(message, evh_view_of(run->message, run->sizes.verifier_message)));
    return 0;
}
