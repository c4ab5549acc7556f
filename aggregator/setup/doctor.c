/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "certificates_internal.h"
#include "evenhand/base/limits.h"
#include "evenhand/seal/certificate.h"
#include "evenhand/store/sqlite.h"
#include "evenhand/translog/translog.h"
#include "log_check_internal.h"

enum { OUT_BYTES_MAX = 1 << 20, LINE_LEN = 400, CLOCK_TOLERANCE_S = 300 };

#define MEBIBYTE (UINT64_C(1) << 20)

/* ---- lines ---- */

void evh_doctor_line(evh_doctor *doctor, evh_finding finding, const char *what, const char *format,
                     ...)
{
    static const char *const words[] = {"ok", "warn", "BAD", "skip"};
    static const char *const json_words[] = {"ok", "warning", "bad", "left_out"};
    char text[LINE_LEN];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    doctor->bad = doctor->bad || finding == EVH_FINDING_BAD;
    if (doctor->cli->common.json) {
        evh_json_row_open(&doctor->json, NULL);
        evh_json_text(&doctor->json, "finding", json_words[finding]);
        evh_json_text(&doctor->json, "what", what);
        evh_json_text(&doctor->json, "text", text);
        evh_json_close(&doctor->json);
    } else {
        evh_status status =
            evh_buffer_format(&doctor->out, "%-4s  %s: %s\n", words[finding], what, text);
        if (status.code != EVH_OK)
            doctor->failure = status;
    }
}

void evh_doctor_status(evh_doctor *doctor, const char *what, evh_status status, const char *good)
{
    if (status.code == EVH_OK)
        evh_doctor_line(doctor, EVH_FINDING_GOOD, what, "%s", good);
    else
        evh_doctor_line(doctor, EVH_FINDING_BAD, what, "%s", status.text);
}

void evh_doctor_days(evh_doctor *doctor, const char *what, const char *renew, evh_view pem)
{
    evh_certificate_facts facts;
    if (evh_certificate_read(&facts, pem).code != EVH_OK) {
        evh_doctor_line(doctor, EVH_FINDING_BAD, what, "the certificate cannot be read");
        return;
    }
    long long days = (long long)((facts.not_after_s - doctor->now_s) / EVH_DOCTOR_DAY_S);
    if (doctor->now_s >= facts.not_after_s)
        evh_doctor_line(doctor, EVH_FINDING_BAD, what, "expired: %s", renew);
    else if (doctor->now_s < facts.not_before_s)
        evh_doctor_line(doctor, EVH_FINDING_BAD, what,
                        "not valid yet: check the clock of this machine, then that of its maker");
    else if (days < EVH_DOCTOR_WARN_DAYS)
        evh_doctor_line(doctor, EVH_FINDING_WARN, what, "%lld days left: %s", days, renew);
    else
        evh_doctor_line(doctor, EVH_FINDING_GOOD, what, "%lld days left", days);
}

evh_introduction *evh_doctor_party(evh_doctor *doctor, evh_role role)
{
    if (role == EVH_ROLE_LEADER)
        return &doctor->leader;
    return role == EVH_ROLE_HELPER ? &doctor->helper : &doctor->collector;
}

/* ---- files and permissions ---- */

static void check_folder(evh_doctor *doctor)
{
    char path[EVH_PATH_BYTES_MAX];
    struct stat found;
    if (evh_path_resolve(path, doctor->config, evh_view_of_text(".")).code != EVH_OK ||
        stat(path, &found) != 0)
        evh_doctor_line(doctor, EVH_FINDING_BAD, "folder", "cannot be looked into");
    else if (found.st_uid != geteuid())
        evh_doctor_line(doctor, EVH_FINDING_WARN, "folder",
                        "belongs to another user: run doctor as the user of the service");
    else if ((found.st_mode & 0077U) != 0)
        evh_doctor_line(doctor, EVH_FINDING_BAD, "folder", "open to other users: chmod 700 it");
    else
        evh_doctor_line(doctor, EVH_FINDING_GOOD, "folder", "for its owner only");
}

static void check_secret(evh_doctor *doctor, const char *name)
{
    char path[EVH_PATH_BYTES_MAX];
    evh_status status = evh_path_resolve(path, doctor->config, evh_view_of_text(name));
    if (status.code == EVH_OK)
        status = evh_file_check_secret(path);
    evh_doctor_status(doctor, name, status, "for its owner only");
}

static void check_secrets(evh_doctor *doctor)
{
    check_secret(doctor, EVH_FILE_IDENTITY);
    check_secret(doctor, EVH_FILE_CLIENT_KEY);
    if (doctor->settings.role == EVH_ROLE_LEADER)
        check_secret(doctor, EVH_FILE_LOG_KEY);
    if (doctor->settings.role == EVH_ROLE_HELPER)
        check_secret(doctor, EVH_FILE_WITNESS_KEY);
    if (doctor->settings.role == EVH_ROLE_COLLECTOR) {
        check_secret(doctor, EVH_FILE_COLLECTOR_KEYS);
        return;
    }
    check_secret(doctor, EVH_FILE_CA_KEY);
    check_secret(doctor, EVH_FILE_SERVER_KEY);
    check_secret(doctor, EVH_FILE_OPERATOR_KEY);
}

/* ---- introductions and certificates ---- */

static void check_party(evh_doctor *doctor, evh_role role)
{
    const char *name = evh_layout_introduction(&doctor->settings, role);
    evh_introduction *in = evh_doctor_party(doctor, role);
    char path[EVH_PATH_BYTES_MAX];
    char fingerprint[EVH_FINGERPRINT_TEXT_LEN];
    const char *word = evh_party_word(role);
    if (evh_path_resolve(path, doctor->config, evh_view_of_text(name)).code != EVH_OK ||
        !evh_file_exists(path)) {
        evh_doctor_line(doctor, EVH_FINDING_BAD, word,
                        "not known yet: init --peer FILE DIR, with its introduction");
        return;
    }
    evh_status status =
        evh_layout_read_introduction(in, doctor->config, name, &doctor->cli->diagnostics);
    evh_fingerprint_text(fingerprint, in->fingerprint);
    evh_doctor_status(doctor, word, status, fingerprint);
    if (status.code != EVH_OK || role == doctor->settings.role)
        return;
    char what[64];
    (void)snprintf(what, sizeof what, "%s's client certificate", word);
    evh_doctor_days(doctor, what, "ask it for 'keys rotate client' and its introduction",
                    evh_buffer_view(&in->client_pem));
}

static void check_certificate(evh_doctor *doctor, const char *cert, const char *key,
                              const char *renew, const evh_buffer *ca, const char *host)
{
    evh_pem_pair pair;
    char advice[64] = "restore it or make the deployment anew";
    evh_pem_pair_init(&pair);
    if (renew != NULL)
        (void)snprintf(advice, sizeof advice, "renew it: keys rotate %s", renew);
    evh_status status = evh_layout_read(&pair.cert, doctor->config, cert);
    if (status.code == EVH_OK)
        status = evh_layout_read_secret(&pair.key, doctor->config, key);
    if (status.code == EVH_OK)
        status = evh_deployment_check_pair(
            cert, renew, evh_buffer_view(ca != NULL ? ca : &pair.cert), &pair, host, doctor->now_s);
    if (status.code == EVH_OK)
        evh_doctor_days(doctor, cert, advice, evh_buffer_view(&pair.cert));
    else
        evh_doctor_status(doctor, cert, status, "");
    evh_pem_pair_clear(&pair);
}

static void check_certificates(evh_doctor *doctor)
{
    char host[EVH_HOST_LEN];
    uint16_t port = 0;
    evh_buffer ca = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    check_certificate(doctor, EVH_FILE_CLIENT, EVH_FILE_CLIENT_KEY, "client", NULL, NULL);
    if (doctor->settings.role == EVH_ROLE_COLLECTOR)
        return;
    check_certificate(doctor, EVH_FILE_CA, EVH_FILE_CA_KEY, NULL, NULL, NULL);
    if (evh_layout_read(&ca, doctor->config, EVH_FILE_CA).code == EVH_OK &&
        evh_address_read(host, &port, evh_view_of_text(doctor->settings.address)).code == EVH_OK) {
        check_certificate(doctor, EVH_FILE_SERVER, EVH_FILE_SERVER_KEY, "tls", &ca, host);
        check_certificate(doctor, EVH_FILE_OPERATOR, EVH_FILE_OPERATOR_KEY, "tls", &ca, NULL);
    }
    evh_buffer_clear(&ca);
}

/* ---- disk, store, clock ---- */

static void check_disk(evh_doctor *doctor)
{
    char path[EVH_PATH_BYTES_MAX];
    struct statvfs disk;
    if (evh_path_resolve(path, doctor->config, evh_view_of_text(".")).code != EVH_OK ||
        statvfs(path, &disk) != 0)
        return;
    unsigned long long free_mib = disk.f_bavail * disk.f_frsize / MEBIBYTE;
    if (free_mib < 100)
        evh_doctor_line(doctor, EVH_FINDING_BAD, "disk", "%llu MiB free: make room", free_mib);
    else
        evh_doctor_line(doctor, free_mib < 1024 ? EVH_FINDING_WARN : EVH_FINDING_GOOD, "disk",
                        "%llu MiB free", free_mib);
}

/* The only time of somebody else's clock that lies here is in the log: its newest entry was written
 * by the leader, and cannot lie in the future. */
static void check_clock(evh_doctor *doctor, evh_store *store)
{
    uint64_t written_ms = 0;
    if (evh_store_begin(store).code != EVH_OK)
        return;
    evh_status status = evh_translog_time(store, 0, &written_ms);
    evh_store_rollback(store);
    int64_t ahead_s = (int64_t)(written_ms / EVH_DOCTOR_MS_PER_S) - doctor->now_s;
    if (status.code == EVH_OK && ahead_s > CLOCK_TOLERANCE_S)
        evh_doctor_line(doctor, EVH_FINDING_BAD, "clock",
                        "%lld s behind the newest entry of the log: set it, with NTP",
                        (long long)ahead_s);
    else
        evh_doctor_line(doctor, EVH_FINDING_GOOD, "clock",
                        "not behind the log (whether it is ahead cannot be seen from here)");
}

static void check_published(evh_doctor *doctor, evh_store *store)
{
    char path[EVH_PATH_BYTES_MAX];
    bool behind = false;
    evh_status status =
        evh_path_resolve(path, doctor->config, evh_view_of_text(EVH_FILE_PUBLISHED));
    if (doctor->leader.role == 0)
        return;
    if (status.code == EVH_OK)
        status = evh_log_confront(store, &doctor->leader.log, path, false, &behind);
    if (status.code == EVH_OK && behind)
        evh_doctor_line(doctor, EVH_FINDING_WARN, "published",
                        "the store is older than what was published: rounds will be voided");
    else
        evh_doctor_status(doctor, "published", status, "the log reaches what was published");
}

static void check_epoch(evh_doctor *doctor, evh_store *store)
{
    char path[EVH_PATH_BYTES_MAX];
    bool restored = false;
    evh_status status = evh_path_resolve(path, doctor->config, evh_view_of_text(EVH_FILE_EPOCH));
    if (status.code == EVH_OK)
        status = evh_epoch_check(store, path, &restored);
    if (status.code == EVH_OK && restored)
        evh_doctor_line(doctor, EVH_FINDING_WARN, "epoch",
                        "the store was put back from a copy: the next start voids open rounds");
    else
        evh_doctor_status(doctor, "epoch", status, "the store is the one that was here last");
}

static void check_store(evh_doctor *doctor)
{
    char path[EVH_PATH_BYTES_MAX];
    char good[64];
    evh_store *store = NULL;
    uint64_t size = 0;
    evh_status status =
        evh_path_resolve(path, doctor->config, evh_view_of_text(doctor->settings.store));
    if (status.code == EVH_OK)
        status = evh_store_sqlite_open(&store, path);
    if (status.code == EVH_ERR_STORE && strstr(status.text, "locked") != NULL) {
        evh_doctor_line(doctor, EVH_FINDING_LEFT_OUT, "store",
                        "in use: the service is running; stop it to check its store");
        return;
    }
    if (status.code == EVH_OK)
        status = evh_log_check(store, &doctor->leader.log, &size);
    (void)snprintf(good, sizeof good, "whole; its log has %llu entries", (unsigned long long)size);
    evh_doctor_status(doctor, "store", status, good);
    if (status.code == EVH_OK) {
        check_published(doctor, store);
        check_epoch(doctor, store);
        check_clock(doctor, store);
    }
    evh_store_close(&store);
}

static void check_vault(evh_doctor *doctor)
{
    char path[EVH_PATH_BYTES_MAX];
    char good[64];
    evh_file_vault *vault = NULL;
    size_t count = 0;
    if (doctor->settings.role == EVH_ROLE_COLLECTOR)
        return;
    evh_status status =
        evh_path_resolve(path, doctor->config, evh_view_of_text(doctor->settings.vault));
    if (status.code == EVH_OK)
        status = evh_file_vault_open(&vault, path);
    if (status.code == EVH_OK)
        status = evh_file_vault_count(vault, &count);
    (void)snprintf(good, sizeof good, "secrets of %zu rounds", count);
    evh_doctor_status(doctor, "vault", status, good);
    evh_file_vault_close(&vault);
}

/* ---- all of it ---- */

/* Last, because it says what the lines above cannot: that all of it fits together. */
static void check_whole(evh_doctor *doctor)
{
    evh_deployment *deployment = NULL;
    const evh_deployment_options options = {.config = doctor->config,
                                            .use = EVH_DEPLOYMENT_RUN,
                                            .clock = evh_clock_os(),
                                            .rng = evh_rng_os(),
                                            .diagnostics = &doctor->cli->diagnostics};
    evh_status status = evh_deployment_open(&deployment, &options);
    evh_deployment_close(&deployment);
    if (status.code == EVH_ERR_STORE && strstr(status.text, "locked") != NULL)
        evh_doctor_line(doctor, EVH_FINDING_GOOD, "start", "nothing but the running service");
    else
        evh_doctor_status(doctor, "start", status, "nothing stands in the way");
}

static evh_status examine(evh_doctor *doctor)
{
    static const evh_role roles[] = {EVH_ROLE_LEADER, EVH_ROLE_HELPER, EVH_ROLE_COLLECTOR};
    evh_status status = evh_ok();
    check_folder(doctor);
    status = evh_layout_settings(&doctor->settings, doctor->config, &doctor->cli->diagnostics);
    evh_doctor_status(doctor, EVH_FILE_SETTINGS, status, "read");
    if (status.code != EVH_OK)
        return evh_ok();
    check_secrets(doctor);
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
        check_party(doctor, roles[i]);
    check_certificates(doctor);
    check_vault(doctor);
    check_disk(doctor);
    check_store(doctor);
    evh_doctor_peers(doctor);
    check_whole(doctor);
    return doctor->failure;
}

evh_status evh_command_doctor(evh_cli *cli, void *own)
{
    evh_status status = evh_ok();
    const evh_clock clock = evh_clock_os();
    evh_doctor doctor = {.cli = cli,
                         .config = cli->common.config,
                         .leader = evh_introduction_init(),
                         .helper = evh_introduction_init(),
                         .collector = evh_introduction_init(),
                         .now_s = evh_clock_wall_ms(&clock) / EVH_DOCTOR_MS_PER_S,
                         .out = evh_buffer_init(OUT_BYTES_MAX),
                         .failure = evh_ok()};
    (void)own;
    doctor.json = evh_json_writer(&doctor.out);
    EVH_TRY(evh_cli_need(cli, EVH_CLI_TAKES_CONFIG));
    if (cli->common.json)
        evh_json_array_open(&doctor.json, NULL);
    EVH_TRY(examine(&doctor));
    if (cli->common.json) {
        evh_json_close(&doctor.json);
        EVH_TRY(evh_json_end(&doctor.json));
    }
    EVH_TRY(evh_cli_write(cli, evh_buffer_view(&doctor.out)));
    cli->verdict_failed = doctor.bad;
done:
    evh_introduction_clear(&doctor.leader);
    evh_introduction_clear(&doctor.helper);
    evh_introduction_clear(&doctor.collector);
    evh_buffer_clear(&doctor.out);
    return status;
}
