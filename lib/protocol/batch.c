/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/protocol/batch.h"

#include <stdlib.h>
#include <string.h>

#include "evenhand/base/limits.h"
#include "evenhand/base/sizes.h"
#include "evenhand/seal/hash.h"
#include "evenhand/wire/message.h"
#include "log.pb-c.h"

static const char share_label[] = "evenhand/aggregate-share/1";

enum { BATCH_BYTES_MAX = 256, INFO_BYTES_MAX = 256, LEVELS_MAX = 64 };

static int compare_hashes(const void *a, const void *b)
{
    return memcmp(a, b, EVH_REPORT_HASH_LEN);
}

/* A tree in memory that keeps only what an append or the root can still need: the newest left and
 * the newest right node of each level. */
typedef struct frontier {
    evh_merkle_hash newest[LEVELS_MAX][2];
} frontier;

static evh_status frontier_read(void *context, unsigned level, uint64_t index, evh_merkle_hash *out)
{
    const frontier *tree = context;
    *out = tree->newest[level][index % 2];
    return evh_ok();
}

static evh_status frontier_write(void *context, unsigned level, uint64_t index,
                                 const evh_merkle_hash *hash)
{
    frontier *tree = context;
    tree->newest[level][index % 2] = *hash;
    return evh_ok();
}

evh_status evh_batch_root(evh_merkle_hash *out, uint8_t *hashes, size_t count)
{
    memset(out, 0, sizeof *out);
    frontier nodes_so_far;
    memset(&nodes_so_far, 0, sizeof nodes_so_far);
    evh_merkle_nodes nodes = {
        .read = frontier_read, .write = frontier_write, .context = &nodes_so_far};
    evh_merkle_hash leaf;
    evh_status status = evh_ok();
    if (count > 0)
        qsort(hashes, count, EVH_REPORT_HASH_LEN, compare_hashes);
    for (size_t i = 0; i < count; i++) {
        const uint8_t *hash = hashes + i * EVH_REPORT_HASH_LEN;
        EVH_REQUIRE(i == 0 || compare_hashes(hash - EVH_REPORT_HASH_LEN, hash) != 0, EVH_ERR_ARG,
                    "a report is in the batch twice");
        EVH_TRY(evh_merkle_leaf(&leaf, evh_view_of(hash, EVH_REPORT_HASH_LEN)));
        EVH_TRY(evh_merkle_append(&nodes, i, &leaf));
    }
    EVH_TRY(evh_merkle_root(out, &nodes, count));
done:
    if (status.code != EVH_OK)
        memset(out, 0, sizeof *out);
    return status;
}

evh_status evh_batch_encode(evh_buffer *out, const evh_batch *batch)
{
    Evenhand__V1__AgreedBatch message;
    evenhand__v1__agreed_batch__init(&message);
    evh_wire_set_bytes(&message.task_id, evh_view_of(batch->task_id, sizeof batch->task_id));
    message.report_count = batch->report_count;
    evh_wire_set_bytes(&message.reports_root,
                       evh_view_of(batch->root.bytes, sizeof batch->root.bytes));
    return evh_wire_pack(out, &message.base);
}

evh_status evh_batch_commit_share(uint8_t out[EVH_COMMITMENT_LEN], const evh_seed32 *salt,
                                  evh_view share)
{
    const evh_view parts[2] = {evh_view_of(salt->bytes, sizeof salt->bytes), share};
    return evh_sha256_parts(out, parts, 2);
}

typedef struct binding {
    evh_buffer info, aad;
} binding;

static evh_status binding_fill(binding *out, const evh_batch *batch, evh_role from)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_task_hpke_info(&out->info, share_label, from, EVH_ROLE_COLLECTOR));
    EVH_TRY(evh_batch_encode(&out->aad, batch));
done:
    return status;
}

static void binding_clear(binding *b)
{
    evh_buffer_clear(&b->info);
    evh_buffer_clear(&b->aad);
}

evh_status evh_batch_seal_share(evh_buffer *out, const evh_batch *batch, evh_role from,
                                const evh_key_config *collector, const evh_seed32 *salt,
                                evh_view share, const evh_rng *rng)
{
    evh_buffer plain = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    binding bound = {.info = evh_buffer_init(INFO_BYTES_MAX),
                     .aad = evh_buffer_init(BATCH_BYTES_MAX)};
    evh_status status = evh_ok();
    EVH_TRY(binding_fill(&bound, batch, from));
    EVH_TRY(evh_buffer_append(&plain, evh_view_of(salt->bytes, sizeof salt->bytes)));
    EVH_TRY(evh_buffer_append(&plain, share));
    EVH_TRY(evh_seal(out, collector, evh_buffer_view(&bound.info), evh_buffer_view(&bound.aad),
                     evh_buffer_view(&plain), rng));
done:
    evh_buffer_clear(&plain);
    binding_clear(&bound);
    return status;
}

evh_status evh_batch_open_share(evh_buffer *out, evh_seal_verdict *verdict, const evh_batch *batch,
                                evh_role from, const evh_key_ring *collector, evh_view sealed,
                                const uint8_t commitment[EVH_COMMITMENT_LEN])
{
    *verdict = EVH_SEAL_REJECTED;
    evh_buffer plain = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    uint8_t actual[EVH_COMMITMENT_LEN];
    evh_seal_verdict opened = EVH_SEAL_REJECTED;
    binding bound = {.info = evh_buffer_init(INFO_BYTES_MAX),
                     .aad = evh_buffer_init(BATCH_BYTES_MAX)};
    evh_status status = evh_ok();
    EVH_TRY(binding_fill(&bound, batch, from));
    EVH_TRY(evh_key_ring_open(collector, &plain, &opened, evh_buffer_view(&bound.info),
                              evh_buffer_view(&bound.aad), sealed));
    if (opened != EVH_SEAL_ACCEPTED || plain.len < sizeof(evh_seed32))
        goto done;
    /* The commitment is over exactly what was sealed: salt | share. */
    EVH_TRY(evh_sha256(actual, evh_buffer_view(&plain)));
    if (!evh_equal_ct(actual, commitment, sizeof actual))
        goto done;
    EVH_TRY(evh_buffer_append(
        out, evh_view_of(plain.data + sizeof(evh_seed32), plain.len - sizeof(evh_seed32))));
    *verdict = EVH_SEAL_ACCEPTED;
done:
    evh_buffer_clear(&plain);
    binding_clear(&bound);
    return status;
}
