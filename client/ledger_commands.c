/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands_internal.h"
#include "evenhand/base/sizes.h"
#include "evenhand/files/files.h"
#include "evenhand/ledger/ledger.h"
#include "session_internal.h"

enum {
    TEXT_BYTES_MAX = 1 << 30,
    HEX_LEN = 2 * EVH_LEDGER_HASH_LEN + 1,
    SHORT_ID_LEN = 12,
    MS_PER_S = 1000
};

typedef struct show_run {
    evh_cli *cli;
    evh_session session; /* its configuration only */
    evh_ledger *ledger;
    evh_table table;
    evh_json *json;
    char (*populations)[EVH_LEDGER_NAME_BYTES_MAX + 1];
    size_t population_count, population_capacity;
    int year;   /* UTC, now */
    bool empty; /* there is no ledger yet */
} show_run;

static evh_status open_ledger(show_run *run)
{
    evh_status status = evh_ok();
    evh_cli *cli = run->cli;
    char path[EVH_PATH_BYTES_MAX] = "";
    const evh_clock clock = evh_clock_os();
    run->year = evh_civil_from_unix(evh_clock_wall_ms(&clock) / MS_PER_S).year;
    EVH_TRY(evh_session_read_config(&run->session, cli,
                                    cli->argument_count == 0 ? EVH_CONFIG_NEED_LEDGER : 0));
    EVH_REQUIRE(cli->argument_count + (run->session.config != NULL) >= 1, EVH_ERR_ARG,
                "%s needs the ledger: its file, or a configuration with -c FILE",
                cli->command->name);
    EVH_REQUIRE(cli->argument_count <= 1, EVH_ERR_ARG, "expected one file");
    if (cli->argument_count == 1)
        EVH_TRY(evh_path_resolve(path, NULL, evh_view_of_text(cli->arguments[0])));
    else
        EVH_TRY(evh_path_resolve(path, cli->common.config,
                                 evh_view_of_text(run->session.config->ledger)));
    /* The ledger that a configuration names comes into being with the first charge. */
    run->empty = cli->argument_count == 0 && access(path, F_OK) != 0 && errno == ENOENT;
    if (!run->empty)
        EVH_TRY(evh_ledger_open(&run->ledger, path, EVH_LEDGER_READ));

done:
    return status;
}

/* Without a ledger the configuration says whose it would be. */
static const char *customer_of(const show_run *run)
{
    if (!run->empty)
        return evh_ledger_customer(run->ledger);
    return run->session.config->customer != NULL ? run->session.config->customer : "";
}

static evh_status note_population(show_run *run, evh_view population)
{
    evh_status status = evh_ok();
    for (size_t i = 0; i < run->population_count; i++)
        if (evh_view_equal(evh_view_of_text(run->populations[i]), population))
            goto done;
    EVH_TRY(evh_array_reserve(&run->populations, &run->population_capacity,
                              run->population_count + 1, sizeof *run->populations, "populations"));
    memcpy(run->populations[run->population_count++], population.data, population.len);

done:
    return status;
}

static const char *window_text(char out[EVH_TIME_TEXT_LEN], const evh_ledger_charge *charge)
{
    if (!charge->has_window)
        return "-";
    evh_time_format(out, charge->window_start_ms);
    return out;
}

/* What became of the report of an entry: "missed", "received", or "to send". */
static evh_status outcome_of(const char **out, show_run *run, const evh_ledger_entry *entry)
{
    evh_status status = evh_ok();
    evh_buffer receipt = evh_buffer_init(EVH_LEDGER_RECEIPT_BYTES_MAX);
    bool found = false;
    *out = "missed";
    if (entry->report_bytes == 0)
        goto done;
    EVH_TRY(evh_ledger_find_receipt(run->ledger, &found, &receipt, entry->charge.plan_id,
                                    entry->charge.round));
    *out = found ? "received" : "to send";

done:
    evh_buffer_clear(&receipt);
    return status;
}

static evh_status add_outcome(show_run *run, const evh_ledger_entry *entry)
{
    evh_status status = evh_ok();
    const char *outcome = NULL;
    EVH_TRY(outcome_of(&outcome, run, entry));
    EVH_TRY(evh_table_add(&run->table, "%s", outcome));

done:
    return status;
}

static evh_status show_row(void *context, const evh_ledger_entry *entry)
{
    evh_status status = evh_ok();
    show_run *run = context;
    const evh_ledger_charge *charge = &entry->charge;
    char plan[HEX_LEN], epsilon[EVH_DECIMAL_TEXT_LEN], delta[EVH_DECIMAL_TEXT_LEN];
    char window[EVH_TIME_TEXT_LEN], charged[EVH_TIME_TEXT_LEN];
    evh_hex_encode(plan, evh_view_of(charge->plan_id, EVH_LEDGER_PLAN_ID_LEN));
    evh_decimal_format(epsilon, charge->epsilon);
    evh_decimal_format(delta, charge->delta);
    evh_time_format(charged, entry->charged_ms);
    EVH_TRY(note_population(run, charge->population));
    EVH_TRY(evh_table_add(&run->table, "%" PRIu64, entry->position.sequence));
    EVH_TRY(evh_table_add(&run->table, "%.*s", (int)charge->population.len,
                          (const char *)charge->population.data));
    EVH_TRY(evh_table_add(&run->table, "%.*s", SHORT_ID_LEN, plan));
    EVH_TRY(evh_table_add(&run->table, "%" PRIu32, charge->round));
    EVH_TRY(evh_table_add(&run->table, "%.10s", window_text(window, charge)));
    EVH_TRY(evh_table_add(&run->table, "%s", epsilon));
    EVH_TRY(evh_table_add(&run->table, "%s", delta));
    EVH_TRY(evh_table_add(&run->table, "%" PRIu32, charge->customers_per_unit));
    EVH_TRY(evh_table_add(&run->table, "%s", charged));
    EVH_TRY(add_outcome(run, entry));

done:
    return status;
}

static void put_hex(evh_json *json, const char *key, const uint8_t *bytes)
{
    char hex[HEX_LEN];
    evh_hex_encode(hex, evh_view_of(bytes, EVH_LEDGER_HASH_LEN));
    evh_json_text(json, key, hex);
}

static void put_time(evh_json *json, const char *key, bool there, int64_t ms)
{
    char text[EVH_TIME_TEXT_LEN];
    if (!there) {
        evh_json_null(json, key);
        return;
    }
    evh_time_format(text, ms);
    evh_json_text(json, key, text);
}

static void put_mechanism(evh_json *json, const evh_ledger_charge *charge)
{
    evh_json_array_open(json, "noise");
    for (size_t i = 0; i < charge->class_count; i++) {
        const evh_noise *noise = &charge->classes[i];
        evh_json_row_open(json, NULL);
        evh_json_text(json, "kind", evh_noise_kind_name(noise->kind));
        evh_json_u64(json, "num", noise->parameter.num);
        evh_json_u64(json, "den", noise->parameter.den);
        evh_json_close(json);
    }
    evh_json_close(json);
    evh_json_u64(json, "shifts", charge->shift_count);
}

static evh_status put_entry(void *context, const evh_ledger_entry *entry)
{
    evh_status status = evh_ok();
    show_run *run = context;
    evh_json *json = run->json;
    const evh_ledger_charge *charge = &entry->charge;
    const char *outcome = NULL;
    char epsilon[EVH_DECIMAL_TEXT_LEN], delta[EVH_DECIMAL_TEXT_LEN];
    EVH_TRY(outcome_of(&outcome, run, entry));
    evh_decimal_format(epsilon, charge->epsilon);
    evh_decimal_format(delta, charge->delta);
    evh_json_row_open(json, NULL);
    evh_json_u64(json, "sequence", entry->position.sequence);
    evh_json_view(json, "population", charge->population);
    put_hex(json, "plan_id", charge->plan_id);
    evh_json_u64(json, "round", charge->round);
    put_time(json, "window_start", charge->has_window, charge->window_start_ms);
    put_time(json, "window_end", charge->has_window, charge->window_end_ms);
    evh_json_text(json, "epsilon", epsilon);
    evh_json_text(json, "delta", delta);
    evh_json_u64(json, "customers_per_unit", charge->customers_per_unit);
    put_mechanism(json, charge);
    put_time(json, "charged", true, entry->charged_ms);
    evh_json_u64(json, "report_bytes", entry->report_bytes);
    put_hex(json, "report_sha256", entry->report_hash);
    evh_json_text(json, "report", outcome);
    put_hex(json, "head", entry->position.head);
    evh_json_close(json);
    EVH_TRY(note_population(run, charge->population));

done:
    return status;
}

static evh_status put_populations(show_run *run, evh_json *json)
{
    evh_status status = evh_ok();
    evh_json_array_open(json, "populations");
    for (size_t i = 0; i < run->population_count; i++) {
        evh_ledger_spent spent;
        evh_view name = evh_view_of_text(run->populations[i]);
        EVH_TRY(evh_ledger_spent_by(run->ledger, &spent, name, run->year));
        evh_json_row_open(json, NULL);
        evh_json_view(json, "population", name);
        evh_json_u64(json, "entries", spent.entries);
        evh_json_text(json, "life_epsilon", spent.epsilon);
        evh_json_text(json, "life_delta", spent.delta);
        evh_json_i64(json, "year", run->year);
        evh_json_text(json, "year_epsilon", spent.year_epsilon);
        evh_json_text(json, "year_delta", spent.year_delta);
        evh_json_close(json);
    }
    evh_json_close(json);

done:
    return status;
}

static evh_status fill_json(void *context, evh_json *json)
{
    evh_status status = evh_ok();
    show_run *run = context;
    run->json = json;
    evh_json_text(json, "customer", customer_of(run));
    evh_json_array_open(json, "entries");
    if (!run->empty)
        EVH_TRY(evh_ledger_visit(run->ledger, put_entry, run));
    evh_json_close(json);
    EVH_TRY(put_populations(run, json));

done:
    return status;
}

static evh_status format_populations(evh_buffer *out, show_run *run)
{
    evh_status status = evh_ok();
    for (size_t i = 0; i < run->population_count; i++) {
        evh_ledger_spent spent;
        evh_view name = evh_view_of_text(run->populations[i]);
        const evh_config_limit *limit = NULL;
        char allowed[EVH_DECIMAL_TEXT_LEN];
        EVH_TRY(evh_ledger_spent_by(run->ledger, &spent, name, run->year));
        EVH_TRY(evh_buffer_format(out,
                                  "%s: epsilon %s over its whole life, %s in %d; delta %s and %s.",
                                  run->populations[i], spent.epsilon, spent.year_epsilon, run->year,
                                  spent.delta, spent.year_delta));
        if (run->session.config != NULL)
            limit = evh_config_find_limit(run->session.config, name);
        if (limit != NULL) {
            evh_decimal_format(allowed, limit->epsilon);
            EVH_TRY(evh_buffer_format(out, " Your limit: epsilon %s%s.", allowed,
                                      limit->per_year ? " a year" : ""));
        }
        EVH_TRY(evh_buffer_format(out, "\n"));
    }

done:
    return status;
}

static evh_status write_text(show_run *run)
{
    evh_status status = evh_ok();
    evh_buffer out = evh_buffer_init(TEXT_BYTES_MAX);
    static const char *const heading[] = {"entry",   "population", "plan",  "round",
                                          "window",  "epsilon",    "delta", "customers",
                                          "charged", "report"};
    run->table = evh_table_of(sizeof heading / sizeof heading[0]);
    for (size_t i = 0; i < sizeof heading / sizeof heading[0]; i++)
        EVH_TRY(evh_table_add(&run->table, "%s", heading[i]));
    EVH_TRY(evh_ledger_visit(run->ledger, show_row, run));
    EVH_TRY(evh_buffer_format(&out, "Ledger of %s\n\n", evh_ledger_customer(run->ledger)));
    EVH_TRY(evh_table_format(&out, &run->table));
    EVH_TRY(evh_buffer_format(&out, "\n"));
    EVH_TRY(format_populations(&out, run));
    EVH_TRY(evh_cli_write(run->cli, evh_buffer_view(&out)));

done:
    evh_table_clear(&run->table);
    evh_buffer_clear(&out);
    return status;
}

static evh_view nothing_charged(void)
{
    return evh_view_of_text("Nothing charged yet: there is no ledger.\n");
}

static void show_clear(show_run *run)
{
    free(run->populations);
    evh_ledger_free(&run->ledger);
    evh_session_clear(&run->session);
}

evh_status evh_command_ledger_show(evh_cli *cli, void *own)
{
    evh_status status = evh_ok();
    show_run run = {.cli = cli};
    (void)own;
    EVH_TRY(open_ledger(&run));
    if (cli->common.json)
        EVH_TRY(evh_session_write_json(cli, fill_json, &run));
    else if (run.empty)
        EVH_TRY(evh_cli_write(cli, nothing_charged()));
    else
        EVH_TRY(write_text(&run));

done:
    show_clear(&run);
    return status;
}

typedef struct verified {
    const char *customer;
    evh_ledger_finding finding;
} verified;

static evh_status fill_finding(void *context, evh_json *json)
{
    const verified *v = context;
    evh_json_text(json, "customer", v->customer);
    evh_json_bool(json, "intact", v->finding.intact);
    evh_json_u64(json, "entries", v->finding.entries);
    if (v->finding.intact) {
        evh_json_null(json, "broken_at");
        evh_json_null(json, "finding");
    } else {
        evh_json_u64(json, "broken_at", v->finding.sequence);
        evh_json_text(json, "finding", v->finding.text);
    }
    return evh_ok();
}

evh_status evh_command_ledger_verify(evh_cli *cli, void *own)
{
    evh_status status = evh_ok();
    show_run run = {.cli = cli};
    verified v;
    evh_buffer out = evh_buffer_init(TEXT_BYTES_MAX);
    (void)own;
    EVH_TRY(open_ledger(&run));
    EVH_REQUIRE(!run.empty, EVH_ERR_STORE,
                "there is no ledger to verify: it is made when a round is first charged");
    v.customer = evh_ledger_customer(run.ledger);
    EVH_TRY(evh_ledger_verify(run.ledger, &v.finding));
    if (cli->common.json)
        EVH_TRY(evh_session_write_json(cli, fill_finding, &v));
    else if (v.finding.intact) {
        EVH_TRY(evh_buffer_format(&out, "Ledger of %s: %" PRIu64 " entries, all intact.\n",
                                  v.customer, v.finding.entries));
        EVH_TRY(evh_cli_write(cli, evh_buffer_view(&out)));
    }
    EVH_REQUIRE(v.finding.intact, EVH_ERR_STORE, "broken at entry %" PRIu64 ": %s",
                v.finding.sequence, v.finding.text);

done:
    evh_buffer_clear(&out);
    show_clear(&run);
    return status;
}
