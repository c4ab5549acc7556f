/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>

#include "commands_internal.h"
#include "evenhand/report/findings.h"
#include "session_internal.h"

enum { TEXT_BYTES_MAX = 1 << 30 };

typedef struct count_run {
    evh_session session;
    evh_cli *cli;
    int64_t *sums; /* of one grouping */
} count_run;

static void put_groups(evh_json *json, const count_run *run, const evh_plan_grouping *grouping)
{
    const evh_plan *plan = run->session.plan;
    size_t models = evh_plan_model_slots(plan);
    size_t width = evh_plan_cells_per_group(plan);
    for (size_t i = 0; i < grouping->group_count * models; i++) {
        evh_json_row_open(json, NULL);
        evh_findings_put_place(json, plan, grouping, i / models, i % models);
        evh_json_object_open(json, "cells");
        for (size_t cell = 0; cell < width; cell++)
            evh_json_i64(json, evh_plan_cell_name(plan, cell), run->sums[i * width + cell]);
        evh_json_close(json);
        evh_json_close(json);
    }
}

static evh_status fill_json(void *context, evh_json *json)
{
    evh_status status = evh_ok();
    count_run *run = context;
    evh_session_json_plan(json, run->session.plan, run->cli);
    evh_json_bool(json, "exact", true);
    evh_session_json_records(json, &run->session);
    evh_json_array_open(json, "groups");
    for (size_t i = 0; i < evh_plan_grouping_count(run->session.plan); i++) {
        const evh_plan_grouping *grouping = evh_plan_grouping_at(run->session.plan, i);
        EVH_TRY(evh_session_sum(&run->sums, &run->session, grouping));
        put_groups(json, run, grouping);
    }
    evh_json_close(json);

done:
    return status;
}

static evh_status put_table(evh_buffer *out, count_run *run, const evh_plan_grouping *grouping)
{
    evh_status status = evh_ok();
    const evh_plan *plan = run->session.plan;
    const size_t models = evh_plan_model_slots(plan);
    const size_t width = evh_plan_cells_per_group(plan);
    evh_table table = evh_table_of(evh_group_columns(plan, grouping) + width);
    EVH_TRY(evh_session_sum(&run->sums, &run->session, grouping));
    EVH_TRY(evh_group_heading(&table, plan, grouping));
    for (size_t i = 0; i < width; i++)
        EVH_TRY(evh_table_add(&table, "%s", evh_plan_cell_name(plan, i)));
    for (size_t i = 0; i < grouping->group_count * models; i++) {
        EVH_TRY(evh_group_labels(&table, plan, grouping, i / models, i % models));
        for (size_t cell = 0; cell < width; cell++)
            EVH_TRY(evh_table_add(&table, "%" PRId64, run->sums[i * width + cell]));
    }
    EVH_TRY(evh_group_title(out, plan, grouping));
    EVH_TRY(evh_table_format(out, &table));

done:
    evh_table_clear(&table);
    return status;
}

static evh_status write_text(count_run *run)
{
    evh_status status = evh_ok();
    evh_buffer out = evh_buffer_init(TEXT_BYTES_MAX);
    EVH_TRY(evh_session_text_head(&out, &run->session, run->cli));
    for (size_t i = 0; i < evh_plan_grouping_count(run->session.plan); i++)
        EVH_TRY(put_table(&out, run, evh_plan_grouping_at(run->session.plan, i)));
    EVH_TRY(evh_cli_write(run->cli, evh_buffer_view(&out)));

done:
    evh_buffer_clear(&out);
    return status;
}

evh_status evh_command_count(evh_cli *cli, void *own)
{
    evh_status status = evh_ok();
    count_run run = {.cli = cli};
    EVH_TRY(evh_session_open(&run.session, cli, own));
    EVH_TRY(evh_session_measure(&run.session, cli, own));
    if (cli->common.json)
        EVH_TRY(evh_session_write_json(cli, fill_json, &run));
    else
        EVH_TRY(write_text(&run));

done:
    free(run.sums);
    evh_session_clear(&run.session);
    return status;
}
