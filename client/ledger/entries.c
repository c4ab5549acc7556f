/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "evenhand/base/clock.h"
#include "ledger_internal.h"

enum {
    COLUMN_SEQUENCE,
    COLUMN_POPULATION,
    COLUMN_PLAN_ID,
    COLUMN_ROUND,
    COLUMN_WINDOW_START,
    COLUMN_WINDOW_END,
    COLUMN_EPSILON,
    COLUMN_DELTA,
    COLUMN_CUSTOMERS,
    COLUMN_MECHANISM,
    COLUMN_CHARGED,
    COLUMN_HEAD,
    COLUMN_REPORT_HASH,
    COLUMN_REPORT_BYTES,
    MS_PER_S = 1000
};

static evh_status read_decimal(evh_decimal *out, sqlite3_stmt *statement, int column)
{
    evh_status status = evh_ok();
    evh_view text = {NULL, 0};
    EVH_TRY(evh_ledger_text(&text, statement, column));
    EVH_TRY(evh_decimal_parse(text, out));

done:
    return status;
}

static evh_status read_u32(uint32_t *out, sqlite3_stmt *statement, int column)
{
    evh_status status = evh_ok();
    int64_t value = sqlite3_column_int64(statement, column);
    EVH_REQUIRE(value >= 0 && value <= UINT32_MAX, EVH_ERR_STORE,
                "ledger: damaged: column %s is out of range",
                sqlite3_column_name(statement, column));
    *out = (uint32_t)value;

done:
    return status;
}

static evh_status copy_blob(uint8_t *out, size_t len, sqlite3_stmt *statement, int column)
{
    evh_status status = evh_ok();
    evh_view blob = {NULL, 0};
    EVH_TRY(evh_ledger_blob(&blob, statement, column, len));
    memcpy(out, blob.data, len);

done:
    return status;
}

evh_status evh_ledger_entry_read(evh_ledger_entry *entry, evh_ledger_facts *facts,
                                 evh_view *encoded_facts, sqlite3_stmt *statement)
{
    evh_status status = evh_ok();
    evh_ledger_charge *charge = &entry->charge;
    *entry = (evh_ledger_entry){.charged_ms = sqlite3_column_int64(statement, COLUMN_CHARGED)};
    entry->position.sequence = (uint64_t)sqlite3_column_int64(statement, COLUMN_SEQUENCE);
    entry->report_bytes = (uint64_t)sqlite3_column_int64(statement, COLUMN_REPORT_BYTES);
    EVH_TRY(copy_blob(entry->position.head, EVH_LEDGER_HASH_LEN, statement, COLUMN_HEAD));
    EVH_TRY(copy_blob(entry->report_hash, EVH_LEDGER_HASH_LEN, statement, COLUMN_REPORT_HASH));
    EVH_TRY(copy_blob(charge->plan_id, EVH_LEDGER_PLAN_ID_LEN, statement, COLUMN_PLAN_ID));
    EVH_TRY(evh_ledger_text(&charge->population, statement, COLUMN_POPULATION));
    EVH_TRY(read_u32(&charge->round, statement, COLUMN_ROUND));
    EVH_TRY(read_u32(&charge->customers_per_unit, statement, COLUMN_CUSTOMERS));
    charge->has_window = sqlite3_column_type(statement, COLUMN_WINDOW_START) != SQLITE_NULL;
    charge->window_start_ms = sqlite3_column_int64(statement, COLUMN_WINDOW_START);
    charge->window_end_ms = sqlite3_column_int64(statement, COLUMN_WINDOW_END);
    EVH_TRY(read_decimal(&charge->epsilon, statement, COLUMN_EPSILON));
    EVH_TRY(read_decimal(&charge->delta, statement, COLUMN_DELTA));
    EVH_TRY(evh_ledger_blob(encoded_facts, statement, COLUMN_MECHANISM, 0));
    EVH_TRY(evh_ledger_facts_decode(facts, *encoded_facts));
    charge->classes = facts->classes;
    charge->class_count = facts->class_count;
    charge->shifts = facts->shifts;
    charge->shift_count = facts->shift_count;

done:
    if (status.code != EVH_OK && status.code != EVH_ERR_STORE && status.code != EVH_ERR_MEMORY)
        status = evh_fail(EVH_ERR_STORE, "ledger: damaged entry: %s", status.text);
    return status;
}

evh_status evh_ledger_visit(evh_ledger *ledger,
                            evh_status (*visitor)(void *context, const evh_ledger_entry *entry),
                            void *context)
{
    evh_status status = evh_ok();
    sqlite3_stmt *statement = NULL;
    evh_ledger_facts facts = {.classes = NULL};
    bool row = false;
    EVH_TRY(evh_ledger_prepare(&statement, ledger->database,
                               "SELECT " EVH_LEDGER_ENTRY_COLUMNS " FROM entry ORDER BY sequence"));
    EVH_TRY(evh_ledger_step(statement, &row, "read it"));
    while (row) {
        evh_ledger_entry entry;
        evh_view encoded = {NULL, 0};
        EVH_TRY(evh_ledger_entry_read(&entry, &facts, &encoded, statement));
        EVH_TRY(visitor(context, &entry));
        EVH_TRY(evh_ledger_step(statement, &row, "read it"));
    }

done:
    evh_ledger_facts_clear(&facts);
    (void)sqlite3_finalize(statement);
    return status;
}

evh_status evh_ledger_end(evh_ledger *ledger, evh_ledger_position *tip,
                          uint8_t next[EVH_LEDGER_HASH_LEN])
{
    evh_status status = evh_ok();
    sqlite3_stmt *statement = NULL;
    bool row = false;
    *tip = (evh_ledger_position){.sequence = 0};
    EVH_TRY(evh_ledger_prepare(&statement, ledger->database,
                               "SELECT sequence, head, report_hash, length(report),"
                               " (SELECT entries FROM ledger), (SELECT count(*) FROM entry)"
                               " FROM entry ORDER BY sequence DESC LIMIT 1"));
    EVH_TRY(evh_ledger_step(statement, &row, "read it"));
    if (row) {
        uint8_t hash[EVH_LEDGER_HASH_LEN];
        tip->sequence = (uint64_t)sqlite3_column_int64(statement, 0);
        EVH_REQUIRE(sqlite3_column_int64(statement, 4) == (int64_t)tip->sequence &&
                        sqlite3_column_int64(statement, 5) == (int64_t)tip->sequence,
                    EVH_ERR_STORE, "ledger: damaged: entries are missing; run ledger verify");
        EVH_TRY(copy_blob(tip->head, EVH_LEDGER_HASH_LEN, statement, 1));
        EVH_TRY(copy_blob(hash, sizeof hash, statement, 2));
        EVH_TRY(
            evh_ledger_seal(next, tip->head, (uint64_t)sqlite3_column_int64(statement, 3), hash));
    } else {
        evh_view customer = evh_view_of_text(ledger->customer);
        EVH_TRY(evh_ledger_start(next, customer, ledger->id));
        memcpy(tip->head, next, EVH_LEDGER_HASH_LEN);
    }

done:
    (void)sqlite3_finalize(statement);
    return status;
}

evh_status evh_ledger_tip(evh_ledger *ledger, evh_ledger_position *position)
{
    uint8_t next[EVH_LEDGER_HASH_LEN];
    return evh_ledger_end(ledger, position, next);
}

typedef struct summing {
    evh_ledger_sums *sums;
    evh_view population;
    int year;
} summing;

static evh_status add_entry(void *context, const evh_ledger_entry *entry)
{
    evh_status status = evh_ok();
    summing *s = context;
    evh_ledger_sums *sums = s->sums;
    const evh_ledger_charge *charge = &entry->charge;
    evh_amount epsilon = {0};
    evh_amount delta = {0};
    int64_t when_ms = charge->has_window ? charge->window_start_ms : entry->charged_ms;
    if (!evh_view_equal(charge->population, s->population))
        goto done;
    EVH_TRY(evh_amount_of(&epsilon, charge->epsilon, charge->customers_per_unit));
    EVH_TRY(evh_amount_of(&delta, charge->delta, charge->customers_per_unit));
    sums->entries++;
    sums->epsilon = evh_amount_add(sums->epsilon, epsilon);
    sums->delta = evh_amount_add(sums->delta, delta);
    if (evh_civil_from_unix(when_ms / MS_PER_S).year != s->year)
        goto done;
    sums->entries_in_year++;
    sums->year_epsilon = evh_amount_add(sums->year_epsilon, epsilon);
    sums->year_delta = evh_amount_add(sums->year_delta, delta);

done:
    return status;
}

evh_status evh_ledger_sum(evh_ledger *ledger, evh_ledger_sums *sums, evh_view population, int year)
{
    summing s = {.sums = sums, .population = population, .year = year};
    *sums = (evh_ledger_sums){.entries = 0};
    return evh_ledger_visit(ledger, add_entry, &s);
}

evh_status evh_ledger_spent_by(evh_ledger *ledger, evh_ledger_spent *spent, evh_view population,
                               int year)
{
    evh_status status = evh_ok();
    evh_ledger_sums sums;
    *spent = (evh_ledger_spent){.entries = 0};
    EVH_TRY(evh_ledger_sum(ledger, &sums, population, year));
    spent->entries = sums.entries;
    spent->entries_in_year = sums.entries_in_year;
    evh_amount_format(spent->epsilon, sums.epsilon);
    evh_amount_format(spent->delta, sums.delta);
    evh_amount_format(spent->year_epsilon, sums.year_epsilon);
    evh_amount_format(spent->year_delta, sums.year_delta);

done:
    return status;
}
