/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_files_internal.h"

#include <stdio.h>
#include <string.h>

#include "evenhand/files/files.h"

evh_status evh_plan_options_set(void *own, int key, const char *value)
{
    evh_plan_options *options = own;
    switch (key) {
    case EVH_PLAN_KEY_POPULATION:
        options->population = value;
        return evh_ok();
    case 'o':
        options->out = value;
        return evh_ok();
    case EVH_PLAN_KEY_INSECURE:
        options->insecure_no_noise = true;
        return evh_ok();
    case EVH_PLAN_KEY_RATE:
        options->rate = value;
        return evh_ok();
    case EVH_PLAN_KEY_CUSTOMERS:
        return evh_cli_number(&options->customers, value, "customers", 1, EVH_CLIENTS_MAX);
    default:
        return evh_cli_number(&options->largest, value, "largest-group", 1, UINT32_MAX);
    }
}

evh_plan_files evh_plan_files_init(void)
{
    evh_plan_files files = {.text = evh_buffer_init((size_t)EVH_PLAN_BYTES_MAX + 1)};
    return files;
}

void evh_plan_files_clear(evh_plan_files *files)
{
    evh_plan_free(&files->plan);
    evh_yaml_free(&files->document);
    evh_buffer_clear(&files->text);
}

evh_mark evh_plan_files_mark(const evh_plan_files *files, const char *key, size_t item,
                             const char *inner)
{
    const evh_yaml_node *root = evh_yaml_root(files->document);
    const evh_yaml_node *node = evh_yaml_find(root, key);
    if (node == NULL)
        return evh_yaml_mark(root);
    if (evh_yaml_kind_of(node) == EVH_YAML_LIST && item < evh_yaml_count(node))
        node = evh_yaml_item(node, item);
    const evh_yaml_node *deeper = inner == NULL ? NULL : evh_yaml_find(node, inner);
    return evh_yaml_mark(deeper == NULL ? node : deeper);
}

/* A plan without a population can be worked on; one with another cannot. */
static void check_population_name(const evh_plan_files *files, evh_cli *cli)
{
    const char *named = evh_plan_terms_of(files->plan)->privacy.population;
    evh_mark mark = evh_plan_files_mark(files, "privacy", SIZE_MAX, "population");
    char right[EVH_DIAGNOSTIC_TEXT_LEN];
    (void)snprintf(right, sizeof right, "population: %s", files->population.name);
    if (named[0] == '\0')
        evh_diagnostics_add(&cli->diagnostics, EVH_SEVERITY_WARNING, mark, right,
                            "the plan names no population");
    else if (strcmp(named, files->population.name) != 0)
        evh_diagnostics_add(&cli->diagnostics, EVH_SEVERITY_ERROR, mark, right,
                            "the plan is about another population, %s", named);
}

static evh_status read_population(evh_plan_files *files, evh_cli *cli, const char *path)
{
    evh_status status = evh_ok();
    evh_buffer text = evh_buffer_init((size_t)EVH_PLAN_BYTES_MAX + 1);
    EVH_TRY(evh_file_read(&text, path));
    EVH_TRY(
        evh_population_parse(&files->population, path, evh_buffer_view(&text), &cli->diagnostics));
    files->has_population = true;
    check_population_name(files, cli);
    EVH_TRY(evh_diagnostics_status(&cli->diagnostics));
done:
    evh_buffer_clear(&text);
    return status;
}

evh_status evh_plan_files_read(evh_plan_files *files, evh_cli *cli, const evh_plan_options *options)
{
    evh_status status = evh_ok();
    evh_diagnostics known = evh_diagnostics_init(1);
    const char *path = cli->common.plan;
    EVH_TRY(evh_cli_need(cli, EVH_CLI_TAKES_PLAN));
    EVH_TRY(evh_file_read(&files->text, path));
    EVH_TRY(evh_plan_parse(&files->plan, path, evh_buffer_view(&files->text), &cli->diagnostics));
    EVH_TRY(evh_yaml_parse(&files->document, path, evh_buffer_view(&files->text), &known));
    EVH_REQUIRE(evh_plan_terms_of(files->plan)->privacy.mechanism != EVH_NOISE_NONE ||
                    options->insecure_no_noise,
                EVH_ERR_PRIVACY,
                "mechanism none publishes exact counts of persons: --insecure-no-noise accepts "
                "that for tests");
    if (options->population != NULL)
        EVH_TRY(read_population(files, cli, options->population));
done:
    evh_diagnostics_clear(&known);
    return status;
}
