/* SPDX-License-Identifier: Apache-2.0 */
#include "sending_internal.h"

#include <errno.h>
#include <time.h>

#include "evenhand/plan/canonical.h"
#include "evenhand/plan/noise.h"

enum { MS_PER_S = 1000, NS_PER_MS = 1000000 };

static bool sleep_for(void *context, int64_t ms)
{
    struct timespec left = {.tv_sec = ms / MS_PER_S, .tv_nsec = (ms % MS_PER_S) * NS_PER_MS};
    (void)context;
    while (nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
    return true;
}

static evh_status begin(evh_sending *out, unsigned needs)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_cli_need(out->cli, EVH_CLI_TAKES_CONFIG));
    EVH_TRY(evh_session_read_config(&out->session, out->cli, needs | EVH_CONFIG_NEED_SERVICE));
    out->site.config = out->session.config;
    out->site.clock = evh_clock_os();
    out->site.rng = evh_rng_os();
    out->site.pause = (evh_pause){.wait = sleep_for};

done:
    return status;
}

evh_status evh_sending_open_line(evh_sending *out)
{
    evh_status status = evh_ok();
    EVH_TRY(begin(out, 0));
    EVH_TRY(evh_site_connect(&out->site, out->cli->common.config));

done:
    return status;
}

evh_status evh_sending_open(evh_sending *out, unsigned needs)
{
    evh_status status = evh_ok();
    evh_cli *cli = out->cli;
    EVH_TRY(begin(out, needs | EVH_CONFIG_NEED_SIGNING | EVH_CONFIG_NEED_LEDGER));
    EVH_TRY(evh_site_open(&out->site, out->session.config, cli->common.config));
    EVH_TRY(evh_site_connect(&out->site, cli->common.config));

done:
    return status;
}

void evh_sending_close(evh_sending *sending, evh_status status)
{
    if (status.code != EVH_OK && sending->site.advice != NULL)
        evh_cli_note(sending->cli, "%s", sending->site.advice);
    evh_site_close(&sending->site);
    evh_session_clear(&sending->session);
}

evh_status evh_sending_read_plan(evh_sending *sending)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_session_read_plan(&sending->session, sending->cli));
    EVH_REQUIRE(evh_plan_id(sending->session.plan) != NULL, EVH_ERR_PRIVACY,
                "the plan is a draft: it has no noise, and nothing is sent without");

done:
    return status;
}
