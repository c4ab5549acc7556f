/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands_internal.h"
#include "evenhand/base/failpoint.h"
#include "evenhand/base/limits.h"
#include "evenhand/files/files.h"
#include "evenhand/json/writer.h"
#include "evenhand/seal/signing.h"
#include "keys_internal.h"

#define ORDER_PREFIX "evenhand-order-1 "

enum { PATH_LEN = EVH_PATH_BYTES_MAX + 16 };

static evh_status beside(char out[PATH_LEN], const char *path, const char *end)
{
    int len = snprintf(out, PATH_LEN, "%s%s", path, end);
    return len > 0 && len < EVH_PATH_BYTES_MAX
               ? evh_ok()
               : evh_fail(EVH_ERR_ARG, "a path of more than %d bytes", EVH_PATH_BYTES_MAX - 1);
}

evh_status evh_order_secret_read(evh_seed32 *out, const char *signing_key_path)
{
    evh_status status = evh_ok();
    char path[PATH_LEN];
    evh_buffer text = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    evh_buffer bytes = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    evh_view rest = evh_view_of(NULL, 0);
    const size_t prefix = strlen(ORDER_PREFIX);
    EVH_TRY(beside(path, signing_key_path, ".order"));
    EVH_TRY(evh_file_read_secret(&text, path));
    rest = evh_view_trim(evh_buffer_view(&text));
    EVH_REQUIRE(rest.len > prefix && memcmp(rest.data, ORDER_PREFIX, prefix) == 0, EVH_ERR_KEY,
                "the ordering secret beside the signing key is not one that keygen made");
    status = evh_base64_decode(&bytes, evh_view_of(rest.data + prefix, rest.len - prefix));
    EVH_REQUIRE(status.code == EVH_OK && bytes.len == sizeof out->bytes, EVH_ERR_KEY,
                "the ordering secret beside the signing key is damaged");
    memcpy(out->bytes, bytes.data, sizeof out->bytes);

done:
    evh_buffer_clear(&text);
    evh_buffer_clear(&bytes);
    return status;
}

static evh_status write_order_secret(const char *path, const evh_rng *rng)
{
    evh_status status = evh_ok();
    evh_seed32 seed;
    evh_buffer text = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    EVH_TRY(evh_rng_fill(rng, seed.bytes, sizeof seed.bytes));
    EVH_TRY(evh_buffer_append(&text, evh_view_of_text(ORDER_PREFIX)));
    EVH_TRY(evh_base64_encode(&text, evh_view_of(seed.bytes, sizeof seed.bytes)));
    EVH_TRY(evh_buffer_u8(&text, '\n'));
    EVH_TRY(evh_file_create(path, evh_buffer_view(&text), EVH_FILE_OWNER_ONLY));

done:
    evh_wipe(&seed, sizeof seed);
    evh_buffer_clear(&text);
    return status;
}

/* ---- made once, whatever happens in between ---- */

static evh_status read_key(evh_signing_key *key, const char *path)
{
    evh_status status = evh_ok();
    evh_buffer text = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    EVH_TRY(evh_file_read_secret(&text, path));
    EVH_TRY(evh_signing_key_parse(key, evh_buffer_view(&text)));

done:
    evh_buffer_clear(&text);
    return status;
}

static evh_status write_key(const evh_signing_key *key, const char *path)
{
    evh_status status = evh_ok();
    evh_buffer text = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    EVH_TRY(evh_signing_key_format(&text, key));
    EVH_TRY(evh_file_create(path, evh_buffer_view(&text), EVH_FILE_OWNER_ONLY));

done:
    evh_buffer_clear(&text);
    return status;
}

/* The ordering secret first: a key that is there has one. */
static evh_status make_key(evh_signing_key *key, const char *path, const char *order, evh_view name,
                           const evh_rng *rng)
{
    evh_status status = evh_ok();
    if (access(order, F_OK) != 0)
        EVH_TRY(write_order_secret(order, rng));
    EVH_FAILPOINT("enrol-order");
    EVH_TRY(evh_signing_key_generate(key, EVH_IDENTITY_ED25519, name, rng));
    EVH_TRY(write_key(key, path));

done:
    return status;
}

evh_status evh_keys_ensure(evh_signing_key *key, const char *path, evh_view name,
                           const evh_rng *rng)
{
    evh_status status = evh_ok();
    evh_seed32 secret;
    char order[PATH_LEN], public[PATH_LEN];
    evh_buffer verifier = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    EVH_TRY(beside(order, path, ".order"));
    EVH_TRY(beside(public, path, ".pub"));
    if (access(path, F_OK) != 0)
        EVH_TRY(make_key(key, path, order, name, rng));
    else
        EVH_TRY(read_key(key, path));
    EVH_REQUIRE(evh_view_equal(evh_view_of_text(key->identity.name), name), EVH_ERR_KEY,
                "the signing key that is there is not this invitation's: its name must be %.*s",
                (int)name.len, (const char *)name.data);
    EVH_TRY(evh_order_secret_read(&secret, path));
    EVH_TRY(evh_identity_format(&verifier, &key->identity));
    if (access(public, F_OK) != 0)
        EVH_TRY(evh_file_create(public, evh_buffer_view(&verifier), EVH_FILE_SHARED));

done:
    evh_wipe(&secret, sizeof secret);
    evh_buffer_clear(&verifier);
    return status;
}

static evh_status show_made(evh_cli *cli, const char *path, evh_view verifier)
{
    evh_status status = evh_ok();
    evh_buffer out = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    evh_json json = evh_json_writer(&out);
    if (cli->common.json) {
        evh_json_object_open(&json, NULL);
        evh_json_text(&json, "signing_key", path);
        evh_json_view(&json, "identity", verifier);
        evh_json_close(&json);
        EVH_TRY(evh_json_end(&json));
    } else {
        EVH_TRY(evh_buffer_append(&out, verifier));
        EVH_TRY(evh_buffer_u8(&out, '\n'));
    }
    EVH_TRY(evh_cli_write(cli, evh_buffer_view(&out)));
    evh_cli_note(cli,
                 "Made %s and %s.order (secret: keep both, back both up) and %s.pub.\n"
                 "The line on standard output is your identity; it is public.",
                 path, path, path);

done:
    evh_buffer_clear(&out);
    return status;
}

evh_status evh_command_keygen(evh_cli *cli, void *own)
{
    evh_status status = evh_ok();
    const evh_keygen_options *options = own;
    const evh_rng rng = evh_rng_os();
    evh_signing_key key = {.secret = NULL};
    evh_buffer secret = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    evh_buffer verifier = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    char path[PATH_LEN], order[PATH_LEN], public[PATH_LEN];
    EVH_REQUIRE(cli->argument_count == 1, EVH_ERR_ARG, "expected one name, the customer's: %s NAME",
                cli->command->name);
    EVH_TRY(evh_signing_key_generate(&key, EVH_IDENTITY_ED25519,
                                     evh_view_of_text(cli->arguments[0]), &rng));
    EVH_TRY(beside(path, options->out != NULL ? options->out : cli->arguments[0],
                   options->out != NULL ? "" : ".ed25519"));
    EVH_TRY(beside(order, path, ".order"));
    EVH_TRY(beside(public, path, ".pub"));
    EVH_TRY(evh_signing_key_format(&secret, &key));
    EVH_TRY(evh_identity_format(&verifier, &key.identity));
    EVH_TRY(evh_file_create(path, evh_buffer_view(&secret), EVH_FILE_OWNER_ONLY));
    EVH_TRY(write_order_secret(order, &rng));
    EVH_TRY(evh_file_create(public, evh_buffer_view(&verifier), EVH_FILE_SHARED));
    EVH_TRY(show_made(cli, path, evh_buffer_view(&verifier)));

done:
    evh_buffer_clear(&secret);
    evh_buffer_clear(&verifier);
    evh_signing_key_clear(&key);
    if (status.code == EVH_ERR_LENGTH || status.code == EVH_ERR_ENCODING)
        status.code = EVH_ERR_ARG; /* the name came from the command line */
    return status;
}

evh_status evh_keygen_set(void *own, int key, const char *value)
{
    evh_keygen_options *options = own;
    (void)key;
    options->out = value;
    return evh_ok();
}
