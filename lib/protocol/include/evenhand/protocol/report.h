/* SPDX-License-Identifier: Apache-2.0
 * protocol/report.h: making, checking and opening a customer's report.
 * Source   docs/reference/protocol.md, proto/report.proto; DAP's report with a signature on top
 * Secret   the measurement and input shares; the report itself is not
 * Threads  values; one VDAF workspace per thread        Memory  buffers of the caller
 * Tests    unit/protocol/test_report.c */
#ifndef EVH_PROTOCOL_REPORT_H
#define EVH_PROTOCOL_REPORT_H

#include "evenhand/base/bytes.h"
#include "evenhand/base/rng.h"
#include "evenhand/base/status.h"
#include "evenhand/protocol/task.h"
#include "evenhand/seal/key_ring.h"
#include "evenhand/seal/signing.h"
#include "evenhand/vdaf/prio3.h"

enum { EVH_REPORT_HASH_LEN = 32, EVH_LEDGER_HEAD_LEN = 32, EVH_REPORT_HEADER_BYTES_MAX = 1024 };

/* What a customer states and signs beside the shares. */
typedef struct evh_report_header {
    uint8_t task_id[EVH_TASK_ID_LEN];
    evh_identity customer;
    uint8_t report_id[EVH_PRIO3_NONCE_LEN];
    uint64_t ledger_sequence; /* 1 or more */
    uint8_t ledger_head[EVH_LEDGER_HEAD_LEN];
    uint8_t public_share_hash[32], leader_share_hash[32], helper_share_hash[32];
    uint8_t hash[EVH_REPORT_HASH_LEN]; /* SHA-256 of the header's bytes: the report's name */
} evh_report_header;

/* A received report, taken apart; views borrow from its bytes. */
typedef struct evh_report {
    evh_report_header header;
    evh_view header_bytes, signature;
    evh_view public_share, leader_share, helper_share; /* the latter two sealed */
} evh_report;

typedef struct evh_report_in {
    const evh_task *task;
    const evh_prio3 *prio3; /* two aggregators; the plan's parameters */
    const evh_u128 *cells;  /* [cell_count] noised, offset cells; secret */
    size_t cell_count;
    const evh_signing_key *customer;
    const uint8_t *report_id;   /* [EVH_PRIO3_NONCE_LEN] random, used once */
    uint64_t ledger_sequence;   /* of this very charge */
    const uint8_t *ledger_head; /* [EVH_LEDGER_HEAD_LEN] with this charge in it */
} evh_report_in;

/* Splits, seals and signs: appends the encoded report.
 * Fails    as evh_prio3_shard, evh_seal and evh_sign; out is then unchanged. */
EVH_MUST_USE evh_status evh_report_make(evh_buffer *out, evh_prio3_workspace *workspace,
                                        const evh_report_in *in, const evh_rng *rng);

/* Takes an encoded report apart and checks its form: canonical header, lengths, hashes of what it
 * carries. Says nothing about who sent it.
 * Fails    ENCODING, LENGTH, KEY malformed; MEMORY. */
EVH_MUST_USE evh_status evh_report_read(evh_report *out, evh_view bytes);

/* Reads a header alone, as the helper receives it. */
EVH_MUST_USE evh_status evh_report_header_read(evh_report_header *out, evh_view bytes);

/* The verdict on the customer's signature over a header. Fails LENGTH, MEMORY. */
EVH_MUST_USE evh_status evh_report_check_signature(evh_seal_verdict *verdict,
                                                   const evh_report_header *header,
                                                   evh_view header_bytes, evh_view signature);

/* Opens the share that was sealed to one of the two aggregators.
 *   out     the input share is appended, only if accepted; secret
 *   role    EVH_ROLE_LEADER or EVH_ROLE_HELPER
 *   sealed  must be what the header's hash says, or it is rejected
 * Fails    KEY unknown key id; LENGTH; MEMORY. */
EVH_MUST_USE evh_status evh_report_open(evh_buffer *out, evh_seal_verdict *verdict,
                                        const evh_report_header *header, evh_role role,
                                        const evh_key_ring *keys, evh_view sealed);

#endif
