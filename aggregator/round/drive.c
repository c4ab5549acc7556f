/* SPDX-License-Identifier: Apache-2.0
 * One pass over all rounds. A round's state is read anew before each step: nothing that happened
 * before, in this process or in an earlier one, has to be remembered. */
#include "evenhand/aggregator/drive.h"

#include <string.h>

#include "evenhand/aggregator/leader.h"
#include "evenhand/base/sizes.h"
#include "evenhand/translog/translog.h"
#include "round_internal.h"

#define STATE(name) EVENHAND__V1__ROUND_STATE__ROUND_STATE_##name

enum { ROUNDS_BYTES_MAX = 1 << 26, RETRY_DOUBLINGS = 7 };

/* Agreement drops at least one job each time; this is only against a helper that talks in circles.
 */
enum { AGREE_CALLS_MAX = 1000 };

typedef struct pass {
    const evh_aggregator *self;
    const evh_peer *helper;
    evh_drive *drive;
    evh_drive_outcome *outcome;
    evh_buffer request, response;
    bool stopped;
} pass;

/* ---- where a round stands ---- */

typedef struct stand {
    Evenhand__V1__RoundState state;
    uint64_t deadline_ms;
    bool revealed, committed, waiting;
} stand;

static void read_stand(stand *out, const Evenhand__V1__StoredRound *stored)
{
    out->state = stored->state;
    out->deadline_ms = stored->deadline_ms;
    out->revealed = stored->peer_random.len > 0;
    out->committed = stored->commitments_logged;
    out->waiting = stored->accepted + stored->rejected < stored->received;
}

static evh_status find_stand(const evh_aggregator *self, stand *out, const uint8_t *task_id)
{
    Evenhand__V1__StoredRound *stored = NULL;
    evh_status status = evh_ok();
    memset(out, 0, sizeof *out);
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(evh_record_get(self->store, EVH_STORE_ROUNDS, evh_view_of(task_id, EVH_TASK_ID_LEN),
                           &evenhand__v1__stored_round__descriptor, &stored));
    if (stored != NULL)
        read_stand(out, stored);
done:
    evh_store_rollback(self->store);
    evh_wire_free(&stored);
    return status;
}

static evh_status list_active(void *context, evh_view key, evh_view value, bool *stop)
{
    evh_buffer *ids = context;
    Evenhand__V1__StoredRound *stored = NULL;
    stand at;
    evh_status status = evh_ok();
    *stop = false;
    EVH_TRY(
        evh_wire_unpack(&stored, &evenhand__v1__stored_round__descriptor, value, "stored round"));
    read_stand(&at, stored);
    if (at.state == STATE(OPEN) || at.state == STATE(CLOSED) ||
        (at.state == STATE(AGREED) && !at.committed))
        EVH_TRY(evh_buffer_append(ids, key));
done:
    evh_wire_free(&stored);
    return status;
}

static evh_status active_rounds(const evh_aggregator *self, evh_buffer *ids)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(evh_store_scan(self->store, EVH_STORE_ROUNDS, evh_view_of(NULL, 0), list_active, ids));
done:
    evh_store_rollback(self->store);
    return status;
}

static uint64_t now_ms(const evh_aggregator *self)
{
    int64_t wall_ms = evh_clock_wall_ms(&self->clock);
    return wall_ms > 0 ? (uint64_t)wall_ms : 0;
}

/* ---- calling the helper ---- */

static evh_status call(pass *p, const char *path)
{
    evh_status status = evh_ok();
    p->stopped = p->stopped || (p->drive->stop != NULL && p->drive->stop(p->drive->context));
    EVH_REQUIRE(!p->stopped, EVH_ERR_UNAVAILABLE, "stopping");
    evh_buffer_clear(&p->response);
    EVH_TRY(p->helper->call(p->helper->context, path, evh_buffer_view(&p->request), &p->response));
done:
    if (status.code == EVH_ERR_UNAVAILABLE)
        p->outcome->helper_reached = false;
    return status;
}

/* ---- steps of one round ---- */

static evh_status reveal(pass *p, const uint8_t *task_id)
{
    evh_status status = evh_ok();
    evh_buffer_clear(&p->request);
    EVH_TRY(evh_leader_reveal_request(p->self, &p->request, task_id));
    EVH_TRY(call(p, "/evenhand.v1.Helper/Reveal"));
    EVH_TRY(evh_leader_take_reveal(p->self, task_id, evh_buffer_view(&p->response)));
done:
    return status;
}

static evh_status run_jobs(pass *p, const uint8_t *task_id)
{
    evh_status status = evh_ok();
    for (;;) {
        evh_buffer_clear(&p->request);
        EVH_TRY(evh_leader_next_job(p->self, &p->request, task_id, p->drive->job_reports));
        if (p->request.len == 0)
            break;
        EVH_TRY(call(p, "/evenhand.v1.Helper/Aggregate"));
        EVH_TRY(evh_leader_take_answers(p->self, evh_buffer_view(&p->request),
                                        evh_buffer_view(&p->response)));
    }
done:
    return status;
}

static evh_status agree(pass *p, const uint8_t *task_id)
{
    evh_agreement agreement = EVH_AGREEMENT_DROPPED;
    evh_status status = evh_ok();
    for (size_t i = 0; agreement == EVH_AGREEMENT_DROPPED; i++) {
        EVH_REQUIRE(i < AGREE_CALLS_MAX, EVH_ERR_REFUSED, "the helper does not come to agree");
        evh_buffer_clear(&p->request);
        EVH_TRY(evh_leader_agree_request(p->self, &p->request, task_id));
        EVH_TRY(call(p, "/evenhand.v1.Helper/Agree"));
        EVH_TRY(
            evh_leader_take_agreement(p->self, &agreement, task_id, evh_buffer_view(&p->response)));
    }
    EVH_LOG(p->self->events, EVH_LOG_INFO, "aggregator", "round_agreed",
            evh_log_hex("task", evh_view_of(task_id, EVH_TASK_ID_LEN)),
            evh_log_id("outcome", agreement == EVH_AGREEMENT_VOID ? "void" : "agreed"));
done:
    return status;
}

static evh_status commit(pass *p, const uint8_t *task_id)
{
    evh_status status = evh_ok();
    evh_buffer_clear(&p->request);
    EVH_TRY(evh_leader_commit_request(p->self, &p->request, task_id));
    EVH_TRY(call(p, "/evenhand.v1.Helper/CommitShare"));
    EVH_TRY(evh_leader_take_commitment(p->self, task_id, evh_buffer_view(&p->response)));
done:
    return status;
}

static evh_status move_round(pass *p, const uint8_t *task_id)
{
    stand at;
    evh_status status = evh_ok();
    EVH_TRY(find_stand(p->self, &at, task_id));
    if (!at.revealed && (at.state == STATE(OPEN) || at.waiting))
        EVH_TRY(reveal(p, task_id));
    if (at.state <= STATE(CLOSED) && at.waiting)
        EVH_TRY(run_jobs(p, task_id));
    if (at.state == STATE(CLOSED))
        EVH_TRY(agree(p, task_id));
    EVH_TRY(find_stand(p->self, &at, task_id));
    if (at.state == STATE(AGREED) && !at.committed)
        EVH_TRY(commit(p, task_id));
done:
    return status;
}

/* ---- all rounds ---- */

static evh_status close_due(pass *p, const uint8_t *task_id)
{
    stand at;
    uint64_t now = now_ms(p->self);
    evh_status status = evh_ok();
    EVH_TRY(find_stand(p->self, &at, task_id));
    if (at.state != STATE(OPEN))
        goto done;
    if (now <= at.deadline_ms) {
        int64_t left = at.deadline_ms - now < EVH_DRIVE_IDLE_MS
                           ? (int64_t)(at.deadline_ms - now) + 1
                           : EVH_DRIVE_IDLE_MS;
        if (left < p->outcome->wait_ms)
            p->outcome->wait_ms = left;
        goto done;
    }
    EVH_TRY(evh_leader_close_round(p->self, task_id));
    EVH_LOG(p->self->events, EVH_LOG_INFO, "aggregator", "round_closed",
            evh_log_hex("task", evh_view_of(task_id, EVH_TASK_ID_LEN)));
done:
    return status;
}

/* Trouble of one round is noted; only that of the store is everybody's. */
static evh_status note_trouble(pass *p, const uint8_t *task_id, evh_status trouble)
{
    if (trouble.code == EVH_OK || trouble.code == EVH_ERR_UNAVAILABLE)
        return evh_ok();
    EVH_LOG(p->self->events, EVH_LOG_WARN, "aggregator", "round_stuck",
            evh_log_hex("task", evh_view_of(task_id, EVH_TASK_ID_LEN)), evh_log_code(trouble.code));
    p->outcome->troubled++;
    return trouble.code == EVH_ERR_STORE || trouble.code == EVH_ERR_INTERNAL ? trouble : evh_ok();
}

static evh_status move_all(pass *p, const evh_buffer *ids)
{
    evh_status status = evh_ok();
    for (size_t at = 0; at < ids->len && p->outcome->helper_reached; at += EVH_TASK_ID_LEN)
        EVH_TRY(note_trouble(p, ids->data + at, move_round(p, ids->data + at)));
done:
    return status;
}

/* Whether the helper has cosigned all of the log. */
static evh_status is_cosigned(const evh_aggregator *self, bool *cosigned)
{
    evh_buffer note = evh_buffer_init(EVH_CHECKPOINT_BYTES_MAX);
    uint64_t size = 0;
    uint64_t covered = 0;
    evh_status status = evh_ok();
    *cosigned = false;
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(evh_translog_size(self->store, &size));
    EVH_TRY(evh_translog_newest(self->store, true, &note, &covered));
    *cosigned = size == covered;
done:
    evh_store_rollback(self->store);
    evh_buffer_clear(&note);
    return status;
}

static evh_status newest_cosigned(const evh_aggregator *self, uint64_t *size)
{
    evh_buffer note = evh_buffer_init(EVH_CHECKPOINT_BYTES_MAX);
    evh_status status = evh_ok();
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(evh_translog_newest(self->store, true, &note, size));
done:
    evh_store_rollback(self->store);
    evh_buffer_clear(&note);
    return status;
}

/* Sends what the helper lacks until it has all of it. It says itself what it has: what it answers
 * first may differ from what is believed here. */
static evh_status cosign(pass *p)
{
    uint64_t helper_size = 0;
    uint64_t before = 0;
    bool cosigned = false;
    bool corrected = false;
    evh_status status = evh_ok();
    EVH_TRY(is_cosigned(p->self, &cosigned));
    EVH_TRY(newest_cosigned(p->self, &helper_size));
    while (!cosigned) {
        before = helper_size;
        evh_buffer_clear(&p->request);
        EVH_TRY(evh_leader_cosign_request(p->self, &p->request, helper_size));
        EVH_TRY(call(p, "/evenhand.v1.Helper/Cosign"));
        EVH_TRY(evh_leader_take_cosignature(p->self, evh_buffer_view(&p->response), &helper_size));
        EVH_TRY(is_cosigned(p->self, &cosigned));
        EVH_REQUIRE(cosigned || helper_size > before || !corrected, EVH_ERR_REFUSED,
                    "the helper's log does not grow");
        corrected = corrected || helper_size <= before;
    }
done:
    return status;
}

static evh_status cosign_and_note(pass *p)
{
    evh_status trouble = cosign(p);
    if (trouble.code == EVH_OK) {
        p->outcome->log_cosigned = true;
        return trouble;
    }
    p->outcome->log_cosigned = false;
    if (trouble.code == EVH_ERR_UNAVAILABLE)
        return evh_ok();
    EVH_LOG(p->self->events, EVH_LOG_ERROR, "aggregator", "cosign_refused",
            evh_log_code(trouble.code));
    p->outcome->troubled++;
    return trouble.code == EVH_ERR_STORE || trouble.code == EVH_ERR_INTERNAL ? trouble : evh_ok();
}

/* ---- one pass ---- */

static evh_status run(pass *p, evh_buffer *ids)
{
    evh_status status = evh_ok();
    EVH_TRY(active_rounds(p->self, ids));
    for (size_t at = 0; at < ids->len; at += EVH_TASK_ID_LEN)
        EVH_TRY(note_trouble(p, ids->data + at, close_due(p, ids->data + at)));
    EVH_TRY(cosign_and_note(p));
    EVH_TRY(move_all(p, ids));
    if (p->outcome->helper_reached)
        EVH_TRY(cosign_and_note(p));
done:
    return status;
}

/* Later and later, and not all leaders at once. */
static int64_t retry_ms(const evh_aggregator *self, uint32_t failures)
{
    uint8_t jitter = 0;
    uint32_t doublings = failures - 1 < RETRY_DOUBLINGS ? failures - 1 : RETRY_DOUBLINGS;
    int64_t base = (int64_t)EVH_DRIVE_RETRY_MS << doublings;
    evh_status_discard(evh_rng_fill(&self->rng, &jitter, 1), "without it, the middle");
    return base * (384 + jitter) / 512;
}

evh_status evh_leader_drive(const evh_aggregator *self, const evh_peer *helper, evh_drive *drive,
                            evh_drive_outcome *outcome)
{
    pass p = {.self = self,
              .helper = helper,
              .drive = drive,
              .outcome = outcome,
              .request = evh_buffer_init(EVH_MESSAGE_BYTES_MAX),
              .response = evh_buffer_init(EVH_MESSAGE_BYTES_MAX)};
    evh_buffer ids = evh_buffer_init(ROUNDS_BYTES_MAX);
    evh_drive_outcome start = {.wait_ms = EVH_DRIVE_IDLE_MS, .helper_reached = true};
    int64_t retry = 0;
    evh_status status = evh_ok();
    *outcome = start;
    EVH_REQUIRE(drive->job_reports >= 1 && drive->job_reports <= EVH_JOB_REPORTS_MAX, EVH_ERR_ARG,
                "jobs of %zu reports", drive->job_reports);
    EVH_TRY(run(&p, &ids));
done:
    if (outcome->helper_reached && outcome->troubled == 0 && status.code == EVH_OK) {
        drive->failures = 0;
    } else {
        drive->failures += drive->failures < UINT32_MAX;
        retry = retry_ms(self, drive->failures);
        outcome->wait_ms = retry < outcome->wait_ms ? retry : outcome->wait_ms;
    }
    evh_buffer_clear(&ids);
    evh_buffer_clear(&p.request);
    evh_buffer_clear(&p.response);
    return status;
}

evh_status evh_leader_cosign(const evh_aggregator *self, const evh_peer *helper)
{
    evh_drive drive = {.job_reports = 1};
    evh_drive_outcome outcome = {.wait_ms = 0};
    pass p = {.self = self,
              .helper = helper,
              .drive = &drive,
              .outcome = &outcome,
              .request = evh_buffer_init(EVH_MESSAGE_BYTES_MAX),
              .response = evh_buffer_init(EVH_MESSAGE_BYTES_MAX)};
    evh_status status = cosign(&p);
    evh_buffer_clear(&p.request);
    evh_buffer_clear(&p.response);
    return status;
}

/* ---- opening ---- */

/* The question to the helper, once it is clear that the answer would be taken. */
static evh_status ask_to_prepare(const evh_aggregator *self, evh_buffer *request,
                                 const uint8_t *plan_id, uint32_t round, uint64_t deadline_ms)
{
    const evh_known_plan *known = NULL;
    Evenhand__V1__PrepareRoundRequest message;
    evenhand__v1__prepare_round_request__init(&message);
    evh_opening opening = {.plan_id = plan_id, .round = round};
    evh_status status = evh_ok();
    EVH_TRY(evh_store_begin(self->store));
    EVH_REQUIRE(deadline_ms > now_ms(self), EVH_ERR_REFUSED, "a deadline that has passed");
    EVH_TRY(evh_plan_hold(self, &known, plan_id));
    EVH_REQUIRE(round >= 1 && round <= known->terms.rounds, EVH_ERR_REFUSED,
                "the plan has no round %u", round);
    EVH_TRY(
        evh_plan_window_of(known->plan, round, &opening.window_start_ms, &opening.window_end_ms));
    EVH_TRY(evh_round_check_new(self, plan_id, round));
    EVH_TRY(evh_round_check_plan(self, &opening));
    evh_wire_set_bytes(&message.plan_id, evh_view_of(plan_id, EVH_PLAN_ID_LEN));
    message.round = round;
    message.window_start_ms = opening.window_start_ms;
    message.window_end_ms = opening.window_end_ms;
    message.deadline_ms = deadline_ms;
    EVH_TRY(evh_wire_pack(request, &message.base));
done:
    evh_store_rollback(self->store);
    evh_cache_release_plan(self->cache, &known);
    return status;
}

evh_status evh_leader_open(const evh_aggregator *self, const evh_peer *helper, uint8_t *task_id,
                           const uint8_t *plan_id, uint32_t round, uint64_t deadline_ms)
{
    evh_buffer request = evh_buffer_init(EVH_MESSAGE_BYTES_MAX);
    evh_buffer response = evh_buffer_init(EVH_MESSAGE_BYTES_MAX);
    evh_status status = evh_ok();
    memset(task_id, 0, EVH_TASK_ID_LEN);
    EVH_TRY(ask_to_prepare(self, &request, plan_id, round, deadline_ms));
    /* The helper must have the plan, and the roster that the entry counts. */
    EVH_TRY(evh_leader_cosign(self, helper));
    EVH_TRY(helper->call(helper->context, "/evenhand.v1.Helper/PrepareRound",
                         evh_buffer_view(&request), &response));
    EVH_TRY(evh_leader_open_round(self, task_id, evh_buffer_view(&request),
                                  evh_buffer_view(&response)));
    EVH_LOG(self->events, EVH_LOG_INFO, "aggregator", "round_opened",
            evh_log_hex("task", evh_view_of(task_id, EVH_TASK_ID_LEN)),
            evh_log_u64("round", round));
done:
    evh_buffer_clear(&request);
    evh_buffer_clear(&response);
    return status;
}
