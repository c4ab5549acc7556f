/* SPDX-License-Identifier: Apache-2.0
 * Whether a round could be sent: the certificate, the way to the leader, the log, the roster, and
 * this machine's clock against the log's. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "check_internal.h"
#include "evenhand/base/limits.h"
#include "evenhand/files/files.h"
#include "evenhand/seal/certificate.h"
#include "evenhand/service/mirror.h"
#include "evenhand/service/site.h"

enum {
    TEXT_LEN = EVH_STATUS_TEXT_LEN,
    MS_PER_S = 1000,
    S_PER_DAY = 86400,
    DAYS_WARN = 30,
    CLOCK_OFF_S = 300 /* more than this ahead of us, and our clock is wrong (or theirs) */
};

/* ---- certificate ---- */

static evh_status try_certificate(const evh_check_run *run, int64_t now_s, char text[TEXT_LEN])
{
    evh_site_tls tls = evh_site_tls_init();
    evh_certificate_facts facts;
    int64_t days = 0;
    evh_status status = evh_ok();
    EVH_TRY(evh_site_tls_read(&tls, run->session.config, run->cli->common.config));
    EVH_TRY(evh_certificate_check(&facts, evh_buffer_view(&tls.ca), evh_buffer_view(&tls.cert),
                                  evh_buffer_view(&tls.key), now_s));
    days = (facts.not_after_s - now_s) / S_PER_DAY;
    (void)snprintf(text, TEXT_LEN, "%" PRId64 " days left%s", days,
                   days < DAYS_WARN ? ": run enrol again soon" : "");

done:
    evh_site_tls_clear(&tls);
    return status;
}

/* ---- the log ---- */

static evh_status try_roster(evh_site *site)
{
    evh_mirror_self self;
    evh_status status = evh_ok();
    EVH_TRY(evh_mirror_self_of(site, &self));
    EVH_REQUIRE(self.known, EVH_ERR_PRIVACY,
                "the log does not have you yet: run enrol again, which says how far that is");
    EVH_REQUIRE(self.active, EVH_ERR_PRIVACY, "the log says that you are suspended or removed");

done:
    return status;
}

/* The log's times come from other clocks; only one that is ahead of ours tells something. */
static evh_status try_clock(evh_site *site, int64_t now_s)
{
    uint64_t written_ms = 0;
    uint64_t newest_s = 0;
    evh_status status = evh_ok();
    EVH_TRY(evh_mirror_time(site, &written_ms));
    newest_s = written_ms / MS_PER_S;
    if (site->followed.cosigned_s > newest_s)
        newest_s = site->followed.cosigned_s;
    EVH_REQUIRE(newest_s <= (uint64_t)now_s + CLOCK_OFF_S, EVH_ERR_INPUT,
                "the log was signed %" PRIu64
                " s after what this machine takes for now: set the clock",
                newest_s - (uint64_t)now_s);

done:
    return status;
}

static evh_status try_leader(evh_check_run *run, evh_site *site)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_site_open(site, run->session.config, run->cli->common.config));
    EVH_TRY(evh_site_connect(site, run->cli->common.config));
    EVH_TRY(evh_site_follow(site));

done:
    return status;
}

void evh_check_service(evh_check_run *run)
{
    const evh_config *config = run->session.config;
    evh_site site = {.clock = evh_clock_os(), .rng = evh_rng_os()};
    int64_t now_s = evh_clock_wall_ms(&site.clock) / MS_PER_S;
    char text[TEXT_LEN] = "";
    if (config == NULL || !config->has_tls || !config->has_trust || config->leader_host == NULL ||
        config->ledger == NULL || config->signing_key == NULL || config->customer == NULL ||
        !config->trust.has_witness) {
        evh_check_note(run, "leader", EVH_CHECK_NOT_DONE,
                       "needs a configuration that has joined: see enrol");
        return;
    }
    if (!evh_check_passed(run, "certificate", try_certificate(run, now_s, text), text))
        return;
    evh_status status = try_leader(run, &site);
    (void)snprintf(text, sizeof text,
                   "answers; %" PRIu64 " entries of the log, signed and cosigned",
                   site.followed.size);
    if (evh_check_passed(run, "leader", status, text)) {
        (void)evh_check_passed(run, "roster", try_roster(&site),
                               "you are a customer, endorsed by leader and helper");
        (void)evh_check_passed(run, "clock and log", try_clock(&site, now_s),
                               "nothing in the log is from the future");
    } else if (site.advice != NULL) {
        evh_cli_note(run->cli, "%s", site.advice);
    }
    evh_site_close(&site);
}
