/* SPDX-License-Identifier: Apache-2.0
 * Populations and plans of the log: their records, what they mean, and the budget that rounds are
 * charged to. */
#include <stdlib.h>
#include <string.h>

#include "evenhand/base/sizes.h"
#include "evenhand/plan/canonical.h"
#include "evenhand/plan/window.h"
#include "evenhand/seal/hash.h"
#include "evenhand/translog/translog.h"
#include "round_internal.h"

/* ---- records ---- */

static evh_status population_place(evh_place *out, const uint8_t *hash)
{
    return evh_place_make(out, evh_view_of_text(EVH_POPULATION_PREFIX), -1,
                          evh_view_of(hash, EVH_SHA256_LEN));
}

evh_status evh_population_keep(const evh_aggregator *self, const uint8_t *hash, uint64_t index,
                               evh_view bytes)
{
    Evenhand__V1__StoredPopulation record;
    evenhand__v1__stored_population__init(&record);
    evh_place place;
    evh_status status = evh_ok();
    record.entry_index = index;
    evh_wire_set_bytes(&record.population, bytes);
    EVH_TRY(population_place(&place, hash));
    EVH_TRY(evh_record_put(self->store, EVH_STORE_META, evh_place_view(&place), &record.base));
done:
    return status;
}

evh_status evh_population_find(const evh_aggregator *self, bool *found, evh_population *out,
                               uint64_t *index, const uint8_t *hash)
{
    Evenhand__V1__StoredPopulation *record = NULL;
    evh_place place;
    evh_status status = evh_ok();
    *found = false;
    EVH_TRY(population_place(&place, hash));
    EVH_TRY(evh_record_get(self->store, EVH_STORE_META, evh_place_view(&place),
                           &evenhand__v1__stored_population__descriptor, &record));
    if (record == NULL)
        goto done;
    EVH_TRY(evh_population_decode(out, evh_wire_bytes(&record->population)));
    *index = record->entry_index;
    *found = true;
done:
    evh_wire_free(&record);
    return status;
}

evh_status evh_plan_find(const evh_aggregator *self, Evenhand__V1__StoredPlan **out,
                         const uint8_t *plan_id)
{
    return evh_record_get(self->store, EVH_STORE_PLANS, evh_view_of(plan_id, EVH_PLAN_ID_LEN),
                          &evenhand__v1__stored_plan__descriptor, out);
}

evh_status evh_plan_save(const evh_aggregator *self, const uint8_t *plan_id,
                         const Evenhand__V1__StoredPlan *changed)
{
    return evh_record_put(self->store, EVH_STORE_PLANS, evh_view_of(plan_id, EVH_PLAN_ID_LEN),
                          &changed->base);
}

/* Reads a plan from its entry in the log. */
static evh_status read_plan(const evh_aggregator *self, const evh_known_plan **out,
                            const uint8_t *plan_id, const Evenhand__V1__StoredPlan *record)
{
    Evenhand__V1__LogEntry *entry = NULL;
    evh_buffer bytes = evh_buffer_init(EVH_TRANSLOG_ENTRY_BYTES_MAX);
    evh_status status = evh_ok();
    EVH_TRY(evh_translog_entry(self->store, &bytes, record->entry_index));
    EVH_TRY(evh_wire_unpack(&entry, &evenhand__v1__log_entry__descriptor, evh_buffer_view(&bytes),
                            "log entry"));
    EVH_REQUIRE(entry->kind_case == EVENHAND__V1__LOG_ENTRY__KIND_PLAN, EVH_ERR_STORE,
                "a plan's record is damaged");
    EVH_TRY(evh_cache_add_plan(self->cache, out, plan_id, record->population_hash.data,
                               evh_wire_bytes(&entry->plan->plan)));
done:
    evh_wire_free(&entry);
    evh_buffer_clear(&bytes);
    return status;
}

evh_status evh_plan_hold(const evh_aggregator *self, const evh_known_plan **out,
                         const uint8_t *plan_id)
{
    Evenhand__V1__StoredPlan *record = NULL;
    evh_status status = evh_ok();
    *out = NULL;
    EVH_TRY(evh_plan_find(self, &record, plan_id));
    EVH_REQUIRE(record != NULL, EVH_ERR_REFUSED, "the plan is not in the log");
    EVH_REQUIRE(record->population_hash.len == EVH_SHA256_LEN, EVH_ERR_STORE,
                "a plan's record is damaged");
    *out = evh_cache_hold_plan(self->cache, plan_id, record->population_hash.data);
    if (*out == NULL)
        EVH_TRY(read_plan(self, out, plan_id, record));
done:
    evh_wire_free(&record);
    return status;
}

/* ---- budget ---- */

typedef struct charges {
    const evh_aggregator *self;
    const uint8_t *population_hash;
    uint32_t customers_per_unit;
    const uint8_t *plan_id; /* of the plan that gets `more` rounds; NULL for none */
    uint32_t more;
    evh_charge *list;
    const evh_known_plan **plans; /* [count] whose parts the charges borrow */
    size_t count, room;
    uint32_t rounds;
} charges;

static evh_status add_charge(charges *all, const uint8_t *plan_id, uint32_t rounds)
{
    const evh_plan *plan = NULL;
    evh_status status = evh_ok();
    EVH_INVARIANT(all->count < all->room);
    EVH_TRY(evh_plan_hold(all->self, &all->plans[all->count], plan_id));
    plan = all->plans[all->count]->plan;
    all->list[all->count++] =
        evh_plan_charge(plan, evh_plan_promised_view(plan), rounds, all->customers_per_unit);
    all->rounds += rounds;
done:
    return status;
}

static evh_status charge_plan(void *context, evh_view key, evh_view value, bool *stop)
{
    charges *all = context;
    Evenhand__V1__StoredPlan *plan = NULL;
    uint32_t rounds = 0;
    evh_status status = evh_ok();
    *stop = false;
    EVH_TRY(evh_wire_unpack(&plan, &evenhand__v1__stored_plan__descriptor, value, "stored plan"));
    if (!evh_view_equal(evh_wire_bytes(&plan->population_hash),
                        evh_view_of(all->population_hash, EVH_SHA256_LEN)))
        goto done;
    rounds = plan->rounds_opened;
    if (all->plan_id != NULL && evh_view_equal(key, evh_view_of(all->plan_id, EVH_PLAN_ID_LEN)))
        rounds += all->more;
    if (rounds > 0)
        EVH_TRY(add_charge(all, key.data, rounds));
done:
    evh_wire_free(&plan);
    return status;
}

static evh_status count_plan(void *context, evh_view key, evh_view value, bool *stop)
{
    size_t *count = context;
    (void)key;
    (void)value;
    *stop = false;
    (*count)++;
    return evh_ok();
}

static void charges_clear(charges *all)
{
    for (size_t i = 0; all->plans != NULL && i < all->room; i++)
        evh_cache_release_plan(all->self->cache, &all->plans[i]);
    free(all->plans);
    free(all->list);
}

/* Everything charged to a population: rounds opened count, whatever became of them. */
static evh_status collect_charges(charges *all)
{
    evh_status status = evh_ok();
    evh_view every = evh_view_of(NULL, 0);
    EVH_TRY(evh_store_scan(all->self->store, EVH_STORE_PLANS, every, count_plan, &all->room));
    EVH_TRY(evh_alloc(&all->list, all->room + 1, sizeof *all->list, "charges"));
    EVH_TRY(evh_alloc(&all->plans, all->room + 1, sizeof *all->plans, "plans"));
    EVH_TRY(evh_store_scan(all->self->store, EVH_STORE_PLANS, every, charge_plan, all));
done:
    return status;
}

evh_status evh_budget_allows(const evh_aggregator *self, bool *allowed, const uint8_t *hash,
                             const uint8_t *plan_id, uint32_t more)
{
    evh_population population;
    bool found = false;
    uint64_t index = 0;
    charges all = {.self = self, .population_hash = hash, .plan_id = plan_id, .more = more};
    evh_budget budget;
    evh_status status = evh_ok();
    *allowed = false;
    EVH_TRY(evh_population_find(self, &found, &population, &index, hash));
    EVH_REQUIRE(found, EVH_ERR_REFUSED, "the population is not in the log");
    all.customers_per_unit = population.customers_per_unit;
    EVH_TRY(collect_charges(&all));
    budget = evh_population_budget(&population);
    *allowed = all.count == 0;
    if (all.count > 0)
        EVH_TRY(evh_privacy_within(allowed, all.list, all.count, &budget));
done:
    charges_clear(&all);
    return status;
}

evh_status evh_budget_spent(const evh_aggregator *self, double *epsilon, uint32_t *rounds,
                            const uint8_t *hash, const evh_population *population)
{
    charges all = {.self = self,
                   .population_hash = hash,
                   .customers_per_unit = population->customers_per_unit};
    evh_status status = evh_ok();
    *epsilon = 0;
    *rounds = 0;
    EVH_TRY(collect_charges(&all));
    if (all.count > 0)
        EVH_TRY(evh_privacy_epsilon(epsilon, all.list, all.count,
                                    evh_population_budget(population).delta));
    *rounds = all.rounds;
done:
    charges_clear(&all);
    return status;
}

/* ---- a round of a plan ---- */

evh_status evh_plan_window_of(const evh_plan *plan, uint32_t round, uint64_t *start_ms,
                              uint64_t *end_ms)
{
    int64_t start = 0;
    int64_t end = 0;
    evh_status status = evh_ok();
    *start_ms = 0;
    *end_ms = 0;
    if (!evh_plan_terms_of(plan)->has_window)
        goto done;
    EVH_TRY(evh_plan_round_window(plan, round, &start, &end));
    EVH_REQUIRE(start >= 0 && end > start, EVH_ERR_RANGE, "a window before 1970");
    *start_ms = (uint64_t)start;
    *end_ms = (uint64_t)end;
done:
    return status;
}

evh_status evh_round_check_plan(const evh_aggregator *self, const evh_opening *opening)
{
    const evh_known_plan *known = NULL;
    Evenhand__V1__StoredPlan *record = NULL;
    uint64_t start_ms = 0;
    uint64_t end_ms = 0;
    bool allowed = false;
    evh_status status = evh_ok();
    EVH_TRY(evh_plan_find(self, &record, opening->plan_id));
    EVH_REQUIRE(record != NULL, EVH_ERR_REFUSED, "the plan is not in the log");
    EVH_REQUIRE(!record->retired, EVH_ERR_REFUSED, "the plan is retired");
    EVH_TRY(evh_plan_hold(self, &known, opening->plan_id));
    EVH_REQUIRE(opening->round >= 1 && opening->round <= known->terms.rounds, EVH_ERR_REFUSED,
                "the plan has no round %u: they go from 1 to %u", opening->round,
                known->terms.rounds);
    EVH_TRY(evh_plan_window_of(known->plan, opening->round, &start_ms, &end_ms));
    EVH_REQUIRE(opening->window_start_ms == start_ms && opening->window_end_ms == end_ms,
                EVH_ERR_REFUSED, "the window is not that of round %u", opening->round);
    EVH_TRY(evh_budget_allows(self, &allowed, known->terms.population_hash, opening->plan_id, 1));
    EVH_REQUIRE(allowed, EVH_ERR_REFUSED,
                "the population's budget does not allow another round of this plan");
done:
    evh_cache_release_plan(self->cache, &known);
    evh_wire_free(&record);
    return status;
}
