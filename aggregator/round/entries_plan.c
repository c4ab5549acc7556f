/* SPDX-License-Identifier: Apache-2.0
 * What the entries about populations and plans mean. */
#include <string.h>

#include "evenhand/plan/canonical.h"
#include "evenhand/seal/hash.h"
#include "round_internal.h"

static const char name_prefix[] = "population-name/";

/* ---- populations ---- */

/* A name is taken for good: a plan cannot get a fresh budget by a second population of that name. */
static evh_status take_name(const evh_aggregator *self, const char *name, const uint8_t *hash)
{
    evh_place place;
    bool added = false;
    evh_status status = evh_ok();
    EVH_TRY(evh_place_make(&place, evh_view_of_text(name_prefix), -1, evh_view_of_text(name)));
    EVH_TRY(evh_store_add(self->store, EVH_STORE_META, evh_place_view(&place),
                          evh_view_of(hash, EVH_SHA256_LEN), &added));
    EVH_REQUIRE(added, EVH_ERR_REFUSED, "a population of that name is in the log already");
done:
    return status;
}

evh_status evh_population_named(const evh_aggregator *self, uint8_t *hash, const char *name)
{
    evh_place place;
    evh_buffer value = evh_buffer_init(EVH_SHA256_LEN);
    bool found = false;
    evh_status status = evh_ok();
    EVH_TRY(evh_place_make(&place, evh_view_of_text(name_prefix), -1, evh_view_of_text(name)));
    EVH_TRY(evh_store_get(self->store, EVH_STORE_META, evh_place_view(&place), &value, &found));
    EVH_REQUIRE(found, EVH_ERR_REFUSED,
                "the population is not in the log: population add comes first");
    EVH_REQUIRE(value.len == EVH_SHA256_LEN, EVH_ERR_STORE, "a population's name is damaged");
    memcpy(hash, value.data, EVH_SHA256_LEN);
done:
    evh_buffer_clear(&value);
    return status;
}

static evh_status apply_population(const evh_aggregator *self, uint64_t index,
                                   const Evenhand__V1__PopulationEntry *entry)
{
    evh_population population;
    evh_view bytes = evh_wire_bytes(&entry->population);
    uint8_t hash[EVH_SHA256_LEN];
    evh_status status = evh_ok();
    EVH_TRY(evh_population_decode(&population, bytes));
    EVH_REQUIRE(population.accountant == EVH_ACCOUNTANT_BASIC, EVH_ERR_REFUSED,
                "the accountant %s does not exist yet", evh_accountant_name(population.accountant));
    EVH_TRY(evh_sha256(hash, bytes));
    EVH_TRY(take_name(self, population.name, hash));
    EVH_TRY(evh_population_keep(self, hash, index, bytes));
done:
    return status;
}

/* ---- plans ---- */

/* Decoding has shown that the noise keeps what the plan promises for one round. */
static evh_status check_plan(const evh_plan *plan, const evh_population *population)
{
    const evh_plan_privacy *privacy = &evh_plan_terms_of(plan)->privacy;
    evh_status status = evh_ok();
    EVH_REQUIRE(evh_plan_noise_of(plan) != NULL, EVH_ERR_REFUSED, "the plan is a draft");
    EVH_REQUIRE(privacy->mechanism != EVH_NOISE_NONE, EVH_ERR_REFUSED,
                "a plan without noise is for local use only");
    EVH_REQUIRE(strcmp(privacy->population, population->name) == 0, EVH_ERR_REFUSED,
                "the plan's entry names another population than the plan");
    EVH_REQUIRE(evh_plan_noise_of(plan)->adjacency == population->adjacency, EVH_ERR_REFUSED,
                "the plan's noise is for %s, its population is %s",
                evh_adjacency_name(evh_plan_noise_of(plan)->adjacency),
                evh_adjacency_name(population->adjacency));
done:
    return status;
}

static evh_status keep_plan(const evh_aggregator *self, uint64_t index, const uint8_t *plan_id,
                            const ProtobufCBinaryData *population_hash)
{
    Evenhand__V1__StoredPlan record;
    evenhand__v1__stored_plan__init(&record);
    bool allowed = false;
    evh_status status = evh_ok();
    record.entry_index = index;
    record.population_hash = *population_hash;
    EVH_TRY(evh_plan_save(self, plan_id, &record));
    EVH_TRY(evh_budget_allows(self, &allowed, population_hash->data, plan_id, 1));
    EVH_REQUIRE(allowed, EVH_ERR_REFUSED,
                "what is left of the population's budget does not allow one round of this plan");
done:
    return status;
}

static evh_status apply_plan(const evh_aggregator *self, uint64_t index,
                             const Evenhand__V1__PlanEntry *entry)
{
    evh_view bytes = evh_wire_bytes(&entry->plan);
    Evenhand__V1__StoredPlan *known = NULL;
    evh_plan *plan = NULL;
    evh_population population;
    uint8_t plan_id[EVH_SHA256_LEN];
    uint64_t population_index = 0;
    bool found = false;
    evh_status status = evh_ok();
    EVH_TRY(evh_sha256(plan_id, bytes));
    EVH_TRY(evh_plan_find(self, &known, plan_id));
    EVH_REQUIRE(known == NULL, EVH_ERR_REFUSED, "the plan is in the log already");
    EVH_REQUIRE(entry->population_hash.len == EVH_SHA256_LEN, EVH_ERR_LENGTH,
                "a population's hash of %zu bytes", entry->population_hash.len);
    EVH_TRY(evh_population_find(self, &found, &population, &population_index,
                                entry->population_hash.data));
    EVH_REQUIRE(found, EVH_ERR_REFUSED, "the plan's population is not in the log");
    EVH_TRY(evh_plan_decode(&plan, bytes));
    EVH_TRY(check_plan(plan, &population));
    EVH_TRY(keep_plan(self, index, plan_id, &entry->population_hash));
done:
    evh_plan_free(&plan);
    evh_wire_free(&known);
    return status;
}

static evh_status apply_retired(const evh_aggregator *self, uint64_t index,
                                const Evenhand__V1__PlanRetired *entry)
{
    Evenhand__V1__StoredPlan *plan = NULL;
    evh_status status = evh_ok();
    EVH_REQUIRE(entry->plan_id.len == EVH_SHA256_LEN, EVH_ERR_LENGTH, "a plan_id of %zu bytes",
                entry->plan_id.len);
    EVH_TRY(evh_plan_find(self, &plan, entry->plan_id.data));
    EVH_REQUIRE(plan != NULL, EVH_ERR_REFUSED, "the plan is not in the log");
    EVH_REQUIRE(!plan->retired, EVH_ERR_REFUSED, "the plan is retired already");
    plan->retired = true;
    plan->retired_index = index;
    EVH_TRY(evh_plan_save(self, entry->plan_id.data, plan));
done:
    evh_wire_free(&plan);
    return status;
}

evh_status evh_entry_apply_plan(const evh_aggregator *self, uint64_t index,
                                const Evenhand__V1__LogEntry *entry)
{
    switch (entry->kind_case) {
    case EVENHAND__V1__LOG_ENTRY__KIND_POPULATION:
        return apply_population(self, index, entry->population);
    case EVENHAND__V1__LOG_ENTRY__KIND_PLAN:
        return apply_plan(self, index, entry->plan);
    default:
        return apply_retired(self, index, entry->plan_retired);
    }
}
