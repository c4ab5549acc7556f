/* SPDX-License-Identifier: Apache-2.0
 * service/site.h: a customer's site as far as the service is concerned: whom it trusts, its key, its
 * ledger, its mirror of the log, and the way to the leader.
 * Refusals that protect privacy fail PRIVACY with what is wrong; evh_site.advice then says what to
 * do about it.
 * Source   docs/customer/sending.md              Secret   the signing key
 * Threads  one thread per site                   Memory   one report, one message
 * Tests    unit/service */
#ifndef EVH_SERVICE_SITE_H
#define EVH_SERVICE_SITE_H

#include <stdbool.h>
#include <stdint.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/clock.h"
#include "evenhand/base/limits.h"
#include "evenhand/base/rng.h"
#include "evenhand/base/status.h"
#include "evenhand/config/config.h"
#include "evenhand/files/files.h"
#include "evenhand/follow/follow.h"
#include "evenhand/ledger/ledger.h"
#include "evenhand/seal/signing.h"
#include "evenhand/store/store.h"

/* The leader, as the site reaches it. */
typedef struct evh_leader {
    evh_follow_peer calls; /* methods with one request message */
    /* Sends a report in chunks; receipt is cleared first. Fails as evh_follow_peer.call. */
    evh_status (*upload)(void *context, evh_view report, evh_buffer *receipt);
    void *upload_context;
} evh_leader;

/* Waits between two attempts; false when the program is to stop. */
typedef struct evh_pause {
    bool (*wait)(void *context, int64_t ms);
    void *context;
} evh_pause;

typedef struct evh_site {
    const evh_config *config; /* borrowed */
    evh_clock clock;
    evh_rng rng;
    evh_pause pause;
    evh_leader leader;
    evh_signing_key key;
    char customer[EVH_IDENTITY_NAME_BYTES_MAX + 100]; /* its verifier key as text */
    char ledger_path[EVH_PATH_BYTES_MAX];
    char mirror_path[EVH_PATH_BYTES_MAX];
    evh_ledger *ledger; /* NULL: nothing was charged yet */
    evh_store *mirror;
    evh_follow_report followed;   /* the last time */
    const char *advice;           /* what to do about the last refusal; NULL: nothing to add */
    struct evh_leader_line *line; /* of the leader over gRPC; NULL in tests */
} evh_site;

/* Opens key, ledger (if there is one) and mirror (made when it is missing). The configuration has
 * what EVH_CONFIG_NEED_SERVICE, _SIGNING and _LEDGER say.
 *   out          clear with evh_site_close, on failure too; clock, rng, pause and leader are the
 *                caller's to set before or after
 *   config_path  that relative paths start from
 * Fails    KEY; STORE, also when another program uses the mirror; INPUT a ledger of another customer;
 *          PRIVACY the mirror was made with other trusted keys; MEMORY */
EVH_MUST_USE evh_status evh_site_open(evh_site *out, const evh_config *config,
                                      const char *config_path);

/* The files that `tls` of a configuration names, as they are. */
typedef struct evh_site_tls {
    evh_buffer ca, cert;
    evh_buffer key; /* secret */
} evh_site_tls;

static inline evh_site_tls evh_site_tls_init(void)
{
    evh_site_tls tls = {.ca = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX),
                        .cert = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX),
                        .key = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX)};
    return tls;
}

/* Reads them. Fails INPUT a file that is not there, the certificate before enrol has fetched it
 * among them; KEY a key that others can read; STORE; MEMORY. Clear `out` whatever the outcome. */
EVH_MUST_USE evh_status evh_site_tls_read(evh_site_tls *out, const evh_config *config,
                                          const char *config_path);
void evh_site_tls_clear(evh_site_tls *tls);

/* Makes the way to the leader over gRPC. Fails INPUT certificates that cannot be used, with what to
 * do; KEY; MEMORY. */
EVH_MUST_USE evh_status evh_site_connect(evh_site *site, const char *config_path);

/* Closes and wipes; all zero is closed. */
void evh_site_close(evh_site *site);

/* Makes the ledger if there is none. Fails STORE, RNG. */
EVH_MUST_USE evh_status evh_site_need_ledger(evh_site *site);

/* Holds the ledger against what was written down of it.
 *   behind  it is older than, or does not follow from, what it once was; or it is gone
 * Fails    STORE */
EVH_MUST_USE evh_status evh_site_ledger_is_behind(evh_site *site, bool *behind);

/* Writes down where the ledger stands, beside the mirror: a ledger that later stands behind it was
 * rolled back. Fails STORE. */
EVH_MUST_USE evh_status evh_site_note_ledger(evh_site *site);

/* Brings the mirror up to date.
 * Fails    PRIVACY the log was rolled back, forked, not signed or cosigned by the pinned keys, or
 *          holds what the pinned keys do not vouch for; UNAVAILABLE; REFUSED an answer that is none;
 *          STORE */
EVH_MUST_USE evh_status evh_site_follow(evh_site *site);

#endif
