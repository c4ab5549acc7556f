/* SPDX-License-Identifier: Apache-2.0
 * Instances, their lengths, and workspaces. */
#include "evenhand/vdaf/prio3.h"

#include <stdlib.h>
#include <string.h>

#include "evenhand/base/limits.h"
#include "evenhand/base/secret.h"
#include "evenhand/base/sizes.h"
#include "prio3_internal.h"

/* The experimental variant's identifier: draft-irtf-cfrg-vdaf-20 appendix on test vectors. */
#define MULTIPROOF_ALGORITHM_ID UINT32_C(0xffffffff)

static bool is_multiproof(evh_prio3_kind kind)
{
    return kind == EVH_PRIO3_SUM_VEC_MULTIPROOF;
}

static void fill_defaults(evh_prio3_params *params)
{
    bool narrow = params->kind == EVH_PRIO3_COUNT || params->kind == EVH_PRIO3_SUM ||
                  is_multiproof(params->kind);
    if (params->field == EVH_FIELD_DEFAULT)
        params->field = narrow ? EVH_FIELD_64 : EVH_FIELD_128;
    if (params->proofs == 0)
        params->proofs = is_multiproof(params->kind) ? 3 : 1;
}

static evh_status check_params(const evh_prio3_params *params)
{
    evh_status status = evh_ok();
    bool joint = params->kind != EVH_PRIO3_COUNT && params->kind != EVH_PRIO3_SUM;
    EVH_REQUIRE(params->kind >= EVH_PRIO3_COUNT && params->kind <= EVH_PRIO3_SUM_VEC_MULTIPROOF,
                EVH_ERR_ARG, "there is no Prio3 of kind %u", (unsigned)params->kind);
    EVH_REQUIRE(params->field == EVH_FIELD_64 || params->field == EVH_FIELD_128, EVH_ERR_ARG,
                "there is no field number %u", (unsigned)params->field);
    EVH_REQUIRE(params->shares >= 2 && params->shares <= EVH_VDAF_SHARES_MAX, EVH_ERR_RANGE,
                "shares must be 2 to %d", EVH_VDAF_SHARES_MAX);
    EVH_REQUIRE(params->proofs >= 1 && params->proofs <= 255, EVH_ERR_RANGE,
                "proofs must be 1 to 255");
    EVH_REQUIRE(!joint || params->field == EVH_FIELD_128 || params->proofs >= 3, EVH_ERR_RANGE,
                "joint randomness over the 64-bit field needs at least 3 proofs");
done:
    return status;
}

static evh_prio3_sizes lengths_of(const evh_prio3 *prio3)
{
    const evh_flp *flp = &prio3->flp;
    size_t element = prio3->field->element_bytes;
    size_t seed = EVH_PRIO3_SEED_LEN;
    size_t joint = evh_prio3_joint(prio3) ? seed : 0;
    size_t shares = prio3->params.shares;
    size_t proofs = prio3->params.proofs;
    evh_prio3_sizes sizes = {
        .measurement_count = flp->kind == EVH_PRIO3_HISTOGRAM ? 1 : flp->length,
        .result_count = flp->output_len,
        .rand = shares * (seed + joint),
        .public_share = shares * joint,
        .leader_share = (flp->meas_len + proofs * flp->proof_len) * element + joint,
        .helper_share = seed + joint,
        .verifier_share = proofs * flp->verifier_len * element + joint,
        .verifier_message = joint,
        .state = 1 + flp->output_len * element + joint,
        .output_share = flp->output_len * element,
        .aggregate_share = flp->output_len * element,
    };
    return sizes;
}

evh_status evh_prio3_new(evh_prio3 **out, const evh_prio3_params *params)
{
    evh_status status = evh_ok();
    evh_prio3 *prio3 = NULL;
    *out = NULL;
    evh_prio3_params filled = *params;
    fill_defaults(&filled);
    EVH_TRY(check_params(&filled));
    EVH_TRY(evh_alloc(&prio3, 1, sizeof *prio3, "a Prio3 instance"));
    prio3->params = filled;
    prio3->algorithm_id =
        is_multiproof(filled.kind) ? MULTIPROOF_ALGORITHM_ID : (uint32_t)filled.kind;
    prio3->field = filled.field == EVH_FIELD_64 ? &evh_flp_field_64 : &evh_flp_field_128;
    EVH_TRY(evh_flp_init(&prio3->flp, &filled));
    prio3->sizes = lengths_of(prio3);
    EVH_REQUIRE(prio3->sizes.leader_share <= EVH_REPORT_BYTES_MAX, EVH_ERR_RANGE,
                "an input share of %zu bytes is too long: at most %d", prio3->sizes.leader_share,
                EVH_REPORT_BYTES_MAX);
    EVH_TRY(evh_alloc(&prio3->flp.tables, 1, prio3->field->tables_bytes(&prio3->flp),
                      "tables of a Prio3 instance"));
    prio3->field->tables_fill(&prio3->flp);
    *out = prio3;
    prio3 = NULL;
done:
    evh_prio3_free(&prio3);
    return status;
}

void evh_prio3_free(evh_prio3 **prio3)
{
    if (*prio3 == NULL)
        return;
    free((*prio3)->flp.tables);
    free(*prio3);
    *prio3 = NULL;
}

const evh_prio3_params *evh_prio3_params_of(const evh_prio3 *prio3)
{
    return &prio3->params;
}

const evh_prio3_sizes *evh_prio3_sizes_of(const evh_prio3 *prio3)
{
    return &prio3->sizes;
}

size_t evh_prio3_input_share_len(const evh_prio3 *prio3, uint32_t agg_id)
{
    return agg_id == 0 ? prio3->sizes.leader_share : prio3->sizes.helper_share;
}

evh_status evh_prio3_check_capacity(const evh_prio3 *prio3, uint64_t reports)
{
    evh_status status = evh_ok();
    bool bits =
        prio3->params.kind == EVH_PRIO3_HISTOGRAM || prio3->params.kind == EVH_PRIO3_MULTIHOT_COUNT;
    evh_u128 largest = bits ? 1 : prio3->flp.max;
    EVH_REQUIRE(evh_field_sum_fits(prio3->params.field, reports, largest), EVH_ERR_RANGE,
                "the sum of %llu reports can exceed the %u-bit field", (unsigned long long)reports,
                (unsigned)prio3->params.field);
done:
    return status;
}

evh_status evh_prio3_check_length(evh_view message, size_t expected, const char *what)
{
    evh_status status = evh_ok();
    EVH_REQUIRE(message.len >= expected, EVH_ERR_LENGTH, "%s has %zu bytes, not %zu", what,
                message.len, expected);
    EVH_REQUIRE(message.len == expected, EVH_ERR_TRAILING, "%s has %zu bytes, not %zu", what,
                message.len, expected);
done:
    return status;
}

evh_status evh_prio3_check_ctx(evh_view ctx)
{
    evh_status status = evh_ok();
    EVH_REQUIRE(ctx.len <= EVH_VDAF_CTX_BYTES_MAX, EVH_ERR_ARG,
                "the context has %zu bytes: at most %d", ctx.len, EVH_VDAF_CTX_BYTES_MAX);
done:
    return status;
}

/* ---- workspaces ---- */

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* Takes the next piece, aligned for any element; with memory NULL it only counts. */
static void *take(const evh_prio3_workspace *workspace, size_t *used, size_t bytes)
{
    void *piece = workspace->memory == NULL ? NULL : workspace->memory + *used;
    *used += (bytes + 15) / 16 * 16;
    return piece;
}

static void carve(evh_prio3_workspace *workspace, const evh_prio3 *prio3)
{
    const evh_flp *flp = &prio3->flp;
    size_t element = prio3->field->element_bytes;
    size_t proofs = prio3->params.proofs;
    size_t verifiers = proofs * flp->verifier_len;
    size_t used = 0;
    workspace->meas = take(workspace, &used, flp->meas_len * element);
    workspace->proofs = take(workspace, &used, proofs * flp->proof_len * element);
    workspace->rands =
        take(workspace, &used, proofs * larger(flp->prove_rand_len, flp->query_rand_len) * element);
    workspace->joint_rands = take(workspace, &used, proofs * flp->joint_rand_len * element);
    workspace->verifiers = take(workspace, &used, verifiers * element);
    workspace->summand = take(workspace, &used, larger(verifiers, flp->output_len) * element);
    workspace->output = take(workspace, &used, flp->output_len * element);
    workspace->parts = take(workspace, &used, prio3->params.shares * (size_t)EVH_PRIO3_SEED_LEN);
    workspace->scratch = take(
        workspace, &used,
        larger(prio3->field->prove_scratch_bytes(flp), prio3->field->query_scratch_bytes(flp)));
    workspace->own_state = take(workspace, &used, prio3->sizes.state);
    workspace->own_verifier = take(workspace, &used, prio3->sizes.verifier_share);
    workspace->aggregator_bytes = used;
    workspace->leader = take(workspace, &used, flp->meas_len * element);
    workspace->spread =
        take(workspace, &used, larger(flp->meas_len, proofs * flp->proof_len) * element);
    workspace->memory_bytes = used;
}

evh_status evh_prio3_workspace_new(evh_prio3_workspace **out, const evh_prio3 *prio3)
{
    evh_status status = evh_ok();
    evh_prio3_workspace *workspace = NULL;
    *out = NULL;
    EVH_TRY(evh_alloc(&workspace, 1, sizeof *workspace, "a Prio3 workspace"));
    carve(workspace, prio3);
    EVH_TRY(evh_alloc(&workspace->memory, workspace->memory_bytes, 1, "a Prio3 workspace"));
    carve(workspace, prio3);
    *out = workspace;
    workspace = NULL;
done:
    evh_prio3_workspace_free(&workspace);
    return status;
}

void evh_prio3_workspace_wipe(evh_prio3_workspace *workspace)
{
    evh_wipe(workspace->memory, workspace->aggregator_bytes);
}

void evh_prio3_workspace_free(evh_prio3_workspace **workspace)
{
    if (*workspace == NULL)
        return;
    if ((*workspace)->memory != NULL)
        evh_wipe((*workspace)->memory, (*workspace)->memory_bytes);
    free((*workspace)->memory);
    free(*workspace);
    *workspace = NULL;
}
