/* SPDX-License-Identifier: Apache-2.0
 * keys list: what this party has and what it has pinned. Public parts only. */
#include <stdio.h>
#include <string.h>

#include "evenhand/base/limits.h"
#include "evenhand/cli/table.h"
#include "evenhand/json/writer.h"
#include "evenhand/seal/certificate.h"
#include "setup_commands_internal.h"

enum { MS_PER_S = 1000, DAY_S = 86400, OUT_BYTES_MAX = 1 << 20, SHORT_ID_LEN = 8 };

typedef struct listing {
    evh_cli *cli;
    const char *config;
    evh_settings settings;
    evh_table table;
    evh_buffer out;
    evh_json json;
    int64_t now_s;
} listing;

/* until_s 0: it does not expire. */
static evh_status add(listing *l, const char *what, const char *name, const char *id,
                      int64_t until_s)
{
    evh_status status = evh_ok();
    char until[EVH_TIME_TEXT_LEN] = "";
    if (until_s != 0) {
        evh_time_format(until, until_s * MS_PER_S);
        until[sizeof "2026-01-01" - 1] = '\0';
    }
    if (l->cli->common.json) {
        evh_json_row_open(&l->json, NULL);
        evh_json_text(&l->json, "what", what);
        evh_json_text(&l->json, "name", name);
        evh_json_text(&l->json, "id", id);
        if (until_s != 0) {
            evh_json_text(&l->json, "valid_until", until);
            evh_json_i64(&l->json, "days_left", (until_s - l->now_s) / DAY_S);
        }
        evh_json_close(&l->json);
        return l->json.status;
    }
    EVH_TRY(evh_table_add(&l->table, "%s", what));
    EVH_TRY(evh_table_add(&l->table, "%s", name));
    EVH_TRY(evh_table_add(&l->table, "%s", until));
    EVH_TRY(evh_table_add(&l->table, "%s", id));
done:
    return status;
}

static evh_status add_identity(listing *l, const char *what, const evh_identity *identity)
{
    evh_status status = evh_ok();
    evh_buffer text = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    if (identity->name[0] == '\0')
        goto done;
    EVH_TRY(evh_identity_format(&text, identity));
    EVH_TRY(evh_buffer_u8(&text, 0));
    EVH_TRY(add(l, what, "", (const char *)text.data, 0));
done:
    evh_buffer_clear(&text);
    return status;
}

static evh_status add_pem(listing *l, const char *what, const char *name, evh_view pem)
{
    evh_status status = evh_ok();
    evh_certificate_facts facts;
    char fingerprint[EVH_FINGERPRINT_TEXT_LEN];
    if (pem.len == 0)
        goto done;
    EVH_TRY(evh_status_in(evh_certificate_read(&facts, pem), "%s", name));
    evh_fingerprint_text(fingerprint, facts.fingerprint);
    EVH_TRY(add(l, what, name, fingerprint, facts.not_after_s));
done:
    return status;
}

static evh_status add_file(listing *l, const char *name)
{
    evh_status status = evh_ok();
    evh_buffer pem = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    EVH_TRY(evh_layout_read(&pem, l->config, name));
    EVH_TRY(add_pem(l, "certificate", name, evh_buffer_view(&pem)));
done:
    evh_buffer_clear(&pem);
    return status;
}

static evh_status add_collector_keys(listing *l)
{
    evh_status status = evh_ok();
    evh_key_ring *ring = NULL;
    evh_key_id ids[EVH_COLLECTOR_KEYS_MAX];
    size_t count = 0;
    char hex[2 * SHORT_ID_LEN + 1];
    evh_buffer text = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    EVH_TRY(evh_key_ring_new(&ring));
    EVH_TRY(evh_layout_read_secret(&text, l->config, EVH_FILE_COLLECTOR_KEYS));
    EVH_TRY(evh_collector_keys_read(ring, ids, &count, evh_buffer_view(&text)));
    for (size_t i = 0; i < count; i++) {
        evh_hex_encode(hex, evh_view_of(ids[i].bytes, SHORT_ID_LEN));
        EVH_TRY(add(l, "collector key", i == 0 ? "current" : "older", hex, 0));
    }
done:
    evh_key_ring_free(&ring);
    evh_buffer_clear(&text);
    return status;
}

static evh_status add_party(listing *l, evh_role role)
{
    evh_status status = evh_ok();
    evh_introduction in = evh_introduction_init();
    const char *name = evh_layout_introduction(&l->settings, role);
    bool own = role == l->settings.role;
    char what[64];
    char path[EVH_PATH_BYTES_MAX];
    EVH_TRY(evh_path_resolve(path, l->config, evh_view_of_text(name)));
    if (!own && !evh_file_exists(path))
        goto done;
    EVH_TRY(evh_layout_read_introduction(&in, l->config, name, &l->cli->diagnostics));
    (void)snprintf(what, sizeof what, "%s identity", evh_party_word(role));
    EVH_TRY(add_identity(l, what, &in.identity));
    EVH_TRY(add_identity(l, "log", &in.log));
    EVH_TRY(add_identity(l, "witness", &in.witness));
    (void)snprintf(what, sizeof what, "%s pinned", evh_party_word(role));
    if (!own) {
        EVH_TRY(add_pem(l, what, "authority", evh_buffer_view(&in.ca_pem)));
        EVH_TRY(add_pem(l, what, "client", evh_buffer_view(&in.client_pem)));
    }
done:
    evh_introduction_clear(&in);
    return status;
}

static evh_status add_all(listing *l)
{
    static const char *const served[] = {EVH_FILE_CA, EVH_FILE_SERVER, EVH_FILE_OPERATOR};
    static const evh_role roles[] = {EVH_ROLE_LEADER, EVH_ROLE_HELPER, EVH_ROLE_COLLECTOR};
    evh_status status = evh_ok();
    for (size_t i = 0; i < 3; i++)
        EVH_TRY(add_party(l, roles[i]));
    if (l->settings.role == EVH_ROLE_COLLECTOR)
        EVH_TRY(add_collector_keys(l));
    else
        for (size_t i = 0; i < sizeof served / sizeof served[0]; i++)
            EVH_TRY(add_file(l, served[i]));
    EVH_TRY(add_file(l, EVH_FILE_CLIENT));
done:
    return status;
}

static evh_status write_listing(listing *l)
{
    static const char *const heading[] = {"WHAT", "NAME", "VALID UNTIL", "ID"};
    evh_status status = evh_ok();
    if (l->cli->common.json) {
        evh_json_array_open(&l->json, NULL);
        EVH_TRY(add_all(l));
        evh_json_close(&l->json);
        EVH_TRY(evh_json_end(&l->json));
        goto done;
    }
    for (size_t i = 0; i < sizeof heading / sizeof heading[0]; i++)
        EVH_TRY(evh_table_add(&l->table, "%s", heading[i]));
    EVH_TRY(add_all(l));
    EVH_TRY(evh_table_format(&l->out, &l->table));
done:
    return status;
}

evh_status evh_command_keys_list(evh_cli *cli, void *own)
{
    evh_status status = evh_ok();
    const evh_clock clock = evh_clock_os();
    listing l = {.cli = cli,
                 .config = cli->common.config,
                 .table = evh_table_of(4),
                 .out = evh_buffer_init(OUT_BYTES_MAX),
                 .now_s = evh_clock_wall_ms(&clock) / MS_PER_S};
    (void)own;
    l.json = evh_json_writer(&l.out);
    EVH_TRY(evh_cli_need(cli, EVH_CLI_TAKES_CONFIG));
    EVH_TRY(evh_layout_settings(&l.settings, l.config, &cli->diagnostics));
    EVH_TRY(write_listing(&l));
    EVH_TRY(evh_cli_write(cli, evh_buffer_view(&l.out)));
done:
    evh_table_clear(&l.table);
    evh_buffer_clear(&l.out);
    return status;
}
