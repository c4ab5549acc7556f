/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/aggregator/leader.h"

#include "round_internal.h"

/* Header with the longest names, signature, and the tags and lengths of all fields. */
enum { AROUND_SHARES = 1024 };

evh_status evh_leader_report_bytes_max(const evh_aggregator *self, size_t *bytes_max,
                                       const uint8_t *task_id)
{
    evh_round round = {.stored = NULL};
    const evh_prio3_sizes *sizes = NULL;
    evh_status status = evh_ok();
    *bytes_max = 0;
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(evh_round_load(self, &round, task_id));
    sizes = evh_prio3_sizes_of(round.prio3);
    *bytes_max = sizes->public_share + sizes->leader_share + sizes->helper_share +
                 (size_t)2 * EVH_SEALED_OVERHEAD + AROUND_SHARES;
done:
    evh_store_rollback(self->store);
    evh_round_clear(&round);
    return status;
}
