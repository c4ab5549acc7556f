/* SPDX-License-Identifier: Apache-2.0
 * store migrate|backup|fsck|gc. Only one process at a time has a store: all but backup need the
 * service stopped; backup asks the running service, if there is one. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "deployment_internal.h"
#include "evenhand/aggregator/backup.h"
#include "evenhand/base/limits.h"
#include "evenhand/json/writer.h"
#include "evenhand/store/sqlite.h"
#include "evenhand/wire/message.h"
#include "log_check_internal.h"
#include "operator.pb-c.h"
#include "setup_commands_internal.h"

enum { BACKUP_DEADLINE_MS = 3600000, ANSWER_BYTES_MAX = 1 << 16 };

typedef struct place {
    evh_settings settings;
    char store[EVH_PATH_BYTES_MAX];
} place;

static evh_status find_store(evh_cli *cli, place *out)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_cli_need(cli, EVH_CLI_TAKES_CONFIG));
    EVH_TRY(evh_layout_settings(&out->settings, cli->common.config, &cli->diagnostics));
    EVH_TRY(
        evh_path_resolve(out->store, cli->common.config, evh_view_of_text(out->settings.store)));
done:
    return status;
}

/* SQLite says "locked", which is no help to an operator. */
static evh_status explain(evh_status status)
{
    if (status.code == EVH_ERR_STORE && strstr(status.text, "locked") != NULL)
        return evh_fail(EVH_ERR_STORE, "the store is in use: stop the service first");
    return status;
}

/* One line, or an object of numbers. */
static evh_status show(evh_cli *cli, const char *text, const char *const *keys,
                       const uint64_t *values, size_t count)
{
    evh_status status = evh_ok();
    evh_buffer out = evh_buffer_init(ANSWER_BYTES_MAX);
    evh_json json = evh_json_writer(&out);
    if (cli->common.json) {
        evh_json_object_open(&json, NULL);
        for (size_t i = 0; i < count; i++)
            evh_json_u64(&json, keys[i], values[i]);
        evh_json_close(&json);
        EVH_TRY(evh_json_end(&json));
    } else {
        EVH_TRY(evh_buffer_format(&out, "%s\n", text));
    }
    EVH_TRY(evh_cli_write(cli, evh_buffer_view(&out)));
done:
    evh_buffer_clear(&out);
    return status;
}

evh_status evh_command_store_migrate(evh_cli *cli, void *own)
{
    evh_status status = evh_ok();
    static const char *const keys[] = {"from", "to"};
    char text[128];
    place at;
    int from = 0;
    (void)own;
    EVH_TRY(find_store(cli, &at));
    EVH_TRY(explain(evh_store_sqlite_migrate(at.store, &from)));
    (void)snprintf(text, sizeof text,
                   from == EVH_STORE_SCHEMA_VERSION ? "schema %d: nothing to do"
                                                    : "schema %d is now %d",
                   from, EVH_STORE_SCHEMA_VERSION);
    EVH_TRY(show(cli, text, keys, (const uint64_t[]){(uint64_t)from, EVH_STORE_SCHEMA_VERSION}, 2));
done:
    return status;
}

evh_status evh_command_store_fsck(evh_cli *cli, void *own)
{
    evh_status status = evh_ok();
    static const char *const keys[] = {"log_size"};
    char text[128];
    char published[EVH_PATH_BYTES_MAX];
    place at;
    evh_store *store = NULL;
    evh_introduction leader = evh_introduction_init();
    uint64_t size = 0;
    bool behind = false;
    (void)own;
    EVH_TRY(find_store(cli, &at));
    EVH_TRY(evh_path_resolve(published, cli->common.config, evh_view_of_text(EVH_FILE_PUBLISHED)));
    EVH_TRY(explain(evh_store_sqlite_open(&store, at.store)));
    EVH_TRY(evh_layout_read_introduction(&leader, cli->common.config,
                                         evh_layout_introduction(&at.settings, EVH_ROLE_LEADER),
                                         &cli->diagnostics));
    EVH_TRY(evh_log_check(store, &leader.log, &size));
    EVH_TRY(evh_log_confront(store, &leader.log, published, false, &behind));
    EVH_REQUIRE(!behind, EVH_ERR_STORE,
                "the store is behind the file " EVH_FILE_PUBLISHED
                ": an older store was put back; the service voids its rounds when it starts");
    (void)snprintf(text, sizeof text, "the store is whole; its log has %llu entries",
                   (unsigned long long)size);
    EVH_TRY(show(cli, text, keys, &size, 1));
done:
    evh_introduction_clear(&leader);
    evh_store_close(&store);
    return status;
}

/* Whether the store is the one that belongs to the vault beside it, as a start would find. */
static evh_status is_own(evh_cli *cli, const place *at, evh_store *store, bool *own)
{
    evh_status status = evh_ok();
    char path[EVH_PATH_BYTES_MAX];
    evh_introduction leader = evh_introduction_init();
    bool restored = true;
    bool behind = true;
    *own = false;
    EVH_TRY(evh_layout_read_introduction(&leader, cli->common.config,
                                         evh_layout_introduction(&at->settings, EVH_ROLE_LEADER),
                                         &cli->diagnostics));
    EVH_TRY(evh_path_resolve(path, cli->common.config, evh_view_of_text(EVH_FILE_PUBLISHED)));
    EVH_TRY(evh_log_confront(store, &leader.log, path, false, &behind));
    EVH_TRY(evh_path_resolve(path, cli->common.config, evh_view_of_text(EVH_FILE_EPOCH)));
    EVH_TRY(evh_epoch_check(store, path, &restored));
    *own = !behind && !restored;
done:
    evh_introduction_clear(&leader);
    return status;
}

/* The store stays open meanwhile: nobody else has it. */
static evh_status tidy_vault(evh_cli *cli, const place *at, size_t *removed)
{
    evh_status status = evh_ok();
    char path[EVH_PATH_BYTES_MAX];
    evh_aggregator self = {.role = at->settings.role};
    evh_file_vault *vault = NULL;
    bool own = false;
    *removed = 0;
    if (at->settings.role == EVH_ROLE_COLLECTOR)
        goto done;
    EVH_TRY(explain(evh_store_sqlite_open(&self.store, at->store)));
    EVH_TRY(is_own(cli, at, self.store, &own));
    if (!own) {
        evh_cli_note(cli, "The store was put back: the vault is left alone until the service has "
                          "started with it.");
        goto done;
    }
    EVH_TRY(evh_path_resolve(path, cli->common.config, evh_view_of_text(at->settings.vault)));
    EVH_TRY(evh_file_vault_open(&vault, path));
    EVH_TRY(evh_deployment_tidy_vault(&self, vault, removed));
done:
    evh_file_vault_close(&vault);
    evh_store_close(&self.store);
    return status;
}

evh_status evh_command_store_gc(evh_cli *cli, void *own)
{
    evh_status status = evh_ok();
    static const char *const keys[] = {"bytes_before", "bytes_after", "secrets_removed"};
    uint64_t sizes[2] = {0, 0};
    char text[128];
    size_t removed = 0;
    place at;
    (void)own;
    EVH_TRY(find_store(cli, &at));
    EVH_TRY(tidy_vault(cli, &at, &removed));
    EVH_TRY(explain(evh_store_sqlite_compact(at.store, &sizes[0], &sizes[1])));
    (void)snprintf(text, sizeof text, "%llu bytes, %llu before; %zu files removed from the vault",
                   (unsigned long long)sizes[1], (unsigned long long)sizes[0], removed);
    EVH_TRY(show(cli, text, keys, (const uint64_t[]){sizes[0], sizes[1], removed}, 3));
done:
    return status;
}

/* ---- backup ---- */

/* The service has another current folder than this command. */
static evh_status absolute(char out[EVH_PATH_BYTES_MAX], const char *path)
{
    char current[EVH_PATH_BYTES_MAX];
    if (path[0] == '/')
        return evh_path_resolve(out, NULL, evh_view_of_text(path));
    if (getcwd(current, sizeof current - 1) == NULL)
        return evh_fail(EVH_ERR_STORE, "cannot find the current folder: %s", strerror(errno));
    current[strlen(current) + 1] = '\0';
    current[strlen(current)] = '/';
    return evh_path_resolve(out, current, evh_view_of_text(path));
}

static evh_status ask_service(const evh_deployment *deployment, const char *path,
                              uint64_t *log_size)
{
    evh_status status = evh_ok();
    evh_rpc_client *client = NULL;
    evh_rpc_client_options options;
    Evenhand__V1__BackupStoreRequest request;
    Evenhand__V1__BackupStoreResponse *response = NULL;
    evh_buffer question = evh_buffer_init(ANSWER_BYTES_MAX);
    evh_buffer answer = evh_buffer_init(ANSWER_BYTES_MAX);
    EVH_TRY(evh_deployment_client(deployment, EVH_ROLE_OPERATOR, &options));
    options.response_bytes_max = ANSWER_BYTES_MAX;
    EVH_TRY(evh_rpc_client_new(&client, &options));
    evenhand__v1__backup_store_request__init(&request);
    evh_wire_set_text(&request.path, path);
    EVH_TRY(evh_wire_pack(&question, &request.base));
    status = evh_rpc_client_unary(client, "/evenhand.v1.Operator/BackupStore",
                                  evh_buffer_view(&question), BACKUP_DEADLINE_MS, &answer);
    EVH_REQUIRE(status.code != EVH_ERR_ARG, EVH_ERR_ARG,
                "%.60s, or the same with .part, is there: nothing is overwritten", path);
    EVH_REQUIRE(status.code != EVH_ERR_STORE, EVH_ERR_STORE,
                "the service cannot write %.50s: is its folder there, for its user to write to?",
                path);
    EVH_TRY(status);
    EVH_TRY(evh_wire_unpack(&response, &evenhand__v1__backup_store_response__descriptor,
                            evh_buffer_view(&answer), "answer of the service"));
    *log_size = response->log_size;
done:
    evh_wire_free(&response);
    evh_rpc_client_free(&client);
    evh_buffer_clear(&question);
    evh_buffer_clear(&answer);
    return status;
}

static evh_status backup_online(evh_cli *cli, const char *path, uint64_t *log_size)
{
    evh_status status = evh_ok();
    evh_deployment *deployment = NULL;
    const evh_deployment_options options = {.config = cli->common.config,
                                            .use = EVH_DEPLOYMENT_CALL,
                                            .clock = evh_clock_os(),
                                            .rng = evh_rng_os(),
                                            .diagnostics = &cli->diagnostics};
    EVH_TRY(evh_deployment_open(&deployment, &options));
    EVH_TRY(ask_service(deployment, path, log_size));
done:
    evh_deployment_close(&deployment);
    return status;
}

/* The store itself tells whether somebody has it. */
static evh_status backup(evh_cli *cli, const place *at, const char *path, uint64_t *log_size)
{
    evh_status status = evh_ok();
    evh_store *store = NULL;
    status = evh_store_sqlite_open(&store, at->store);
    if (status.code == EVH_ERR_STORE && strstr(status.text, "locked") != NULL &&
        at->settings.role != EVH_ROLE_COLLECTOR)
        return backup_online(cli, path, log_size);
    if (status.code != EVH_OK)
        return explain(status);
    status = evh_aggregator_backup(store, path, log_size);
    evh_store_close(&store);
    return status;
}

evh_status evh_command_store_backup(evh_cli *cli, void *own)
{
    evh_status status = evh_ok();
    static const char *const keys[] = {"log_size"};
    char path[EVH_PATH_BYTES_MAX];
    char text[128];
    place at;
    uint64_t size = 0;
    (void)own;
    EVH_REQUIRE(cli->argument_count == 1, EVH_ERR_ARG, "expected one new file: store backup FILE");
    EVH_TRY(find_store(cli, &at));
    EVH_TRY(absolute(path, cli->arguments[0]));
    EVH_TRY(backup(cli, &at, path, &size));
    (void)snprintf(text, sizeof text, "backup made; its log has %llu entries",
                   (unsigned long long)size);
    EVH_TRY(show(cli, text, keys, &size, 1));
    evh_cli_note(cli,
                 "Round keys are not in it: open rounds of a store that is put back are void.");
done:
    return status;
}
