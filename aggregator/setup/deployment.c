/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "certificates_internal.h"
#include "evenhand/base/limits.h"
#include "evenhand/base/sizes.h"
#include "evenhand/store/sqlite.h"

/* ---- the three parties ---- */

static evh_introduction *party(evh_deployment *d, evh_role role)
{
    if (role == EVH_ROLE_LEADER)
        return &d->leader;
    return role == EVH_ROLE_HELPER ? &d->helper : &d->collector;
}

/* A party that has not been paired yet stays empty when nobody asks for it. */
static evh_status read_party(evh_deployment *d, const evh_deployment_options *options,
                             evh_role role)
{
    evh_status status = evh_ok();
    const char *word = evh_party_word(role);
    const char *name = evh_layout_introduction(&d->settings, role);
    evh_introduction *into = party(d, role);
    bool own = role == d->settings.role;
    char path[EVH_PATH_BYTES_MAX];
    EVH_TRY(evh_path_resolve(path, options->config, evh_view_of_text(name)));
    if (!own && !evh_file_exists(path)) {
        EVH_REQUIRE(options->use == EVH_DEPLOYMENT_CALL, EVH_ERR_INPUT,
                    "the %s is not known yet: evenhand-aggregator init --peer FILE DIR, with its "
                    "introduction",
                    word);
        goto done;
    }
    EVH_TRY(evh_layout_read_introduction(into, options->config, name, options->diagnostics));
    EVH_REQUIRE(into->role == role, EVH_ERR_INPUT, "%.60s is the introduction of a %s, not of a %s",
                name, evh_party_word(into->role), word);
    EVH_REQUIRE(!own || strcmp(into->name, d->settings.name) == 0, EVH_ERR_INPUT,
                "aggregator.yaml has name %s, introduction.yaml %s: put back what init made",
                d->settings.name, into->name);
done:
    return status;
}

/* One key in two roles would make one party look like two: privacy rests on there being two. */
static evh_status check_distinct(const evh_deployment *d)
{
    const evh_introduction *all[3] = {&d->leader, &d->helper, &d->collector};
    for (size_t i = 0; i < 3; i++)
        for (size_t k = i + 1; k < 3; k++) {
            if (all[i]->role == 0 || all[k]->role == 0)
                continue;
            if (memcmp(all[i]->identity.key, all[k]->identity.key, EVH_IDENTITY_KEY_LEN) == 0 ||
                strcmp(all[i]->name, all[k]->name) == 0)
                return evh_fail(EVH_ERR_INPUT,
                                "%s and %s have the same name or key: they must be two parties",
                                evh_party_word(all[i]->role), evh_party_word(all[k]->role));
        }
    return evh_ok();
}

/* ---- opening ---- */

static evh_status set_folder(evh_deployment *d, const char *config)
{
    const char *slash = strrchr(config, '/');
    size_t len = slash == NULL ? 0 : (size_t)(slash - config) + 1;
    if (len >= sizeof d->folder)
        return evh_fail(EVH_ERR_RANGE, "a path of more than %zu bytes", sizeof d->folder - 1);
    memcpy(d->folder, config, len);
    return evh_ok();
}

/* Where a command on this machine reaches the process: a wildcard address is no place to call. */
static evh_status set_target(evh_deployment *d)
{
    struct evh_deployment_storage *s = d->storage;
    evh_status status = evh_ok();
    const evh_introduction *own = party(d, d->settings.role);
    char host[EVH_HOST_LEN];
    uint16_t port = 0;
    if (d->settings.role == EVH_ROLE_COLLECTOR)
        goto done;
    EVH_TRY(evh_address_read(s->server_host, &port, evh_view_of_text(own->address)));
    EVH_TRY(evh_address_read(host, &port, evh_view_of_text(d->settings.listen)));
    if (strcmp(host, "0.0.0.0") == 0)
        (void)snprintf(host, sizeof host, "127.0.0.1");
    else if (strcmp(host, "::") == 0)
        (void)snprintf(host, sizeof host, "::1");
    evh_address_write(s->target, host, port);
done:
    return status;
}

static evh_status keep_published(void *context, evh_view note)
{
    const evh_deployment *d = context;
    char path[EVH_PATH_BYTES_MAX];
    evh_status status =
        evh_path_resolve(path, d->storage->config, evh_view_of_text(EVH_FILE_PUBLISHED));
    return status.code == EVH_OK ? evh_file_replace(path, note, EVH_FILE_SHARED) : status;
}

static evh_status open_state(evh_deployment *d, const evh_deployment_options *options)
{
    struct evh_deployment_storage *s = d->storage;
    evh_status status = evh_ok();
    char path[EVH_PATH_BYTES_MAX];
    if (d->settings.role != EVH_ROLE_COLLECTOR) {
        EVH_TRY(evh_path_resolve(path, options->config, evh_view_of_text(d->settings.vault)));
        EVH_TRY(evh_file_vault_open(&s->vault, path));
        d->self.vault = evh_file_vault_handle(s->vault);
    }
    EVH_TRY(evh_path_resolve(path, options->config, evh_view_of_text(d->settings.store)));
    EVH_TRY(evh_store_sqlite_open(&s->store, path));
    EVH_TRY(evh_cache_new(&s->cache));
done:
    return status;
}

static void fill_self(evh_deployment *d, const evh_deployment_options *options)
{
    struct evh_deployment_storage *s = d->storage;
    evh_aggregator *self = &d->self;
    self->role = d->settings.role;
    self->store = s->store;
    self->clock = options->clock;
    self->rng = options->rng;
    self->leader = d->leader.identity;
    self->helper = d->helper.identity;
    self->collector = d->collector.identity;
    self->log = d->leader.log;
    self->witness = d->helper.witness;
    self->collector_key = d->collector.collector_key;
    self->signing = &s->signing;
    self->note_key = s->note.secret == NULL ? NULL : &s->note;
    self->published = (evh_published){.keep = keep_published, .context = d};
    self->cache = s->cache;
}

static evh_status read_all(evh_deployment *d, const evh_deployment_options *options)
{
    static const evh_role roles[] = {EVH_ROLE_LEADER, EVH_ROLE_HELPER, EVH_ROLE_COLLECTOR};
    evh_status status = evh_ok();
    EVH_TRY(set_folder(d, options->config));
    EVH_TRY(evh_layout_settings(&d->settings, options->config, options->diagnostics));
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
        EVH_TRY(read_party(d, options, roles[i]));
    EVH_TRY(check_distinct(d));
    EVH_TRY(set_target(d));
    EVH_TRY(evh_deployment_read_keys(d, options));
    if (options->use == EVH_DEPLOYMENT_CALL)
        goto done;
    EVH_TRY(open_state(d, options));
    fill_self(d, options);
done:
    return status;
}

static evh_status make_empty(evh_deployment **out, const char *config)
{
    evh_status status = evh_ok();
    struct evh_deployment_storage *s = NULL;
    char *copy = NULL;
    size_t len = strlen(config) + 1;
    EVH_TRY(evh_alloc(out, 1, sizeof **out, "deployment"));
    (*out)->leader = (*out)->helper = (*out)->collector = evh_introduction_init();
    EVH_TRY(evh_alloc(&s, 1, sizeof *s, "deployment"));
    (*out)->storage = s;
    evh_pem_pair_init(&s->authority);
    evh_pem_pair_init(&s->server);
    evh_pem_pair_init(&s->client);
    evh_pem_pair_init(&s->operator);
    s->bundle = evh_buffer_init((size_t)4 * EVH_KEY_FILE_BYTES_MAX);
    EVH_TRY(evh_alloc(&copy, len, 1, "deployment"));
    memcpy(copy, config, len);
    s->config = copy;
done:
    return status;
}

evh_status evh_deployment_open(evh_deployment **out, const evh_deployment_options *options)
{
    *out = NULL;
    evh_status status = evh_ok();
    evh_deployment *d = NULL;
    EVH_TRY(make_empty(&d, options->config));
    EVH_TRY(read_all(d, options));
    *out = d;
    d = NULL;
done:
    evh_deployment_close(&d);
    return status;
}

static void free_storage(struct evh_deployment_storage *s)
{
    evh_cache_free(&s->cache);
    evh_store_close(&s->store);
    evh_file_vault_close(&s->vault);
    evh_signing_key_clear(&s->signing);
    evh_signing_key_clear(&s->note);
    evh_pem_pair_clear(&s->authority);
    evh_pem_pair_clear(&s->server);
    evh_pem_pair_clear(&s->client);
    evh_pem_pair_clear(&s->operator);
    evh_buffer_clear(&s->bundle);
    free(s->config);
    free(s);
}

void evh_deployment_close(evh_deployment **deployment)
{
    evh_deployment *d = *deployment;
    *deployment = NULL;
    if (d == NULL)
        return;
    evh_introduction_clear(&d->leader);
    evh_introduction_clear(&d->helper);
    evh_introduction_clear(&d->collector);
    evh_key_ring_free(&d->collector_keys);
    if (d->storage != NULL) {
        evh_deployment_end(d);
        free_storage(d->storage);
    }
    free(d);
}

/* ---- who calls whom ---- */

static evh_rpc_tls tls_of(const evh_buffer *ca, const evh_pem_pair *own)
{
    return (evh_rpc_tls){.ca_pem = evh_buffer_view(ca),
                         .cert_pem = evh_buffer_view(&own->cert),
                         .key_pem = evh_buffer_view(&own->key)};
}

evh_status evh_deployment_client(const evh_deployment *deployment, evh_role whom,
                                 evh_rpc_client_options *options)
{
    const struct evh_deployment_storage *s = deployment->storage;
    const evh_introduction *of =
        whom == EVH_ROLE_LEADER ? &deployment->leader : &deployment->helper;
    memset(options, 0, sizeof *options);
    if (whom == EVH_ROLE_OPERATOR && s->operator.cert.len> 0) {
        options->target = s->target;
        options->server_name = s->server_host;
        options->tls = tls_of(&s->authority.cert, &s->operator);
        return evh_ok();
    }
    if ((whom != EVH_ROLE_LEADER && whom != EVH_ROLE_HELPER) || s->client.cert.len == 0 ||
        whom == deployment->settings.role)
        return evh_fail(EVH_ERR_ARG, "this party cannot be called from here");
    options->target = of->address;
    options->tls = tls_of(&of->ca_pem, &s->client);
    return evh_ok();
}

evh_role evh_deployment_peer(const evh_deployment *deployment, const evh_rpc_peer *peer)
{
    const evh_introduction *all[3] = {&deployment->leader, &deployment->helper,
                                      &deployment->collector};
    for (size_t i = 0; i < 3; i++)
        if (all[i]->role != 0 && all[i]->role != deployment->settings.role &&
            memcmp(all[i]->client_fingerprint, peer->fingerprint, EVH_FINGERPRINT_LEN) == 0)
            return all[i]->role;
    return (evh_role)0;
}
