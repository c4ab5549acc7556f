/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "page_internal.h"
#include "words_internal.h"

/* Too many rates make a table that nobody reads: those that questions ask for, or the first. */
static bool is_listed(const evh_evaluation *evaluation, size_t kind)
{
    for (size_t i = 0; i < evaluation->answer_count; i++)
        if (evaluation->answers[i].kind == kind)
            return true;
    return kind == 0 && evaluation->answer_count == 0;
}

static void put_column(evh_html *html, bool number)
{
    evh_html_format(html, "<th scope=\"col\"%s aria-sort=\"none\"><button type=\"button\">",
                    number ? " class=\"number\"" : "");
}

static void put_heading(evh_page *page)
{
    evh_html *html = &page->html;
    const evh_evaluation *evaluation = page->evaluation;
    const evh_plan *plan = page->facts->plan;
    evh_html_raw(html, "<thead><tr>");
    put_column(html, false);
    evh_html_raw(html, "grouping</button></th>");
    put_column(html, false);
    evh_html_raw(html, "group</button></th>");
    if (evh_plan_terms_of(plan)->model_count > 0) {
        put_column(html, false);
        evh_html_raw(html, "model</button></th>");
    }
    for (size_t kind = 0; kind < evaluation->kind_count; kind++) {
        if (!is_listed(evaluation, kind))
            continue;
        put_column(html, true);
        evh_html_words(html,
                       evh_words_metric(&html->scratch, evaluation, kind, EVH_WORDS_ISOLATED));
        evh_html_raw(html, "</button></th>");
    }
    for (size_t i = 0; i < evh_plan_cells_per_group(plan); i++) {
        put_column(html, true);
        evh_html_name(html, evh_plan_cell_name(plan, i));
        evh_html_raw(html, "</button></th>");
    }
    evh_html_raw(html, "</tr></thead>\n");
}

static void put_rate(evh_page *page, size_t index, size_t kind, size_t group, size_t model)
{
    evh_html *html = &page->html;
    const evh_rate_kind *of = &page->evaluation->kinds[kind];
    const evh_finding *rate = evh_evaluation_rate(page->evaluation, index, kind, group, model);
    const bool shown = rate->withheld == EVH_SHOWN;
    evh_html_raw(html, "<td class=\"number\" data-value=\"");
    evh_html_number(html, shown && rate->estimate.defined, rate->estimate.value);
    evh_html_raw(html, "\">");
    if (shown) {
        evh_html_words(html, evh_words_rate(&html->scratch, of, rate->estimate));
        evh_html_raw(html, " <small>");
        evh_html_words(html, evh_words_interval(&html->scratch, of, evh_words_interval_of(rate)));
        evh_html_raw(html, "</small>");
    } else {
        evh_html_format(html, "&ndash; <small>%s</small>", evh_words_withheld(rate->withheld));
    }
    evh_html_raw(html, "</td>");
}

static void put_row(evh_page *page, size_t index, size_t group, size_t model)
{
    evh_html *html = &page->html;
    const evh_evaluation *evaluation = page->evaluation;
    const evh_plan *plan = page->facts->plan;
    const evh_plan_terms *terms = evh_plan_terms_of(plan);
    const evh_grouping_findings *part = &evaluation->groupings[index];
    const size_t width = evh_plan_cells_per_group(plan);
    const int64_t *sums = part->released + (group * evaluation->model_count + model) * width;
    evh_html_raw(html, "<tr><td>");
    evh_html_words(html, evh_words_grouping(&html->scratch, plan, part->grouping));
    evh_html_raw(html, "</td><th scope=\"row\">");
    evh_html_words(
        html, evh_words_group(&html->scratch, plan, part->grouping, group, EVH_WORDS_ISOLATED));
    evh_html_raw(html, "</th>");
    if (terms->model_count > 0) {
        evh_html_raw(html, "<td>");
        evh_html_name(html, terms->models[model]);
        evh_html_raw(html, "</td>");
    }
    for (size_t kind = 0; kind < evaluation->kind_count; kind++)
        if (is_listed(evaluation, kind))
            put_rate(page, index, kind, group, model);
    for (size_t i = 0; i < width; i++)
        evh_html_format(
            html, "<td class=\"number released\" data-value=\"%" PRId64 "\">%s%" PRIu64 "</td>",
            sums[i], sums[i] < 0 ? "&minus;" : "",
            sums[i] < 0 ? (uint64_t)0 - (uint64_t)sums[i] : (uint64_t)sums[i]);
    evh_html_raw(html, "</tr>\n");
}

void evh_page_table(evh_page *page)
{
    evh_html *html = &page->html;
    const evh_evaluation *evaluation = page->evaluation;
    evh_html_raw(html,
                 "<section id=\"sums\" aria-labelledby=\"sums-title\">\n<h2 "
                 "id=\"sums-title\">What was released</h2>\n<p>Every group with its raw sums "
                 "over all customers. They hold noise: a small count may be below zero. A "
                 "heading sorts by its column.</p>\n<div class=\"scroll\" tabindex=\"0\" "
                 "role=\"region\" aria-labelledby=\"sums-title\"><table class=\"sortable\">\n");
    put_heading(page);
    evh_html_raw(html, "<tbody>\n");
    for (size_t i = 0; i < evaluation->grouping_count; i++)
        for (size_t group = 0; group < evaluation->groupings[i].grouping->group_count; group++)
            for (size_t model = 0; model < evaluation->model_count; model++)
                put_row(page, i, group, model);
    evh_html_raw(html, "</tbody></table></div>\n<p role=\"status\" class=\"sorted\"></p>\n"
                       "</section>\n");
}
