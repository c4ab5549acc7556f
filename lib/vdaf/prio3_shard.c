/* SPDX-License-Identifier: Apache-2.0
 * The client's part: draft-irtf-cfrg-vdaf-20 section 7.2.1. */
#include <string.h>

#include "evenhand/base/limits.h"
#include "evenhand/base/secret.h"
#include "prio3_internal.h"

/* Where the pieces of the shard randomness are. With joint randomness a helper has a seed and a
 * blind, and the leader's blind comes before the prove seed. */
typedef struct shard_seeds {
    const uint8_t *helpers;      /* [shares - 1][stride] */
    size_t stride;               /* EVH_PRIO3_SEED_LEN, or twice that */
    const uint8_t *leader_blind; /* NULL without joint randomness */
    const uint8_t *prove;
} shard_seeds;

static shard_seeds split_rand(const evh_prio3 *prio3, const uint8_t *rand)
{
    size_t seed = EVH_PRIO3_SEED_LEN;
    bool joint = evh_prio3_joint(prio3);
    shard_seeds seeds = {.helpers = rand, .stride = joint ? 2 * seed : seed};
    const uint8_t *rest = rand + (prio3->params.shares - 1) * seeds.stride;
    seeds.leader_blind = joint ? rest : NULL;
    seeds.prove = joint ? rest + seed : rest;
    return seeds;
}

/* All ones if value > max, without a branch. */
static uint64_t above(evh_u128 value, evh_u128 max)
{
    return 0 - evh_opaque(value > max);
}

/* Whether every value is admitted is told to the caller, so it is public; which one is not. */
static evh_status check_measurement(const evh_prio3 *prio3, const evh_u128 *values)
{
    evh_status status = evh_ok();
    const evh_flp *flp = &prio3->flp;
    bool multihot = flp->kind == EVH_PRIO3_MULTIHOT_COUNT;
    evh_u128 max = flp->kind == EVH_PRIO3_HISTOGRAM ? flp->length - 1 : multihot ? 1 : flp->max;
    evh_u128 sum = 0;
    uint64_t bad = 0;
    for (size_t i = 0; i < prio3->sizes.measurement_count; i++) {
        bad |= above(values[i], max);
        sum += values[i];
    }
    if (multihot)
        bad |= above(sum, flp->max);
    evh_declassify(&bad, sizeof bad, "the caller learns whether its measurement was admitted");
    EVH_REQUIRE(bad == 0, EVH_ERR_RANGE, "the measurement is out of range");
done:
    return status;
}

/* Splits the encoding: the helpers' shares come from their seeds, the leader's is what is left. */
static void split_measurement(const evh_prio3_scope *scope, evh_prio3_workspace *workspace,
                              const shard_seeds *seeds, const uint8_t *nonce)
{
    const evh_prio3 *prio3 = scope->prio3;
    const evh_flp *flp = &prio3->flp;
    memcpy(workspace->leader, workspace->meas, flp->meas_len * prio3->field->element_bytes);
    for (uint32_t id = 1; id < prio3->params.shares; id++) {
        const uint8_t *seed = seeds->helpers + (id - 1) * seeds->stride;
        evh_prio3_helper_meas(scope, workspace->spread, seed, id);
        prio3->field->sub(workspace->leader, workspace->spread, flp->meas_len);
        if (seeds->leader_blind != NULL)
            evh_prio3_joint_rand_part(scope, workspace->parts + (size_t)id * EVH_PRIO3_SEED_LEN,
                                      seed + EVH_PRIO3_SEED_LEN, id, nonce, workspace->spread);
    }
    if (seeds->leader_blind != NULL)
        evh_prio3_joint_rand_part(scope, workspace->parts, seeds->leader_blind, 0, nonce,
                                  workspace->leader);
}

/* Proves and leaves the leader's share of all proofs in workspace->proofs. */
static void prove_and_split(const evh_prio3_scope *scope, evh_prio3_workspace *workspace,
                            const shard_seeds *seeds)
{
    const evh_prio3 *prio3 = scope->prio3;
    const evh_flp *flp = &prio3->flp;
    size_t element = prio3->field->element_bytes;
    if (seeds->leader_blind != NULL) {
        evh_seed32 joint_seed;
        evh_prio3_joint_rand_seed(scope, joint_seed.bytes, workspace->parts);
        evh_prio3_joint_rands(scope, workspace->joint_rands, joint_seed.bytes);
        evh_wipe(&joint_seed, sizeof joint_seed);
    }
    evh_prio3_prove_rands(scope, workspace->rands, seeds->prove);
    for (size_t i = 0; i < prio3->params.proofs; i++)
        prio3->field->prove(flp, (uint8_t *)workspace->proofs + i * flp->proof_len * element,
                            workspace->scratch, workspace->meas,
                            (uint8_t *)workspace->rands + i * flp->prove_rand_len * element,
                            (uint8_t *)workspace->joint_rands + i * flp->joint_rand_len * element);
    for (uint32_t id = 1; id < prio3->params.shares; id++) {
        evh_prio3_helper_proofs(scope, workspace->spread, seeds->helpers + (id - 1) * seeds->stride,
                                id);
        prio3->field->sub(workspace->proofs, workspace->spread,
                          prio3->params.proofs * flp->proof_len);
    }
}

static void write_shares(const evh_prio3 *prio3, const evh_prio3_workspace *workspace,
                         const evh_prio3_shard_out *out, const shard_seeds *seeds)
{
    size_t element = prio3->field->element_bytes;
    size_t meas_bytes = prio3->flp.meas_len * element;
    size_t proofs_bytes = prio3->params.proofs * prio3->flp.proof_len * element;
    memcpy(out->leader_share, workspace->leader, meas_bytes);
    memcpy(out->leader_share + meas_bytes, workspace->proofs, proofs_bytes);
    memcpy(out->helper_shares, seeds->helpers,
           (prio3->params.shares - 1) * prio3->sizes.helper_share);
    if (seeds->leader_blind == NULL)
        return;
    memcpy(out->leader_share + meas_bytes + proofs_bytes, seeds->leader_blind, EVH_PRIO3_SEED_LEN);
    memcpy(out->public_share, workspace->parts, prio3->sizes.public_share);
    evh_declassify(out->public_share, prio3->sizes.public_share, "the public share is published");
}

static void clear_outputs(const evh_prio3 *prio3, const evh_prio3_shard_out *out)
{
    if (prio3->sizes.public_share > 0)
        memset(out->public_share, 0, prio3->sizes.public_share);
    memset(out->leader_share, 0, prio3->sizes.leader_share);
    memset(out->helper_shares, 0, (prio3->params.shares - 1) * prio3->sizes.helper_share);
}

evh_status evh_prio3_shard_with_rand(const evh_prio3 *prio3, evh_prio3_workspace *workspace,
                                     const evh_prio3_shard_out *out, const evh_prio3_shard_in *in,
                                     evh_view rand)
{
    evh_status status = evh_ok();
    const evh_prio3_scope scope = {.prio3 = prio3, .ctx = in->ctx};
    shard_seeds seeds;
    clear_outputs(prio3, out);
    EVH_TRY(evh_prio3_check_ctx(in->ctx));
    EVH_TRY(evh_prio3_check_length(rand, prio3->sizes.rand, "the shard randomness"));
    EVH_REQUIRE(in->measurement_len == prio3->sizes.measurement_count, EVH_ERR_ARG,
                "the measurement has %zu values, not %zu", in->measurement_len,
                prio3->sizes.measurement_count);
    EVH_TRY(check_measurement(prio3, in->measurement));
    seeds = split_rand(prio3, rand.data);
    prio3->field->encode(&prio3->flp, workspace->meas, in->measurement);
    split_measurement(&scope, workspace, &seeds, in->nonce);
    prove_and_split(&scope, workspace, &seeds);
    write_shares(prio3, workspace, out, &seeds);
done:
    evh_wipe(workspace->memory, workspace->memory_bytes);
    return status;
}

evh_status evh_prio3_shard(const evh_prio3 *prio3, evh_prio3_workspace *workspace,
                           const evh_prio3_shard_out *out, const evh_prio3_shard_in *in,
                           const evh_rng *rng)
{
    evh_status status = evh_ok();
    uint8_t rand[2 * EVH_PRIO3_SEED_LEN * EVH_VDAF_SHARES_MAX];
    clear_outputs(prio3, out);
    EVH_TRY(evh_rng_fill(rng, rand, prio3->sizes.rand));
    EVH_TRY(
        evh_prio3_shard_with_rand(prio3, workspace, out, in, evh_view_of(rand, prio3->sizes.rand)));
done:
    evh_wipe(rand, prio3->sizes.rand);
    return status;
}
