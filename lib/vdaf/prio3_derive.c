/* SPDX-License-Identifier: Apache-2.0
 * What Prio3 derives from seeds: draft-irtf-cfrg-vdaf-20 section 7.2, auxiliary functions. */
#include <string.h>

#include "evenhand/base/secret.h"
#include "prio3_internal.h"

enum { DST_HEAD_LEN = 8, ALGORITHM_CLASS_VDAF = 0 };

/* The tag is version, class, algorithm and usage (big endian), then the context. */
static void start(const evh_prio3_scope *scope, evh_turboshake128 *xof, evh_prio3_usage usage,
                  const uint8_t *seed)
{
    uint32_t id = scope->prio3->algorithm_id;
    const uint8_t head[DST_HEAD_LEN] = {EVH_PRIO3_VERSION,
                                        ALGORITHM_CLASS_VDAF,
                                        (uint8_t)(id >> 24),
                                        (uint8_t)(id >> 16),
                                        (uint8_t)(id >> 8),
                                        (uint8_t)id,
                                        0,
                                        (uint8_t)usage};
    evh_xof_init(xof, evh_view_of(seed, EVH_PRIO3_SEED_LEN), evh_view_of(head, sizeof head),
                 scope->ctx);
}

void evh_prio3_expand(const evh_prio3_scope *scope, void *out, size_t count, evh_prio3_usage usage,
                      const uint8_t *seed, evh_view binder)
{
    evh_turboshake128 xof;
    start(scope, &xof, usage, seed);
    evh_turboshake128_absorb(&xof, binder);
    scope->prio3->field->expand(&xof, out, count);
    evh_turboshake128_clear(&xof);
}

void evh_prio3_helper_meas(const evh_prio3_scope *scope, void *out, const uint8_t *seed,
                           uint32_t agg_id)
{
    const uint8_t binder[] = {(uint8_t)agg_id};
    evh_prio3_expand(scope, out, scope->prio3->flp.meas_len, EVH_PRIO3_USE_MEAS_SHARE, seed,
                     evh_view_of(binder, sizeof binder));
}

void evh_prio3_helper_proofs(const evh_prio3_scope *scope, void *out, const uint8_t *seed,
                             uint32_t agg_id)
{
    const evh_prio3 *prio3 = scope->prio3;
    const uint8_t binder[] = {(uint8_t)prio3->params.proofs, (uint8_t)agg_id};
    evh_prio3_expand(scope, out, prio3->params.proofs * prio3->flp.proof_len,
                     EVH_PRIO3_USE_PROOF_SHARE, seed, evh_view_of(binder, sizeof binder));
}

void evh_prio3_joint_rands(const evh_prio3_scope *scope, void *out, const uint8_t *seed)
{
    const evh_prio3 *prio3 = scope->prio3;
    const uint8_t binder[] = {(uint8_t)prio3->params.proofs};
    evh_prio3_expand(scope, out, prio3->params.proofs * prio3->flp.joint_rand_len,
                     EVH_PRIO3_USE_JOINT_RANDOMNESS, seed, evh_view_of(binder, sizeof binder));
}

void evh_prio3_prove_rands(const evh_prio3_scope *scope, void *out, const uint8_t *seed)
{
    const evh_prio3 *prio3 = scope->prio3;
    const uint8_t binder[] = {(uint8_t)prio3->params.proofs};
    evh_prio3_expand(scope, out, prio3->params.proofs * prio3->flp.prove_rand_len,
                     EVH_PRIO3_USE_PROVE_RANDOMNESS, seed, evh_view_of(binder, sizeof binder));
}

void evh_prio3_query_rands(const evh_prio3_scope *scope, void *out, const uint8_t *verify_key,
                           const uint8_t *nonce)
{
    const evh_prio3 *prio3 = scope->prio3;
    uint8_t binder[1 + EVH_PRIO3_NONCE_LEN] = {(uint8_t)prio3->params.proofs};
    memcpy(binder + 1, nonce, EVH_PRIO3_NONCE_LEN);
    evh_prio3_expand(scope, out, prio3->params.proofs * prio3->flp.query_rand_len,
                     EVH_PRIO3_USE_QUERY_RANDOMNESS, verify_key,
                     evh_view_of(binder, sizeof binder));
}

void evh_prio3_joint_rand_part(const evh_prio3_scope *scope, uint8_t *part, const uint8_t *blind,
                               uint32_t agg_id, const uint8_t *nonce, const void *meas_share)
{
    const evh_prio3 *prio3 = scope->prio3;
    const uint8_t id = (uint8_t)agg_id;
    evh_turboshake128 xof;
    start(scope, &xof, EVH_PRIO3_USE_JOINT_RAND_PART, blind);
    evh_turboshake128_absorb(&xof, evh_view_of(&id, sizeof id));
    evh_turboshake128_absorb(&xof, evh_view_of(nonce, EVH_PRIO3_NONCE_LEN));
    /* an element in memory is its own encoding */
    evh_turboshake128_absorb(
        &xof, evh_view_of(meas_share, prio3->flp.meas_len * prio3->field->element_bytes));
    evh_turboshake128_squeeze(&xof, part, EVH_PRIO3_SEED_LEN);
    evh_turboshake128_clear(&xof);
}

void evh_prio3_joint_rand_seed(const evh_prio3_scope *scope, uint8_t *seed, const uint8_t *parts)
{
    static const uint8_t no_seed[EVH_PRIO3_SEED_LEN] = {0};
    evh_turboshake128 xof;
    start(scope, &xof, EVH_PRIO3_USE_JOINT_RAND_SEED, no_seed);
    evh_turboshake128_absorb(
        &xof, evh_view_of(parts, scope->prio3->params.shares * (size_t)EVH_PRIO3_SEED_LEN));
    evh_turboshake128_squeeze(&xof, seed, EVH_PRIO3_SEED_LEN);
    evh_turboshake128_clear(&xof);
}
