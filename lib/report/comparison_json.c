/* SPDX-License-Identifier: Apache-2.0 */
#include "comparison_internal.h"
#include "evenhand/plan/canonical.h"
#include "result_internal.h"
#include "words_internal.h"

#define FORMAT "evenhand-comparison"

static void put_text_or_null(evh_json *json, const char *key, const char *text)
{
    if (text != NULL)
        evh_json_text(json, key, text);
    else
        evh_json_null(json, key);
}

static void put_plan(evh_json *json, const evh_result_facts *facts)
{
    const evh_plan_terms *terms = evh_plan_terms_of(facts->plan);
    evh_json_object_open(json, "plan");
    evh_result_put_hash(json, "id", evh_plan_id(facts->plan));
    evh_json_text(json, "name", terms->name);
    evh_json_text(json, "scorer", evh_plan_scorer_name(terms->scorer));
    evh_json_bool(json, "noised", terms->privacy.mechanism != EVH_NOISE_NONE);
    evh_json_close(json);
}

static evh_status put_head(evh_json *json, const evh_compared *c)
{
    evh_status status = evh_ok();
    evh_buffer notice = evh_buffer_init(EVH_WORDS_BYTES_MAX);
    evh_json_text(json, "format", FORMAT);
    evh_json_u64(json, "version", EVH_COMPARISON_VERSION);
    evh_json_bool(json, "confidential", true);
    EVH_TRY(evh_compared_notice(&notice, c));
    evh_json_view(json, "notice", evh_buffer_view(&notice));
    evh_json_text(json, "customer", c->own->customer);
    evh_json_object_open(json, "counts");
    evh_json_text(json, "origin", evh_counts_origin_name(c->own->origin));
    evh_json_text(json, "remark", evh_counts_origin_words(c->own->origin));
    evh_json_close(json);
    put_plan(json, c->facts);
    evh_result_put_round(json, c->facts);
    evh_result_put_hash(json, "result_sha256", c->own->result_hash);
    evh_json_double(json, "confidence", c->global->confidence);
    evh_json_u64(json, "comparisons", c->count);

done:
    evh_buffer_clear(&notice);
    return status;
}

/* ---- questions ---- */

static evh_status put_answer(evh_json *json, const char *key, const evh_evaluation *e,
                             const evh_answer *answer, const evh_plan_grouping *grouping)
{
    evh_status status = evh_ok();
    evh_buffer sentence = evh_buffer_init(EVH_WORDS_BYTES_MAX);
    evh_json_object_open(json, key);
    evh_json_text(json, "verdict", evh_verdict_name(answer->verdict));
    put_text_or_null(json, "reason", answer->reason);
    EVH_TRY(evh_words_sentence(&sentence, e, answer, EVH_WORDS_PLAIN));
    evh_json_view(json, "sentence", evh_buffer_view(&sentence));
    evh_findings_put_finding(json, "gap", &answer->gap);
    evh_findings_put_values(json, "worst", e->plan, grouping, answer->worst);
    evh_findings_put_values(json, "compared_with", e->plan, grouping, answer->other);
    evh_json_close(json);

done:
    evh_buffer_clear(&sentence);
    return status;
}

/* What names a rate: grouping, model, metric. */
static void put_what(evh_json *json, const evh_evaluation *e, size_t grouping, size_t model,
                     size_t kind)
{
    const evh_plan_terms *terms = evh_plan_terms_of(e->plan);
    evh_findings_put_release(json, e->plan, e->groupings[grouping].grouping);
    if (terms->model_count > 0)
        evh_json_text(json, "model", terms->models[model]);
    evh_json_text(json, "metric", e->kinds[kind].name);
}

static evh_status put_question(evh_json *json, const evh_compared *c, size_t index)
{
    evh_status status = evh_ok();
    const evh_compared_part part = evh_compared_part_at(c, index);
    const evh_compared_tally tally = evh_compared_tally_of(c, &part);
    const evh_evaluation *e = c->global;
    const evh_plan_grouping *grouping = e->groupings[part.grouping].grouping;
    evh_buffer sentence = evh_buffer_init(EVH_WORDS_BYTES_MAX);
    evh_json_object_open(json, NULL);
    evh_json_text(json, "id", evh_plan_terms_of(e->plan)->questions[part.all->question].id);
    put_what(json, e, part.grouping, part.model, part.kind);
    evh_json_u64(json, "groups", tally.groups);
    evh_json_u64(json, "compared", tally.compared);
    evh_json_u64(json, "decided", tally.decided);
    evh_json_u64(json, "differing", tally.differing);
    EVH_TRY(evh_compared_sentence(&sentence, c, &part));
    evh_json_view(json, "sentence", evh_buffer_view(&sentence));
    EVH_TRY(put_answer(json, "local", c->local, part.here, grouping));
    EVH_TRY(put_answer(json, "global", c->global, part.all, grouping));
    evh_json_close(json);

done:
    evh_buffer_clear(&sentence);
    return status;
}

/* ---- groups ---- */

static void put_cells(evh_json *json, const evh_compared *c, const evh_local_comparison *row)
{
    const size_t width = evh_plan_cells_per_group(c->global->plan);
    const int64_t *cells = c->local->groupings[row->grouping].released +
                           (row->group * c->local->model_count + row->model) * width;
    evh_json_row_open(json, "counts");
    for (size_t i = 0; i < width; i++)
        evh_json_i64(json, evh_plan_cell_name(c->global->plan, i), cells[i]);
    evh_json_close(json);
}

static void put_row(evh_json *json, const evh_compared *c, const evh_local_comparison *row)
{
    const evh_evaluation *e = c->global;
    const evh_worse worse = evh_metric_worse(e->kinds[row->kind].metric);
    evh_json_object_open(json, NULL);
    put_what(json, e, row->grouping, row->model, row->kind);
    evh_findings_put_values(json, "group", e->plan, e->groupings[row->grouping].grouping,
                            row->group);
    put_cells(json, c, row);
    evh_findings_put_finding(json, "local", &row->local);
    evh_findings_put_finding(json, "global", &row->global);
    evh_findings_put_finding(json, "difference", &row->difference);
    evh_findings_put_estimate(json, "share", row->share);
    if (row->decided)
        evh_json_bool(json, "differs", row->differs);
    else
        evh_json_null(json, "differs");
    put_text_or_null(json, "side", evh_compared_side(row));
    if (row->differs && worse != EVH_WORSE_NEITHER)
        evh_json_bool(json, "worse", evh_compared_is_worse(c, row));
    else
        evh_json_null(json, "worse");
    evh_json_close(json);
}

static evh_status put_all(evh_json *json, const evh_compared *c)
{
    evh_status status = evh_ok();
    evh_json_object_open(json, NULL);
    EVH_TRY(put_head(json, c));
    evh_json_array_open(json, "questions");
    for (size_t i = 0; i < c->global->answer_count; i++)
        EVH_TRY(put_question(json, c, i));
    evh_json_close(json);
    evh_json_array_open(json, "groups");
    for (size_t i = 0; i < c->count; i++)
        put_row(json, c, &c->rows[i]);
    evh_json_close(json);
    evh_json_close(json);
    EVH_TRY(evh_json_end(json));

done:
    return status;
}

evh_status evh_comparison_write(evh_buffer *out, const evh_result_facts *facts,
                                const evh_own_counts *own)
{
    evh_status status = evh_ok();
    const size_t before = out->len;
    evh_compared compared;
    evh_json json = evh_json_writer(out);
    EVH_TRY(evh_compared_make(&compared, facts, own));
    EVH_TRY(put_all(&json, &compared));

done:
    evh_compared_clear(&compared);
    if (status.code != EVH_OK)
        evh_buffer_truncate(out, before);
    return status;
}
