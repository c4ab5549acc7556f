/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_internal.h"
#include "evenhand/base/sizes.h"
#include "evenhand/cli/cli.h"

enum { EXIT_VERDICT = 1 };

evh_status evh_cli_need(const evh_cli *cli, evh_cli_takes option)
{
    const evh_cli_common *common = &cli->common;
    const char *missing = NULL;
    if (option == EVH_CLI_TAKES_CONFIG && common->config == NULL)
        missing = "the configuration: -c FILE";
    if (option == EVH_CLI_TAKES_PLAN && common->plan == NULL)
        missing = "the plan: -p FILE";
    if (option == EVH_CLI_TAKES_ROUND && common->round == 0)
        missing = "the round: -n N";
    if (option == EVH_CLI_TAKES_DATA && common->data == NULL)
        missing = "the records: --data FILE";
    return missing == NULL ? evh_ok()
                           : evh_fail(EVH_ERR_ARG, "%s needs %s", cli->command->name, missing);
}

evh_status evh_cli_write(evh_cli *cli, evh_view data)
{
    evh_status status = evh_ok();
    if (data.len > 0)
        EVH_REQUIRE(fwrite(data.data, 1, data.len, cli->out) == data.len, EVH_ERR_STORE,
                    "cannot write to standard output; is the disk full?");
    EVH_REQUIRE(fflush(cli->out) == 0, EVH_ERR_STORE,
                "cannot write to standard output; is the disk full?");

done:
    return status;
}

static EVH_PRINTF(2, 0) void message(evh_cli *cli, const char *format, va_list arguments)
{
    (void)vfprintf(cli->err, format, arguments);
    (void)fputc('\n', cli->err);
}

void evh_cli_note(evh_cli *cli, const char *format, ...)
{
    if (cli->common.quiet || cli->common.json)
        return;
    va_list arguments;
    va_start(arguments, format);
    message(cli, format, arguments);
    va_end(arguments);
}

void evh_cli_detail(evh_cli *cli, const char *format, ...)
{
    if (cli->common.quiet || cli->common.json || !cli->common.verbose)
        return;
    va_list arguments;
    va_start(arguments, format);
    message(cli, format, arguments);
    va_end(arguments);
}

static evh_status run_command(evh_cli *cli, int argc, char **argv)
{
    evh_status status = evh_ok();
    void *own = NULL;
    char name[EVH_CLI_NAME_LEN];
    (void)snprintf(name, sizeof name, "%s %s", cli->program->name, cli->command->name);
    argv[0] = name;
    EVH_TRY(evh_alloc(&own, 1, cli->command->own_size + 1, "settings of a command"));
    EVH_TRY(evh_cli_parse(cli, own, argc, argv));
    EVH_TRY(cli->command->run(cli, own));

done:
    free(own);
    argv[0] = NULL;
    return status;
}

static bool is_help(const char *argument)
{
    return strcmp(argument, "--help") == 0 || strcmp(argument, "-?") == 0 ||
           strcmp(argument, "--usage") == 0 || strcmp(argument, "help") == 0;
}

static bool names_commands(const evh_cli_program *program, const char *word)
{
    size_t len = strlen(word);
    for (size_t i = 0; i < program->command_count; i++)
        if (strncmp(program->commands[i].name, word, len) == 0 &&
            program->commands[i].name[len] == ' ')
            return true;
    return false;
}

/* Answers what needs no command. True when it did. */
static bool answer_program(const evh_cli_program *program, int argc, char **argv, FILE *out)
{
    if (argc == 2 && is_help(argv[1]))
        evh_cli_print_help(program, NULL, out);
    else if (argc == 2 && strcmp(argv[1], "--version") == 0)
        evh_cli_print_version(program, out);
    else if (argc == 3 && is_help(argv[2]) && names_commands(program, argv[1]))
        evh_cli_print_help(program, argv[1], out);
    else
        return false;
    return true;
}

int evh_cli_run(const evh_cli_program *program, int argc, char **argv, FILE *out, FILE *err)
{
    evh_status status = evh_ok();
    evh_cli cli = {.program = program,
                   .out = out,
                   .err = err,
                   .diagnostics = evh_diagnostics_init(EVH_DIAGNOSTICS_DEFAULT)};
    int exit_code = 0;
    int words = 0;
    for (int i = 1; i < argc; i++)
        cli.common.json = cli.common.json || strcmp(argv[i], "--json") == 0;
    if (answer_program(program, argc, argv, out)) {
        EVH_TRY(evh_cli_write(&cli, evh_view_of(NULL, 0)));
        goto done;
    }
    EVH_TRY(evh_cli_find(&cli.command, &words, program, argc, argv));
    EVH_TRY(run_command(&cli, argc - words, argv + words));

done:
    evh_cli_print_end(&cli, status);
    evh_diagnostics_clear(&cli.diagnostics);
    exit_code = evh_code_info(status.code)->exit;
    return exit_code == 0 && cli.verdict_failed ? EXIT_VERDICT : exit_code;
}
