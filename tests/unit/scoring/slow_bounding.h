/* SPDX-License-Identifier: Apache-2.0
 * slow_bounding.h: bounding as docs/reference/scoring.md tells it, for comparison: all records of a
 * unit at once, sorted, used while they fit. */
#ifndef EVH_UNIT_SCORING_SLOW_BOUNDING_H
#define EVH_UNIT_SCORING_SLOW_BOUNDING_H

#include "evenhand/scoring/bounding.h"

typedef struct slow_record {
    uint32_t unit; /* its name is u and the number */
    char bytes[16];
    uint32_t groups[2];
    evh_score scores[2];
    uint64_t order; /* for its own use */
} slow_record;

/* For at most two releases and models, and values that no sum overflows. cells must be zero. */
evh_bounding_statistics slow_bounding(const evh_bounding_options *options,
                                      const slow_record *records, size_t count, int64_t *cells);

#endif
