/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/aggregator/vault.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "evenhand/files/files.h"
#include "fixture.h"
#include "support/test.h"
#include "tests.h"

static const uint8_t name_a[32] = {0xaa, 1};
static const uint8_t name_b[32] = {0xbb, 2};

#define FILE_A "vault/aa01000000000000000000000000000000000000000000000000000000000000"

static evh_round_secrets secrets_of(uint8_t byte)
{
    evh_round_secrets secrets;
    memset(&secrets, byte, sizeof secrets);
    secrets.salt.bytes[0] = 0x77;
    return secrets;
}

static evh_file_vault *open_vault(fixture *f)
{
    evh_file_vault *vault = NULL;
    assert_ok(evh_folder_make(path_in(f->dir, "vault").text));
    assert_ok(evh_file_vault_open(&vault, path_in(f->dir, "vault").text));
    return vault;
}

static void test_vault_keep_find_destroy(void **state)
{
    fixture *f = *state;
    evh_file_vault *vault = open_vault(f);
    const evh_vault handle = evh_file_vault_handle(vault);
    const evh_round_secrets a = secrets_of(1);
    const evh_round_secrets b = secrets_of(2);
    evh_round_secrets found;
    struct stat info;
    size_t count = 0;
    assert_fails(handle.find(handle.context, name_a, &found), EVH_ERR_KEY);
    assert_ok(handle.keep(handle.context, name_a, &a));
    assert_ok(handle.keep(handle.context, name_b, &b));
    assert_int_equal(stat(path_in(f->dir, FILE_A).text, &info), 0);
    assert_int_equal(info.st_mode & 07777U, 0600);
    assert_ok(handle.find(handle.context, name_a, &found));
    assert_memory_equal(&found, &a, sizeof a);
    /* Once more is fine; other secrets under the name are not. */
    assert_ok(handle.keep(handle.context, name_a, &a));
    assert_fails(handle.keep(handle.context, name_a, &b), EVH_ERR_ARG);
    assert_ok(handle.destroy(handle.context, name_a));
    assert_ok(handle.destroy(handle.context, name_a));
    assert_fails(handle.find(handle.context, name_a, &found), EVH_ERR_KEY);
    assert_ok(handle.find(handle.context, name_b, &found));
    assert_ok(evh_file_vault_count(vault, &count));
    assert_int_equal(count, 1);
    assert_ok(evh_file_vault_destroy_all(vault));
    assert_ok(evh_file_vault_count(vault, &count));
    assert_int_equal(count, 0);
    evh_file_vault_close(&vault);
    assert_null(vault);
}

/* A second name of the file shows what was left on the disk when the first one went. */
static void test_vault_destroy_wipes_the_file(void **state)
{
    fixture *f = *state;
    evh_file_vault *vault = open_vault(f);
    const evh_vault handle = evh_file_vault_handle(vault);
    const evh_round_secrets a = secrets_of(0x5a);
    evh_buffer left = evh_buffer_init(4096);
    assert_ok(handle.keep(handle.context, name_a, &a));
    assert_int_equal(link(path_in(f->dir, FILE_A).text, path_in(f->dir, "second").text), 0);
    assert_ok(handle.destroy(handle.context, name_a));
    assert_ok(evh_file_read(&left, path_in(f->dir, "second").text));
    assert_true(left.len > sizeof a);
    for (size_t i = 0; i < left.len; i++)
        assert_int_equal(left.data[i], 0);
    evh_buffer_clear(&left);
    evh_file_vault_close(&vault);
}

static void test_vault_find_refuses_damage(void **state)
{
    fixture *f = *state;
    evh_file_vault *vault = open_vault(f);
    const evh_vault handle = evh_file_vault_handle(vault);
    const evh_round_secrets a = secrets_of(3);
    const evh_round_secrets zero = {.hpke = {0}};
    evh_round_secrets found;
    evh_buffer bytes = evh_buffer_init(4096);
    const file_path path = path_in(f->dir, FILE_A);
    assert_ok(handle.keep(handle.context, name_a, &a));
    assert_ok(evh_file_read(&bytes, path.text));
    for (size_t len = 0; len < bytes.len; len += 5) {
        assert_ok(evh_file_replace(path.text, evh_view_of(bytes.data, len), EVH_FILE_OWNER_ONLY));
        assert_fails(handle.find(handle.context, name_a, &found), EVH_ERR_KEY);
        assert_memory_equal(&found, &zero, sizeof found);
    }
    for (size_t i = 0; i < bytes.len; i += 3) {
        bytes.data[i] ^= 0x10;
        assert_ok(evh_file_replace(path.text, evh_buffer_view(&bytes), EVH_FILE_OWNER_ONLY));
        assert_fails(handle.find(handle.context, name_a, &found), EVH_ERR_KEY);
        bytes.data[i] ^= 0x10;
    }
    assert_ok(evh_buffer_u8(&bytes, 0));
    assert_ok(evh_file_replace(path.text, evh_buffer_view(&bytes), EVH_FILE_OWNER_ONLY));
    assert_fails(handle.find(handle.context, name_a, &found), EVH_ERR_KEY);
    evh_buffer_truncate(&bytes, bytes.len - 1);
    assert_ok(evh_file_replace(path.text, evh_buffer_view(&bytes), EVH_FILE_OWNER_ONLY));
    assert_ok(handle.find(handle.context, name_a, &found));
    /* Under another name it is somebody else's; readable by others it is nobody's. */
    assert_int_equal(
        rename(path.text, path_in(f->dir, "vault/bb02000000000000000000000000000000000000000"
                                          "000000000000000000000000")
                              .text),
        0);
    assert_fails(handle.find(handle.context, name_b, &found), EVH_ERR_KEY);
    assert_ok(evh_file_vault_destroy_all(vault));
    assert_ok(handle.keep(handle.context, name_a, &a));
    assert_int_equal(chmod(path.text, 0644), 0);
    /* That can be mended, and is not taken for secrets that are gone. */
    assert_fails_with(handle.find(handle.context, name_a, &found), EVH_ERR_STORE, "chmod 600");
    assert_memory_equal(&found, &zero, sizeof found);
    assert_fails_with(evh_file_vault_check(vault, evh_view_of(name_a, 32)), EVH_ERR_STORE,
                      "chmod 600");
    assert_ok(evh_file_vault_check(vault, evh_view_of(name_b, 32)));
    assert_int_equal(chmod(path.text, 0600), 0);
    assert_ok(handle.find(handle.context, name_a, &found));
    assert_int_equal(rename(path.text, path_in(f->dir, "elsewhere").text), 0);
    assert_int_equal(symlink(path_in(f->dir, "elsewhere").text, path.text), 0);
    assert_fails(handle.find(handle.context, name_a, &found), EVH_ERR_STORE);
    evh_buffer_clear(&bytes);
    evh_file_vault_close(&vault);
}

/* What nothing refers to goes; what is referred to, and what is nobody's secrets, stays. */
static void test_vault_retain(void **state)
{
    fixture *f = *state;
    evh_file_vault *vault = open_vault(f);
    const evh_vault handle = evh_file_vault_handle(vault);
    const evh_round_secrets a = secrets_of(1);
    evh_round_secrets found;
    uint8_t names[2][32] = {{0}};
    size_t removed = 7;
    const file_path note = path_in(f->dir, "vault/read me");
    memcpy(names[0], name_a, 32);
    memset(names[1], 0xcc, 32);
    const evh_view wanted = evh_view_of(names[0], sizeof names);
    assert_ok(handle.keep(handle.context, name_a, &a));
    assert_ok(handle.keep(handle.context, name_b, &a));
    write_text(note.text, "a note");
    assert_fails(evh_file_vault_retain(vault, evh_view_of(names[0], 33), &removed), EVH_ERR_ARG);
    assert_int_equal(removed, 0);
    assert_ok(evh_file_vault_retain(vault, wanted, &removed));
    assert_int_equal(removed, 1);
    assert_ok(handle.find(handle.context, name_a, &found));
    assert_fails(handle.find(handle.context, name_b, &found), EVH_ERR_KEY);
    assert_true(evh_file_exists(note.text));
    assert_ok(evh_file_vault_retain(vault, wanted, &removed));
    assert_int_equal(removed, 0);
    assert_ok(evh_file_vault_retain(vault, evh_view_of(NULL, 0), &removed));
    assert_int_equal(removed, 1);
    assert_true(evh_file_exists(note.text));
    evh_file_vault_close(&vault);
}

static void test_vault_open_refuses_an_open_folder(void **state)
{
    fixture *f = *state;
    evh_file_vault *vault = NULL;
    const file_path path = path_in(f->dir, "vault");
    assert_fails_with(evh_file_vault_open(&vault, path.text), EVH_ERR_KEY, "make it");
    write_text(path.text, "a file");
    assert_fails_with(evh_file_vault_open(&vault, path.text), EVH_ERR_KEY, "no folder");
    assert_int_equal(unlink(path.text), 0);
    assert_ok(evh_folder_make(path.text));
    assert_int_equal(chmod(path.text, 0750), 0);
    assert_fails_with(evh_file_vault_open(&vault, path.text), EVH_ERR_KEY, "chmod 700");
    assert_fails(evh_file_vault_open(&vault, ""), EVH_ERR_KEY);
    assert_null(vault);
}

/* A limit on the size of files stands for a disk that is full. */
static void test_vault_keep_full_disk(void **state)
{
    fixture *f = *state;
    evh_file_vault *vault = open_vault(f);
    const evh_vault handle = evh_file_vault_handle(vault);
    const evh_round_secrets a = secrets_of(4);
    struct rlimit before;
    struct rlimit small;
    size_t count = 1;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 64;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    evh_status status = handle.keep(handle.context, name_a, &a);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_fails(status, EVH_ERR_STORE);
    assert_ok(evh_file_vault_count(vault, &count));
    assert_int_equal(count, 0);
    assert_ok(handle.keep(handle.context, name_a, &a));
    evh_file_vault_close(&vault);
}

int run_vault_tests(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(test_vault_keep_find_destroy),
        WITH_FIXTURE(test_vault_destroy_wipes_the_file),
        WITH_FIXTURE(test_vault_find_refuses_damage),
        WITH_FIXTURE(test_vault_retain),
        WITH_FIXTURE(test_vault_open_refuses_an_open_folder),
        WITH_FIXTURE(test_vault_keep_full_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
