/* SPDX-License-Identifier: Apache-2.0
 * Answers of a leader that is not trusted. One byte says which call is answered with the rest of the
 * input; all other answers are those of an honest log of five entries. Whatever comes, a follower ends
 * with what that log holds, or with nothing. */
#include <string.h>
#include <unistd.h>

#include "evenhand/follow/follow.h"
#include "evenhand/store/sqlite.h"
#include "evenhand/tlog/checkpoint.h"
#include "evenhand/wire/message.h"
#include "log.pb-c.h"
#include "service.pb-c.h"
#include "support/fuzz.h"

enum { ENTRIES = 5, KNOWN = 3, WRONG_ENTRY = 1, BYTES_MAX = 1 << 16 };
enum { FUZZ_CHECKPOINT, FUZZ_GROWTH, FUZZ_INCLUSION, FUZZ_ENTRIES, FUZZ_KINDS };

typedef struct honest {
    evh_store *leader, *mirror;
    char folder[32];
    char mirror_path[64];
    evh_signing_key log, witness;
    evh_merkle_hash roots[ENTRIES + 1];
    evh_buffer entries[ENTRIES];
    evh_buffer checkpoint; /* GetCheckpointResponse from size 0 */
    evh_buffer page;       /* GetEntriesResponse */
    int kind;
    evh_view input;
} honest;

#define MUST(expression) FUZZ_CHECK((expression).code == EVH_OK)

/* The keys repeat: the target must do the same thing for the same input. */
static evh_status fill_with_42(void *context, uint8_t *out, size_t len)
{
    (void)context;
    memset(out, 42, len);
    return evh_ok();
}

static void add_entry(honest *h, size_t i)
{
    Evenhand__V1__LogEntry entry;
    Evenhand__V1__PopulationEntry population;
    uint64_t index = 0;
    evenhand__v1__log_entry__init(&entry);
    evenhand__v1__population_entry__init(&population);
    evh_wire_set_bytes(&population.population, evh_view_of("abcdef", i + 1));
    entry.written_ms = 1000;
    entry.kind_case = EVENHAND__V1__LOG_ENTRY__KIND_POPULATION;
    entry.population = &population;
    h->entries[i] = evh_buffer_init(BYTES_MAX);
    MUST(evh_wire_pack(&h->entries[i], &entry.base));
    MUST(evh_translog_append(h->leader, &index, evh_buffer_view(&h->entries[i])));
    MUST(evh_translog_root(h->leader, &h->roots[i + 1], i + 1));
}

static void publish(honest *h)
{
    uint8_t cosignature[EVH_COSIGNATURE_LEN];
    evh_checkpoint checkpoint;
    uint64_t size = 0;
    evh_buffer note = evh_buffer_init(BYTES_MAX);
    Evenhand__V1__GetCheckpointResponse answer;
    evenhand__v1__get_checkpoint_response__init(&answer);
    MUST(evh_translog_publish(h->leader, &h->log));
    MUST(evh_translog_newest(h->leader, false, &note, &size));
    MUST(evh_checkpoint_read(&checkpoint, evh_buffer_view(&note)));
    MUST(evh_checkpoint_cosign(cosignature, &checkpoint, 7, &h->witness));
    MUST(evh_checkpoint_add_cosignature(&note, &h->witness.identity, cosignature));
    evh_wire_set_bytes(&answer.checkpoint, evh_buffer_view(&note));
    MUST(evh_wire_pack(&h->checkpoint, &answer.base));
    evh_buffer_clear(&note);
}

static void make_page(honest *h)
{
    Evenhand__V1__GetEntriesResponse page;
    ProtobufCBinaryData entries[ENTRIES];
    evenhand__v1__get_entries_response__init(&page);
    for (size_t i = 0; i < ENTRIES; i++)
        evh_wire_set_bytes(&entries[i], evh_buffer_view(&h->entries[i]));
    page.entries = entries;
    page.n_entries = ENTRIES;
    MUST(evh_wire_pack(&h->page, &page.base));
}

static void new_mirror(honest *h)
{
    evh_store_close(&h->mirror);
    (void)unlink(h->mirror_path);
    MUST(evh_store_sqlite_create(&h->mirror, h->mirror_path));
}

static void make_honest(honest *h)
{
    const evh_rng rng = {.fill = fill_with_42, .context = NULL};
    char path[64];
    (void)snprintf(h->folder, sizeof h->folder, "/tmp/evh-fuzz-XXXXXX");
    FUZZ_CHECK(mkdtemp(h->folder) != NULL);
    (void)snprintf(path, sizeof path, "%s/leader.db", h->folder);
    (void)snprintf(h->mirror_path, sizeof h->mirror_path, "%s/mirror.db", h->folder);
    h->checkpoint = evh_buffer_init(BYTES_MAX);
    h->page = evh_buffer_init(BYTES_MAX);
    MUST(evh_signing_key_generate(&h->log, EVH_IDENTITY_ED25519, evh_view_of_text("log"), &rng));
    MUST(evh_signing_key_generate(&h->witness, EVH_IDENTITY_COSIGNATURE, evh_view_of_text("helper"),
                                  &rng));
    MUST(evh_store_sqlite_create(&h->leader, path));
    MUST(evh_store_begin(h->leader));
    for (size_t i = 0; i < ENTRIES; i++)
        add_entry(h, i);
    publish(h);
    make_page(h);
    MUST(evh_store_commit(h->leader));
    new_mirror(h);
}

static honest shared;

static void remove_files(void)
{
    static const char *const names[] = {"leader.db", "mirror.db"};
    static const char *const endings[] = {"", "-wal", "-shm"};
    evh_store_close(&shared.leader);
    evh_store_close(&shared.mirror);
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < 3; k++) {
            char path[64];
            (void)snprintf(path, sizeof path, "%s/%s%s", shared.folder, names[i], endings[k]);
            (void)unlink(path);
        }
    (void)rmdir(shared.folder);
}

static honest *the_honest(void)
{
    if (shared.leader == NULL) {
        make_honest(&shared);
        (void)atexit(remove_files);
    }
    return &shared;
}

static evh_status call(void *context, const char *path, evh_view request, evh_buffer *response)
{
    const honest *h = context;
    const bool entries = strstr(path, "GetEntries") != NULL;
    (void)request;
    if (strstr(path, "GetInclusion") != NULL || (entries && h->kind == FUZZ_ENTRIES) ||
        (!entries && (h->kind == FUZZ_CHECKPOINT || h->kind == FUZZ_GROWTH)))
        return evh_buffer_append(response, h->input);
    return evh_buffer_append(response, evh_buffer_view(entries ? &h->page : &h->checkpoint));
}

static evh_status visit(void *context, uint64_t index, evh_view entry)
{
    (void)context;
    (void)index;
    (void)entry;
    return evh_ok();
}

static bool same_root(const evh_merkle_hash *a, const evh_merkle_hash *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

/* Only the log's own head, whatever was known before. */
static void try_advance(honest *h, const evh_follow_peer *peer, const evh_follow_policy *policy)
{
    const uint64_t known = h->kind == FUZZ_GROWTH ? KNOWN : 0;
    evh_follow_head head = {.size = known, .root = h->roots[known]};
    evh_follow_finding finding = EVH_FOLLOW_FINE;
    evh_status status = evh_follow_advance(&head, &finding, peer, policy);
    FUZZ_CHECK((status.code == EVH_OK) == (finding == EVH_FOLLOW_FINE));
    FUZZ_CHECK(head.size == (status.code == EVH_OK ? ENTRIES : known));
    FUZZ_CHECK(same_root(&head.root, &h->roots[head.size]));
}

/* No proof puts an entry where another is. */
static void try_inclusion(honest *h, const evh_follow_peer *peer)
{
    const evh_follow_head head = {.size = ENTRIES, .root = h->roots[ENTRIES]};
    evh_follow_finding finding = EVH_FOLLOW_FINE;
    evh_status status = evh_follow_check_entry(&head, &finding, peer, WRONG_ENTRY + 1,
                                               evh_buffer_view(&h->entries[WRONG_ENTRY]));
    FUZZ_CHECK(status.code != EVH_OK && finding != EVH_FOLLOW_FINE);
}

static void try_entries(honest *h, const evh_follow_peer *peer, const evh_follow_policy *policy)
{
    evh_follow_report report;
    evh_merkle_hash root;
    evh_status status = evh_follow_sync(h->mirror, &report, peer, policy, visit, NULL);
    FUZZ_CHECK((status.code == EVH_OK) == (report.finding == EVH_FOLLOW_FINE));
    FUZZ_CHECK(report.size == (status.code == EVH_OK ? ENTRIES : 0));
    MUST(evh_store_begin(h->mirror));
    MUST(evh_translog_root(h->mirror, &root, report.size));
    evh_store_rollback(h->mirror);
    FUZZ_CHECK(report.size == 0 || same_root(&root, &h->roots[ENTRIES]));
    if (report.size > 0)
        new_mirror(h);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    honest *h = the_honest();
    const evh_follow_peer peer = {.call = call, .context = h};
    const evh_follow_policy policy = {.log = &h->log.identity, .helper = &h->witness.identity};
    if (size == 0)
        return 0;
    h->kind = data[0] % FUZZ_KINDS;
    h->input = evh_view_of(data + 1, size - 1);
    if (h->kind == FUZZ_INCLUSION)
        try_inclusion(h, &peer);
    else if (h->kind == FUZZ_ENTRIES)
        try_entries(h, &peer, &policy);
    else
        try_advance(h, &peer, &policy);
    return 0;
}
