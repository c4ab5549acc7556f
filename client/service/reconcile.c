/* SPDX-License-Identifier: Apache-2.0
 * The ledger against the log: which rounds does it not know? */
#include <string.h>

#include "evenhand/base/limits.h"
#include "evenhand/service/outbox.h"
#include "evenhand/service/submission.h"
#include "service_internal.h"

/* ---- has something been lost? ---- */

typedef struct asking {
    evh_site *site;
    evh_buffer report;
    uint64_t since; /* index of the own first roster entry */
    bool lost;
} asking;

static evh_status ask_about(void *context, const evh_mirror_round *round)
{
    asking *a = context;
    evh_outbox_entry entry;
    evh_leader_says says;
    evh_status status = evh_ok();
    if (a->lost || round->entry_index < a->since)
        goto done;
    EVH_TRY(evh_outbox_find(a->site, &entry, &a->report, round->task.plan_id, round->task.round));
    if (entry.charged)
        goto done;
    EVH_TRY(evh_outbox_ask(a->site, &says, round));
    a->lost = says.report != EVH_REPORT_NONE;
done:
    return status;
}

evh_status evh_outbox_is_behind(evh_site *site, bool *lost)
{
    asking a = {.site = site, .report = evh_buffer_init(EVH_REPORT_BYTES_MAX)};
    evh_mirror_self self;
    evh_status status = evh_ok();
    *lost = true;
    EVH_TRY(evh_site_ledger_is_behind(site, &a.lost));
    EVH_TRY(evh_mirror_self_of(site, &self));
    a.since = self.since;
    if (!a.lost && self.known)
        EVH_TRY(evh_mirror_each_round(site, ask_about, &a));
    *lost = a.lost;
done:
    evh_buffer_clear(&a.report);
    return status;
}

/* ---- repairing it ---- */

typedef struct repairing {
    evh_site *site;
    evh_reconciled *out;
    evh_buffer report;
    uint64_t since;
    uint64_t now_ms;
} repairing;

static evh_status charge_missed(repairing *r, const evh_plan *plan,
                                const evh_population *population, const evh_mirror_round *round)
{
    evh_ledger_charge charge;
    evh_ledger_position position;
    evh_status status = evh_ok();
    EVH_TRY(evh_charge_of(&charge, plan, population, round));
    EVH_TRY(evh_site_need_ledger(r->site));
    EVH_TRY(evh_ledger_charge_missed(r->site->ledger, &position, &charge, (int64_t)r->now_ms));
    r->out->missed++;
done:
    return status;
}

/* Rounds of other populations than this configuration's are charged only when a report of this
 * customer was lost in them. */
static evh_status repair(void *context, const evh_mirror_round *round)
{
    repairing *r = context;
    evh_outbox_entry entry;
    evh_leader_says says;
    evh_plan *plan = NULL;
    evh_population population;
    bool retired = false;
    bool lost = false;
    bool over = round->state != EVH_ROUND_OPEN || round->deadline_ms < r->now_ms;
    evh_status status = evh_ok();
    if (round->entry_index < r->since)
        goto done;
    EVH_TRY(evh_outbox_find(r->site, &entry, &r->report, round->task.plan_id, round->task.round));
    if (entry.charged)
        goto done;
    EVH_TRY(evh_mirror_plan(r->site, &plan, &population, &retired, round->task.plan_id));
    EVH_REQUIRE(plan != NULL, EVH_ERR_STORE, "the mirror of the log is damaged: a lost plan");
    EVH_TRY(evh_outbox_ask(r->site, &says, round));
    lost = says.report != EVH_REPORT_NONE;
    if (!lost && (r->site->config->data.population == NULL ||
                  strcmp(population.name, r->site->config->data.population) != 0))
        goto done;
    if (!lost && !over && !r->out->was_behind) {
        r->out->waiting++;
        goto done;
    }
    EVH_TRY(charge_missed(r, plan, &population, round));
    r->out->lost += lost;
done:
    evh_plan_free(&plan);
    return status;
}

evh_status evh_outbox_reconcile(evh_site *site, evh_reconciled *out)
{
    repairing r = {.site = site,
                   .out = out,
                   .report = evh_buffer_init(EVH_REPORT_BYTES_MAX),
                   .now_ms = evh_site_now_ms(site)};
    evh_mirror_self self;
    evh_status status = evh_ok();
    *out = (evh_reconciled){.missed = 0};
    EVH_TRY(evh_mirror_self_of(site, &self));
    if (!self.known)
        goto done;
    r.since = self.since;
    /* First: while the ledger is behind, a report may have been made for an open round too. */
    EVH_TRY(evh_outbox_is_behind(site, &out->was_behind));
    EVH_TRY(evh_mirror_each_round(site, repair, &r));
    EVH_TRY(evh_site_note_ledger(site));
done:
    evh_buffer_clear(&r.report);
    return status;
}
