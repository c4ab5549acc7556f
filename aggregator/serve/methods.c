/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/aggregator/methods.h"

#include "evenhand/aggregator/helper.h"
#include "evenhand/aggregator/leader.h"
#include "evenhand/base/limits.h"
#include "methods_internal.h"

enum {
    SMALL = 4096,                         /* a request of a few fields */
    RESULT_BYTES = EVH_MESSAGE_BYTES_MAX, /* a whole result.json */
    JOB_BYTES = EVH_MESSAGE_BYTES_MAX
};

#define LEADER(name) "/evenhand.v1.Leader/" name
#define HELPER(name) "/evenhand.v1.Helper/" name

#define BACKUP                                                                                     \
    {                                                                                              \
        "/evenhand.v1.Operator/BackupStore", EVH_ROLES(EVH_ROLE_OPERATOR), 2 * SMALL, false,       \
            false, evh_serve_backup                                                                \
    }

static const evh_service_method leader[] = {
    BACKUP,
    {LEADER("GetCheckpoint"), EVH_ROLES_ALL, SMALL, false, false, evh_aggregator_get_checkpoint},
    {LEADER("GetEntries"), EVH_ROLES_ALL, SMALL, false, false, evh_aggregator_get_entries},
    {LEADER("GetInclusion"), EVH_ROLES_ALL, SMALL, false, false, evh_aggregator_get_inclusion},
    {LEADER("GetResult"), EVH_ROLES_ALL, SMALL, false, false, evh_leader_get_result},
    {LEADER("Upload"), EVH_ROLES(EVH_ROLE_CUSTOMER), EVH_REPORT_BYTES_MAX, true, true,
     evh_leader_upload},
    {LEADER("GetStatus"), EVH_ROLES(EVH_ROLE_CUSTOMER), SMALL, false, false, evh_leader_get_status},
    {LEADER("GetAggregateShare"), EVH_ROLES(EVH_ROLE_COLLECTOR), SMALL, false, false,
     evh_aggregator_get_share},
    {LEADER("PublishResult"), EVH_ROLES(EVH_ROLE_COLLECTOR), RESULT_BYTES, false, true,
     evh_leader_publish_result},
};

static const evh_service_method helper[] = {
    BACKUP,
    {HELPER("GetCheckpoint"), EVH_ROLES_ALL, SMALL, false, false, evh_aggregator_get_checkpoint},
    {HELPER("GetEntries"), EVH_ROLES_ALL, SMALL, false, false, evh_aggregator_get_entries},
    {HELPER("GetInclusion"), EVH_ROLES_ALL, SMALL, false, false, evh_aggregator_get_inclusion},
    {HELPER("Cosign"), EVH_ROLES(EVH_ROLE_LEADER), JOB_BYTES, false, false, evh_helper_cosign},
    {HELPER("PrepareRound"), EVH_ROLES(EVH_ROLE_LEADER), SMALL, false, false,
     evh_helper_prepare_round},
    {HELPER("Reveal"), EVH_ROLES(EVH_ROLE_LEADER), SMALL, false, false, evh_helper_reveal},
    {HELPER("Aggregate"), EVH_ROLES(EVH_ROLE_LEADER), JOB_BYTES, false, false,
     evh_helper_aggregate},
    {HELPER("Agree"), EVH_ROLES(EVH_ROLE_LEADER), JOB_BYTES, false, false, evh_helper_agree},
    {HELPER("CommitShare"), EVH_ROLES(EVH_ROLE_LEADER), SMALL, false, false,
     evh_helper_commit_share},
    {HELPER("GetAggregateShare"), EVH_ROLES(EVH_ROLE_COLLECTOR), SMALL, false, false,
     evh_aggregator_get_share},
};

evh_method_table evh_methods_of(evh_role role)
{
    if (role == EVH_ROLE_LEADER)
        return (evh_method_table){.methods = leader, .count = sizeof leader / sizeof leader[0]};
    return (evh_method_table){.methods = helper, .count = sizeof helper / sizeof helper[0]};
}
