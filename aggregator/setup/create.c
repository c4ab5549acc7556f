/* SPDX-License-Identifier: Apache-2.0
 * A folder is made under another name and renamed when it is whole: nothing half made is ever
 * mistaken for a deployment. */
#include "evenhand/aggregator/create.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "certificates_internal.h"
#include "evenhand/base/failpoint.h"
#include "evenhand/base/limits.h"
#include "evenhand/store/sqlite.h"

enum { MS_PER_S = 1000 };

typedef struct making {
    char folder[EVH_PATH_BYTES_MAX]; /* with '/' at its end: a path to resolve names beside */
    const evh_settings *settings;
    const evh_rng *rng;
    int64_t now_s;
    evh_signing_key identity, note;
    evh_key_ring *ring;
    evh_introduction introduction;
} making;

static evh_status write_file(const making *m, const char *name, const evh_buffer *content,
                             evh_file_access access)
{
    char path[EVH_PATH_BYTES_MAX];
    evh_status status = evh_path_resolve(path, m->folder, evh_view_of_text(name));
    return status.code == EVH_OK ? evh_file_create(path, evh_buffer_view(content), access) : status;
}

static evh_status write_pair(const making *m, const char *cert, const char *key,
                             const evh_pem_pair *pair)
{
    evh_status status = write_file(m, cert, &pair->cert, EVH_FILE_SHARED);
    return status.code == EVH_OK ? write_file(m, key, &pair->key, EVH_FILE_OWNER_ONLY) : status;
}

static evh_status make_folder(const making *m, const char *name)
{
    char path[EVH_PATH_BYTES_MAX];
    evh_status status = evh_path_resolve(path, m->folder, evh_view_of_text(name));
    return status.code == EVH_OK ? evh_folder_make(path) : status;
}

/* ---- keys ---- */

/* A key named after the party, with an ending for its second one. */
static evh_status make_signing(const making *m, evh_signing_key *out, evh_identity_type type,
                               const char *ending, const char *file)
{
    evh_status status = evh_ok();
    char name[EVH_PARTY_NAME_BYTES_MAX + 16];
    evh_buffer text = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    (void)snprintf(name, sizeof name, "%s%s", m->settings->name, ending);
    EVH_TRY(evh_signing_key_generate(out, type, evh_view_of_text(name), m->rng));
    EVH_TRY(evh_signing_key_format(&text, out));
    EVH_TRY(write_file(m, file, &text, EVH_FILE_OWNER_ONLY));
done:
    evh_buffer_clear(&text);
    return status;
}

static evh_status make_collector_key(making *m)
{
    evh_status status = evh_ok();
    evh_key_config config = {.suite = evh_hpke_suite_aes128gcm()};
    evh_hpke_secret_key *secret = NULL;
    evh_key_id id;
    evh_buffer text = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    evh_buffer signed_key = evh_buffer_init(EVH_SIGNED_KEY_LEN);
    EVH_TRY(evh_key_ring_new(&m->ring));
    EVH_TRY(evh_hpke_key_generate(&secret, &config.key, m->rng));
    EVH_TRY(evh_key_ring_add_take(m->ring, &id, config.suite, &secret));
    EVH_TRY(evh_collector_keys_write(&text, m->ring, &id, 1));
    EVH_TRY(write_file(m, EVH_FILE_COLLECTOR_KEYS, &text, EVH_FILE_OWNER_ONLY));
    EVH_TRY(evh_key_config_sign(&signed_key, &config, &m->identity));
    memcpy(m->introduction.signed_key, signed_key.data, sizeof m->introduction.signed_key);
done:
    evh_hpke_secret_key_free(&secret);
    evh_buffer_clear(&text);
    evh_buffer_clear(&signed_key);
    return status;
}

static evh_status make_keys(making *m)
{
    evh_status status = evh_ok();
    evh_introduction *in = &m->introduction;
    EVH_TRY(make_folder(m, "keys"));
    EVH_TRY(make_signing(m, &m->identity, EVH_IDENTITY_ED25519, "", EVH_FILE_IDENTITY));
    in->identity = m->identity.identity;
    if (m->settings->role == EVH_ROLE_LEADER) {
        EVH_TRY(make_signing(m, &m->note, EVH_IDENTITY_ED25519, "/log", EVH_FILE_LOG_KEY));
        in->log = m->note.identity;
    } else if (m->settings->role == EVH_ROLE_HELPER) {
        EVH_TRY(
            make_signing(m, &m->note, EVH_IDENTITY_COSIGNATURE, "/witness", EVH_FILE_WITNESS_KEY));
        in->witness = m->note.identity;
    } else {
        EVH_TRY(make_collector_key(m));
    }
done:
    return status;
}

/* ---- certificates ---- */

static evh_status make_server_side(making *m, evh_pem_pair *authority, evh_pem_pair *pair)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_make_authority(authority, m->settings, m->now_s));
    EVH_TRY(write_pair(m, EVH_FILE_CA, EVH_FILE_CA_KEY, authority));
    EVH_TRY(evh_buffer_append(&m->introduction.ca_pem, evh_buffer_view(&authority->cert)));
    EVH_TRY(evh_make_server(pair, m->settings, authority, m->now_s));
    EVH_TRY(write_pair(m, EVH_FILE_SERVER, EVH_FILE_SERVER_KEY, pair));
    evh_pem_pair_clear(pair);
    EVH_TRY(evh_make_operator(pair, m->settings, authority, m->now_s));
    EVH_TRY(write_pair(m, EVH_FILE_OPERATOR, EVH_FILE_OPERATOR_KEY, pair));
done:
    return status;
}

static evh_status make_certificates(making *m)
{
    evh_status status = evh_ok();
    evh_pem_pair authority;
    evh_pem_pair pair;
    evh_pem_pair_init(&authority);
    evh_pem_pair_init(&pair);
    EVH_TRY(make_folder(m, "tls"));
    if (m->settings->role != EVH_ROLE_COLLECTOR)
        EVH_TRY(make_server_side(m, &authority, &pair));
    evh_pem_pair_clear(&pair);
    EVH_TRY(evh_make_client(&pair, m->settings, m->now_s));
    EVH_TRY(write_pair(m, EVH_FILE_CLIENT, EVH_FILE_CLIENT_KEY, &pair));
    EVH_TRY(evh_buffer_append(&m->introduction.client_pem, evh_buffer_view(&pair.cert)));
done:
    evh_pem_pair_clear(&authority);
    evh_pem_pair_clear(&pair);
    return status;
}

/* ---- the rest ---- */

static evh_status make_store(const making *m)
{
    evh_status status = evh_ok();
    char path[EVH_PATH_BYTES_MAX];
    evh_store *store = NULL;
    EVH_TRY(evh_path_resolve(path, m->folder, evh_view_of_text(m->settings->store)));
    EVH_TRY(evh_store_sqlite_create(&store, path));
    EVH_TRY(evh_path_resolve(path, m->folder, evh_view_of_text(EVH_FILE_EPOCH)));
    EVH_TRY(evh_epoch_renew(store, path, m->rng));
done:
    evh_store_close(&store);
    return status;
}

static evh_status make_texts(making *m)
{
    evh_status status = evh_ok();
    evh_buffer text = evh_buffer_init(EVH_PLAN_BYTES_MAX);
    evh_introduction *in = &m->introduction;
    in->role = m->settings->role;
    memcpy(in->name, m->settings->name, sizeof in->name);
    memcpy(in->address, m->settings->address, sizeof in->address);
    EVH_TRY(evh_introduction_write(&text, in, &m->identity));
    EVH_TRY(write_file(m, EVH_FILE_INTRODUCTION, &text, EVH_FILE_SHARED));
    evh_buffer_clear(&text);
    EVH_TRY(evh_settings_format(&text, m->settings));
    EVH_TRY(write_file(m, EVH_FILE_SETTINGS, &text, EVH_FILE_SHARED));
done:
    evh_buffer_clear(&text);
    return status;
}

static evh_status make_all(making *m)
{
    evh_status status = evh_ok();
    EVH_TRY(make_keys(m));
    EVH_TRY(make_certificates(m));
    EVH_TRY(make_folder(m, "peers"));
    if (m->settings->role == EVH_ROLE_COLLECTOR)
        EVH_TRY(make_folder(m, m->settings->results));
    else
        EVH_TRY(make_folder(m, m->settings->vault));
    EVH_TRY(make_store(m));
    EVH_TRY(make_texts(m));
done:
    return status;
}

/* ---- the folder ---- */

static bool is_taken(const char *folder)
{
    bool taken = false;
    DIR *opened = opendir(folder);
    if (opened == NULL)
        return evh_file_exists(folder);
    for (const struct dirent *entry = readdir(opened); entry != NULL; entry = readdir(opened))
        taken = taken || (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0);
    (void)closedir(opened);
    return taken;
}

/* What this call has made itself: files, and folders of files. */
static void remove_folder(const char *folder, unsigned depth)
{
    char path[2 * EVH_PATH_BYTES_MAX];
    DIR *opened = opendir(folder);
    if (opened == NULL)
        return;
    for (const struct dirent *entry = readdir(opened); entry != NULL; entry = readdir(opened)) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (unlink(path) != 0 && depth > 0)
            remove_folder(path, depth - 1);
    }
    (void)closedir(opened);
    (void)rmdir(folder);
}

/* Without the slashes at its end, which would put ".partial" into the folder. */
static evh_status plain_path(char out[EVH_PATH_BYTES_MAX], const char *folder)
{
    size_t len = strlen(folder);
    while (len > 1 && folder[len - 1] == '/')
        len--;
    if (len == 0 || len + sizeof ".partial/" > EVH_PATH_BYTES_MAX)
        return evh_fail(EVH_ERR_ARG, "the path of the folder is empty or too long");
    memcpy(out, folder, len);
    out[len] = '\0';
    return evh_ok();
}

static evh_status give_name(const char *partial, const char *folder)
{
    char shown[EVH_PATH_SHORT_LEN];
    evh_path_short(shown, folder);
    if (rename(partial, folder) != 0)
        return evh_fail(EVH_ERR_STORE, "cannot make %s: %s; choose a folder that is not there yet",
                        shown, strerror(errno));
    return evh_folder_sync(folder);
}

evh_status evh_deployment_create(const char *folder, const evh_settings *settings,
                                 const evh_clock *clock, const evh_rng *rng)
{
    evh_status status = evh_ok();
    making m = {.settings = settings,
                .rng = rng,
                .now_s = evh_clock_wall_ms(clock) / MS_PER_S,
                .introduction = evh_introduction_init()};
    char plain[EVH_PATH_BYTES_MAX];
    char partial[EVH_PATH_BYTES_MAX] = "";
    char shown[EVH_PATH_SHORT_LEN];
    bool made = false;
    EVH_TRY(plain_path(plain, folder));
    evh_path_short(shown, plain);
    EVH_REQUIRE(!is_taken(plain), EVH_ERR_ARG,
                "%s exists and is not empty: nothing is ever overwritten", shown);
    (void)snprintf(partial, sizeof partial, "%.*s.partial", EVH_PATH_BYTES_MAX - 16, plain);
    (void)snprintf(m.folder, sizeof m.folder, "%.*s/", EVH_PATH_BYTES_MAX - 4, partial);
    EVH_REQUIRE(!evh_file_exists(partial), EVH_ERR_ARG,
                "an init of it was cut off: remove %s.partial and repeat", shown);
    EVH_TRY(evh_folder_make(partial));
    made = true;
    EVH_TRY(make_all(&m));
    EVH_FAILPOINT("init-made");
    EVH_TRY(give_name(partial, plain));
    made = false;
done:
    if (made)
        remove_folder(partial, 1);
    evh_signing_key_clear(&m.identity);
    evh_signing_key_clear(&m.note);
    evh_key_ring_free(&m.ring);
    evh_introduction_clear(&m.introduction);
    return status;
}
