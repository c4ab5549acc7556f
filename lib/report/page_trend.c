/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>

#include "evenhand/base/sizes.h"
#include "evenhand/fairness/trend.h"
#include "page_internal.h"
#include "words_internal.h"

/* The gap between the same two groups in each round, which are those of the last round; without a
 * reference, between whatever groups were furthest apart. */
static evh_finding gap_of(const evh_answer *answer, const evh_answer *last)
{
    for (size_t i = 0; i < answer->comparison_count; i++)
        if (answer->comparisons[i].group == last->worst)
            return answer->comparisons[i].disparity;
    return answer->gap;
}

static const evh_plan_question *question_of(const evh_page *page, const evh_answer *answer)
{
    return &evh_plan_terms_of(page->facts->plan)->questions[answer->question];
}

static void put_group(evh_page *page, const evh_answer *answer, size_t group)
{
    evh_html *html = &page->html;
    const evh_plan *plan = page->facts->plan;
    if (group == EVH_NO_GROUP)
        evh_html_raw(html, "&ndash;");
    else
        evh_html_words(
            html, evh_words_group(&html->scratch, plan,
                                  evh_plan_grouping_at(plan, question_of(page, answer)->grouping),
                                  group, EVH_WORDS_ISOLATED));
}

/* Who was furthest apart in this round, which may be others than in the last one. */
static void put_furthest(evh_page *page, const evh_answer *answer)
{
    put_group(page, answer, answer->worst);
    if (question_of(page, answer)->reference != EVH_NO_GROUP || answer->worst == EVH_NO_GROUP)
        return;
    evh_html_raw(&page->html, " and ");
    put_group(page, answer, answer->other);
}

static void put_data(evh_html *html, const char *name, bool there, double value)
{
    evh_html_format(html, " data-%s=\"", name);
    evh_html_number(html, there, value);
    evh_html_raw(html, "\"");
}

static void put_point(evh_page *page, const evh_answer *answer, const evh_trend_point *point)
{
    evh_html *html = &page->html;
    const evh_interval *interval = evh_words_interval_of(&point->gap);
    const bool shown = point->gap.withheld == EVH_SHOWN && point->gap.estimate.defined;
    const bool has = shown && interval->withheld == EVH_SHOWN;
    evh_html_format(html, "<tr data-round=\"%" PRIu32 "\" data-verdict=\"%s\"", point->round,
                    evh_verdict_name(answer->verdict));
    put_data(html, "low", has, interval->low);
    put_data(html, "high", has, interval->high);
    put_data(html, "sampling-low", has, interval->sampling_low);
    put_data(html, "sampling-high", has, interval->sampling_high);
    evh_html_format(html, "><th scope=\"row\">%" PRIu32 "</th><td class=\"number\" data-value=\"",
                    point->round);
    evh_html_number(html, shown, point->gap.estimate.value);
    evh_html_raw(html, "\">");
    evh_html_words(html,
                   evh_words_disparity(&html->scratch, page->evaluation, answer, &point->gap));
    evh_html_raw(html, "</td><td>");
    put_furthest(page, answer);
    evh_html_format(html, "</td><td>%s</td><td>", evh_words_verdict(answer->verdict));
    if (point->drifted)
        evh_html_format(html, "differs from round %" PRIu32, point->since);
    evh_html_raw(html, "</td></tr>\n");
}

static bool same_pairs(const evh_page *page, size_t number)
{
    const evh_answer *last = &page->evaluation->answers[number];
    for (size_t i = 0; i < page->count; i++)
        if (page->evaluations[i]->answers[number].worst != last->worst ||
            page->evaluations[i]->answers[number].other != last->other)
            return false;
    return true;
}

static bool has_gap(const evh_finding *gap)
{
    return gap->withheld == EVH_SHOWN && gap->estimate.defined;
}

/* Whose gap it is that is drawn. */
static void put_subject(evh_page *page, const evh_answer *answer, size_t number)
{
    evh_html *html = &page->html;
    if (!has_gap(&answer->gap) || answer->worst == EVH_NO_GROUP) {
        evh_html_raw(html, "<p>In the last round no gap can be stated.");
    } else if (question_of(page, answer)->reference != EVH_NO_GROUP) {
        evh_html_raw(html, "<p>The gap of ");
        put_group(page, answer, answer->worst);
        evh_html_format(html, ", the group that the answer for round %" PRIu32 " names, to ",
                        page->facts->round);
        put_group(page, answer, answer->other);
        evh_html_raw(html, same_pairs(page, number)
                               ? ", in every round."
                               : ", in every round; the table says whom each round&rsquo;s own "
                                 "answer names.");
    } else {
        evh_html_raw(html, "<p>The gap between the two groups that are furthest apart in each "
                           "round: ");
        if (same_pairs(page, number)) {
            evh_html_raw(html, "always ");
            put_furthest(page, answer);
            evh_html_raw(html, ".");
        } else {
            evh_html_raw(html, "<strong>not the same groups in all rounds</strong>, see the "
                               "table. So what changes may be who is apart, and not only how "
                               "far.");
        }
    }
}

static void put_statement(evh_html *html, const evh_trend_point *last)
{
    if (last->drifted)
        evh_html_format(html,
                        " <strong>The gap of round %" PRIu32 " and that of round %" PRIu32
                        " differ beyond chance: their intervals do not meet.</strong></p>\n",
                        last->round, last->since);
    else if (!has_gap(&last->gap))
        evh_html_raw(html, " Whether anything has changed is not known.</p>\n");
    else
        evh_html_raw(html, " No change beyond chance can be seen: the interval of the last round "
                           "meets those of all earlier ones.</p>\n");
}

/* The question, and the model where the plan names some. */
static void put_name(evh_html *html, const evh_plan_terms *terms, const evh_answer *answer)
{
    evh_html_name(html, terms->questions[answer->question].id);
    if (terms->model_count == 0)
        return;
    evh_html_raw(html, ", ");
    evh_html_name(html, terms->models[answer->model]);
}

static void put_question(evh_page *page, size_t number, const evh_trend_point *points)
{
    evh_html *html = &page->html;
    const evh_answer *answer = &page->evaluation->answers[number];
    const evh_plan_terms *terms = evh_plan_terms_of(page->facts->plan);
    evh_html_format(html,
                    "<article class=\"trend\" data-answer=\"%zu\" "
                    "aria-labelledby=\"trend-%zu\">\n<h3 id=\"trend-%zu\">",
                    number, number, number);
    put_name(html, terms, answer);
    evh_html_raw(html, "</h3>\n");
    put_subject(page, answer, number);
    put_statement(html, &points[page->count - 1]);
    evh_html_format(html,
                    "<figure><div class=\"plots\" role=\"group\" "
                    "aria-labelledby=\"trend-%zu\"></div></figure>\n"
                    "<details><summary>The numbers of this chart</summary>\n"
                    "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                    "aria-labelledby=\"trend-caption-%zu\"><table><caption "
                    "id=\"trend-caption-%zu\">Gap by round: ",
                    number, number, number);
    put_name(html, terms, answer);
    evh_html_raw(html, "</caption>\n<thead><tr><th scope=\"col\">round</th><th scope=\"col\" "
                       "class=\"number\">gap (interval)</th>"
                       "<th scope=\"col\">furthest apart in this round</th>"
                       "<th scope=\"col\">answer of this round</th>"
                       "<th scope=\"col\">change</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < page->count; i++)
        put_point(page, &page->evaluations[i]->answers[number], &points[i]);
    evh_html_raw(html, "</tbody></table></div></details>\n</article>\n");
}

evh_status evh_page_trend(evh_page *page)
{
    evh_status status = evh_ok();
    evh_html *html = &page->html;
    evh_trend_point *points = NULL;
    if (page->count < 2 || page->evaluation->answer_count == 0)
        goto done;
    EVH_TRY(evh_alloc(&points, page->count, sizeof *points, "rounds"));
    evh_html_raw(html, "<section id=\"trend\" aria-labelledby=\"trend-title\">\n"
                       "<h2 id=\"trend-title\">Over the rounds</h2>\n");
    for (size_t number = 0; number < page->evaluation->answer_count; number++) {
        for (size_t i = 0; i < page->count; i++)
            points[i] = (evh_trend_point){.round = page->results[i]->round,
                                          .gap = gap_of(&page->evaluations[i]->answers[number],
                                                        &page->evaluation->answers[number])};
        (void)evh_trend_mark(points, page->count);
        put_question(page, number, points);
    }
    evh_html_raw(html, "</section>\n");

done:
    free(points);
    return status;
}
