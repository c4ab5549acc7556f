/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/seal/hash.h"
#include "ledger_internal.h"

enum { HEAD_BYTES_MAX = EVH_LEDGER_FACTS_BYTES_MAX + 4096 };

static evh_status append_counted(evh_buffer *out, evh_view part)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_buffer_be32(out, (uint32_t)part.len));
    EVH_TRY(evh_buffer_append(out, part));

done:
    return status;
}

static evh_status append_decimal(evh_buffer *out, evh_decimal value)
{
    char text[EVH_DECIMAL_TEXT_LEN];
    evh_decimal_format(text, value);
    return append_counted(out, evh_view_of_text(text));
}

evh_status evh_ledger_start(uint8_t out[EVH_LEDGER_HASH_LEN], evh_view customer, const uint8_t *id)
{
    evh_status status = evh_ok();
    evh_buffer bytes = evh_buffer_init(HEAD_BYTES_MAX);
    EVH_TRY(append_counted(&bytes, evh_view_of_text("evenhand/ledger-start/1")));
    EVH_TRY(append_counted(&bytes, customer));
    EVH_TRY(evh_buffer_append(&bytes, evh_view_of(id, EVH_LEDGER_ID_LEN)));
    EVH_TRY(evh_sha256(out, evh_buffer_view(&bytes)));

done:
    evh_buffer_clear(&bytes);
    return status;
}

evh_status evh_ledger_head(uint8_t out[EVH_LEDGER_HASH_LEN],
                           const uint8_t previous[EVH_LEDGER_HASH_LEN], uint64_t sequence,
                           const evh_ledger_charge *charge, int64_t charged_ms, evh_view facts)
{
    evh_status status = evh_ok();
    evh_buffer bytes = evh_buffer_init(HEAD_BYTES_MAX);
    EVH_TRY(append_counted(&bytes, evh_view_of_text("evenhand/ledger-entry/1")));
    EVH_TRY(evh_buffer_append(&bytes, evh_view_of(previous, EVH_LEDGER_HASH_LEN)));
    EVH_TRY(evh_buffer_be64(&bytes, sequence));
    EVH_TRY(append_counted(&bytes, charge->population));
    EVH_TRY(evh_buffer_append(&bytes, evh_view_of(charge->plan_id, EVH_LEDGER_PLAN_ID_LEN)));
    EVH_TRY(evh_buffer_be32(&bytes, charge->round));
    EVH_TRY(evh_buffer_u8(&bytes, charge->has_window ? 1 : 0));
    EVH_TRY(evh_buffer_be64(&bytes, charge->has_window ? (uint64_t)charge->window_start_ms : 0));
    EVH_TRY(evh_buffer_be64(&bytes, charge->has_window ? (uint64_t)charge->window_end_ms : 0));
    EVH_TRY(append_decimal(&bytes, charge->epsilon));
    EVH_TRY(append_decimal(&bytes, charge->delta));
    EVH_TRY(evh_buffer_be32(&bytes, charge->customers_per_unit));
    EVH_TRY(evh_buffer_be64(&bytes, (uint64_t)charged_ms));
    EVH_TRY(append_counted(&bytes, facts));
    EVH_TRY(evh_sha256(out, evh_buffer_view(&bytes)));

done:
    evh_buffer_clear(&bytes);
    return status;
}

evh_status evh_ledger_seal(uint8_t out[EVH_LEDGER_HASH_LEN],
                           const uint8_t head[EVH_LEDGER_HASH_LEN], uint64_t report_bytes,
                           const uint8_t report_hash[EVH_LEDGER_HASH_LEN])
{
    evh_status status = evh_ok();
    evh_buffer bytes = evh_buffer_init(HEAD_BYTES_MAX);
    EVH_TRY(append_counted(&bytes, evh_view_of_text("evenhand/ledger-report/1")));
    EVH_TRY(evh_buffer_append(&bytes, evh_view_of(head, EVH_LEDGER_HASH_LEN)));
    EVH_TRY(evh_buffer_be64(&bytes, report_bytes));
    EVH_TRY(evh_buffer_append(&bytes, evh_view_of(report_hash, EVH_LEDGER_HASH_LEN)));
    EVH_TRY(evh_sha256(out, evh_buffer_view(&bytes)));

done:
    evh_buffer_clear(&bytes);
    return status;
}
