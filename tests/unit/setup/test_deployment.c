/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "evenhand/files/files.h"
#include "evenhand/translog/translog.h"
#include "fixture.h"
#include "support/test.h"
#include "tests.h"

static uint64_t log_size(evh_deployment *d)
{
    uint64_t size = 0;
    assert_ok(evh_store_begin(d->self.store));
    assert_ok(evh_translog_size(d->self.store, &size));
    evh_store_rollback(d->self.store);
    return size;
}

/* Opens, starts, and closes; gives what start said. */
static bool start_says_restored(fixture *f, const char *folder, uint64_t *size)
{
    evh_deployment *d = NULL;
    bool restored = false;
    assert_ok(open_in(f, folder, EVH_DEPLOYMENT_RUN, &d));
    assert_ok(evh_deployment_start(d, &restored));
    if (size != NULL)
        *size = log_size(d);
    evh_deployment_close(&d);
    return restored;
}

static void test_deployment_open_three(void **state)
{
    fixture *f = *state;
    evh_deployment *d = NULL;
    evh_rpc_client_options options;
    make_three(f);
    assert_fails_with(open_in(f, f->leader, EVH_DEPLOYMENT_RUN, &d), EVH_ERR_INPUT,
                      "helper is not known yet");
    assert_null(d);
    pair_three(f);
    assert_ok(open_in(f, f->leader, EVH_DEPLOYMENT_RUN, &d));
    assert_int_equal(d->self.role, EVH_ROLE_LEADER);
    assert_string_equal(d->self.log.name, "leader.example/log");
    assert_true(evh_identity_equal(&d->self.signing->identity, &d->leader.identity));
    assert_true(evh_identity_equal(&d->self.note_key->identity, &d->self.log));
    assert_int_equal(d->self.witness.type, EVH_IDENTITY_COSIGNATURE);
    assert_ok(evh_deployment_client(d, EVH_ROLE_HELPER, &options));
    assert_string_equal(options.target, d->helper.address);
    assert_fails(evh_deployment_client(d, EVH_ROLE_LEADER, &options), EVH_ERR_ARG);
    assert_fails(evh_deployment_client(d, EVH_ROLE_OPERATOR, &options), EVH_ERR_ARG);
    evh_deployment_close(&d);
    assert_ok(open_in(f, f->collector, EVH_DEPLOYMENT_RUN, &d));
    assert_non_null(d->collector_keys);
    assert_null(d->self.note_key);
    assert_int_equal(d->server.cert_pem.len, 0);
    assert_ok(evh_deployment_client(d, EVH_ROLE_LEADER, &options));
    evh_deployment_close(&d);
}

static void test_deployment_open_for_calls(void **state)
{
    fixture *f = *state;
    evh_deployment *d = NULL;
    evh_deployment *second = NULL;
    evh_rpc_client_options options;
    bool restored = true;
    make_three(f);
    assert_ok(open_in(f, f->leader, EVH_DEPLOYMENT_CALL, &d));
    assert_ok(evh_deployment_client(d, EVH_ROLE_OPERATOR, &options));
    assert_string_equal(options.target, "127.0.0.1:8443");
    assert_string_equal(options.server_name, "127.0.0.1");
    assert_fails(evh_deployment_client(d, EVH_ROLE_HELPER, &options), EVH_ERR_ARG);
    assert_fails(evh_deployment_start(d, &restored), EVH_ERR_ARG);
    evh_deployment_close(&d);
    assert_fails_with(open_in(f, f->collector, EVH_DEPLOYMENT_CALL, &d), EVH_ERR_INPUT,
                      "collector");
    /* While a process has the store, calls go on and a second process does not. */
    pair_three(f);
    assert_ok(open_in(f, f->leader, EVH_DEPLOYMENT_RUN, &d));
    assert_ok(evh_deployment_start(d, &restored));
    assert_fails(open_in(f, f->leader, EVH_DEPLOYMENT_RUN, &second), EVH_ERR_STORE);
    assert_ok(open_in(f, f->leader, EVH_DEPLOYMENT_CALL, &second));
    evh_deployment_close(&second);
    evh_deployment_close(&d);
}

static void test_deployment_peer_by_fingerprint(void **state)
{
    fixture *f = *state;
    evh_deployment *d = NULL;
    evh_rpc_peer peer = {.uri = "evenhand:helper/helper.example"};
    make_three(f);
    pair_three(f);
    assert_ok(open_in(f, f->leader, EVH_DEPLOYMENT_RUN, &d));
    assert_int_equal(evh_deployment_peer(d, &peer), 0);
    memcpy(peer.fingerprint, d->helper.client_fingerprint, sizeof peer.fingerprint);
    assert_int_equal(evh_deployment_peer(d, &peer), EVH_ROLE_HELPER);
    memcpy(peer.fingerprint, d->collector.client_fingerprint, sizeof peer.fingerprint);
    assert_int_equal(evh_deployment_peer(d, &peer), EVH_ROLE_COLLECTOR);
    memcpy(peer.fingerprint, d->leader.client_fingerprint, sizeof peer.fingerprint);
    assert_int_equal(evh_deployment_peer(d, &peer), 0);
    evh_deployment_close(&d);
}

static void test_deployment_start_logs_the_keys_once(void **state)
{
    fixture *f = *state;
    uint64_t size = 0;
    make_three(f);
    pair_three(f);
    assert_false(start_says_restored(f, f->leader, &size));
    assert_int_equal(size, 1);
    assert_false(start_says_restored(f, f->leader, &size));
    assert_int_equal(size, 1);
    assert_false(start_says_restored(f, f->helper, &size));
    assert_int_equal(size, 0);
    assert_false(start_says_restored(f, f->collector, &size));
}

static void copy_file(const char *from, const char *to)
{
    evh_buffer bytes = evh_buffer_init(1 << 24);
    assert_ok(evh_file_read(&bytes, from));
    assert_ok(evh_file_replace(to, evh_buffer_view(&bytes), EVH_FILE_OWNER_ONLY));
    evh_buffer_clear(&bytes);
}

static void test_deployment_start_knows_a_restored_store(void **state)
{
    fixture *f = *state;
    make_three(f);
    pair_three(f);
    assert_false(start_says_restored(f, f->helper, NULL));
    copy_file(path_in(f->helper, "store.db").text, path_in(f->dir, "copy").text);
    assert_false(start_says_restored(f, f->helper, NULL));
    copy_file(path_in(f->dir, "copy").text, path_in(f->helper, "store.db").text);
    assert_true(start_says_restored(f, f->helper, NULL));
    assert_false(start_says_restored(f, f->helper, NULL));
    /* Without the file, or with another text in it, nobody knows. */
    assert_int_equal(unlink(path_in(f->helper, "epoch").text), 0);
    assert_true(start_says_restored(f, f->helper, NULL));
    write_text(path_in(f->helper, "epoch").text, "not hexadecimal\n");
    assert_true(start_says_restored(f, f->helper, NULL));
    assert_false(start_says_restored(f, f->helper, NULL));
}

/* Secrets of a round that never came to be go at the next start, others never. */
static void test_deployment_start_removes_secrets_without_a_round(void **state)
{
    fixture *f = *state;
    const uint8_t live[32] = {1};
    const uint8_t orphan[32] = {2};
    const evh_round_secrets secrets = {.hpke = {3}};
    evh_round_secrets found;
    evh_deployment *d = NULL;
    bool restored = true;
    make_three(f);
    pair_three(f);
    assert_ok(open_in(f, f->helper, EVH_DEPLOYMENT_RUN, &d));
    assert_ok(d->self.vault.keep(d->self.vault.context, live, &secrets));
    assert_ok(d->self.vault.keep(d->self.vault.context, orphan, &secrets));
    store_prepared(d->self.store, live);
    assert_ok(evh_deployment_start(d, &restored));
    assert_false(restored);
    assert_ok(d->self.vault.find(d->self.vault.context, live, &found));
    assert_fails(d->self.vault.find(d->self.vault.context, orphan, &found), EVH_ERR_KEY);
    assert_ok(d->self.vault.keep(d->self.vault.context, orphan, &secrets));
    evh_deployment_close(&d);
    /* With a record that cannot be read nobody knows what is needed: nothing goes. */
    assert_ok(open_in(f, f->helper, EVH_DEPLOYMENT_RUN, &d));
    assert_ok(evh_store_begin(d->self.store));
    assert_ok(evh_store_put(d->self.store, EVH_STORE_META, view_of_literal("prepared-two"),
                            view_of_literal("\x1a\x20")));
    assert_ok(evh_store_commit(d->self.store));
    assert_true(evh_deployment_start(d, &restored).code != EVH_OK);
    assert_ok(d->self.vault.find(d->self.vault.context, live, &found));
    assert_ok(d->self.vault.find(d->self.vault.context, orphan, &found));
    evh_deployment_close(&d);
}

/* Secrets that are needed and open to others: the operator is told before anything is served. */
static void test_deployment_start_refuses_an_open_file(void **state)
{
    fixture *f = *state;
    const uint8_t live[32] = {1};
    const evh_round_secrets secrets = {.hpke = {3}};
    evh_deployment *d = NULL;
    bool restored = true;
    make_three(f);
    pair_three(f);
    assert_ok(open_in(f, f->helper, EVH_DEPLOYMENT_RUN, &d));
    assert_ok(d->self.vault.keep(d->self.vault.context, live, &secrets));
    store_prepared(d->self.store, live);
    const file_path path = path_in(
        f->helper, "vault/0100000000000000000000000000000000000000000000000000000000000000");
    assert_int_equal(chmod(path.text, 0640), 0);
    assert_fails_with(evh_deployment_start(d, &restored), EVH_ERR_STORE, "chmod 600");
    assert_int_equal(chmod(path.text, 0600), 0);
    assert_ok(evh_deployment_start(d, &restored));
    evh_deployment_close(&d);
}

static void test_deployment_start_confronts_published(void **state)
{
    fixture *f = *state;
    evh_deployment *d = NULL;
    evh_buffer note = evh_buffer_init(1 << 16);
    uint64_t size = 0;
    bool restored = true;
    make_three(f);
    pair_three(f);
    copy_file(path_in(f->leader, "store.db").text, path_in(f->dir, "copy").text);
    copy_file(path_in(f->leader, "epoch").text, path_in(f->dir, "copied-epoch").text);
    assert_ok(open_in(f, f->leader, EVH_DEPLOYMENT_RUN, &d));
    assert_ok(evh_deployment_start(d, &restored));
    assert_ok(evh_store_begin(d->self.store));
    assert_ok(evh_translog_publish(d->self.store, d->self.note_key));
    assert_ok(evh_translog_newest(d->self.store, false, &note, &size));
    assert_ok(evh_store_commit(d->self.store));
    assert_ok(d->self.published.keep(d->self.published.context, evh_buffer_view(&note)));
    evh_deployment_close(&d);
    /* Store and epoch go back together, as in a snapshot of a disk: the checkpoint tells. */
    copy_file(path_in(f->dir, "copy").text, path_in(f->leader, "store.db").text);
    copy_file(path_in(f->dir, "copied-epoch").text, path_in(f->leader, "epoch").text);
    assert_true(start_says_restored(f, f->leader, &size));
    assert_int_equal(size, 0);
    write_text(path_in(f->leader, "published").text, "no note\n");
    assert_ok(open_in(f, f->leader, EVH_DEPLOYMENT_RUN, &d));
    assert_int_not_equal(evh_deployment_start(d, &restored).code, EVH_OK);
    evh_deployment_close(&d);
    evh_buffer_clear(&note);
}

static void test_deployment_pair_refuses(void **state)
{
    fixture *f = *state;
    evh_pairing pairing = EVH_PAIRING_SAME;
    char other[300];
    const evh_settings helper = settings_of(EVH_ROLE_HELPER, "helper.example");
    const evh_settings twin = settings_of(EVH_ROLE_COLLECTOR, "helper.example");
    make_three(f);
    assert_fails_with(pair_with(f, f->leader, f->leader, &pairing), EVH_ERR_INPUT, "of a leader");
    assert_ok(pair_with(f, f->leader, f->helper, &pairing));
    assert_int_equal(pairing, EVH_PAIRING_NEW);
    assert_ok(pair_with(f, f->leader, f->helper, &pairing));
    assert_int_equal(pairing, EVH_PAIRING_SAME);
    /* Somebody else with the same name. */
    (void)snprintf(other, sizeof other, "%s/other", f->dir);
    assert_ok(evh_deployment_create(other, &helper, &f->clock, &f->rng));
    assert_fails_with(pair_with(f, f->leader, other, &pairing), EVH_ERR_INPUT, "another helper");
    (void)snprintf(other, sizeof other, "%s/twin", f->dir);
    assert_ok(evh_deployment_create(other, &twin, &f->clock, &f->rng));
    assert_fails_with(pair_with(f, f->leader, other, &pairing), EVH_ERR_INPUT, "must be two");
    assert_false(evh_file_exists(path_in(f->leader, "peers/collector.yaml").text));
    assert_fails(pair_with(f, f->leader, f->dir, &pairing), EVH_ERR_INPUT);
}

static void test_deployment_create_overwrites_nothing(void **state)
{
    fixture *f = *state;
    const evh_settings leader = settings_of(EVH_ROLE_LEADER, "leader.example");
    struct stat found;
    assert_ok(evh_folder_make(f->leader));
    write_text(path_in(f->leader, "mine").text, "mine");
    assert_fails_with(evh_deployment_create(f->leader, &leader, &f->clock, &f->rng), EVH_ERR_ARG,
                      "not empty");
    assert_int_equal(unlink(path_in(f->leader, "mine").text), 0);
    assert_ok(evh_folder_make(path_in(f->dir, "leader.partial").text));
    assert_fails_with(evh_deployment_create(f->leader, &leader, &f->clock, &f->rng), EVH_ERR_ARG,
                      ".partial");
    assert_int_equal(rmdir(path_in(f->dir, "leader.partial").text), 0);
    /* An empty folder is taken, whatever its permissions were. */
    assert_int_equal(chmod(f->leader, 0755), 0);
    assert_ok(evh_deployment_create(f->leader, &leader, &f->clock, &f->rng));
    assert_int_equal(stat(f->leader, &found), 0);
    assert_int_equal(found.st_mode & 07777U, 0700);
    assert_false(evh_file_exists(path_in(f->dir, "leader.partial").text));
    assert_fails(
        evh_deployment_create(path_in(f->dir, "no/such").text, &leader, &f->clock, &f->rng),
        EVH_ERR_STORE);
}

int run_deployment_tests(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(test_deployment_open_three),
        WITH_FIXTURE(test_deployment_open_for_calls),
        WITH_FIXTURE(test_deployment_peer_by_fingerprint),
        WITH_FIXTURE(test_deployment_start_logs_the_keys_once),
        WITH_FIXTURE(test_deployment_start_knows_a_restored_store),
        WITH_FIXTURE(test_deployment_start_confronts_published),
        WITH_FIXTURE(test_deployment_start_removes_secrets_without_a_round),
        WITH_FIXTURE(test_deployment_start_refuses_an_open_file),
        WITH_FIXTURE(test_deployment_pair_refuses),
        WITH_FIXTURE(test_deployment_create_overwrites_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
