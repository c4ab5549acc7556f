/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "evenhand/seal/hash.h"
#include "ledger_internal.h"

static void EVH_PRINTF(3, 4)
    broken_at(evh_ledger_finding *finding, uint64_t sequence, const char *format, ...)
{
    va_list arguments;
    finding->intact = false;
    finding->sequence = sequence;
    va_start(arguments, format);
    (void)vsnprintf(finding->text, sizeof finding->text, format, arguments);
    va_end(arguments);
}

static evh_status check_structure(evh_ledger *ledger, evh_ledger_finding *finding)
{
    evh_status status = evh_ok();
    sqlite3_stmt *statement = NULL;
    bool row = false;
    EVH_TRY(evh_ledger_prepare(&statement, ledger->database, "PRAGMA integrity_check(1)"));
    EVH_TRY(evh_ledger_step(statement, &row, "read it"));
    if (!row || strcmp((const char *)sqlite3_column_text(statement, 0), "ok") != 0)
        broken_at(finding, 0, "the file is damaged: %s",
                  row ? (const char *)sqlite3_column_text(statement, 0) : "no answer");

done:
    (void)sqlite3_finalize(statement);
    return status;
}

/* One entry: its place, its head, its report. `previous` moves on. */
static evh_status check_entry(evh_ledger_finding *finding, uint8_t previous[EVH_LEDGER_HASH_LEN],
                              sqlite3_stmt *statement, int report_column)
{
    evh_status status = evh_ok();
    evh_ledger_facts facts = {.classes = NULL};
    evh_ledger_entry entry;
    evh_view encoded = {NULL, 0};
    evh_view report = {NULL, 0};
    uint8_t head[EVH_LEDGER_HASH_LEN];
    uint8_t hash[EVH_LEDGER_HASH_LEN];
    uint64_t expected = finding->entries + 1;
    evh_status read = evh_ledger_entry_read(&entry, &facts, &encoded, statement);
    if (entry.position.sequence != expected) {
        broken_at(finding, expected, "entry %" PRIu64 " is missing (the next one is %" PRIu64 ")",
                  expected, entry.position.sequence);
        goto done;
    }
    if (read.code == EVH_OK)
        read = evh_ledger_blob(&report, statement, report_column, 0);
    if (read.code != EVH_OK) {
        broken_at(finding, expected, "%s", read.text);
        goto done;
    }
    EVH_TRY(evh_ledger_head(head, previous, expected, &entry.charge, entry.charged_ms, encoded));
    EVH_TRY(evh_sha256(hash, report));
    if (memcmp(head, entry.position.head, sizeof head) != 0)
        broken_at(finding, expected,
                  "its charge does not fit the chain: it, or the report before it, was changed");
    else if (memcmp(hash, entry.report_hash, sizeof hash) != 0)
        broken_at(finding, expected, "its report was changed");
    else
        finding->entries = expected;
    EVH_TRY(evh_ledger_seal(previous, head, entry.report_bytes, entry.report_hash));

done:
    evh_ledger_facts_clear(&facts);
    return status;
}

static evh_status check_count(evh_ledger *ledger, evh_ledger_finding *finding)
{
    evh_status status = evh_ok();
    sqlite3_stmt *statement = NULL;
    bool row = false;
    EVH_TRY(evh_ledger_prepare(&statement, ledger->database, "SELECT entries FROM ledger"));
    EVH_TRY(evh_ledger_step(statement, &row, "read it"));
    if (!row || (uint64_t)sqlite3_column_int64(statement, 0) != finding->entries)
        broken_at(finding, finding->entries + 1, "entries are missing at the end");

done:
    (void)sqlite3_finalize(statement);
    return status;
}

evh_status evh_ledger_verify(evh_ledger *ledger, evh_ledger_finding *finding)
{
    evh_status status = evh_ok();
    sqlite3_stmt *statement = NULL;
    uint8_t previous[EVH_LEDGER_HASH_LEN];
    bool row = false;
    int report_column = 0;
    *finding = (evh_ledger_finding){.intact = true};
    EVH_TRY(evh_ledger_start(previous, evh_view_of_text(ledger->customer), ledger->id));
    EVH_TRY(check_structure(ledger, finding));
    if (!finding->intact)
        goto done;
    EVH_TRY(evh_ledger_prepare(&statement, ledger->database,
                               "SELECT " EVH_LEDGER_ENTRY_COLUMNS
                               ", report FROM entry ORDER BY sequence"));
    report_column = sqlite3_column_count(statement) - 1;
    EVH_TRY(evh_ledger_step(statement, &row, "read it"));
    while (row && finding->intact) {
        EVH_TRY(check_entry(finding, previous, statement, report_column));
        EVH_TRY(evh_ledger_step(statement, &row, "read it"));
    }
    if (finding->intact)
        EVH_TRY(check_count(ledger, finding));

done:
    (void)sqlite3_finalize(statement);
    return status;
}
