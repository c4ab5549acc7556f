/* SPDX-License-Identifier: Apache-2.0
 * Jobs summed to a batch, and a batch held against the minimum and against earlier batches. */
#include <stdlib.h>
#include <string.h>

#include "evenhand/base/limits.h"
#include "evenhand/base/sizes.h"
#include "round_internal.h"

#define VOID_REASON(name) EVENHAND__V1__VOID_REASON__VOID_REASON_##name

enum { BATCH_BYTES_MAX = 256, LISTS_BYTES_MAX = 1 << 29 };

/* ---- jobs ---- */

bool evh_job_listed(evh_view ids, const uint8_t *id)
{
    for (size_t at = 0; at + EVH_JOB_ID_LEN <= ids.len; at += EVH_JOB_ID_LEN)
        if (memcmp(ids.data + at, id, EVH_JOB_ID_LEN) == 0)
            return true;
    return false;
}

static evh_status add_report(evh_job_sum *sum, evh_buffer *hashes,
                             const Evenhand__V1__StoredJob__JobReport *report)
{
    size_t len = strlen(report->customer);
    evh_status status = evh_ok();
    EVH_REQUIRE(report->hash.len == EVH_REPORT_HASH_LEN && len <= EVH_VKEY_BYTES_MAX, EVH_ERR_STORE,
                "a job's record is damaged");
    EVH_TRY(evh_buffer_append(hashes, evh_wire_bytes(&report->hash)));
    EVH_TRY(evh_buffer_append(&sum->hashes, evh_wire_bytes(&report->hash)));
    EVH_TRY(evh_buffer_be16(&sum->customers, (uint16_t)len));
    EVH_TRY(evh_buffer_append(&sum->customers, evh_view_of_text(report->customer)));
done:
    return status;
}

static evh_status add_job(evh_job_sum *sum, const uint8_t *id, const Evenhand__V1__StoredJob *job)
{
    evh_buffer hashes = evh_buffer_init(LISTS_BYTES_MAX);
    evh_merkle_hash root;
    evh_status status = evh_ok();
    for (size_t i = 0; i < job->n_reports; i++)
        if (job->reports[i]->accepted)
            EVH_TRY(add_report(sum, &hashes, job->reports[i]));
    EVH_TRY(evh_batch_root(&root, hashes.data, hashes.len / EVH_REPORT_HASH_LEN));
    EVH_TRY(evh_buffer_append(&sum->ids, evh_view_of(id, EVH_JOB_ID_LEN)));
    EVH_TRY(evh_buffer_append(&sum->roots, evh_view_of(root.bytes, sizeof root.bytes)));
    EVH_TRY(
        evh_prio3_aggregate_add(sum->prio3, sum->share.data, evh_wire_bytes(&job->accumulator)));
done:
    evh_buffer_clear(&hashes);
    return status;
}

static evh_status visit_job(void *context, evh_view key, evh_view value, bool *stop)
{
    evh_job_sum *sum = context;
    Evenhand__V1__StoredJob *job = NULL;
    const uint8_t *id = key.data + EVH_TASK_ID_LEN;
    evh_status status = evh_ok();
    *stop = false;
    EVH_REQUIRE(key.len == EVH_TASK_ID_LEN + EVH_JOB_ID_LEN, EVH_ERR_STORE,
                "a job's record is damaged");
    if (sum->wanted.data != NULL && !evh_job_listed(sum->wanted, id))
        goto done;
    EVH_TRY(evh_wire_unpack(&job, &evenhand__v1__stored_job__descriptor, value, "stored job"));
    if (!job->answered)
        sum->unanswered = true;
    else if (!job->dropped)
        EVH_TRY(add_job(sum, id, job));
done:
    evh_wire_free(&job);
    return status;
}

evh_status evh_jobs_sum(const evh_aggregator *self, evh_job_sum *out, const evh_round *round,
                        evh_view wanted)
{
    const evh_prio3_sizes *sizes = evh_prio3_sizes_of(round->prio3);
    evh_job_sum sum = {.ids = evh_buffer_init(LISTS_BYTES_MAX),
                       .roots = evh_buffer_init(LISTS_BYTES_MAX),
                       .hashes = evh_buffer_init(LISTS_BYTES_MAX),
                       .customers = evh_buffer_init(LISTS_BYTES_MAX),
                       .share = evh_buffer_init(sizes->aggregate_share),
                       .prio3 = round->prio3,
                       .wanted = wanted};
    uint8_t *share = NULL;
    *out = sum;
    evh_status status = evh_ok();
    EVH_TRY(evh_buffer_extend(&out->share, sizes->aggregate_share, &share));
    evh_prio3_aggregate_init(round->prio3, share);
    EVH_TRY(evh_store_scan(self->store, EVH_STORE_JOBS,
                           evh_view_of(round->task.id, sizeof round->task.id), visit_job, out));
done:
    return status;
}

void evh_jobs_clear(evh_job_sum *sum)
{
    evh_buffer_clear(&sum->ids);
    evh_buffer_clear(&sum->roots);
    evh_buffer_clear(&sum->hashes);
    evh_buffer_clear(&sum->customers);
    evh_buffer_clear(&sum->share);
}

/* ---- the batch ---- */

evh_status evh_jobs_batch(evh_batch *out, evh_job_sum *sum, const uint8_t *task_id)
{
    size_t count = sum->hashes.len / EVH_REPORT_HASH_LEN;
    memset(out, 0, sizeof *out);
    memcpy(out->task_id, task_id, sizeof out->task_id);
    if (count > EVH_CLIENTS_MAX)
        return evh_fail(EVH_ERR_RANGE, "a batch of %zu reports", count);
    out->report_count = (uint32_t)count;
    return evh_batch_root(&out->root, sum->hashes.data, count);
}

evh_status evh_round_batch(evh_batch *out, const evh_round *round)
{
    memset(out, 0, sizeof *out);
    memcpy(out->task_id, round->task.id, sizeof out->task_id);
    out->report_count = round->stored->report_count;
    return evh_wire_copy_bytes(out->root.bytes, sizeof out->root.bytes,
                               &round->stored->reports_root, "the agreed root");
}

evh_status evh_batch_check(evh_seal_verdict *verdict, const evh_batch *batch,
                           const evh_identity *signer, const ProtobufCBinaryData *signature)
{
    evh_buffer bytes = evh_buffer_init(BATCH_BYTES_MAX);
    evh_status status = evh_ok();
    *verdict = EVH_SEAL_REJECTED;
    if (signature->len != EVH_SIGNATURE_LEN)
        goto done;
    EVH_TRY(evh_batch_encode(&bytes, batch));
    EVH_TRY(evh_verify(verdict, signer, EVH_LABEL_AGREED, evh_buffer_view(&bytes),
                       evh_wire_bytes(signature)));
done:
    evh_buffer_clear(&bytes);
    return status;
}

evh_status evh_batch_sign(uint8_t signature[EVH_SIGNATURE_LEN], const evh_batch *batch,
                          const evh_signing_key *key)
{
    evh_buffer bytes = evh_buffer_init(BATCH_BYTES_MAX);
    evh_status status = evh_ok();
    EVH_TRY(evh_batch_encode(&bytes, batch));
    EVH_TRY(evh_sign(signature, key, EVH_LABEL_AGREED, evh_buffer_view(&bytes)));
done:
    evh_buffer_clear(&bytes);
    return status;
}

/* ---- earlier batches ---- */

/* Customers in ascending order; the names are borrowed from a sum. */
typedef struct customer_list {
    char **names;
    size_t count;
    evh_buffer text;
} customer_list;

static int compare_names(const void *a, const void *b)
{
    const char *const *left = a;
    const char *const *right = b;
    return strcmp(*left, *right);
}

static evh_status list_customers(customer_list *out, const evh_job_sum *sum)
{
    evh_reader reader = evh_reader_of(evh_buffer_view(&sum->customers));
    size_t count = sum->hashes.len / EVH_REPORT_HASH_LEN;
    evh_status status = evh_ok();
    EVH_TRY(evh_alloc(&out->names, count, sizeof *out->names, "customers"));
    /* All at once: names point into the text. */
    EVH_TRY(evh_buffer_reserve(&out->text, sum->customers.len));
    while (reader.rest.len > 0) {
        uint16_t len = 0;
        evh_view name;
        EVH_INVARIANT(out->count < count);
        EVH_TRY(evh_read_be16(&reader, "customer", &len));
        EVH_TRY(evh_read_view(&reader, "customer", len, &name));
        out->names[out->count++] = (char *)out->text.data + out->text.len;
        EVH_TRY(evh_buffer_append(&out->text, name));
        EVH_TRY(evh_buffer_u8(&out->text, 0));
    }
    if (out->count > 0)
        qsort(out->names, out->count, sizeof *out->names, compare_names);
done:
    return status;
}

static void customer_list_clear(customer_list *list)
{
    free(list->names);
    evh_buffer_clear(&list->text);
}

/* Customers in one of two ascending lists but not in both. */
static size_t count_differences(char *const *a, size_t a_count, char *const *b, size_t b_count)
{
    size_t i = 0;
    size_t j = 0;
    size_t differences = 0;
    while (i < a_count && j < b_count) {
        int order = strcmp(a[i], b[j]);
        differences += order != 0;
        i += order <= 0;
        j += order >= 0;
    }
    return differences + (a_count - i) + (b_count - j);
}

typedef struct comparison {
    const evh_round *round;
    const customer_list *customers;
    bool too_close;
} comparison;

/* Without a window all of a population's rounds count the same records. */
static bool windows_overlap(const evh_task *task, const Evenhand__V1__StoredBatch *earlier)
{
    if (task->window_end_ms == 0 || earlier->window_end_ms == 0)
        return true;
    return task->window_start_ms < earlier->window_end_ms &&
           earlier->window_start_ms < task->window_end_ms;
}

static evh_status compare_batch(void *context, evh_view key, evh_view value, bool *stop)
{
    comparison *now = context;
    Evenhand__V1__StoredBatch *earlier = NULL;
    uint32_t least = 0;
    size_t differences = 0;
    evh_status status = evh_ok();
    (void)key;
    EVH_TRY(
        evh_wire_unpack(&earlier, &evenhand__v1__stored_batch__descriptor, value, "stored batch"));
    if (!windows_overlap(&now->round->task, earlier))
        goto done;
    least = now->round->terms->min_honest > earlier->min_honest ? now->round->terms->min_honest
                                                                : earlier->min_honest;
    differences = count_differences(now->customers->names, now->customers->count,
                                    earlier->customers, earlier->n_customers);
    now->too_close = earlier->unknown || (differences != 0 && differences < least);
done:
    *stop = now->too_close;
    evh_wire_free(&earlier);
    return status;
}

evh_status evh_batch_judge(const evh_aggregator *self, Evenhand__V1__VoidReason *reason,
                           const evh_round *round, const evh_job_sum *sum)
{
    customer_list customers = {.text = evh_buffer_init(LISTS_BYTES_MAX)};
    comparison now = {.round = round, .customers = &customers};
    bool affordable = false;
    uint64_t least = (uint64_t)round->terms->min_honest + round->terms->assumed_corrupt;
    evh_status status = evh_ok();
    *reason = VOID_REASON(UNSPECIFIED);
    EVH_TRY(list_customers(&customers, sum));
    if (customers.count < least || customers.count == 0) {
        *reason = VOID_REASON(TOO_FEW_CUSTOMERS);
        goto done;
    }
    EVH_TRY(evh_store_scan(self->store, EVH_STORE_BATCHES,
                           evh_view_of(round->terms->population_hash, 32), compare_batch, &now));
    if (now.too_close) {
        *reason = VOID_REASON(DIFFERENCING);
        goto done;
    }
    EVH_TRY(evh_budget_allows(self, &affordable, round->terms->population_hash, NULL, 0));
    if (!affordable)
        *reason = VOID_REASON(BUDGET);
done:
    customer_list_clear(&customers);
    return status;
}

evh_status evh_batch_keep_unknown(const evh_aggregator *self, const evh_round *round)
{
    Evenhand__V1__StoredBatch record;
    evenhand__v1__stored_batch__init(&record);
    evh_place place;
    evh_status status = evh_ok();
    EVH_TRY(evh_place_make(&place, evh_view_of(round->terms->population_hash, 32), -1,
                           evh_view_of(round->task.id, sizeof round->task.id)));
    record.window_start_ms = round->task.window_start_ms;
    record.window_end_ms = round->task.window_end_ms;
    record.min_honest = round->terms->min_honest;
    record.unknown = true;
    EVH_TRY(evh_record_put(self->store, EVH_STORE_BATCHES, evh_place_view(&place), &record.base));
done:
    return status;
}

evh_status evh_batch_keep(const evh_aggregator *self, const evh_round *round,
                          const evh_job_sum *sum)
{
    customer_list customers = {.text = evh_buffer_init(LISTS_BYTES_MAX)};
    Evenhand__V1__StoredBatch record;
    evenhand__v1__stored_batch__init(&record);
    evh_place place;
    evh_status status = evh_ok();
    EVH_TRY(list_customers(&customers, sum));
    EVH_TRY(evh_place_make(&place, evh_view_of(round->terms->population_hash, 32), -1,
                           evh_view_of(round->task.id, sizeof round->task.id)));
    record.window_start_ms = round->task.window_start_ms;
    record.window_end_ms = round->task.window_end_ms;
    record.min_honest = round->terms->min_honest;
    record.customers = customers.names;
    record.n_customers = customers.count;
    EVH_TRY(evh_record_put(self->store, EVH_STORE_BATCHES, evh_place_view(&place), &record.base));
done:
    customer_list_clear(&customers);
    return status;
}
