/* SPDX-License-Identifier: Apache-2.0 */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_internal.h"
#include "evenhand/base/sizes.h"

enum {
    KEY_DRY_RUN = 1000,
    KEY_JSON,
    KEY_DATA,
    OPTIONS_MAX = 40,
    ROUND_MAX = 1000000,
    VERSION_TEXT_LEN = 400
};

typedef struct parser {
    evh_cli *cli;
    void *own;
    const struct argp_option *options;
    evh_status failure;
} parser;

typedef struct common_row {
    struct argp_option option;
    unsigned takes; /* 0: every command */
} common_row;

static const common_row common_rows[] = {
    {{"config", 'c', "FILE", 0, "The configuration file", -2}, EVH_CLI_TAKES_CONFIG},
    {{"plan", 'p', "FILE", 0, "The plan of the measurement", -2}, EVH_CLI_TAKES_PLAN},
    {{"round", 'n', "N", 0, "Round number, from 1", -2}, EVH_CLI_TAKES_ROUND},
    {{"data", KEY_DATA, "FILE", 0, "The records, instead of the configuration's", -2},
     EVH_CLI_TAKES_DATA},
    {{"dry-run", KEY_DRY_RUN, NULL, 0, "Show what would be done and change nothing", -2},
     EVH_CLI_TAKES_DRY_RUN},
    {{"json", KEY_JSON, NULL, 0, "Write data and errors as JSON", -1}, 0},
    {{"quiet", 'q', NULL, 0, "No messages and no progress", -1}, 0},
    {{"verbose", 'v', NULL, 0, "More messages", -1}, 0},
};

enum { COMMON_ROWS = sizeof common_rows / sizeof common_rows[0] };

static evh_status set_round(evh_cli_common *common, const char *value)
{
    uint64_t number = 0;
    evh_status status = evh_cli_number(&number, value, "--round", 1, ROUND_MAX);
    common->round = (uint32_t)number;
    return status;
}

static evh_status set_option(parser *p, int key, const char *value)
{
    evh_cli_common *common = &p->cli->common;
    switch (key) {
    case 'c':
        common->config = value;
        return evh_ok();
    case 'p':
        common->plan = value;
        return evh_ok();
    case 'n':
        return set_round(common, value);
    case KEY_DATA:
        common->data = value;
        return evh_ok();
    case KEY_DRY_RUN:
        common->dry_run = true;
        return evh_ok();
    case KEY_JSON:
        common->json = true;
        return evh_ok();
    case 'q':
        common->quiet = true;
        return evh_ok();
    case 'v':
        common->verbose = true;
        return evh_ok();
    default:
        return p->cli->command->set(p->own, key, value);
    }
}

static bool is_option(const struct argp_option *options, int key)
{
    for (; options->name != NULL; options++)
        if (options->key == key)
            return true;
    return false;
}

static error_t parse_one(int key, char *value, struct argp_state *state)
{
    parser *p = state->input;
    if (key == ARGP_KEY_ARGS && p->cli->command->arguments != NULL) {
        p->cli->arguments = state->argv + state->next;
        p->cli->argument_count = (size_t)(state->argc - state->next);
        return 0;
    }
    if (!is_option(p->options, key))
        return ARGP_ERR_UNKNOWN;
    p->failure = set_option(p, key, value);
    return p->failure.code == EVH_OK ? 0 : EINVAL;
}

static evh_status collect_options(struct argp_option options[OPTIONS_MAX],
                                  const evh_cli_command *command)
{
    evh_status status = evh_ok();
    size_t count = 0;
    for (const evh_cli_option *own = command->options; own != NULL && own->name != NULL; own++) {
        EVH_INVARIANT(count + COMMON_ROWS + 1 < OPTIONS_MAX);
        options[count++] = (struct argp_option){
            .name = own->name, .key = own->key, .arg = own->value, .doc = own->help, .group = -3};
    }
    for (size_t i = 0; i < COMMON_ROWS; i++)
        if (common_rows[i].takes == 0 || (common_rows[i].takes & command->takes) != 0)
            options[count++] = common_rows[i].option;

done:
    return status;
}

/* argp would print and exit; an error object needs the program to stay in charge. */
static bool asks_for_json(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--json") == 0)
            return true;
    return false;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-?") == 0 ||
            strcmp(argv[i], "--usage") == 0 || strcmp(argv[i], "--version") == 0)
            return true;
    return false;
}

/* argp finds what --version prints here and nowhere else. */
static void announce_version(const evh_cli_program *program)
{
    static char text[VERSION_TEXT_LEN];
    (void)snprintf(text, sizeof text, EVH_CLI_VERSION_FORMAT, program->name, program->version);
    argp_program_version = text;
}

evh_status evh_cli_parse(evh_cli *cli, void *own, int argc, char **argv)
{
    evh_status status = evh_ok();
    struct argp_option options[OPTIONS_MAX] = {{0}};
    parser p = {.cli = cli, .own = own, .options = options, .failure = evh_ok()};
    int stopped_at = 0;
    error_t error = 0;
    struct argp argp = {.options = options,
                        .parser = parse_one,
                        .args_doc = cli->command->arguments,
                        .doc = cli->command->details};
    bool silent = asks_for_json(argc, argv) && !asks_for_help(argc, argv);
    cli->common.json = silent;
    argp_err_exit_status = EVH_CLI_EXIT_USAGE;
    announce_version(cli->program);
    EVH_TRY(collect_options(options, cli->command));
    /* Given a place for it, argp tells where it stopped and does not complain by itself. */
    error =
        argp_parse(&argp, argc, argv, silent ? ARGP_NO_ERRS : 0, silent ? &stopped_at : NULL, &p);
    if (error == 0 && (!silent || stopped_at >= argc))
        goto done;
    EVH_TRY(p.failure);
    EVH_REQUIRE(error != 0, EVH_ERR_ARG,
                "the command line is not understood from \"%.40s\" on; see --help",
                argv[stopped_at]);
    status = evh_fail(EVH_ERR_ARG, "an option is unknown or lacks its value; see --help");

done:
    return status;
}

evh_status evh_cli_number(uint64_t *out, const char *value, const char *option, uint64_t least,
                          uint64_t most)
{
    evh_status status = evh_ok();
    size_t digits = strspn(value, "0123456789");
    *out = 0;
    if (digits > 0 && digits < 20 && value[digits] == '\0')
        *out = strtoull(value, NULL, 10);
    if (digits == 0 || digits >= 20 || value[digits] != '\0' || *out < least || *out > most) {
        *out = 0;
        status = evh_fail(EVH_ERR_ARG, "%s %s: expected a whole number from %llu to %llu", option,
                          value, (unsigned long long)least, (unsigned long long)most);
    }
    return status;
}
