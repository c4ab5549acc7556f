/* SPDX-License-Identifier: Apache-2.0 */
#include "page_internal.h"
#include "words_internal.h"

/* Shapes, so that no verdict is told by colour alone. */
static const char *shape_of(evh_verdict verdict)
{
    switch (verdict) {
    case EVH_WITHIN_TOLERANCE:
        return "<svg class=\"shape\" viewBox=\"0 0 16 16\" aria-hidden=\"true\">"
               "<circle cx=\"8\" cy=\"8\" r=\"6\"/></svg>";
    case EVH_EXCEEDS_TOLERANCE:
        return "<svg class=\"shape\" viewBox=\"0 0 16 16\" aria-hidden=\"true\">"
               "<path d=\"M8 0.5 15.5 8 8 15.5 0.5 8z\"/></svg>";
    case EVH_INSUFFICIENT_EVIDENCE:
    default:
        return "<svg class=\"shape hollow\" viewBox=\"0 0 16 16\" aria-hidden=\"true\">"
               "<circle cx=\"8\" cy=\"8\" r=\"5.5\"/></svg>";
    }
}

static void put_verdict(evh_html *html, evh_verdict verdict)
{
    evh_html_format(html, "<span class=\"verdict %s\">", evh_verdict_name(verdict));
    evh_html_raw(html, shape_of(verdict));
    evh_html_format(html, "%s</span>", evh_words_verdict(verdict));
}

static const evh_comparison *comparison_of(const evh_answer *answer, size_t group)
{
    for (size_t i = 0; i < answer->comparison_count; i++)
        if (answer->comparisons[i].group == group)
            return &answer->comparisons[i];
    return NULL;
}

/* The disparity of a group, in the cells of its row. */
static void put_comparison(evh_page *page, const evh_answer *answer, size_t group)
{
    evh_html *html = &page->html;
    const evh_plan_question *asked =
        &evh_plan_terms_of(page->facts->plan)->questions[answer->question];
    const evh_comparison *comparison = comparison_of(answer, group);
    if (comparison == NULL) {
        evh_html_format(html, "<td colspan=\"2\">%s</td>",
                        group == asked->reference ? "compared with" : "");
        return;
    }
    const evh_finding *found = &comparison->disparity;
    evh_html_raw(html, "<td class=\"number\" data-value=\"");
    evh_html_number(html, found->withheld == EVH_SHOWN && found->estimate.defined,
                    found->estimate.value);
    evh_html_raw(html, "\">");
    evh_html_words(html, evh_words_disparity(&html->scratch, page->evaluation, answer, found));
    evh_html_format(html, "</td><td>%s</td>",
                    comparison->counted ? evh_words_verdict(comparison->verdict) : "not counted");
}

static void put_row(evh_page *page, const evh_answer *answer, size_t index, size_t group)
{
    evh_html *html = &page->html;
    const evh_evaluation *evaluation = page->evaluation;
    const evh_rate_kind *kind = &evaluation->kinds[answer->kind];
    const evh_finding *rate =
        evh_evaluation_rate(evaluation, index, answer->kind, group, answer->model);
    const bool shown = rate->withheld == EVH_SHOWN;
    evh_html_raw(html, "<tr><th scope=\"row\">");
    evh_html_words(html, evh_words_group(&html->scratch, evaluation->plan,
                                         evaluation->groupings[index].grouping, group,
                                         EVH_WORDS_ISOLATED));
    evh_html_raw(html, "</th><td class=\"number\" data-value=\"");
    evh_html_number(html, shown && rate->estimate.defined, rate->estimate.value);
    evh_html_raw(html, "\">");
    if (shown)
        evh_html_words(html, evh_words_rate(&html->scratch, kind, rate->estimate));
    else
        evh_html_raw(html, "&ndash;");
    evh_html_raw(html, "</td><td class=\"number\">");
    if (shown)
        evh_html_words(html, evh_words_interval(&html->scratch, kind, evh_words_interval_of(rate)));
    else
        evh_html_raw(html, evh_words_withheld(rate->withheld));
    evh_html_raw(html, "</td>");
    if (answer->comparison_count > 0)
        put_comparison(page, answer, group);
    evh_html_raw(html, "</tr>\n");
}

static void put_numbers(evh_page *page, const evh_answer *answer, size_t index, size_t number)
{
    evh_html *html = &page->html;
    const evh_evaluation *evaluation = page->evaluation;
    evh_html_raw(html, "<details><summary>The numbers of this chart</summary>\n"
                       "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Numbers "
                       "of this chart\">");
    evh_html_format(html, "<table id=\"numbers-%zu\">\n<thead><tr><th scope=\"col\">", number);
    evh_html_words(html, evh_words_grouping(&html->scratch, evaluation->plan,
                                            evaluation->groupings[index].grouping));
    evh_html_raw(html, "</th><th scope=\"col\" class=\"number\">");
    evh_html_words(html,
                   evh_words_metric(&html->scratch, evaluation, answer->kind, EVH_WORDS_ISOLATED));
    evh_html_format(html, "</th><th scope=\"col\" class=\"number\">%.4g %% interval</th>",
                    100 * evaluation->confidence);
    if (answer->comparison_count > 0)
        evh_html_raw(html, "<th scope=\"col\" class=\"number\">against the reference</th>"
                           "<th scope=\"col\">on its own</th>");
    evh_html_raw(html, "</tr></thead>\n<tbody>\n");
    for (size_t group = 0; group < evaluation->groupings[index].grouping->group_count; group++)
        put_row(page, answer, index, group);
    evh_html_raw(html, "</tbody></table></div></details>\n");
}

static void put_caveats(evh_html *html, unsigned caveats)
{
    static const unsigned flags[] = {EVH_ASSUMES_INDEPENDENT_RECORDS,
                                     EVH_AVERAGES_UNIT_GROUP_PAIRS};
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        const char *caveat = evh_words_caveat(caveats, flags[i]);
        if (caveat == NULL)
            continue;
        evh_html_raw(html, "<p class=\"caveat\">This measurement ");
        evh_html_raw(html, caveat);
        evh_html_raw(html, ".</p>\n");
    }
}

static void put_answer(evh_page *page, size_t number)
{
    evh_html *html = &page->html;
    const evh_evaluation *evaluation = page->evaluation;
    const evh_answer *answer = &evaluation->answers[number];
    const evh_plan_question *asked =
        &evh_plan_terms_of(page->facts->plan)->questions[answer->question];
    evh_html_format(html,
                    "<article class=\"answer\" aria-labelledby=\"question-%zu\">\n<h3 "
                    "id=\"question-%zu\">",
                    number, number);
    evh_html_name(html, asked->id);
    if (evh_plan_terms_of(page->facts->plan)->model_count > 0) {
        evh_html_raw(html, ", ");
        evh_html_name(html, evh_plan_terms_of(page->facts->plan)->models[answer->model]);
    }
    evh_html_raw(html, "</h3>\n<p class=\"sentence\">");
    put_verdict(html, answer->verdict);
    evh_html_raw(html, " ");
    evh_html_words(html,
                   evh_words_statement(&html->scratch, evaluation, answer, EVH_WORDS_ISOLATED));
    evh_html_raw(html, "</p>\n");
    put_caveats(html, evaluation->groupings[asked->grouping].caveats);
    evh_html_format(
        html,
        "<figure><div class=\"plots\" data-answer=\"%zu\" role=\"group\" "
        "aria-labelledby=\"question-%zu\"></div>\n<figcaption>"
        "Each line is an interval around its estimate: the thick part is what sampling "
        "alone would give, the thin part was added by privacy noise. A hollow mark: the "
        "evidence does not suffice for this group. The hatched band is what is "
        "tolerated.</figcaption></figure>\n",
        number, number);
    put_numbers(page, answer, asked->grouping, number);
    evh_html_raw(html, "</article>\n");
}

static void put_legend(evh_html *html)
{
    evh_html_raw(html, "<ul class=\"legend\" aria-label=\"Marks in the charts\">\n<li>");
    evh_html_raw(html, shape_of(EVH_WITHIN_TOLERANCE));
    evh_html_raw(html, "within tolerance</li>\n<li>");
    evh_html_raw(html, shape_of(EVH_EXCEEDS_TOLERANCE));
    evh_html_raw(html, "exceeds tolerance</li>\n<li>");
    evh_html_raw(html, shape_of(EVH_INSUFFICIENT_EVIDENCE));
    evh_html_raw(html, "insufficient evidence</li>\n<li>"
                       "<svg class=\"shape\" viewBox=\"0 0 16 16\" aria-hidden=\"true\">"
                       "<path d=\"M3 3h10v10H3z\"/></svg>reference</li>\n<li>"
                       "<svg class=\"shape hollow\" viewBox=\"0 0 16 16\" aria-hidden=\"true\">"
                       "<path d=\"M8 3 13.5 13h-11z\"/></svg>shown, not compared</li>\n</ul>\n");
}

void evh_page_answers(evh_page *page)
{
    evh_html *html = &page->html;
    evh_html_raw(html, "<section id=\"answers\" aria-labelledby=\"answers-title\">\n"
                       "<h2 id=\"answers-title\">Answers</h2>\n");
    put_legend(html);
    for (size_t i = 0; i < page->evaluation->answer_count; i++)
        put_answer(page, i);
    if (page->evaluation->answer_count == 0)
        evh_html_raw(html, "<p>This plan asks no question: it has no tolerances and there are no "
                           "verdicts.</p>\n");
    evh_html_raw(html,
                 "</section>\n<section id=\"explore\" hidden "
                 "aria-labelledby=\"explore-title\">\n<h2 id=\"explore-title\">All rates</h2>\n"
                 "<div class=\"choices\"></div>\n<figure><div class=\"plots\" role=\"group\" "
                 "aria-labelledby=\"explore-title\"></div>\n<figcaption>Intervals here hold "
                 "for one number at a time, unless a question asks for it. The table below "
                 "has the released sums.</figcaption></figure>\n</section>\n");
}
