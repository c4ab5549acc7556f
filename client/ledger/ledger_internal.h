/* SPDX-License-Identifier: Apache-2.0
 * ledger/ledger_internal.h: what the files of this module share. */
#ifndef EVH_LEDGER_INTERNAL_H
#define EVH_LEDGER_INTERNAL_H

#include <sqlite3.h>

#include "evenhand/base/uint128.h"
#include "evenhand/ledger/ledger.h"

struct evh_ledger {
    sqlite3 *database;
    char customer[EVH_LEDGER_NAME_BYTES_MAX + 1];
    uint8_t id[EVH_LEDGER_ID_LEN];
    int64_t schema; /* an older one when it was opened to be read */
};

/* ---- database.c ---- */

/* The failure that SQLite's last error on this database is. */
evh_status evh_ledger_failure(sqlite3 *database, int code, const char *what);
evh_status evh_ledger_execute(sqlite3 *database, const char *sql, const char *what);

/* Rolls back a transaction if one is open. */
void evh_ledger_undo(sqlite3 *database);
evh_status evh_ledger_prepare(sqlite3_stmt **statement, sqlite3 *database, const char *sql);

/* Steps once. *row tells whether there is a row. */
evh_status evh_ledger_step(sqlite3_stmt *statement, bool *row, const char *what);

/* Looks up what `sql` asks of one plan's round, its two parameters; *statement then stands on that
 * row, if *found. */
evh_status evh_ledger_look_up(sqlite3_stmt **statement, bool *found, const evh_ledger *ledger,
                              const char *sql, const uint8_t plan_id[EVH_LEDGER_PLAN_ID_LEN],
                              uint32_t round);

/* Column as a view, valid until the next step; fails STORE unless it is a blob (text) of exactly
 * `len` bytes (len 0: of any length). */
evh_status evh_ledger_blob(evh_view *out, sqlite3_stmt *statement, int column, size_t len);
evh_status evh_ledger_text(evh_view *out, sqlite3_stmt *statement, int column);

/* ---- schema.c ---- */

/* Makes all tables, inside a transaction of the caller's. */
evh_status evh_ledger_make_schema(sqlite3 *database);

/* Fails STORE unless the file is a ledger of a schema that this program knows. */
evh_status evh_ledger_check_schema(sqlite3 *database, int64_t *schema);

/* Takes the steps that are missing, in one transaction. */
evh_status evh_ledger_migrate(sqlite3 *database);

/* ---- amount.c: sums of decimals in units of 10^-30 ---- */

typedef struct evh_amount {
    evh_u128 units;
} evh_amount;

/* value * factor, rounded up. Fails ARG when it is negative or not below 10^7. */
evh_status evh_amount_of(evh_amount *out, evh_decimal value, uint32_t factor);

/* The same rounded down: for limits. A limit of 10^7 and more is no limit that can be reached. */
evh_status evh_amount_limit(evh_amount *out, evh_decimal value);

/* Stays at the largest number when it does not fit. */
evh_amount evh_amount_add(evh_amount a, evh_amount b);
void evh_amount_format(char out[EVH_LEDGER_AMOUNT_LEN], evh_amount amount);

/* ---- facts.c: the mechanism as bytes ---- */

evh_status evh_ledger_facts_encode(evh_buffer *out, const evh_ledger_charge *charge);

typedef struct evh_ledger_facts {
    evh_noise *classes;
    size_t class_count;
    evh_shift *shifts;
    size_t shift_count;
    evh_shift_term *terms;
} evh_ledger_facts;

/* Only the form that encode writes. Fails as the readers of base/bytes.h, RANGE, MEMORY. */
evh_status evh_ledger_facts_decode(evh_ledger_facts *out, evh_view bytes);
void evh_ledger_facts_clear(evh_ledger_facts *facts);

/* ---- chain.c ---- */

/* What the first entry stands on. */
evh_status evh_ledger_start(uint8_t out[EVH_LEDGER_HASH_LEN], evh_view customer, const uint8_t *id);

/* The head of an entry: everything but its report. */
evh_status evh_ledger_head(uint8_t out[EVH_LEDGER_HASH_LEN],
                           const uint8_t previous[EVH_LEDGER_HASH_LEN], uint64_t sequence,
                           const evh_ledger_charge *charge, int64_t charged_ms, evh_view facts);

/* What the next entry stands on: the head and the report. */
evh_status evh_ledger_seal(uint8_t out[EVH_LEDGER_HASH_LEN],
                           const uint8_t head[EVH_LEDGER_HASH_LEN], uint64_t report_bytes,
                           const uint8_t report_hash[EVH_LEDGER_HASH_LEN]);

/* ---- outbox.c ---- */

/* Stores the fingerprint of an entry, inside the transaction that makes the entry. */
evh_status evh_ledger_put_fingerprint(evh_ledger *ledger, uint64_t sequence,
                                      const uint8_t fingerprint[EVH_LEDGER_FINGERPRINT_LEN]);

/* ---- entries.c ---- */

#define EVH_LEDGER_ENTRY_COLUMNS                                                                   \
    "sequence, population, plan_id, round, window_start_ms, window_end_ms, epsilon, delta, "       \
    "customers_per_unit, mechanism, charged_ms, head, report_hash, length(report)"

/* Reads the columns above from a row; views and facts live until the next step or clear. */
evh_status evh_ledger_entry_read(evh_ledger_entry *entry, evh_ledger_facts *facts,
                                 evh_view *encoded_facts, sqlite3_stmt *statement);

/* The newest entry's position and what the next entry stands on. */
evh_status evh_ledger_end(evh_ledger *ledger, evh_ledger_position *tip,
                          uint8_t next[EVH_LEDGER_HASH_LEN]);

/* Sums for one population: over the whole life, and over the entries whose budget year is `year`.
 */
typedef struct evh_ledger_sums {
    uint64_t entries, entries_in_year;
    evh_amount epsilon, delta, year_epsilon, year_delta;
} evh_ledger_sums;
evh_status evh_ledger_sum(evh_ledger *ledger, evh_ledger_sums *sums, evh_view population, int year);

#endif
