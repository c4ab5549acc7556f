/* SPDX-License-Identifier: Apache-2.0
 * What a customer could send whose client was changed: a report for an open round that is sealed and
 * signed as it should be and whose proof is one of another measurement (a histogram of as many bits),
 * so that it says nothing about its counts. Both aggregators together find that out, and neither of
 * them sees a count. For demonstrations and tests; the real client has no such thing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/config/config.h"
#include "evenhand/files/files.h"
#include "evenhand/plan/canonical.h"
#include "evenhand/plan/noise.h"
#include "evenhand/protocol/report.h"
#include "evenhand/service/mirror.h"
#include "evenhand/service/site.h"
#include "evenhand/yaml/diagnostics.h"

enum { FILE_BYTES_MAX = 16 << 20, MISTAKES_MAX = 20 };

static evh_status read_config(evh_config **out, const char *path, evh_diagnostics *mistakes)
{
    evh_buffer text = evh_buffer_init(FILE_BYTES_MAX);
    evh_status status = evh_ok();
    EVH_TRY(evh_file_read(&text, path));
    EVH_TRY(evh_config_parse(out, path, evh_buffer_view(&text), mistakes));
done:
    evh_buffer_clear(&text);
    return status;
}

static evh_status read_plan(evh_plan **out, const char *path, evh_diagnostics *mistakes)
{
    evh_buffer text = evh_buffer_init(FILE_BYTES_MAX);
    evh_status status = evh_ok();
    EVH_TRY(evh_file_read(&text, path));
    EVH_TRY(evh_plan_parse(out, path, evh_buffer_view(&text), mistakes));
    EVH_REQUIRE(evh_plan_id(*out) != NULL, EVH_ERR_INPUT, "%s: a plan without noise", path);
done:
    evh_buffer_clear(&text);
    return status;
}

/* The round as the customer's own mirror of the log knows it. */
static evh_status find_round(evh_mirror_round *out, evh_site *site, const evh_plan *plan,
                             const char *number)
{
    bool found = false;
    evh_status status = evh_ok();
    EVH_TRY(evh_mirror_round_of(site, &found, out, evh_plan_id(plan),
                                (uint32_t)strtoul(number, NULL, 10)));
    EVH_REQUIRE(found, EVH_ERR_INPUT, "round %s is not in the log", number);
done:
    return status;
}

static evh_status forge(evh_buffer *report, evh_site *site, const evh_plan *plan,
                        const evh_task *task)
{
    const evh_plan_vdaf vdaf = evh_plan_vdaf_of(plan);
    size_t bits = 0;
    for (uint64_t rest = vdaf.max; rest > 0; rest >>= 1)
        bits++;
    const evh_prio3_params params = {.kind = EVH_PRIO3_HISTOGRAM,
                                     .shares = 2,
                                     .length = vdaf.length * bits,
                                     .chunk_length = vdaf.chunk_length};
    const evh_u128 bucket = 0;
    uint8_t report_id[EVH_PRIO3_NONCE_LEN];
    const uint8_t head[EVH_LEDGER_HEAD_LEN] = {0};
    evh_prio3 *prio3 = NULL;
    evh_prio3_workspace *workspace = NULL;
    evh_report_in in = {.task = task,
                        .cells = &bucket,
                        .cell_count = 1,
                        .customer = &site->key,
                        .report_id = report_id,
                        .ledger_sequence = 1,
                        .ledger_head = head};
    evh_status status = evh_ok();
    EVH_TRY(evh_prio3_new(&prio3, &params));
    EVH_TRY(evh_prio3_workspace_new(&workspace, prio3));
    EVH_TRY(evh_rng_fill(&site->rng, report_id, sizeof report_id));
    in.prio3 = prio3;
    EVH_TRY(evh_report_make(report, workspace, &in, &site->rng));
done:
    evh_prio3_workspace_free(&workspace);
    evh_prio3_free(&prio3);
    return status;
}

static evh_status run(char **arguments)
{
    evh_diagnostics mistakes = evh_diagnostics_init(MISTAKES_MAX);
    evh_config *config = NULL;
    evh_plan *plan = NULL;
    evh_site site;
    evh_mirror_round round;
    evh_buffer report = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    evh_status status = evh_ok();
    memset(&site, 0, sizeof site);
    EVH_TRY(read_config(&config, arguments[0], &mistakes));
    EVH_TRY(read_plan(&plan, arguments[1], &mistakes));
    EVH_TRY(evh_site_open(&site, config, arguments[0]));
    site.rng = evh_rng_os();
    site.clock = evh_clock_os();
    EVH_TRY(evh_site_connect(&site, arguments[0]));
    EVH_TRY(evh_site_follow(&site));
    EVH_TRY(find_round(&round, &site, plan, arguments[2]));
    EVH_TRY(forge(&report, &site, plan, &round.task));
    EVH_TRY(evh_file_create(arguments[3], evh_buffer_view(&report), EVH_FILE_OWNER_ONLY));
done:
    evh_buffer_clear(&report);
    evh_site_close(&site);
    evh_plan_free(&plan);
    evh_config_free(&config);
    evh_diagnostics_clear(&mistakes);
    return status;
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        (void)fprintf(stderr, "Usage: forge-report CONFIG PLAN ROUND OUT\n");
        return 2;
    }
    evh_status status = run(argv + 1);
    if (status.code == EVH_OK)
        return 0;
    (void)fprintf(stderr, "forge-report: %s\n", status.text);
    return 1;
}
