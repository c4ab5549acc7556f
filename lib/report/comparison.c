/* SPDX-License-Identifier: Apache-2.0 */
#include "comparison_internal.h"

#include <math.h>
#include <stdlib.h>

#include "evenhand/base/secret.h"
#include "result_internal.h"
#include "words_internal.h"

enum { NAMED_MAX = 4 }; /* groups in a sentence */

evh_status evh_compared_make(evh_compared *out, const evh_result_facts *facts,
                             const evh_own_counts *own)
{
    evh_status status = evh_ok();
    const evh_evaluation_options exact = {.customers = 0};
    *out = (evh_compared){.facts = facts, .own = own};
    EVH_TRY(evh_result_evaluate(&out->global, facts));
    EVH_TRY(evh_evaluation_new(&out->local, facts->plan, own->counts, &exact));
    EVH_TRY(evh_local_compare(&out->rows, &out->count, out->local, out->global));

done:
    return status;
}

void evh_compared_clear(evh_compared *compared)
{
    if (compared->rows != NULL)
        evh_wipe(compared->rows, compared->count * sizeof *compared->rows);
    free(compared->rows);
    evh_evaluation_free(&compared->local);
    evh_evaluation_free(&compared->global);
    *compared = (evh_compared){.rows = NULL};
}

/* ---- parts ---- */

size_t evh_compared_part_count(const evh_compared *compared)
{
    const evh_evaluation *e = compared->global;
    return e->answer_count > 0 ? e->answer_count : e->grouping_count * e->model_count;
}

evh_compared_part evh_compared_part_at(const evh_compared *compared, size_t index)
{
    const evh_evaluation *e = compared->global;
    if (e->answer_count == 0)
        return (evh_compared_part){.grouping = index / e->model_count,
                                   .model = index % e->model_count};
    const evh_answer *answer = &e->answers[index];
    return (evh_compared_part){.here = &compared->local->answers[index],
                               .all = answer,
                               .grouping =
                                   evh_plan_terms_of(e->plan)->questions[answer->question].grouping,
                               .kind = answer->kind,
                               .model = answer->model};
}

const evh_local_comparison *evh_compared_row(const evh_compared *compared,
                                             const evh_compared_part *part, size_t group)
{
    for (size_t i = 0; i < compared->count; i++) {
        const evh_local_comparison *row = &compared->rows[i];
        if (row->grouping == part->grouping && row->kind == part->kind &&
            row->model == part->model && row->group == group)
            return row;
    }
    return NULL;
}

evh_compared_tally evh_compared_tally_of(const evh_compared *compared,
                                         const evh_compared_part *part)
{
    evh_compared_tally tally = {.groups = 0};
    for (size_t i = 0; i < compared->count; i++) {
        const evh_local_comparison *row = &compared->rows[i];
        if (row->grouping != part->grouping || row->kind != part->kind || row->model != part->model)
            continue;
        tally.groups++;
        tally.compared += row->difference.simultaneous.withheld == EVH_SHOWN;
        tally.decided += row->decided;
        tally.differing += row->differs;
    }
    return tally;
}

/* ---- words ---- */

/* The interval, not the estimate, says to which side of 0 it certainly lies. */
static bool is_higher(const evh_local_comparison *row)
{
    return row->difference.simultaneous.high > 0;
}

const char *evh_compared_side(const evh_local_comparison *row)
{
    if (!row->differs)
        return NULL;
    return is_higher(row) ? "higher" : "lower";
}

bool evh_compared_is_worse(const evh_compared *compared, const evh_local_comparison *row)
{
    const evh_worse worse = evh_metric_worse(compared->global->kinds[row->kind].metric);
    return row->differs && worse == (is_higher(row) ? EVH_WORSE_HIGH : EVH_WORSE_LOW);
}

static evh_status put_group(evh_buffer *out, const evh_compared *compared,
                            const evh_local_comparison *row)
{
    evh_status status = evh_ok();
    const evh_evaluation *e = compared->global;
    const evh_rate_kind *kind = &e->kinds[row->kind];
    EVH_TRY(evh_words_group(out, e->plan, e->groupings[row->grouping].grouping, row->group,
                            EVH_WORDS_PLAIN));
    EVH_TRY(evh_buffer_format(out, ", "));
    EVH_TRY(evh_words_distance(out, kind, row->difference.estimate.value));
    if (evh_compared_is_worse(compared, row))
        EVH_TRY(evh_buffer_format(out, " (worse)"));

done:
    return status;
}

static evh_status put_differing(evh_buffer *out, const evh_compared *compared,
                                const evh_compared_part *part)
{
    evh_status status = evh_ok();
    size_t named = 0;
    size_t more = 0;
    const size_t groups = compared->global->groupings[part->grouping].grouping->group_count;
    for (size_t group = 0; group < groups; group++) {
        const evh_local_comparison *row = evh_compared_row(compared, part, group);
        if (row == NULL || !row->differs)
            continue;
        if (named == NAMED_MAX) {
            more++;
            continue;
        }
        EVH_TRY(evh_buffer_format(out, named > 0 ? "; " : " "));
        EVH_TRY(put_group(out, compared, row));
        named++;
    }
    if (more > 0)
        EVH_TRY(evh_buffer_format(out, "; and %zu more", more));

done:
    return status;
}

evh_status evh_compared_sentence(evh_buffer *out, const evh_compared *compared,
                                 const evh_compared_part *part)
{
    evh_status status = evh_ok();
    const evh_compared_tally tally = evh_compared_tally_of(compared, part);
    if (tally.compared == 0) {
        EVH_TRY(evh_buffer_format(out, "This site cannot be compared: in no group is enough known "
                                       "of this site and of the others."));
        goto done;
    }
    if (tally.decided == 0) {
        EVH_TRY(evh_buffer_format(out, "It is not said whether this site differs beyond chance: "
                                       "records of one unit are counted as if they were "
                                       "independent of each other."));
        goto done;
    }
    if (tally.differing == 0) {
        EVH_TRY(evh_buffer_format(out,
                                  "This site does not differ from the others beyond chance in any "
                                  "of the %zu groups that can be compared.",
                                  tally.decided));
        goto done;
    }
    EVH_TRY(evh_buffer_format(
        out,
        "This site differs from the others beyond chance in %zu of the %zu groups that can be "
        "compared. Against all customers together:",
        tally.differing, tally.decided));
    EVH_TRY(put_differing(out, compared, part));
    EVH_TRY(evh_buffer_format(out, "."));

done:
    return status;
}

evh_status evh_compared_notice(evh_buffer *out, const evh_compared *compared)
{
    return evh_buffer_format(out,
                             "CONFIDENTIAL: exact rates of %s's own records. Keep this on your own "
                             "premises.",
                             compared->own->customer);
}

const char *evh_counts_origin_name(evh_counts_origin origin)
{
    static const char *const names[] = {"submitted", "changed", "unchecked"};
    return names[origin];
}

const char *evh_counts_origin_words(evh_counts_origin origin)
{
    switch (origin) {
    case EVH_COUNTS_SUBMITTED:
        return "Counted again: the records give the very counts that were submitted in this round.";
    case EVH_COUNTS_CHANGED:
        return "THE RECORDS HAVE CHANGED: they no longer give the counts that were submitted in "
               "this round. This site's rates are those of the records as they are now; the "
               "differences take counts out of the sums that are not in them, and are worth the "
               "less the more has changed.";
    case EVH_COUNTS_UNCHECKED:
    default:
        return "The ledger does not know which counts were submitted in this round: all of this is "
               "right only if the records are still those that were submitted.";
    }
}
