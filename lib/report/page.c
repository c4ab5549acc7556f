/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/report/page.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/base/clock.h"
#include "evenhand/base/sizes.h"
#include "evenhand/plan/canonical.h"
#include "evenhand/seal/hash.h"
#include "page_internal.h"
#include "result_internal.h"
#include "words_internal.h"

static evh_status check_results(const evh_result_facts *const *results, size_t count)
{
    evh_status status = evh_ok();
    EVH_REQUIRE(count >= 1 && count <= EVH_PAGE_ROUNDS_MAX, EVH_ERR_ARG,
                "a page of %zu rounds, not 1 to %d", count, EVH_PAGE_ROUNDS_MAX);
    for (size_t i = 0; i < count; i++) {
        EVH_TRY(evh_result_facts_check(results[i]));
        EVH_REQUIRE(memcmp(evh_plan_id(results[i]->plan), evh_plan_id(results[0]->plan),
                           EVH_PLAN_ID_LEN) == 0,
                    EVH_ERR_ARG, "a page is about one plan, these results are of several");
        EVH_REQUIRE(i == 0 || results[i]->round > results[i - 1]->round, EVH_ERR_ARG,
                    "round %" PRIu32 " behind round %" PRIu32, results[i]->round,
                    results[i - 1]->round);
    }

done:
    return status;
}

/* "'sha256-...'" of an inline script or style, for the policy. */
static evh_status put_source(evh_html *html, evh_view inlined)
{
    evh_status status = evh_ok();
    uint8_t hash[EVH_SHA256_LEN];
    EVH_TRY(evh_sha256(hash, inlined));
    EVH_TRY(evh_base64_encode(&html->scratch, evh_view_of(hash, sizeof hash)));
    evh_html_raw(html, " 'sha256-");
    evh_html_text(html, evh_buffer_view(&html->scratch));
    evh_html_raw(html, "'");
    evh_buffer_truncate(&html->scratch, 0);

done:
    return status;
}

static evh_view style(void)
{
    return evh_view_of(evh_embedded_style, evh_embedded_style_len);
}

static evh_view script(void)
{
    return evh_view_of(evh_embedded_script, evh_embedded_script_len);
}

static evh_view d3(void)
{
    return evh_view_of(evh_embedded_d3, evh_embedded_d3_len);
}

/* The policy stands before everything that it is about. */
static evh_status put_head(evh_page *page)
{
    evh_status status = evh_ok();
    evh_html *html = &page->html;
    evh_html_raw(html, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                       "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                       "img-src data:; base-uri 'none'; form-action 'none'; style-src");
    EVH_TRY(put_source(html, style()));
    evh_html_raw(html, "; script-src");
    EVH_TRY(put_source(html, d3()));
    EVH_TRY(put_source(html, script()));
    evh_html_raw(html, "\">\n<meta name=\"viewport\" content=\"width=device-width, "
                       "initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
                       "<meta name=\"color-scheme\" content=\"light dark\">\n"
                       "<link rel=\"icon\" href=\"data:,\">\n<title>");
    evh_html_text(html, evh_view_of_text(evh_plan_terms_of(page->facts->plan)->name));
    evh_html_format(html, ": round %" PRIu32 "</title>\n<style>", page->facts->round);
    if (html->status.code == EVH_OK)
        html->status = evh_buffer_append(html->out, style());
    evh_html_raw(html, "</style>\n</head>\n");

done:
    return status;
}

static void put_sections(evh_page *page)
{
    evh_html *html = &page->html;
    evh_html_raw(html, "<nav class=\"sections\" aria-label=\"Sections\"><ul>\n"
                       "<li><a href=\"#answers\">Answers</a></li>\n");
    if (page->count > 1 && page->evaluation->answer_count > 0)
        evh_html_raw(html, "<li><a href=\"#trend\">Over the rounds</a></li>\n");
    evh_html_raw(html, "<li><a href=\"#rates\">All rates</a></li>\n"
                       "<li><a href=\"#sums\">What was released</a></li>\n"
                       "<li><a href=\"#limits\">What this page does not show</a></li>\n"
                       "<li><a href=\"#privacy\">What it costs people</a></li>\n"
                       "<li><a href=\"#proof\">How to check this page</a></li>\n</ul></nav>\n");
}

static void put_title(evh_page *page)
{
    evh_html *html = &page->html;
    const evh_result_facts *facts = page->facts;
    const evh_plan_terms *terms = evh_plan_terms_of(facts->plan);
    char start[EVH_TIME_TEXT_LEN];
    char end[EVH_TIME_TEXT_LEN];
    evh_html_raw(html, "<body>\n<a class=\"skip\" href=\"#answers\">To the answers</a>\n"
                       "<header>\n<p class=\"kicker\">How far groups are apart</p>\n<h1>");
    evh_html_name(html, terms->name);
    evh_html_format(html,
                    "</h1>\n<p>Round %" PRIu32 " of %" PRIu32 " &middot; %" PRIu32 " customers",
                    facts->round, terms->rounds.count, facts->customers);
    if (terms->has_window) {
        evh_time_format(start, (int64_t)facts->window_start_ms);
        evh_time_format(end, (int64_t)facts->window_end_ms);
        evh_html_format(html,
                        " &middot; records from <time>%.10s</time> until before <time>%.10s</time>",
                        start, end);
    }
    evh_html_raw(html, " &middot; population ");
    evh_html_name(html, facts->population->name);
    evh_html_raw(html, "</p>\n");
    if (terms->privacy.mechanism == EVH_NOISE_NONE)
        evh_html_raw(html,
                     "<p class=\"warning\" role=\"alert\"><strong>No noise was added to these "
                     "counts: nobody is protected. For tests with invented data "
                     "only.</strong></p>\n");
    evh_page_summary(page);
    evh_html_raw(html, "</header>\n");
    put_sections(page);
    evh_html_raw(html, "<main>\n");
}

static evh_status put_data(evh_page *page, evh_view data)
{
    evh_status status = evh_ok();
    evh_html *html = &page->html;
    evh_html_raw(html,
                 "</main>\n<footer><p>Charts are drawn with d3, copyright Mike Bostock, under "
                 "the three-clause BSD licence, whose text is in this page&rsquo;s source. "
                 "This page loads nothing and sends nothing.</p></footer>\n"
                 "<script type=\"application/json\" id=\"result\">");
    evh_html_json(html, data);
    evh_html_raw(html, "</script>\n<script>");
    EVH_TRY(html->status);
    EVH_TRY(evh_buffer_append(html->out, d3()));
    EVH_TRY(evh_buffer_append(html->out, evh_view_of_text("</script>\n<script>")));
    EVH_TRY(evh_buffer_append(html->out, script()));
    EVH_TRY(evh_buffer_append(html->out, evh_view_of_text("</script>\n</body>\n</html>\n")));

done:
    return status;
}

static evh_status put_page(evh_page *page)
{
    evh_status status = evh_ok();
    uint8_t hash[EVH_SHA256_LEN];
    char hex[2 * EVH_SHA256_LEN + 1];
    evh_buffer result = evh_buffer_init(EVH_RESULT_BYTES_MAX);
    EVH_TRY(evh_result_write_evaluated(&result, page->facts, page->evaluation));
    EVH_TRY(evh_sha256(hash, evh_buffer_view(&result)));
    evh_hex_encode(hex, evh_view_of(hash, sizeof hash));
    EVH_TRY(evh_page_select(page, result.len));
    if (!page->selection.whole) {
        evh_buffer_truncate(&result, 0);
        EVH_TRY(evh_page_put_excerpt(&result, page));
    }
    EVH_TRY(put_head(page));
    put_title(page);
    evh_page_answers(page);
    EVH_TRY(evh_page_trend(page));
    evh_page_rates(page);
    EVH_TRY(evh_page_names(page));
    evh_page_table(page);
    EVH_TRY(evh_page_notes(page, hex));
    EVH_TRY(put_data(page, evh_buffer_view(&result)));

done:
    evh_buffer_clear(&result);
    return status;
}

evh_status evh_result_page(evh_buffer *out, const evh_result_facts *const *results, size_t count)
{
    evh_status status = evh_ok();
    const size_t before = out->len;
    evh_page page = {.html = {.out = out, .scratch = evh_buffer_init(EVH_WORDS_BYTES_MAX)},
                     .results = results,
                     .count = count};
    EVH_TRY(check_results(results, count));
    EVH_TRY(evh_alloc(&page.evaluations, count, sizeof *page.evaluations, "rounds"));
    for (size_t i = 0; i < count; i++)
        EVH_TRY(evh_result_evaluate(&page.evaluations[i], results[i]));
    page.facts = results[count - 1];
    page.evaluation = page.evaluations[count - 1];
    EVH_TRY(put_page(&page));

done:
    evh_page_selection_clear(&page);
    for (size_t i = 0; page.evaluations != NULL && i < count; i++)
        evh_evaluation_free(&page.evaluations[i]);
    free(page.evaluations);
    evh_buffer_clear(&page.html.scratch);
    if (status.code != EVH_OK)
        evh_buffer_truncate(out, before);
    return status;
}
