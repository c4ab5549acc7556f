/* SPDX-License-Identifier: Apache-2.0
 * Runs the checks of vdaf-vectors over published files, and over files that are wrong in one place:
 * a checker that overlooks a difference would make every vector worthless. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/test.h"
#include "vectors.h"

static const char *const kept[] = {
    "Prio3Count_0",
    "Prio3Count_bad_wire_seed",
    "Prio3Sum_0",
    "Prio3SumVec_0",
    "Prio3Histogram_0",
    "Prio3Histogram_bad_verifier_message",
    "Prio3MultihotCountVec_0",
    "XofTurboShake128",
};

static void kept_path(char path[512], const char *name)
{
    (void)snprintf(path, 512, "%s/tests/vectors/data/%s.json", EVH_SOURCE_DIR, name);
}

static json_t *load_kept(const char *name)
{
    char path[512];
    json_t *file = NULL;
    kept_path(path, name);
    assert_ok(vector_load(&file, path));
    return file;
}

static evh_status check_prio3(const json_t *file, const char *name)
{
    char summary[VECTOR_SUMMARY_LEN];
    return vector_check_prio3(file, name, summary);
}

static void test_kept_vectors_hold(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        char path[512];
        char summary[VECTOR_SUMMARY_LEN];
        kept_path(path, kept[i]);
        assert_ok(vector_check_file(path, summary));
        assert_true(strlen(summary) > 0);
    }
}

static void test_shared_vectors_hold(void **state)
{
    (void)state;
    char folder[512];
    size_t checked = 0;
    if (test_shared_dir() == NULL)
        test_skip_without_shared();
    (void)snprintf(folder, sizeof folder, "%s/vectors/vdaf", EVH_SHARED_DIR);
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        char path[1024];
        char summary[VECTOR_SUMMARY_LEN];
        if (strstr(entry->d_name, ".json") == NULL)
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        evh_status status = vector_check_file(path, summary);
        if (strncmp(entry->d_name, "Prio3HigherDegree", 17) == 0)
            assert_fails_with(status, EVH_ERR_TYPE, "not supported");
        else
            assert_ok(status);
        checked++;
    }
    assert_int_equal(closedir(dir), 0);
    assert_true(checked >= 26);
}

/* ---- one wrong place ---- */

/* Checks the file with one hex digit of one text changed; the text is restored afterwards. */
static void changed_digit_is_found(json_t *file, json_t *text, const char *name)
{
    char *original = strdup(json_string_value(text));
    char *changed = strdup(original);
    assert_non_null(original);
    assert_non_null(changed);
    size_t at = strlen(changed) / 2;
    changed[at] = changed[at] == '0' ? '1' : '0';
    assert_int_equal(json_string_set(text, changed), 0);
    evh_status status = check_prio3(file, name);
    if (status.code == EVH_OK)
        print_error("%s: a change of %.20s... was overlooked\n", name, original);
    assert_true(status.code != EVH_OK);
    assert_int_equal(json_string_set(text, original), 0);
    free(changed);
    free(original);
}

/* Every text in the tree, but for the names of operations. */
static size_t change_texts(json_t *file, json_t *node, const char *name)
{
    size_t count = 0;
    if (json_is_string(node) && json_string_length(node) > 0) {
        changed_digit_is_found(file, node, name);
        return 1;
    }
    for (size_t i = 0; i < json_array_size(node); i++)
        count += change_texts(file, json_array_get(node, i), name);
    for (void *at = json_object_iter(node); at != NULL; at = json_object_iter_next(node, at))
        if (strcmp(json_object_iter_key(at), "operations") != 0)
            count += change_texts(file, json_object_iter_value(at), name);
    return count;
}

static void test_every_changed_text_is_found(void **state)
{
    (void)state;
    static const char *const names[] = {"Prio3Count", "Prio3Sum", "Prio3Histogram",
                                        "Prio3MultihotCountVec"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char file_name[64];
        (void)snprintf(file_name, sizeof file_name, "%s_0", names[i]);
        json_t *file = load_kept(file_name);
        assert_true(change_texts(file, file, names[i]) >= 11);
        assert_ok(check_prio3(file, names[i]));
        json_decref(file);
    }
}

static void test_every_flipped_success_is_found(void **state)
{
    (void)state;
    static const char *const names[][2] = {
        {"Prio3Histogram_0", "Prio3Histogram"},
        {"Prio3Count_bad_wire_seed", "Prio3Count"},
        {"Prio3Histogram_bad_verifier_message", "Prio3Histogram"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        json_t *file = load_kept(names[i][0]);
        json_t *operations = json_object_get(file, "operations");
        for (size_t k = 0; k < json_array_size(operations); k++) {
            json_t *operation = json_array_get(operations, k);
            bool success = json_is_true(json_object_get(operation, "success"));
            json_object_set_new(operation, "success", json_boolean(!success));
            assert_fails_with(check_prio3(file, names[i][1]),
                              success ? EVH_ERR_INPUT : EVH_ERR_REFUSED,
                              success ? "must fail" : "rejected");
            json_object_set_new(operation, "success", json_boolean(success));
        }
        json_decref(file);
    }
}

static void test_changed_parameters_are_found(void **state)
{
    (void)state;
    json_t *file = load_kept("Prio3SumVec_0");
    static const char *const keys[] = {"length", "chunk_length", "max_measurement", "shares"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        json_int_t value = json_integer_value(json_object_get(file, keys[i]));
        json_object_set_new(file, keys[i], json_integer(value + 1));
        assert_true(check_prio3(file, "Prio3SumVec").code != EVH_OK);
        json_object_del(file, keys[i]);
        assert_fails_with(check_prio3(file, "Prio3SumVec"), EVH_ERR_INPUT, "missing");
        json_object_set_new(file, keys[i], json_integer(value));
    }
    json_object_set_new(file, "num_proofs", json_integer(2));
    assert_true(check_prio3(file, "Prio3SumVec").code != EVH_OK);
    json_object_set_new(file, "num_proofs", json_integer(1));
    json_object_set_new(file, "field", json_string("Field64"));
    assert_fails_with(check_prio3(file, "Prio3SumVec"), EVH_ERR_RANGE, "at least 3 proofs");
    json_object_set_new(file, "field", json_string("Field255"));
    assert_fails_with(check_prio3(file, "Prio3SumVec"), EVH_ERR_TYPE, "Field255");
    json_object_set_new(file, "field", json_string("field_128"));
    json_object_set_new(file, "unknown", json_string("ignored"));
    assert_ok(check_prio3(file, "Prio3SumVec"));
    json_object_set_new(file, "field", json_integer(128));
    assert_ok(check_prio3(file, "Prio3SumVec"));
    assert_fails(check_prio3(file, "Prio3SumVecWithMultiproof"), EVH_ERR_INPUT);
    assert_fails_with(check_prio3(file, "Prio3"), EVH_ERR_TYPE, "not supported");
    json_decref(file);
}

static void test_changed_result_is_found(void **state)
{
    (void)state;
    json_t *file = load_kept("Prio3SumVec_0");
    json_t *result = json_object_get(file, "agg_result");
    json_int_t last = json_integer_value(json_array_get(result, 9));
    json_array_set_new(result, 9, json_integer(last + 1));
    assert_fails_with(check_prio3(file, "Prio3SumVec"), EVH_ERR_INPUT, "agg_result differs at 9");
    json_array_set_new(result, 9, json_string("340282366920938463463374607431768211456"));
    assert_fails_with(check_prio3(file, "Prio3SumVec"), EVH_ERR_RANGE, "128 bits");
    json_array_remove(result, 9);
    assert_fails_with(check_prio3(file, "Prio3SumVec"), EVH_ERR_INPUT, "file has 9");
    json_object_set_new(file, "agg_result", json_null());
    assert_fails_with(check_prio3(file, "Prio3SumVec"), EVH_ERR_INPUT, "agg_result differs");
    json_decref(file);
}

/* A measurement that the instance does not admit makes shard fail, as the file may say. */
static void test_shard_that_must_fail(void **state)
{
    (void)state;
    json_t *file = load_kept("Prio3Sum_0");
    json_t *report = json_array_get(json_object_get(file, "reports"), 0);
    json_t *shard = json_array_get(json_object_get(file, "operations"), 0);
    json_t *only = json_array();
    json_incref(shard);
    json_array_append_new(only, shard);
    json_object_set_new(file, "operations", only);
    json_object_set_new(shard, "success", json_false());
    assert_fails_with(check_prio3(file, "Prio3Sum"), EVH_ERR_INPUT, "must fail");
    static const char *const bad[] = {"256", "-1", "18446744073709551616",
                                      "340282366920938463463374607431768211456"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        json_object_set_new(report, "measurement", json_string(bad[i]));
        assert_ok(check_prio3(file, "Prio3Sum"));
    }
    json_object_set_new(report, "measurement", json_null());
    assert_fails(check_prio3(file, "Prio3Sum"), EVH_ERR_INPUT);
    json_decref(file);
}

/* ---- files that are not vectors ---- */

static evh_status check_text(const char *file_name, const char *text)
{
    char folder[256];
    char path[512];
    char summary[VECTOR_SUMMARY_LEN];
    test_make_dir(folder);
    (void)snprintf(path, sizeof path, "%s/%s", folder, file_name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    evh_status status = vector_check_file(path, summary);
    test_remove_dir(folder);
    return status;
}

static void test_files_that_are_no_vectors(void **state)
{
    (void)state;
    static const char head[] = "{\"shares\":2,\"verify_key\":\"\",\"ctx\":\"\",\"agg_param\":\"\",";
    char text[512];
    char summary[VECTOR_SUMMARY_LEN];
    assert_fails_with(vector_check_file("/no/such/Prio3Count_0.json", summary), EVH_ERR_STORE,
                      "cannot be opened");
    assert_fails_with(check_text("Prio3Count_0.json", ""), EVH_ERR_INPUT, "not JSON");
    assert_fails_with(check_text("Prio3Count_0.json", "[1]"), EVH_ERR_INPUT, "object");
    assert_fails_with(check_text("Prio3Count_0.json", "{\"shares\":"), EVH_ERR_INPUT, "not JSON");
    assert_fails_with(check_text("Prio3Count_0.json", "{}"), EVH_ERR_INPUT, "shares is missing");
    assert_fails_with(check_text("Prio3Count_0.json", "{\"shares\":1}"), EVH_ERR_RANGE, "2 to 255");
    assert_fails_with(check_text("Poplar1_0.json", "{}"), EVH_ERR_TYPE, "not supported");
    assert_fails_with(check_text("Prio3HigherDegree_0.json", "{}"), EVH_ERR_TYPE, "not supported");
    assert_fails_with(check_text("XofTurboShake128.json", "{}"), EVH_ERR_INPUT, "seed is missing");
    assert_fails_with(
        check_text("Prio3Count_0.json", "{\"shares\":2,\"ctx\":\"0g\",\"verify_key\":\"\"}"),
        EVH_ERR_ENCODING, "ctx");
    (void)snprintf(text, sizeof text, "%s\"reports\":[]}", head);
    assert_fails_with(check_text("Prio3Count_0.json", text), EVH_ERR_INPUT,
                      "operations is missing");
    (void)snprintf(text, sizeof text, "%s\"reports\":[],\"operations\":[]}", head);
    assert_fails_with(check_text("Prio3Count_0.json", text), EVH_ERR_INPUT, "nothing to check");
    (void)snprintf(text, sizeof text, "%s\"reports\":[],\"operations\":[{\"operation\":\"x\"}]}",
                   head);
    assert_fails_with(check_text("Prio3Count_0.json", text), EVH_ERR_INPUT, "unknown");
}

static void test_long_integers_keep_their_digits(void **state)
{
    (void)state;
    static const char text[] = "{\"a\":18446744073709551615,\"b\":[-9223372036854775809],"
                               "\"c\":\"123456789012345678901 \\\" 123456789012345678901\","
                               "\"d\":1234567890123456789.5,\"e\":12345678901234567}";
    char folder[256];
    char path[512];
    json_t *file = NULL;
    evh_u128 value = 0;
    test_make_dir(folder);
    (void)snprintf(path, sizeof path, "%s/numbers.json", folder);
    FILE *out = fopen(path, "wb");
    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
    assert_ok(vector_load(&file, path));
    assert_ok(vector_integer(json_object_get(file, "a"), "a", &value));
    assert_true(value == UINT64_MAX);
    assert_fails(vector_integer(json_array_get(json_object_get(file, "b"), 0), "b", &value),
                 EVH_ERR_RANGE);
    assert_string_equal(json_string_value(json_object_get(file, "c")),
                        "123456789012345678901 \" 123456789012345678901");
    assert_fails(vector_integer(json_object_get(file, "d"), "d", &value), EVH_ERR_INPUT);
    assert_ok(vector_integer(json_object_get(file, "e"), "e", &value));
    assert_true(value == UINT64_C(12345678901234567));
    json_decref(file);
    test_remove_dir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kept_vectors_hold),
        cmocka_unit_test(test_shared_vectors_hold),
        cmocka_unit_test(test_every_changed_text_is_found),
        cmocka_unit_test(test_every_flipped_success_is_found),
        cmocka_unit_test(test_changed_parameters_are_found),
        cmocka_unit_test(test_changed_result_is_found),
        cmocka_unit_test(test_shard_that_must_fail),
        cmocka_unit_test(test_files_that_are_no_vectors),
        cmocka_unit_test(test_long_integers_keep_their_digits),
    };
    return cmocka_run_group_tests_name("vectors", tests, NULL, NULL);
}
