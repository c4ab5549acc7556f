/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/test.h"
#include "tests.h"

enum { KEY_LIMIT = 'l', KEY_FORCE = 2000, TEXT_MAX = 8192 };

/* What a command saw, written to its output so that a test can compare it. */
typedef struct count_own {
    uint64_t limit;
    bool force;
} count_own;

static evh_status set_count(void *own, int key, const char *value)
{
    count_own *settings = own;
    if (key == KEY_LIMIT)
        return evh_cli_number(&settings->limit, value, "--limit", 1, 1000);
    settings->force = true;
    return evh_ok();
}

static evh_status run_count(evh_cli *cli, void *own)
{
    evh_status status = evh_ok();
    evh_buffer out = evh_buffer_init(TEXT_MAX);
    const count_own *settings = own;
    const evh_cli_common *common = &cli->common;
    EVH_TRY(evh_cli_need(cli, EVH_CLI_TAKES_PLAN));
    EVH_TRY(evh_buffer_format(
        &out, "c=%s p=%s d=%s n=%u json=%d dry=%d q=%d v=%d limit=%llu force=%d\n",
        common->config != NULL ? common->config : "-", common->plan,
        common->data != NULL ? common->data : "-", common->round, common->json, common->dry_run,
        common->quiet, common->verbose, (unsigned long long)settings->limit, settings->force));
    EVH_TRY(evh_cli_write(cli, evh_buffer_view(&out)));
    evh_cli_note(cli, "a note");
    evh_cli_detail(cli, "a detail");

done:
    evh_buffer_clear(&out);
    return status;
}

static evh_status run_arguments(evh_cli *cli, void *own)
{
    (void)own;
    for (size_t i = 0; i < cli->argument_count; i++)
        (void)fprintf(cli->out, "[%s]", cli->arguments[i]);
    return evh_ok();
}

static evh_status run_verdict(evh_cli *cli, void *own)
{
    (void)own;
    cli->verdict_failed = true;
    return evh_ok();
}

static evh_status run_refuse(evh_cli *cli, void *own)
{
    (void)cli;
    (void)own;
    return evh_fail(EVH_ERR_PRIVACY, "the budget is \"spent\"");
}

static evh_status run_diagnose(evh_cli *cli, void *own)
{
    (void)own;
    evh_mark at = {.file = "plan.yaml", .line = 3, .column = 5};
    evh_diagnostics_add(&cli->diagnostics, EVH_SEVERITY_WARNING, at, NULL, "looks odd");
    if (cli->argument_count > 0)
        evh_diagnostics_add(&cli->diagnostics, EVH_SEVERITY_ERROR, at, "a number", "got %s",
                            cli->arguments[0]);
    return evh_diagnostics_status(&cli->diagnostics);
}

static const evh_cli_option count_options[] = {
    {.name = "limit", .value = "N", .help = "Most of something", .key = KEY_LIMIT},
    {.name = "force", .help = "A switch", .key = KEY_FORCE},
    {.name = NULL},
};

static const evh_cli_command commands[] = {
    {.name = "count",
     .section = "Look",
     .summary = "Count things",
     .takes = EVH_CLI_TAKES_CONFIG | EVH_CLI_TAKES_PLAN | EVH_CLI_TAKES_ROUND | EVH_CLI_TAKES_DATA |
              EVH_CLI_TAKES_DRY_RUN,
     .options = count_options,
     .own_size = sizeof(count_own),
     .set = set_count,
     .run = run_count},
    {.name = "open",
     .section = "Look",
     .summary = "Open",
     .arguments = "FILE...",
     .run = run_arguments},
    {.name = "diagnose",
     .section = "Look",
     .summary = "Complain",
     .arguments = "[WORD]",
     .run = run_diagnose},
    {.name = "ledger show", .section = "After", .summary = "Show it", .run = run_verdict},
    {.name = "ledger verify", .section = "After", .summary = "Verify it", .run = run_refuse},
};

static const evh_cli_program program = {
    .name = "evenhand-test",
    .version = "9.9",
    .summary = "A program for tests.",
    .commands = commands,
    .command_count = sizeof commands / sizeof commands[0],
};

typedef struct result {
    int exit;
    char out[TEXT_MAX];
    char err[TEXT_MAX];
} result;

static void read_back(char text[TEXT_MAX], FILE *file)
{
    rewind(file);
    size_t got = fread(text, 1, TEXT_MAX - 1, file);
    text[got] = '\0';
    (void)fclose(file);
}

/* Runs the program with up to eight words. */
static void run(result *r, const char *const words[])
{
    char *argv[16] = {NULL};
    char copies[16][64];
    int argc = 0;
    argv[argc++] = strcpy(copies[0], "evenhand-test");
    for (; words[argc - 1] != NULL; argc++)
        argv[argc] = strcpy(copies[argc], words[argc - 1]);
    FILE *out = tmpfile();
    FILE *err = tmpfile();
    assert_true(out != NULL && err != NULL);
    r->exit = evh_cli_run(&program, argc, argv, out, err);
    read_back(r->out, out);
    read_back(r->err, err);
}

#define RUN(result, ...) run((result), (const char *const[]){__VA_ARGS__, NULL})

static void test_run_options_reach_the_command(void **state)
{
    (void)state;
    result r;
    RUN(&r, "count", "-c", "conf", "-pplan", "--data", "d.csv", "--round=12", "-v", "--limit", "7",
        "--force", "--dry-run");
    assert_int_equal(r.exit, 0);
    assert_string_equal(r.out, "c=conf p=plan d=d.csv n=12 json=0 dry=1 q=0 v=1 limit=7 force=1\n");
    assert_string_equal(r.err, "a note\na detail\n");
}

static void test_run_quiet_and_json_silence_messages(void **state)
{
    (void)state;
    result r;
    RUN(&r, "count", "-p", "plan", "-q", "-v");
    assert_int_equal(r.exit, 0);
    assert_string_equal(r.err, "");
    RUN(&r, "count", "-p", "plan", "--json", "-v");
    assert_int_equal(r.exit, 0);
    assert_string_equal(r.err, "");
    assert_string_equal(r.out, "c=- p=plan d=- n=0 json=1 dry=0 q=0 v=1 limit=0 force=0\n");
}

static void test_run_arguments(void **state)
{
    (void)state;
    result r;
    RUN(&r, "open", "a", "-v", "b", "--", "-c");
    assert_int_equal(r.exit, 0);
    assert_string_equal(r.out, "[a][b][-c]");
    RUN(&r, "open");
    assert_int_equal(r.exit, 0);
    assert_string_equal(r.out, "");
}

static void test_run_two_words_and_verdict(void **state)
{
    (void)state;
    result r;
    RUN(&r, "ledger", "show");
    assert_int_equal(r.exit, 1);
    assert_string_equal(r.err, "");
}

static void test_run_failure_as_text(void **state)
{
    (void)state;
    result r;
    RUN(&r, "ledger", "verify", "-q");
    assert_int_equal(r.exit, 4);
    assert_string_equal(r.out, "");
    assert_string_equal(r.err, "evenhand-test ledger verify: the budget is \"spent\"\n");
}

static void test_run_failure_as_json(void **state)
{
    (void)state;
    result r;
    RUN(&r, "ledger", "verify", "--json");
    assert_int_equal(r.exit, 4);
    assert_string_equal(r.out, "");
    assert_string_equal(r.err, "{\"error\": {\"code\": \"PRIVACY\", \"exit\": 4, \"retryable\": "
                               "false, \"command\": \"ledger verify\", \"message\": \"the budget "
                               "is \\\"spent\\\"\"}}\n");
}

static void test_run_diagnostics(void **state)
{
    (void)state;
    result r;
    RUN(&r, "diagnose");
    assert_int_equal(r.exit, 0);
    assert_string_equal(r.err, "plan.yaml:3:5: warning: looks odd\n");
    RUN(&r, "diagnose", "-q");
    assert_string_equal(r.err, "");
    RUN(&r, "diagnose", "--json");
    assert_string_equal(r.err, "");
    RUN(&r, "diagnose", "text", "-q");
    assert_int_equal(r.exit, 3);
    assert_string_equal(r.err, "plan.yaml:3:5: warning: looks odd\n"
                               "plan.yaml:3:5: error: got text (expected a number)\n");
    RUN(&r, "open", "--json", "a");
    assert_string_equal(r.out, "[a]");
    RUN(&r, "diagnose", "text", "--json");
    assert_int_equal(r.exit, 3);
    assert_non_null(strstr(r.err, "\"diagnostics\": [{\"severity\": \"warning\", \"file\": "
                                  "\"plan.yaml\", \"line\": 3, \"column\": 5, \"wrong\": "
                                  "\"looks odd\", \"right\": \"\"}, {\"severity\": \"error\""));
}

static void test_run_wrong_command_line(void **state)
{
    (void)state;
    result r;
    RUN(&r, "cuont");
    assert_int_equal(r.exit, 2);
    assert_non_null(strstr(r.err, "unknown command \"cuont\""));
    assert_non_null(strstr(r.err, "evenhand-test --help lists them"));
    RUN(&r, "ledger");
    assert_int_equal(r.exit, 2);
    assert_non_null(strstr(r.err, "ledger: expected one of show, verify"));
    RUN(&r, "--json", "count");
    assert_int_equal(r.exit, 2);
    assert_non_null(strstr(r.err, "\"code\": \"ARG\""));
    RUN(&r, "count");
    assert_int_equal(r.exit, 2);
    assert_non_null(strstr(r.err, "count needs the plan: -p FILE"));
    assert_non_null(strstr(r.err, "Try 'evenhand-test count --help'"));
    RUN(&r, "count", "-p", "p", "--round", "x");
    assert_int_equal(r.exit, 2);
    assert_non_null(strstr(r.err, "--round x: expected a whole number from 1 to"));
    RUN(&r, "count", "-p", "p", "--limit", "1001");
    assert_int_equal(r.exit, 2);
    char *argv[] = {strdup("evenhand-test"), NULL};
    FILE *err = tmpfile();
    assert_int_equal(evh_cli_run(&program, 1, argv, stdout, err), 2);
    read_back(r.err, err);
    assert_non_null(strstr(r.err, "a command is missing"));
    free(argv[0]);
}

static void test_run_wrong_option_as_json(void **state)
{
    (void)state;
    result r;
    RUN(&r, "count", "--json", "--nonsense");
    assert_int_equal(r.exit, 2);
    assert_non_null(strstr(r.err, "an option is unknown"));
    RUN(&r, "count", "--json", "-p");
    assert_int_equal(r.exit, 2);
    assert_non_null(strstr(r.err, "\"exit\": 2"));
    RUN(&r, "count", "--json", "-p", "p", "stray");
    assert_int_equal(r.exit, 2);
    assert_non_null(strstr(r.err, "\\\"stray\\\""));
    RUN(&r, "ledger", "show", "--json", "-p", "not-taken");
    assert_int_equal(r.exit, 2);
    assert_non_null(strstr(r.err, "\"exit\": 2"));
}

/* argp ends the process itself in text mode: looked at from outside, in a child. */
static void test_run_wrong_option_as_text_and_help(void **state)
{
    (void)state;
    const char *const lines[][4] = {{"count", "--nonsense", NULL},
                                    {"count", "-p", NULL},
                                    {"count", "--help", NULL},
                                    {"count", "--json", "--help", NULL},
                                    {"count", "--version", NULL}};
    const int exits[] = {2, 2, 0, 0, 0};
    for (size_t i = 0; i < sizeof exits / sizeof exits[0]; i++) {
        (void)fflush(NULL);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            result r;
            if (freopen("/dev/null", "w", stdout) == NULL ||
                freopen("/dev/null", "w", stderr) == NULL)
                _exit(99);
            run(&r, lines[i]);
            _exit(98);
        }
        int ended = 0;
        assert_int_equal(waitpid(child, &ended, 0), child);
        assert_true(WIFEXITED(ended));
        assert_int_equal(WEXITSTATUS(ended), exits[i]);
    }
}

static void test_run_help_and_version(void **state)
{
    (void)state;
    result r;
    RUN(&r, "--help");
    assert_int_equal(r.exit, 0);
    assert_non_null(strstr(r.out, "Usage: evenhand-test COMMAND"));
    assert_non_null(strstr(r.out, "\nLook:\n  count              Count things\n"));
    assert_non_null(strstr(r.out, "Exit status:"));
    RUN(&r, "--version");
    assert_int_equal(r.exit, 0);
    assert_non_null(strstr(r.out, "evenhand-test (Evenhand) 9.9\n"));
    RUN(&r, "ledger", "--help");
    assert_int_equal(r.exit, 0);
    assert_non_null(strstr(r.out, "ledger verify"));
    assert_null(strstr(r.out, "  count "));
}

static void test_write_to_full_disk(void **state)
{
    (void)state;
    FILE *full = fopen("/dev/full", "w");
    if (full == NULL) {
        print_message("skipped: no /dev/full\n");
        skip();
    }
    char words[3][16] = {"evenhand-test", "open", "file"};
    char *argv[] = {words[0], words[1], words[2], NULL};
    evh_cli cli = {.program = &program, .out = full, .err = stderr};
    assert_fails(evh_cli_write(&cli, view_of_literal("data")), EVH_ERR_STORE);
    (void)fclose(full);
    full = fopen("/dev/full", "w");
    FILE *err = tmpfile();
    char *help[] = {words[0], strcpy(words[1], "--help"), NULL};
    assert_int_equal(evh_cli_run(&program, 2, help, full, err), 7);
    (void)argv;
    (void)fclose(full);
    (void)fclose(err);
}

static void test_number(void **state)
{
    (void)state;
    uint64_t value = 7;
    assert_ok(evh_cli_number(&value, "1000", "--n", 1, 1000));
    assert_int_equal(value, 1000);
    const char *const bad[] = {"",   "0",  "1001", "-1",  "+1",
                               "1 ", " 1", "0x10", "1e3", "99999999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_fails_with(evh_cli_number(&value, bad[i], "--n", 1, 1000), EVH_ERR_ARG, "--n");
        assert_int_equal(value, 0);
    }
}

int run_cli_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_run_options_reach_the_command),
        cmocka_unit_test(test_run_quiet_and_json_silence_messages),
        cmocka_unit_test(test_run_arguments),
        cmocka_unit_test(test_run_two_words_and_verdict),
        cmocka_unit_test(test_run_failure_as_text),
        cmocka_unit_test(test_run_failure_as_json),
        cmocka_unit_test(test_run_diagnostics),
        cmocka_unit_test(test_run_wrong_command_line),
        cmocka_unit_test(test_run_wrong_option_as_json),
        cmocka_unit_test(test_run_wrong_option_as_text_and_help),
        cmocka_unit_test(test_run_help_and_version),
        cmocka_unit_test(test_write_to_full_disk),
        cmocka_unit_test(test_number),
    };
    return cmocka_run_group_tests_name("cli", tests, NULL, NULL);
}
