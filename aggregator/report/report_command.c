/* SPDX-License-Identifier: Apache-2.0
 * evenhand-aggregator round report: results in the forms that people and programs take. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "evenhand/aggregator/commands.h"
#include "evenhand/base/sizes.h"
#include "evenhand/cli/terminal.h"
#include "evenhand/files/files.h"
#include "evenhand/plan/canonical.h"
#include "evenhand/report/formats.h"
#include "evenhand/report/page.h"

enum { KEY_HTML = 300, KEY_CSV, KEY_CARD, KEY_ANALYSIS, KEY_MODEL, KEY_ASCII };

typedef struct report_options {
    const char *html, *csv, *card, *analysis; /* files to write, NULL: not */
    const char *model;                        /* of the analysis */
    bool ascii;
} report_options;

static evh_status set_option(void *own, int key, const char *value)
{
    report_options *options = own;
    switch (key) {
    case KEY_HTML:
        options->html = value;
        break;
    case KEY_CSV:
        options->csv = value;
        break;
    case KEY_CARD:
        options->card = value;
        break;
    case KEY_ANALYSIS:
        options->analysis = value;
        break;
    case KEY_MODEL:
        options->model = value;
        break;
    default:
        options->ascii = true;
        break;
    }
    return evh_ok();
}

typedef struct report_run {
    evh_result **results;           /* [count] */
    const evh_result_facts **facts; /* [count] in the order of rounds */
    size_t count;
    const evh_result_facts *last;
    evh_buffer out;
} report_run;

static evh_status read_results(report_run *run, evh_cli *cli)
{
    evh_status status = evh_ok();
    evh_buffer json = evh_buffer_init(EVH_RESULT_BYTES_MAX);
    EVH_REQUIRE(cli->argument_count > 0, EVH_ERR_ARG, "name one result.json or more");
    EVH_TRY(evh_alloc(&run->results, cli->argument_count, sizeof *run->results, "results"));
    EVH_TRY(evh_alloc(&run->facts, cli->argument_count, sizeof *run->facts, "results"));
    for (run->count = 0; run->count < cli->argument_count; run->count++) {
        const char *path = cli->arguments[run->count];
        EVH_TRY(evh_file_read(&json, path));
        status = evh_result_read(&run->results[run->count], evh_buffer_view(&json));
        if (status.code == EVH_ERR_ENCODING)
            status = evh_fail(EVH_ERR_INPUT, "%s", status.text);
        EVH_TRY(evh_status_in(status, "%.60s", path));
        run->facts[run->count] = evh_result_facts_of(run->results[run->count]);
    }

done:
    evh_buffer_clear(&json);
    return status;
}

static int by_round(const void *a, const void *b)
{
    const evh_result_facts *const *one = a;
    const evh_result_facts *const *other = b;
    return ((*one)->round > (*other)->round) - ((*one)->round < (*other)->round);
}

/* `facts` in the order of rounds. */
static evh_status check_rounds(const report_run *run)
{
    evh_status status = evh_ok();
    for (size_t i = 1; i < run->count; i++) {
        const evh_result_facts *last = run->facts[i - 1];
        EVH_REQUIRE(
            memcmp(evh_plan_id(run->facts[i]->plan), evh_plan_id(last->plan), EVH_PLAN_ID_LEN) == 0,
            EVH_ERR_ARG, "these are results of several plans: name the rounds of one plan");
        EVH_REQUIRE(run->facts[i]->round > last->round, EVH_ERR_ARG,
                    "two of these are results of round %" PRIu32 ": name each round once",
                    last->round);
    }

done:
    return status;
}

static bool is_same_file(const char *a, const char *b)
{
    struct stat one;
    struct stat other;
    return stat(a, &one) == 0 && stat(b, &other) == 0 && S_ISREG(one.st_mode) &&
           one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/* Nothing is written over a result, nor over what was just written. */
static evh_status check_outputs(const evh_cli *cli, const report_options *options)
{
    evh_status status = evh_ok();
    const char *const outputs[] = {options->html, options->csv, options->card, options->analysis};
    enum { COUNT = sizeof outputs / sizeof outputs[0] };
    for (size_t i = 0; i < COUNT; i++) {
        if (outputs[i] == NULL)
            continue;
        EVH_REQUIRE(outputs[i][0] != '\0', EVH_ERR_ARG, "an output without a name: name a file");
        for (size_t j = 0; j < cli->argument_count; j++)
            EVH_REQUIRE(!is_same_file(outputs[i], cli->arguments[j]), EVH_ERR_ARG,
                        "%.60s is a result that is read: write to another file", outputs[i]);
        for (size_t j = 0; j < i; j++)
            EVH_REQUIRE(outputs[j] == NULL || strncmp(outputs[i], "/dev/", 5) == 0 ||
                            strcmp(outputs[i], outputs[j]) != 0,
                        EVH_ERR_ARG, "%.60s is named for two forms: name a file for each",
                        outputs[i]);
    }

done:
    return status;
}

static evh_status find_model(size_t *model, const report_run *run, const report_options *options)
{
    evh_status status = evh_ok();
    const evh_plan_terms *terms = evh_plan_terms_of(run->last->plan);
    *model = 0;
    if (options->model == NULL) {
        EVH_REQUIRE(terms->model_count < 2, EVH_ERR_ARG,
                    "--model: an analysis is about one of the plan's %zu models",
                    terms->model_count);
        goto done;
    }
    while (*model < terms->model_count && strcmp(terms->models[*model], options->model) != 0)
        ++*model;
    EVH_REQUIRE(*model < terms->model_count, EVH_ERR_ARG, "--model %.40s: the plan has no such one",
                options->model);

done:
    return status;
}

/* Writes what the buffer holds, and empties it. */
static evh_status write_file(report_run *run, const char *path)
{
    evh_status status = evh_file_replace(path, evh_buffer_view(&run->out), EVH_FILE_SHARED);
    evh_buffer_clear(&run->out);
    return status;
}

static evh_status write_files(report_run *run, const report_options *options)
{
    evh_status status = evh_ok();
    size_t model = 0;
    if (options->html != NULL) {
        EVH_TRY(evh_result_page(&run->out, run->facts, run->count));
        EVH_TRY(write_file(run, options->html));
    }
    if (options->csv != NULL) {
        EVH_TRY(evh_result_csv(&run->out, run->last));
        EVH_TRY(write_file(run, options->csv));
    }
    if (options->card != NULL) {
        EVH_TRY(evh_result_card(&run->out, run->last));
        EVH_TRY(write_file(run, options->card));
    }
    if (options->analysis != NULL) {
        EVH_TRY(find_model(&model, run, options));
        EVH_TRY(evh_result_analysis(&run->out, run->last, model));
        EVH_TRY(write_file(run, options->analysis));
    }

done:
    return status;
}

static evh_status show(report_run *run, evh_cli *cli, const report_options *options)
{
    evh_status status = evh_ok();
    const evh_result_terminal terminal = {.unicode = !options->ascii && evh_terminal_is_utf8(),
                                          .columns = evh_terminal_columns(cli->out)};
    if (cli->common.json)
        EVH_TRY(evh_result_write(&run->out, run->last));
    else
        EVH_TRY(evh_result_text(&run->out, run->last, &terminal));
    EVH_TRY(evh_cli_write(cli, evh_buffer_view(&run->out)));

done:
    return status;
}

static evh_status run_report(evh_cli *cli, void *own)
{
    evh_status status = evh_ok();
    const report_options *options = own;
    report_run run = {.out = evh_buffer_init(EVH_PAGE_BYTES_MAX)};
    EVH_TRY(check_outputs(cli, options));
    EVH_TRY(read_results(&run, cli));
    qsort(run.facts, run.count, sizeof(const evh_result_facts *), by_round);
    EVH_TRY(check_rounds(&run));
    run.last = run.facts[run.count - 1];
    EVH_TRY(write_files(&run, options));
    EVH_TRY(show(&run, cli, options));

done:
    for (size_t i = 0; run.results != NULL && i < cli->argument_count; i++)
        evh_result_free(&run.results[i]);
    free(run.results);
    free(run.facts);
    evh_buffer_clear(&run.out);
    return status;
}

static const evh_cli_option options_of_report[] = {
    {.name = "html", .value = "FILE", .help = "One page with charts", .key = KEY_HTML},
    {.name = "csv", .value = "FILE", .help = "A row for each group and metric", .key = KEY_CSV},
    {.name = "card", .value = "FILE", .help = "Markdown for a model card", .key = KEY_CARD},
    {.name = "analysis",
     .value = "FILE",
     .help = "The shape of SageMaker Clarify's analysis.json (binary plans)",
     .key = KEY_ANALYSIS},
    {.name = "model",
     .value = "NAME",
     .help = "The model that --analysis is about",
     .key = KEY_MODEL},
    {.name = "ascii", .help = "No characters beyond ASCII in the text", .key = KEY_ASCII},
    {.name = NULL},
};

static const evh_cli_command commands[] = {
    {.name = "round report",
     .section = "Rounds",
     .summary = "Results as text, page, table, card",
     .arguments = "RESULT.json...",
     .details = "Reads results of one plan, needs neither a folder nor a network, and shows the "
                "one of the last round as text, with --json as result.json. With several rounds "
                "the page of --html shows the trend. A file that says anything but what its own "
                "sums give is refused.",
     .options = options_of_report,
     .own_size = sizeof(report_options),
     .set = set_option,
     .run = run_report},
};

evh_command_table evh_report_commands(void)
{
    return (evh_command_table){.commands = commands, .count = sizeof commands / sizeof commands[0]};
}
