/* SPDX-License-Identifier: Apache-2.0
 * From exact counts to the stored report. */
#include <stdlib.h>
#include <string.h>

#include "evenhand/base/failpoint.h"
#include "evenhand/base/limits.h"
#include "evenhand/base/sizes.h"
#include "evenhand/plan/groups.h"
#include "evenhand/plan/noise.h"
#include "evenhand/protocol/report.h"
#include "evenhand/seal/hash.h"
#include "evenhand/service/submission.h"
#include "service_internal.h"

evh_status evh_submission_draw(evh_submission *submission, const evh_rng *rng)
{
    size_t count = evh_plan_cell_count(submission->plan);
    evh_noise *cells = NULL;
    evh_status status = evh_ok();
    EVH_INVARIANT(submission->noise == NULL);
    EVH_TRY(evh_alloc(&cells, count, sizeof *cells, "noise"));
    EVH_TRY(evh_plan_cell_noise(submission->plan, cells));
    EVH_TRY(evh_noise_vector_new(&submission->noise, cells, count, rng));
done:
    free(cells);
    return status;
}

/* ---- knowing counts again ---- */

evh_status evh_counts_fingerprint(uint8_t out[EVH_LEDGER_FINGERPRINT_LEN], const evh_seed32 *secret,
                                  const uint8_t plan_id[EVH_PLAN_ID_LEN], uint32_t round,
                                  const int64_t *counts, size_t count)
{
    const uint8_t number[] = {(uint8_t)(round >> 24), (uint8_t)(round >> 16), (uint8_t)(round >> 8),
                              (uint8_t)round};
    evh_buffer bytes = evh_buffer_init(SIZE_MAX);
    evh_view parts[] = {evh_view_of_text("evenhand/counts/1"),
                        evh_view_of(plan_id, EVH_PLAN_ID_LEN),
                        evh_view_of(number, sizeof number),
                        {NULL, 0}};
    enum { PARTS = sizeof parts / sizeof parts[0] };
    evh_status status = evh_ok();
    memset(out, 0, EVH_LEDGER_FINGERPRINT_LEN);
    for (size_t i = 0; i < count; i++)
        EVH_TRY(evh_buffer_be64(&bytes, (uint64_t)counts[i]));
    parts[PARTS - 1] = evh_buffer_view(&bytes);
    evh_keyed_hash(out, secret, parts, PARTS);
done:
    evh_buffer_clear(&bytes);
    return status;
}

void evh_counts_cut(int64_t *counts, const evh_plan *plan)
{
    const int64_t most = (int64_t)(evh_plan_cell_max(plan) - 2 * evh_plan_noise_of(plan)->offset);
    for (size_t i = 0; i < evh_plan_cell_count(plan); i++)
        if (counts[i] > most)
            counts[i] = most;
}

/* ---- the report ---- */

/* Everything secret of one report, in locked memory. */
typedef struct vector {
    uint64_t *counts;
    evh_u128 *cells;
    size_t count;
} vector;

static evh_status vector_make(vector *out, evh_submission *s, const int64_t *counts, size_t count)
{
    const evh_plan_noise *noise = evh_plan_noise_of(s->plan);
    evh_status status = evh_ok();
    EVH_REQUIRE(count == evh_plan_cell_count(s->plan), EVH_ERR_ARG,
                "%zu counts for a plan of %zu cells", count, evh_plan_cell_count(s->plan));
    EVH_REQUIRE(s->noise != NULL, EVH_ERR_PRIVACY, "no noise was drawn: nothing is sent without");
    EVH_TRY(evh_secret_new(&out->counts, count, sizeof *out->counts));
    EVH_TRY(evh_secret_new(&out->cells, count, sizeof *out->cells));
    out->count = count;
    for (size_t i = 0; i < count; i++) {
        EVH_INVARIANT(counts[i] >= 0);
        out->counts[i] = (uint64_t)counts[i];
    }
    EVH_TRY(evh_noise_vector_add(s->noise, out->counts, out->counts, count, noise->offset,
                                 evh_plan_cell_max(s->plan)));
    for (size_t i = 0; i < count; i++)
        out->cells[i] = out->counts[i];
done:
    return status;
}

static void vector_clear(vector *v)
{
    evh_secret_free(&v->counts);
    evh_secret_free(&v->cells);
}

typedef struct making {
    evh_site *site;
    const evh_submission *submission;
    const vector *cells;
    evh_prio3 *prio3;
    evh_prio3_workspace *workspace;
} making;

static evh_status make_report(void *context, const evh_ledger_position *position,
                              evh_buffer *report)
{
    making *m = context;
    uint8_t report_id[EVH_PRIO3_NONCE_LEN];
    evh_report_in in = {.task = &m->submission->opened.task,
                        .prio3 = m->prio3,
                        .cells = m->cells->cells,
                        .cell_count = m->cells->count,
                        .customer = &m->site->key,
                        .report_id = report_id,
                        .ledger_sequence = position->sequence,
                        .ledger_head = position->head};
    evh_status status = evh_ok();
    EVH_TRY(evh_rng_fill(&m->site->rng, report_id, sizeof report_id));
    EVH_TRY(evh_report_make(report, m->workspace, &in, &m->site->rng));
done:
    return status;
}

static evh_status make_prio3(making *m)
{
    evh_plan_vdaf vdaf = evh_plan_vdaf_of(m->submission->plan);
    const evh_prio3_params params = {.kind = EVH_PRIO3_SUM_VEC,
                                     .shares = 2,
                                     .length = vdaf.length,
                                     .chunk_length = vdaf.chunk_length,
                                     .max_measurement = vdaf.max};
    evh_status status = evh_ok();
    EVH_TRY(evh_prio3_new(&m->prio3, &params));
    EVH_TRY(evh_prio3_workspace_new(&m->workspace, m->prio3));
done:
    return status;
}

evh_status evh_submission_seal(evh_submission *submission, evh_site *site, const int64_t *counts,
                               size_t count, evh_buffer *report)
{
    vector cells = {.counts = NULL};
    making m = {.site = site, .submission = submission, .cells = &cells};
    const evh_ledger_maker maker = {
        .make = make_report,
        .context = &m,
        .fingerprint = submission->has_fingerprint ? submission->fingerprint : NULL};
    evh_ledger_position position;
    evh_status status = evh_ok();
    EVH_TRY(vector_make(&cells, submission, counts, count));
    EVH_TRY(make_prio3(&m));
    EVH_TRY(evh_site_need_ledger(site));
    EVH_TRY(evh_ledger_charge_round(site->ledger, report, &position, &submission->charge,
                                    submission->has_limit ? &submission->limit : NULL, &maker,
                                    (int64_t)evh_site_now_ms(site)));
    EVH_TRY(evh_site_note_ledger(site));
    EVH_FAILPOINT("ledger-noted");
done:
    vector_clear(&cells);
    evh_prio3_workspace_free(&m.workspace);
    evh_prio3_free(&m.prio3);
    return status;
}
