/* SPDX-License-Identifier: Apache-2.0
 * keys rotate and retire. Each file is replaced in one step; a crash between two of them leaves a
 * pair that does not fit, which the next start says, and the same command repairs it. */
#include <stdio.h>
#include <string.h>

#include "certificates_internal.h"
#include "evenhand/base/failpoint.h"
#include "evenhand/base/limits.h"
#include "setup_commands_internal.h"

enum { MS_PER_S = 1000 };

typedef struct rotation {
    evh_cli *cli;
    const char *config;
    evh_settings settings;
    evh_signing_key identity;
    evh_introduction introduction;
    evh_rng rng;
    int64_t now_s;
} rotation;

static evh_status replace(const rotation *r, const char *name, evh_view content,
                          evh_file_access access)
{
    char path[EVH_PATH_BYTES_MAX];
    evh_status status = evh_path_resolve(path, r->config, evh_view_of_text(name));
    return status.code == EVH_OK ? evh_file_replace(path, content, access) : status;
}

static evh_status replace_pair(const rotation *r, const char *cert, const char *key,
                               const evh_pem_pair *pair)
{
    evh_status status = replace(r, key, evh_buffer_view(&pair->key), EVH_FILE_OWNER_ONLY);
    EVH_FAILPOINT("rotate-key");
    return status.code == EVH_OK ? replace(r, cert, evh_buffer_view(&pair->cert), EVH_FILE_SHARED)
                                 : status;
}

static evh_status open_rotation(rotation *r, evh_cli *cli)
{
    evh_status status = evh_ok();
    const evh_clock clock = evh_clock_os();
    r->cli = cli;
    r->config = cli->common.config;
    r->rng = evh_rng_os();
    r->now_s = evh_clock_wall_ms(&clock) / MS_PER_S;
    EVH_TRY(evh_cli_need(cli, EVH_CLI_TAKES_CONFIG));
    EVH_TRY(evh_layout_settings(&r->settings, r->config, &cli->diagnostics));
    EVH_TRY(evh_layout_signing_key(&r->identity, r->config, EVH_FILE_IDENTITY));
    EVH_TRY(evh_layout_read_introduction(&r->introduction, r->config, EVH_FILE_INTRODUCTION,
                                         &cli->diagnostics));
done:
    return status;
}

static void close_rotation(rotation *r)
{
    evh_signing_key_clear(&r->identity);
    evh_introduction_clear(&r->introduction);
}

/* Writes the introduction anew and says to whom it goes. */
static evh_status introduce(rotation *r, const char *first)
{
    evh_status status = evh_ok();
    char fingerprint[EVH_FINGERPRINT_TEXT_LEN];
    evh_buffer text = evh_buffer_init(EVH_PLAN_BYTES_MAX);
    evh_introduction again = evh_introduction_init();
    memcpy(r->introduction.address, r->settings.address, sizeof r->introduction.address);
    EVH_TRY(evh_introduction_write(&text, &r->introduction, &r->identity));
    EVH_TRY(evh_introduction_read(&again, EVH_FILE_INTRODUCTION, evh_buffer_view(&text),
                                  &r->cli->diagnostics));
    EVH_TRY(replace(r, EVH_FILE_INTRODUCTION, evh_buffer_view(&text), EVH_FILE_SHARED));
    evh_fingerprint_text(fingerprint, again.fingerprint);
    evh_cli_note(r->cli,
                 "Send " EVH_FILE_INTRODUCTION " (fingerprint %s) to %s.\n"
                 "Each runs 'init --peer FILE DIR' and restarts its service.",
                 fingerprint, first);
done:
    evh_introduction_clear(&again);
    evh_buffer_clear(&text);
    return status;
}

static const char *others_of(evh_role role)
{
    if (role == EVH_ROLE_COLLECTOR)
        return "the helper first, then the leader";
    return role == EVH_ROLE_LEADER ? "the helper and the collector"
                                   : "the leader and the collector";
}

/* ---- rotate ---- */

/* Server and operator: the authority stays, so nobody else has anything to do. */
static evh_status rotate_tls(rotation *r)
{
    evh_status status = evh_ok();
    evh_pem_pair authority;
    evh_pem_pair pair;
    evh_pem_pair_init(&authority);
    evh_pem_pair_init(&pair);
    EVH_REQUIRE(r->settings.role != EVH_ROLE_COLLECTOR, EVH_ERR_ARG,
                "a collector serves nothing: 'keys rotate client' renews its certificate");
    EVH_TRY(evh_layout_read(&authority.cert, r->config, EVH_FILE_CA));
    EVH_TRY(evh_layout_read_secret(&authority.key, r->config, EVH_FILE_CA_KEY));
    EVH_TRY(evh_make_server(&pair, &r->settings, &authority, r->now_s));
    EVH_TRY(replace_pair(r, EVH_FILE_SERVER, EVH_FILE_SERVER_KEY, &pair));
    evh_pem_pair_clear(&pair);
    EVH_TRY(evh_make_operator(&pair, &r->settings, &authority, r->now_s));
    EVH_TRY(replace_pair(r, EVH_FILE_OPERATOR, EVH_FILE_OPERATOR_KEY, &pair));
    evh_cli_note(r->cli, "New certificates for the server and the operator. Restart the service.");
    if (strcmp(r->settings.address, r->introduction.address) != 0)
        EVH_TRY(introduce(r, others_of(r->settings.role)));
done:
    evh_pem_pair_clear(&authority);
    evh_pem_pair_clear(&pair);
    return status;
}

static evh_status rotate_client(rotation *r)
{
    evh_status status = evh_ok();
    evh_pem_pair pair;
    evh_pem_pair_init(&pair);
    EVH_TRY(evh_make_client(&pair, &r->settings, r->now_s));
    evh_buffer_clear(&r->introduction.client_pem);
    EVH_TRY(evh_buffer_append(&r->introduction.client_pem, evh_buffer_view(&pair.cert)));
    EVH_TRY(replace_pair(r, EVH_FILE_CLIENT, EVH_FILE_CLIENT_KEY, &pair));
    EVH_FAILPOINT("rotate-introduction");
    EVH_TRY(introduce(r, others_of(r->settings.role)));
    evh_cli_note(r->cli, "Until they have, they do not let this party in once it is restarted.");
done:
    evh_pem_pair_clear(&pair);
    return status;
}

static evh_status read_ring(const rotation *r, evh_key_ring **ring, evh_key_id *ids, size_t *count)
{
    evh_status status = evh_ok();
    evh_buffer text = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    EVH_REQUIRE(r->settings.role == EVH_ROLE_COLLECTOR, EVH_ERR_ARG,
                "only a collector has collector keys");
    EVH_TRY(evh_key_ring_new(ring));
    EVH_TRY(evh_layout_read_secret(&text, r->config, EVH_FILE_COLLECTOR_KEYS));
    EVH_TRY(evh_collector_keys_read(*ring, ids, count, evh_buffer_view(&text)));
done:
    evh_buffer_clear(&text);
    return status;
}

static evh_status write_ring(const rotation *r, const evh_key_ring *ring, const evh_key_id *ids,
                             size_t count)
{
    evh_status status = evh_ok();
    evh_buffer text = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    EVH_TRY(evh_collector_keys_write(&text, ring, ids, count));
    EVH_TRY(replace(r, EVH_FILE_COLLECTOR_KEYS, evh_buffer_view(&text), EVH_FILE_OWNER_ONLY));
done:
    evh_buffer_clear(&text);
    return status;
}

static evh_status sign_key(rotation *r, const evh_key_config *config)
{
    evh_status status = evh_ok();
    evh_buffer signed_key = evh_buffer_init(EVH_SIGNED_KEY_LEN);
    EVH_TRY(evh_key_config_sign(&signed_key, config, &r->identity));
    memcpy(r->introduction.signed_key, signed_key.data, sizeof r->introduction.signed_key);
done:
    evh_buffer_clear(&signed_key);
    return status;
}

/* The older keys stay: shares of rounds that are on their way are sealed to them. */
static evh_status rotate_collector(rotation *r)
{
    evh_status status = evh_ok();
    evh_key_ring *ring = NULL;
    evh_key_id ids[EVH_COLLECTOR_KEYS_MAX + 1];
    evh_key_config config = {.suite = evh_hpke_suite_aes128gcm()};
    evh_hpke_secret_key *secret = NULL;
    size_t count = 0;
    EVH_TRY(read_ring(r, &ring, ids + 1, &count));
    EVH_REQUIRE(count < EVH_COLLECTOR_KEYS_MAX, EVH_ERR_ARG,
                "there are %d keys: 'keys retire' older ones first", EVH_COLLECTOR_KEYS_MAX);
    EVH_TRY(evh_hpke_key_generate(&secret, &config.key, &r->rng));
    EVH_TRY(evh_key_ring_add_take(ring, &ids[0], config.suite, &secret));
    EVH_TRY(sign_key(r, &config));
    EVH_TRY(write_ring(r, ring, ids, count + 1));
    EVH_FAILPOINT("rotate-introduction");
    EVH_TRY(introduce(r, others_of(r->settings.role)));
done:
    evh_hpke_secret_key_free(&secret);
    evh_key_ring_free(&ring);
    return status;
}

evh_status evh_command_keys_rotate(evh_cli *cli, void *own)
{
    evh_status status = evh_ok();
    rotation r = {.introduction = evh_introduction_init()};
    const char *what = cli->argument_count == 1 ? cli->arguments[0] : "";
    (void)own;
    EVH_REQUIRE(strcmp(what, "tls") == 0 || strcmp(what, "client") == 0 ||
                    strcmp(what, "collector") == 0,
                EVH_ERR_ARG,
                "expected one of: keys rotate tls, keys rotate client, keys rotate "
                "collector");
    EVH_TRY(open_rotation(&r, cli));
    if (strcmp(what, "tls") == 0)
        EVH_TRY(rotate_tls(&r));
    else if (strcmp(what, "client") == 0)
        EVH_TRY(rotate_client(&r));
    else
        EVH_TRY(rotate_collector(&r));
done:
    close_rotation(&r);
    return status;
}

/* ---- retire ---- */

/* The older key whose id begins with these hex digits. */
static evh_status find_older(const evh_key_id *ids, size_t count, const char *start, size_t *out)
{
    size_t len = strlen(start);
    size_t found = 0;
    *out = count;
    for (size_t i = 0; i < count; i++) {
        char hex[2 * EVH_KEY_ID_LEN + 1];
        evh_hex_encode(hex, evh_view_of(ids[i].bytes, EVH_KEY_ID_LEN));
        if (len >= 8 && strncmp(hex, start, len) == 0) {
            found++;
            *out = i;
        }
    }
    if (found != 1)
        return evh_fail(EVH_ERR_ARG, "no key with this id: 'keys list' shows them");
    if (*out == 0)
        return evh_fail(EVH_ERR_ARG, "this is the current key: 'keys rotate collector' first");
    return evh_ok();
}

evh_status evh_command_keys_retire(evh_cli *cli, void *own)
{
    evh_status status = evh_ok();
    rotation r = {.introduction = evh_introduction_init()};
    evh_key_ring *ring = NULL;
    evh_key_id ids[EVH_COLLECTOR_KEYS_MAX];
    size_t count = 0;
    size_t at = 0;
    (void)own;
    EVH_REQUIRE(cli->argument_count == 1, EVH_ERR_ARG, "expected the id of a key: keys retire ID");
    EVH_TRY(open_rotation(&r, cli));
    EVH_TRY(read_ring(&r, &ring, ids, &count));
    EVH_TRY(find_older(ids, count, cli->arguments[0], &at));
    memmove(&ids[at], &ids[at + 1], (count - at - 1) * sizeof ids[0]);
    EVH_TRY(write_ring(&r, ring, ids, count - 1));
    evh_cli_note(cli,
                 "Shares that were sealed to it can no longer be opened. Restart the service.");
done:
    evh_key_ring_free(&ring);
    close_rotation(&r);
    return status;
}
