/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/store/sqlite.h"
#include "evenhand/tlog/checkpoint.h"
#include "evenhand/wire/message.h"

enum { SCRATCH_MAX = 4 << 20, PROOF_MAX = EVH_MERKLE_PROOF_MAX };

/* ---- the log ---- */

static void write_entry(evh_buffer *out, uint64_t index, uint8_t tag)
{
    char text[32];
    Evenhand__V1__LogEntry entry;
    Evenhand__V1__PopulationEntry population;
    evenhand__v1__log_entry__init(&entry);
    evenhand__v1__population_entry__init(&population);
    (void)snprintf(text, sizeof text, "%llu %u", (unsigned long long)index, tag);
    evh_wire_set_bytes(&population.population, evh_view_of_text(text));
    entry.written_ms = 1000 + index;
    entry.kind_case = EVENHAND__V1__LOG_ENTRY__KIND_POPULATION;
    entry.population = &population;
    evh_buffer_clear(out);
    assert_ok(evh_wire_pack(out, &entry.base));
}

void append_entries(fixture *f, evh_store *store, uint64_t count, uint8_t tag)
{
    uint64_t size = 0;
    uint64_t index = 0;
    assert_ok(evh_store_begin(store));
    assert_ok(evh_translog_size(store, &size));
    for (uint64_t i = size; i < size + count; i++) {
        write_entry(&f->scratch, i, tag);
        assert_ok(evh_translog_append(store, &index, evh_buffer_view(&f->scratch)));
    }
    assert_ok(evh_store_commit(store));
}

void publish(fixture *f)
{
    uint8_t cosignature[EVH_COSIGNATURE_LEN];
    evh_checkpoint checkpoint;
    uint64_t size = 0;
    assert_ok(evh_store_begin(f->leader));
    assert_ok(evh_translog_publish(f->leader, &f->log));
    assert_ok(evh_translog_newest(f->leader, false, &f->scratch, &size));
    assert_ok(evh_checkpoint_read(&checkpoint, evh_buffer_view(&f->scratch)));
    assert_ok(evh_checkpoint_cosign(cosignature, &checkpoint, f->cosigned_s, &f->witness));
    assert_ok(evh_translog_add_cosignature(f->leader, &f->witness.identity, cosignature));
    assert_ok(evh_store_commit(f->leader));
}

/* ---- serving it ---- */

static evh_status serve_checkpoint(fixture *f, evh_view request, evh_buffer *response)
{
    Evenhand__V1__GetCheckpointRequest *asked = NULL;
    Evenhand__V1__GetCheckpointResponse answer;
    evh_merkle_proof proof = {.count = 0};
    ProtobufCBinaryData hashes[PROOF_MAX];
    uint64_t size = 0;
    evh_status status = evh_ok();
    evenhand__v1__get_checkpoint_response__init(&answer);
    assert_ok(evh_wire_unpack(&asked, &evenhand__v1__get_checkpoint_request__descriptor, request,
                              "request"));
    if (f->served_checkpoint && f->grow_in_between > 0) {
        append_entries(f, f->leader, f->grow_in_between, 0);
        publish(f);
    }
    f->served_checkpoint = true;
    assert_ok(evh_store_begin(f->leader));
    assert_ok(evh_translog_newest(f->leader, true, &f->scratch, &size));
    if (size == 0)
        status = evh_fail(EVH_ERR_UNAVAILABLE, "nothing published");
    else if (asked->known_size > size)
        status = evh_fail(EVH_ERR_RANGE, "not so many");
    else if (asked->known_size > 0)
        assert_ok(evh_translog_prove_consistency(f->leader, &proof, asked->known_size, size));
    evh_store_rollback(f->leader);
    evh_wire_set_bytes(&answer.checkpoint, evh_buffer_view(&f->scratch));
    for (size_t i = 0; i < proof.count; i++)
        evh_wire_set_bytes(&hashes[i], evh_view_of(proof.hashes[i].bytes, EVH_MERKLE_HASH_LEN));
    answer.consistency = hashes;
    answer.n_consistency = proof.count;
    if (f->checkpoint_edit != NULL)
        f->checkpoint_edit(f, &answer);
    if (status.code == EVH_OK)
        assert_ok(evh_wire_pack(response, &answer.base));
    evh_wire_free(&asked);
    return status;
}

static evh_status serve_entries(fixture *f, evh_view request, evh_buffer *response)
{
    Evenhand__V1__GetEntriesRequest *asked = NULL;
    Evenhand__V1__GetEntriesResponse answer;
    uint64_t size = 0;
    evenhand__v1__get_entries_response__init(&answer);
    assert_ok(evh_wire_unpack(&asked, &evenhand__v1__get_entries_request__descriptor, request,
                              "request"));
    assert_ok(evh_store_begin(f->leader));
    assert_ok(evh_translog_size(f->leader, &size));
    assert_true(asked->start < size && asked->start + asked->count <= size);
    const size_t count = asked->count < f->page ? asked->count : f->page;
    ProtobufCBinaryData *entries = calloc(count + 1, sizeof *entries);
    evh_buffer *texts = calloc(count, sizeof *texts);
    assert_non_null(entries);
    assert_non_null(texts);
    for (size_t i = 0; i < count; i++) {
        texts[i] = evh_buffer_init(EVH_TRANSLOG_ENTRY_BYTES_MAX);
        assert_ok(evh_translog_entry(f->leader, &texts[i], asked->start + i));
        evh_wire_set_bytes(&entries[i], evh_buffer_view(&texts[i]));
    }
    evh_store_rollback(f->leader);
    answer.entries = entries;
    answer.n_entries = count;
    if (f->page_edit != NULL)
        f->page_edit(f, &answer);
    assert_ok(evh_wire_pack(response, &answer.base));
    for (size_t i = 0; i < count; i++)
        evh_buffer_clear(&texts[i]);
    free(texts);
    free(entries);
    evh_wire_free(&asked);
    return evh_ok();
}

static evh_status serve_inclusion(fixture *f, evh_view request, evh_buffer *response)
{
    Evenhand__V1__GetInclusionRequest *asked = NULL;
    Evenhand__V1__Proof answer;
    evh_merkle_proof proof = {.count = 0};
    ProtobufCBinaryData hashes[PROOF_MAX];
    evenhand__v1__proof__init(&answer);
    assert_ok(evh_wire_unpack(&asked, &evenhand__v1__get_inclusion_request__descriptor, request,
                              "request"));
    assert_ok(evh_store_begin(f->leader));
    assert_ok(evh_translog_prove_inclusion(f->leader, &proof, asked->index, asked->size));
    evh_store_rollback(f->leader);
    for (size_t i = 0; i < proof.count; i++)
        evh_wire_set_bytes(&hashes[i], evh_view_of(proof.hashes[i].bytes, EVH_MERKLE_HASH_LEN));
    answer.hashes = hashes;
    answer.n_hashes = proof.count;
    assert_ok(evh_wire_pack(response, &answer.base));
    evh_wire_free(&asked);
    return evh_ok();
}

static evh_status call(void *context, const char *path, evh_view request, evh_buffer *response)
{
    fixture *f = context;
    f->calls++;
    assert_int_equal(response->len, 0);
    if (f->failing != NULL && strcmp(path, f->failing) == 0)
        return f->failure;
    if (f->raw.len > 0)
        return evh_buffer_append(response, f->raw);
    if (strcmp(path, "/evenhand.v1.Leader/GetCheckpoint") == 0)
        return serve_checkpoint(f, request, response);
    if (strcmp(path, "/evenhand.v1.Leader/GetEntries") == 0)
        return serve_entries(f, request, response);
    assert_string_equal(path, "/evenhand.v1.Leader/GetInclusion");
    return serve_inclusion(f, request, response);
}

/* ---- set-up ---- */

static void make_store(fixture *f, evh_store **out, const char *file)
{
    char path[300];
    (void)snprintf(path, sizeof path, "%s/%s", f->folder, file);
    assert_ok(evh_store_sqlite_create(out, path));
}

int set_up(void **state)
{
    static fixture f;
    memset(&f, 0, sizeof f);
    f.rng = test_rng_seeded(&f.seed, 11);
    f.scratch = evh_buffer_init(SCRATCH_MAX);
    f.page = 1000;
    f.cosigned_s = 77;
    f.refuse_from = UINT64_MAX;
    test_make_dir(f.folder);
    make_store(&f, &f.leader, "leader.db");
    make_store(&f, &f.mirror, "mirror.db");
    assert_ok(evh_signing_key_generate(&f.log, EVH_IDENTITY_ED25519,
                                       view_of_literal("leader.example/log"), &f.rng));
    assert_ok(evh_signing_key_generate(&f.witness, EVH_IDENTITY_COSIGNATURE,
                                       view_of_literal("helper.example"), &f.rng));
    f.policy.log = &f.log.identity;
    f.policy.helper = &f.witness.identity;
    f.peer.call = call;
    f.peer.context = &f;
    *state = &f;
    return 0;
}

int tear_down(void **state)
{
    fixture *f = *state;
    evh_store_close(&f->leader);
    evh_store_close(&f->mirror);
    evh_buffer_clear(&f->scratch);
    evh_signing_key_clear(&f->log);
    evh_signing_key_clear(&f->witness);
    evh_signing_key_clear(&f->other);
    test_remove_dir(f->folder);
    return 0;
}

void replace_leader(fixture *f, const char *file)
{
    evh_store_close(&f->leader);
    make_store(f, &f->leader, file);
}

static evh_status visit(void *context, uint64_t index, evh_view entry)
{
    fixture *f = context;
    (void)entry;
    if (index >= f->refuse_from)
        return evh_fail(EVH_ERR_PRIVACY, "not this one");
    assert_int_equal(index, f->visited);
    f->visited++;
    return evh_ok();
}

evh_status sync_mirror(fixture *f)
{
    return evh_follow_sync(f->mirror, &f->report, &f->peer, &f->policy, visit, f);
}

uint64_t mirror_size(fixture *f)
{
    uint64_t size = 0;
    assert_ok(evh_store_begin(f->mirror));
    assert_ok(evh_translog_size(f->mirror, &size));
    evh_store_rollback(f->mirror);
    return size;
}

uint64_t mirror_checkpoint_size(fixture *f)
{
    uint64_t size = 0;
    assert_ok(evh_store_begin(f->mirror));
    assert_ok(evh_translog_newest(f->mirror, false, &f->scratch, &size));
    evh_store_rollback(f->mirror);
    return size;
}

void assert_mirror_is_a_prefix(fixture *f)
{
    evh_merkle_hash here;
    evh_merkle_hash there;
    const uint64_t size = mirror_size(f);
    assert_ok(evh_store_begin(f->mirror));
    assert_ok(evh_translog_root(f->mirror, &here, size));
    evh_store_rollback(f->mirror);
    assert_ok(evh_store_begin(f->leader));
    assert_ok(evh_translog_root(f->leader, &there, size));
    evh_store_rollback(f->leader);
    assert_memory_equal(here.bytes, there.bytes, sizeof here.bytes);
}
