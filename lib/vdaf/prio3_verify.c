/* SPDX-License-Identifier: Apache-2.0
 * The aggregators' part up to an output share: draft-irtf-cfrg-vdaf-20 section 7.2.2. */
#include <string.h>

#include "evenhand/base/secret.h"
#include "prio3_internal.h"

enum { STATE_SPENT = 0, STATE_LIVE = 1 };

/* Reads or expands the own share into the workspace and points at the blind, if there is one. */
static evh_status open_input_share(const evh_prio3_scope *scope, evh_prio3_workspace *workspace,
                                   const uint8_t **blind, uint32_t agg_id, evh_view share)
{
    evh_status status = evh_ok();
    const evh_prio3 *prio3 = scope->prio3;
    size_t element = prio3->field->element_bytes;
    size_t proofs_len = prio3->params.proofs * prio3->flp.proof_len;
    size_t blind_at = share.len - EVH_PRIO3_SEED_LEN;
    EVH_TRY(evh_prio3_check_length(share, evh_prio3_input_share_len(prio3, agg_id),
                                   agg_id == 0 ? "the leader's input share"
                                               : "a helper's input share"));
    if (agg_id == 0) {
        const uint8_t *proofs = share.data + prio3->flp.meas_len * element;
        EVH_REQUIRE(prio3->field->decode(workspace->meas, share.data, prio3->flp.meas_len) &&
                        prio3->field->decode(workspace->proofs, proofs, proofs_len),
                    EVH_ERR_ENCODING,
                    "the leader's input share holds an element that is not below the modulus");
    } else {
        evh_prio3_helper_meas(scope, workspace->meas, share.data, agg_id);
        evh_prio3_helper_proofs(scope, workspace->proofs, share.data, agg_id);
    }
    *blind = evh_prio3_joint(prio3) ? share.data + blind_at : NULL;
done:
    return status;
}

/* The own part is recomputed from the own share, whatever the public share says of it: the seeds
 * agree in the end only if the client told the truth. */
static void derive_joint_rands(const evh_prio3_scope *scope, evh_prio3_workspace *workspace,
                               uint8_t *seed, const uint8_t *blind, uint32_t agg_id,
                               const evh_prio3_report *report)
{
    memcpy(workspace->parts, report->public_share.data, report->public_share.len);
    evh_prio3_joint_rand_part(scope, workspace->parts + (size_t)agg_id * EVH_PRIO3_SEED_LEN, blind,
                              agg_id, report->nonce, workspace->meas);
    evh_prio3_joint_rand_seed(scope, seed, workspace->parts);
    evh_prio3_joint_rands(scope, workspace->joint_rands, seed);
}

static evh_status query_all(const evh_prio3 *prio3, evh_prio3_workspace *workspace)
{
    evh_status status = evh_ok();
    const evh_flp *flp = &prio3->flp;
    size_t element = prio3->field->element_bytes;
    for (size_t i = 0; i < prio3->params.proofs; i++)
        EVH_REQUIRE(prio3->field->query(
                        flp, (uint8_t *)workspace->verifiers + i * flp->verifier_len * element,
                        workspace->scratch, workspace->meas,
                        (uint8_t *)workspace->proofs + i * flp->proof_len * element,
                        (uint8_t *)workspace->rands + i * flp->query_rand_len * element,
                        (uint8_t *)workspace->joint_rands + i * flp->joint_rand_len * element),
                    EVH_ERR_RANGE, "the query point is a root of unity");
done:
    return status;
}

/* state: live byte, output share, corrected joint randomness seed */
static void write_results(const evh_prio3 *prio3, evh_prio3_workspace *workspace, uint8_t *state,
                          uint8_t *verifier_share, const uint8_t *seed, uint32_t agg_id)
{
    size_t verifiers_bytes =
        prio3->params.proofs * prio3->flp.verifier_len * prio3->field->element_bytes;
    prio3->field->truncate(&prio3->flp, workspace->output, workspace->meas);
    state[0] = STATE_LIVE;
    memcpy(state + 1, workspace->output, prio3->sizes.output_share);
    memcpy(verifier_share, workspace->verifiers, verifiers_bytes);
    if (!evh_prio3_joint(prio3))
        return;
    memcpy(state + 1 + prio3->sizes.output_share, seed, EVH_PRIO3_SEED_LEN);
    memcpy(verifier_share + verifiers_bytes, workspace->parts + (size_t)agg_id * EVH_PRIO3_SEED_LEN,
           EVH_PRIO3_SEED_LEN);
}

evh_status evh_prio3_verify_init_no_wipe(const evh_prio3 *prio3, evh_prio3_workspace *workspace,
                                         uint8_t *state, uint8_t *verifier_share,
                                         const evh_prio3_task *task, uint32_t agg_id,
                                         const evh_prio3_report *report)
{
    evh_status status = evh_ok();
    const evh_prio3_scope scope = {.prio3 = prio3, .ctx = task->ctx};
    const uint8_t *blind = NULL;
    evh_seed32 seed = {{0}};
    memset(state, 0, prio3->sizes.state);
    memset(verifier_share, 0, prio3->sizes.verifier_share);
    EVH_REQUIRE(agg_id < prio3->params.shares, EVH_ERR_ARG, "there is no aggregator %u of %u",
                (unsigned)agg_id, (unsigned)prio3->params.shares);
    EVH_TRY(evh_prio3_check_ctx(task->ctx));
    EVH_TRY(evh_prio3_check_length(report->public_share, prio3->sizes.public_share,
                                   "the public share"));
    EVH_TRY(open_input_share(&scope, workspace, &blind, agg_id, report->input_share));
    if (blind != NULL)
        derive_joint_rands(&scope, workspace, seed.bytes, blind, agg_id, report);
    evh_prio3_query_rands(&scope, workspace->rands, task->verify_key, report->nonce);
    EVH_TRY(query_all(prio3, workspace));
    write_results(prio3, workspace, state, verifier_share, seed.bytes, agg_id);
done:
    evh_wipe(&seed, sizeof seed);
    return status;
}

evh_status evh_prio3_verify_init(const evh_prio3 *prio3, evh_prio3_workspace *workspace,
                                 uint8_t *state, uint8_t *verifier_share,
                                 const evh_prio3_task *task, uint32_t agg_id,
                                 const evh_prio3_report *report)
{
    evh_status status = evh_prio3_verify_init_no_wipe(prio3, workspace, state, verifier_share, task,
                                                      agg_id, report);
    evh_prio3_workspace_wipe(workspace);
    return status;
}

/* Adds one aggregator's verifiers to the sum and keeps its joint randomness part. */
static evh_status add_verifier_share(const evh_prio3 *prio3, evh_prio3_workspace *workspace,
                                     size_t agg_id, evh_view share)
{
    evh_status status = evh_ok();
    size_t count = prio3->params.proofs * prio3->flp.verifier_len;
    EVH_TRY(evh_prio3_check_length(share, prio3->sizes.verifier_share, "a verifier share"));
    EVH_REQUIRE(prio3->field->decode(workspace->summand, share.data, count), EVH_ERR_ENCODING,
                "a verifier share holds an element that is not below the modulus");
    prio3->field->add(workspace->verifiers, workspace->summand, count);
    if (evh_prio3_joint(prio3))
        memcpy(workspace->parts + agg_id * EVH_PRIO3_SEED_LEN,
               share.data + count * prio3->field->element_bytes, EVH_PRIO3_SEED_LEN);
done:
    return status;
}

static bool decide_all(const evh_prio3 *prio3, const evh_prio3_workspace *workspace)
{
    size_t verifier_bytes = prio3->flp.verifier_len * prio3->field->element_bytes;
    uint64_t all = UINT64_MAX;
    for (size_t i = 0; i < prio3->params.proofs; i++)
        all &=
            prio3->field->decide(&prio3->flp, (uint8_t *)workspace->verifiers + i * verifier_bytes);
    evh_declassify(&all, sizeof all, "the verdict on a report is public");
    return all != 0;
}

evh_status evh_prio3_combine_no_wipe(const evh_prio3 *prio3, evh_prio3_workspace *workspace,
                                     uint8_t *message, evh_prio3_verdict *verdict, evh_view ctx,
                                     const evh_view *verifier_shares, size_t count)
{
    evh_status status = evh_ok();
    const evh_prio3_scope scope = {.prio3 = prio3, .ctx = ctx};
    *verdict = EVH_PRIO3_REJECTED;
    if (prio3->sizes.verifier_message > 0)
        memset(message, 0, prio3->sizes.verifier_message);
    EVH_TRY(evh_prio3_check_ctx(ctx));
    EVH_REQUIRE(count == prio3->params.shares, EVH_ERR_ARG, "%zu verifier shares of %u", count,
                (unsigned)prio3->params.shares);
    memset(workspace->verifiers, 0,
           prio3->params.proofs * prio3->flp.verifier_len * prio3->field->element_bytes);
    for (size_t id = 0; id < count; id++)
        EVH_TRY(add_verifier_share(prio3, workspace, id, verifier_shares[id]));
    if (!decide_all(prio3, workspace))
        goto done;
    if (evh_prio3_joint(prio3))
        evh_prio3_joint_rand_seed(&scope, message, workspace->parts);
    *verdict = EVH_PRIO3_ACCEPTED;
done:
    return status;
}

evh_status evh_prio3_verifier_shares_to_message(const evh_prio3 *prio3,
                                                evh_prio3_workspace *workspace, uint8_t *message,
                                                evh_prio3_verdict *verdict, evh_view ctx,
                                                const evh_view *verifier_shares, size_t count)
{
    evh_status status =
        evh_prio3_combine_no_wipe(prio3, workspace, message, verdict, ctx, verifier_shares, count);
    evh_prio3_workspace_wipe(workspace);
    return status;
}

evh_status evh_prio3_verify_next(const evh_prio3 *prio3, uint8_t *output_share,
                                 evh_prio3_verdict *verdict, uint8_t *state, evh_view message)
{
    evh_status status = evh_ok();
    const uint8_t *seed = state + 1 + prio3->sizes.output_share;
    bool equal = false;
    *verdict = EVH_PRIO3_REJECTED;
    memset(output_share, 0, prio3->sizes.output_share);
    EVH_REQUIRE(state[0] == STATE_LIVE, EVH_ERR_ARG, "the state was used already");
    EVH_TRY(evh_prio3_check_length(message, prio3->sizes.verifier_message, "a verifier message"));
    equal = !evh_prio3_joint(prio3) || evh_equal_ct(seed, message.data, message.len);
    evh_declassify(&equal, sizeof equal, "the verdict on a report is public");
    if (!equal)
        goto done;
    memcpy(output_share, state + 1, prio3->sizes.output_share);
    *verdict = EVH_PRIO3_ACCEPTED;
done:
    evh_wipe(state, prio3->sizes.state); /* leaves it STATE_SPENT */
    return status;
}

_Static_assert(STATE_SPENT == 0, "a wiped state is a spent one");
