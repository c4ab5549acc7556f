/* SPDX-License-Identifier: Apache-2.0
 * ledger/ledger.h: the customer's own account of what every report cost, and the reports.
 * A round has at most one report. Its charge and its finished bytes are stored in one transaction,
 * before the first byte leaves; asking again gives the identical bytes. Entries form a hash chain,
 * so that a ledger that was changed, cut or rolled back does not fit to what was sent before.
 * Source   docs/customer/ledger.md: schema, chain, what verify can and cannot see
 * Secret   reports are sealed; charges are the customer's own business: the file is owner-only
 * Threads  one thread per ledger; several processes may use one file
 * Memory   the longest report             Tests    unit/ledger/ */
#ifndef EVH_LEDGER_LEDGER_H
#define EVH_LEDGER_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/decimal.h"
#include "evenhand/base/rng.h"
#include "evenhand/base/status.h"
#include "evenhand/privacy/mechanism.h"
#include "evenhand/privacy/shift.h"

enum {
    EVH_LEDGER_ID_LEN = 32,
    EVH_LEDGER_HASH_LEN = 32,
    EVH_LEDGER_PLAN_ID_LEN = 32,
    EVH_LEDGER_NAME_BYTES_MAX = 200,      /* customer, population */
    EVH_LEDGER_FACTS_BYTES_MAX = 4 << 20, /* encoded mechanism of one charge */
    EVH_LEDGER_AMOUNT_LEN = 80,           /* a sum of epsilons or deltas as text */
    EVH_LEDGER_FINDING_LEN = 160,
    EVH_LEDGER_RECEIPT_BYTES_MAX = 4096,
    EVH_LEDGER_FINGERPRINT_LEN = 32,
    EVH_LEDGER_SCHEMA = 3
};

typedef struct evh_ledger evh_ledger;

/* What one round of one plan costs. All borrowed. */
typedef struct evh_ledger_charge {
    evh_view population; /* 1..EVH_LEDGER_NAME_BYTES_MAX bytes of UTF-8 */
    uint8_t plan_id[EVH_LEDGER_PLAN_ID_LEN];
    uint32_t round; /* from 1 */
    bool has_window;
    int64_t window_start_ms, window_end_ms; /* since 1970; read when has_window */
    evh_decimal epsilon, delta;             /* of this round, >= 0, below 10^7 */
    uint32_t customers_per_unit;            /* multiplies both; 1..10^6 */
    const evh_noise *classes;               /* [class_count] the mechanism, exactly */
    size_t class_count;
    const evh_shift *shifts; /* [shift_count] all that one unit can change */
    size_t shift_count;
} evh_ledger_charge;

/* The customer's own limit for a population, above any plan. */
typedef struct evh_ledger_limit {
    evh_decimal epsilon, delta;
    bool
        per_year; /* per calendar year (UTC) of the window's start; otherwise over the whole life */
} evh_ledger_limit;

/* Where a report stands in the chain; the report carries it. */
typedef struct evh_ledger_position {
    uint64_t sequence; /* from 1, without gaps */
    uint8_t head[EVH_LEDGER_HASH_LEN];
} evh_ledger_position;

/* Makes the finished report for its position; called at most once, inside the transaction. What it
 * fails with, the charge fails with, and nothing is stored. */
typedef struct evh_ledger_maker {
    evh_status (*make)(void *context, const evh_ledger_position *position, evh_buffer *report);
    void *context;
    /* [EVH_LEDGER_FINGERPRINT_LEN] of the counts that the report is made of, which is stored in the
     * same transaction; NULL: none is. */
    const uint8_t *fingerprint;
} evh_ledger_maker;

typedef enum evh_ledger_access { EVH_LEDGER_READ, EVH_LEDGER_WRITE } evh_ledger_access;

/* Makes a new ledger, owner-only.
 *   customer  1..EVH_LEDGER_NAME_BYTES_MAX bytes of UTF-8
 * Fails    ARG the path exists, bad name; STORE; RNG. Nothing is left behind. */
EVH_MUST_USE evh_status evh_ledger_create(const char *path, evh_view customer, const evh_rng *rng);

/* Opens a ledger; one of an older schema is brought up to date when it is opened for writing. Fails
 * STORE: not there, not owner-only, not a ledger, damaged, made by a newer
 * program, in use for longer than some seconds; *out is then NULL. */
EVH_MUST_USE evh_status evh_ledger_open(evh_ledger **out, const char *path,
                                        evh_ledger_access access);

/* Closes. Takes the address, accepts NULL, leaves NULL. */
void evh_ledger_free(evh_ledger **ledger);

/* Charges a round and stores its report, or gives the stored one.
 *   report    replaced by the report's bytes; its ceiling bounds them; empty for a round that was
 *             charged as missed
 *   position  of the report
 *   limit     NULL: the customer set none
 *   now_ms    since 1970; its year counts for a plan without a window
 * Fails    PRIVACY the charge would pass the limit; ARG charge outside its contract; STORE; and
 * what the maker fails with. report is then empty and the ledger as before. */
EVH_MUST_USE evh_status evh_ledger_charge_round(evh_ledger *ledger, evh_buffer *report,
                                                evh_ledger_position *position,
                                                const evh_ledger_charge *charge,
                                                const evh_ledger_limit *limit,
                                                const evh_ledger_maker *maker, int64_t now_ms);

/* Charges a round for which no report was or will be made, or finds it charged already. Limits do
 * not apply: the books say what happened. Fails ARG, STORE as above. */
EVH_MUST_USE evh_status evh_ledger_charge_missed(evh_ledger *ledger, evh_ledger_position *position,
                                                 const evh_ledger_charge *charge, int64_t now_ms);

/* The stored report of a round.
 *   found     false and report empty when there is none; true and empty for a missed round
 * Fails STORE, MEMORY. */
EVH_MUST_USE evh_status evh_ledger_find(evh_ledger *ledger, bool *found, evh_buffer *report,
                                        evh_ledger_position *position,
                                        const uint8_t plan_id[EVH_LEDGER_PLAN_ID_LEN],
                                        uint32_t round);

/* ---- beside the charges: not part of the chain ---- */

/* The fingerprint of the counts that the report of a round was made of; *found false and out all
 * zero when there is none. Fails STORE. */
EVH_MUST_USE evh_status evh_ledger_find_fingerprint(evh_ledger *ledger, bool *found,
                                                    uint8_t out[EVH_LEDGER_FINGERPRINT_LEN],
                                                    const uint8_t plan_id[EVH_LEDGER_PLAN_ID_LEN],
                                                    uint32_t round);

/* Stores the leader's receipt for the report of a round, durably; the first one stays.
 *   receipt  1..EVH_LEDGER_RECEIPT_BYTES_MAX bytes, which the caller has checked
 * Fails    ARG a round that was never charged, the length; STORE */
EVH_MUST_USE evh_status evh_ledger_store_receipt(evh_ledger *ledger,
                                                 const uint8_t plan_id[EVH_LEDGER_PLAN_ID_LEN],
                                                 uint32_t round, evh_view receipt, int64_t now_ms);

/* The stored receipt of a round; *found false and receipt empty when there is none. Fails STORE. */
EVH_MUST_USE evh_status evh_ledger_find_receipt(evh_ledger *ledger, bool *found,
                                                evh_buffer *receipt,
                                                const uint8_t plan_id[EVH_LEDGER_PLAN_ID_LEN],
                                                uint32_t round);

/* A person has agreed to a plan. Fails STORE. */
EVH_MUST_USE evh_status evh_ledger_agree(evh_ledger *ledger,
                                         const uint8_t plan_id[EVH_LEDGER_PLAN_ID_LEN],
                                         int64_t now_ms);
EVH_MUST_USE evh_status evh_ledger_agreed(evh_ledger *ledger, bool *agreed,
                                          const uint8_t plan_id[EVH_LEDGER_PLAN_ID_LEN]);

/* One entry as `ledger show` lists it. Views are valid during the visit. */
typedef struct evh_ledger_entry {
    evh_ledger_position position;
    evh_ledger_charge charge; /* classes and shifts as stored */
    int64_t charged_ms;
    uint64_t report_bytes;   /* 0: the round was missed */
    uint8_t report_hash[32]; /* SHA-256 */
} evh_ledger_entry;

/* Visits all entries in their order; a failing visitor ends it. Fails STORE; what the visitor
 * fails with. */
EVH_MUST_USE evh_status evh_ledger_visit(evh_ledger *ledger,
                                         evh_status (*visitor)(void *context,
                                                               const evh_ledger_entry *entry),
                                         void *context);

/* What a population was charged: sums of decimals, exact below 10^-30 and rounded up there. */
typedef struct evh_ledger_spent {
    uint64_t entries, entries_in_year;
    char epsilon[EVH_LEDGER_AMOUNT_LEN], delta[EVH_LEDGER_AMOUNT_LEN];           /* whole life */
    char year_epsilon[EVH_LEDGER_AMOUNT_LEN], year_delta[EVH_LEDGER_AMOUNT_LEN]; /* of `year` */
} evh_ledger_spent;

/* Fails STORE. */
EVH_MUST_USE evh_status evh_ledger_spent_by(evh_ledger *ledger, evh_ledger_spent *spent,
                                            evh_view population, int year);

/* Whether a further charge of (epsilon, delta) * customers_per_unit in that year stays within the
 * limit, and how many such charges would.
 *   ledger  NULL: one without entries
 *   rounds  at most `most`
 * Fails STORE, ARG. */
EVH_MUST_USE evh_status evh_ledger_affords(evh_ledger *ledger, uint32_t *rounds,
                                           const evh_ledger_charge *charge,
                                           const evh_ledger_limit *limit, int year, uint32_t most);

/* The name the ledger was made for, NUL-terminated. */
const char *evh_ledger_customer(const evh_ledger *ledger);

/* Newest position; sequence 0 and the chain's start when there is no entry. Fails STORE. */
EVH_MUST_USE evh_status evh_ledger_tip(evh_ledger *ledger, evh_ledger_position *position);

typedef struct evh_ledger_finding {
    bool intact;
    uint64_t sequence; /* the first entry that does not fit; 0: the file as a whole */
    uint64_t entries;  /* that fit */
    char text[EVH_LEDGER_FINDING_LEN];
} evh_ledger_finding;

/* Recomputes everything: the file's structure, gaps in the sequence, the chain, every report's
 * hash. What is wrong is a finding, not a failure. Fails STORE when the file cannot be read. */
EVH_MUST_USE evh_status evh_ledger_verify(evh_ledger *ledger, evh_ledger_finding *finding);

#endif
