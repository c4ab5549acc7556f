/* SPDX-License-Identifier: Apache-2.0
 * What happens between opening a deployment and serving it. */
#include <string.h>

#include "deployment_internal.h"
#include "evenhand/aggregator/leader.h"
#include "evenhand/base/failpoint.h"
#include "evenhand/base/limits.h"
#include "evenhand/wire/message.h"
#include "log.pb-c.h"
#include "log_check_internal.h"

enum { ENTRY_BYTES_MAX = 1 << 14, VAULT_NAMES_BYTES_MAX = 1 << 26 };

/* ---- the parties' keys in the log ---- */

static evh_status text_of(const evh_identity *identity, evh_buffer *out)
{
    evh_status status = evh_identity_format(out, identity);
    return status.code == EVH_OK ? evh_buffer_u8(out, 0) : status;
}

static evh_status pack_keys(const evh_deployment *d, evh_buffer *entry)
{
    Evenhand__V1__LogEntry message;
    Evenhand__V1__AggregatorKeys keys;
    evh_buffer leader = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    evh_buffer helper = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    evh_buffer collector = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    evh_status status = evh_ok();
    evenhand__v1__log_entry__init(&message);
    evenhand__v1__aggregator_keys__init(&keys);
    EVH_TRY(text_of(&d->self.leader, &leader));
    EVH_TRY(text_of(&d->self.helper, &helper));
    EVH_TRY(text_of(&d->self.collector, &collector));
    keys.leader = (char *)leader.data;
    keys.helper = (char *)helper.data;
    keys.collector = (char *)collector.data;
    evh_wire_set_bytes(&keys.collector_hpke_key,
                       evh_view_of(d->collector.signed_key, sizeof d->collector.signed_key));
    message.kind_case = EVENHAND__V1__LOG_ENTRY__KIND_KEYS;
    message.keys = &keys;
    EVH_TRY(evh_wire_pack(entry, &message.base));
done:
    evh_buffer_clear(&leader);
    evh_buffer_clear(&helper);
    evh_buffer_clear(&collector);
    return status;
}

static evh_view logged_keys_key(void)
{
    return evh_view_of_text("logged-keys");
}

static evh_status keys_are_logged(evh_store *store, evh_view entry, bool *logged)
{
    evh_status status = evh_ok();
    evh_buffer there = evh_buffer_init(ENTRY_BYTES_MAX);
    bool found = false;
    EVH_TRY(evh_store_begin(store));
    EVH_TRY(evh_store_get(store, EVH_STORE_META, logged_keys_key(), &there, &found));
    *logged = found && evh_view_equal(evh_buffer_view(&there), entry);
done:
    evh_store_rollback(store);
    evh_buffer_clear(&there);
    return status;
}

static evh_status note_logged(evh_store *store, evh_view entry)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_store_begin(store));
    EVH_TRY(evh_store_put(store, EVH_STORE_META, logged_keys_key(), entry));
    EVH_TRY(evh_store_commit(store));
done:
    evh_store_rollback(store);
    return status;
}

/* The first entry of a log, and one more when a key has changed. A crash in between repeats it,
 * which the rules of the log allow. */
static evh_status log_keys(evh_deployment *d)
{
    evh_status status = evh_ok();
    evh_buffer entry = evh_buffer_init(ENTRY_BYTES_MAX);
    bool logged = false;
    EVH_TRY(pack_keys(d, &entry));
    EVH_TRY(keys_are_logged(d->self.store, evh_buffer_view(&entry), &logged));
    if (logged)
        goto done;
    EVH_TRY(evh_leader_append(&d->self, evh_buffer_view(&entry)));
    EVH_TRY(note_logged(d->self.store, evh_buffer_view(&entry)));
done:
    evh_buffer_clear(&entry);
    return status;
}

/* ---- the vault ---- */

evh_status evh_deployment_tidy_vault(const evh_aggregator *self, evh_file_vault *vault,
                                     size_t *removed)
{
    evh_buffer names = evh_buffer_init(VAULT_NAMES_BYTES_MAX);
    evh_status status = evh_ok();
    *removed = 0;
    EVH_TRY(evh_aggregator_secret_names(self, &names));
    EVH_TRY(evh_file_vault_retain(vault, evh_buffer_view(&names), removed));
    EVH_TRY(evh_file_vault_check(vault, evh_buffer_view(&names)));
done:
    evh_buffer_clear(&names);
    return status;
}

/* ---- starting ---- */

evh_status evh_deployment_start(evh_deployment *deployment, bool *restored)
{
    evh_status status = evh_ok();
    struct evh_deployment_storage *s = deployment->storage;
    char path[EVH_PATH_BYTES_MAX];
    char published[EVH_PATH_BYTES_MAX];
    bool behind = false;
    size_t removed = 0;
    *restored = false;
    EVH_REQUIRE(s->store != NULL, EVH_ERR_ARG, "the deployment was opened for calls only");
    EVH_TRY(evh_path_resolve(path, s->config, evh_view_of_text(EVH_FILE_EPOCH)));
    EVH_TRY(evh_path_resolve(published, s->config, evh_view_of_text(EVH_FILE_PUBLISHED)));
    EVH_TRY(evh_log_confront(s->store, &deployment->self.log, published, true, &behind));
    EVH_TRY(evh_epoch_check(s->store, path, restored));
    *restored = *restored || behind;
    if (deployment->self.role != EVH_ROLE_COLLECTOR) {
        /* Without its secrets a round cannot be finished by anybody, and is voided for that. */
        if (*restored)
            EVH_TRY(evh_file_vault_destroy_all(s->vault));
        EVH_FAILPOINT("start-swept");
        EVH_TRY(evh_aggregator_sweep(&deployment->self));
        EVH_TRY(evh_deployment_tidy_vault(&deployment->self, s->vault, &removed));
    }
    EVH_TRY(evh_epoch_renew(s->store, path, &deployment->self.rng));
    s->started = true;
    /* A store that was put back may lack entries that others have: what it appends now could not be
     * reconciled with them. The next start logs what is missing. */
    if (deployment->self.role == EVH_ROLE_LEADER && !*restored)
        EVH_TRY(log_keys(deployment));
done:
    return status;
}

void evh_deployment_end(evh_deployment *deployment)
{
    struct evh_deployment_storage *s = deployment->storage;
    char path[EVH_PATH_BYTES_MAX];
    if (!s->started)
        return;
    evh_status status = evh_path_resolve(path, s->config, evh_view_of_text(EVH_FILE_EPOCH));
    if (status.code == EVH_OK)
        status = evh_epoch_renew(s->store, path, &deployment->self.rng);
    evh_status_discard(status, "the epoch that is there stays good: only copies made while the "
                               "process ran then look like the original");
}
