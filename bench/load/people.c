/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "evenhand/aggregator/leader.h"
#include "evenhand/files/files.h"
#include "evenhand/plan/canonical.h"
#include "evenhand/plan/population.h"
#include "evenhand/protocol/enrolment.h"
#include "evenhand/seal/certificate.h"
#include "evenhand/seal/hash.h"
#include "evenhand/translog/translog.h"
#include "evenhand/wire/message.h"
#include "load.h"
#include "log.pb-c.h"

enum { DAY_S = 86400, STATE_ACTIVE = EVENHAND__V1__ROSTER_STATE__ROSTER_STATE_ACTIVE };

static evh_status open_party(load *l, evh_deployment **out, const char *config)
{
    const evh_deployment_options options = {.config = config,
                                            .use = EVH_DEPLOYMENT_RUN,
                                            .clock = l->clock,
                                            .rng = l->rng,
                                            .diagnostics = &l->diagnostics};
    return evh_deployment_open(out, &options);
}

static evh_status publish(load *l, const evh_aggregator *leader, const char *plan,
                          const char *population_path)
{
    evh_buffer text = evh_buffer_init(EVH_PLAN_BYTES_MAX);
    evh_buffer bytes = evh_buffer_init(EVH_PLAN_BYTES_MAX);
    evh_population population;
    uint8_t hash[32];
    uint64_t index = 0;
    evh_status status = evh_ok();
    EVH_TRY(evh_file_read(&text, population_path));
    EVH_TRY(evh_population_parse(&population, population_path, evh_buffer_view(&text),
                                 &l->diagnostics));
    EVH_TRY(evh_population_encode(&population, &bytes));
    EVH_TRY(evh_sha256(hash, evh_buffer_view(&bytes)));
    EVH_TRY(evh_leader_add_population(leader, &index, evh_buffer_view(&bytes)));
    EVH_TRY(evh_file_read(&text, plan));
    EVH_TRY(evh_plan_parse(&l->plan, plan, evh_buffer_view(&text), &l->diagnostics));
    evh_buffer_clear(&bytes);
    EVH_TRY(evh_plan_encode(l->plan, &bytes));
    EVH_TRY(evh_terms_of_plan(&l->terms, l->plan, hash));
    EVH_TRY(evh_leader_publish_plan(leader, l->plan_id, &index, evh_buffer_view(&bytes)));
done:
    evh_buffer_clear(&text);
    evh_buffer_clear(&bytes);
    return status;
}

static evh_status add_to_roster(const evh_deployment *leader, const evh_deployment *helper,
                                const evh_endorsed *endorsed)
{
    uint8_t by_leader[EVH_SIGNATURE_LEN];
    uint8_t by_helper[EVH_SIGNATURE_LEN];
    char vkey[EVH_VKEY_TEXT_MAX];
    evh_buffer bytes = evh_buffer_init(EVH_ENDORSED_BYTES_MAX);
    evh_buffer packed = evh_buffer_init(EVH_ENDORSED_BYTES_MAX);
    Evenhand__V1__RosterEntry roster;
    Evenhand__V1__LogEntry entry;
    evenhand__v1__roster_entry__init(&roster);
    evenhand__v1__log_entry__init(&entry);
    evh_status status = evh_ok();
    EVH_TRY(evh_endorsed_write(&bytes, endorsed));
    EVH_TRY(evh_endorsed_sign(by_leader, leader->self.signing, evh_buffer_view(&bytes)));
    EVH_TRY(evh_endorsed_sign(by_helper, helper->self.signing, evh_buffer_view(&bytes)));
    memcpy(vkey, endorsed->vkey, sizeof vkey);
    roster.customer = vkey;
    roster.state = (Evenhand__V1__RosterState)endorsed->state;
    roster.sequence = endorsed->sequence;
    evh_wire_set_bytes(&roster.name_commitment, evh_view_of(endorsed->commitment, 32));
    evh_wire_set_bytes(&roster.leader_endorsement, evh_view_of(by_leader, sizeof by_leader));
    evh_wire_set_bytes(&roster.helper_endorsement, evh_view_of(by_helper, sizeof by_helper));
    entry.kind_case = EVENHAND__V1__LOG_ENTRY__KIND_ROSTER;
    entry.roster = &roster;
    EVH_TRY(evh_wire_pack(&packed, &entry.base));
    EVH_TRY(evh_leader_append(&leader->self, evh_buffer_view(&packed)));
done:
    evh_buffer_clear(&bytes);
    evh_buffer_clear(&packed);
    return status;
}

static evh_status issue(const load *l, const evh_deployment *leader, evh_view request,
                        customer *out, const char *vkey)
{
    char uri[EVH_CERTIFICATE_URI_LEN];
    int64_t now_s = evh_clock_wall_ms(&l->clock) / 1000;
    const evh_certificate_options options = {.common_name = "customer",
                                             .uri = uri,
                                             .not_before_s = now_s - DAY_S,
                                             .not_after_s = now_s + DAY_S};
    int len = snprintf(uri, sizeof uri, "evenhand:customer/%s", vkey);
    if (len < 0 || (size_t)len >= sizeof uri)
        return evh_fail(EVH_ERR_LENGTH, "a verifier key that is too long");
    out->cert = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    return evh_certificate_issue(&out->cert, request, leader->authority_cert_pem,
                                 leader->authority_key_pem, &options);
}

static evh_status add_customer(load *l, size_t number, const evh_deployment *leader,
                               const evh_deployment *helper, evh_view request)
{
    customer *c = &l->customers[number];
    char name[32];
    char key_name[EVH_KEY_NAME_LEN];
    evh_seed32 salt;
    evh_endorsed endorsed;
    evh_buffer vkey = evh_buffer_init(EVH_VKEY_TEXT_MAX);
    evh_status status = evh_ok();
    memset(&endorsed, 0, sizeof endorsed);
    (void)snprintf(name, sizeof name, "customer %zu", number);
    EVH_TRY(evh_rng_fill(&l->rng, salt.bytes, sizeof salt.bytes));
    EVH_TRY(evh_customer_commit(endorsed.commitment, &salt, evh_view_of_text(name)));
    evh_customer_key_name(key_name, endorsed.commitment);
    EVH_TRY(evh_signing_key_generate(&c->key, EVH_IDENTITY_ED25519, evh_view_of_text(key_name),
                                     &l->rng));
    EVH_TRY(evh_identity_format(&vkey, &c->key.identity));
    (void)snprintf(endorsed.vkey, sizeof endorsed.vkey, "%.*s", (int)vkey.len,
                   (const char *)vkey.data);
    endorsed.customer = c->key.identity;
    endorsed.state = STATE_ACTIVE;
    endorsed.sequence = 1;
    (void)snprintf(endorsed.log_origin, sizeof endorsed.log_origin, "%s", leader->self.log.name);
    EVH_TRY(add_to_roster(leader, helper, &endorsed));
    EVH_TRY(issue(l, leader, request, c, endorsed.vkey));
done:
    evh_buffer_clear(&vkey);
    return status;
}

evh_status load_people(load *l, const char *plan, const char *population)
{
    evh_deployment *leader = NULL;
    evh_deployment *helper = NULL;
    evh_buffer request = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    const evh_certificate_options names = {.common_name = "customer"};
    bool restored = false;
    evh_status status = evh_ok();
    EVH_TRY(open_party(l, &leader, l->leader_config));
    EVH_TRY(open_party(l, &helper, l->helper_config));
    EVH_TRY(evh_deployment_start(leader, &restored));
    EVH_TRY(publish(l, &leader->self, plan, population));
    EVH_TRY(evh_certificate_make_key(&l->tls_key));
    EVH_TRY(evh_certificate_make_request(&request, evh_buffer_view(&l->tls_key), &names));
    for (size_t i = 0; i < l->count; i++)
        EVH_TRY(add_customer(l, i, leader, helper, evh_buffer_view(&request)));
    EVH_TRY(evh_buffer_append(&l->ca, leader->authority_cert_pem));
    EVH_TRY(evh_buffer_format(&l->address, "%s", leader->settings.listen));
    EVH_TRY(evh_buffer_u8(&l->address, 0));
    EVH_TRY(evh_store_begin(leader->self.store));
    EVH_TRY(evh_translog_size(leader->self.store, &l->log_size));
    evh_store_rollback(leader->self.store);
done:
    evh_buffer_clear(&request);
    evh_deployment_close(&helper);
    evh_deployment_close(&leader);
    return status;
}
