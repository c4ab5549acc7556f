/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/privacy/shift.h"

static evh_status term_check(const evh_shift_term *term, size_t class_count)
{
    if (term->noise >= class_count)
        return evh_fail(EVH_ERR_RANGE, "noise class %u: there are %zu", term->noise, class_count);
    if (term->magnitude == 0 || term->cells == 0)
        return evh_fail(EVH_ERR_RANGE, "magnitude %u in %u cells: both must be at least 1",
                        term->magnitude, term->cells);
    return evh_ok();
}

evh_status evh_shifts_check(const evh_shift *shifts, size_t shift_count, size_t class_count)
{
    evh_status status = evh_ok();
    EVH_REQUIRE(shift_count <= EVH_SHIFTS_MAX, EVH_ERR_RANGE, "%zu shifts: at most %d", shift_count,
                EVH_SHIFTS_MAX);
    EVH_REQUIRE(class_count <= EVH_SHIFT_CLASSES_MAX, EVH_ERR_RANGE,
                "%zu noise classes: at most %d", class_count, EVH_SHIFT_CLASSES_MAX);
    for (size_t s = 0; s < shift_count; s++)
        for (size_t i = 0; i < shifts[s].count; i++) {
            status = term_check(&shifts[s].terms[i], class_count);
            if (status.code != EVH_OK) {
                status = evh_status_in(status, "shift %zu, term %zu", s, i);
                goto done;
            }
        }
done:
    return status;
}
