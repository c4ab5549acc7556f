/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "commands_internal.h"
#include "evenhand/base/limits.h"

enum { DEADLINE_MS = 150000 }; /* opening a round waits for the helper */

evh_status evh_office_open(evh_office *out, evh_cli *cli)
{
    evh_rpc_client_options options = {.target = NULL};
    evh_status status = evh_ok();
    *out = (evh_office){.cli = cli,
                        .question = evh_buffer_init(2 * (size_t)EVH_PLAN_BYTES_MAX),
                        .answer = evh_buffer_init(EVH_OFFICE_ANSWER_BYTES_MAX)};
    evh_deployment_options from = {.config = cli->common.config,
                                   .use = EVH_DEPLOYMENT_CALL,
                                   .clock = evh_clock_os(),
                                   .rng = evh_rng_os(),
                                   .diagnostics = &cli->diagnostics};
    EVH_TRY(evh_cli_need(cli, EVH_CLI_TAKES_CONFIG));
    EVH_TRY(evh_deployment_open(&out->deployment, &from));
    out->leads = out->deployment->settings.role == EVH_ROLE_LEADER;
    EVH_TRY(evh_deployment_client(out->deployment, EVH_ROLE_OPERATOR, &options));
    options.response_bytes_max = EVH_OFFICE_ANSWER_BYTES_MAX;
    EVH_TRY(evh_rpc_client_new(&out->client, &options));
done:
    return status;
}

void evh_office_close(evh_office *office)
{
    evh_rpc_client_free(&office->client);
    evh_deployment_close(&office->deployment);
    evh_buffer_clear(&office->question);
    evh_buffer_clear(&office->answer);
}

static evh_status explain(const evh_office *office, evh_status status)
{
    const char *address = office->deployment->settings.listen;
    const char *who = office->leads ? "leader" : "helper";
    if (status.code == EVH_ERR_UNAVAILABLE)
        return evh_fail(EVH_ERR_UNAVAILABLE, "the %s does not answer at %.60s: does it run?", who,
                        address);
    if (status.code == EVH_ERR_REFUSED)
        return evh_fail(
            EVH_ERR_REFUSED,
            "the %s at %.60s does not take this for its operator: is it of this folder?", who,
            address);
    return evh_status_in(status, "the %s, see its log", who);
}

evh_status evh_office_ask(evh_office *office, const char *method, const ProtobufCMessage *request,
                          const ProtobufCMessageDescriptor *type, void *response)
{
    char path[100];
    evh_status status = evh_ok();
    (void)snprintf(path, sizeof path, "/evenhand.v1.Operator/%s", method);
    evh_cli_detail(office->cli, "%s at %s", method, office->deployment->settings.listen);
    evh_buffer_clear(&office->question);
    EVH_TRY(evh_wire_pack(&office->question, request));
    status = evh_rpc_client_unary(office->client, path, evh_buffer_view(&office->question),
                                  DEADLINE_MS, &office->answer);
    EVH_REQUIRE(status.code == EVH_OK, status.code, "%s", explain(office, status).text);
    EVH_TRY(evh_wire_unpack(response, type, evh_buffer_view(&office->answer), "answer"));
done:
    evh_buffer_clear(&office->question);
    evh_buffer_clear(&office->answer);
    return status;
}

evh_status evh_office_refusal(const Evenhand__V1__Refusal *refusal)
{
    if (refusal == NULL)
        return evh_ok();
    for (int code = EVH_OK + 1; code < EVH_CODE_COUNT; code++)
        if (strcmp(evh_code_info((evh_code)code)->name, refusal->code) == 0)
            return evh_fail((evh_code)code, "%s", refusal->text);
    return evh_fail(EVH_ERR_REFUSED, "%s", refusal->text);
}
