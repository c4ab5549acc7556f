/* SPDX-License-Identifier: Apache-2.0
 * unit/vdaf/flow.h: a whole run of Prio3 in one object, for tests that bend it somewhere. */
#ifndef EVH_UNIT_VDAF_FLOW_H
#define EVH_UNIT_VDAF_FLOW_H

#include "evenhand/vdaf/ping_pong.h"
#include "evenhand/vdaf/prio3.h"
#include "support/test.h"

typedef struct flow {
    evh_prio3 *prio3;
    evh_prio3_workspace *workspace;
    evh_prio3_params params;
    evh_prio3_sizes sizes;
    test_rng seeded;
    evh_rng rng;
    uint8_t nonce[EVH_PRIO3_NONCE_LEN];
    uint8_t verify_key[EVH_PRIO3_VERIFY_KEY_LEN];
    evh_buffer ctx;
    evh_u128 *measurement;  /* [measurement_count] */
    uint8_t *public_share;  /* [sizes.public_share] */
    uint8_t *leader_share;  /* [sizes.leader_share] */
    uint8_t *helper_shares; /* [(shares - 1) * sizes.helper_share] */
    uint8_t *states;        /* [shares * sizes.state] */
    uint8_t *verifiers;     /* [shares * sizes.verifier_share] */
    uint8_t *message;       /* [sizes.verifier_message] */
    uint8_t *output_shares; /* [shares * sizes.output_share] */
    evh_u128 *result;       /* [result_count] */
} flow;

void flow_open(flow *f, const evh_prio3_params *params, uint64_t seed);
void flow_close(flow *f);

/* A random measurement that the instance admits. */
void flow_random_measurement(flow *f);
void flow_shard(flow *f);

/* The pieces of one aggregator. */
evh_prio3_task flow_task(const flow *f);
evh_prio3_report flow_report(const flow *f, uint32_t agg_id);
uint8_t *flow_state(const flow *f, uint32_t agg_id);
uint8_t *flow_verifier(const flow *f, uint32_t agg_id);
uint8_t *flow_output(const flow *f, uint32_t agg_id);

/* Everything from verify_init to verify_next, at every aggregator. True if all accept; then the
 * output shares are there. Malformed messages fail the test. */
bool flow_verify(flow *f);

/* Combines and finishes only, from the verifier shares and states that are there. */
bool flow_finish(flow *f);

/* Aggregates this one report and compares the result with the measurement. */
void flow_check_result(flow *f);

#endif
