/* SPDX-License-Identifier: Apache-2.0
 * The leader logs populations and plans. */
#include <string.h>

#include "evenhand/aggregator/leader.h"
#include "evenhand/plan/canonical.h"
#include "evenhand/seal/hash.h"
#include "round_internal.h"

/* ---- populations ---- */

static evh_status log_population(const evh_aggregator *self, uint64_t *index, evh_view bytes)
{
    Evenhand__V1__LogEntry entry;
    Evenhand__V1__PopulationEntry population;
    evenhand__v1__log_entry__init(&entry);
    evenhand__v1__population_entry__init(&population);
    evh_wire_set_bytes(&population.population, bytes);
    entry.kind_case = EVENHAND__V1__LOG_ENTRY__KIND_POPULATION;
    entry.population = &population;
    return evh_entry_append(self, &entry, index);
}

evh_status evh_leader_add_population(const evh_aggregator *self, uint64_t *index, evh_view bytes)
{
    evh_population known;
    uint8_t hash[EVH_SHA256_LEN];
    bool found = false;
    evh_status status = evh_ok();
    *index = 0;
    EVH_TRY(evh_sha256(hash, bytes));
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(evh_population_find(self, &found, &known, index, hash));
    if (found)
        goto done;
    EVH_TRY(log_population(self, index, bytes));
    EVH_COMMIT(self->store, "leader-population");
done:
    evh_store_rollback(self->store);
    return status;
}

/* ---- plans ---- */

static evh_status log_plan(const evh_aggregator *self, uint64_t *index, evh_view bytes,
                           const char *population)
{
    Evenhand__V1__LogEntry entry;
    Evenhand__V1__PlanEntry plan;
    evenhand__v1__log_entry__init(&entry);
    evenhand__v1__plan_entry__init(&plan);
    uint8_t hash[EVH_SHA256_LEN];
    evh_status status = evh_ok();
    EVH_TRY(evh_population_named(self, hash, population));
    evh_wire_set_bytes(&plan.plan, bytes);
    evh_wire_set_bytes(&plan.population_hash, evh_view_of(hash, sizeof hash));
    entry.kind_case = EVENHAND__V1__LOG_ENTRY__KIND_PLAN;
    entry.plan = &plan;
    EVH_TRY(evh_entry_append(self, &entry, index));
done:
    return status;
}

evh_status evh_leader_publish_plan(const evh_aggregator *self, uint8_t *plan_id, uint64_t *index,
                                   evh_view bytes)
{
    Evenhand__V1__StoredPlan *known = NULL;
    evh_plan *plan = NULL;
    evh_status status = evh_ok();
    *index = 0;
    EVH_TRY(evh_sha256(plan_id, bytes));
    EVH_TRY(evh_plan_decode(&plan, bytes));
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(evh_plan_find(self, &known, plan_id));
    if (known != NULL) {
        *index = known->entry_index;
        goto done;
    }
    EVH_TRY(log_plan(self, index, bytes, evh_plan_terms_of(plan)->privacy.population));
    EVH_COMMIT(self->store, "leader-plan");
done:
    evh_store_rollback(self->store);
    evh_plan_free(&plan);
    evh_wire_free(&known);
    return status;
}

/* ---- the end of a plan ---- */

static evh_status log_retired(const evh_aggregator *self, uint64_t *index, const uint8_t *plan_id)
{
    Evenhand__V1__LogEntry entry;
    Evenhand__V1__PlanRetired retired;
    evenhand__v1__log_entry__init(&entry);
    evenhand__v1__plan_retired__init(&retired);
    evh_wire_set_bytes(&retired.plan_id, evh_view_of(plan_id, EVH_PLAN_ID_LEN));
    entry.kind_case = EVENHAND__V1__LOG_ENTRY__KIND_PLAN_RETIRED;
    entry.plan_retired = &retired;
    return evh_entry_append(self, &entry, index);
}

evh_status evh_leader_retire_plan(const evh_aggregator *self, uint64_t *index,
                                  const uint8_t *plan_id)
{
    Evenhand__V1__StoredPlan *plan = NULL;
    evh_status status = evh_ok();
    *index = 0;
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(evh_plan_find(self, &plan, plan_id));
    EVH_REQUIRE(plan != NULL, EVH_ERR_REFUSED,
                "the plan is not in the log: plan list shows those that are");
    if (plan->retired) {
        *index = plan->retired_index;
        goto done;
    }
    EVH_TRY(log_retired(self, index, plan_id));
    EVH_COMMIT(self->store, "leader-retire");
done:
    evh_store_rollback(self->store);
    evh_wire_free(&plan);
    return status;
}
