/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/cli/progress.h"

#include <stdio.h>
#include <unistd.h>

enum {
    BAR_WIDTH = 30,
    TERMINAL_PERIOD_MS = 100,
    TERMINAL_FIRST_MS = 300, /* a task that is over at once shows no bar */
    LINE_PERIOD_MS = 10000,
    MS_PER_S = 1000
};

evh_progress evh_progress_start(const evh_cli *cli, evh_clock clock, const char *what,
                                uint64_t total)
{
    evh_progress progress = {.err = cli->err, .clock = clock, .what = what, .total = total};
    int descriptor = fileno(cli->err);
    progress.terminal = descriptor >= 0 && isatty(descriptor) == 1;
    if (cli->common.quiet || (cli->common.json && !progress.terminal))
        progress.err = NULL;
    progress.started_ms = evh_clock_monotonic_ms(&clock);
    progress.shown_ms = progress.started_ms;
    if (progress.terminal)
        progress.shown_ms += TERMINAL_FIRST_MS - TERMINAL_PERIOD_MS;
    return progress;
}

static unsigned percent_of(const evh_progress *progress, uint64_t at)
{
    if (at >= progress->total)
        return 100;
    return (unsigned)((double)at * 100.0 / (double)progress->total);
}

static void show_bar(evh_progress *progress, uint64_t at)
{
    char bar[BAR_WIDTH + 1];
    unsigned percent = percent_of(progress, at);
    for (unsigned i = 0; i < BAR_WIDTH; i++)
        bar[i] = i < percent * BAR_WIDTH / 100 ? '#' : '-';
    bar[BAR_WIDTH] = '\0';
    (void)fprintf(progress->err, "\r%s [%s] %3u %%", progress->what, bar, percent);
    (void)fflush(progress->err);
    progress->bar_shown = true;
}

void evh_progress_at(evh_progress *progress, uint64_t at)
{
    if (progress->err == NULL)
        return;
    int64_t now_ms = evh_clock_monotonic_ms(&progress->clock);
    if (now_ms - progress->shown_ms < (progress->terminal ? TERMINAL_PERIOD_MS : LINE_PERIOD_MS))
        return;
    progress->shown_ms = now_ms;
    long long seconds = (long long)((now_ms - progress->started_ms) / MS_PER_S);
    if (progress->total == 0)
        (void)fprintf(progress->err, "%s%s: %lld s%s", progress->terminal ? "\r" : "",
                      progress->what, seconds, progress->terminal ? "" : "\n");
    else if (progress->terminal)
        show_bar(progress, at);
    else
        (void)fprintf(progress->err, "%s: %u %% after %lld s\n", progress->what,
                      percent_of(progress, at), seconds);
    progress->bar_shown = progress->terminal;
    (void)fflush(progress->err);
}

void evh_progress_end(evh_progress *progress)
{
    if (progress->err != NULL && progress->bar_shown)
        (void)fputs("\r\033[K", progress->err);
    progress->bar_shown = false;
}
