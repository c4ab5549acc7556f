/* SPDX-License-Identifier: Apache-2.0
 * What the program can be asked to do (bench/protocol.md). Each appends its values to the answer.
 * INPUT is a bad request, any other failure a refusal. */
#ifndef EVH_BENCH_COMMANDS_H
#define EVH_BENCH_COMMANDS_H

#include "evenhand/vdaf/prio3.h"
#include "request.h"

EVH_MUST_USE evh_status hpke_keygen(evh_buffer *answer, const bench_request *request);
EVH_MUST_USE evh_status hpke_seal(evh_buffer *answer, const bench_request *request);
EVH_MUST_USE evh_status hpke_open(evh_buffer *answer, const bench_request *request);

/* The chunk length of this project's rule. */
EVH_MUST_USE evh_status chunk_length(evh_buffer *answer, const bench_request *request);

/* An instance and what its calls need. */
typedef struct prio3_instance {
    evh_prio3 *prio3;
    evh_prio3_workspace *workspace;
    const evh_prio3_sizes *sizes; /* borrowed from prio3 */
} prio3_instance;

/* All of the Prio3 commands. */
EVH_MUST_USE evh_status prio3_command(evh_buffer *answer, const bench_request *request);

/* What a sharding and a verify_init request carry. All zero is empty; clear when done. */
typedef struct shard_request {
    evh_buffer ctx;
    uint8_t nonce[EVH_PRIO3_NONCE_LEN];
    evh_u128 *measurement;
    size_t measurement_len;
    evh_buffer shares; /* room for public, leader and helper share */
    evh_prio3_shard_in in;
    evh_prio3_shard_out out;
} shard_request;

typedef struct report_request {
    evh_buffer ctx;
    uint8_t key[EVH_PRIO3_VERIFY_KEY_LEN];
    uint8_t nonce[EVH_PRIO3_NONCE_LEN];
    uint32_t aggregator;
    evh_buffer public_share;
    evh_buffer input_share;
    evh_buffer results; /* room for state and verifier share */
    uint8_t *state;
    uint8_t *verifier_share;
    evh_prio3_task task;
    evh_prio3_report report;
} report_request;

EVH_MUST_USE evh_status shard_request_read(shard_request *out, const bench_request *request,
                                           const prio3_instance *instance);
void shard_request_clear(shard_request *shard);
EVH_MUST_USE evh_status report_request_read(report_request *out, const bench_request *request,
                                            const prio3_instance *instance);
void report_request_clear(report_request *report);

/* Appends ` ns=` and how long `rounds` calls took together. */
EVH_MUST_USE evh_status time_shard(evh_buffer *answer, const bench_request *request,
                                   const prio3_instance *instance);
EVH_MUST_USE evh_status time_verify_init(evh_buffer *answer, const bench_request *request,
                                         const prio3_instance *instance);

#endif
