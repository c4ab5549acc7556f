/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "evenhand/base/clock.h"
#include "evenhand/base/failpoint.h"
#include "evenhand/base/limits.h"
#include "evenhand/base/utf8.h"
#include "evenhand/seal/hash.h"
#include "ledger_internal.h"

enum { MS_PER_S = 1000, CUSTOMERS_PER_UNIT_MAX = 1000000 };

static evh_status check_charge(const evh_ledger_charge *charge)
{
    evh_status status = evh_ok();
    evh_amount amount;
    EVH_REQUIRE(charge->population.len > 0 && charge->population.len <= EVH_LEDGER_NAME_BYTES_MAX &&
                    evh_utf8_valid_len(charge->population) == charge->population.len,
                EVH_ERR_ARG, "a population's name has 1 to %d bytes of UTF-8",
                EVH_LEDGER_NAME_BYTES_MAX);
    EVH_REQUIRE(charge->round > 0, EVH_ERR_ARG, "rounds count from 1");
    EVH_REQUIRE(charge->customers_per_unit >= 1 &&
                    charge->customers_per_unit <= CUSTOMERS_PER_UNIT_MAX,
                EVH_ERR_ARG, "customers_per_unit must be 1 to %d", CUSTOMERS_PER_UNIT_MAX);
    EVH_REQUIRE(!charge->has_window || charge->window_start_ms < charge->window_end_ms, EVH_ERR_ARG,
                "a window that ends before it starts");
    EVH_TRY(evh_amount_of(&amount, charge->epsilon, charge->customers_per_unit));
    EVH_TRY(evh_amount_of(&amount, charge->delta, charge->customers_per_unit));

done:
    return status;
}

static int year_of(const evh_ledger_charge *charge, int64_t now_ms)
{
    int64_t when_ms = charge->has_window ? charge->window_start_ms : now_ms;
    return evh_civil_from_unix(when_ms / MS_PER_S).year;
}

/* How many further charges fit, at most `most`. */
static evh_status count_affordable(evh_ledger *ledger, uint32_t *rounds, evh_ledger_sums *sums,
                                   const evh_ledger_charge *charge, const evh_ledger_limit *limit,
                                   int year, uint32_t most)
{
    evh_status status = evh_ok();
    evh_amount epsilon = {0}, delta = {0}, epsilon_limit = {0}, delta_limit = {0};
    evh_amount epsilon_sum = {0}, delta_sum = {0};
    *rounds = 0;
    EVH_TRY(evh_amount_of(&epsilon, charge->epsilon, charge->customers_per_unit));
    EVH_TRY(evh_amount_of(&delta, charge->delta, charge->customers_per_unit));
    EVH_TRY(evh_amount_limit(&epsilon_limit, limit->epsilon));
    EVH_TRY(evh_amount_limit(&delta_limit, limit->delta));
    *sums = (evh_ledger_sums){.entries = 0};
    if (ledger != NULL)
        EVH_TRY(evh_ledger_sum(ledger, sums, charge->population, year));
    epsilon_sum = limit->per_year ? sums->year_epsilon : sums->epsilon;
    delta_sum = limit->per_year ? sums->year_delta : sums->delta;
    while (*rounds < most) {
        epsilon_sum = evh_amount_add(epsilon_sum, epsilon);
        delta_sum = evh_amount_add(delta_sum, delta);
        if (epsilon_sum.units > epsilon_limit.units || delta_sum.units > delta_limit.units)
            break;
        (*rounds)++;
    }

done:
    return status;
}

evh_status evh_ledger_affords(evh_ledger *ledger, uint32_t *rounds, const evh_ledger_charge *charge,
                              const evh_ledger_limit *limit, int year, uint32_t most)
{
    evh_ledger_sums sums;
    return count_affordable(ledger, rounds, &sums, charge, limit, year, most);
}

static evh_status check_limit(evh_ledger *ledger, const evh_ledger_charge *charge,
                              const evh_ledger_limit *limit, int64_t now_ms)
{
    evh_status status = evh_ok();
    evh_ledger_sums sums;
    uint32_t rounds = 0;
    char spent[EVH_LEDGER_AMOUNT_LEN];
    char allowed[EVH_DECIMAL_TEXT_LEN];
    int year = year_of(charge, now_ms);
    EVH_TRY(count_affordable(ledger, &rounds, &sums, charge, limit, year, 1));
    if (rounds >= 1)
        goto done;
    evh_amount_format(spent, limit->per_year ? sums.year_epsilon : sums.epsilon);
    evh_decimal_format(allowed, limit->epsilon);
    status =
        evh_fail(EVH_ERR_PRIVACY,
                 "your limit for %.*s is reached: epsilon %.20s spent of %s%s; nothing is sent",
                 (int)charge->population.len, (const char *)charge->population.data, spent, allowed,
                 limit->per_year ? " this year" : "");

done:
    return status;
}

evh_status evh_ledger_find(evh_ledger *ledger, bool *found, evh_buffer *report,
                           evh_ledger_position *position,
                           const uint8_t plan_id[EVH_LEDGER_PLAN_ID_LEN], uint32_t round)
{
    evh_status status = evh_ok();
    sqlite3_stmt *statement = NULL;
    evh_view bytes = {NULL, 0};
    evh_view head = {NULL, 0};
    evh_view hash = {NULL, 0};
    uint8_t actual[EVH_LEDGER_HASH_LEN];
    *found = false;
    evh_buffer_clear(report);
    *position = (evh_ledger_position){.sequence = 0};
    EVH_TRY(evh_ledger_look_up(&statement, found, ledger,
                               "SELECT sequence, head, report_hash, report FROM entry"
                               " WHERE plan_id = ? AND round = ?",
                               plan_id, round));
    if (!*found)
        goto done;
    EVH_TRY(evh_ledger_blob(&head, statement, 1, EVH_LEDGER_HASH_LEN));
    EVH_TRY(evh_ledger_blob(&hash, statement, 2, EVH_LEDGER_HASH_LEN));
    EVH_TRY(evh_ledger_blob(&bytes, statement, 3, 0));
    EVH_TRY(evh_sha256(actual, bytes));
    EVH_REQUIRE(memcmp(actual, hash.data, sizeof actual) == 0, EVH_ERR_STORE,
                "ledger: damaged: a stored report was changed; run ledger verify");
    EVH_TRY(evh_buffer_append(report, bytes));
    position->sequence = (uint64_t)sqlite3_column_int64(statement, 0);
    memcpy(position->head, head.data, EVH_LEDGER_HASH_LEN);

done:
    (void)sqlite3_finalize(statement);
    if (status.code != EVH_OK)
        *found = false;
    return status;
}

static void bind_charge(sqlite3_stmt *statement, const evh_ledger_charge *charge)
{
    char epsilon[EVH_DECIMAL_TEXT_LEN];
    char delta[EVH_DECIMAL_TEXT_LEN];
    evh_decimal_format(epsilon, charge->epsilon);
    evh_decimal_format(delta, charge->delta);
    (void)sqlite3_bind_text(statement, 2, (const char *)charge->population.data,
                            (int)charge->population.len, SQLITE_STATIC);
    (void)sqlite3_bind_blob(statement, 3, charge->plan_id, EVH_LEDGER_PLAN_ID_LEN, SQLITE_STATIC);
    (void)sqlite3_bind_int64(statement, 4, charge->round);
    if (charge->has_window) {
        (void)sqlite3_bind_int64(statement, 5, charge->window_start_ms);
        (void)sqlite3_bind_int64(statement, 6, charge->window_end_ms);
    }
    (void)sqlite3_bind_text(statement, 7, epsilon, -1, SQLITE_TRANSIENT);
    (void)sqlite3_bind_text(statement, 8, delta, -1, SQLITE_TRANSIENT);
    (void)sqlite3_bind_int64(statement, 9, charge->customers_per_unit);
}

/* A failed bind leaves NULL behind, which the schema's NOT NULL refuses: steps alone are checked.
 */
static evh_status insert_entry(evh_ledger *ledger, const evh_ledger_position *position,
                               const evh_ledger_charge *charge, evh_view facts, evh_view report,
                               int64_t now_ms)
{
    evh_status status = evh_ok();
    sqlite3_stmt *statement = NULL;
    bool row = false;
    uint8_t hash[EVH_LEDGER_HASH_LEN];
    EVH_TRY(evh_sha256(hash, report));
    EVH_TRY(evh_ledger_prepare(
        &statement, ledger->database,
        "INSERT INTO entry(sequence, population, plan_id, round, window_start_ms, window_end_ms,"
        " epsilon, delta, customers_per_unit, mechanism, charged_ms, head, report_hash, report)"
        " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    bind_charge(statement, charge);
    (void)sqlite3_bind_int64(statement, 1, (int64_t)position->sequence);
    (void)sqlite3_bind_blob(statement, 10, facts.data, (int)facts.len, SQLITE_STATIC);
    (void)sqlite3_bind_int64(statement, 11, now_ms);
    (void)sqlite3_bind_blob(statement, 12, position->head, EVH_LEDGER_HASH_LEN, SQLITE_STATIC);
    (void)sqlite3_bind_blob(statement, 13, hash, sizeof hash, SQLITE_STATIC);
    if (report.len > 0)
        (void)sqlite3_bind_blob64(statement, 14, report.data, report.len, SQLITE_STATIC);
    else
        (void)sqlite3_bind_zeroblob(statement, 14, 0); /* an empty blob would be bound as NULL */
    EVH_TRY(evh_ledger_step(statement, &row, "write to it"));
    EVH_TRY(evh_ledger_execute(ledger->database, "UPDATE ledger SET entries = entries + 1",
                               "write to it"));

done:
    (void)sqlite3_finalize(statement);
    return status;
}

/* maker NULL: there is no report, and none will ever be. */
static evh_status make_entry(evh_ledger *ledger, evh_buffer *report, evh_ledger_position *position,
                             const evh_ledger_charge *charge, const evh_ledger_maker *maker,
                             int64_t now_ms)
{
    evh_status status = evh_ok();
    evh_buffer facts = evh_buffer_init(EVH_LEDGER_FACTS_BYTES_MAX);
    evh_ledger_position tip;
    uint8_t previous[EVH_LEDGER_HASH_LEN];
    EVH_TRY(evh_ledger_facts_encode(&facts, charge));
    EVH_TRY(evh_ledger_end(ledger, &tip, previous));
    position->sequence = tip.sequence + 1;
    EVH_TRY(evh_ledger_head(position->head, previous, position->sequence, charge, now_ms,
                            evh_buffer_view(&facts)));
    if (maker != NULL) {
        EVH_TRY(maker->make(maker->context, position, report));
        EVH_REQUIRE(report->len > 0 && report->len <= EVH_REPORT_BYTES_MAX, EVH_ERR_ARG,
                    "a report of 0 bytes or more than %d", EVH_REPORT_BYTES_MAX);
    }
    EVH_TRY(insert_entry(ledger, position, charge, evh_buffer_view(&facts), evh_buffer_view(report),
                         now_ms));
    if (maker != NULL && maker->fingerprint != NULL)
        EVH_TRY(evh_ledger_put_fingerprint(ledger, position->sequence, maker->fingerprint));

done:
    evh_buffer_clear(&facts);
    return status;
}

static evh_status charge_once(evh_ledger *ledger, evh_buffer *report, evh_ledger_position *position,
                              const evh_ledger_charge *charge, const evh_ledger_limit *limit,
                              const evh_ledger_maker *maker, int64_t now_ms)
{
    evh_status status = evh_ok();
    bool begun = false;
    bool found = false;
    evh_buffer_clear(report);
    *position = (evh_ledger_position){.sequence = 0};
    EVH_TRY(check_charge(charge));
    /* IMMEDIATE: no second program can charge between the look and the write. */
    EVH_TRY(evh_ledger_execute(ledger->database, "BEGIN IMMEDIATE", "write to it"));
    begun = true;
    EVH_TRY(evh_ledger_find(ledger, &found, report, position, charge->plan_id, charge->round));
    if (!found) {
        if (limit != NULL)
            EVH_TRY(check_limit(ledger, charge, limit, now_ms));
        EVH_TRY(make_entry(ledger, report, position, charge, maker, now_ms));
    }
    EVH_FAILPOINT("ledger-charge-before");
    EVH_TRY(evh_ledger_execute(ledger->database, "COMMIT", "write to it"));
    begun = false;
    EVH_FAILPOINT("ledger-charge-after");

done:
    if (begun)
        evh_ledger_undo(ledger->database);
    if (status.code != EVH_OK) {
        evh_buffer_clear(report);
        *position = (evh_ledger_position){.sequence = 0};
    }
    return status;
}

evh_status evh_ledger_charge_round(evh_ledger *ledger, evh_buffer *report,
                                   evh_ledger_position *position, const evh_ledger_charge *charge,
                                   const evh_ledger_limit *limit, const evh_ledger_maker *maker,
                                   int64_t now_ms)
{
    return charge_once(ledger, report, position, charge, limit, maker, now_ms);
}

evh_status evh_ledger_charge_missed(evh_ledger *ledger, evh_ledger_position *position,
                                    const evh_ledger_charge *charge, int64_t now_ms)
{
    evh_buffer report = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    evh_status status = charge_once(ledger, &report, position, charge, NULL, NULL, now_ms);
    evh_buffer_clear(&report);
    return status;
}
