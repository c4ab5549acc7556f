/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/service/results.h"
#include "evenhand/base/failpoint.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "evenhand/plan/canonical.h"
#include "evenhand/plan/groups.h"
#include "evenhand/translog/translog.h"
#include "evenhand/wire/message.h"
#include "line_internal.h"
#include "log.pb-c.h"
#include "service.pb-c.h"
#include "service_internal.h"

enum { SHORT_ID_BYTES = 8 };

static const char not_the_one[] = "Do not use it. Show this message to the collector's operator: "
                                  "the log has the hash of the right "
                                  "one.";

/* ---- fetching ---- */

static evh_status fetch(evh_site *site, evh_buffer *json, const uint8_t *task_id)
{
    Evenhand__V1__GetResultRequest request;
    Evenhand__V1__GetResultResponse *answer = NULL;
    evh_status status = evh_ok();
    evenhand__v1__get_result_request__init(&request);
    evh_wire_set_bytes(&request.task_id, evh_view_of(task_id, EVH_TASK_ID_LEN));
    EVH_TRY(evh_leader_call(&site->leader, "/evenhand.v1.Leader/GetResult", &request.base, &answer,
                            &evenhand__v1__get_result_response__descriptor));
    EVH_TRY(evh_buffer_append(json, evh_wire_bytes(&answer->result_json)));
done:
    evh_wire_free(&answer);
    return status;
}

/* ---- checking ---- */

static bool same_sums(const evh_result_facts *facts, const Evenhand__V1__ResultEntry *entry)
{
    return facts->sum_count == entry->n_sums &&
           memcmp(facts->sums, entry->sums, entry->n_sums * sizeof *entry->sums) == 0;
}

static evh_status check(evh_site *site, evh_result **result, evh_view json,
                        const Evenhand__V1__ResultEntry *entry, const evh_mirror_round *round)
{
    uint8_t hash[EVH_SHA256_LEN];
    const evh_result_facts *facts = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_sha256(hash, json));
    EVH_DEMAND(evh_view_equal(evh_wire_bytes(&entry->result_hash), evh_view_of(hash, sizeof hash)),
               site, not_the_one, "the result that the leader serves is not the one in the log");
    EVH_TRY(evh_result_read(result, json));
    facts = evh_result_facts_of(*result);
    EVH_DEMAND(memcmp(facts->task_id, round->task.id, EVH_TASK_ID_LEN) == 0 &&
                   facts->round == round->task.round &&
                   memcmp(evh_plan_id(facts->plan), round->task.plan_id, EVH_PLAN_ID_LEN) == 0 &&
                   facts->customers == round->report_count,
               site, not_the_one, "the result is about another round than the log says");
    EVH_DEMAND(same_sums(facts, entry), site, not_the_one,
               "the result's sums are not those in the log");
done:
    return status;
}

evh_status evh_results_fetch(evh_site *site, evh_buffer *json, evh_result **result,
                             const evh_mirror_round *round)
{
    Evenhand__V1__ResultEntry *entry = NULL;
    evh_buffer bytes = evh_buffer_init(EVH_TRANSLOG_ENTRY_BYTES_MAX);
    bool found = false;
    evh_status status = evh_ok();
    *result = NULL;
    evh_buffer_clear(json);
    EVH_TRY(evh_mirror_result(site, &found, &bytes, round->task.id));
    EVH_REQUIRE(found, EVH_ERR_ARG, "the round has no result yet");
    EVH_TRY(evh_wire_unpack(&entry, &evenhand__v1__result_entry__descriptor,
                            evh_buffer_view(&bytes), "result entry"));
    EVH_TRY(fetch(site, json, round->task.id));
    EVH_TRY(check(site, result, evh_buffer_view(json), entry, round));
done:
    evh_wire_free(&entry);
    evh_buffer_clear(&bytes);
    if (status.code != EVH_OK) {
        evh_result_free(result);
        evh_buffer_clear(json);
    }
    return status;
}

/* ---- keeping ---- */

evh_status evh_results_keep(evh_site *site, char path[EVH_PATH_BYTES_MAX], bool *new,
                            const evh_mirror_round *round)
{
    char id[2 * SHORT_ID_BYTES + 1];
    char folder[EVH_PATH_BYTES_MAX];
    evh_result *result = NULL;
    evh_buffer json = evh_buffer_init(EVH_RESULT_BYTES_MAX);
    int len = snprintf(folder, sizeof folder, "%s.results", site->ledger_path);
    evh_status status = evh_ok();
    *new = false;
    evh_hex_encode(id, evh_view_of(round->task.plan_id, SHORT_ID_BYTES));
    EVH_REQUIRE(len > 0 && (size_t)len < sizeof folder, EVH_ERR_RANGE, "a path is too long");
    len = snprintf(path, EVH_PATH_BYTES_MAX, "%s/%s-%u.json", folder, id, round->task.round);
    EVH_REQUIRE(len > 0 && len < EVH_PATH_BYTES_MAX, EVH_ERR_RANGE, "a path is too long");
    if (access(path, F_OK) == 0)
        goto done;
    EVH_TRY(evh_results_fetch(site, &json, &result, round));
    EVH_REQUIRE(mkdir(folder, S_IRWXU) == 0 || errno == EEXIST, EVH_ERR_STORE,
                "cannot make the folder for results: %s", strerror(errno));
    EVH_TRY(evh_file_replace(path, evh_buffer_view(&json), EVH_FILE_SHARED));
    EVH_FAILPOINT("result-kept");
    *new = true;
done:
    evh_result_free(&result);
    evh_buffer_clear(&json);
    return status;
}
