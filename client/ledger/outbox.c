/* SPDX-License-Identifier: Apache-2.0
 * What stands beside the charges: receipts for reports, which plans a person has agreed to, and
 * fingerprints of the counts that reports were made of. */
#include <string.h>

#include "evenhand/base/failpoint.h"
#include "evenhand/base/limits.h"
#include "ledger_internal.h"

enum { FIRST_SCHEMA = 2, FINGERPRINTS_SCHEMA = 3 }; /* with these tables */

static evh_status find_sequence(evh_ledger *ledger, bool *found, int64_t *sequence,
                                const uint8_t *plan_id, uint32_t round)
{
    evh_status status = evh_ok();
    sqlite3_stmt *statement = NULL;
    EVH_TRY(evh_ledger_look_up(&statement, found, ledger,
                               "SELECT sequence FROM entry WHERE plan_id = ? AND round = ?",
                               plan_id, round));
    *sequence = *found ? sqlite3_column_int64(statement, 0) : 0;

done:
    (void)sqlite3_finalize(statement);
    return status;
}

evh_status evh_ledger_store_receipt(evh_ledger *ledger,
                                    const uint8_t plan_id[EVH_LEDGER_PLAN_ID_LEN], uint32_t round,
                                    evh_view receipt, int64_t now_ms)
{
    evh_status status = evh_ok();
    sqlite3_stmt *statement = NULL;
    int64_t sequence = 0;
    bool found = false;
    bool row = false;
    EVH_REQUIRE(receipt.len > 0 && receipt.len <= EVH_LEDGER_RECEIPT_BYTES_MAX, EVH_ERR_ARG,
                "a receipt of 0 bytes or more than %d", EVH_LEDGER_RECEIPT_BYTES_MAX);
    EVH_TRY(find_sequence(ledger, &found, &sequence, plan_id, round));
    EVH_REQUIRE(found, EVH_ERR_ARG, "ledger: a receipt for a round that was never charged");
    EVH_TRY(evh_ledger_prepare(&statement, ledger->database,
                               "INSERT INTO receipt(sequence, stored_ms, receipt) VALUES(?, ?, ?)"
                               " ON CONFLICT DO NOTHING"));
    (void)sqlite3_bind_int64(statement, 1, sequence);
    (void)sqlite3_bind_int64(statement, 2, now_ms);
    (void)sqlite3_bind_blob64(statement, 3, receipt.data, receipt.len, SQLITE_STATIC);
    EVH_FAILPOINT("ledger-receipt-before");
    EVH_TRY(evh_ledger_step(statement, &row, "write to it"));
    EVH_FAILPOINT("ledger-receipt-after");

done:
    (void)sqlite3_finalize(statement);
    return status;
}

evh_status evh_ledger_find_receipt(evh_ledger *ledger, bool *found, evh_buffer *receipt,
                                   const uint8_t plan_id[EVH_LEDGER_PLAN_ID_LEN], uint32_t round)
{
    evh_status status = evh_ok();
    sqlite3_stmt *statement = NULL;
    evh_view bytes = {NULL, 0};
    *found = false;
    evh_buffer_clear(receipt);
    if (ledger->schema < FIRST_SCHEMA)
        goto done;
    EVH_TRY(evh_ledger_look_up(&statement, found, ledger,
                               "SELECT receipt FROM receipt JOIN entry USING(sequence)"
                               " WHERE plan_id = ? AND round = ?",
                               plan_id, round));
    if (!*found)
        goto done;
    EVH_TRY(evh_ledger_blob(&bytes, statement, 0, 0));
    EVH_TRY(evh_buffer_append(receipt, bytes));

done:
    (void)sqlite3_finalize(statement);
    if (status.code != EVH_OK)
        *found = false;
    return status;
}

evh_status evh_ledger_agree(evh_ledger *ledger, const uint8_t plan_id[EVH_LEDGER_PLAN_ID_LEN],
                            int64_t now_ms)
{
    evh_status status = evh_ok();
    sqlite3_stmt *statement = NULL;
    bool row = false;
    EVH_TRY(evh_ledger_prepare(&statement, ledger->database,
                               "INSERT INTO agreed(plan_id, agreed_ms) VALUES(?, ?)"
                               " ON CONFLICT DO NOTHING"));
    (void)sqlite3_bind_blob(statement, 1, plan_id, EVH_LEDGER_PLAN_ID_LEN, SQLITE_STATIC);
    (void)sqlite3_bind_int64(statement, 2, now_ms);
    EVH_TRY(evh_ledger_step(statement, &row, "write to it"));

done:
    (void)sqlite3_finalize(statement);
    return status;
}

evh_status evh_ledger_agreed(evh_ledger *ledger, bool *agreed,
                             const uint8_t plan_id[EVH_LEDGER_PLAN_ID_LEN])
{
    evh_status status = evh_ok();
    sqlite3_stmt *statement = NULL;
    *agreed = false;
    if (ledger->schema < FIRST_SCHEMA)
        goto done;
    EVH_TRY(
        evh_ledger_prepare(&statement, ledger->database, "SELECT 1 FROM agreed WHERE plan_id = ?"));
    (void)sqlite3_bind_blob(statement, 1, plan_id, EVH_LEDGER_PLAN_ID_LEN, SQLITE_STATIC);
    EVH_TRY(evh_ledger_step(statement, agreed, "read it"));

done:
    (void)sqlite3_finalize(statement);
    return status;
}

evh_status evh_ledger_put_fingerprint(evh_ledger *ledger, uint64_t sequence,
                                      const uint8_t fingerprint[EVH_LEDGER_FINGERPRINT_LEN])
{
    evh_status status = evh_ok();
    sqlite3_stmt *statement = NULL;
    bool row = false;
    EVH_TRY(evh_ledger_prepare(&statement, ledger->database,
                               "INSERT INTO counted(sequence, fingerprint) VALUES(?, ?)"));
    (void)sqlite3_bind_int64(statement, 1, (int64_t)sequence);
    (void)sqlite3_bind_blob(statement, 2, fingerprint, EVH_LEDGER_FINGERPRINT_LEN, SQLITE_STATIC);
    EVH_TRY(evh_ledger_step(statement, &row, "write to it"));

done:
    (void)sqlite3_finalize(statement);
    return status;
}

evh_status evh_ledger_find_fingerprint(evh_ledger *ledger, bool *found,
                                       uint8_t out[EVH_LEDGER_FINGERPRINT_LEN],
                                       const uint8_t plan_id[EVH_LEDGER_PLAN_ID_LEN],
                                       uint32_t round)
{
    evh_status status = evh_ok();
    sqlite3_stmt *statement = NULL;
    evh_view bytes = {NULL, 0};
    *found = false;
    memset(out, 0, EVH_LEDGER_FINGERPRINT_LEN);
    if (ledger->schema < FINGERPRINTS_SCHEMA)
        goto done;
    EVH_TRY(evh_ledger_look_up(&statement, found, ledger,
                               "SELECT fingerprint FROM counted JOIN entry USING(sequence)"
                               " WHERE plan_id = ? AND round = ?",
                               plan_id, round));
    if (!*found)
        goto done;
    EVH_TRY(evh_ledger_blob(&bytes, statement, 0, EVH_LEDGER_FINGERPRINT_LEN));
    memcpy(out, bytes.data, EVH_LEDGER_FINGERPRINT_LEN);

done:
    (void)sqlite3_finalize(statement);
    if (status.code != EVH_OK)
        *found = false;
    return status;
}
