/* SPDX-License-Identifier: Apache-2.0
 * Populations and plans, as the operator adds, publishes, retires and lists them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "evenhand/aggregator/leader.h"
#include "evenhand/aggregator/listing.h"
#include "evenhand/base/sizes.h"
#include "operate_internal.h"

enum { EPSILON_TEXT_LEN = 32, POPULATION_BYTES_MAX = 4096 };

/* ---- changes ---- */

static evh_status add_population(const evh_operator *op, uint64_t *index, evh_view population)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_operate_require_leader(op));
    EVH_TRY(evh_leader_add_population(op->self, index, population));
    evh_operate_wake(op);
done:
    return status;
}

evh_status evh_operate_add_population(const evh_operator *op, const evh_caller *caller,
                                      evh_view bytes, evh_buffer *out)
{
    Evenhand__V1__AddPopulationRequest *request = NULL;
    Evenhand__V1__AddPopulationResponse response;
    evenhand__v1__add_population_response__init(&response);
    evh_refusal refusal;
    evh_status status = evh_ok();
    EVH_TRY(evh_operate_require_operator(caller));
    EVH_TRY(evh_wire_unpack(&request, &evenhand__v1__add_population_request__descriptor, bytes,
                            "request"));
    EVH_TRY(evh_refusal_take(
        &refusal, &response.refusal,
        add_population(op, &response.entry_index, evh_wire_bytes(&request->population))));
    EVH_TRY(evh_wire_pack(out, &response.base));
done:
    evh_wire_free(&request);
    return status;
}

static evh_status publish_plan(const evh_operator *op, uint8_t *plan_id, uint64_t *index,
                               evh_view plan)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_operate_require_leader(op));
    EVH_TRY(evh_leader_publish_plan(op->self, plan_id, index, plan));
    evh_operate_wake(op);
done:
    return status;
}

evh_status evh_operate_publish_plan(const evh_operator *op, const evh_caller *caller,
                                    evh_view bytes, evh_buffer *out)
{
    Evenhand__V1__PublishPlanRequest *request = NULL;
    Evenhand__V1__PublishPlanResponse response;
    evenhand__v1__publish_plan_response__init(&response);
    uint8_t plan_id[EVH_PLAN_ID_LEN] = {0};
    evh_refusal refusal;
    evh_status status = evh_ok();
    EVH_TRY(evh_operate_require_operator(caller));
    EVH_TRY(evh_wire_unpack(&request, &evenhand__v1__publish_plan_request__descriptor, bytes,
                            "request"));
    EVH_TRY(evh_refusal_take(
        &refusal, &response.refusal,
        publish_plan(op, plan_id, &response.entry_index, evh_wire_bytes(&request->plan))));
    if (response.refusal == NULL)
        evh_wire_set_bytes(&response.plan_id, evh_view_of(plan_id, sizeof plan_id));
    EVH_TRY(evh_wire_pack(out, &response.base));
done:
    evh_wire_free(&request);
    return status;
}

static evh_status retire_plan(const evh_operator *op, uint64_t *index,
                              const ProtobufCBinaryData *field)
{
    uint8_t plan_id[EVH_PLAN_ID_LEN];
    evh_status status = evh_ok();
    EVH_TRY(evh_operate_require_leader(op));
    EVH_TRY(evh_wire_copy_bytes(plan_id, sizeof plan_id, field, "plan_id"));
    EVH_TRY(evh_leader_retire_plan(op->self, index, plan_id));
    evh_operate_wake(op);
done:
    return status;
}

evh_status evh_operate_retire_plan(const evh_operator *op, const evh_caller *caller, evh_view bytes,
                                   evh_buffer *out)
{
    Evenhand__V1__RetirePlanRequest *request = NULL;
    Evenhand__V1__RetirePlanResponse response;
    evenhand__v1__retire_plan_response__init(&response);
    evh_refusal refusal;
    evh_status status = evh_ok();
    EVH_TRY(evh_operate_require_operator(caller));
    EVH_TRY(evh_wire_unpack(&request, &evenhand__v1__retire_plan_request__descriptor, bytes,
                            "request"));
    EVH_TRY(evh_refusal_take(&refusal, &response.refusal,
                             retire_plan(op, &response.entry_index, &request->plan_id)));
    EVH_TRY(evh_wire_pack(out, &response.base));
done:
    evh_wire_free(&request);
    return status;
}

/* ---- lists ---- */

/* An epsilon never looks smaller than it is. */
static void write_epsilon(char out[EPSILON_TEXT_LEN], double epsilon)
{
    if (isfinite(epsilon))
        (void)snprintf(out, EPSILON_TEXT_LEN, "%.4f", ceil(epsilon * 1e4) / 1e4);
    else
        (void)snprintf(out, EPSILON_TEXT_LEN, "unbounded");
}

typedef struct population_line {
    Evenhand__V1__PopulationRow row;
    char spent[EPSILON_TEXT_LEN], budget[EPSILON_TEXT_LEN];
    evh_buffer population;
} population_line;

static evh_status fill_population(population_line *line, const evh_population_row *from)
{
    evh_status status = evh_ok();
    evenhand__v1__population_row__init(&line->row);
    line->population = evh_buffer_init(POPULATION_BYTES_MAX);
    EVH_TRY(evh_population_encode(&from->population, &line->population));
    write_epsilon(line->spent, from->epsilon_spent);
    evh_decimal_format(line->budget, from->population.epsilon);
    evh_wire_set_bytes(&line->row.population, evh_buffer_view(&line->population));
    line->row.rounds_charged = from->rounds_charged;
    line->row.epsilon_spent = line->spent;
    line->row.epsilon_budget = line->budget;
done:
    return status;
}

static evh_status pack_populations(evh_buffer *out, const evh_population_list *list)
{
    Evenhand__V1__ListPopulationsResponse response;
    population_line *lines = NULL;
    Evenhand__V1__PopulationRow **rows = NULL;
    evenhand__v1__list_populations_response__init(&response);
    evh_status status = evh_ok();
    EVH_TRY(evh_alloc(&lines, list->count, sizeof *lines, "populations"));
    EVH_TRY(evh_alloc(&rows, list->count, sizeof(void *), "populations"));
    for (size_t i = 0; i < list->count; i++) {
        EVH_TRY(fill_population(&lines[i], &list->rows[i]));
        rows[i] = &lines[i].row;
    }
    response.populations = rows;
    response.n_populations = list->count;
    EVH_TRY(evh_wire_pack(out, &response.base));
done:
    for (size_t i = 0; lines != NULL && i < list->count; i++)
        evh_buffer_clear(&lines[i].population);
    free(lines);
    free(rows);
    return status;
}

evh_status evh_operate_list_populations(const evh_operator *op, const evh_caller *caller,
                                        evh_view bytes, evh_buffer *out)
{
    Evenhand__V1__ListPopulationsRequest *request = NULL;
    evh_population_list list = {.count = 0};
    evh_status status = evh_ok();
    EVH_TRY(evh_operate_require_operator(caller));
    EVH_TRY(evh_wire_unpack(&request, &evenhand__v1__list_populations_request__descriptor, bytes,
                            "request"));
    EVH_TRY(evh_aggregator_list_populations(op->self, &list));
    EVH_TRY(pack_populations(out, &list));
done:
    evh_population_list_clear(&list);
    evh_wire_free(&request);
    return status;
}

static evh_status pack_plans(evh_buffer *out, evh_plan_list *list)
{
    Evenhand__V1__ListPlansResponse response;
    Evenhand__V1__PlanRow *lines = NULL;
    Evenhand__V1__PlanRow **rows = NULL;
    evenhand__v1__list_plans_response__init(&response);
    evh_status status = evh_ok();
    EVH_TRY(evh_alloc(&lines, list->count, sizeof *lines, "plans"));
    EVH_TRY(evh_alloc(&rows, list->count, sizeof(void *), "plans"));
    for (size_t i = 0; i < list->count; i++) {
        evh_plan_row *from = &list->rows[i];
        evenhand__v1__plan_row__init(&lines[i]);
        evh_wire_set_bytes(&lines[i].plan_id, evh_view_of(from->plan_id, sizeof from->plan_id));
        lines[i].name = from->name;
        lines[i].population = from->population;
        lines[i].rounds = from->rounds;
        lines[i].rounds_opened = from->rounds_opened;
        lines[i].retired = from->retired;
        rows[i] = &lines[i];
    }
    response.plans = rows;
    response.n_plans = list->count;
    EVH_TRY(evh_wire_pack(out, &response.base));
done:
    free(lines);
    free(rows);
    return status;
}

evh_status evh_operate_list_plans(const evh_operator *op, const evh_caller *caller, evh_view bytes,
                                  evh_buffer *out)
{
    Evenhand__V1__ListPlansRequest *request = NULL;
    evh_plan_list list = {.count = 0};
    evh_status status = evh_ok();
    EVH_TRY(evh_operate_require_operator(caller));
    EVH_TRY(
        evh_wire_unpack(&request, &evenhand__v1__list_plans_request__descriptor, bytes, "request"));
    EVH_TRY(evh_aggregator_list_plans(op->self, &list));
    EVH_TRY(pack_plans(out, &list));
done:
    evh_plan_list_clear(&list);
    evh_wire_free(&request);
    return status;
}
