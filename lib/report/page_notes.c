/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <math.h>

#include "evenhand/plan/canonical.h"
#include "page_internal.h"
#include "result_internal.h"

static void put_limits(evh_page *page)
{
    evh_html *html = &page->html;
    evh_html_raw(
        html,
        "<section aria-labelledby=\"limits-title\">\n<h2 id=\"limits-title\">What this page does "
        "not "
        "show</h2>\n<ul>\n"
        "<li>No record of anybody, and no customer&rsquo;s own numbers: only sums over all "
        "customers, "
        "with noise in them.</li>\n"
        "<li>Why groups differ. A gap is where to look, not an explanation.</li>\n"
        "<li>Whether what customers count is true. Nobody can check that from outside, nor that "
        "they "
        "drew their noise.</li>\n"
        "<li>That the sums are right if the leader or the helper has deviated on purpose: the log "
        "proves what was accepted and charged, not the arithmetic.</li>\n"
        "<li>Values that the plan does not list. They are together in <code>_other</code>; missing "
        "ones are in <code>_missing</code>. Both are shown and neither is compared.</li>\n"
        "<li>Rates of groups that are too small to tell from noise. Their sums are in the "
        "table.</li>\n"
        "<li>People who are in no customer&rsquo;s records. The measurement is of those who "
        "are.</li>\n</ul>\n</section>\n");
}

static void put_decimal(evh_html *html, evh_decimal value)
{
    char text[EVH_DECIMAL_TEXT_LEN];
    evh_decimal_format(text, value);
    evh_html_raw(html, text);
}

static void put_promise(evh_page *page)
{
    evh_html *html = &page->html;
    const evh_plan_privacy *privacy = &evh_plan_terms_of(page->facts->plan)->privacy;
    const evh_population *population = page->facts->population;
    evh_html_raw(html, "<p>Each round promises &epsilon; = ");
    put_decimal(html, privacy->epsilon);
    evh_html_format(
        html,
        ": whoever sees what the round gives away, and whatever else they know, the odds "
        "of anything they may conclude about one person change by a factor of at most "
        "%.3g, compared with a round in which that person&rsquo;s records were %s",
        exp(evh_decimal_to_double(privacy->epsilon)),
        population->adjacency == EVH_REPLACE_ONE ? "other ones" : "left out");
    if (privacy->delta.digits != 0) {
        evh_html_raw(html, ", except with a probability of about &delta; = ");
        put_decimal(html, privacy->delta);
    }
    evh_html_format(html, ". That holds for a person who is at %s%" PRIu32 " customer%s.</p>\n",
                    population->customers_per_unit > 1 ? "up to " : "",
                    population->customers_per_unit, population->customers_per_unit > 1 ? "s" : "");
}

static void put_budget(evh_page *page, double spent)
{
    evh_html *html = &page->html;
    const evh_population *population = page->facts->population;
    const double budget = evh_decimal_to_double(population->epsilon);
    /* Bounds are rounded up: what is spent never looks smaller than it is. */
    const double shown = ceil(spent * 1000 - 1e-6) / 1000;
    const double left = budget > shown ? budget - shown : 0;
    evh_html_format(html,
                    "<p>Spent by rounds 1 to %" PRIu32
                    " of this plan together: &epsilon; of at most "
                    "<strong>%.4g</strong>. The population&rsquo;s budget is <strong>",
                    page->facts->round, shown);
    put_decimal(html, population->epsilon);
    evh_html_format(
        html,
        "</strong>; left: <strong>%.4g</strong>, unless other plans measure the same "
        "people: the log lists them all.</p>\n<meter min=\"0\" max=\"%.6g\" "
        "value=\"%.6g\" aria-label=\"Epsilon spent by this plan\">%.4g of %.4g</meter>\n",
        left, budget, shown < budget ? shown : budget, shown, budget);
}

static void put_privacy(evh_page *page, double spent)
{
    evh_html *html = &page->html;
    const evh_plan_privacy *privacy = &evh_plan_terms_of(page->facts->plan)->privacy;
    evh_html_raw(html,
                 "<section aria-labelledby=\"privacy-title\">\n<h2 id=\"privacy-title\">What it "
                 "costs people</h2>\n");
    if (privacy->mechanism == EVH_NOISE_NONE) {
        evh_html_raw(html, "<p>No noise was added: nothing is promised to anybody.</p>\n");
    } else {
        put_promise(page);
        if (isfinite(spent))
            put_budget(page, spent);
        evh_html_format(html, "<p>Noise: %s, %s.</p>\n", evh_noise_kind_name(privacy->mechanism),
                        privacy->placement == EVH_PLAN_LOCAL
                            ? "drawn by each customer for itself"
                            : "drawn by all customers together, each a share of it");
    }
    evh_html_raw(html, "</section>\n");
}

static void put_hash(evh_html *html, const char *name, const uint8_t *hash)
{
    char hex[2 * EVH_RESULT_HASH_LEN + 1];
    evh_hex_encode(hex, evh_view_of(hash, EVH_RESULT_HASH_LEN));
    evh_html_format(html, "<dt>%s</dt><dd><code>%s</code></dd>\n", name, hex);
}

static void put_proof(evh_page *page, const char *hash_hex)
{
    evh_html *html = &page->html;
    const evh_result_facts *facts = page->facts;
    const evh_result_entries *entries = &facts->entries;
    evh_html_raw(html,
                 "<section aria-labelledby=\"proof-title\">\n<h2 id=\"proof-title\">How to check "
                 "this page</h2>\n<p>Everything here follows from the sums in the table, and "
                 "those are in a public log whose growth independent witnesses sign:</p>\n"
                 "<dl>\n<dt>log</dt><dd><code>");
    evh_html_text(html, evh_view_of_text(facts->log_origin));
    evh_html_raw(html, "</code></dd>\n");
    put_hash(html, "plan", evh_plan_id(facts->plan));
    put_hash(html, "task", facts->task_id);
    put_hash(html, "accepted reports", facts->reports_root);
    evh_html_format(html, "<dt>result.json, SHA-256</dt><dd><code>%s</code></dd>\n</dl>\n<ol>\n",
                    hash_hex);
    evh_html_format(html,
                    "<li>Fetch the log and check its signatures and witnesses.</li>\n"
                    "<li>Entry %" PRIu64 " is the population with its budget, entry %" PRIu64
                    " the plan: its SHA-256 is the plan above.</li>\n",
                    entries->population, entries->plan);
    evh_html_format(
        html,
        "<li>Entry %" PRIu64 " opened the round: the SHA-256 of what it says is the task "
        "above. Entry %" PRIu64 " closed it over the accepted reports of %" PRIu32
        " customers, signed by leader and helper. Entry %" PRIu64
        " commits to both their shares.</li>\n",
        entries->round_opened, entries->round_closed, facts->customers, entries->share_commitment);
    evh_html_raw(
        html, "<li>A later entry of the same task is the result: it holds the SHA-256 above, the "
              "released sums in the plan&rsquo;s order, and the collector&rsquo;s signature.</li>\n"
              "<li>The script element with the id <code>result</code> in this page&rsquo;s source "
              "is that result.json, with each <code>&lt;</code> written as an escape.</li>\n"
              "</ol>\n</section>\n");
}

void evh_page_notes(evh_page *page, const char *hash_hex, double spent)
{
    put_limits(page);
    put_privacy(page, spent);
    put_proof(page, hash_hex);
}
