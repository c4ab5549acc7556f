/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/aggregator/backup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "evenhand/files/files.h"
#include "evenhand/store/sqlite.h"
#include "fixture.h"
#include "support/test.h"
#include "tests.h"

enum { STORE_MAX = 1 << 24 };

static evh_deployment *open_and_start(fixture *f, const char *folder, bool *restored)
{
    evh_deployment *d = NULL;
    assert_ok(open_in(f, folder, EVH_DEPLOYMENT_RUN, &d));
    assert_ok(evh_deployment_start(d, restored));
    return d;
}

static bool holds(const evh_buffer *bytes, const void *part, size_t len)
{
    for (size_t i = 0; i + len <= bytes->len; i++)
        if (memcmp(bytes->data + i, part, len) == 0)
            return true;
    return false;
}

/* A backup is put back without anything having happened: only its mark tells. */
static void test_backup_is_known_when_put_back(void **state)
{
    fixture *f = *state;
    bool restored = true;
    uint64_t size = 0;
    struct stat info;
    evh_round_secrets secrets;
    evh_round_secrets found;
    const uint8_t name[32] = {1};
    memset(&secrets, 3, sizeof secrets);
    make_three(f);
    pair_three(f);
    evh_deployment *d = open_and_start(f, f->leader, &restored);
    assert_false(restored);
    assert_ok(d->self.vault.keep(d->self.vault.context, name, &secrets));
    store_prepared(d->self.store, name);
    assert_ok(evh_aggregator_backup(d->self.store, path_in(f->dir, "backup").text, &size));
    assert_int_equal(size, 1);
    assert_int_equal(stat(path_in(f->dir, "backup").text, &info), 0);
    assert_int_equal(info.st_mode & 07777U, 0600);
    assert_fails_with(evh_aggregator_backup(d->self.store, path_in(f->dir, "backup").text, &size),
                      EVH_ERR_ARG, "exists");
    assert_false(evh_file_exists(path_in(f->dir, "backup.part").text));
    /* The store itself is not marked. */
    evh_deployment_close(&d);
    d = open_and_start(f, f->leader, &restored);
    assert_false(restored);
    assert_ok(d->self.vault.find(d->self.vault.context, name, &found));
    assert_ok(evh_aggregator_backup(d->self.store, path_in(f->dir, "newer").text, &size));
    evh_deployment_close(&d);
    assert_int_equal(rename(path_in(f->dir, "newer").text, path_in(f->leader, "store.db").text), 0);
    d = open_and_start(f, f->leader, &restored);
    assert_true(restored);
    /* What was of the rounds of another life is gone. */
    assert_fails(d->self.vault.find(d->self.vault.context, name, &found), EVH_ERR_KEY);
    evh_deployment_close(&d);
    d = open_and_start(f, f->leader, &restored);
    assert_false(restored);
    evh_deployment_close(&d);
}

/* Neither secrets of rounds nor any key of the folder is in a backup, byte for byte. */
static void test_backup_holds_no_keys(void **state)
{
    fixture *f = *state;
    bool restored = true;
    uint64_t size = 0;
    const uint8_t name[32] = {1};
    /* PKCS#8 in PEM begins with what all keys of the curve share. */
    enum { PEM_SECRET_AT = 28 + 48, TEXT_SECRET_AT = 60, PART = 16 };
    static const char *const secret_files[] = {
        "keys/identity.ed25519", "keys/log.ed25519", "tls/ca.key",
        "tls/server.key",        "tls/client.key",   "tls/operator.key"};
    evh_round_secrets secrets;
    evh_buffer backup = evh_buffer_init(STORE_MAX);
    evh_buffer secret = evh_buffer_init(4096);
    assert_ok(evh_rng_fill(&f->rng, (uint8_t *)&secrets, sizeof secrets));
    make_three(f);
    pair_three(f);
    evh_deployment *d = open_and_start(f, f->leader, &restored);
    assert_ok(d->self.vault.keep(d->self.vault.context, name, &secrets));
    assert_ok(evh_aggregator_backup(d->self.store, path_in(f->dir, "backup").text, &size));
    assert_ok(evh_file_read(&backup, path_in(f->dir, "backup").text));
    /* The search finds what is there. */
    assert_true(holds(&backup, "leader.example/log", 18) || holds(&backup, "leader.example+", 15));
    assert_false(holds(&backup, secrets.hpke, 16));
    assert_false(holds(&backup, secrets.random.bytes, 16));
    assert_false(holds(&backup, secrets.salt.bytes, 16));
    for (size_t i = 0; i < sizeof secret_files / sizeof secret_files[0]; i++) {
        assert_ok(evh_file_read(&secret, path_in(f->leader, secret_files[i]).text));
        size_t at = i < 2 ? TEXT_SECRET_AT : PEM_SECRET_AT;
        assert_true(secret.len > at + PART);
        assert_false(holds(&backup, secret.data + at, PART));
    }
    evh_deployment_close(&d);
    evh_buffer_clear(&backup);
    evh_buffer_clear(&secret);
}

static void test_backup_leaves_nothing_on_failure(void **state)
{
    fixture *f = *state;
    uint64_t size = 0;
    bool restored = true;
    struct rlimit before;
    struct rlimit small;
    make_three(f);
    pair_three(f);
    evh_deployment *d = open_and_start(f, f->helper, &restored);
    assert_fails(evh_aggregator_backup(d->self.store, path_in(f->dir, "no/such/file").text, &size),
                 EVH_ERR_STORE);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 4096;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    evh_status status = evh_aggregator_backup(d->self.store, path_in(f->dir, "backup").text, &size);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_fails(status, EVH_ERR_STORE);
    assert_false(evh_file_exists(path_in(f->dir, "backup").text));
    assert_false(evh_file_exists(path_in(f->dir, "backup.part").text));
    /* The store goes on. */
    assert_ok(evh_aggregator_backup(d->self.store, path_in(f->dir, "backup").text, &size));
    evh_deployment_close(&d);
}

int run_backup_tests(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(test_backup_is_known_when_put_back),
        WITH_FIXTURE(test_backup_holds_no_keys),
        WITH_FIXTURE(test_backup_leaves_nothing_on_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
