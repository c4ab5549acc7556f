/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "evenhand/files/files.h"
#include "evenhand/plan/canonical.h"
#include "evenhand/plan/noise.h"
#include "plan_files_internal.h"

static const char insecure_note[] =
    "# INSECURE: mechanism none. Whoever sees a report sees exact counts of persons.\n";

/* The user's text with the noise behind it, which must read as the plan that was drafted. */
static evh_status append_noise(evh_buffer *out, const evh_plan_files *files,
                               const evh_plan *drafted, const char *path)
{
    evh_status status = evh_ok();
    evh_plan *again = NULL;
    evh_diagnostics mistakes = evh_diagnostics_init(1);
    evh_view text = evh_buffer_view(&files->text);
    bool none = evh_plan_terms_of(drafted)->privacy.mechanism == EVH_NOISE_NONE;
    EVH_TRY(evh_buffer_append(out, text));
    if (text.len > 0 && text.data[text.len - 1] != '\n')
        EVH_TRY(evh_buffer_format(out, "\n"));
    if (none)
        EVH_TRY(evh_buffer_append(out, evh_view_of_text(insecure_note)));
    EVH_TRY(evh_plan_noise_yaml(drafted, out));
    status = evh_plan_parse(&again, path, evh_buffer_view(out), &mistakes);
    EVH_REQUIRE(status.code == EVH_OK &&
                    memcmp(evh_plan_id(again), evh_plan_id(drafted), EVH_PLAN_ID_LEN) == 0,
                EVH_ERR_INPUT,
                "%s: noise cannot be put behind this text: write the plan with one key per line, "
                "not between braces",
                path);
done:
    evh_diagnostics_clear(&mistakes);
    evh_plan_free(&again);
    return status;
}

static double reached_epsilon(const evh_plan *plan)
{
    double epsilon = INFINITY;
    if (evh_plan_terms_of(plan)->privacy.mechanism == EVH_NOISE_NONE)
        return epsilon;
    evh_charge charge = evh_plan_charge(plan, evh_plan_promised_view(plan), 1, 1);
    evh_status_discard(evh_privacy_epsilon(&epsilon, &charge, 1, evh_plan_budget(plan).delta),
                       "a drafted plan was verified; infinity is shown otherwise");
    return epsilon;
}

static evh_status write_json(evh_cli *cli, const evh_plan *drafted, evh_view text)
{
    evh_status status = evh_ok();
    evh_buffer out = evh_buffer_init(4 * (size_t)EVH_PLAN_BYTES_MAX);
    evh_json json = evh_json_writer(&out);
    const evh_plan_noise *noise = evh_plan_noise_of(drafted);
    char id[2 * EVH_PLAN_ID_LEN + 1];
    double epsilon = reached_epsilon(drafted);
    evh_hex_encode(id, evh_view_of(evh_plan_id(drafted), EVH_PLAN_ID_LEN));
    evh_json_object_open(&json, NULL);
    evh_json_text(&json, "plan_id", id);
    evh_json_text(&json, "adjacency", evh_adjacency_name(noise->adjacency));
    if (isfinite(epsilon))
        evh_json_double(&json, "epsilon", epsilon);
    else
        evh_json_null(&json, "epsilon");
    evh_json_u64(&json, "offset", noise->offset);
    evh_cli_json_diagnostics(&json, "warnings", &cli->diagnostics);
    evh_json_view(&json, "plan", text);
    evh_json_close(&json);
    EVH_TRY(evh_json_end(&json));
    EVH_TRY(evh_cli_write(cli, evh_buffer_view(&out)));
done:
    evh_buffer_clear(&out);
    return status;
}

static evh_status write_draft(evh_cli *cli, const evh_plan_options *options,
                              const evh_plan *drafted, evh_view text)
{
    evh_status status = evh_ok();
    char id[2 * EVH_PLAN_ID_LEN + 1];
    evh_hex_encode(id, evh_view_of(evh_plan_id(drafted), EVH_PLAN_ID_LEN));
    if (options->out != NULL)
        EVH_TRY(evh_file_replace(options->out, text, EVH_FILE_SHARED));
    if (cli->common.json)
        EVH_TRY(write_json(cli, drafted, text));
    else if (options->out == NULL)
        EVH_TRY(evh_cli_write(cli, text));
    evh_cli_note(cli, "plan_id %s", id);
    evh_cli_note(cli, "epsilon %.6g of %.6g for one round, %s", reached_epsilon(drafted),
                 evh_fraction_up(evh_plan_budget(drafted).epsilon),
                 evh_adjacency_name(evh_plan_noise_of(drafted)->adjacency));
done:
    return status;
}

evh_status evh_command_plan_draft(evh_cli *cli, void *own)
{
    const evh_plan_options *options = own;
    evh_status status = evh_ok();
    evh_plan_files files = evh_plan_files_init();
    evh_plan *drafted = NULL;
    evh_buffer text = evh_buffer_init(2 * (size_t)EVH_PLAN_BYTES_MAX);
    evh_adjacency adjacency = EVH_ADD_REMOVE;
    EVH_TRY(evh_plan_files_read(&files, cli, options));
    if (files.has_population)
        adjacency = files.population.adjacency;
    if (evh_plan_noise_of(files.plan) != NULL) {
        evh_diagnostics_add(&cli->diagnostics, EVH_SEVERITY_ERROR,
                            evh_plan_files_mark(&files, "noise", SIZE_MAX, NULL),
                            "a plan without the key noise, to draft it anew",
                            "the plan has its noise already");
        EVH_TRY(evh_diagnostics_status(&cli->diagnostics));
    }
    status = evh_plan_draft(&drafted, files.plan, adjacency);
    if (status.code == EVH_ERR_INPUT) {
        evh_diagnostics_add(&cli->diagnostics, EVH_SEVERITY_ERROR,
                            evh_plan_files_mark(&files, "privacy", SIZE_MAX, NULL), NULL, "%s",
                            status.text);
        status = evh_diagnostics_status(&cli->diagnostics);
    }
    EVH_TRY(status);
    EVH_TRY(append_noise(&text, &files, drafted, cli->common.plan));
    EVH_TRY(write_draft(cli, options, drafted, evh_buffer_view(&text)));
done:
    evh_plan_free(&drafted);
    evh_buffer_clear(&text);
    evh_plan_files_clear(&files);
    return status;
}
