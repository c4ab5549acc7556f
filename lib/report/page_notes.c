/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "evenhand/plan/canonical.h"
#include "evenhand/seal/hash.h"
#include "page_internal.h"
#include "result_internal.h"

static void put_limits(evh_page *page)
{
    evh_html *html = &page->html;
    evh_html_raw(
        html,
        "<section id=\"limits\" aria-labelledby=\"limits-title\">\n<h2 id=\"limits-title\">What "
        "this page does "
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

/* A belief of one half and odds that change by exp(epsilon), in whole percent, rounded up. */
static void put_belief(evh_html *html, double epsilon)
{
    const double most = ceil(100 / (1 + exp(-epsilon)) - 1e-9);
    evh_html_raw(html, "<p>In other words: who has held a statement about that person to be as "
                       "likely as not, 50 %, may ");
    if (most > 99)
        evh_html_raw(html, "become almost certain of it, or that it is wrong.</p>\n");
    else
        evh_html_format(html,
                        "afterwards hold it to be %.0f %% likely at most, and %.0f %% at "
                        "least.</p>\n",
                        most, 100 - most);
}

static void put_promise(evh_page *page)
{
    evh_html *html = &page->html;
    const evh_plan_privacy *privacy = &evh_plan_terms_of(page->facts->plan)->privacy;
    const evh_population *population = page->facts->population;
    const double epsilon = evh_decimal_to_double(privacy->epsilon);
    evh_html_raw(html, "<p>Each round promises &epsilon; = ");
    put_decimal(html, privacy->epsilon);
    evh_html_format(
        html,
        ": whoever sees what the round gives away, and whatever else they know, the odds "
        "of anything they may conclude about one person change by a factor of at most "
        "%.3g, compared with a round in which that person&rsquo;s records at a customer were %s",
        exp(epsilon), population->adjacency == EVH_REPLACE_ONE ? "other ones" : "left out");
    if (privacy->delta.digits != 0) {
        evh_html_raw(html, ", except with a probability of about &delta; = ");
        put_decimal(html, privacy->delta);
    }
    evh_html_raw(html, ".");
    if (population->customers_per_unit > 1)
        evh_html_format(html,
                        " A person may be at up to %" PRIu32 " customers; the budget below is "
                        "charged for all of them.",
                        population->customers_per_unit);
    evh_html_raw(html, "</p>\n");
    put_belief(html, epsilon);
}

/* What rounds 1 to `rounds` of the plan cost together. */
static evh_status cost_of(double *epsilon, const evh_page *page, uint32_t rounds)
{
    evh_result_facts facts = *page->facts;
    facts.round = rounds;
    return evh_result_spent(epsilon, &facts);
}

typedef struct budget_part {
    const char *name; /* of its class */
    double epsilon;
} budget_part;

/* One bar, from left to right, of what is spent, planned and not claimed. */
static void put_bar(evh_html *html, const budget_part *parts, size_t count, double budget)
{
    double at = 0;
    evh_html_raw(html, "<svg class=\"budget\" viewBox=\"0 0 400 22\" preserveAspectRatio=\"none\" "
                       "aria-hidden=\"true\"><rect class=\"whole\" width=\"400\" "
                       "height=\"22\"/>");
    for (size_t i = 0; i < count && budget > 0; i++) {
        const double width = fmin(400 * parts[i].epsilon / budget, 400 - at);
        evh_html_format(html, "<rect class=\"%s\" x=\"%.2f\" width=\"%.2f\" height=\"22\"/>",
                        parts[i].name, at, width);
        at += width;
    }
    evh_html_raw(html, "</svg>\n");
}

static void put_part(evh_html *html, const char *name, const char *words, double epsilon)
{
    evh_html_format(html, "<tr><th scope=\"row\"><span class=\"key %s\"></span>", name);
    evh_html_raw(html, words);
    evh_html_format(html, "</th><td class=\"number\">%.4g</td></tr>\n", epsilon);
}

/* Bounds are rounded up, so that what is spent never looks smaller than it is. */
static double upwards(double epsilon)
{
    return ceil(epsilon * 1000 - 1e-6) / 1000;
}

static evh_status put_budget(evh_page *page)
{
    evh_status status = evh_ok();
    evh_html *html = &page->html;
    const evh_population *population = page->facts->population;
    const uint32_t rounds = evh_plan_terms_of(page->facts->plan)->rounds.count;
    const double budget = evh_decimal_to_double(population->epsilon);
    double spent = 0;
    double planned = 0;
    budget_part parts[] = {{"spent", 0}, {"planned", 0}};
    EVH_TRY(cost_of(&spent, page, page->facts->round));
    EVH_TRY(cost_of(&planned, page, rounds));
    if (!isfinite(spent) || !isfinite(planned))
        goto done;
    spent = upwards(spent);
    planned = fmax(upwards(planned) - spent, 0);
    parts[0].epsilon = spent;
    parts[1].epsilon = planned;
    evh_html_raw(html, "<h3>Spent and left</h3>\n<p>Promises of several rounds add up. All plans "
                       "together may cost the population ");
    evh_html_name(html, population->name);
    evh_html_raw(html, " at most &epsilon; = <strong>");
    put_decimal(html, population->epsilon);
    evh_html_raw(html, "</strong>");
    if (population->delta.digits != 0) {
        evh_html_raw(html, " at &delta; = ");
        put_decimal(html, population->delta);
    }
    evh_html_raw(html, "; no round is opened that would go beyond it.</p>\n");
    put_bar(html, parts, sizeof parts / sizeof parts[0], budget);
    evh_html_raw(html,
                 "<table class=\"budget\"><caption>The population&rsquo;s &epsilon;</caption>\n"
                 "<thead><tr><th scope=\"col\">what</th><th scope=\"col\" "
                 "class=\"number\">&epsilon;, at most</th></tr></thead>\n<tbody>\n");
    put_part(html, "spent",
             page->facts->round > 1 ? "spent by this plan&rsquo;s rounds so far"
                                    : "spent by this plan&rsquo;s first round",
             spent);
    put_part(html, "planned", "to be spent by the rounds that this plan still has", planned);
    put_part(html, "left", "left for other plans, as far as this page knows",
             fmax(budget - spent - planned, 0));
    evh_html_raw(html, "</tbody></table>\n<p>Other plans may measure the same people, and this "
                       "page does not know them. The log does: "
                       "<code>evenhand-aggregator population list</code> tells an operator what is "
                       "left, <code>evenhand-client ledger show</code> tells a customer what its "
                       "own people have been charged.</p>\n");

done:
    return status;
}

static evh_status put_privacy(evh_page *page)
{
    evh_status status = evh_ok();
    evh_html *html = &page->html;
    const evh_plan_privacy *privacy = &evh_plan_terms_of(page->facts->plan)->privacy;
    evh_html_raw(html, "<section id=\"privacy\" aria-labelledby=\"privacy-title\">\n<h2 "
                       "id=\"privacy-title\">What it costs people</h2>\n");
    if (privacy->mechanism == EVH_NOISE_NONE) {
        evh_html_raw(html, "<p>No noise was added: nothing is promised to anybody.</p>\n");
    } else {
        put_promise(page);
        evh_html_format(html, "<p>The noise is %s noise, %s.</p>\n",
                        evh_noise_kind_name(privacy->mechanism),
                        privacy->placement == EVH_PLAN_LOCAL
                            ? "drawn by each customer for itself before anything is sent"
                            : "drawn by all customers together, each a share of it");
        EVH_TRY(put_budget(page));
    }
    evh_html_raw(html, "</section>\n");

done:
    return status;
}

static void put_hash(evh_html *html, const char *name, const uint8_t *hash)
{
    char hex[2 * EVH_RESULT_HASH_LEN + 1];
    evh_hex_encode(hex, evh_view_of(hash, EVH_RESULT_HASH_LEN));
    evh_html_format(html, "<dt>%s</dt><dd><code>%s</code></dd>\n", name, hex);
}

/* Hashes of the other results that the trend was made of. */
static evh_status put_earlier(evh_page *page)
{
    evh_status status = evh_ok();
    evh_html *html = &page->html;
    char name[64];
    uint8_t hash[EVH_SHA256_LEN];
    evh_buffer result = evh_buffer_init(EVH_RESULT_BYTES_MAX);
    for (size_t i = 0; i + 1 < page->count; i++) {
        EVH_TRY(evh_result_write_evaluated(&result, page->results[i], page->evaluations[i]));
        EVH_TRY(evh_sha256(hash, evh_buffer_view(&result)));
        (void)snprintf(name, sizeof name, "result.json of round %" PRIu32 ", SHA-256",
                       page->results[i]->round);
        put_hash(html, name, hash);
        evh_buffer_truncate(&result, 0);
    }

done:
    evh_buffer_clear(&result);
    return status;
}

static void put_file(evh_page *page)
{
    evh_html *html = &page->html;
    if (page->selection.whole)
        evh_html_raw(html, "<li>Get result.json: it is inside this page. <button type=\"button\" "
                           "id=\"save\" hidden>Save result.json</button> Without a script, it is "
                           "the element with the id <code>result</code> in the page&rsquo;s "
                           "source, with each <code>&lt;</code> written as "
                           "<code>\\u003c</code>.</li>\n");
    else
        evh_html_raw(html, "<li>Get result.json from whoever gave you this page: it is too large "
                           "to be inside.</li>\n");
    evh_html_raw(html,
                 "<li><code>sha256sum result.json</code> must print the SHA-256 above.</li>\n"
                 "<li><code>evenhand-aggregator round report result.json</code> computes every "
                 "number anew and refuses a file that says anything but what its own sums give; "
                 "with <code>--html page.html</code> it makes this page again, byte for byte");
    evh_html_raw(html, page->count > 1 ? ", when it is given the files of all these rounds.</li>\n"
                                       : ".</li>\n");
    evh_html_format(html,
                    "<li>A customer: <code>evenhand-client results -c CONFIG -p PLAN -n %" PRIu32
                    " -o result.json</code> fetches the result from the service and holds its "
                    "hash and its sums against the log, whose signatures it checks.</li>\n",
                    page->facts->round);
}

static void put_entries(evh_page *page)
{
    evh_html *html = &page->html;
    const evh_result_facts *facts = page->facts;
    const evh_result_entries *entries = &facts->entries;
    evh_html_format(html,
                    "<ul>\n<li>Entry %" PRIu64 " is the population with its budget, entry %" PRIu64
                    " the plan: its SHA-256 is the plan above.</li>\n",
                    entries->population, entries->plan);
    evh_html_format(
        html,
        "<li>Entry %" PRIu64 " opened the round: the SHA-256 of what it says is the task "
        "above. Entry %" PRIu64 " closed it over the accepted reports of %" PRIu32
        " customers, signed by leader and helper. Entry %" PRIu64
        " commits to both their shares.</li>\n",
        entries->round_opened, entries->round_closed, facts->customers, entries->share_commitment);
    evh_html_raw(html, "<li>A later entry of the same task is the result: it holds the SHA-256 "
                       "above, the released sums in the plan&rsquo;s order, and the "
                       "collector&rsquo;s signature.</li>\n</ul>\n");
}

static evh_status put_proof(evh_page *page, const char *hash_hex)
{
    evh_status status = evh_ok();
    evh_html *html = &page->html;
    const evh_result_facts *facts = page->facts;
    evh_html_raw(html,
                 "<section id=\"proof\" aria-labelledby=\"proof-title\">\n<h2 "
                 "id=\"proof-title\">How to check this page</h2>\n<p>A page can say anything. This "
                 "one follows from result.json, and that file&rsquo;s SHA-256 and the sums in the "
                 "table are in a public log, whose growth is signed by its witnesses:</p>\n"
                 "<dl>\n<dt>log</dt><dd><code>");
    evh_html_text(html, evh_view_of_text(facts->log_origin));
    evh_html_raw(html, "</code></dd>\n");
    put_hash(html, "plan", evh_plan_id(facts->plan));
    put_hash(html, "task", facts->task_id);
    put_hash(html, "accepted reports", facts->reports_root);
    evh_html_format(html, "<dt>result.json, SHA-256</dt><dd><code id=\"hash\">%s</code></dd>\n",
                    hash_hex);
    EVH_TRY(put_earlier(page));
    evh_html_raw(html, "</dl>\n<h3>With the programs</h3>\n<ol>\n");
    put_file(page);
    evh_html_raw(html, "</ol>\n<h3>In the log itself</h3>\n<p>Fetch it, and check its signatures "
                       "and witnesses. Then:</p>\n");
    put_entries(page);
    evh_html_raw(html, "</section>\n");

done:
    return status;
}

evh_status evh_page_notes(evh_page *page, const char *hash_hex)
{
    evh_status status = evh_ok();
    put_limits(page);
    EVH_TRY(put_privacy(page));
    EVH_TRY(put_proof(page, hash_hex));

done:
    return status;
}
