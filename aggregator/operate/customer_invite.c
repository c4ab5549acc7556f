/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "commands_internal.h"
#include "evenhand/files/files.h"
#include "evenhand/protocol/invitation.h"

static const char ending[] = ".invitation.yaml";

/* A file name that every system takes. */
static void file_name(char out[EVH_PATH_BYTES_MAX], const char *folder, const char *name)
{
    bool slash = folder != NULL && folder[0] != '\0' && folder[strlen(folder) - 1] != '/';
    size_t at = (size_t)snprintf(out, EVH_PATH_BYTES_MAX, "%s%s", folder == NULL ? "" : folder,
                                 slash ? "/" : "");
    for (const char *c = name; *c != '\0' && at + sizeof ending < EVH_PATH_BYTES_MAX; c++) {
        bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                     (*c >= '0' && *c <= '9') || *c == '_' || *c == '-' || (*c == '.' && c != name);
        out[at++] = (char)(plain ? *c : '-');
    }
    memcpy(out + at, ending, sizeof ending);
}

/* Two organisations never share a file. */
static evh_status check_files(const evh_named_list *list)
{
    char one[EVH_PATH_BYTES_MAX];
    char two[EVH_PATH_BYTES_MAX];
    evh_status status = evh_ok();
    for (size_t i = 0; i < list->count; i++) {
        file_name(one, NULL, list->items[i].name);
        for (size_t j = 0; j < i; j++) {
            file_name(two, NULL, list->items[j].name);
            EVH_REQUIRE(strcmp(one, two) != 0, EVH_ERR_INPUT,
                        "\"%.30s\" and \"%.30s\" would share one file: invite them one by one with "
                        "--out",
                        list->items[j].name, list->items[i].name);
        }
    }
done:
    return status;
}

static const char *const headings[] = {"organisation", "until", "", "invitation (secret)"};

enum { COLUMNS = sizeof headings / sizeof headings[0] };

typedef struct invite_run {
    evh_sheet sheet;
    const evh_customer_options *options;
    evh_invitation lost; /* with --again: the invitation that is brought back */
} invite_run;

static evh_status add_line(invite_run *run, const char *name, const char *path,
                           const Evenhand__V1__InviteCustomerResponse *response)
{
    char until[EVH_TIME_TEXT_LEN];
    evh_status status = evh_ok();
    evh_minute_text(until, response->expires_ms);
    EVH_TRY(evh_table_add(&run->sheet.table, "%s", name));
    EVH_TRY(evh_table_add(&run->sheet.table, "%s", until));
    EVH_TRY(evh_table_add(&run->sheet.table, "%s", response->again ? "again" : "new"));
    EVH_TRY(evh_table_add(&run->sheet.table, "%s", path));
    evh_json_row_open(&run->sheet.json, NULL);
    evh_json_text(&run->sheet.json, "name", name);
    evh_json_text(&run->sheet.json, "expires", until);
    evh_json_bool(&run->sheet.json, "again", response->again != 0);
    evh_json_text(&run->sheet.json, "file", path);
    evh_json_close(&run->sheet.json);
done:
    return status;
}

static evh_status invite(invite_run *run, const char *name)
{
    enum { DAY_HOURS = 24 };
    Evenhand__V1__InviteCustomerRequest request;
    Evenhand__V1__InviteCustomerResponse *response = NULL;
    char path[EVH_PATH_BYTES_MAX];
    bool many = run->options->csv != NULL;
    evenhand__v1__invite_customer_request__init(&request);
    evh_wire_set_text(&request.name, name);
    request.valid_hours = (uint32_t)run->options->valid_days * DAY_HOURS;
    if (run->options->again != NULL) {
        evh_wire_set_bytes(&request.salt,
                           evh_view_of(run->lost.salt.bytes, sizeof run->lost.salt.bytes));
        evh_wire_set_text(&request.invitation, run->lost.id);
    }
    if (!many && run->options->out != NULL)
        (void)snprintf(path, sizeof path, "%s", run->options->out);
    else
        file_name(path, many ? run->options->out : NULL, name);
    evh_status status = evh_ok();
    EVH_TRY(evh_office_ask(&run->sheet.office, "InviteCustomer", &request.base,
                           &evenhand__v1__invite_customer_response__descriptor, &response));
    EVH_TRY(evh_office_refusal(response->refusal));
    EVH_TRY(evh_file_replace(path, evh_wire_bytes(&response->invitation), EVH_FILE_OWNER_ONLY));
    EVH_TRY(add_line(run, name, path, response));
done:
    if (response != NULL)
        evh_wipe(response->invitation.data, response->invitation.len);
    evh_wire_free(&response);
    return status;
}

/* Its name is that in the file. */
static evh_status read_lost(evh_cli *cli, invite_run *run, evh_named_list *list)
{
    evh_buffer bytes = evh_buffer_init(EVH_INVITATION_BYTES_MAX);
    const evh_customer_options *options = run->options;
    evh_status status = evh_ok();
    EVH_REQUIRE(options->csv == NULL && cli->argument_count == 0, EVH_ERR_ARG,
                "--again goes without names and --csv");
    EVH_TRY(evh_file_read(&bytes, options->again));
    EVH_TRY(evh_invitation_read(&run->lost, options->again, evh_buffer_view(&bytes),
                                &cli->diagnostics));
    EVH_TRY(evh_named_add(list, evh_view_of_text(run->lost.name), evh_view_of(NULL, 0)));
done:
    evh_buffer_clear(&bytes);
    return status;
}

evh_status evh_command_customer_invite(evh_cli *cli, void *own)
{
    enum { VALID_DAYS = 30 };
    evh_customer_options *options = own;
    evh_named_list list = {.items = NULL};
    invite_run run = {
        .options = options, .sheet = evh_sheet_of(COLUMNS), .lost = evh_invitation_init()};
    evh_status status = evh_ok();
    if (options->valid_days == 0)
        options->valid_days = VALID_DAYS;
    EVH_TRY(options->again != NULL ? read_lost(cli, &run, &list)
                                   : evh_named_read(&list, cli, options));
    EVH_REQUIRE(options->csv == NULL || options->out != NULL, EVH_ERR_ARG,
                "give a folder for the invitations: --out DIR");
    EVH_REQUIRE(options->csv != NULL || options->out == NULL || list.count == 1, EVH_ERR_ARG,
                "--out FILE is for one organisation");
    EVH_TRY(check_files(&list));
    if (options->csv != NULL && !evh_file_exists(options->out))
        EVH_TRY(evh_folder_make(options->out));
    EVH_TRY(evh_sheet_start(&run.sheet, cli, "invitations", headings));
    for (size_t i = 0; i < list.count; i++)
        EVH_TRY(invite(&run, list.items[i].name));
    EVH_TRY(evh_sheet_end(&run.sheet));
done:
    evh_sheet_clear(&run.sheet);
    evh_named_clear(&list);
    evh_invitation_clear(&run.lost);
    return status;
}
