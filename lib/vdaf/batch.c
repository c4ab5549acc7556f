/* SPDX-License-Identifier: Apache-2.0
 * Reports one after the other, with one wipe of the workspace at the end. */
#include "evenhand/vdaf/batch.h"

#include "prio3_internal.h"

evh_status evh_prio3_shard_batch(const evh_prio3 *prio3, evh_prio3_workspace *workspace,
                                 evh_prio3_shard_item *items, size_t count, const evh_rng *rng)
{
    evh_status first = evh_ok();
    for (size_t i = 0; i < count; i++) {
        items[i].status = evh_prio3_shard(prio3, workspace, &items[i].out, &items[i].in, rng);
        if (first.code == EVH_OK)
            first = items[i].status;
    }
    return first;
}

void evh_prio3_verify_init_batch(const evh_prio3 *prio3, evh_prio3_workspace *workspace,
                                 const evh_prio3_task *task, uint32_t agg_id,
                                 evh_prio3_init_item *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        items[i].status =
            evh_prio3_verify_init_no_wipe(prio3, workspace, items[i].state, items[i].verifier_share,
                                          task, agg_id, &items[i].report);
    evh_prio3_workspace_wipe(workspace);
}
