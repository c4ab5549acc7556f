/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "evenhand/base/clock.h"
#include "evenhand/plan/canonical.h"
#include "evenhand/report/formats.h"
#include "findings_internal.h"
#include "result_internal.h"

enum { SCRATCH_BYTES_MAX = 1 << 16 };

typedef struct csv {
    evh_buffer *out;
    evh_buffer scratch;
    const evh_result_facts *facts;
    const evh_evaluation *evaluation;
    char plan_id[2 * EVH_PLAN_ID_LEN + 1];
    char window[2][EVH_TIME_TEXT_LEN]; /* empty without a window */
} csv;

/* What a spreadsheet would take for a formula, be it in full-width characters. */
static bool begins_formula(const char *text)
{
    static const char *const beginnings[] = {"=",
                                             "+",
                                             "-",
                                             "@",
                                             "\t",
                                             "\r",
                                             "\n",
                                             "\xef\xbc\x9d",  /* full-width = */
                                             "\xef\xbc\x8b",  /* + */
                                             "\xef\xbc\x8d",  /* - */
                                             "\xef\xbc\xa0"}; /* @ */
    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++)
        if (strncmp(text, beginnings[i], strlen(beginnings[i])) == 0)
            return true;
    return false;
}

/* Every text is quoted; a quote in it is doubled. Before what would be a formula, and before
 * apostrophes in front of it, stands one more apostrophe: so it can be taken away again. */
static evh_status put_text(csv *to, const char *text)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_buffer_u8(to->out, '"'));
    if (begins_formula(text + strspn(text, "'")))
        EVH_TRY(evh_buffer_u8(to->out, '\''));
    for (; *text != '\0'; text++) {
        if (*text == '"')
            EVH_TRY(evh_buffer_u8(to->out, '"'));
        EVH_TRY(evh_buffer_u8(to->out, (uint8_t)*text));
    }
    EVH_TRY(evh_buffer_format(to->out, "\","));

done:
    return status;
}

/* All digits; nothing for what is not there or not finite. */
static evh_status put_number(csv *to, bool there, double value)
{
    if (!there || !isfinite(value))
        return evh_buffer_format(to->out, ",");
    return evh_buffer_format(to->out, "%.17g,", value);
}

/* The comma behind the last column becomes the end of the line. */
static evh_status end_line(csv *to)
{
    evh_buffer_truncate(to->out, to->out->len - 1);
    return evh_buffer_format(to->out, "\r\n");
}

/* Columns of disparities: against how many things a rate is held. */
static size_t against_count(const csv *to)
{
    return EVH_AGAINST_NAMES - (to->evaluation->model_count > 1 ? 0 : 1);
}

static evh_status put_disparity_heading(csv *to)
{
    evh_status status = evh_ok();
    static const char *const ends[] = {"", "_low", "_high"};
    for (size_t i = 0; i < against_count(to); i++)
        for (size_t j = 0; j < 6; j++)
            EVH_TRY(evh_buffer_format(to->out, "\"%s_%s%s\",", evh_against_names[i],
                                      j < 3 ? "difference" : "ratio", ends[j % 3]));

done:
    return status;
}

static evh_status put_heading(csv *to)
{
    evh_status status = evh_ok();
    static const char *const before[] = {"plan_id",    "plan",      "round",   "window_start",
                                         "window_end", "customers", "release", "model"};
    static const char *const after[] = {"metric",           "value",
                                        "withheld",         "raw",
                                        "sampling_sd",      "privacy_sd",
                                        "pointwise_low",    "pointwise_high",
                                        "simultaneous_low", "simultaneous_high",
                                        "corrected"};
    const evh_plan *plan = to->facts->plan;
    const evh_plan_terms *terms = evh_plan_terms_of(plan);
    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++)
        EVH_TRY(put_text(to, before[i]));
    for (size_t i = 0; i < terms->attribute_count; i++)
        EVH_TRY(put_text(to, terms->attributes[i].name));
    for (size_t i = 0; i < sizeof after / sizeof after[0]; i++)
        EVH_TRY(put_text(to, after[i]));
    EVH_TRY(put_disparity_heading(to));
    for (size_t i = 0; i < evh_plan_cells_per_group(plan); i++) {
        char name[EVH_PLAN_VALUE_MAX + 32];
        (void)snprintf(name, sizeof name, "released:%s", evh_plan_cell_name(plan, i));
        EVH_TRY(put_text(to, name));
    }
    EVH_TRY(end_line(to));

done:
    return status;
}

/* Names of attributes with + between them. */
static evh_status put_release(csv *to, const evh_plan_grouping *grouping)
{
    evh_status status = evh_ok();
    const evh_plan_terms *terms = evh_plan_terms_of(to->facts->plan);
    evh_buffer_truncate(&to->scratch, 0);
    for (size_t i = 0; i < grouping->attribute_count; i++)
        EVH_TRY(evh_buffer_format(&to->scratch, "%s%s", i > 0 ? "+" : "",
                                  terms->attributes[grouping->attributes[i]].name));
    EVH_TRY(evh_buffer_u8(&to->scratch, '\0'));
    EVH_TRY(put_text(to, (const char *)to->scratch.data));

done:
    return status;
}

/* What every row starts with. A column for each attribute of the plan, empty where the row is not
 * about one value of it.
 *   values  [attributes of the grouping], SIZE_MAX for empty; NULL: all are */
static evh_status put_place(csv *to, const evh_plan_grouping *grouping, const size_t *values,
                            size_t model)
{
    evh_status status = evh_ok();
    const evh_plan *plan = to->facts->plan;
    const evh_plan_terms *terms = evh_plan_terms_of(plan);
    size_t next = 0;
    EVH_TRY(put_text(to, to->plan_id));
    EVH_TRY(put_text(to, terms->name));
    EVH_TRY(evh_buffer_format(to->out, "%" PRIu32 ",%s,%s,%" PRIu32 ",", to->facts->round,
                              to->window[0], to->window[1], to->facts->customers));
    EVH_TRY(put_release(to, grouping));
    EVH_TRY(put_text(to, terms->model_count > 0 ? terms->models[model] : ""));
    for (size_t i = 0; i < terms->attribute_count; i++) {
        const bool has = next < grouping->attribute_count && grouping->attributes[next] == i;
        const bool told = has && values != NULL && values[next] != SIZE_MAX;
        EVH_TRY(put_text(to, told ? evh_plan_value_name(plan, i, values[next]) : ""));
        next += has ? 1 : 0;
    }

done:
    return status;
}

static evh_status put_finding(csv *to, const char *metric, const evh_finding *finding)
{
    evh_status status = evh_ok();
    const bool shown = finding->withheld == EVH_SHOWN;
    const evh_interval *intervals[] = {&finding->pointwise, &finding->simultaneous};
    EVH_TRY(put_text(to, metric));
    EVH_TRY(put_number(to, shown && finding->estimate.defined, finding->estimate.value));
    EVH_TRY(put_text(to, shown ? "" : evh_withheld_name(finding->withheld)));
    EVH_TRY(put_number(to, shown, finding->raw));
    EVH_TRY(put_number(to, shown, finding->sampling_sd));
    EVH_TRY(put_number(to, shown, finding->privacy_sd));
    for (size_t i = 0; i < 2; i++) {
        const bool has = shown && intervals[i]->withheld == EVH_SHOWN;
        EVH_TRY(put_number(to, has, intervals[i]->low));
        EVH_TRY(put_number(to, has, intervals[i]->high));
    }

done:
    return status;
}

/* Empty fields up to the end of the line: what a row says nothing about. */
static evh_status end_short_line(csv *to, size_t empty)
{
    evh_status status = evh_ok();
    for (size_t i = 0; i < empty; i++)
        EVH_TRY(evh_buffer_u8(to->out, ','));
    EVH_TRY(end_line(to));

done:
    return status;
}

static evh_status put_short(csv *to, bool there, const evh_finding *finding)
{
    evh_status status = evh_ok();
    const evh_interval *interval = &finding->pointwise;
    const bool shown = there && finding->withheld == EVH_SHOWN;
    const bool has = shown && interval->withheld == EVH_SHOWN;
    EVH_TRY(put_number(to, shown && finding->estimate.defined, finding->estimate.value));
    EVH_TRY(put_number(to, has, interval->low));
    EVH_TRY(put_number(to, has, interval->high));

done:
    return status;
}

static evh_status put_disparities(csv *to, const evh_disparity_asked *asked)
{
    evh_status status = evh_ok();
    evh_group_disparity found[EVH_AGAINST_NAMES];
    EVH_TRY(evh_group_disparities(found, to->evaluation, *asked));
    for (size_t i = 0; i < against_count(to); i++) {
        EVH_TRY(put_short(to, found[i].there, &found[i].found.difference));
        EVH_TRY(put_short(to, found[i].there, &found[i].found.ratio));
    }

done:
    return status;
}

static evh_status put_row(csv *to, const evh_disparity_asked *asked)
{
    evh_status status = evh_ok();
    const evh_evaluation *e = to->evaluation;
    const evh_grouping_findings *part = &e->groupings[asked->grouping];
    const size_t width = evh_plan_cells_per_group(to->facts->plan);
    size_t values[EVH_PLAN_ATTRIBUTES_MAX];
    evh_plan_group_values(e->plan, part->grouping, asked->group, values);
    EVH_TRY(put_place(to, part->grouping, values, asked->model));
    EVH_TRY(put_finding(
        to, e->kinds[asked->kind].name,
        evh_evaluation_rate(e, asked->grouping, asked->kind, asked->group, asked->model)));
    EVH_TRY(evh_buffer_u8(to->out, ',')); /* corrected */
    EVH_TRY(put_disparities(to, asked));
    for (size_t i = 0; i < width; i++)
        EVH_TRY(evh_buffer_format(
            to->out, "%" PRId64 ",",
            part->released[(asked->group * e->model_count + asked->model) * width + i]));
    EVH_TRY(end_line(to));

done:
    return status;
}

static evh_status put_rows(csv *to, size_t index)
{
    evh_status status = evh_ok();
    const evh_evaluation *evaluation = to->evaluation;
    evh_disparity_asked asked = {.grouping = index};
    for (; asked.group < evaluation->groupings[index].grouping->group_count; asked.group++)
        for (asked.model = 0; asked.model < evaluation->model_count; asked.model++)
            for (asked.kind = 0; asked.kind < evaluation->kind_count; asked.kind++)
                EVH_TRY(put_row(to, &asked));

done:
    return status;
}

/* ---- named measures ---- */

/* "DPPL", "DPPL:cat": the text stays until the next. */
static evh_status name_of(const char **out, csv *to, const char *measure, size_t metric_class)
{
    evh_status status = evh_ok();
    const evh_plan_scoring *scoring = &evh_plan_terms_of(to->facts->plan)->scoring;
    const bool of_class = to->evaluation->meaning.layout == EVH_CELLS_CLASSES;
    evh_buffer_truncate(&to->scratch, 0);
    EVH_TRY(evh_buffer_format(&to->scratch, "%s%s%s", measure, of_class ? ":" : "",
                              of_class ? scoring->classes[metric_class] : ""));
    EVH_TRY(evh_buffer_u8(&to->scratch, '\0'));
    *out = (const char *)to->scratch.data;

done:
    return status;
}

static evh_status put_clarify(csv *to, evh_clarify measure, const evh_clarify_asked *asked,
                              const size_t *values)
{
    evh_status status = evh_ok();
    const evh_plan *plan = to->facts->plan;
    evh_finding found;
    const char *name = NULL;
    EVH_TRY(evh_clarify_measure(&found, to->evaluation, measure, asked));
    EVH_TRY(
        put_place(to, to->evaluation->groupings[asked->grouping].grouping, values, asked->model));
    EVH_TRY(name_of(&name, to, evh_clarify_name(measure), asked->metric_class));
    EVH_TRY(put_finding(to, name, &found));
    EVH_TRY(end_short_line(to, 1 + 6 * against_count(to) + evh_plan_cells_per_group(plan)));

done:
    return status;
}

/* The stratum has no value in the row. */
static evh_status put_conditional(void *context, const evh_clarify_asked *asked)
{
    csv *to = context;
    const evh_plan_grouping *grouping = to->evaluation->groupings[asked->grouping].grouping;
    size_t values[EVH_PLAN_ATTRIBUTES_MAX];
    evh_plan_group_values(to->facts->plan, grouping, asked->disfavoured, values);
    for (size_t i = 0; i < grouping->attribute_count; i++)
        if (grouping->attributes[i] == asked->stratum)
            values[i] = SIZE_MAX;
    return put_clarify(to, EVH_CLARIFY_CDDPL, asked, values);
}

static evh_status put_facets(csv *to, evh_clarify_asked asked)
{
    evh_status status = evh_ok();
    const evh_plan *plan = to->facts->plan;
    const evh_plan_grouping *grouping = to->evaluation->groupings[asked.grouping].grouping;
    size_t values[EVH_PLAN_ATTRIBUTES_MAX];
    asked.favoured = EVH_NO_GROUP;
    for (size_t group = 0; group < grouping->group_count; group++) {
        if (!evh_plan_group_is_declared(plan, grouping, group))
            continue;
        asked.disfavoured = group;
        evh_plan_group_values(plan, grouping, group, values);
        for (size_t i = 0; i < EVH_CLARIFY_GE; i++)
            EVH_TRY(put_clarify(to, (evh_clarify)i, &asked, values));
    }
    asked.disfavoured = 0;
    EVH_TRY(put_clarify(to, EVH_CLARIFY_GE, &asked, NULL));
    EVH_TRY(evh_findings_each_conditional(to->evaluation, asked, put_conditional, to));

done:
    return status;
}

static evh_status put_fairlearn(csv *to, const evh_fairlearn_asked *asked)
{
    evh_status status = evh_ok();
    evh_fairlearn_finding found[EVH_FAIRLEARN_COUNT];
    EVH_TRY(evh_fairlearn_measures(found, to->evaluation, asked));
    for (size_t i = 0; i < EVH_FAIRLEARN_COUNT; i++) {
        const evh_fairlearn_finding *one = &found[i];
        const bool shown = one->withheld == EVH_SHOWN;
        const char *name = NULL;
        const evh_finding plain = {.withheld = one->withheld,
                                   .estimate = one->estimate,
                                   .raw = NAN,
                                   .sampling_sd = NAN,
                                   .privacy_sd = NAN,
                                   .pointwise = one->interval,
                                   .simultaneous = {.withheld = EVH_WITHHELD_NOT_ASKED}};
        EVH_TRY(
            put_place(to, to->evaluation->groupings[asked->grouping].grouping, NULL, asked->model));
        EVH_TRY(name_of(&name, to, evh_fairlearn_name((evh_fairlearn)i), asked->metric_class));
        EVH_TRY(put_finding(to, name, &plain));
        EVH_TRY(put_number(to, shown && one->corrected.defined, one->corrected.value));
        EVH_TRY(
            end_short_line(to, 6 * against_count(to) + evh_plan_cells_per_group(to->facts->plan)));
    }

done:
    return status;
}

static evh_status put_named(csv *to, size_t index)
{
    evh_status status = evh_ok();
    const evh_evaluation *e = to->evaluation;
    const size_t classes = evh_named_class_count(e);
    evh_fairlearn_asked asked = {.grouping = index};
    if (e->groupings[index].grouping->attribute_count == 0)
        goto done;
    for (; asked.model < e->model_count; asked.model++)
        for (asked.metric_class = 0; asked.metric_class < classes; asked.metric_class++) {
            EVH_TRY(put_fairlearn(to, &asked));
            EVH_TRY(put_facets(to, (evh_clarify_asked){.grouping = index,
                                                       .model = asked.model,
                                                       .metric_class = asked.metric_class}));
        }

done:
    return status;
}

evh_status evh_result_csv(evh_buffer *out, const evh_result_facts *facts)
{
    evh_status status = evh_ok();
    const size_t before = out->len;
    evh_evaluation *evaluation = NULL;
    csv to = {.out = out, .scratch = evh_buffer_init(SCRATCH_BYTES_MAX), .facts = facts};
    EVH_TRY(evh_result_evaluate(&evaluation, facts));
    to.evaluation = evaluation;
    evh_hex_encode(to.plan_id, evh_view_of(evh_plan_id(facts->plan), EVH_PLAN_ID_LEN));
    if (evh_plan_terms_of(facts->plan)->has_window) {
        evh_time_format(to.window[0], (int64_t)facts->window_start_ms);
        evh_time_format(to.window[1], (int64_t)facts->window_end_ms);
    }
    EVH_TRY(put_heading(&to));
    for (size_t i = 0; i < evaluation->grouping_count; i++) {
        EVH_TRY(put_rows(&to, i));
        EVH_TRY(put_named(&to, i));
    }

done:
    evh_evaluation_free(&evaluation);
    evh_buffer_clear(&to.scratch);
    if (status.code != EVH_OK)
        evh_buffer_truncate(out, before);
    return status;
}
