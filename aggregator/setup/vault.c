/* SPDX-License-Identifier: Apache-2.0
 * A file is "EVHv1\n", the name, the secrets, and SHA-256 of all that: a file that was cut or
 * damaged is not mistaken for secrets. */
#include "evenhand/aggregator/vault.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "evenhand/base/sizes.h"
#include "evenhand/files/files.h"
#include "evenhand/seal/hash.h"

static const char magic[] = "EVHv1\n";

enum {
    MAGIC_LEN = sizeof magic - 1,
    NAME_LEN = 32,
    HASH_LEN = EVH_SHA256_LEN,
    BODY_LEN = MAGIC_LEN + NAME_LEN + EVH_HPKE_KEY_LEN + 32 + 32,
    FILE_LEN = BODY_LEN + HASH_LEN,
    FILE_NAME_LEN = 2 * NAME_LEN,
    OTHERS_BYTES_MAX = 1 << 24
};

struct evh_file_vault {
    char folder[EVH_PATH_BYTES_MAX];
};

evh_status evh_file_vault_open(evh_file_vault **out, const char *folder)
{
    *out = NULL;
    evh_status status = evh_ok();
    struct stat found;
    char shown[EVH_PATH_SHORT_LEN];
    size_t len = strlen(folder);
    evh_path_short(shown, folder);
    EVH_REQUIRE(len > 0 && len + 1 + FILE_NAME_LEN < EVH_PATH_BYTES_MAX, EVH_ERR_KEY,
                "the path of the vault is empty or too long");
    EVH_REQUIRE(lstat(folder, &found) == 0, EVH_ERR_KEY,
                "cannot look into the vault %s: %s; make it: mkdir -m 700", shown, strerror(errno));
    EVH_REQUIRE(S_ISDIR(found.st_mode), EVH_ERR_KEY, "the vault %s is no folder", shown);
    EVH_REQUIRE(found.st_uid == geteuid(), EVH_ERR_KEY,
                "the vault %s belongs to another user: chown it", shown);
    EVH_REQUIRE((found.st_mode & 0077U) == 0, EVH_ERR_KEY,
                "the vault %s is open to other users: chmod 700", shown);
    EVH_TRY(evh_alloc(out, 1, sizeof **out, "vault"));
    memcpy((*out)->folder, folder, len + 1);
done:
    return status;
}

void evh_file_vault_close(evh_file_vault **vault)
{
    free(*vault);
    *vault = NULL;
}

static void path_of(const evh_file_vault *vault, const uint8_t name[NAME_LEN],
                    char path[EVH_PATH_BYTES_MAX + FILE_NAME_LEN + 2])
{
    char hex[FILE_NAME_LEN + 1];
    evh_hex_encode(hex, evh_view_of(name, NAME_LEN));
    (void)snprintf(path, EVH_PATH_BYTES_MAX + FILE_NAME_LEN + 2, "%s/%s", vault->folder, hex);
}

static evh_status cannot(const char *what, int error)
{
    return evh_fail(EVH_ERR_STORE, "cannot %s secrets of a round in the vault: %s; check the disk",
                    what, strerror(error));
}

static evh_status write_content(evh_buffer *out, const uint8_t name[NAME_LEN],
                                const evh_round_secrets *secrets)
{
    evh_status status = evh_ok();
    uint8_t hash[HASH_LEN];
    EVH_TRY(evh_buffer_append(out, evh_view_of(magic, MAGIC_LEN)));
    EVH_TRY(evh_buffer_append(out, evh_view_of(name, NAME_LEN)));
    EVH_TRY(evh_buffer_append(out, evh_view_of(secrets->hpke, sizeof secrets->hpke)));
    EVH_TRY(evh_buffer_append(out, evh_view_of(secrets->random.bytes, 32)));
    EVH_TRY(evh_buffer_append(out, evh_view_of(secrets->salt.bytes, 32)));
    EVH_TRY(evh_sha256(hash, evh_buffer_view(out)));
    EVH_TRY(evh_buffer_append(out, evh_view_of(hash, sizeof hash)));
done:
    evh_wipe(hash, sizeof hash);
    return status;
}

static evh_status read_content(evh_round_secrets *out, const uint8_t name[NAME_LEN], evh_view bytes)
{
    evh_status status = evh_ok();
    uint8_t hash[HASH_LEN];
    const uint8_t *at = bytes.data + MAGIC_LEN + NAME_LEN;
    EVH_REQUIRE(bytes.len == FILE_LEN, EVH_ERR_KEY, "secrets of a round are damaged in the vault");
    EVH_TRY(evh_sha256(hash, evh_view_of(bytes.data, BODY_LEN)));
    EVH_REQUIRE(evh_equal_ct(hash, bytes.data + BODY_LEN, HASH_LEN) &&
                    memcmp(bytes.data, magic, MAGIC_LEN) == 0 &&
                    memcmp(bytes.data + MAGIC_LEN, name, NAME_LEN) == 0,
                EVH_ERR_KEY, "secrets of a round are damaged in the vault");
    memcpy(out->hpke, at, sizeof out->hpke);
    memcpy(out->random.bytes, at + sizeof out->hpke, 32);
    memcpy(out->salt.bytes, at + sizeof out->hpke + 32, 32);
done:
    evh_wipe(hash, sizeof hash);
    return status;
}

/* What the operator can mend must not look like secrets that are gone: for these a round is void. */
static evh_status mendable(evh_status status)
{
    if (status.code == EVH_ERR_KEY)
        status.code = EVH_ERR_STORE;
    return evh_status_in(status, "vault");
}

static evh_status find(void *context, const uint8_t name[32], evh_round_secrets *out)
{
    const evh_file_vault *vault = context;
    evh_status status = evh_ok();
    struct stat found;
    char path[EVH_PATH_BYTES_MAX + FILE_NAME_LEN + 2];
    evh_buffer content = evh_buffer_init(FILE_LEN);
    memset(out, 0, sizeof *out);
    path_of(vault, name, path);
    if (lstat(path, &found) != 0) {
        status = errno == ENOENT ? evh_fail(EVH_ERR_KEY, "the vault has no secrets of the round")
                                 : cannot("find", errno);
        goto done;
    }
    EVH_TRY(mendable(evh_file_check_secret(path)));
    EVH_REQUIRE(found.st_size == FILE_LEN, EVH_ERR_KEY,
                "secrets of a round are damaged in the vault");
    EVH_TRY(mendable(evh_file_read_secret(&content, path)));
    EVH_TRY(read_content(out, name, evh_buffer_view(&content)));
done:
    evh_buffer_clear(&content);
    return status;
}

/* Keeping the same secrets again is a repetition after a crash; other ones under the same name
 * would lose those that the log already commits to. */
static evh_status keep(void *context, const uint8_t name[32], const evh_round_secrets *secrets)
{
    const evh_file_vault *vault = context;
    evh_status status = evh_ok();
    char path[EVH_PATH_BYTES_MAX + FILE_NAME_LEN + 2];
    evh_round_secrets there;
    evh_buffer content = evh_buffer_init(FILE_LEN);
    EVH_TRY(write_content(&content, name, secrets));
    path_of(vault, name, path);
    status = evh_file_create(path, evh_buffer_view(&content), EVH_FILE_OWNER_ONLY);
    if (status.code != EVH_ERR_ARG)
        goto done;
    EVH_TRY(find(context, name, &there));
    EVH_REQUIRE(evh_equal_ct(&there, secrets, sizeof there), EVH_ERR_ARG,
                "the vault has other secrets under this name");
done:
    evh_wipe(&there, sizeof there);
    evh_buffer_clear(&content);
    return status;
}

/* Zeros over the content, on the disk before the name goes. */
static evh_status overwrite(const char *path, bool *there)
{
    static const uint8_t zeros[FILE_LEN] = {0};
    evh_status status = evh_ok();
    int descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    *there = descriptor >= 0;
    if (descriptor < 0) {
        status = errno == ENOENT ? evh_ok() : cannot("open", errno);
        goto done;
    }
    if (pwrite(descriptor, zeros, sizeof zeros, 0) != (ssize_t)sizeof zeros ||
        fsync(descriptor) != 0)
        status = cannot("wipe", errno);
done:
    if (descriptor >= 0)
        (void)close(descriptor);
    return status;
}

static evh_status sync_folder(const evh_file_vault *vault)
{
    evh_status status = evh_ok();
    int descriptor = open(vault->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0 || fsync(descriptor) != 0)
        status = cannot("forget", errno);
    if (descriptor >= 0)
        (void)close(descriptor);
    return status;
}

static evh_status destroy_path(const evh_file_vault *vault, const char *path)
{
    evh_status status = evh_ok();
    bool there = false;
    EVH_TRY(overwrite(path, &there));
    if (there && unlink(path) != 0 && errno != ENOENT) {
        status = cannot("remove", errno);
        goto done;
    }
    if (there)
        EVH_TRY(sync_folder(vault));
done:
    return status;
}

static evh_status destroy(void *context, const uint8_t name[32])
{
    char path[EVH_PATH_BYTES_MAX + FILE_NAME_LEN + 2];
    path_of(context, name, path);
    return destroy_path(context, path);
}

evh_vault evh_file_vault_handle(evh_file_vault *vault)
{
    return (evh_vault){.keep = keep, .find = find, .destroy = destroy, .context = vault};
}

/* Every file is secrets of a round, a temporary one left by a crash included. */
static evh_status for_each(evh_file_vault *vault, bool wipe, size_t *count)
{
    evh_status status = evh_ok();
    char path[2 * EVH_PATH_BYTES_MAX];
    DIR *folder = opendir(vault->folder);
    *count = 0;
    if (folder == NULL) {
        status = cannot("list", errno);
        goto done;
    }
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (entry->d_name[0] == '.')
            continue;
        (*count)++;
        (void)snprintf(path, sizeof path, "%s/%s", vault->folder, entry->d_name);
        if (wipe)
            EVH_TRY(destroy_path(vault, path));
    }
done:
    if (folder != NULL)
        (void)closedir(folder);
    return status;
}

evh_status evh_file_vault_count(evh_file_vault *vault, size_t *count)
{
    return for_each(vault, false, count);
}

evh_status evh_file_vault_destroy_all(evh_file_vault *vault)
{
    size_t count = 0;
    return for_each(vault, true, &count);
}

/* ---- secrets without a round ---- */

/* Whether a file's name is that of secrets. */
static bool read_name(uint8_t name[NAME_LEN], const char *text)
{
    char again[FILE_NAME_LEN + 1];
    evh_status status = evh_hex_decode(name, NAME_LEN, evh_view_of_text(text));
    if (status.code != EVH_OK)
        return false;
    evh_hex_encode(again, evh_view_of(name, NAME_LEN));
    return strcmp(again, text) == 0;
}

static bool is_among(evh_view names, const uint8_t name[NAME_LEN])
{
    for (size_t at = 0; at + NAME_LEN <= names.len; at += NAME_LEN)
        if (memcmp(names.data + at, name, NAME_LEN) == 0)
            return true;
    return false;
}

/* Names first: what is read of a folder while files go is nobody's promise. */
static evh_status list_others(const evh_file_vault *vault, evh_buffer *others, evh_view names)
{
    evh_status status = evh_ok();
    uint8_t name[NAME_LEN];
    DIR *folder = opendir(vault->folder);
    if (folder == NULL) {
        status = cannot("list", errno);
        goto done;
    }
    errno = 0;
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (read_name(name, entry->d_name) && !is_among(names, name))
            EVH_TRY(evh_buffer_append(others, evh_view_of(name, sizeof name)));
        errno = 0;
    }
    if (errno != 0)
        status = cannot("list", errno);
done:
    if (folder != NULL)
        (void)closedir(folder);
    return status;
}

evh_status evh_file_vault_retain(evh_file_vault *vault, evh_view names, size_t *removed)
{
    evh_buffer others = evh_buffer_init(OTHERS_BYTES_MAX);
    evh_status status = evh_ok();
    *removed = 0;
    EVH_REQUIRE(names.len % NAME_LEN == 0, EVH_ERR_ARG, "names of %zu bytes", names.len);
    EVH_TRY(list_others(vault, &others, names));
    for (size_t at = 0; at < others.len; at += NAME_LEN) {
        EVH_TRY(destroy(vault, others.data + at));
        (*removed)++;
    }
done:
    evh_buffer_clear(&others);
    return status;
}

evh_status evh_file_vault_check(evh_file_vault *vault, evh_view names)
{
    evh_round_secrets secrets;
    evh_status status = evh_ok();
    EVH_REQUIRE(names.len % NAME_LEN == 0, EVH_ERR_ARG, "names of %zu bytes", names.len);
    for (size_t at = 0; at < names.len; at += NAME_LEN) {
        status = find(vault, names.data + at, &secrets);
        if (status.code == EVH_ERR_KEY)
            status = evh_ok();
        EVH_TRY(status);
    }
done:
    evh_wipe(&secrets, sizeof secrets);
    return status;
}
