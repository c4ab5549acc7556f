/* SPDX-License-Identifier: Apache-2.0
 * Lists of populations and plans. */
#include <stdlib.h>
#include <string.h>

#include "evenhand/aggregator/listing.h"
#include "evenhand/base/sizes.h"
#include "evenhand/seal/hash.h"
#include "round_internal.h"

/* ---- populations ---- */

typedef struct population_search {
    const evh_aggregator *self;
    evh_population_list *list;
    size_t capacity;
    uint64_t *indices; /* [count] of their entries */
    size_t index_capacity;
} population_search;

static evh_status visit_population(void *context, evh_view key, evh_view value, bool *stop)
{
    population_search *search = context;
    evh_population_list *list = search->list;
    Evenhand__V1__StoredPopulation *stored = NULL;
    evh_population_row row;
    size_t at = 0;
    evh_status status = evh_ok();
    (void)key;
    *stop = false;
    memset(&row, 0, sizeof row);
    EVH_TRY(evh_wire_unpack(&stored, &evenhand__v1__stored_population__descriptor, value,
                            "stored population"));
    EVH_TRY(evh_population_decode(&row.population, evh_wire_bytes(&stored->population)));
    EVH_TRY(evh_sha256(row.hash, evh_wire_bytes(&stored->population)));
    EVH_TRY(evh_array_reserve(&list->rows, &search->capacity, list->count + 1, sizeof row,
                              "populations"));
    EVH_TRY(evh_array_reserve(&search->indices, &search->index_capacity, list->count + 1,
                              sizeof *search->indices, "populations"));
    /* Few enough to be put in their places one by one. */
    for (at = list->count; at > 0 && search->indices[at - 1] > stored->entry_index; at--) {
        search->indices[at] = search->indices[at - 1];
        list->rows[at] = list->rows[at - 1];
    }
    search->indices[at] = stored->entry_index;
    list->rows[at] = row;
    list->count++;
done:
    evh_wire_free(&stored);
    return status;
}

evh_status evh_aggregator_list_populations(const evh_aggregator *self, evh_population_list *out)
{
    population_search search = {.self = self, .list = out};
    evh_status status = evh_ok();
    out->rows = NULL;
    out->count = 0;
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(evh_store_scan(self->store, EVH_STORE_META, evh_view_of_text(EVH_POPULATION_PREFIX),
                           visit_population, &search));
    for (size_t i = 0; i < out->count; i++)
        EVH_TRY(evh_budget_spent(self, &out->rows[i].epsilon_spent, &out->rows[i].rounds_charged,
                                 out->rows[i].hash, &out->rows[i].population));
done:
    evh_store_rollback(self->store);
    free(search.indices);
    if (status.code != EVH_OK)
        evh_population_list_clear(out);
    return status;
}

void evh_population_list_clear(evh_population_list *list)
{
    free(list->rows);
    list->rows = NULL;
    list->count = 0;
}

/* ---- plans ---- */

typedef struct plan_search {
    const evh_aggregator *self;
    evh_plan_list *list;
    size_t capacity;
} plan_search;

static evh_status visit_plan(void *context, evh_view key, evh_view value, bool *stop)
{
    plan_search *search = context;
    evh_plan_list *list = search->list;
    Evenhand__V1__StoredPlan *stored = NULL;
    const evh_known_plan *known = NULL;
    const evh_plan_terms *terms = NULL;
    evh_plan_row row;
    evh_status status = evh_ok();
    *stop = false;
    memset(&row, 0, sizeof row);
    EVH_REQUIRE(key.len == sizeof row.plan_id, EVH_ERR_STORE, "a plan's record is damaged");
    memcpy(row.plan_id, key.data, key.len);
    EVH_TRY(evh_wire_unpack(&stored, &evenhand__v1__stored_plan__descriptor, value, "stored plan"));
    EVH_TRY(evh_plan_hold(search->self, &known, row.plan_id));
    terms = evh_plan_terms_of(known->plan);
    memcpy(row.name, terms->name, strlen(terms->name) + 1);
    memcpy(row.population, terms->privacy.population, strlen(terms->privacy.population) + 1);
    memcpy(row.population_hash, known->terms.population_hash, sizeof row.population_hash);
    row.rounds = terms->rounds.count;
    row.rounds_opened = stored->rounds_opened;
    row.retired = stored->retired;
    row.entry_index = stored->entry_index;
    EVH_TRY(
        evh_array_reserve(&list->rows, &search->capacity, list->count + 1, sizeof row, "plans"));
    list->rows[list->count++] = row;
done:
    evh_cache_release_plan(search->self->cache, &known);
    evh_wire_free(&stored);
    return status;
}

static int compare_plans(const void *a, const void *b)
{
    const evh_plan_row *left = a;
    const evh_plan_row *right = b;
    return (left->entry_index > right->entry_index) - (left->entry_index < right->entry_index);
}

evh_status evh_aggregator_list_plans(const evh_aggregator *self, evh_plan_list *out)
{
    plan_search search = {.self = self, .list = out};
    evh_status status = evh_ok();
    out->rows = NULL;
    out->count = 0;
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(
        evh_store_scan(self->store, EVH_STORE_PLANS, evh_view_of(NULL, 0), visit_plan, &search));
    if (out->count > 0)
        qsort(out->rows, out->count, sizeof *out->rows, compare_plans);
done:
    evh_store_rollback(self->store);
    if (status.code != EVH_OK)
        evh_plan_list_clear(out);
    return status;
}

void evh_plan_list_clear(evh_plan_list *list)
{
    free(list->rows);
    list->rows = NULL;
    list->count = 0;
}
