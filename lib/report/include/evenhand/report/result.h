/* SPDX-License-Identifier: Apache-2.0
 * report/result.h: result.json, the published outcome of one round.
 * The document holds what a round consists of (the facts) and everything that follows from it. The
 * same facts give the same bytes: no time of writing, no order that could change.
 * Source   docs/reference/result.md, docs/reference/result.schema.json
 * Secret   nothing: sums hold their noise        Threads  an evh_result is immutable: any
 * Memory   the caller's buffer; an evh_result owns what its facts borrow
 * Tests    unit/report/test_result.c, test_result_read.c */
#ifndef EVH_REPORT_RESULT_H
#define EVH_REPORT_RESULT_H

#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"
#include "evenhand/plan/plan.h"
#include "evenhand/plan/population.h"

enum {
    EVH_RESULT_VERSION = 1,
    EVH_RESULT_HASH_LEN = 32,        /* bytes */
    EVH_RESULT_BYTES_MAX = 256 << 20 /* a whole document */
};

/* Where the log says what the result rests on: indices of its entries. The entry of the result
 * itself is not among them: it holds the hash of this document. */
typedef struct evh_result_entries {
    uint64_t population;
    uint64_t plan;
    uint64_t round_opened;
    uint64_t round_closed;
    uint64_t share_commitment;
} evh_result_entries;

/* What a result consists of. Everything is borrowed. */
typedef struct evh_result_facts {
    const evh_plan *plan; /* with noise */
    const evh_population *population;
    uint32_t round;           /* 1..rounds.count of the plan */
    uint64_t window_start_ms; /* since 1970; both 0 for a plan without a window */
    uint64_t window_end_ms;
    uint8_t task_id[EVH_RESULT_HASH_LEN];
    uint8_t reports_root[EVH_RESULT_HASH_LEN]; /* of the accepted reports: RoundClosed */
    const char *log_origin;
    evh_result_entries entries;
    uint32_t customers;  /* whose reports were added up; 1..max_clients of the plan */
    const int64_t *sums; /* [sum_count] released, offsets removed, in the plan's order of cells */
    size_t sum_count;    /* evh_plan_cell_count */
} evh_result_facts;

/* Appends result.json; nothing on failure.
 * Fails    ARG facts that do not fit the plan (a round, a number of customers or of sums, another
 *          population's name, only half a window); INPUT a plan without noise; RANGE sums that
 *          pass 53 bits when groups are added up; ENCODING an origin that is not UTF-8; MEMORY */
EVH_MUST_USE evh_status evh_result_write(evh_buffer *out, const evh_result_facts *facts);

/* ---- reading ---- */

typedef struct evh_result evh_result;

/* Reads result.json and refuses one that says anything but what its own facts give: an unknown,
 * missing or repeated member, a sum of a derived group that is not the sum, a rate that does not
 * follow from the sums. Computed numbers may differ in their last digits, by which computers
 * differ.
 *   out   NULL on failure; free with evh_result_free
 * Fails    ENCODING no such document, with where it is wrong; TYPE another version; RANGE over
 *          EVH_RESULT_BYTES_MAX bytes; MEMORY */
EVH_MUST_USE evh_status evh_result_read(evh_result **out, evh_view json);

/* Borrowed from the result. */
const evh_result_facts *evh_result_facts_of(const evh_result *result);

/* Takes the address, accepts NULL, leaves NULL. */
void evh_result_free(evh_result **result);

#endif
