/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "page_internal.h"
#include "words_internal.h"

enum { CELLS_OF_CLASS = 3 }; /* tp fp fn */

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

/* In groups of three digits. */
static void put_sum(evh_html *html, int64_t sum)
{
    uint64_t rest = sum < 0 ? (uint64_t)0 - (uint64_t)sum : (uint64_t)sum;
    uint64_t step = 1;
    while (rest / step >= 1000)
        step *= 1000;
    evh_html_format(html, "<td class=\"number released\" data-value=\"%" PRId64 "\">%s%" PRIu64,
                    sum, sum < 0 ? "&minus;" : "", rest / step);
    while (step > 1) {
        rest %= step;
        step /= 1000;
        evh_html_format(html, ",%03" PRIu64, rest / step);
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
        put_sum(html, sums[i]);
    evh_html_raw(html, "</tr>\n");
}

static void put_term(evh_html *html, evh_view name, const char *meaning)
{
    if (meaning == NULL)
        return;
    evh_html_raw(html, "<dt>");
    evh_html_text(html, name);
    evh_html_raw(html, "</dt><dd>");
    evh_html_text(html, evh_view_of_text(meaning));
    evh_html_raw(html, "</dd>\n");
}

/* Cells of several classes have one meaning: those of the first stand for all. */
static void put_columns(evh_page *page)
{
    evh_html *html = &page->html;
    const evh_plan *plan = page->facts->plan;
    evh_html_raw(html, "<details><summary>What the sums are</summary>\n<dl class=\"terms\">\n");
    for (size_t i = 0; i < evh_plan_cells_per_group(plan); i++) {
        const char *name = evh_plan_cell_name(plan, i);
        const char *class_name = strchr(name, ':');
        const size_t len = class_name != NULL ? (size_t)(class_name - name) : strlen(name);
        if (class_name != NULL && i >= CELLS_OF_CLASS)
            break;
        put_term(html, evh_view_of(name, len), evh_page_cell_meaning(name));
    }
    evh_html_raw(html, "</dl>\n");
    if (evh_plan_cells_per_group(plan) > CELLS_OF_CLASS &&
        strchr(evh_plan_cell_name(plan, 0), ':') != NULL)
        evh_html_raw(html, "<p>Each class is counted against all others: behind the colon stands "
                           "the class that a yes means.</p>\n");
    evh_html_raw(html, "</details>\n");
}

static void put_rate_terms(evh_page *page)
{
    evh_html *html = &page->html;
    const evh_evaluation *evaluation = page->evaluation;
    const evh_metric *last = NULL;
    evh_html_raw(html, "<details><summary>What the rates are</summary>\n<dl class=\"terms\">\n");
    for (size_t kind = 0; kind < evaluation->kind_count; kind++) {
        const evh_metric *metric = evaluation->kinds[kind].metric;
        if (evaluation->kinds[kind].metric->of_class && evaluation->kinds[kind].metric_class > 0)
            continue;
        if (metric != last)
            put_term(html, evh_view_of_text(metric->name), evh_page_rate_meaning(metric->name));
        last = metric;
    }
    evh_html_raw(html, "</dl></details>\n");
}

void evh_page_rates(evh_page *page)
{
    evh_html *html = &page->html;
    evh_html_raw(html,
                 "<section id=\"rates\" aria-labelledby=\"rates-title\">\n<h2 "
                 "id=\"rates-title\">All rates</h2>\n<p class=\"scripted\">Every rate that the "
                 "sums tell, with an interval that holds for this number alone unless a question "
                 "asks for it: where many are looked at, some are off by chance.</p>\n"
                 "<noscript><p>Charts need the script in this page. All rates are in "
                 "result.json.</p></noscript>\n"
                 "<div class=\"choices\"></div>\n<figure><div class=\"plots\" role=\"group\" "
                 "aria-labelledby=\"rates-title\"></div></figure>\n<div class=\"chosen\"></div>\n");
    put_rate_terms(page);
    evh_html_raw(html, "</section>\n");
}

static void put_cut(evh_page *page)
{
    const evh_evaluation *evaluation = page->evaluation;
    size_t shown = 0;
    size_t all = 0;
    for (size_t i = 0; i < evaluation->grouping_count; i++) {
        shown += evh_page_shown_count(page, i);
        all += evaluation->groupings[i].grouping->group_count;
    }
    if (shown < all)
        evh_html_format(&page->html,
                        "<p class=\"cut\">This result is too large for one page: %zu of its %zu "
                        "groups are shown, of each grouping those that answers name, those beyond "
                        "the tolerance, and the largest. All of them are in result.json and in "
                        "the table that <code>--csv</code> writes.</p>\n",
                        shown, all);
}

void evh_page_table(evh_page *page)
{
    evh_html *html = &page->html;
    const evh_evaluation *evaluation = page->evaluation;
    evh_html_raw(html,
                 "<section id=\"sums\" aria-labelledby=\"sums-title\">\n<h2 "
                 "id=\"sums-title\">What was released</h2>\n<p>These sums over all customers are "
                 "all that left anybody&rsquo;s premises and was added up; everything else on "
                 "this page is computed from them. They hold noise: a small count may be below "
                 "zero.</p>\n");
    put_cut(page);
    evh_html_raw(html, "<div class=\"scroll tall\" tabindex=\"0\" role=\"region\" "
                       "aria-labelledby=\"sums-caption\"><table class=\"sortable\">\n"
                       "<caption id=\"sums-caption\">Every group and its sums. A heading sorts by "
                       "its column.</caption>\n");
    put_heading(page);
    evh_html_raw(html, "<tbody>\n");
    for (size_t i = 0; i < evaluation->grouping_count; i++)
        for (size_t group = 0; group < evaluation->groupings[i].grouping->group_count; group++)
            for (size_t model = 0; model < evaluation->model_count; model++)
                if (page->selection.groups[i][group])
                    put_row(page, i, group, model);
    evh_html_raw(html, "</tbody></table></div>\n<p role=\"status\" class=\"sorted\"></p>\n");
    put_columns(page);
    evh_html_raw(html, "</section>\n");
}
