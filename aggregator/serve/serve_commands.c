/* SPDX-License-Identifier: Apache-2.0
 * evenhand-aggregator leader, evenhand-aggregator helper. */
#include <signal.h>
#include <string.h>

#include "evenhand/aggregator/commands.h"
#include "serve_internal.h"

enum { KEY_READY_FILE = 300 };

typedef struct serve_options {
    const char *ready_file;
} serve_options;

static evh_status set_option(void *own, int key, const char *value)
{
    serve_options *options = own;
    if (key == KEY_READY_FILE)
        options->ready_file = value;
    return evh_ok();
}

/* Threads inherit the mask, so only the one that waits for signals gets them. */
static sigset_t stop_signals(void)
{
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    return set;
}

/* After the first signal the next one ends the process at once: what was committed stays. */
static void wait_for_signal(void *context)
{
    sigset_t set = stop_signals();
    int number = 0;
    (void)context;
    (void)sigwait(&set, &number);
    (void)pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

static evh_status serve_as(evh_cli *cli, const serve_options *own, evh_role role)
{
    evh_deployment *deployment = NULL;
    sigset_t set = stop_signals();
    evh_status status = evh_ok();
    evh_deployment_options open = {.config = cli->common.config,
                                   .use = EVH_DEPLOYMENT_RUN,
                                   .clock = evh_clock_os(),
                                   .rng = evh_rng_os(),
                                   .diagnostics = &cli->diagnostics};
    evh_serve_options serving = {
        .version = cli->program->version, .ready_file = own->ready_file, .wait = wait_for_signal};
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN); /* the write fails, as on a disk that is full */
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
    EVH_TRY(evh_cli_need(cli, EVH_CLI_TAKES_CONFIG));
    EVH_TRY(evh_deployment_open(&deployment, &open));
    EVH_REQUIRE(deployment->settings.role == role, EVH_ERR_INPUT, "%s belongs to a %s, not a %s",
                cli->common.config, evh_party_word(deployment->settings.role),
                evh_party_word(role));
    serving.deployment = deployment;
    EVH_TRY(evh_serve_run(&serving));
done:
    evh_deployment_close(&deployment);
    return status;
}

static evh_status run_leader(evh_cli *cli, void *own)
{
    return serve_as(cli, own, EVH_ROLE_LEADER);
}

static evh_status run_helper(evh_cli *cli, void *own)
{
    return serve_as(cli, own, EVH_ROLE_HELPER);
}

static const evh_cli_option options[] = {
    {.name = "ready-file",
     .value = "FILE",
     .help = "Write the addresses that are served into FILE when everything is ready",
     .key = KEY_READY_FILE},
    {.name = NULL},
};

#define DETAILS                                                                                    \
    "Serves until SIGTERM or SIGINT, and then ends what is running; a second signal ends it at "   \
    "once, which loses nothing that was answered. Events go to standard error, one a line. "       \
    "/metrics, /healthz and /readyz are served over plain HTTP at the address `metrics` of the "   \
    "settings."

static const evh_cli_command commands[] = {
    {.name = "leader",
     .section = "Serve",
     .summary = "Serve customers, the collector and the log; lead the rounds",
     .details = DETAILS,
     .takes = EVH_CLI_TAKES_CONFIG,
     .options = options,
     .own_size = sizeof(serve_options),
     .set = set_option,
     .run = run_leader},
    {.name = "helper",
     .section = "Serve",
     .summary = "Serve the leader: check its log and its rounds, and add up the other shares",
     .details = DETAILS,
     .takes = EVH_CLI_TAKES_CONFIG,
     .options = options,
     .own_size = sizeof(serve_options),
     .set = set_option,
     .run = run_helper},
};

evh_command_table evh_serve_commands(void)
{
    return (evh_command_table){.commands = commands, .count = sizeof commands / sizeof commands[0]};
}
