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

static void put_point(evh_page *page, const evh_answer *answer, const evh_trend_point *point)
{
    evh_html *html = &page->html;
    const evh_interval *interval = evh_words_interval_of(&point->gap);
    const bool shown = point->gap.withheld == EVH_SHOWN && point->gap.estimate.defined;
    const bool has = shown && interval->withheld == EVH_SHOWN;
    evh_html_format(html, "<tr data-round=\"%" PRIu32 "\" data-low=\"", point->round);
    evh_html_number(html, has, interval->low);
    evh_html_raw(html, "\" data-high=\"");
    evh_html_number(html, has, interval->high);
    evh_html_format(html, "\"><th scope=\"row\">%" PRIu32 "</th><td class=\"number\" data-value=\"",
                    point->round);
    evh_html_number(html, shown, point->gap.estimate.value);
    evh_html_raw(html, "\">");
    evh_html_words(html,
                   evh_words_disparity(&html->scratch, page->evaluation, answer, &point->gap));
    evh_html_format(html, "</td><td>%s</td><td>", evh_words_verdict(answer->verdict));
    if (point->drifted)
        evh_html_format(html, "differs from round %" PRIu32, point->since);
    evh_html_raw(html, "</td></tr>\n");
}

static void put_statement(evh_html *html, const evh_trend_point *last)
{
    if (last->drifted)
        evh_html_format(html,
                        "<p>The gap of round %" PRIu32 " and that of round %" PRIu32
                        " differ beyond chance: their intervals do not meet.</p>\n",
                        last->round, last->since);
    else
        evh_html_raw(html, "<p>No change beyond chance can be seen: the interval of the last round "
                           "meets those of all earlier ones.</p>\n");
}

static void put_question(evh_page *page, size_t number, const evh_trend_point *points)
{
    evh_html *html = &page->html;
    const evh_answer *answer = &page->evaluation->answers[number];
    const evh_plan_terms *terms = evh_plan_terms_of(page->facts->plan);
    evh_html_format(html, "<article class=\"trend\" data-answer=\"%zu\">\n<h3>", number);
    evh_html_name(html, terms->questions[answer->question].id);
    if (terms->model_count > 0) {
        evh_html_raw(html, ", ");
        evh_html_name(html, terms->models[answer->model]);
    }
    evh_html_raw(html, "</h3>\n");
    put_statement(html, &points[page->count - 1]);
    evh_html_raw(html, "<figure><div class=\"plots\" role=\"group\"></div></figure>\n"
                       "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Gap by "
                       "round\"><table><thead><tr><th scope=\"col\">round</th><th scope=\"col\" "
                       "class=\"number\">gap (interval)</th><th scope=\"col\">verdict</th>"
                       "<th scope=\"col\">change</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < page->count; i++)
        put_point(page, &page->evaluations[i]->answers[number], &points[i]);
    evh_html_raw(html, "</tbody></table></div>\n</article>\n");
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
