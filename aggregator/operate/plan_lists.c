/* SPDX-License-Identifier: Apache-2.0
 * Which plans and populations the log has, and which one is meant. */
#include <string.h>

#include "commands_internal.h"
#include "evenhand/files/files.h"
#include "evenhand/plan/canonical.h"
#include "evenhand/plan/population.h"

/* ---- which plan ---- */

enum { PREFIX_LEN_MIN = 8 };

static bool is_hex(const char *text)
{
    return text[strspn(text, "0123456789abcdefABCDEF")] == '\0';
}

static bool matches(const Evenhand__V1__PlanRow *row, const char *text)
{
    char plan_id[EVH_ID_TEXT_LEN];
    evh_id_text(plan_id, &row->plan_id);
    return strcmp(row->name, text) == 0 || (is_hex(text) && strlen(text) >= PREFIX_LEN_MIN &&
                                            strncmp(plan_id, text, strlen(text)) == 0);
}

static evh_status ask_plans(evh_office *office, Evenhand__V1__ListPlansResponse **response)
{
    Evenhand__V1__ListPlansRequest request;
    evenhand__v1__list_plans_request__init(&request);
    return evh_office_ask(office, "ListPlans", &request.base,
                          &evenhand__v1__list_plans_response__descriptor, response);
}

/* Among the plans of the log; false when none is meant. */
static evh_status find_logged(evh_office *office, uint8_t *plan_id, const char *text, bool *found)
{
    Evenhand__V1__ListPlansResponse *response = NULL;
    size_t hits = 0;
    evh_status status = evh_ok();
    EVH_TRY(ask_plans(office, &response));
    for (size_t i = 0; i < response->n_plans; i++) {
        if (!matches(response->plans[i], text))
            continue;
        hits++;
        EVH_TRY(
            evh_wire_copy_bytes(plan_id, EVH_PLAN_ID_LEN, &response->plans[i]->plan_id, "plan_id"));
    }
    EVH_REQUIRE(hits <= 1, EVH_ERR_ARG, "\"%.60s\" are %zu plans: give the plan_id", text, hits);
    *found = hits == 1;
done:
    evh_wire_free(&response);
    return status;
}

evh_status evh_plan_meant(evh_office *office, uint8_t plan_id[EVH_PLAN_ID_LEN], const char *text)
{
    evh_plan *plan = NULL;
    bool found = false;
    evh_status status = evh_ok();
    memset(plan_id, 0, EVH_PLAN_ID_LEN);
    EVH_TRY(find_logged(office, plan_id, text, &found));
    if (found)
        goto done;
    EVH_REQUIRE(!is_hex(text) || strlen(text) < PREFIX_LEN_MIN, EVH_ERR_REFUSED,
                "no plan of the log starts with %.64s: evenhand-aggregator plan list", text);
    EVH_REQUIRE(evh_file_exists(text), EVH_ERR_INPUT,
                "no plan of the log is called %.50s, and there is no such file: see plan list",
                text);
    EVH_TRY(evh_publishable_read(office->cli, &plan, text));
    memcpy(plan_id, evh_plan_id(plan), EVH_PLAN_ID_LEN);
done:
    evh_plan_free(&plan);
    return status;
}

evh_status evh_command_plan_retire(evh_cli *cli, void *own)
{
    evh_office office = {.cli = cli};
    Evenhand__V1__RetirePlanRequest request;
    Evenhand__V1__RetirePlanResponse *response = NULL;
    uint8_t plan_id[EVH_PLAN_ID_LEN];
    char id[EVH_ID_TEXT_LEN];
    const char *text = NULL;
    evenhand__v1__retire_plan_request__init(&request);
    evh_status status = evh_ok();
    (void)own;
    EVH_TRY(evh_plan_argument(cli, &text));
    EVH_TRY(evh_office_open(&office, cli));
    EVH_TRY(evh_plan_meant(&office, plan_id, text));
    evh_wire_set_bytes(&request.plan_id, evh_view_of(plan_id, sizeof plan_id));
    EVH_TRY(evh_office_ask(&office, "RetirePlan", &request.base,
                           &evenhand__v1__retire_plan_response__descriptor, &response));
    EVH_TRY(evh_office_refusal(response->refusal));
    evh_hex_encode(id, evh_view_of(plan_id, sizeof plan_id));
    EVH_TRY(evh_logged_say(&office, "plan", NULL, id, response->entry_index));
done:
    evh_wire_free(&response);
    evh_office_close(&office);
    return status;
}

/* ---- lists ---- */

static evh_status add_plan(evh_sheet *out, const Evenhand__V1__PlanRow *row)
{
    char plan_id[EVH_ID_TEXT_LEN];
    evh_status status = evh_ok();
    evh_id_text(plan_id, &row->plan_id);
    EVH_TRY(evh_table_add(&out->table, "%s", row->name));
    EVH_TRY(evh_table_add(&out->table, "%s", row->population));
    EVH_TRY(evh_table_add(&out->table, "%u", row->rounds));
    EVH_TRY(evh_table_add(&out->table, "%u", row->rounds_opened));
    EVH_TRY(evh_table_add(&out->table, "%s", row->retired ? "retired" : ""));
    EVH_TRY(evh_table_add(&out->table, "%s", plan_id));
    evh_json_row_open(&out->json, NULL);
    evh_json_text(&out->json, "plan_id", plan_id);
    evh_json_text(&out->json, "name", row->name);
    evh_json_text(&out->json, "population", row->population);
    evh_json_u64(&out->json, "rounds", row->rounds);
    evh_json_u64(&out->json, "rounds_opened", row->rounds_opened);
    evh_json_bool(&out->json, "retired", row->retired != 0);
    evh_json_close(&out->json);
done:
    return status;
}

evh_status evh_command_plan_list(evh_cli *cli, void *own)
{
    static const char *const headings[] = {"plan", "population", "rounds", "opened", "", "plan_id"};
    Evenhand__V1__ListPlansResponse *response = NULL;
    evh_sheet out = evh_sheet_of(6);
    evh_status status = evh_ok();
    (void)own;
    out.none = "no plans yet: 'plan publish' logs one";
    EVH_TRY(evh_sheet_start(&out, cli, "plans", headings));
    EVH_TRY(ask_plans(&out.office, &response));
    for (size_t i = 0; i < response->n_plans; i++)
        EVH_TRY(add_plan(&out, response->plans[i]));
    EVH_TRY(evh_sheet_end(&out));
done:
    evh_wire_free(&response);
    evh_sheet_clear(&out);
    return status;
}

static evh_status add_population_row(evh_sheet *out, const Evenhand__V1__PopulationRow *row)
{
    evh_population population;
    char delta[EVH_DECIMAL_TEXT_LEN];
    evh_status status = evh_ok();
    EVH_TRY(evh_population_decode(&population, evh_wire_bytes(&row->population)));
    evh_decimal_format(delta, population.delta);
    EVH_TRY(evh_table_add(&out->table, "%s", population.name));
    EVH_TRY(evh_table_add(&out->table, "%u", row->rounds_charged));
    EVH_TRY(evh_table_add(&out->table, "%s", row->epsilon_spent));
    EVH_TRY(evh_table_add(&out->table, "%s", row->epsilon_budget));
    EVH_TRY(evh_table_add(&out->table, "%s", delta));
    EVH_TRY(evh_table_add(&out->table, "%s", evh_adjacency_name(population.adjacency)));
    evh_json_row_open(&out->json, NULL);
    evh_json_text(&out->json, "name", population.name);
    evh_json_u64(&out->json, "rounds_charged", row->rounds_charged);
    evh_json_text(&out->json, "epsilon_spent", row->epsilon_spent);
    evh_json_text(&out->json, "epsilon_budget", row->epsilon_budget);
    evh_json_text(&out->json, "delta", delta);
    evh_json_text(&out->json, "adjacency", evh_adjacency_name(population.adjacency));
    evh_json_u64(&out->json, "customers_per_unit", population.customers_per_unit);
    evh_json_text(&out->json, "accountant", evh_accountant_name(population.accountant));
    evh_json_close(&out->json);
done:
    return status;
}

evh_status evh_command_population_list(evh_cli *cli, void *own)
{
    static const char *const headings[] = {"population", "rounds", "epsilon spent",
                                           "of budget",  "delta",  "neighbours"};
    Evenhand__V1__ListPopulationsRequest request;
    Evenhand__V1__ListPopulationsResponse *response = NULL;
    evh_sheet out = evh_sheet_of(6);
    evenhand__v1__list_populations_request__init(&request);
    evh_status status = evh_ok();
    (void)own;
    out.none = "no populations yet: 'population add' logs one";
    EVH_TRY(evh_sheet_start(&out, cli, "populations", headings));
    EVH_TRY(evh_office_ask(&out.office, "ListPopulations", &request.base,
                           &evenhand__v1__list_populations_response__descriptor, &response));
    for (size_t i = 0; i < response->n_populations; i++)
        EVH_TRY(add_population_row(&out, response->populations[i]));
    EVH_TRY(evh_sheet_end(&out));
done:
    evh_wire_free(&response);
    evh_sheet_clear(&out);
    return status;
}
