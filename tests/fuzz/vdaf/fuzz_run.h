/* SPDX-License-Identifier: Apache-2.0
 * fuzz/vdaf/fuzz_run.h: one honest run of each small instance, made once. Targets put a fuzzed
 * message in the place of an honest one; with everything else honest, only the honest message may
 * be accepted. */
#ifndef EVH_FUZZ_VDAF_FUZZ_RUN_H
#define EVH_FUZZ_VDAF_FUZZ_RUN_H

#include "evenhand/vdaf/ping_pong.h"
#include "evenhand/vdaf/prio3.h"
#include "support/fuzz.h"

enum { FUZZ_LEADER_MAX = 2048, FUZZ_SMALL_MAX = 1024, FUZZ_RESULTS_MAX = 8 };

typedef struct fuzz_run {
    evh_prio3 *prio3;
    evh_prio3_workspace *workspace;
    evh_prio3_sizes sizes;
    evh_prio3_task task;
    uint8_t nonce[EVH_PRIO3_NONCE_LEN];
    uint8_t verify_key[EVH_PRIO3_VERIFY_KEY_LEN];
    uint8_t public_share[64];
    uint8_t leader_share[FUZZ_LEADER_MAX];
    uint8_t helper_share[64];
    uint8_t states[2][FUZZ_SMALL_MAX];
    uint8_t verifiers[2][FUZZ_SMALL_MAX];
    uint8_t message[32];
    uint8_t outputs[2][FUZZ_SMALL_MAX];
} fuzz_run;

/* The run that the first byte of an input chooses; the rest of the input is the message. */
fuzz_run *fuzz_run_of(const uint8_t *data, size_t size, evh_view *message);

/* The honest report at one aggregator. */
evh_prio3_report fuzz_report(const fuzz_run *run, uint32_t agg_id);

/* Combines two verifier shares and finishes at both aggregators with copies of their states. True
 * if both accept. Fails the check if a share is malformed. */
bool fuzz_finishes(fuzz_run *run, const uint8_t *leader_state, const uint8_t *helper_state,
                   evh_view leader_verifier, evh_view helper_verifier);

/* The statuses that a malformed message may have; anything else fails the check. */
void fuzz_check_refusal(evh_status status, evh_view message, size_t expected_len);

/* Fails the check unless all bytes are zero. */
void fuzz_check_zero(const uint8_t *bytes, size_t len);

#endif
