/* SPDX-License-Identifier: Apache-2.0
 * From an invitation to a site that can send. Each step finds what an earlier run has made, so that
 * an interrupted one is simply repeated. */
#include "evenhand/service/enrol.h"
#include "evenhand/base/failpoint.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands_internal.h"
#include "evenhand/base/limits.h"
#include "evenhand/files/files.h"
#include "evenhand/seal/certificate.h"
#include "keys_internal.h"

enum { CONFIG_BYTES_MAX = 16384, NAME_MAX_LEN = EVH_CONFIG_NAME_BYTES_MAX, TEXT_BYTES_MAX = 8192 };

typedef struct enrol_run {
    evh_cli *cli;
    const evh_enrol_options *options;
    evh_invitation invitation;
    char name[NAME_MAX_LEN + 1]; /* of the files */
    evh_signing_key key;
    evh_buffer tls_key, certificate;
    evh_site site;
    evh_enrol_state state;
    char config_path[EVH_PATH_BYTES_MAX];
} enrol_run;

evh_status evh_enrol_set(void *own, int key, const char *value)
{
    evh_enrol_options *options = own;
    if (key == EVH_ENROL_KEY_NAME)
        options->name = value;
    else if (key == EVH_ENROL_KEY_PROXY)
        options->proxy = value;
    else
        options->dir = value;
    return evh_ok();
}

static evh_status path_of(const enrol_run *run, char out[EVH_PATH_BYTES_MAX], const char *end)
{
    const char *dir = run->options->dir;
    int len = snprintf(out, EVH_PATH_BYTES_MAX, "%s%s%s%s", dir != NULL ? dir : "",
                       dir != NULL ? "/" : "", run->name, end);
    return len > 0 && len < EVH_PATH_BYTES_MAX ? evh_ok()
                                               : evh_fail(EVH_ERR_ARG, "--dir is too long");
}

/* ---- the invitation ---- */

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* "St. Mary's" becomes "st-mary-s". */
static evh_status choose_name(enrol_run *run)
{
    evh_status status = evh_ok();
    const char *from = run->options->name != NULL ? run->options->name : run->invitation.name;
    size_t len = 0;
    if (run->options->name != NULL) {
        EVH_REQUIRE(strlen(from) <= NAME_MAX_LEN && strchr(from, '/') == NULL && from[0] != '\0',
                    EVH_ERR_ARG, "--name has 1 to %d letters, digits, dots, hyphens, underscores",
                    NAME_MAX_LEN);
        (void)snprintf(run->name, sizeof run->name, "%s", from);
        goto done;
    }
    for (; *from != '\0' && len < NAME_MAX_LEN; from++) {
        char c = *from;
        if (c >= 'A' && c <= 'Z')
            c = (char)(c + ('a' - 'A'));
        if (is_plain(c))
            run->name[len++] = c;
        else if (len > 0 && run->name[len - 1] != '-')
            run->name[len++] = '-';
    }
    while (len > 0 && run->name[len - 1] == '-')
        len--;
    run->name[len] = '\0';
    EVH_REQUIRE(len > 0, EVH_ERR_ARG, "give the name of your files with --name");

done:
    return status;
}

static evh_status read_invitation(enrol_run *run)
{
    evh_status status = evh_ok();
    evh_buffer bytes = evh_buffer_init(EVH_INVITATION_BYTES_MAX);
    EVH_REQUIRE(run->cli->argument_count == 1, EVH_ERR_ARG,
                "enrol needs one file: the invitation that the leader's operator gave you");
    EVH_TRY(evh_file_read_secret(&bytes, run->cli->arguments[0]));
    EVH_TRY(evh_invitation_read(&run->invitation, run->cli->arguments[0], evh_buffer_view(&bytes),
                                &run->cli->diagnostics));
    EVH_TRY(choose_name(run));

done:
    evh_buffer_clear(&bytes);
    return status;
}

/* ---- files ---- */

static evh_status ensure_signing_key(enrol_run *run)
{
    char path[EVH_PATH_BYTES_MAX];
    char name[EVH_KEY_NAME_LEN];
    uint8_t commitment[EVH_SHA256_LEN];
    const evh_rng rng = evh_rng_os();
    evh_status status = evh_ok();
    EVH_TRY(evh_customer_commit(commitment, &run->invitation.salt,
                                evh_view_of_text(run->invitation.name)));
    evh_customer_key_name(name, commitment);
    EVH_TRY(path_of(run, path, ".ed25519"));
    EVH_TRY(evh_keys_ensure(&run->key, path, evh_view_of_text(name), &rng));

done:
    return status;
}

static evh_status ensure_tls_key(enrol_run *run)
{
    char path[EVH_PATH_BYTES_MAX];
    evh_status status = evh_ok();
    EVH_TRY(path_of(run, path, ".key"));
    if (access(path, F_OK) == 0) {
        EVH_TRY(evh_file_read_secret(&run->tls_key, path));
        goto done;
    }
    EVH_TRY(evh_certificate_make_key(&run->tls_key));
    EVH_TRY(evh_file_create(path, evh_buffer_view(&run->tls_key), EVH_FILE_OWNER_ONLY));

done:
    return status;
}

/* A public file that must be as the invitation says. */
static evh_status ensure_ca(enrol_run *run)
{
    char path[EVH_PATH_BYTES_MAX];
    evh_buffer there = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    evh_status status = evh_ok();
    EVH_TRY(path_of(run, path, ".ca.pem"));
    if (access(path, F_OK) != 0) {
        EVH_TRY(evh_file_create(path, evh_buffer_view(&run->invitation.ca_pem), EVH_FILE_SHARED));
        goto done;
    }
    EVH_TRY(evh_file_read(&there, path));
    EVH_REQUIRE(evh_view_equal(evh_buffer_view(&there), evh_buffer_view(&run->invitation.ca_pem)),
                EVH_ERR_PRIVACY,
                "%s.ca.pem is not the invitation's; move it away if the invitation is right",
                run->name);

done:
    evh_buffer_clear(&there);
    return status;
}

static evh_status add_key(evh_buffer *out, const char *role, const evh_identity *identity)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_buffer_format(out, "  %s: ", role));
    EVH_TRY(evh_identity_format(out, identity));
    EVH_TRY(evh_buffer_u8(out, '\n'));

done:
    return status;
}

static evh_status format_config(evh_buffer *out, const enrol_run *run)
{
    const evh_invitation *from = &run->invitation;
    const char *n = run->name;
    evh_status status = evh_ok();
    EVH_TRY(evh_buffer_format(
        out,
        "# Made by `evenhand-client enrol`. Every key: docs/reference/configuration.md\n"
        "customer: %s\nleader: \"%s\"\n",
        n, from->leader_address));
    if (run->options->proxy != NULL)
        EVH_TRY(evh_buffer_format(out, "proxy: %s\n", run->options->proxy));
    EVH_TRY(evh_buffer_format(out,
                              "tls: {ca: %s.ca.pem, cert: %s.pem, key: %s.key}\n"
                              "signing_key: %s.ed25519\n"
                              "# Whom this site trusts, from the invitation.\ntrust:\n",
                              n, n, n, n));
    EVH_TRY(add_key(out, "log", &from->log));
    EVH_TRY(add_key(out, "leader", &from->leader));
    EVH_TRY(add_key(out, "helper", &from->helper));
    EVH_TRY(add_key(out, "collector", &from->collector));
    EVH_TRY(add_key(out, "witness", &from->witness));
    EVH_TRY(evh_buffer_format(out,
                              "ledger: %s.db\n"
                              "# Your own bounds, above anything a plan asks: fill them in.\n"
                              "# limits: {POPULATION: {epsilon: \"4\", per_year: true}}\n"
                              "policy: {plans: ask, smallest_group: 20}\n"
                              "# Whose data, and where: fill it in.\n"
                              "# data:\n#   population: POPULATION\n#   path: records.csv\n",
                              n));

done:
    return status;
}

static bool trusts_the_same(const evh_config_trust *trust, const evh_invitation *invitation)
{
    return evh_identity_equal(&trust->log, &invitation->log) &&
           evh_identity_equal(&trust->leader, &invitation->leader) &&
           evh_identity_equal(&trust->helper, &invitation->helper) &&
           evh_identity_equal(&trust->collector, &invitation->collector) && trust->has_witness &&
           evh_identity_equal(&trust->witness, &invitation->witness);
}

static evh_status check_config(enrol_run *run)
{
    evh_config *config = NULL;
    evh_buffer yaml = evh_buffer_init(EVH_PLAN_BYTES_MAX);
    evh_status status = evh_ok();
    EVH_TRY(evh_file_read(&yaml, run->config_path));
    EVH_TRY(evh_config_parse(&config, run->config_path, evh_buffer_view(&yaml),
                             &run->cli->diagnostics));
    EVH_TRY(evh_config_require(config, run->config_path,
                               EVH_CONFIG_NEED_SERVICE | EVH_CONFIG_NEED_SIGNING,
                               &run->cli->diagnostics));
    EVH_REQUIRE(trusts_the_same(&config->trust, &run->invitation), EVH_ERR_PRIVACY,
                "%s.yaml trusts other keys than the invitation names; ask their owners", run->name);

done:
    evh_config_free(&config);
    evh_buffer_clear(&yaml);
    return status;
}

static evh_status ensure_config(enrol_run *run)
{
    evh_buffer text = evh_buffer_init(CONFIG_BYTES_MAX);
    evh_status status = evh_ok();
    EVH_TRY(path_of(run, run->config_path, ".yaml"));
    if (access(run->config_path, F_OK) != 0) {
        EVH_TRY(format_config(&text, run));
        EVH_TRY(evh_file_create(run->config_path, evh_buffer_view(&text), EVH_FILE_SHARED));
    }
    EVH_TRY(check_config(run));

done:
    evh_buffer_clear(&text);
    return status;
}

/* ---- asking, and what comes of it ---- */

static evh_status ask(enrol_run *run)
{
    char path[EVH_PATH_BYTES_MAX];
    evh_status status = evh_ok();
    run->site.clock = evh_clock_os();
    EVH_TRY(evh_enrol_connect(&run->site, &run->invitation, run->options->proxy));
    EVH_TRY(evh_enrol_ask(&run->site, &run->state, &run->certificate, &run->invitation, &run->key,
                          evh_buffer_view(&run->tls_key)));
    EVH_REQUIRE(run->state != EVH_ENROL_REFUSED, EVH_ERR_REFUSED,
                "an operator has refused the request: ask the leader's or the helper's why");
    EVH_FAILPOINT("enrol-asked");
    if (run->certificate.len == 0)
        goto done;
    EVH_TRY(path_of(run, path, ".pem"));
    /* The only file that is ever replaced: a newer certificate for the same key. */
    EVH_TRY(evh_file_replace(path, evh_buffer_view(&run->certificate), EVH_FILE_SHARED));
    EVH_FAILPOINT("enrol-certificate");

done:
    return status;
}

static evh_status fill_json(void *context, evh_json *json)
{
    enrol_run *run = context;
    evh_status status = evh_ok();
    evh_buffer vkey = evh_buffer_init(EVH_VKEY_TEXT_MAX);
    EVH_TRY(evh_identity_format(&vkey, &run->key.identity));
    evh_json_text(json, "organisation", run->invitation.name);
    evh_json_view(json, "customer", evh_buffer_view(&vkey));
    evh_json_text(json, "configuration", run->config_path);
    evh_json_text(json, "state", run->certificate.len > 0 ? "enrolled" : "waiting");

done:
    evh_buffer_clear(&vkey);
    return status;
}

static evh_status write_text(enrol_run *run)
{
    evh_status status = evh_ok();
    evh_buffer out = evh_buffer_init(TEXT_BYTES_MAX);
    EVH_TRY(evh_buffer_format(&out, "%s\nYour key: ", run->invitation.name));
    EVH_TRY(evh_identity_format(&out, &run->key.identity));
    if (run->certificate.len > 0)
        EVH_TRY(evh_buffer_format(
            &out,
            "\nYou are enrolled. Next: fill in limits: and data: in %s, then\n"
            "  evenhand-client check -c %s\n"
            "Back up %s.ed25519 and %s.ed25519.order; the invitation can be destroyed.\n",
            run->config_path, run->config_path, run->name, run->name));
    else
        EVH_TRY(evh_buffer_format(
            &out,
            "\nThe leader has the request. The operators of leader and helper now approve it: tell "
            "them the key above, by another way than this service.\n"
            "Then run the same command again: it fetches your certificate.\n"));
    EVH_TRY(evh_cli_write(run->cli, evh_buffer_view(&out)));

done:
    evh_buffer_clear(&out);
    return status;
}

evh_status evh_command_enrol(evh_cli *cli, void *own)
{
    evh_status status = evh_ok();
    enrol_run run = {.cli = cli,
                     .options = own,
                     .invitation = evh_invitation_init(),
                     .tls_key = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX),
                     .certificate = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX)};
    EVH_TRY(read_invitation(&run));
    EVH_TRY(ensure_signing_key(&run));
    EVH_FAILPOINT("enrol-key");
    EVH_TRY(ensure_tls_key(&run));
    EVH_FAILPOINT("enrol-tls-key");
    EVH_TRY(ensure_ca(&run));
    EVH_FAILPOINT("enrol-ca");
    EVH_TRY(ensure_config(&run));
    EVH_FAILPOINT("enrol-config");
    EVH_TRY(ask(&run));
    if (cli->common.json)
        EVH_TRY(evh_session_write_json(cli, fill_json, &run));
    else
        EVH_TRY(write_text(&run));

done:
    evh_site_close(&run.site);
    evh_buffer_clear(&run.tls_key);
    evh_buffer_clear(&run.certificate);
    evh_signing_key_clear(&run.key);
    evh_invitation_clear(&run.invitation);
    return status;
}
