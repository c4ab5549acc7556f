/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "sending_internal.h"

enum { TEXT_BYTES_MAX = 4096 };

static evh_status fill_json(void *context, evh_json *json)
{
    const evh_reconciled *what = context;
    evh_json_bool(json, "was_behind", what->was_behind);
    evh_json_u64(json, "charged_as_missed", what->missed);
    evh_json_u64(json, "reports_lost", what->lost);
    evh_json_u64(json, "open_rounds_left", what->waiting);
    return evh_ok();
}

static evh_status write_text(evh_cli *cli, const evh_reconciled *what)
{
    evh_status status = evh_ok();
    evh_buffer out = evh_buffer_init(TEXT_BYTES_MAX);
    if (what->was_behind)
        EVH_TRY(evh_buffer_format(&out, "The ledger was behind: it lacked reports that were made "
                                        "with it.\n"));
    EVH_TRY(evh_buffer_format(&out, "%" PRIu32 " rounds charged as missed", what->missed));
    if (what->lost > 0)
        EVH_TRY(evh_buffer_format(&out, ", %" PRIu32 " of them with a report at the leader",
                                  what->lost));
    EVH_TRY(evh_buffer_format(&out, "; %" PRIu32 " open rounds can still be submitted.\n",
                              what->waiting));
    EVH_TRY(evh_cli_write(cli, evh_buffer_view(&out)));

done:
    evh_buffer_clear(&out);
    return status;
}

evh_status evh_command_ledger_reconcile(evh_cli *cli, void *own)
{
    evh_status status = evh_ok();
    evh_sending sending = {.cli = cli};
    evh_reconciled reconciled;
    (void)own;
    EVH_TRY(evh_sending_open(&sending, EVH_CONFIG_NEED_POPULATION));
    EVH_TRY(evh_site_follow(&sending.site));
    EVH_TRY(evh_outbox_reconcile(&sending.site, &reconciled));
    if (cli->common.json)
        EVH_TRY(evh_session_write_json(cli, fill_json, &reconciled));
    else
        EVH_TRY(write_text(cli, &reconciled));

done:
    evh_sending_close(&sending, status);
    return status;
}
