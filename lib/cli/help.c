/* SPDX-License-Identifier: Apache-2.0 */
#include <argp.h>
#include <stdio.h>
#include <string.h>

#include "cli_internal.h"

enum { EXITS = 9 };

static const char *const exit_texts[EXITS] = {
    "  0   done",
    "  1   the answer is no (a verdict asked for, a check that failed)",
    "  2   wrong command line",
    "  3   bad configuration, plan or data",
    "  4   refused, to protect privacy",
    "  5   a peer cannot be reached; try again later",
    "  6   a peer refused",
    "  7   disk, database or ledger",
    "  70  a bug; please report it",
};

static bool starts_with_word(const char *name, const char *word)
{
    size_t len = strlen(word);
    return strncmp(name, word, len) == 0 && (name[len] == ' ' || name[len] == '\0');
}

void evh_cli_print_version(const evh_cli_program *program, FILE *out)
{
    (void)fprintf(out, EVH_CLI_VERSION_FORMAT "\n", program->name, program->version);
}

/* The sections stand in the order of their first commands, each with all of its commands. */
static bool starts_section(const evh_cli_program *program, size_t index, const char *word)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(program->commands[i].section, program->commands[index].section) == 0 &&
            (word == NULL || starts_with_word(program->commands[i].name, word)))
            return false;
    return true;
}

static void print_section(const evh_cli_program *program, const char *section, const char *word,
                          FILE *out)
{
    (void)fprintf(out, "\n%s:\n", section);
    for (size_t i = 0; i < program->command_count; i++) {
        const evh_cli_command *command = &program->commands[i];
        if (strcmp(command->section, section) == 0 &&
            (word == NULL || starts_with_word(command->name, word)))
            (void)fprintf(out, "  %-18s %s\n", command->name, command->summary);
    }
}

void evh_cli_print_help(const evh_cli_program *program, const char *word, FILE *out)
{
    (void)fprintf(out, "Usage: %s %s%s [OPTION...]\n%s\n", program->name, word != NULL ? word : "",
                  word != NULL ? " COMMAND" : "COMMAND", program->summary);
    for (size_t i = 0; i < program->command_count; i++)
        if ((word == NULL || starts_with_word(program->commands[i].name, word)) &&
            starts_section(program, i, word))
            print_section(program, program->commands[i].section, word, out);
    (void)fprintf(out,
                  "\nOther options:\n"
                  "  -?, --help        Show this list; after a command, its options\n"
                  "      --version     Show the version\n"
                  "\nEvery command takes --json, -q (--quiet) and -v (--verbose). Data goes to "
                  "standard output,\nmessages and progress to standard error.\n"
                  "\nExit status:\n");
    for (size_t i = 0; i < EXITS; i++)
        (void)fprintf(out, "%s\n", exit_texts[i]);
}

/* "show, verify" of the commands "ledger show" and "ledger verify". */
static void list_second_words(char *out, size_t size, const evh_cli_program *program,
                              const char *word)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < program->command_count && used < size; i++) {
        const char *name = program->commands[i].name;
        if (!starts_with_word(name, word) || name[strlen(word)] == '\0')
            continue;
        int wrote = snprintf(out + used, size - used, "%s%s", used > 0 ? ", " : "",
                             name + strlen(word) + 1);
        used += wrote > 0 ? (size_t)wrote : 0;
    }
}

evh_status evh_cli_find(const evh_cli_command **command, int *words, const evh_cli_program *program,
                        int argc, char **argv)
{
    evh_status status = evh_ok();
    char two[EVH_CLI_NAME_LEN] = "";
    *command = NULL;
    *words = 0;
    EVH_REQUIRE(argc >= 2, EVH_ERR_ARG, "a command is missing: %s --help lists them",
                program->name);
    EVH_REQUIRE(argv[1][0] != '-', EVH_ERR_ARG,
                "the command comes before %.30s: %s --help lists them", argv[1], program->name);
    if (argc >= 3)
        (void)snprintf(two, sizeof two, "%s %s", argv[1], argv[2]);
    for (size_t i = 0; i < program->command_count && *command == NULL; i++) {
        const evh_cli_command *candidate = &program->commands[i];
        if (strcmp(candidate->name, two) == 0 || strcmp(candidate->name, argv[1]) == 0) {
            *command = candidate;
            *words = strcmp(candidate->name, two) == 0 ? 2 : 1;
        }
    }
    if (*command == NULL) {
        char family[EVH_STATUS_TEXT_LEN];
        list_second_words(family, sizeof family, program, argv[1]);
        EVH_REQUIRE(family[0] == '\0', EVH_ERR_ARG, "%s: expected one of %s", argv[1], family);
        EVH_REQUIRE(false, EVH_ERR_ARG, "unknown command \"%.30s\": %s --help lists them", argv[1],
                    program->name);
    }

done:
    return status;
}
