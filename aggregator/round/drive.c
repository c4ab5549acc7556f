/* SPDX-License-Identifier: Apache-2.0
 * One pass over all rounds. A round's state is read anew before each step: nothing that happened
 * before, in this process or in an earlier one, has to be remembered. */
#include <string.h>

#include "drive_internal.h"
#include "evenhand/aggregator/leader.h"
#include "evenhand/base/sizes.h"

#define STATE(name) EVENHAND__V1__ROUND_STATE__ROUND_STATE_##name

enum { ROUNDS_BYTES_MAX = 1 << 26, RETRY_DOUBLINGS = 7, ABSENCE_FAILURES = 3 };

/* Agreement drops at least one job each time; this is only against a helper that talks in circles.
 */
enum { AGREE_CALLS_MAX = 1000 };

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
    if (at.state >= STATE(OPEN) && at.state <= STATE(AGREED))
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

/* ---- steps of one round ---- */

static evh_status reveal(evh_drive_pass *p, const uint8_t *task_id)
{
    evh_status status = evh_ok();
    evh_buffer_clear(&p->request);
    EVH_TRY(evh_leader_reveal_request(p->self, &p->request, task_id));
    EVH_TRY(evh_drive_call(p, "/evenhand.v1.Helper/Reveal"));
    EVH_TRY(evh_leader_take_reveal(p->self, task_id, evh_buffer_view(&p->response)));
done:
    return status;
}

static evh_status run_jobs(evh_drive_pass *p, const uint8_t *task_id)
{
    evh_status status = evh_ok();
    for (;;) {
        evh_buffer_clear(&p->request);
        EVH_TRY(evh_leader_next_job(p->self, &p->request, task_id, p->drive->job_reports));
        if (p->request.len == 0)
            break;
        EVH_TRY(evh_drive_call(p, "/evenhand.v1.Helper/Aggregate"));
        EVH_TRY(evh_leader_take_answers(p->self, evh_buffer_view(&p->request),
                                        evh_buffer_view(&p->response)));
    }
done:
    return status;
}

static evh_status agree(evh_drive_pass *p, const uint8_t *task_id)
{
    evh_agreement agreement = EVH_AGREEMENT_DROPPED;
    evh_status status = evh_ok();
    for (size_t i = 0; agreement == EVH_AGREEMENT_DROPPED; i++) {
        EVH_REQUIRE(i < AGREE_CALLS_MAX, EVH_ERR_REFUSED, "the helper does not come to agree");
        evh_buffer_clear(&p->request);
        EVH_TRY(evh_leader_agree_request(p->self, &p->request, task_id));
        EVH_TRY(evh_drive_call(p, "/evenhand.v1.Helper/Agree"));
        EVH_TRY(
            evh_leader_take_agreement(p->self, &agreement, task_id, evh_buffer_view(&p->response)));
    }
    EVH_LOG(p->self->events, EVH_LOG_INFO, "aggregator", "round_agreed",
            evh_log_hex("task", evh_view_of(task_id, EVH_TASK_ID_LEN)),
            evh_log_id("outcome", agreement == EVH_AGREEMENT_VOID ? "void" : "agreed"));
done:
    return status;
}

static evh_status commit(evh_drive_pass *p, const uint8_t *task_id)
{
    evh_status status = evh_ok();
    evh_buffer_clear(&p->request);
    EVH_TRY(evh_leader_commit_request(p->self, &p->request, task_id));
    EVH_TRY(evh_drive_call(p, "/evenhand.v1.Helper/CommitShare"));
    EVH_TRY(evh_leader_take_commitment(p->self, task_id, evh_buffer_view(&p->response)));
done:
    return status;
}

static evh_status take_steps(evh_drive_pass *p, const uint8_t *task_id)
{
    stand at;
    evh_status status = evh_ok();
    EVH_TRY(find_stand(p->self, &at, task_id));
    /* What is done is asked again of a helper that may have lost its keys meanwhile. */
    if ((at.state == STATE(OPEN) && !p->drive->rounds_checked) ||
        (!at.revealed && (at.state == STATE(OPEN) || at.waiting)))
        EVH_TRY(reveal(p, task_id));
    if (at.state <= STATE(CLOSED) && at.waiting)
        EVH_TRY(run_jobs(p, task_id));
    if (at.state == STATE(CLOSED))
        EVH_TRY(agree(p, task_id));
    EVH_TRY(find_stand(p->self, &at, task_id));
    if (at.state == STATE(AGREED) && (!at.committed || !p->drive->rounds_checked))
        EVH_TRY(commit(p, task_id));
done:
    return status;
}

/* Without the secrets of both aggregators nothing comes of a round any more. */
static evh_status move_round(evh_drive_pass *p, const uint8_t *task_id)
{
    bool secrets = false;
    evh_status status = evh_ok();
    p->helper_lost_keys = false;
    EVH_TRY(evh_round_has_secrets(p->self, &secrets, task_id));
    if (secrets)
        status = take_steps(p, task_id);
    if (!secrets || (status.code == EVH_ERR_KEY && p->helper_lost_keys)) {
        EVH_LOG(p->self->events, EVH_LOG_WARN, "aggregator", "round_lost",
                evh_log_hex("task", evh_view_of(task_id, EVH_TASK_ID_LEN)),
                evh_log_id("by", secrets ? "helper" : "leader"));
        EVH_TRY(evh_leader_void_round(p->self, task_id,
                                      EVENHAND__V1__VOID_REASON__VOID_REASON_RESTORED));
    }
done:
    return status;
}

/* ---- all rounds ---- */

static evh_status close_due(evh_drive_pass *p, const uint8_t *task_id)
{
    stand at;
    uint64_t now = evh_drive_now_ms(p->self);
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
static evh_status note_trouble(evh_drive_pass *p, const uint8_t *task_id, evh_status trouble)
{
    if (trouble.code == EVH_OK || trouble.code == EVH_ERR_UNAVAILABLE)
        return evh_ok();
    EVH_LOG(p->self->events, EVH_LOG_WARN, "aggregator", "round_stuck",
            evh_log_hex("task", evh_view_of(task_id, EVH_TASK_ID_LEN)), evh_log_code(trouble.code));
    p->outcome->troubled++;
    return trouble.code == EVH_ERR_STORE || trouble.code == EVH_ERR_INTERNAL ? trouble : evh_ok();
}

/* The secrets of one round that cannot be read hold up no other. */
static evh_status move_all(evh_drive_pass *p, const evh_buffer *ids)
{
    evh_status status = evh_ok();
    for (size_t at = 0; at < ids->len && p->outcome->helper_reached; at += EVH_TASK_ID_LEN) {
        evh_status trouble = note_trouble(p, ids->data + at, move_round(p, ids->data + at));
        if (status.code == EVH_OK)
            status = trouble;
    }
    return status;
}

/* Trouble with the log concerns every round, but is no reason to stop trying. */
static evh_status note_log_trouble(evh_drive_pass *p, evh_status trouble)
{
    p->outcome->log_cosigned = trouble.code == EVH_OK;
    if (trouble.code == EVH_OK || trouble.code == EVH_ERR_UNAVAILABLE)
        return evh_ok();
    EVH_LOG(p->self->events, EVH_LOG_ERROR, "aggregator", "cosign_refused",
            evh_log_code(trouble.code));
    p->outcome->troubled++;
    return trouble.code == EVH_ERR_STORE || trouble.code == EVH_ERR_INTERNAL ? trouble : evh_ok();
}

/* ---- one pass ---- */

static evh_status run(evh_drive_pass *p, evh_buffer *ids)
{
    evh_status status = evh_ok();
    EVH_TRY(note_log_trouble(p, evh_drive_recover(p)));
    if (!p->outcome->log_cosigned)
        goto done;
    EVH_TRY(active_rounds(p->self, ids));
    for (size_t at = 0; at < ids->len; at += EVH_TASK_ID_LEN)
        EVH_TRY(note_trouble(p, ids->data + at, close_due(p, ids->data + at)));
    EVH_TRY(note_log_trouble(p, evh_drive_cosign(p)));
    EVH_TRY(move_all(p, ids));
    p->drive->rounds_checked = p->drive->rounds_checked || p->outcome->helper_reached;
    if (p->outcome->helper_reached)
        EVH_TRY(note_log_trouble(p, evh_drive_cosign(p)));
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
    evh_drive_pass p = {.self = self,
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
        if (drive->failures == ABSENCE_FAILURES) {
            drive->log_checked = false;
            drive->rounds_checked = false;
        }
        retry = retry_ms(self, drive->failures);
        outcome->wait_ms = retry < outcome->wait_ms ? retry : outcome->wait_ms;
    }
    evh_buffer_clear(&ids);
    evh_buffer_clear(&p.request);
    evh_buffer_clear(&p.response);
    return status;
}
