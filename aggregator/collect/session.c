/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "evenhand/base/sizes.h"
#include "session_internal.h"

enum { HOUR_MS = 3600000 };

static evh_status call(void *context, const char *path, evh_view request, evh_buffer *response)
{
    return evh_rpc_client_unary(context, path, request, EVH_COLLECT_CALL_MS, response);
}

static bool is_stopping(void *context)
{
    evh_collect_session *session = context;
    return atomic_load(&session->stopping);
}

static evh_status connect_to(evh_collect_session *s, evh_rpc_client **client, evh_peer *peer,
                             evh_role whom)
{
    evh_rpc_client_options options;
    evh_status status = evh_ok();
    EVH_TRY(evh_deployment_client(s->deployment, whom, &options));
    options.response_bytes_max = EVH_MESSAGE_BYTES_MAX;
    EVH_TRY(evh_rpc_client_new(client, &options));
    peer->call = call;
    peer->context = *client;
done:
    return evh_status_in(status, "the way to the %s", evh_party_word(whom));
}

static evh_status fill(evh_collect_session *s, const char *config)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_path_resolve(s->folder, config, evh_view_of_text(s->deployment->settings.results)));
    s->log = evh_log_stderr(s->deployment->settings.log_level);
    s->self = s->deployment->self;
    s->self.events = &s->log;
    s->collect.self = &s->self;
    s->collect.keys = s->deployment->collector_keys;
    s->collect.folder = s->folder;
    s->collect.late_ms = (int64_t)s->deployment->settings.limits.result_late_hours * HOUR_MS;
    s->collect.stop = is_stopping;
    s->collect.context = s;
    EVH_TRY(connect_to(s, &s->leader, &s->collect.leader, EVH_ROLE_LEADER));
    EVH_TRY(connect_to(s, &s->helper, &s->collect.helper, EVH_ROLE_HELPER));
done:
    return status;
}

evh_status evh_collect_session_open(evh_collect_session **out, evh_cli *cli)
{
    const evh_deployment_options options = {.config = cli->common.config,
                                            .use = EVH_DEPLOYMENT_RUN,
                                            .clock = evh_clock_os(),
                                            .rng = evh_rng_os(),
                                            .diagnostics = &cli->diagnostics};
    evh_collect_session *s = NULL;
    bool restored = false;
    evh_status status = evh_ok();
    *out = NULL;
    EVH_TRY(evh_cli_need(cli, EVH_CLI_TAKES_CONFIG));
    EVH_TRY(evh_alloc(&s, 1, sizeof *s, "collector"));
    EVH_TRY(evh_deployment_open(&s->deployment, &options));
    EVH_REQUIRE(s->deployment->settings.role == EVH_ROLE_COLLECTOR, EVH_ERR_INPUT,
                "%s belongs to a %s, not a collector", cli->common.config,
                evh_party_word(s->deployment->settings.role));
    /* A mirror that came back from a backup is behind, and catches up. */
    EVH_TRY(evh_deployment_start(s->deployment, &restored));
    EVH_TRY(fill(s, cli->common.config));
    *out = s;
    s = NULL;
done:
    evh_collect_session_close(&s);
    return status;
}

void evh_collect_session_close(evh_collect_session **session)
{
    evh_collect_session *s = *session;
    *session = NULL;
    if (s == NULL)
        return;
    evh_rpc_client_free(&s->leader);
    evh_rpc_client_free(&s->helper);
    evh_deployment_close(&s->deployment);
    free(s);
}

void evh_collect_session_stop(evh_collect_session *session)
{
    atomic_store(&session->stopping, true);
    evh_rpc_client_cancel(session->leader);
    evh_rpc_client_cancel(session->helper);
}
