/* SPDX-License-Identifier: Apache-2.0
 * privacy/shift.h: how much one unit can change the vector of cells, up to symmetry.
 * Cells that get the same noise form a noise class. A shift says how many cells of which class move
 * by how much; signs and positions do not matter to the loss of independent symmetric noise.
 * Secret   nothing                             Tests    unit/privacy/test_accounting.c */
#ifndef EVH_PRIVACY_SHIFT_H
#define EVH_PRIVACY_SHIFT_H

#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/status.h"

/* `cells` cells of class `noise` that move by `magnitude` each. */
typedef struct evh_shift_term {
    uint32_t noise;     /* index of the noise class */
    uint32_t magnitude; /* >= 1 */
    uint32_t cells;     /* >= 1 */
} evh_shift_term;

/* One admissible change. Borrowed terms; no terms: nothing moves. */
typedef struct evh_shift {
    const evh_shift_term *terms;
    size_t count;
} evh_shift;

enum { EVH_SHIFT_CLASSES_MAX = 4096, EVH_SHIFTS_MAX = 65536 };

/* Fails RANGE when there are more than EVH_SHIFTS_MAX shifts or EVH_SHIFT_CLASSES_MAX classes, a
 * term names no class, or its magnitude or cells is 0. */
EVH_MUST_USE evh_status evh_shifts_check(const evh_shift *shifts, size_t shift_count,
                                         size_t class_count);

#endif
