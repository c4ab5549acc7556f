/* SPDX-License-Identifier: Apache-2.0
 * Keys and certificates of a folder: read, and held against what the introductions say. */
#include <string.h>

#include "deployment_internal.h"
#include "evenhand/seal/certificate.h"

enum { MS_PER_S = 1000 };

evh_status evh_deployment_check_pair(const char *name, const char *renew, evh_view ca,
                                     const evh_pem_pair *pair, const char *host, int64_t now_s)
{
    const evh_view cert = evh_buffer_view(&pair->cert);
    evh_certificate_facts facts;
    evh_status status = evh_ok();
    EVH_TRY(evh_certificate_check(&facts, ca, cert, evh_buffer_view(&pair->key), now_s));
    if (!facts.self_signed)
        EVH_TRY(evh_certificate_check_issued(ca, cert, host));
done:
    /* New certificates do not help against a clock that is behind. */
    if (renew == NULL || now_s < facts.not_before_s)
        return evh_status_in(status, "%s", name);
    return evh_status_in(status, "%s ('keys rotate %s' renews)", name, renew);
}

static evh_status read_pair(evh_pem_pair *out, const char *config, const char *cert,
                            const char *key)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_layout_read(&out->cert, config, cert));
    EVH_TRY(evh_layout_read_secret(&out->key, config, key));
done:
    return status;
}

static evh_status read_signing(evh_signing_key *out, const char *config, const char *name,
                               const evh_identity *introduced)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_layout_signing_key(out, config, name));
    EVH_REQUIRE(evh_identity_equal(&out->identity, introduced), EVH_ERR_KEY,
                "%s is not the key of introduction.yaml: put back what init made", name);
done:
    return status;
}

static evh_status read_collector_keys(evh_deployment *d, const char *config)
{
    evh_status status = evh_ok();
    evh_key_id ids[EVH_COLLECTOR_KEYS_MAX];
    evh_key_config current;
    size_t count = 0;
    evh_buffer text = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    EVH_TRY(evh_key_ring_new(&d->collector_keys));
    EVH_TRY(evh_layout_read_secret(&text, config, EVH_FILE_COLLECTOR_KEYS));
    EVH_TRY(evh_collector_keys_read(d->collector_keys, ids, &count, evh_buffer_view(&text)));
    EVH_TRY(evh_key_ring_find(d->collector_keys, &current, &ids[0]));
    EVH_REQUIRE(
        memcmp(current.key.bytes, d->collector.collector_key.key.bytes, sizeof current.key.bytes) ==
            0,
        EVH_ERR_KEY,
        EVH_FILE_COLLECTOR_KEYS
        " does not begin with the key of introduction.yaml: repeat 'keys rotate collector'");
done:
    evh_buffer_clear(&text);
    return status;
}

/* What the server takes for a caller: anyone with a certificate of the own authority, and the
 * peers' certificates by themselves. */
static evh_status make_bundle(evh_deployment *d)
{
    const evh_introduction *all[3] = {&d->leader, &d->helper, &d->collector};
    struct evh_deployment_storage *s = d->storage;
    evh_status status = evh_ok();
    EVH_TRY(evh_buffer_append(&s->bundle, evh_buffer_view(&s->authority.cert)));
    for (size_t i = 0; i < 3; i++)
        if (all[i]->role != d->settings.role)
            EVH_TRY(evh_buffer_append(&s->bundle, evh_buffer_view(&all[i]->client_pem)));
    d->server = (evh_rpc_tls){.ca_pem = evh_buffer_view(&s->bundle),
                              .cert_pem = evh_buffer_view(&s->server.cert),
                              .key_pem = evh_buffer_view(&s->server.key)};
    d->authority_cert_pem = evh_buffer_view(&s->authority.cert);
    d->authority_key_pem = evh_buffer_view(&s->authority.key);
done:
    return status;
}

static evh_status read_server(evh_deployment *d, const char *config, int64_t now_s)
{
    struct evh_deployment_storage *s = d->storage;
    evh_status status = evh_ok();
    evh_view ca = evh_view_of(NULL, 0);
    EVH_TRY(read_pair(&s->authority, config, EVH_FILE_CA, EVH_FILE_CA_KEY));
    EVH_TRY(read_pair(&s->server, config, EVH_FILE_SERVER, EVH_FILE_SERVER_KEY));
    ca = evh_buffer_view(&s->authority.cert);
    EVH_TRY(evh_deployment_check_pair(EVH_FILE_CA, NULL, ca, &s->authority, NULL, now_s));
    EVH_TRY(
        evh_deployment_check_pair(EVH_FILE_SERVER, "tls", ca, &s->server, s->server_host, now_s));
    EVH_TRY(make_bundle(d));
done:
    return status;
}

static evh_status read_client(evh_deployment *d, const evh_introduction *own, const char *config,
                              int64_t now_s)
{
    struct evh_deployment_storage *s = d->storage;
    evh_status status = evh_ok();
    EVH_TRY(read_pair(&s->client, config, EVH_FILE_CLIENT, EVH_FILE_CLIENT_KEY));
    EVH_TRY(evh_deployment_check_pair(EVH_FILE_CLIENT, "client", evh_buffer_view(&s->client.cert),
                                      &s->client, NULL, now_s));
    EVH_REQUIRE(evh_view_equal(evh_buffer_view(&s->client.cert), evh_buffer_view(&own->client_pem)),
                EVH_ERR_INPUT,
                EVH_FILE_CLIENT
                " is not the certificate of introduction.yaml: repeat 'keys rotate client'");
done:
    return status;
}

static evh_status read_operator(evh_deployment *d, const char *config, int64_t now_s)
{
    struct evh_deployment_storage *s = d->storage;
    evh_status status = evh_ok();
    EVH_REQUIRE(d->settings.role != EVH_ROLE_COLLECTOR, EVH_ERR_INPUT,
                "the settings are those of a collector: this command asks a leader or a helper");
    EVH_TRY(evh_layout_read(&s->authority.cert, config, EVH_FILE_CA));
    EVH_TRY(read_pair(&s->operator, config, EVH_FILE_OPERATOR, EVH_FILE_OPERATOR_KEY));
    EVH_TRY(evh_deployment_check_pair(EVH_FILE_OPERATOR, "tls", evh_buffer_view(&s->authority.cert),
                                      &s->operator, NULL, now_s));
done:
    return status;
}

evh_status evh_deployment_read_keys(evh_deployment *d, const evh_deployment_options *options)
{
    struct evh_deployment_storage *s = d->storage;
    evh_status status = evh_ok();
    const char *config = options->config;
    const int64_t now_s = evh_clock_wall_ms(&options->clock) / MS_PER_S;
    const evh_introduction *own = d->settings.role == EVH_ROLE_LEADER   ? &d->leader
                                  : d->settings.role == EVH_ROLE_HELPER ? &d->helper
                                                                        : &d->collector;
    if (options->use == EVH_DEPLOYMENT_CALL)
        return read_operator(d, config, now_s);
    EVH_TRY(read_signing(&s->signing, config, EVH_FILE_IDENTITY, &own->identity));
    if (own->role == EVH_ROLE_LEADER)
        EVH_TRY(read_signing(&s->note, config, EVH_FILE_LOG_KEY, &own->log));
    if (own->role == EVH_ROLE_HELPER)
        EVH_TRY(read_signing(&s->note, config, EVH_FILE_WITNESS_KEY, &own->witness));
    EVH_TRY(read_client(d, own, config, now_s));
    if (own->role == EVH_ROLE_COLLECTOR)
        EVH_TRY(read_collector_keys(d, config));
    else
        EVH_TRY(read_server(d, config, now_s));
done:
    return status;
}
