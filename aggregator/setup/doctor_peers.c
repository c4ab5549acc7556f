/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor_internal.h"
#include "evenhand/base/limits.h"

enum { DEADLINE_MS = 5000, ANSWER_BYTES_MAX = 1 << 16 };

/* grpc.health.v1.HealthCheckResponse with status SERVING. */
static const char serving[] = "\x08\x01";

static void check_health(evh_doctor *doctor, const char *what, evh_rpc_client_options *options)
{
    evh_status status = evh_ok();
    evh_rpc_client *client = NULL;
    evh_buffer answer = evh_buffer_init(ANSWER_BYTES_MAX);
    options->response_bytes_max = ANSWER_BYTES_MAX;
    EVH_TRY(evh_rpc_client_new(&client, options));
    EVH_TRY(evh_rpc_client_unary(client, "/grpc.health.v1.Health/Check", evh_view_of(NULL, 0),
                                 DEADLINE_MS, &answer));
    EVH_REQUIRE(evh_view_equal(evh_buffer_view(&answer), evh_view_of(serving, sizeof serving - 1)),
                EVH_ERR_UNAVAILABLE, "it answers that it is not serving");
done:
    evh_rpc_client_free(&client);
    evh_buffer_clear(&answer);
    if (status.code == EVH_ERR_UNAVAILABLE)
        evh_doctor_line(doctor, EVH_FINDING_WARN, what,
                        "no answer from %s: is it started, reachable, and paired with this "
                        "party's present introduction?",
                        options->target);
    else
        evh_doctor_status(doctor, what, status, options->target);
}

static evh_status read_client(const evh_doctor *doctor, evh_pem_pair *pair)
{
    evh_status status = evh_layout_read(&pair->cert, doctor->config, EVH_FILE_CLIENT);
    return status.code == EVH_OK
               ? evh_layout_read_secret(&pair->key, doctor->config, EVH_FILE_CLIENT_KEY)
               : status;
}

void evh_doctor_peers(evh_doctor *doctor)
{
    static const evh_role roles[] = {EVH_ROLE_LEADER, EVH_ROLE_HELPER};
    static const char *const names[] = {"leader answers", "helper answers"};
    evh_pem_pair pair;
    pair.cert = pair.key = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    if (read_client(doctor, &pair).code != EVH_OK)
        goto done; /* said by the checks of certificates */
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        const evh_introduction *in = evh_doctor_party(doctor, roles[i]);
        if (in->role == 0 || in->role == doctor->settings.role)
            continue;
        evh_rpc_client_options options = {.target = in->address,
                                          .tls = {.ca_pem = evh_buffer_view(&in->ca_pem),
                                                  .cert_pem = evh_buffer_view(&pair.cert),
                                                  .key_pem = evh_buffer_view(&pair.key)}};
        check_health(doctor, names[i], &options);
    }
done:
    evh_buffer_clear(&pair.cert);
    evh_buffer_clear(&pair.key);
}
