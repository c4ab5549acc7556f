/* SPDX-License-Identifier: Apache-2.0
 * Plans as people write them: what is accepted has canonical bytes that decode to the same bytes,
 * and its groups and cells fit together; what is refused names a mistake. */
#include <string.h>

#include "evenhand/plan/canonical.h"
#include "evenhand/plan/groups.h"
#include "evenhand/plan/noise.h"
#include "evenhand/plan/window.h"
#include "support/fuzz.h"

static void check_bytes(const evh_plan *plan)
{
    evh_buffer bytes = evh_buffer_init((size_t)4 * EVH_PLAN_BYTES_MAX);
    evh_buffer again = evh_buffer_init((size_t)4 * EVH_PLAN_BYTES_MAX);
    evh_plan *decoded = NULL;
    evh_status status = evh_plan_encode(plan, &bytes);
    FUZZ_CHECK(status.code == EVH_OK);
    status = evh_plan_decode(&decoded, evh_buffer_view(&bytes));
    FUZZ_CHECK(status.code == EVH_OK);
    status = evh_plan_encode(decoded, &again);
    FUZZ_CHECK(status.code == EVH_OK);
    FUZZ_CHECK(evh_view_equal(evh_buffer_view(&bytes), evh_buffer_view(&again)));
    FUZZ_CHECK((evh_plan_id(plan) == NULL) == (evh_plan_id(decoded) == NULL));
    if (evh_plan_id(plan) != NULL)
        FUZZ_CHECK(memcmp(evh_plan_id(plan), evh_plan_id(decoded), EVH_PLAN_ID_LEN) == 0);
    evh_plan_free(&decoded);
    evh_buffer_clear(&again);
    evh_buffer_clear(&bytes);
}

static void check_groups(const evh_plan *plan)
{
    size_t cells = 0;
    for (size_t i = 0; i < evh_plan_grouping_count(plan); i++) {
        const evh_plan_grouping *grouping = evh_plan_grouping_at(plan, i);
        const evh_plan_grouping *release = evh_plan_grouping_at(plan, grouping->release);
        size_t last = release->group_count - 1;
        FUZZ_CHECK(evh_plan_group_from_release(plan, grouping, last) < grouping->group_count);
        if (!grouping->derived)
            cells +=
                grouping->group_count * evh_plan_model_slots(plan) * evh_plan_cells_per_group(plan);
    }
    FUZZ_CHECK(cells == evh_plan_cell_count(plan) && cells <= EVH_PLAN_CELLS_MAX);
    FUZZ_CHECK(evh_plan_noise_class_of(plan, cells - 1) < evh_plan_noise_class_count(plan));
}

static void check_values(const evh_plan *plan)
{
    static const char *const texts[] = {"", " ", "a", "18", "-1e3", "\xc3\xa9", "_other"};
    evh_buffer scratch = evh_buffer_init(4096);
    for (size_t a = 0; a < evh_plan_terms_of(plan)->attribute_count; a++) {
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
            size_t value = SIZE_MAX;
            evh_status status =
                evh_plan_value_of(plan, a, evh_view_of_text(texts[i]), &scratch, &value);
            FUZZ_CHECK(status.code == EVH_OK && value < evh_plan_value_count(plan, a));
        }
    }
    evh_buffer_clear(&scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    evh_plan *plan = NULL;
    evh_diagnostics list = evh_diagnostics_init(5);
    evh_status status = evh_plan_parse(&plan, "f", evh_view_of(data, size), &list);
    FUZZ_CHECK(status.code == EVH_OK || status.code == EVH_ERR_INPUT);
    FUZZ_CHECK((status.code == EVH_OK) == (plan != NULL));
    FUZZ_CHECK(status.code == EVH_OK || list.errors > 0);
    if (plan != NULL) {
        check_bytes(plan);
        check_groups(plan);
        check_values(plan);
    }
    if (plan != NULL && evh_plan_terms_of(plan)->has_window) {
        int64_t start = 0;
        int64_t end = 0;
        uint32_t round = 0;
        status = evh_plan_round_window(plan, 7, &start, &end);
        FUZZ_CHECK(status.code == EVH_OK && start < end);
        status = evh_plan_round_at(plan, end - 1, &round);
        FUZZ_CHECK(status.code == EVH_OK && round == 7);
    }
    evh_plan_free(&plan);
    evh_diagnostics_clear(&list);
    return 0;
}
