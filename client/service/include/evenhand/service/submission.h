/* SPDX-License-Identifier: Apache-2.0
 * service/submission.h: from a plan and exact counts to a sealed, signed, charged report.
 * The order is fixed: everything is checked; the noise is drawn; only then are records read; then
 * the counts are clipped, noised and clamped, split, sealed and signed inside the transaction that
 * charges the ledger. Nothing about the counts decides whether a report is made.
 * Source   docs/customer/sending.md              Secret   counts, noise, noised cells, shares
 * Threads  one thread per submission             Memory   some copies of the vector
 * Tests    unit/service/test_submission.c */
#ifndef EVH_SERVICE_SUBMISSION_H
#define EVH_SERVICE_SUBMISSION_H

#include "evenhand/plan/canonical.h"
#include "evenhand/plan/plan.h"
#include "evenhand/plan/population.h"
#include "evenhand/privacy/noise.h"
#include "evenhand/service/mirror.h"
#include "evenhand/service/site.h"

typedef struct evh_submission {
    const evh_plan *plan; /* borrowed */
    uint32_t round;
    evh_population population;
    evh_mirror_round opened;
    evh_ledger_charge charge; /* borrows from plan */
    evh_ledger_limit limit;
    bool has_limit;
    bool window_over; /* no more records can fall into it */
    evh_noise_vector *noise;
    /* Of the counts, by evh_counts_fingerprint; stored with the report when there is one. */
    bool has_fingerprint;
    uint8_t fingerprint[EVH_LEDGER_FINGERPRINT_LEN];
} evh_submission;

/* Checks everything that can be checked before records are read, against a mirror that was just
 * brought up to date. The plan's terms are taken from `plan`, which is what the log has.
 *   out   clear with evh_submission_clear
 * Fails    PRIVACY a draft, a plan that is not in the log or differs from it, another population,
 *          parties or roster that are not vouched for, a round that is not open or is for another
 *          window, a deadline that has passed, a ledger that is behind, the customer's own limit, or
 *          a plan that may be accepted only within a limit when there is none; ARG round 0; STORE,
 *          MEMORY */
EVH_MUST_USE evh_status evh_submission_prepare(evh_submission *out, evh_site *site,
                                               const evh_plan *plan, uint32_t round);

/* Whether a person has agreed to the plan, or the policy needs none to. Fails STORE. */
EVH_MUST_USE evh_status evh_submission_agreed(evh_submission *submission, evh_site *site,
                                              bool *agreed);

/* Draws the noise. Call it before records are read. Fails RNG, MEMORY. */
EVH_MUST_USE evh_status evh_submission_draw(evh_submission *submission, const evh_rng *rng);

/* Makes, charges and stores the report, or finds the one that is stored already.
 *   report  replaced by its bytes
 *   counts  [count] exact counts in the plan's order, 0 or more; secret
 * Fails    PRIVACY without noise, or the noise was used, or the limit; ARG count; RNG; STORE, MEMORY.
 *          Nothing was charged then. */
EVH_MUST_USE evh_status evh_submission_seal(evh_submission *submission, evh_site *site,
                                            const int64_t *counts, size_t count,
                                            evh_buffer *report);

/* Wipes and frees; all zero is empty. */
void evh_submission_clear(evh_submission *submission);

/* ---- parts ---- */

/* By which counts are known again, without being kept: a keyed hash of all of them together, with
 * the plan and the round.
 *   secret  the customer's ordering secret
 *   counts  [count] exact, as they are given to evh_submission_seal; secret
 * Fails    MEMORY */
EVH_MUST_USE evh_status evh_counts_fingerprint(uint8_t out[EVH_LEDGER_FINGERPRINT_LEN],
                                               const evh_seed32 *secret,
                                               const uint8_t plan_id[EVH_PLAN_ID_LEN],
                                               uint32_t round, const int64_t *counts, size_t count);

/* Replaces counts by what of them goes into a report before noise: no cell is more than its range
 * has room for.
 *   counts  [evh_plan_cell_count()] of a plan with noise, 0 or more */
void evh_counts_cut(int64_t *counts, const evh_plan *plan);

/* What a round of a plan costs; borrows from the plan.
 * Fails INPUT a draft. */
EVH_MUST_USE evh_status evh_charge_of(evh_ledger_charge *out, const evh_plan *plan,
                                      const evh_population *population,
                                      const evh_mirror_round *round);

#endif
