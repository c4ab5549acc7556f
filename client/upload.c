/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "evenhand/base/limits.h"
#include "evenhand/files/files.h"
#include "evenhand/seal/hash.h"
#include "sending_internal.h"

enum { TEXT_BYTES_MAX = 4096, PATH_LEN = EVH_PATH_BYTES_MAX + 16 };

typedef struct upload_run {
    evh_sending sending;
    evh_report_header header;
    char receipt_path[PATH_LEN];
} upload_run;

/* ---- the ledger that the report came from, when it is on this machine ---- */

typedef struct sought {
    uint8_t hash[EVH_SHA256_LEN];
    uint8_t plan_id[EVH_LEDGER_PLAN_ID_LEN];
    uint32_t round;
    bool found;
} sought;

static evh_status compare_entry(void *context, const evh_ledger_entry *entry)
{
    sought *s = context;
    if (memcmp(entry->report_hash, s->hash, sizeof s->hash) != 0)
        return evh_ok();
    s->found = true;
    s->round = entry->charge.round;
    memcpy(s->plan_id, entry->charge.plan_id, sizeof s->plan_id);
    return evh_ok();
}

static evh_status keep_in_ledger(upload_run *run, evh_view report, evh_view receipt)
{
    evh_status status = evh_ok();
    evh_site *site = &run->sending.site;
    sought s = {.found = false};
    if (site->config->ledger == NULL)
        goto done;
    EVH_TRY(evh_path_resolve(site->ledger_path, run->sending.cli->common.config,
                             evh_view_of_text(site->config->ledger)));
    if (access(site->ledger_path, F_OK) != 0)
        goto done;
    EVH_TRY(evh_ledger_open(&site->ledger, site->ledger_path, EVH_LEDGER_WRITE));
    EVH_TRY(evh_sha256(s.hash, report));
    EVH_TRY(evh_ledger_visit(site->ledger, compare_entry, &s));
    if (s.found)
        EVH_TRY(evh_ledger_store_receipt(site->ledger, s.plan_id, s.round, receipt,
                                         evh_clock_wall_ms(&site->clock)));

done:
    return status;
}

/* ---- the command ---- */

/* The leader gives the same receipt again: one that is there is as good. */
static evh_status write_receipt(upload_run *run, evh_view receipt)
{
    evh_status status = evh_ok();
    int len = snprintf(run->receipt_path, sizeof run->receipt_path, "%s.receipt",
                       run->sending.cli->arguments[0]);
    EVH_REQUIRE(len > 0 && len < EVH_PATH_BYTES_MAX, EVH_ERR_ARG, "the file's name is too long");
    EVH_TRY(evh_file_replace(run->receipt_path, receipt, EVH_FILE_SHARED));

done:
    return status;
}

static evh_status fill_json(void *context, evh_json *json)
{
    const upload_run *run = context;
    char hex[2 * EVH_TASK_ID_LEN + 1];
    evh_hex_encode(hex, evh_view_of(run->header.task_id, EVH_TASK_ID_LEN));
    evh_json_text(json, "task_id", hex);
    evh_json_u64(json, "ledger_sequence", run->header.ledger_sequence);
    evh_json_text(json, "report", "received");
    evh_json_text(json, "receipt", run->receipt_path);
    return evh_ok();
}

static evh_status show(upload_run *run)
{
    evh_status status = evh_ok();
    evh_cli *cli = run->sending.cli;
    evh_buffer out = evh_buffer_init(TEXT_BYTES_MAX + EVH_PATH_BYTES_MAX);
    if (cli->common.json) {
        EVH_TRY(evh_session_write_json(cli, fill_json, run));
        goto done;
    }
    EVH_TRY(evh_buffer_format(&out, "The leader has received the report; its receipt is in %s.\n",
                              run->receipt_path));
    EVH_TRY(evh_cli_write(cli, evh_buffer_view(&out)));

done:
    evh_buffer_clear(&out);
    return status;
}

evh_status evh_command_upload(evh_cli *cli, void *own)
{
    evh_status status = evh_ok();
    upload_run run = {.sending = {.cli = cli}};
    evh_sending *sending = &run.sending;
    evh_buffer report = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    evh_buffer receipt = evh_buffer_init(EVH_LEDGER_RECEIPT_BYTES_MAX);
    EVH_REQUIRE(cli->argument_count == 1, EVH_ERR_ARG,
                "upload needs one file, which `submit --no-upload` wrote");
    EVH_TRY(evh_file_read(&report, cli->arguments[0]));
    EVH_TRY(evh_sending_open_line(sending));
    EVH_TRY(evh_outbox_send(&sending->site, &run.header, &receipt, evh_buffer_view(&report),
                            evh_submit_wait_ms(own)));
    EVH_TRY(write_receipt(&run, evh_buffer_view(&receipt)));
    EVH_TRY(keep_in_ledger(&run, evh_buffer_view(&report), evh_buffer_view(&receipt)));
    EVH_TRY(show(&run));

done:
    evh_buffer_clear(&report);
    evh_buffer_clear(&receipt);
    evh_sending_close(sending, status);
    return status;
}
