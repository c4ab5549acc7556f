/* SPDX-License-Identifier: Apache-2.0
 * Canonical bytes of a plan: what decodes encodes to just these bytes. */
#include "evenhand/plan/canonical.h"
#include "support/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    evh_plan *plan = NULL;
    evh_buffer again = evh_buffer_init((size_t)4 * EVH_PLAN_BYTES_MAX);
    evh_status status = evh_plan_decode(&plan, evh_view_of(data, size));
    FUZZ_CHECK(status.code == EVH_OK || status.code == EVH_ERR_ENCODING ||
               status.code == EVH_ERR_RANGE);
    FUZZ_CHECK((status.code == EVH_OK) == (plan != NULL));
    if (plan != NULL) {
        status = evh_plan_encode(plan, &again);
        FUZZ_CHECK(status.code == EVH_OK);
        FUZZ_CHECK(evh_view_equal(evh_buffer_view(&again), evh_view_of(data, size)));
    }
    evh_plan_free(&plan);
    evh_buffer_clear(&again);
    return 0;
}
