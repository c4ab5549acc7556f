/* SPDX-License-Identifier: Apache-2.0
 * evenhand-aggregator collector, evenhand-aggregator round collect. */
#include <signal.h>

#include "evenhand/aggregator/commands.h"
#include "session_internal.h"

enum { KEY_READY_FILE = 300, KEY_POLL, KEY_ONCE, POLL_DEFAULT_S = 5, POLL_MAX_S = 3600 };

typedef struct collector_options {
    const char *ready_file;
    uint64_t poll_s; /* 0: the default */
} collector_options;

static evh_status set_collector_option(void *own, int key, const char *value)
{
    collector_options *options = own;
    if (key == KEY_POLL)
        return evh_cli_number(&options->poll_s, value, "poll", 1, POLL_MAX_S);
    options->ready_file = value;
    return evh_ok();
}

static evh_status run_collector(evh_cli *cli, void *own)
{
    const collector_options *options = own;
    const evh_collect_process_options process = {
        .version = cli->program->version,
        .ready_file = options->ready_file,
        .poll_s = options->poll_s == 0 ? POLL_DEFAULT_S : (uint32_t)options->poll_s};
    evh_collect_session *session = NULL;
    sigset_t set;
    evh_status status = evh_ok();
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN); /* the write fails, as on a disk that is full */
    /* Threads inherit the mask, so only the one that waits for signals gets them. */
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
    EVH_TRY(evh_collect_session_open(&session, cli));
    EVH_TRY(evh_collect_process(session, &process));
done:
    evh_collect_session_close(&session);
    return status;
}

static evh_status set_round_option(void *own, int key, const char *value)
{
    evh_round_collect_options *options = own;
    if (key == KEY_ONCE)
        options->once = true;
    else
        options->out = value;
    return evh_ok();
}

static const evh_cli_option collector_command_options[] = {
    {.name = "poll",
     .value = "SECONDS",
     .help = "Ask the leader for news that often (default 5)",
     .key = KEY_POLL},
    {.name = "ready-file",
     .value = "FILE",
     .help = "Write \"- METRICS-ADDRESS\" into FILE when everything is ready",
     .key = KEY_READY_FILE},
    {.name = NULL},
};

static const evh_cli_option round_command_options[] = {
    {.name = "once", .help = "Collect every round that is ready, once", .key = KEY_ONCE},
    {.name = "out", .value = "FILE", .help = "Copy result.json of the round to FILE", .key = 'o'},
    {.name = NULL},
};

static const evh_cli_command commands[] = {
    {.name = "collector",
     .section = "Serve",
     .summary = "Follow the log, add up the shares of every round, publish its result",
     .details =
         "Works until SIGTERM or SIGINT; a second signal ends it at once, which loses nothing. "
         "Results are kept in the folder `results` of the settings. Events go to standard error, "
         "one a line. /metrics, /healthz and /readyz are served over plain HTTP at the address "
         "`metrics` of the settings.",
     .takes = EVH_CLI_TAKES_CONFIG,
     .options = collector_command_options,
     .own_size = sizeof(collector_options),
     .set = set_collector_option,
     .run = run_collector},
    {.name = "round collect",
     .section = "Rounds",
     .summary = "Collect one round, or every round that is ready, without the collector's process",
     .details =
         "For one round give -p, the plan's name, the first digits of its id or its file, and -n. "
         "The round is collected, published, and awaited in the log. A round that was collected "
         "before is shown again. The collector's process must not be running.",
     .takes = EVH_CLI_TAKES_CONFIG | EVH_CLI_TAKES_PLAN | EVH_CLI_TAKES_ROUND,
     .options = round_command_options,
     .own_size = sizeof(evh_round_collect_options),
     .set = set_round_option,
     .run = evh_command_round_collect},
};

evh_command_table evh_collect_commands(void)
{
    return (evh_command_table){.commands = commands, .count = sizeof commands / sizeof commands[0]};
}
