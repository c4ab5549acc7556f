/* SPDX-License-Identifier: Apache-2.0
 * What a collector shows of itself over HTTP. */
#include <inttypes.h>
#include <string.h>

#include "session_internal.h"

enum { OLD_MS = 5 * 60 * 1000 }; /* without a good pass: not ready */

/* The status at one moment. */
typedef struct view {
    evh_collect_outcome outcome;
    evh_code code;
    uint64_t passes, failed;
    int64_t good_age_ms, pass_age_ms, cosigned_age_s; /* -1: never */
    const char *version;
} view;

static view take_view(evh_collect_status *s)
{
    const int64_t now_ms = evh_clock_monotonic_ms(&s->clock);
    const int64_t now_s = evh_clock_wall_ms(&s->clock) / 1000;
    (void)pthread_mutex_lock(&s->lock);
    view v = {.outcome = s->outcome,
              .code = s->code,
              .passes = s->passes,
              .failed = s->failed,
              .good_age_ms = s->good_ms < 0 ? -1 : now_ms - s->good_ms,
              .pass_age_ms = s->passed_ms < 0 ? -1 : now_ms - s->passed_ms,
              .version = s->version};
    (void)pthread_mutex_unlock(&s->lock);
    v.cosigned_age_s =
        v.outcome.log.cosigned_s == 0 ? -1 : now_s - (int64_t)v.outcome.log.cosigned_s;
    return v;
}

static evh_status gauge(evh_buffer *out, const char *name, const char *help, int64_t value)
{
    if (value < 0)
        return evh_ok(); /* not known: left out, rather than a number that means something else */
    return evh_buffer_format(out,
                             "# HELP evenhand_%s %s\n# TYPE evenhand_%s gauge\n"
                             "evenhand_%s %" PRId64 "\n",
                             name, help, name, name, value);
}

static evh_status counter(evh_buffer *out, const char *name, const char *help, uint64_t value)
{
    return evh_buffer_format(out,
                             "# HELP evenhand_%s %s\n# TYPE evenhand_%s counter\n"
                             "evenhand_%s %" PRIu64 "\n",
                             name, help, name, name, value);
}

static evh_status write_rounds(evh_buffer *out, const evh_collect_outcome *outcome)
{
    return evh_buffer_format(out,
                             "# HELP evenhand_collector_rounds Rounds in the log, by state.\n"
                             "# TYPE evenhand_collector_rounds gauge\n"
                             "evenhand_collector_rounds{state=\"open\"} %u\n"
                             "evenhand_collector_rounds{state=\"ready\"} %u\n"
                             "evenhand_collector_rounds{state=\"published\"} %u\n"
                             "evenhand_collector_rounds{state=\"confirmed\"} %u\n"
                             "evenhand_collector_rounds{state=\"void\"} %u\n",
                             outcome->open, outcome->ready, outcome->published, outcome->confirmed,
                             outcome->voided);
}

static bool is_ready(const view *v)
{
    return v->good_age_ms >= 0 && v->good_age_ms < OLD_MS && v->outcome.late == 0;
}

static evh_status write_metrics(evh_buffer *out, const view *v)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_buffer_format(out,
                              "# HELP evenhand_info The program and its role.\n"
                              "# TYPE evenhand_info gauge\n"
                              "evenhand_info{role=\"collector\",version=\"%s\"} 1\n",
                              v->version));
    EVH_TRY(gauge(out, "ready", "Whether /readyz says so.", is_ready(v)));
    EVH_TRY(gauge(out, "log_entries", "Entries of the log in the mirror.",
                  (int64_t)v->outcome.log.size));
    EVH_TRY(gauge(out, "log_cosigned_age_seconds",
                  "Since the helper cosigned the newest checkpoint seen.", v->cosigned_age_s));
    EVH_TRY(write_rounds(out, &v->outcome));
    EVH_TRY(gauge(out, "collector_troubled_rounds", "Rounds that the last pass could not move on.",
                  v->outcome.troubled));
    EVH_TRY(gauge(out, "collector_late_results",
                  "Rounds ready for longer than result_late_hours and not published.",
                  v->outcome.late));
    EVH_TRY(
        counter(out, "collector_passes_total", "Passes over the log and all rounds.", v->passes));
    EVH_TRY(counter(out, "collector_failed_passes_total", "Passes with any trouble.", v->failed));
    EVH_TRY(gauge(out, "collector_pass_age_seconds", "Since the last pass ended.",
                  v->pass_age_ms < 0 ? -1 : v->pass_age_ms / 1000));
    EVH_TRY(gauge(out, "collector_good_pass_age_seconds", "Since the last pass without trouble.",
                  v->good_age_ms < 0 ? -1 : v->good_age_ms / 1000));
done:
    return status;
}

/* Each reason on a line of its own. */
static evh_status write_ready(evh_http_page *page, const view *v)
{
    evh_status status = evh_ok();
    if (is_ready(v))
        return evh_buffer_format(&page->body, "ready\n");
    page->status = 503;
    if (v->passes == 0)
        EVH_TRY(evh_buffer_format(&page->body, "no pass has ended yet\n"));
    if (v->outcome.late > 0)
        EVH_TRY(evh_buffer_format(&page->body, "%u results are late\n", v->outcome.late));
    if (v->outcome.log_code != EVH_OK)
        EVH_TRY(evh_buffer_format(&page->body, "the log is not followed: %s\n",
                                  evh_follow_finding_name(v->outcome.log.finding)));
    if (v->outcome.troubled > 0)
        EVH_TRY(evh_buffer_format(&page->body, "%u rounds give trouble\n", v->outcome.troubled));
    if (v->code != EVH_OK)
        EVH_TRY(evh_buffer_format(&page->body, "the last pass failed: %s\n",
                                  evh_code_info(v->code)->name));
done:
    return status;
}

evh_status evh_collect_page(void *context, const char *path, evh_http_page *page)
{
    const view v = take_view(context);
    page->status = 200;
    if (strcmp(path, "/healthz") == 0)
        return evh_buffer_format(&page->body, "alive\n");
    if (strcmp(path, "/readyz") == 0)
        return write_ready(page, &v);
    if (strcmp(path, "/metrics") == 0) {
        page->type = "text/plain; version=0.0.4; charset=utf-8";
        return write_metrics(&page->body, &v);
    }
    page->status = 404;
    return evh_ok();
}
