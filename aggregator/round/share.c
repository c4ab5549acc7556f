/* SPDX-License-Identifier: Apache-2.0
 * The aggregate share of an agreed round: committed to, then sealed to the collector. */
#include <string.h>

#include "evenhand/base/limits.h"
#include "round_internal.h"

evh_status evh_share_commit(const evh_aggregator *self, const evh_round *round,
                            uint8_t out[EVH_COMMITMENT_LEN])
{
    evh_round_secrets secrets;
    memset(&secrets, 0, sizeof secrets);
    evh_status status = evh_ok();
    EVH_TRY(
        self->vault.find(self->vault.context, evh_round_own_name(self, &round->task), &secrets));
    EVH_TRY(evh_batch_commit_share(out, &secrets.salt,
                                   evh_wire_bytes(&round->stored->aggregate_share)));
done:
    evh_wipe(&secrets, sizeof secrets);
    return status;
}

static evh_status seal(const evh_aggregator *self, evh_buffer *sealed, const evh_round *round)
{
    evh_round_secrets secrets;
    evh_batch batch;
    memset(&secrets, 0, sizeof secrets);
    evh_status status = evh_ok();
    EVH_TRY(evh_round_batch(&batch, round));
    EVH_TRY(
        self->vault.find(self->vault.context, evh_round_own_name(self, &round->task), &secrets));
    EVH_TRY(evh_batch_seal_share(sealed, &batch, self->role, &self->collector_key, &secrets.salt,
                                 evh_wire_bytes(&round->stored->aggregate_share), &self->rng));
done:
    evh_wipe(&secrets, sizeof secrets);
    return status;
}

evh_status evh_aggregator_get_share(const evh_aggregator *self, const evh_caller *caller,
                                    evh_view request_bytes, evh_buffer *response)
{
    Evenhand__V1__GetAggregateShareRequest *request = NULL;
    Evenhand__V1__AggregateShare message;
    evenhand__v1__aggregate_share__init(&message);
    evh_round round = {.stored = NULL};
    evh_buffer sealed = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    const uint8_t *task_id = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_require_role(caller, EVH_ROLE_COLLECTOR));
    EVH_TRY(evh_wire_unpack(&request, &evenhand__v1__get_aggregate_share_request__descriptor,
                            request_bytes, "request"));
    EVH_TRY(evh_task_id_of(&request->task_id, &task_id));
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(evh_round_load(self, &round, task_id));
    EVH_TRY(evh_round_require(&round, EVENHAND__V1__ROUND_STATE__ROUND_STATE_AGREED));
    EVH_REQUIRE(round.stored->commitments_logged, EVH_ERR_REFUSED,
                "the commitments to the shares are not in the log");
    EVH_TRY(seal(self, &sealed, &round));
    message.report_count = round.stored->report_count;
    message.reports_root = round.stored->reports_root;
    evh_wire_set_bytes(&message.sealed, evh_buffer_view(&sealed));
    EVH_TRY(evh_wire_pack(response, &message.base));
done:
    evh_store_rollback(self->store);
    evh_round_clear(&round);
    evh_wire_free(&request);
    evh_buffer_clear(&sealed);
    return status;
}
