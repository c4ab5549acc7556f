/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "evenhand/aggregator/create.h"
#include "evenhand/base/limits.h"
#include "evenhand/json/writer.h"
#include "setup_commands_internal.h"

/* ---- options ---- */

static evh_status add(const char **list, size_t *count, size_t most, const char *value,
                      const char *option)
{
    if (*count == most)
        return evh_fail(EVH_ERR_ARG, "--%s is given more than %zu times", option, most);
    list[(*count)++] = value;
    return evh_ok();
}

evh_status evh_init_set(void *own, int key, const char *value)
{
    evh_init_options *options = own;
    switch (key) {
    case 'N':
        options->name = value;
        return evh_ok();
    case 'l':
        options->listen = value;
        return evh_ok();
    case 'H':
        return add(options->hosts, &options->host_count, EVH_SETTINGS_HOSTS_MAX, value, "host");
    case EVH_INIT_KEY_ADDRESS:
        options->address = value;
        return evh_ok();
    case EVH_INIT_KEY_METRICS:
        options->metrics = value;
        return evh_ok();
    default:
        return add(options->peers, &options->peer_count, EVH_INIT_PEERS_MAX, value, "peer");
    }
}

static evh_status copy_address(char out[EVH_ADDRESS_LEN], const char *text, const char *option)
{
    char host[EVH_HOST_LEN];
    uint16_t port = 0;
    evh_status status = evh_address_read(host, &port, evh_view_of_text(text));
    if (status.code != EVH_OK)
        return evh_status_in(status, "--%s", option);
    evh_address_write(out, host, port);
    return status;
}

static evh_status copy_host(evh_settings *settings, const char *host)
{
    if (!evh_host_is_good(host) || strlen(host) >= EVH_HOST_LEN)
        return evh_fail(EVH_ERR_ARG, "--host: expected a host name or an IP address");
    for (size_t i = 0; i < settings->host_count; i++)
        if (strcmp(settings->hosts[i], host) == 0)
            return evh_ok();
    if (settings->host_count == EVH_SETTINGS_HOSTS_MAX)
        return evh_fail(EVH_ERR_ARG, "more than %d hosts", EVH_SETTINGS_HOSTS_MAX);
    memcpy(settings->hosts[settings->host_count++], host, strlen(host) + 1);
    return evh_ok();
}

/* The certificate must carry the name by which the others call, so the host of the address is always
 * among its names. */
static evh_status server_settings(evh_settings *settings, const evh_init_options *options)
{
    evh_status status = evh_ok();
    char host[EVH_HOST_LEN];
    uint16_t port = 0;
    uint16_t public_port = 0;
    EVH_REQUIRE(options->listen != NULL, EVH_ERR_ARG,
                "--listen HOST:PORT is missing, for example --listen 0.0.0.0:8443");
    EVH_TRY(copy_address(settings->listen, options->listen, "listen"));
    EVH_TRY(evh_address_read(host, &port, evh_view_of_text(settings->listen)));
    if (options->address != NULL) {
        EVH_TRY(copy_address(settings->address, options->address, "address"));
    } else {
        EVH_REQUIRE(
            options->host_count > 0 || (strcmp(host, "0.0.0.0") != 0 && strcmp(host, "::") != 0),
            EVH_ERR_ARG, "give the name by which the others reach it: --host leader.example");
        EVH_TRY(copy_host(settings, options->host_count > 0 ? options->hosts[0] : host));
        evh_address_write(settings->address, settings->hosts[0], port);
    }
    EVH_TRY(evh_address_read(host, &public_port, evh_view_of_text(settings->address)));
    EVH_TRY(copy_host(settings, host));
    for (size_t i = 0; i < options->host_count; i++)
        EVH_TRY(copy_host(settings, options->hosts[i]));
done:
    return status;
}

static evh_status make_settings(evh_settings *settings, const char *word,
                                const evh_init_options *options)
{
    static const evh_role roles[] = {EVH_ROLE_LEADER, EVH_ROLE_HELPER, EVH_ROLE_COLLECTOR};
    evh_status status = evh_ok();
    evh_role role = (evh_role)0;
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
        if (strcmp(word, evh_party_word(roles[i])) == 0)
            role = roles[i];
    EVH_REQUIRE(role != 0, EVH_ERR_ARG, "%.40s: expected leader, helper or collector", word);
    *settings = evh_settings_default(role);
    EVH_REQUIRE(options->name != NULL, EVH_ERR_ARG,
                "--name N is missing, for example --name %s.example", word);
    EVH_TRY(evh_party_name_check(options->name));
    memcpy(settings->name, options->name, strlen(options->name) + 1);
    if (options->metrics != NULL)
        EVH_TRY(copy_address(settings->metrics, options->metrics, "metrics"));
    if (role != EVH_ROLE_COLLECTOR)
        EVH_TRY(server_settings(settings, options));
    else
        EVH_REQUIRE(options->listen == NULL && options->host_count == 0 && options->address == NULL,
                    EVH_ERR_ARG,
                    "a collector calls and is never called: no --listen, --host or --address");
done:
    return status;
}

/* ---- showing ---- */

static evh_status show(evh_cli *cli, const evh_introduction *in, const char *what,
                       const char *folder)
{
    evh_status status = evh_ok();
    char fingerprint[EVH_FINGERPRINT_TEXT_LEN];
    evh_buffer out = evh_buffer_init(EVH_PLAN_BYTES_MAX);
    evh_buffer vkey = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    evh_json json = evh_json_writer(&out);
    evh_fingerprint_text(fingerprint, in->fingerprint);
    EVH_TRY(evh_identity_format(&vkey, &in->identity));
    if (cli->common.json) {
        evh_json_object_open(&json, NULL);
        evh_json_text(&json, "done", what);
        evh_json_text(&json, "folder", folder);
        evh_json_text(&json, "role", evh_party_word(in->role));
        evh_json_text(&json, "name", in->name);
        evh_json_view(&json, "identity", evh_buffer_view(&vkey));
        evh_json_text(&json, "fingerprint", fingerprint);
        evh_json_close(&json);
        EVH_TRY(evh_json_end(&json));
    } else {
        EVH_TRY(evh_buffer_format(&out, "%s %s (%s)\nfingerprint %s\n", what, in->name,
                                  evh_party_word(in->role), fingerprint));
    }
    EVH_TRY(evh_cli_write(cli, evh_buffer_view(&out)));
done:
    evh_buffer_clear(&vkey);
    evh_buffer_clear(&out);
    return status;
}

static evh_status config_path(char out[EVH_PATH_BYTES_MAX], const char *folder)
{
    int len = snprintf(out, EVH_PATH_BYTES_MAX, "%s/%s", folder, EVH_FILE_SETTINGS);
    return len > 0 && len < EVH_PATH_BYTES_MAX ? evh_ok()
                                               : evh_fail(EVH_ERR_ARG, "the path is too long");
}

/* ---- init ROLE DIR ---- */

static evh_status create(evh_cli *cli, const evh_init_options *options)
{
    evh_status status = evh_ok();
    const evh_clock clock = evh_clock_os();
    const evh_rng rng = evh_rng_os();
    evh_settings settings;
    char config[EVH_PATH_BYTES_MAX];
    evh_introduction own = evh_introduction_init();
    EVH_REQUIRE(cli->argument_count == 2, EVH_ERR_ARG,
                "expected: init leader|helper|collector DIR, or init --peer FILE DIR");
    EVH_TRY(make_settings(&settings, cli->arguments[0], options));
    EVH_TRY(evh_deployment_create(cli->arguments[1], &settings, &clock, &rng));
    EVH_TRY(config_path(config, cli->arguments[1]));
    EVH_TRY(evh_layout_read_introduction(&own, config, EVH_FILE_INTRODUCTION, &cli->diagnostics));
    EVH_TRY(show(cli, &own, "made", cli->arguments[1]));
    evh_cli_note(cli,
                 "Give %s/" EVH_FILE_INTRODUCTION " to the other two parties and take theirs:\n"
                 "  evenhand-aggregator init --peer FILE %s",
                 cli->arguments[1], cli->arguments[1]);
done:
    evh_introduction_clear(&own);
    return status;
}

/* ---- init --peer FILE DIR ---- */

static bool all_known(const char *config, const evh_settings *settings)
{
    static const evh_role roles[] = {EVH_ROLE_LEADER, EVH_ROLE_HELPER, EVH_ROLE_COLLECTOR};
    char path[EVH_PATH_BYTES_MAX];
    bool all = true;
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        const char *name = evh_layout_introduction(settings, roles[i]);
        all = all && evh_path_resolve(path, config, evh_view_of_text(name)).code == EVH_OK &&
              evh_file_exists(path);
    }
    return all;
}

/* A leader's log begins with the keys of all three, so that is written as soon as they are known;
 * and whoever has just been paired learns now, and not at the first start, what is wrong. */
static evh_status first_start(evh_cli *cli, const char *config)
{
    evh_status status = evh_ok();
    evh_deployment *deployment = NULL;
    bool restored = false;
    const evh_deployment_options options = {.config = config,
                                            .use = EVH_DEPLOYMENT_RUN,
                                            .clock = evh_clock_os(),
                                            .rng = evh_rng_os(),
                                            .diagnostics = &cli->diagnostics};
    EVH_TRY(evh_deployment_open(&deployment, &options));
    EVH_TRY(evh_deployment_start(deployment, &restored));
done:
    evh_deployment_close(&deployment);
    return status;
}

static evh_status pair_one(evh_cli *cli, const char *config, const char *file, bool *is_new)
{
    static const char *const words[] = {"paired with", "unchanged:", "renewed"};
    evh_status status = evh_ok();
    evh_pairing pairing = EVH_PAIRING_SAME;
    evh_introduction peer = evh_introduction_init();
    EVH_TRY(evh_deployment_pair(&peer, &pairing, config, file, &cli->diagnostics));
    *is_new = *is_new || pairing == EVH_PAIRING_NEW;
    EVH_TRY(show(cli, &peer, words[pairing], cli->arguments[0]));
    if (pairing == EVH_PAIRING_RENEWED)
        evh_cli_note(cli, "Restart this party's service: it reads its peers when it starts.");
done:
    evh_introduction_clear(&peer);
    return status;
}

static evh_status pair(evh_cli *cli, const evh_init_options *options)
{
    evh_status status = evh_ok();
    evh_settings settings;
    char config[EVH_PATH_BYTES_MAX];
    bool is_new = false;
    EVH_REQUIRE(cli->argument_count == 1 && options->name == NULL && options->listen == NULL,
                EVH_ERR_ARG, "expected: init --peer FILE DIR, and no other option");
    EVH_TRY(config_path(config, cli->arguments[0]));
    for (size_t i = 0; i < options->peer_count; i++)
        EVH_TRY(pair_one(cli, config, options->peers[i], &is_new));
    evh_cli_note(cli, "Compare each fingerprint with its owner before you start the service.");
    EVH_TRY(evh_layout_settings(&settings, config, &cli->diagnostics));
    if (is_new && all_known(config, &settings)) {
        EVH_TRY(first_start(cli, config));
        evh_cli_note(cli,
                     "All three parties know each other here. Start: evenhand-aggregator %s "
                     "-c %s",
                     evh_party_word(settings.role), config);
    }
done:
    return status;
}

evh_status evh_command_init(evh_cli *cli, void *own)
{
    const evh_init_options *options = own;
    return options->peer_count > 0 ? pair(cli, options) : create(cli, options);
}
