/* SPDX-License-Identifier: Apache-2.0
 * The measures of Fairlearn and SageMaker Clarify, as tables. */
#include <math.h>

#include "evenhand/fairness/named.h"
#include "page_internal.h"
#include "words_internal.h"

/* One grouping, model and class. */
typedef struct names_part {
    evh_page *page;
    evh_fairlearn_asked asked;
} names_part;

static void put_value(evh_html *html, bool shown, evh_estimate estimate)
{
    const bool there = shown && estimate.defined;
    evh_html_raw(html, "<td class=\"number\" data-value=\"");
    evh_html_number(html, there, estimate.value);
    if (there)
        evh_html_format(html, "\">%s%.4f", estimate.value < 0 ? "&minus;" : "",
                        fabs(estimate.value));
    else
        evh_html_raw(html, "\">&ndash;");
}

static void put_interval(evh_html *html, bool shown, const evh_interval *interval)
{
    if (shown && interval->withheld == EVH_SHOWN) {
        evh_html_format(html, " <small>%s%.4f to ", interval->low < 0 ? "&minus;" : "",
                        fabs(interval->low));
        if (isfinite(interval->high))
            evh_html_format(html, "%s%.4f</small>", interval->high < 0 ? "&minus;" : "",
                            fabs(interval->high));
        else
            evh_html_raw(html, "&infin;</small>");
    }
    evh_html_raw(html, "</td>");
}

static void put_caption(const names_part *to, const char *whose)
{
    evh_html *html = &to->page->html;
    const evh_evaluation *e = to->page->evaluation;
    const evh_plan_terms *terms = evh_plan_terms_of(e->plan);
    evh_html_format(html,
                    "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                    "aria-label=\"%s\"><table>\n<caption>%s, ",
                    whose, whose);
    evh_html_words(html, evh_words_grouping(&html->scratch, e->plan,
                                            e->groupings[to->asked.grouping].grouping));
    if (terms->model_count > 0) {
        evh_html_raw(html, ", model ");
        evh_html_name(html, terms->models[to->asked.model]);
    }
    if (e->meaning.layout == EVH_CELLS_CLASSES) {
        evh_html_raw(html, ", class ");
        evh_html_name(html, terms->scoring.classes[to->asked.metric_class]);
        evh_html_raw(html, " against the rest");
    }
    evh_html_raw(html, "</caption>\n<thead><tr><th scope=\"col\">");
}

static void put_end(evh_html *html)
{
    evh_html_raw(html, "</tbody></table></div>\n");
}

static evh_status put_fairlearn(const names_part *to)
{
    evh_status status = evh_ok();
    evh_html *html = &to->page->html;
    evh_fairlearn_finding found[EVH_FAIRLEARN_COUNT];
    EVH_TRY(evh_fairlearn_measures(found, to->page->evaluation, &to->asked));
    put_caption(to, "Fairlearn");
    evh_html_raw(html, "measure</th><th scope=\"col\" class=\"number\">value</th><th "
                       "scope=\"col\" class=\"number\">corrected</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < EVH_FAIRLEARN_COUNT; i++) {
        const bool shown = found[i].withheld == EVH_SHOWN;
        evh_html_format(html, "<tr><th scope=\"row\">%s</th>",
                        evh_fairlearn_name((evh_fairlearn)i));
        put_value(html, shown, found[i].estimate);
        put_interval(html, shown, &found[i].interval);
        put_value(html, shown, found[i].corrected);
        evh_html_raw(html, "</td></tr>\n");
    }
    put_end(html);

done:
    return status;
}

static evh_status put_measure(const names_part *to, evh_clarify measure, size_t group)
{
    evh_status status = evh_ok();
    evh_html *html = &to->page->html;
    evh_finding found;
    const evh_clarify_asked asked = {.grouping = to->asked.grouping,
                                     .model = to->asked.model,
                                     .metric_class = to->asked.metric_class,
                                     .disfavoured = group,
                                     .favoured = EVH_NO_GROUP};
    EVH_TRY(evh_clarify_measure(&found, to->page->evaluation, measure, &asked));
    put_value(html, found.withheld == EVH_SHOWN, found.estimate);
    put_interval(html, found.withheld == EVH_SHOWN, &found.pointwise);

done:
    return status;
}

static evh_status put_clarify(const names_part *to)
{
    evh_status status = evh_ok();
    evh_html *html = &to->page->html;
    const evh_plan *plan = to->page->facts->plan;
    const evh_plan_grouping *grouping =
        to->page->evaluation->groupings[to->asked.grouping].grouping;
    put_caption(to, "SageMaker Clarify");
    evh_html_raw(html, "against all others</th>");
    for (size_t i = 0; i < EVH_CLARIFY_GE; i++)
        evh_html_format(html, "<th scope=\"col\" class=\"number\">%s</th>",
                        evh_clarify_name((evh_clarify)i));
    evh_html_raw(html, "</tr></thead>\n<tbody>\n");
    for (size_t group = 0; group < grouping->group_count; group++) {
        if (!evh_plan_group_is_declared(plan, grouping, group))
            continue;
        evh_html_raw(html, "<tr><th scope=\"row\">");
        evh_html_words(html,
                       evh_words_group(&html->scratch, plan, grouping, group, EVH_WORDS_ISOLATED));
        evh_html_raw(html, "</th>");
        for (size_t i = 0; i < EVH_CLARIFY_GE; i++)
            EVH_TRY(put_measure(to, (evh_clarify)i, group));
        evh_html_raw(html, "</tr>\n");
    }
    evh_html_raw(html, "<tr><th scope=\"row\">GE, everybody</th>");
    EVH_TRY(put_measure(to, EVH_CLARIFY_GE, 0));
    evh_html_format(html, "<td colspan=\"%d\"></td></tr>\n", EVH_CLARIFY_GE - 1);
    put_end(html);

done:
    return status;
}

evh_status evh_page_names(evh_page *page)
{
    evh_status status = evh_ok();
    const evh_evaluation *e = page->evaluation;
    const size_t classes = evh_words_classes(e);
    names_part to = {.page = page};
    if (classes == 0)
        goto done;
    evh_html_format(&page->html,
                    "<section id=\"names\" aria-labelledby=\"names-title\">\n<h2 "
                    "id=\"names-title\">By their usual names</h2>\n<details><summary>The measures "
                    "of Fairlearn and SageMaker Clarify</summary>\n<p>With %.4g %% intervals, each "
                    "for one number alone. Largest against smallest of several uncertain rates is "
                    "too large on average: <em>corrected</em> takes that away. A dash stands where "
                    "a denominator may be all noise.</p>\n",
                    100 * e->confidence);
    for (size_t i = 0; i < e->grouping_count; i++) {
        to.asked.grouping = i;
        if (!evh_words_is_asked(e, i))
            continue;
        for (to.asked.model = 0; to.asked.model < e->model_count; to.asked.model++)
            for (size_t class = 0; class < classes; class ++) {
                to.asked.metric_class = class;
                EVH_TRY(put_fairlearn(&to));
                EVH_TRY(put_clarify(&to));
            }
    }
    evh_html_raw(&page->html, "</details>\n</section>\n");

done:
    return status;
}
