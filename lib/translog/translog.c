/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/translog/translog.h"

#include <string.h>

#include "evenhand/store/record.h"
#include "log.pb-c.h"
#include "translog.pb-c.h"

static const char end_key[] = "log";
static const char newest_key[] = "checkpoint";
static const char cosigned_key[] = "cosigned";

typedef Evenhand__V1__StoredLog stored_log;
typedef Evenhand__V1__StoredCheckpoint stored_checkpoint;

/* The end of the log that this store holds. */
typedef struct log_end {
    uint64_t size;
    uint64_t last_written_ms;
    bool behind; /* the checkpoint below is no prefix of what is here */
    uint64_t confronted_size;
    evh_merkle_hash confronted_root;
} log_end;

/* ---- where things are ---- */

typedef struct place {
    uint8_t bytes[9];
    size_t len;
} place;

static place number_place(uint64_t number)
{
    place out = {.len = 8};
    for (size_t i = 0; i < 8; i++)
        out.bytes[i] = (uint8_t)(number >> (56 - 8 * i));
    return out;
}

static place node_place(unsigned level, uint64_t index)
{
    place number = number_place(index);
    place out = {.len = 9};
    out.bytes[0] = (uint8_t)level;
    memcpy(out.bytes + 1, number.bytes, number.len);
    return out;
}

static evh_status read_node(void *context, unsigned level, uint64_t index, evh_merkle_hash *out)
{
    evh_store *store = context;
    place key = node_place(level, index);
    evh_buffer value = evh_buffer_init(sizeof out->bytes);
    bool found = false;
    evh_status status = evh_ok();
    EVH_TRY(
        evh_store_get(store, EVH_STORE_LOG_NODES, evh_view_of(key.bytes, key.len), &value, &found));
    EVH_REQUIRE(found && value.len == sizeof out->bytes, EVH_ERR_STORE,
                "a node of the log's tree is missing");
    memcpy(out->bytes, value.data, sizeof out->bytes);
done:
    evh_buffer_clear(&value);
    return status;
}

static evh_status write_node(void *context, unsigned level, uint64_t index,
                             const evh_merkle_hash *hash)
{
    place key = node_place(level, index);
    return evh_store_put(context, EVH_STORE_LOG_NODES, evh_view_of(key.bytes, key.len),
                         evh_view_of(hash->bytes, sizeof hash->bytes));
}

static evh_merkle_nodes nodes_of(evh_store *store)
{
    evh_merkle_nodes nodes = {.read = read_node, .write = write_node, .context = store};
    return nodes;
}

static evh_status load_end(evh_store *store, log_end *out)
{
    stored_log *found = NULL;
    evh_status status = evh_record_get(store, EVH_STORE_META, evh_view_of_text(end_key),
                                       &evenhand__v1__stored_log__descriptor, &found);
    memset(out, 0, sizeof *out);
    if (found != NULL) {
        out->size = found->size;
        out->last_written_ms = found->last_written_ms;
        out->behind = found->behind;
        out->confronted_size = found->confronted_size;
        if (found->confronted_root.len == sizeof out->confronted_root.bytes)
            memcpy(out->confronted_root.bytes, found->confronted_root.data,
                   sizeof out->confronted_root.bytes);
    }
    evh_wire_free(&found);
    return status;
}

static evh_status save_end(evh_store *store, const log_end *end)
{
    stored_log record;
    evenhand__v1__stored_log__init(&record);
    record.size = end->size;
    record.last_written_ms = end->last_written_ms;
    record.behind = end->behind;
    if (end->behind) {
        record.confronted_size = end->confronted_size;
        evh_wire_set_bytes(&record.confronted_root, evh_view_of(end->confronted_root.bytes,
                                                                sizeof end->confronted_root.bytes));
    }
    return evh_record_put(store, EVH_STORE_META, evh_view_of_text(end_key), &record.base);
}

/* The newest checkpoint of either kind; *out is NULL when there is none. */
static evh_status load_checkpoint(evh_store *store, const char *key, stored_checkpoint **out)
{
    return evh_record_get(store, EVH_STORE_META, evh_view_of_text(key),
                          &evenhand__v1__stored_checkpoint__descriptor, out);
}

static evh_status save_checkpoint(evh_store *store, const char *key, uint64_t size,
                                  const evh_merkle_hash *root, evh_view note)
{
    stored_checkpoint record;
    evenhand__v1__stored_checkpoint__init(&record);
    record.size = size;
    evh_wire_set_bytes(&record.root, evh_view_of(root->bytes, sizeof root->bytes));
    evh_wire_set_bytes(&record.note, note);
    return evh_record_put(store, EVH_STORE_META, evh_view_of_text(key), &record.base);
}

/* ---- reading ---- */

evh_status evh_translog_size(evh_store *store, uint64_t *size)
{
    log_end end;
    evh_status status = load_end(store, &end);
    *size = end.size;
    return status;
}

evh_status evh_translog_time(evh_store *store, uint64_t now_ms, uint64_t *written_ms)
{
    log_end end;
    evh_status status = load_end(store, &end);
    *written_ms = now_ms > end.last_written_ms ? now_ms : end.last_written_ms;
    return status;
}

evh_status evh_translog_entry(evh_store *store, evh_buffer *out, uint64_t index)
{
    place key = number_place(index);
    bool found = false;
    evh_status status = evh_ok();
    EVH_TRY(
        evh_store_get(store, EVH_STORE_LOG_ENTRIES, evh_view_of(key.bytes, key.len), out, &found));
    EVH_REQUIRE(found, EVH_ERR_RANGE, "the log has no such entry");
done:
    return status;
}

static evh_status check_size(evh_store *store, uint64_t size)
{
    uint64_t actual = 0;
    evh_status status = evh_translog_size(store, &actual);
    if (status.code == EVH_OK && size > actual)
        status = evh_fail(EVH_ERR_RANGE, "the log has %llu entries", (unsigned long long)actual);
    return status;
}

evh_status evh_translog_root(evh_store *store, evh_merkle_hash *out, uint64_t size)
{
    evh_merkle_nodes nodes = nodes_of(store);
    memset(out, 0, sizeof *out);
    evh_status status = check_size(store, size);
    return status.code == EVH_OK ? evh_merkle_root(out, &nodes, size) : status;
}

evh_status evh_translog_prove_inclusion(evh_store *store, evh_merkle_proof *out, uint64_t index,
                                        uint64_t size)
{
    evh_merkle_nodes nodes = nodes_of(store);
    out->count = 0;
    evh_status status = check_size(store, size);
    return status.code == EVH_OK ? evh_merkle_prove_inclusion(out, &nodes, index, size) : status;
}

evh_status evh_translog_prove_consistency(evh_store *store, evh_merkle_proof *out,
                                          uint64_t old_size, uint64_t new_size)
{
    evh_merkle_nodes nodes = nodes_of(store);
    out->count = 0;
    evh_status status = check_size(store, new_size);
    return status.code == EVH_OK ? evh_merkle_prove_consistency(out, &nodes, old_size, new_size)
                                 : status;
}

evh_status evh_translog_newest(evh_store *store, bool cosigned, evh_buffer *note, uint64_t *size)
{
    stored_checkpoint *found = NULL;
    evh_status status = evh_ok();
    evh_buffer_clear(note);
    *size = 0;
    EVH_TRY(load_checkpoint(store, cosigned ? cosigned_key : newest_key, &found));
    if (found != NULL) {
        EVH_TRY(evh_buffer_append(note, evh_wire_bytes(&found->note)));
        *size = found->size;
    }
done:
    evh_wire_free(&found);
    return status;
}

/* ---- writing ---- */

/* Whether a checkpoint is a prefix of the log as it is here. */
static evh_status is_prefix(evh_store *store, bool *prefix, uint64_t log_size, uint64_t size,
                            evh_view root)
{
    evh_merkle_hash actual;
    evh_status status = evh_ok();
    *prefix = false;
    if (size > log_size)
        goto done;
    EVH_TRY(evh_translog_root(store, &actual, size));
    *prefix = evh_view_equal(evh_view_of(actual.bytes, sizeof actual.bytes), root);
done:
    return status;
}

/* Refuses to grow from entries that are not those of the own newest checkpoint. */
static evh_status check_whole(evh_store *store, const log_end *end)
{
    stored_checkpoint *newest = NULL;
    bool prefix = true;
    evh_status status = evh_ok();
    EVH_TRY(load_checkpoint(store, newest_key, &newest));
    if (newest != NULL)
        EVH_TRY(is_prefix(store, &prefix, end->size, newest->size, evh_wire_bytes(&newest->root)));
    EVH_REQUIRE(prefix, EVH_ERR_STORE,
                "this store is behind its own newest checkpoint: it is damaged; nothing is "
                "appended");
done:
    evh_wire_free(&newest);
    return status;
}

/* Refuses to write when entries that were published have gone. */
static evh_status check_not_behind(evh_store *store, const log_end *end)
{
    evh_status status = evh_ok();
    EVH_REQUIRE(!end->behind, EVH_ERR_STORE,
                "this store is behind a published checkpoint of its log: it was restored or "
                "damaged; nothing is appended");
    EVH_TRY(check_whole(store, end));
done:
    return status;
}

static evh_status check_entry(const log_end *end, evh_view bytes, uint64_t *written_ms)
{
    Evenhand__V1__LogEntry *entry = NULL;
    evh_status status = evh_ok();
    EVH_REQUIRE(bytes.len <= EVH_TRANSLOG_ENTRY_BYTES_MAX, EVH_ERR_RANGE,
                "a log entry of %zu bytes is too long", bytes.len);
    EVH_TRY(evh_wire_unpack(&entry, &evenhand__v1__log_entry__descriptor, bytes, "log entry"));
    EVH_REQUIRE(entry->kind_case != EVENHAND__V1__LOG_ENTRY__KIND__NOT_SET, EVH_ERR_ENCODING,
                "a log entry of no known kind");
    EVH_REQUIRE(entry->written_ms >= end->last_written_ms, EVH_ERR_RANGE,
                "a log entry that is older than the one before it");
    *written_ms = entry->written_ms;
done:
    evh_wire_free(&entry);
    return status;
}

static evh_status append_at_end(evh_store *store, log_end *end, evh_view entry)
{
    evh_merkle_nodes nodes = nodes_of(store);
    place key = number_place(end->size);
    evh_merkle_hash leaf;
    bool added = false;
    evh_status status = evh_ok();
    EVH_TRY(check_entry(end, entry, &end->last_written_ms));
    EVH_TRY(evh_store_add(store, EVH_STORE_LOG_ENTRIES, evh_view_of(key.bytes, key.len), entry,
                          &added));
    EVH_REQUIRE(added, EVH_ERR_STORE, "the log has an entry beyond its end");
    EVH_TRY(evh_merkle_leaf(&leaf, entry));
    EVH_TRY(evh_merkle_append(&nodes, end->size, &leaf));
    end->size++;
    EVH_TRY(save_end(store, end));
done:
    return status;
}

evh_status evh_translog_append(evh_store *store, uint64_t *index, evh_view entry)
{
    log_end end;
    evh_status status = evh_ok();
    *index = 0;
    EVH_TRY(load_end(store, &end));
    EVH_TRY(check_not_behind(store, &end));
    EVH_TRY(append_at_end(store, &end, entry));
    *index = end.size - 1;
done:
    return status;
}

evh_status evh_translog_publish(evh_store *store, const evh_signing_key *log)
{
    log_end end;
    evh_merkle_hash root;
    evh_buffer note = evh_buffer_init(EVH_CHECKPOINT_BYTES_MAX);
    evh_status status = evh_ok();
    EVH_TRY(load_end(store, &end));
    EVH_TRY(check_not_behind(store, &end));
    EVH_TRY(evh_translog_root(store, &root, end.size));
    EVH_TRY(evh_checkpoint_sign(&note, end.size, &root, log));
    EVH_TRY(save_checkpoint(store, newest_key, end.size, &root, evh_buffer_view(&note)));
done:
    evh_buffer_clear(&note);
    return status;
}

evh_status evh_translog_add_cosignature(evh_store *store, const evh_identity *witness,
                                        const uint8_t *cosignature)
{
    stored_checkpoint *newest = NULL;
    evh_checkpoint checkpoint;
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    uint64_t time_s = 0;
    evh_buffer note = evh_buffer_init(EVH_CHECKPOINT_BYTES_MAX);
    evh_status status = evh_ok();
    EVH_TRY(load_checkpoint(store, newest_key, &newest));
    EVH_REQUIRE(newest != NULL, EVH_ERR_ARG, "a cosignature, but no checkpoint");
    EVH_TRY(evh_buffer_append(&note, evh_wire_bytes(&newest->note)));
    EVH_TRY(evh_checkpoint_add_cosignature(&note, witness, cosignature));
    EVH_TRY(evh_checkpoint_read(&checkpoint, evh_buffer_view(&note)));
    EVH_TRY(evh_checkpoint_check_cosignature(&verdict, &time_s, &checkpoint, witness));
    EVH_REQUIRE(verdict == EVH_SEAL_ACCEPTED, EVH_ERR_KEY,
                "the cosignature does not fit the newest checkpoint");
    EVH_TRY(save_checkpoint(store, cosigned_key, checkpoint.size, &checkpoint.root,
                            evh_buffer_view(&note)));
done:
    evh_wire_free(&newest);
    evh_buffer_clear(&note);
    return status;
}

/* Takes a note apart that the log must have signed; `refusal` is the code when it has not. */
static evh_status read_signed(evh_checkpoint *out, const evh_identity *log, evh_view note,
                              evh_code refusal)
{
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    evh_status status = evh_ok();
    EVH_TRY(evh_checkpoint_read(out, note));
    EVH_REQUIRE(strcmp(out->origin, log->name) == 0, refusal, "a checkpoint of another log");
    EVH_TRY(evh_checkpoint_check(&verdict, out, log));
    EVH_REQUIRE(verdict == EVH_SEAL_ACCEPTED, refusal, "a checkpoint that the log has not signed");
done:
    return status;
}

evh_status evh_translog_confront(evh_store *store, bool *behind, const evh_identity *log,
                                 evh_view note)
{
    log_end end;
    evh_checkpoint checkpoint;
    bool prefix = false;
    evh_status status = evh_ok();
    *behind = false;
    EVH_TRY(load_end(store, &end));
    EVH_TRY(read_signed(&checkpoint, log, note, EVH_ERR_KEY));
    EVH_TRY(is_prefix(store, &prefix, end.size, checkpoint.size,
                      evh_view_of(checkpoint.root.bytes, sizeof checkpoint.root.bytes)));
    *behind = !prefix;
    if (!prefix && (!end.behind || checkpoint.size > end.confronted_size)) {
        end.behind = true;
        end.confronted_size = checkpoint.size;
        end.confronted_root = checkpoint.root;
        EVH_TRY(save_end(store, &end));
    }
done:
    return status;
}

evh_status evh_translog_behind(evh_store *store, bool *behind, uint64_t *until)
{
    log_end end;
    evh_status status = load_end(store, &end);
    *behind = end.behind;
    *until = end.behind ? end.confronted_size : 0;
    return status;
}

evh_status evh_translog_settle(evh_store *store)
{
    log_end end;
    evh_status status = evh_ok();
    EVH_TRY(load_end(store, &end));
    EVH_REQUIRE(!end.behind || end.confronted_size > end.size, EVH_ERR_REFUSED,
                "the log is not the one that a kept checkpoint was made of: it was forked");
    end.behind = false;
    EVH_TRY(save_end(store, &end));
done:
    return status;
}

/* ---- the mirror ---- */

static evh_status take_entry(evh_store *store, log_end *end, uint64_t index, evh_view entry,
                             evh_translog_visit visit, void *context)
{
    evh_buffer known = evh_buffer_init(EVH_TRANSLOG_ENTRY_BYTES_MAX);
    evh_status status = evh_ok();
    if (index < end->size) {
        EVH_TRY(evh_translog_entry(store, &known, index));
        EVH_REQUIRE(evh_view_equal(evh_buffer_view(&known), entry), EVH_ERR_REFUSED,
                    "the log shows another entry where this mirror has one");
        goto done;
    }
    EVH_TRY(append_at_end(store, end, entry));
    EVH_TRY(visit(context, index, entry));
done:
    evh_buffer_clear(&known);
    return status;
}

/* Holds the entries that are here now against the checkpoint that came with them. */
static evh_status take_checkpoint(evh_store *store, uint64_t size, const evh_checkpoint *checkpoint,
                                  const evh_translog_growth *growth)
{
    evh_merkle_hash root;
    bool covered = false;
    const bool part = growth->consistency != NULL && checkpoint->size > size;
    evh_status status = evh_ok();
    EVH_REQUIRE(part || checkpoint->size == size, EVH_ERR_REFUSED,
                "a checkpoint of %llu entries where there are %llu",
                (unsigned long long)checkpoint->size, (unsigned long long)size);
    EVH_TRY(evh_translog_root(store, &root, size));
    if (part)
        EVH_TRY(evh_merkle_check_consistency(&covered, growth->consistency, size, &root,
                                             checkpoint->size, &checkpoint->root));
    else
        covered = memcmp(root.bytes, checkpoint->root.bytes, sizeof root.bytes) == 0;
    EVH_REQUIRE(covered, EVH_ERR_REFUSED, "a checkpoint that does not cover the log's entries");
    if (!part)
        EVH_TRY(save_checkpoint(store, newest_key, checkpoint->size, &checkpoint->root,
                                growth->checkpoint));
done:
    return status;
}

/* A store that was behind is not any more once it holds what it was confronted with. */
static evh_status catch_up(evh_store *store, log_end *end)
{
    bool prefix = false;
    evh_status status = evh_ok();
    if (!end->behind || end->size < end->confronted_size)
        goto done;
    EVH_TRY(is_prefix(store, &prefix, end->size, end->confronted_size,
                      evh_view_of(end->confronted_root.bytes, sizeof end->confronted_root.bytes)));
    EVH_REQUIRE(prefix, EVH_ERR_REFUSED,
                "the log is not the one that a kept checkpoint was made of: it was forked");
    end->behind = false;
    EVH_TRY(save_end(store, end));
done:
    return status;
}

evh_status evh_translog_extend(evh_store *store, bool *accepted, const evh_identity *log,
                               const evh_translog_growth *growth, evh_translog_visit visit,
                               void *context)
{
    log_end end;
    evh_checkpoint checkpoint;
    evh_status status = evh_ok();
    *accepted = false;
    EVH_TRY(load_end(store, &end));
    if (growth->start > end.size)
        goto done;
    EVH_TRY(check_whole(store, &end));
    EVH_TRY(read_signed(&checkpoint, log, growth->checkpoint, EVH_ERR_REFUSED));
    for (size_t i = 0; i < growth->entry_count; i++)
        EVH_TRY(take_entry(store, &end, growth->start + i, growth->entries[i], visit, context));
    EVH_REQUIRE(growth->start + growth->entry_count == end.size, EVH_ERR_REFUSED,
                "part of what is here already");
    EVH_TRY(take_checkpoint(store, end.size, &checkpoint, growth));
    EVH_TRY(catch_up(store, &end));
    *accepted = true;
done:
    return status;
}
