/* SPDX-License-Identifier: Apache-2.0
 * client/measure.h: from a plan and records to the exact cell counts of every group.
 * Source   docs/customer/commands.md, "How records are counted"
 * Secret   everything that comes out is exact: it never leaves the premises as it is
 * Memory   grows with units, not with records      Threads  one thread per measurement
 * Tests    unit/client/test_measure.c, integration/test_client.c */
#ifndef EVH_CLIENT_MEASURE_H
#define EVH_CLIENT_MEASURE_H

#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/secret.h"
#include "evenhand/base/status.h"
#include "evenhand/cli/progress.h"
#include "evenhand/client/records.h"
#include "evenhand/input/bad_rows.h"
#include "evenhand/input/spellings.h"
#include "evenhand/plan/plan.h"

typedef struct evh_measure_options {
    const evh_plan *plan;
    const evh_records *records;
    uint32_t round;          /* from 1; 0 for a plan without window */
    const evh_seed32 *key;   /* the customer's ordering secret; all zero without a configuration */
    size_t bad_rows_allowed; /* a run with more fails at its end, with 20 more at once */
    evh_progress *progress;  /* NULL: none; its total is set to the file's size */
} evh_measure_options;

/* read = used + clipped + skipped + bad; skipped = no_unit + outside + empty_reference. */
typedef struct evh_measure_statistics {
    uint64_t read;
    uint64_t used;
    uint64_t clipped; /* over a unit's caps */
    uint64_t bad;
    uint64_t no_unit;
    uint64_t outside; /* of the round's window */
    uint64_t empty_reference;
    uint64_t units;
    uint64_t units_clipped;
} evh_measure_statistics;

typedef struct evh_measurement {
    int64_t *cells; /* the plan's whole vector */
    size_t cell_count;
    evh_measure_statistics statistics;
    evh_input_bad_rows bad_rows;
    evh_input_spellings **spellings; /* [attribute_count]; NULL for made ones */
    size_t attribute_count;
} evh_measurement;

/* Counts.
 *   out  free with evh_measurement_clear on success and on failure: the bad rows and spellings of a
 *        run that failed stay for the message; its cells are then NULL
 * Fails    INPUT bad rows over the limit, spellings over max_unmapped, a file that cannot be read
 * or changed; ARG the round; RANGE, MEMORY, STORE */
EVH_MUST_USE evh_status evh_measure(evh_measurement *out, const evh_measure_options *options);

void evh_measurement_clear(evh_measurement *measurement);

static inline uint64_t evh_measure_skipped(const evh_measure_statistics *statistics)
{
    return statistics->no_unit + statistics->outside + statistics->empty_reference +
           statistics->bad;
}

#endif
