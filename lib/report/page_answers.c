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
        evh_html_format(html, "<td class=\"number\"></td><td>%s</td>",
                        group == asked->reference ? "reference" : "");
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

/* How many groups are shown, where not all of them are. */
static void put_shown(evh_page *page, size_t index)
{
    const size_t shown = evh_page_shown_count(page, index);
    const size_t all = page->evaluation->groupings[index].grouping->group_count;
    if (shown < all)
        evh_html_format(&page->html,
                        "<p class=\"cut\">%zu of %zu groups are shown: those that the answer "
                        "names, those beyond the tolerance, and the largest. All of them are in "
                        "result.json and in the table that <code>--csv</code> writes.</p>\n",
                        shown, all);
}

static void put_model(evh_page *page, const evh_answer *answer)
{
    const evh_plan_terms *terms = evh_plan_terms_of(page->facts->plan);
    if (terms->model_count == 0)
        return;
    evh_html_raw(&page->html, ", ");
    evh_html_name(&page->html, terms->models[answer->model]);
}

static void put_numbers(evh_page *page, const evh_answer *answer, size_t index, size_t number)
{
    evh_html *html = &page->html;
    const evh_evaluation *evaluation = page->evaluation;
    evh_html_format(html,
                    "<details><summary>The numbers of these charts</summary>\n"
                    "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                    "aria-labelledby=\"caption-%zu\"><table id=\"numbers-%zu\">\n"
                    "<caption id=\"caption-%zu\">",
                    number, number, number);
    evh_html_name(html, evh_plan_terms_of(page->facts->plan)->questions[answer->question].id);
    evh_html_raw(html, ": ");
    evh_html_words(html,
                   evh_words_metric(&html->scratch, evaluation, answer->kind, EVH_WORDS_ISOLATED));
    evh_html_raw(html, " ");
    evh_html_words(html, evh_words_grouping(&html->scratch, evaluation->plan,
                                            evaluation->groupings[index].grouping));
    put_model(page, answer);
    evh_html_format(html,
                    "</caption>\n<thead><tr><th scope=\"col\">group</th><th scope=\"col\" "
                    "class=\"number\">rate</th><th scope=\"col\" class=\"number\">%.4g %% "
                    "interval of the rate</th>",
                    100 * evaluation->confidence);
    if (answer->comparison_count > 0)
        evh_html_raw(html, "<th scope=\"col\" class=\"number\">against the reference "
                           "(interval)</th><th scope=\"col\">this group alone</th>");
    evh_html_raw(html, "</tr></thead>\n<tbody>\n");
    for (size_t group = 0; group < evaluation->groupings[index].grouping->group_count; group++)
        if (page->selection.groups[index][group])
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

/* What the rate is, and which side of it is worse. */
static void put_meaning(evh_page *page, const evh_answer *answer)
{
    evh_html *html = &page->html;
    const evh_metric *metric = page->evaluation->kinds[answer->kind].metric;
    const char *meaning = evh_page_rate_meaning(metric->name);
    static const char *const worse[] = {[EVH_WORSE_NEITHER] = "Neither side is worse in itself.",
                                        [EVH_WORSE_HIGH] = "Higher is worse.",
                                        [EVH_WORSE_LOW] = "Lower is worse."};
    evh_html_raw(html, "<p class=\"meaning\"><span class=\"term\">");
    evh_html_words(
        html, evh_words_metric(&html->scratch, page->evaluation, answer->kind, EVH_WORDS_ISOLATED));
    evh_html_raw(html, "</span>: ");
    if (meaning != NULL)
        evh_html_text(html, evh_view_of_text(meaning));
    evh_html_format(html, ". %s</p>\n", worse[evh_metric_worse(metric)]);
}

static void put_answer(evh_page *page, size_t number)
{
    evh_html *html = &page->html;
    const evh_evaluation *evaluation = page->evaluation;
    const evh_answer *answer = &evaluation->answers[number];
    const evh_plan_question *asked =
        &evh_plan_terms_of(page->facts->plan)->questions[answer->question];
    evh_html_format(html,
                    "<article class=\"answer\" id=\"answer-%zu\" "
                    "aria-labelledby=\"question-%zu\">\n<p class=\"id\">",
                    number, number);
    evh_html_name(html, asked->id);
    put_model(page, answer);
    evh_html_format(html, "</p>\n<h3 id=\"question-%zu\">", number);
    evh_html_words(html,
                   evh_words_question(&html->scratch, evaluation, answer, EVH_WORDS_ISOLATED));
    evh_html_raw(html, "</h3>\n<p class=\"sentence\">");
    put_verdict(html, answer->verdict);
    evh_html_raw(html, " ");
    evh_html_words(html,
                   evh_words_statement(&html->scratch, evaluation, answer, EVH_WORDS_ISOLATED));
    evh_html_raw(html, "</p>\n");
    put_meaning(page, answer);
    put_caveats(html, evaluation->groupings[asked->grouping].caveats);
    evh_html_format(html,
                    "<figure><div class=\"plots\" data-answer=\"%zu\" data-groups=\"%zu\" "
                    "role=\"group\" aria-labelledby=\"question-%zu\"></div></figure>\n",
                    number, evaluation->groupings[asked->grouping].grouping->group_count, number);
    put_shown(page, asked->grouping);
    put_numbers(page, answer, asked->grouping, number);
    evh_html_raw(html, "</article>\n");
}

static void put_sample(evh_html *html, const char *inside, const char *words)
{
    evh_html_raw(html, "<li><svg class=\"sample\" viewBox=\"0 0 44 16\" aria-hidden=\"true\">");
    evh_html_raw(html, inside);
    evh_html_raw(html, "</svg>");
    evh_html_raw(html, words);
    evh_html_raw(html, "</li>\n");
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
                       "<path d=\"M8 3 13.5 13h-11z\"/></svg>shown, not compared</li>\n");
    put_sample(html, "<path class=\"sampling\" d=\"M12 8h20\"/>",
               "uncertain because a sample was measured");
    put_sample(html,
               "<path class=\"noise\" d=\"M2 8h40M2 3v10M42 3v10\"/>"
               "<path class=\"sampling\" d=\"M12 8h20\"/>",
               "and, thin, because of privacy noise: the whole interval");
    put_sample(html, "<path class=\"noise\" d=\"M2 8h38M35 3l6 5-6 5\"/>",
               "reaches beyond the chart");
    put_sample(html,
               "<path class=\"band-ground\" d=\"M0 0h44v16H0z\"/>"
               "<path class=\"band-line\" d=\"M0 12 12 0M8 16 24 0M20 16 36 0M32 16 44 4\"/>",
               "tolerated");
    evh_html_raw(html, "</ul>\n");
}

void evh_page_answers(evh_page *page)
{
    evh_html *html = &page->html;
    evh_html_raw(html, "<section id=\"answers\" aria-labelledby=\"answers-title\">\n"
                       "<h2 id=\"answers-title\">Answers</h2>\n");
    if (page->evaluation->answer_count > 0)
        put_legend(html);
    for (size_t i = 0; i < page->evaluation->answer_count; i++)
        put_answer(page, i);
    if (page->evaluation->answer_count == 0)
        evh_html_raw(html, "<p>This plan asks no question: it has no tolerances and there are no "
                           "verdicts. The rates of all groups are below.</p>\n");
    evh_html_raw(html, "</section>\n");
}

/* ---- in short ---- */

static void put_counted(evh_html *html, evh_verdict verdict, size_t count)
{
    static const char *const single[] = {"has insufficient evidence", "is within tolerance",
                                         "exceeds its tolerance"};
    static const char *const several[] = {"have insufficient evidence", "are within tolerance",
                                          "exceed their tolerance"};
    if (count == 0)
        return;
    evh_html_format(html, "<span class=\"tally %s\">", evh_verdict_name(verdict));
    evh_html_raw(html, shape_of(verdict));
    evh_html_format(html, "<strong>%zu</strong> %s</span>\n", count,
                    (count == 1 ? single : several)[verdict]);
}

static void put_line(evh_page *page, size_t number)
{
    evh_html *html = &page->html;
    const evh_answer *answer = &page->evaluation->answers[number];
    evh_html_raw(html, "<li>");
    put_verdict(html, answer->verdict);
    evh_html_format(html, " <a href=\"#answer-%zu\">", number);
    evh_html_name(html, evh_plan_terms_of(page->facts->plan)->questions[answer->question].id);
    put_model(page, answer);
    evh_html_raw(html, "</a>: ");
    evh_html_words(html,
                   evh_words_apart(&html->scratch, page->evaluation, answer, EVH_WORDS_ISOLATED));
    evh_html_raw(html, ".</li>\n");
}

void evh_page_summary(evh_page *page)
{
    evh_html *html = &page->html;
    const evh_evaluation *evaluation = page->evaluation;
    static const evh_verdict order[] = {EVH_EXCEEDS_TOLERANCE, EVH_INSUFFICIENT_EVIDENCE,
                                        EVH_WITHIN_TOLERANCE};
    size_t counts[3] = {0};
    if (evaluation->answer_count == 0)
        return;
    for (size_t i = 0; i < evaluation->answer_count; i++)
        counts[evaluation->answers[i].verdict]++;
    evh_html_format(html, "<p class=\"headline\"><span>%zu %s:</span>\n", evaluation->answer_count,
                    evaluation->answer_count == 1 ? "answer" : "answers");
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        put_counted(html, order[i], counts[order[i]]);
    evh_html_raw(html, "</p>\n<ul class=\"summary\">\n");
    for (size_t rank = 0; rank < sizeof order / sizeof order[0]; rank++)
        for (size_t i = 0; i < evaluation->answer_count; i++)
            if (evaluation->answers[i].verdict == order[rank])
                put_line(page, i);
    evh_html_raw(html, "</ul>\n");
}
