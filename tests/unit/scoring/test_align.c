/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "slow_align.h"
#include "tests.h"

static int make_workspace(void **state)
{
    evh_align_workspace *workspace = NULL;
    assert_ok(evh_align_workspace_new(&workspace));
    *state = workspace;
    return 0;
}

static int free_workspace(void **state)
{
    evh_align_workspace *workspace = *state;
    evh_align_workspace_free(&workspace);
    assert_null(workspace);
    evh_align_workspace_free(&workspace);
    return 0;
}

static void check_counts(evh_align_workspace *workspace, const char *reference,
                         const char *hypothesis, evh_alignment alignment,
                         const evh_alignment_counts *expected)
{
    evh_alignment_counts counts;
    assert_ok(evh_align(workspace, &counts, evh_view_of_text(reference),
                        evh_view_of_text(hypothesis), alignment));
    if (memcmp(&counts, expected, sizeof counts) != 0)
        fail_msg("'%s' against '%s': %u %u %u %u, expected %u %u %u %u", reference, hypothesis,
                 counts.correct, counts.substitutions, counts.deletions, counts.insertions,
                 expected->correct, expected->substitutions, expected->deletions,
                 expected->insertions);
}

static void test_align_by_hand(void **state)
{
    static const struct {
        const char *reference, *hypothesis;
        evh_alignment_counts sclite, levenshtein;
    } rows[] = {
        {"", "", {0, 0, 0, 0}, {0, 0, 0, 0}},
        {"a b", "", {0, 0, 2, 0}, {0, 0, 2, 0}},
        {"", "a b c", {0, 0, 0, 3}, {0, 0, 0, 3}},
        {"a b c", "a b c", {3, 0, 0, 0}, {3, 0, 0, 0}},
        {"a b c", "a x c", {2, 1, 0, 0}, {2, 1, 0, 0}},
        {"a b", "c d", {0, 2, 0, 0}, {0, 2, 0, 0}},
        /* Two gaps (6) are cheaper than two substitutions (8), and as cheap with unit costs. */
        {"a b", "b c", {1, 0, 1, 1}, {1, 0, 1, 1}},
        /* Three substitutions (12) tie with four gaps (12): the diagonal wins. */
        {"a b c", "c d e", {0, 3, 0, 0}, {0, 3, 0, 0}},
        {"a b c d", "c d e f", {2, 0, 2, 2}, {2, 0, 2, 2}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_counts(*state, rows[i].reference, rows[i].hypothesis, EVH_ALIGN_SCLITE,
                     &rows[i].sclite);
        check_counts(*state, rows[i].reference, rows[i].hypothesis, EVH_ALIGN_LEVENSHTEIN,
                     &rows[i].levenshtein);
    }
}

static void test_align_splits_at_ascii_space_only(void **state)
{
    const evh_alignment_counts same = {.correct = 3};
    check_counts(*state, "a b c", " \ta\n\v b\f\r c ", EVH_ALIGN_SCLITE, &same);
    const evh_alignment_counts one = {.substitutions = 1, .deletions = 1};
    /* A no-break space and a control character are parts of words. */
    check_counts(*state, "a b",
                 "a\xc2\xa0"
                 "b",
                 EVH_ALIGN_SCLITE, &one);
    check_counts(*state, "a b",
                 "a\x1f"
                 "b",
                 EVH_ALIGN_SCLITE, &one);
    evh_alignment_counts counts;
    assert_ok(evh_align(*state, &counts, view_of_literal("a\0 b"), view_of_literal("a\0 a"),
                        EVH_ALIGN_SCLITE));
    assert_int_equal(counts.correct, 1);
    assert_int_equal(counts.substitutions, 1);
}

/* Words that differ in length or late in a long word are different. */
static void test_align_compares_whole_words(void **state)
{
    const evh_alignment_counts different = {.substitutions = 4};
    check_counts(*state, "a aaaaaaaa aaaaaaaaaaaaaaaax \xff", "aa aaaaaaaaa aaaaaaaaaaaaaaaay \xfe",
                 EVH_ALIGN_SCLITE, &different);
}

static void number_to_text(char *out, uint32_t number, uint32_t letters, size_t words)
{
    for (size_t i = 0; i < words; i++, number /= letters) {
        out[2 * i] = (char)('a' + number % letters);
        out[2 * i + 1] = ' ';
    }
    out[words == 0 ? 0 : 2 * words - 1] = '\0';
}

/* Every pair of texts of up to five words out of two, and up to three out of three. */
static void test_align_equals_slow_for_all_short_texts(void **state)
{
    static const struct {
        uint32_t letters, powers[6];
        size_t longest;
    } sets[] = {{2, {1, 2, 4, 8, 16, 32}, 5}, {3, {1, 3, 9, 27}, 3}};
    for (size_t set = 0; set < 2; set++) {
        for (size_t m = 0; m <= sets[set].longest; m++) {
            for (size_t n = 0; n <= sets[set].longest; n++) {
                for (uint32_t k = 0; k < sets[set].powers[m] * sets[set].powers[n]; k++) {
                    char reference[16];
                    char hypothesis[16];
                    number_to_text(reference, k % sets[set].powers[m], sets[set].letters, m);
                    number_to_text(hypothesis, k / sets[set].powers[m], sets[set].letters, n);
                    for (int a = EVH_ALIGN_SCLITE; a <= EVH_ALIGN_LEVENSHTEIN; a++) {
                        evh_alignment_counts slow =
                            slow_align(reference, hypothesis, (evh_alignment)a);
                        check_counts(*state, reference, hypothesis, (evh_alignment)a, &slow);
                    }
                }
            }
        }
    }
}

static void test_align_equals_slow_for_random_texts(void **state)
{
    test_rng seeded;
    evh_rng rng = test_rng_seeded(&seeded, 20261122);
    evh_buffer reference = evh_buffer_init(1000);
    evh_buffer hypothesis = evh_buffer_init(1000);
    for (int i = 0; i < 4000; i++) {
        uint32_t letters = 1 + random_below(&rng, 8);
        evh_buffer_truncate(&reference, 0);
        evh_buffer_truncate(&hypothesis, 0);
        random_words(&reference, &rng, letters, 50);
        random_hypothesis(&hypothesis, &rng, evh_buffer_view(&reference), letters);
        assert_ok(evh_buffer_u8(&reference, 0));
        assert_ok(evh_buffer_u8(&hypothesis, 0));
        for (int a = EVH_ALIGN_SCLITE; a <= EVH_ALIGN_LEVENSHTEIN; a++) {
            const char *left = (const char *)reference.data;
            const char *right = (const char *)hypothesis.data;
            evh_alignment_counts slow = slow_align(left, right, (evh_alignment)a);
            check_counts(*state, left, right, (evh_alignment)a, &slow);
        }
    }
    evh_buffer_clear(&hypothesis);
    evh_buffer_clear(&reference);
}

/* Far apart: the band has to grow to the whole table. */
static void test_align_long_and_different(void **state)
{
    evh_buffer reference = evh_buffer_init(1 << 20);
    evh_buffer hypothesis = evh_buffer_init(1 << 20);
    for (int i = 0; i < 3000; i++)
        assert_ok(evh_buffer_format(&reference, "r%d ", i));
    for (int i = 0; i < 2000; i++)
        assert_ok(evh_buffer_format(&hypothesis, "h%d ", i));
    assert_ok(evh_buffer_append(&hypothesis, view_of_literal("r0 r1 r2 r3 r4 r5 r6 r7")));
    evh_alignment_counts counts;
    assert_ok(evh_align(*state, &counts, evh_buffer_view(&reference), evh_buffer_view(&hypothesis),
                        EVH_ALIGN_SCLITE));
    assert_int_equal(counts.correct, 0);
    assert_int_equal(counts.substitutions, 2008);
    assert_int_equal(counts.deletions, 992);
    assert_int_equal(counts.insertions, 0);
    /* The workspace is as good afterwards. */
    const evh_alignment_counts same = {.correct = 2};
    check_counts(*state, "x y", "x y", EVH_ALIGN_SCLITE, &same);
    evh_buffer_clear(&hypothesis);
    evh_buffer_clear(&reference);
}

static void test_align_refuses(void **state)
{
    evh_alignment_counts counts = {.correct = 9};
    assert_fails(
        evh_align(*state, &counts, view_of_literal("a"), view_of_literal("a"), (evh_alignment)7),
        EVH_ERR_ARG);
    assert_int_equal(counts.correct, 0);
    evh_buffer many = evh_buffer_init(SIZE_MAX);
    uint8_t *bytes = NULL;
    assert_ok(evh_buffer_extend(&many, 2 * (EVH_ALIGN_WORDS_MAX + 1), &bytes));
    for (size_t i = 0; i < many.len; i++)
        bytes[i] = i % 2 == 0 ? 'a' : ' ';
    assert_fails_with(
        evh_align(*state, &counts, evh_buffer_view(&many), view_of_literal("a"), EVH_ALIGN_SCLITE),
        EVH_ERR_INPUT, "more than 262144 words");
    assert_fails(
        evh_align(*state, &counts, view_of_literal("a"), evh_buffer_view(&many), EVH_ALIGN_SCLITE),
        EVH_ERR_INPUT);
    /* One word less is fine. */
    evh_buffer_truncate(&many, many.len - 2);
    assert_ok(evh_align(*state, &counts, evh_buffer_view(&many), evh_buffer_view(&many),
                        EVH_ALIGN_SCLITE));
    assert_int_equal(counts.correct, EVH_ALIGN_WORDS_MAX);
    evh_buffer_clear(&many);
}

/* Takes the text up to the next comma or line end; moves *at behind it. */
static evh_view next_field(const char **at)
{
    size_t len = strcspn(*at, ",\r\n");
    evh_view field = evh_view_of(*at, len);
    *at += len;
    *at += **at == ',';
    return field;
}

static uint32_t next_number(const char **at)
{
    evh_view field = next_field(at);
    return (uint32_t)strtoul((const char *)field.data, NULL, 10);
}

/* system, accent, utterance_id, reference, hypothesis and NIST sclite's four counts; the file has
 * no quotes. */
static void test_align_accents_as_sclite_counted(void **state)
{
    const char *shared = test_shared_dir();
    if (shared == NULL)
        test_skip_without_shared();
    char path[512];
    assert_true(snprintf(path, sizeof path, "%s/data/accents_google.csv", shared) > 0);
    evh_buffer file = evh_buffer_init(1 << 22);
    assert_true(test_read_file(&file, path));
    assert_ok(evh_buffer_u8(&file, 0));
    const char *at = strchr((const char *)file.data, '\n') + 1;
    int rows = 0;
    int split_otherwise = 0;
    while (*at != '\0') {
        for (int skipped = 0; skipped < 3; skipped++)
            (void)next_field(&at);
        evh_view reference = next_field(&at);
        evh_view hypothesis = next_field(&at);
        evh_alignment_counts expected = {.correct = next_number(&at)};
        expected.substitutions = next_number(&at);
        expected.deletions = next_number(&at);
        expected.insertions = next_number(&at);
        at += strspn(at, "\r\n");
        rows++;
        evh_alignment_counts counts;
        assert_ok(evh_align(*state, &counts, reference, hypothesis, EVH_ALIGN_SCLITE));
        assert_memory_equal(&counts, &expected, sizeof counts);
        assert_ok(evh_align(*state, &counts, reference, hypothesis, EVH_ALIGN_LEVENSHTEIN));
        split_otherwise += memcmp(&counts, &expected, sizeof counts) != 0;
    }
    assert_int_equal(rows, 585);
    assert_true(split_otherwise > 0);
    evh_buffer_clear(&file);
}

int run_align_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_align_by_hand),
        cmocka_unit_test(test_align_splits_at_ascii_space_only),
        cmocka_unit_test(test_align_compares_whole_words),
        cmocka_unit_test(test_align_equals_slow_for_all_short_texts),
        cmocka_unit_test(test_align_equals_slow_for_random_texts),
        cmocka_unit_test(test_align_long_and_different),
        cmocka_unit_test(test_align_refuses),
        cmocka_unit_test(test_align_accents_as_sclite_counted),
    };
    return cmocka_run_group_tests(tests, make_workspace, free_workspace);
}
