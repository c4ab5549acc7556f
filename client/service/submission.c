/* SPDX-License-Identifier: Apache-2.0
 * The checks before a report is made. Each refusal says what is wrong; the advice says what to do. */
#include "evenhand/service/submission.h"

#include <inttypes.h>
#include <string.h>

#include "evenhand/plan/canonical.h"
#include "evenhand/plan/noise.h"
#include "evenhand/plan/window.h"
#include "evenhand/service/outbox.h"
#include "service_internal.h"

static const char ask_plan[] =
    "Get the plan's file from whoever publishes it, or ask when it is going to be in the log.";

/* ---- plan and population ---- */

static evh_status explain_unknown_plan(evh_site *site, const evh_plan *plan)
{
    uint8_t plan_id[EVH_PLAN_ID_LEN];
    bool named = false;
    evh_status status = evh_ok();
    EVH_TRY(evh_mirror_plan_named(site, &named, plan_id, evh_plan_terms_of(plan)->name));
    EVH_DEMAND(!named, site,
               "Compare the two with whoever gave you the file. A plan never changes in the log: a "
               "changed one is another plan.",
               "the plan of this name in the log is not the same as your file");
    EVH_DEMAND(false, site, ask_plan, "the plan is not in the log");
done:
    return status;
}

static evh_status check_population(const evh_submission *s, evh_site *site, const char *logged)
{
    const evh_plan_privacy *privacy = &evh_plan_terms_of(s->plan)->privacy;
    const char *mine = site->config->data.population;
    evh_status status = evh_ok();
    EVH_DEMAND(mine != NULL, site, "Say under data: population: whose data these are.",
               "the configuration does not say of which population the data are");
    EVH_DEMAND(strcmp(privacy->population, mine) == 0, site,
               "Data of one population never count for another: use the configuration of the other "
               "one, or correct data: population:.",
               "the plan measures %.40s, and your data are of %.40s", privacy->population, mine);
    EVH_DEMAND(strcmp(logged, privacy->population) == 0 &&
                   evh_plan_noise_of(s->plan)->adjacency == s->population.adjacency,
               site, "Ask the leader's operator: such a plan should not have been published.",
               "the plan was published for a population that differs from the one it names");
done:
    return status;
}

static evh_status find_plan(evh_submission *s, evh_site *site)
{
    evh_plan *logged = NULL;
    bool retired = false;
    evh_status status = evh_ok();
    EVH_DEMAND(evh_plan_noise_of(s->plan) != NULL && evh_plan_id(s->plan) != NULL, site,
               "A plan gets its noise with `plan draft`, and can be used when it is published.",
               "the plan is a draft: it has no noise, and nothing is sent without");
    EVH_DEMAND(evh_plan_terms_of(s->plan)->privacy.mechanism != EVH_NOISE_NONE, site,
               "Use count and report to look at it on this machine.",
               "the plan adds no noise: it is for local use only");
    EVH_TRY(evh_mirror_plan(site, &logged, &s->population, &retired, evh_plan_id(s->plan)));
    if (logged == NULL)
        EVH_TRY(explain_unknown_plan(site, s->plan));
    EVH_TRY(check_population(s, site, s->population.name));
done:
    evh_plan_free(&logged);
    return status;
}

/* ---- people ---- */

static evh_status check_people(evh_site *site)
{
    evh_mirror_self self;
    bool parties = false;
    evh_status status = evh_ok();
    EVH_TRY(evh_mirror_parties(site, &parties));
    EVH_DEMAND(parties, site, "Ask the leader's operator: the log must begin with its parties.",
               "the log does not name leader, helper and collector");
    EVH_TRY(evh_mirror_self_of(site, &self));
    EVH_DEMAND(self.known, site,
               "Both operators must approve you: run enrol again, which says how far that is.",
               "the log has no entry that makes you a customer, endorsed by leader and helper");
    EVH_DEMAND(self.active, site, "Ask the leader's operator why.",
               "you are suspended or removed: the newest roster entry says so");
done:
    return status;
}

/* ---- round ---- */

static const char *state_words(evh_round_state state)
{
    switch (state) {
    case EVH_ROUND_CLOSED:
        return "closed";
    case EVH_ROUND_AGREED:
        return "closed, and its reports are agreed on";
    case EVH_ROUND_COLLECTED:
        return "over: its result is published";
    case EVH_ROUND_VOID:
        return "void";
    default:
        return "not open";
    }
}

static evh_status check_window(evh_submission *s, evh_site *site)
{
    int64_t start_ms = 0;
    int64_t end_ms = 0;
    evh_status status = evh_ok();
    s->window_over = true;
    if (evh_plan_terms_of(s->plan)->has_window)
        EVH_TRY(evh_plan_round_window(s->plan, s->round, &start_ms, &end_ms));
    EVH_DEMAND(start_ms >= 0 && end_ms >= 0 &&
                   s->opened.task.window_start_ms == (uint64_t)start_ms &&
                   s->opened.task.window_end_ms == (uint64_t)end_ms,
               site, "Ask the leader's operator: the plan fixes the window of each round.",
               "the round was opened for another window than the plan's");
    s->window_over = end_ms == 0 || evh_site_now_ms(site) >= (uint64_t)end_ms;
done:
    return status;
}

static evh_status find_round(evh_submission *s, evh_site *site)
{
    bool found = false;
    evh_status status = evh_ok();
    EVH_REQUIRE(s->round > 0, EVH_ERR_ARG, "which round? give -n N");
    EVH_TRY(evh_mirror_round_of(site, &found, &s->opened, evh_plan_id(s->plan), s->round));
    EVH_DEMAND(found, site, "Rounds are opened by the leader's operator: wait, or look at status.",
               "round %" PRIu32 " of the plan is not open yet", s->round);
    EVH_DEMAND(s->opened.state == EVH_ROUND_OPEN, site,
               "A round that has ended takes no reports. If you were on the roster, run ledger "
               "reconcile: it is charged as missed.",
               "round %" PRIu32 " is %s", s->round, state_words(s->opened.state));
    EVH_DEMAND(evh_site_now_ms(site) <= s->opened.deadline_ms, site,
               "The operator may extend the deadline: run submit again when it has. Also see that "
               "this machine's clock is right.",
               "the deadline of round %" PRIu32 " has passed", s->round);
    EVH_TRY(check_window(s, site));
done:
    return status;
}

/* ---- what it costs ---- */

evh_status evh_charge_of(evh_ledger_charge *out, const evh_plan *plan,
                         const evh_population *population, const evh_mirror_round *round)
{
    const evh_plan_terms *terms = evh_plan_terms_of(plan);
    const evh_plan_noise *noise = evh_plan_noise_of(plan);
    evh_status status = evh_ok();
    EVH_REQUIRE(noise != NULL, EVH_ERR_INPUT, "the plan is a draft");
    *out = (evh_ledger_charge){.population = evh_view_of_text(terms->privacy.population),
                               .round = round->task.round,
                               .has_window = terms->has_window,
                               .window_start_ms = (int64_t)round->task.window_start_ms,
                               .window_end_ms = (int64_t)round->task.window_end_ms,
                               .epsilon = terms->privacy.epsilon,
                               .delta = terms->privacy.delta,
                               .customers_per_unit = population->customers_per_unit,
                               .classes = noise->classes,
                               .class_count = evh_plan_noise_class_count(plan),
                               .shifts = noise->shifts.shifts,
                               .shift_count = noise->shifts.count};
    memcpy(out->plan_id, evh_plan_id(plan), sizeof out->plan_id);
done:
    return status;
}

static int charged_year(const evh_submission *s, const evh_site *site)
{
    int64_t when_ms =
        s->charge.has_window ? s->charge.window_start_ms : (int64_t)evh_site_now_ms(site);
    return evh_civil_from_unix(when_ms / EVH_MS_PER_S).year;
}

static evh_status check_limit(evh_submission *s, evh_site *site)
{
    const evh_config_limit *limit = evh_config_find_limit(site->config, s->charge.population);
    uint32_t rounds = 0;
    evh_status status = evh_ok();
    s->has_limit = limit != NULL;
    EVH_DEMAND(limit != NULL || site->config->plans == EVH_CONFIG_PLANS_ASK, site,
               "Set limits: for the population, or policy: {plans: ask}.",
               "policy accepts any plan within your limits, and there is no limit for %.40s",
               evh_plan_terms_of(s->plan)->privacy.population);
    if (limit == NULL)
        goto done;
    s->limit = (evh_ledger_limit){
        .epsilon = limit->epsilon, .delta = limit->delta, .per_year = limit->per_year};
    EVH_TRY(
        evh_ledger_affords(site->ledger, &rounds, &s->charge, &s->limit, charged_year(s, site), 1));
    EVH_DEMAND(rounds >= 1, site,
               "Look at ledger show. Only you can raise your limits: in the configuration.",
               "this round would pass your own limit for %.60s",
               evh_plan_terms_of(s->plan)->privacy.population);
done:
    return status;
}

/* ---- all of it ---- */

/* A round that was closed is so in the log only when both aggregators have agreed: the leader knows
 * before. Asked before anything is charged. */
static evh_status check_still_open(evh_submission *s, evh_site *site)
{
    evh_leader_says says;
    evh_status status = evh_ok();
    EVH_TRY(evh_outbox_ask(site, &says, &s->opened));
    EVH_DEMAND(says.round == EVH_ROUND_OPEN, site, "Nothing was charged. Wait for the next round.",
               "round %" PRIu32 " is %s", s->round, state_words(says.round));
done:
    return status;
}

evh_status evh_submission_prepare(evh_submission *out, evh_site *site, const evh_plan *plan,
                                  uint32_t round)
{
    bool behind = false;
    evh_status status = evh_ok();
    memset(out, 0, sizeof *out);
    site->advice = NULL;
    out->plan = plan;
    out->round = round;
    EVH_TRY(find_plan(out, site));
    EVH_TRY(check_people(site));
    EVH_TRY(find_round(out, site));
    EVH_TRY(evh_outbox_is_behind(site, &behind));
    EVH_DEMAND(!behind, site,
               "It was replaced by an older copy, or another installation uses your key. Find the "
               "newest ledger; if it is lost, run ledger reconcile.",
               "your ledger is behind: reports were made that it does not know");
    EVH_TRY(check_still_open(out, site));
    EVH_TRY(evh_charge_of(&out->charge, plan, &out->population, &out->opened));
    EVH_TRY(check_limit(out, site));
done:
    if (status.code != EVH_OK)
        evh_submission_clear(out);
    return status;
}

evh_status evh_submission_agreed(evh_submission *submission, evh_site *site, bool *agreed)
{
    *agreed = site->config->plans == EVH_CONFIG_PLANS_ACCEPT;
    if (*agreed || site->ledger == NULL)
        return evh_ok();
    return evh_ledger_agreed(site->ledger, agreed, submission->charge.plan_id);
}

void evh_submission_clear(evh_submission *submission)
{
    evh_noise_vector_free(&submission->noise);
    memset(submission, 0, sizeof *submission);
}
