/* SPDX-License-Identifier: Apache-2.0
 * protocol/receipt.h: the leader's signed promise to count a report or to void its round in the
 * log. Source   proto/report.proto      Tests  unit/protocol/test_report.c */
#ifndef EVH_PROTOCOL_RECEIPT_H
#define EVH_PROTOCOL_RECEIPT_H

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"
#include "evenhand/protocol/report.h"
#include "evenhand/seal/signing.h"

/* Appends an encoded receipt. Fails as evh_sign; MEMORY. */
EVH_MUST_USE evh_status evh_receipt_make(evh_buffer *out, const evh_report_header *report,
                                         uint64_t received_ms, const evh_signing_key *leader);

/* The verdict on a receipt: the leader signed it, and for this very report. Fails ENCODING, LENGTH
 * malformed; MEMORY. */
EVH_MUST_USE evh_status evh_receipt_check(evh_seal_verdict *verdict, evh_view receipt,
                                          const evh_report_header *report,
                                          const evh_identity *leader);

#endif
