/* SPDX-License-Identifier: Apache-2.0
 * Populations and plans go into the log. */
#include <stdio.h>
#include <string.h>

#include "commands_internal.h"
#include "evenhand/files/files.h"
#include "evenhand/plan/canonical.h"
#include "evenhand/plan/noise.h"
#include "evenhand/plan/population.h"

evh_status evh_plan_argument(evh_cli *cli, const char **out)
{
    bool named = cli->argument_count == 1;
    if (cli->argument_count > 1 || named == (cli->common.plan != NULL))
        return evh_fail(EVH_ERR_ARG, "%s needs one plan", cli->command->name);
    *out = named ? cli->arguments[0] : cli->common.plan;
    return evh_ok();
}

/* ---- files ---- */

static evh_status read_population(evh_cli *cli, evh_population *out, const char *path)
{
    evh_buffer text = evh_buffer_init((size_t)EVH_PLAN_BYTES_MAX + 1);
    evh_status status = evh_ok();
    EVH_TRY(evh_file_read(&text, path));
    EVH_TRY(evh_population_parse(out, path, evh_buffer_view(&text), &cli->diagnostics));
done:
    evh_buffer_clear(&text);
    return status;
}

evh_status evh_publishable_read(evh_cli *cli, evh_plan **out, const char *path)
{
    evh_buffer text = evh_buffer_init((size_t)EVH_PLAN_BYTES_MAX + 1);
    evh_status status = evh_ok();
    EVH_TRY(evh_file_read(&text, path));
    EVH_TRY(evh_plan_parse(out, path, evh_buffer_view(&text), &cli->diagnostics));
    EVH_REQUIRE(evh_plan_id(*out) != NULL, EVH_ERR_INPUT,
                "%.60s is a draft, its noise is missing: evenhand-aggregator plan draft", path);
    EVH_REQUIRE(evh_plan_terms_of(*out)->privacy.mechanism != EVH_NOISE_NONE, EVH_ERR_PRIVACY,
                "mechanism none publishes exact counts of persons and is never published");
done:
    evh_buffer_clear(&text);
    return status;
}

/* ---- adding ---- */

static evh_status add_population(evh_office *office, const evh_population *population,
                                 uint64_t *index)
{
    Evenhand__V1__AddPopulationRequest request;
    Evenhand__V1__AddPopulationResponse *response = NULL;
    evh_buffer bytes = evh_buffer_init(EVH_PLAN_BYTES_MAX);
    evenhand__v1__add_population_request__init(&request);
    evh_status status = evh_ok();
    EVH_TRY(evh_population_encode(population, &bytes));
    evh_wire_set_bytes(&request.population, evh_buffer_view(&bytes));
    EVH_TRY(evh_office_ask(office, "AddPopulation", &request.base,
                           &evenhand__v1__add_population_response__descriptor, &response));
    EVH_TRY(evh_office_refusal(response->refusal));
    *index = response->entry_index;
done:
    evh_wire_free(&response);
    evh_buffer_clear(&bytes);
    return status;
}

evh_status evh_logged_say(evh_office *office, const char *what, const char *name,
                          const char *plan_id, uint64_t index)
{
    evh_buffer out = evh_buffer_init(EVH_PLAN_BYTES_MAX);
    evh_json json = evh_json_writer(&out);
    evh_status status = evh_ok();
    if (office->cli->common.json) {
        evh_json_object_open(&json, NULL);
        if (name != NULL)
            evh_json_text(&json, what, name);
        if (plan_id != NULL)
            evh_json_text(&json, "plan_id", plan_id);
        evh_json_u64(&json, "entry_index", index);
        evh_json_close(&json);
        EVH_TRY(evh_json_end(&json));
    } else {
        EVH_TRY(evh_buffer_format(&out, "%s %s: entry %llu of the log\n", what,
                                  plan_id != NULL ? plan_id : name, (unsigned long long)index));
    }
    EVH_TRY(evh_cli_write(office->cli, evh_buffer_view(&out)));
done:
    evh_buffer_clear(&out);
    return status;
}

evh_status evh_command_population_add(evh_cli *cli, void *own)
{
    evh_office office = {.cli = cli};
    evh_population population;
    uint64_t index = 0;
    evh_status status = evh_ok();
    (void)own;
    EVH_REQUIRE(cli->argument_count == 1, EVH_ERR_ARG, "population add needs one file");
    EVH_TRY(read_population(cli, &population, cli->arguments[0]));
    EVH_TRY(evh_office_open(&office, cli));
    EVH_TRY(add_population(&office, &population, &index));
    EVH_TRY(evh_logged_say(&office, "population", population.name, NULL, index));
done:
    evh_office_close(&office);
    return status;
}

static evh_status publish(evh_office *office, const evh_plan *plan, uint64_t *index)
{
    Evenhand__V1__PublishPlanRequest request;
    Evenhand__V1__PublishPlanResponse *response = NULL;
    evh_buffer bytes = evh_buffer_init(EVH_PLAN_BYTES_MAX);
    evenhand__v1__publish_plan_request__init(&request);
    evh_status status = evh_ok();
    EVH_TRY(evh_plan_encode(plan, &bytes));
    evh_wire_set_bytes(&request.plan, evh_buffer_view(&bytes));
    EVH_TRY(evh_office_ask(office, "PublishPlan", &request.base,
                           &evenhand__v1__publish_plan_response__descriptor, &response));
    EVH_TRY(evh_office_refusal(response->refusal));
    *index = response->entry_index;
done:
    evh_wire_free(&response);
    evh_buffer_clear(&bytes);
    return status;
}

evh_status evh_command_plan_publish(evh_cli *cli, void *own)
{
    const evh_publish_options *options = own;
    evh_office office = {.cli = cli};
    evh_population population;
    evh_plan *plan = NULL;
    const char *path = NULL;
    char plan_id[EVH_ID_TEXT_LEN];
    uint64_t index = 0;
    evh_status status = evh_ok();
    EVH_TRY(evh_plan_argument(cli, &path));
    EVH_TRY(evh_publishable_read(cli, &plan, path));
    if (options->population != NULL) {
        EVH_TRY(read_population(cli, &population, options->population));
        EVH_REQUIRE(strcmp(population.name, evh_plan_terms_of(plan)->privacy.population) == 0,
                    EVH_ERR_INPUT, "the plan is about another population, \"%.60s\"",
                    evh_plan_terms_of(plan)->privacy.population);
    }
    EVH_TRY(evh_office_open(&office, cli));
    if (options->population != NULL)
        EVH_TRY(add_population(&office, &population, &index));
    EVH_TRY(publish(&office, plan, &index));
    evh_hex_encode(plan_id, evh_view_of(evh_plan_id(plan), EVH_PLAN_ID_LEN));
    EVH_TRY(evh_logged_say(&office, "plan", evh_plan_terms_of(plan)->name, plan_id, index));
done:
    evh_office_close(&office);
    evh_plan_free(&plan);
    return status;
}
