/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/base/limits.h"
#include "operate_internal.h"

#define OPERATOR(name, bytes, handle)                                                              \
    {                                                                                              \
        "/evenhand.v1.Operator/" name, EVH_ROLE_OPERATOR, bytes, handle                            \
    }

enum { SMALL = 4096, PLAN_BYTES = EVH_PLAN_BYTES_MAX + 64 };

/* Both serve the whole of Operator; what only the leader does, a helper refuses in words. */
#define BOTH                                                                                       \
    OPERATOR("InviteCustomer", SMALL, evh_operate_invite),                                         \
        OPERATOR("ListCustomers", SMALL, evh_operate_list_customers),                              \
        OPERATOR("ApproveCustomer", SMALL, evh_operate_approve),                                   \
        OPERATOR("ChangeCustomer", SMALL, evh_operate_change),                                     \
        OPERATOR("AddPopulation", SMALL, evh_operate_add_population),                              \
        OPERATOR("PublishPlan", PLAN_BYTES, evh_operate_publish_plan),                             \
        OPERATOR("RetirePlan", SMALL, evh_operate_retire_plan),                                    \
        OPERATOR("OpenRound", SMALL, evh_operate_open_round),                                      \
        OPERATOR("CloseRound", SMALL, evh_operate_close_round),                                    \
        OPERATOR("ExtendRound", SMALL, evh_operate_extend_round),                                  \
        OPERATOR("VoidRound", SMALL, evh_operate_void_round),                                      \
        OPERATOR("ListPopulations", SMALL, evh_operate_list_populations),                          \
        OPERATOR("ListPlans", SMALL, evh_operate_list_plans),                                      \
        OPERATOR("ListRounds", SMALL, evh_operate_list_rounds),                                    \
        OPERATOR("ListReports", SMALL, evh_operate_list_reports)

static const evh_operator_method leader[] = {
    BOTH,
    {"/evenhand.v1.Leader/Enrol", EVH_ROLE_INVITED, EVH_ENROL_REQUEST_BYTES_MAX,
     evh_operator_enrol},
};

static const evh_operator_method helper[] = {
    BOTH,
    {"/evenhand.v1.Helper/Endorse", EVH_ROLE_LEADER, 2 * SMALL, evh_operator_endorse},
};

evh_operator_table evh_operator_methods(evh_role role)
{
    if (role == EVH_ROLE_LEADER)
        return (evh_operator_table){.methods = leader, .count = sizeof leader / sizeof leader[0]};
    return (evh_operator_table){.methods = helper, .count = sizeof helper / sizeof helper[0]};
}
