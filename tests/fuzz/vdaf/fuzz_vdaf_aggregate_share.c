/* SPDX-License-Identifier: Apache-2.0
 * Aggregate shares: what is read is canonical, so that adding it to nothing gives the same bytes.
 */
#include <string.h>

#include "fuzz_run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    evh_view message;
    fuzz_run *run = fuzz_run_of(data, size, &message);
    uint8_t sum[FUZZ_SMALL_MAX];
    evh_u128 result[FUZZ_RESULTS_MAX];
    evh_prio3_aggregate_init(run->prio3, sum);
    evh_view shares[2] = {message, evh_view_of(sum, run->sizes.aggregate_share)};
    evh_status unsharded = evh_prio3_unshard(run->prio3, result, shares, 2);
    evh_status status = evh_prio3_aggregate_add(run->prio3, sum, message);
    FUZZ_CHECK(status.code == unsharded.code);
    if (status.code != EVH_OK) {
        fuzz_check_refusal(status, message, run->sizes.aggregate_share);
        fuzz_check_zero(sum, run->sizes.aggregate_share);
        fuzz_check_zero((const uint8_t *)result, run->sizes.result_count * sizeof result[0]);
        return 0;
    }
    FUZZ_CHECK(memcmp(sum, message.data, message.len) == 0);
    size_t element = evh_field_element_bytes(evh_prio3_params_of(run->prio3)->field);
    for (size_t i = 0; i < run->sizes.result_count; i++)
        FUZZ_CHECK(memcmp(&result[i], message.data + i * element, element) == 0);
    return 0;
}
