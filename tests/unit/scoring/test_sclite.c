/* SPDX-License-Identifier: Apache-2.0
 * The same transcripts through NIST sclite itself (Debian package sctk). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests.h"

enum { TRANSCRIPTS = 3000 };

typedef struct transcripts {
    evh_buffer reference[TRANSCRIPTS];
    evh_buffer hypothesis[TRANSCRIPTS];
} transcripts;

static void write_trn(const char *dir, const char *name, const evh_buffer *texts)
{
    char path[300];
    assert_true(snprintf(path, sizeof path, "%s/%s", dir, name) > 0);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    for (int i = 0; i < TRANSCRIPTS; i++) {
        assert_int_equal(fwrite(texts[i].data, 1, texts[i].len, file), texts[i].len);
        assert_true(fprintf(file, "(s_%d)\n", i) > 0);
    }
    assert_int_equal(fclose(file), 0);
}

static void make_transcripts(transcripts *all)
{
    test_rng seeded;
    evh_rng rng = test_rng_seeded(&seeded, 4433);
    for (int i = 0; i < TRANSCRIPTS; i++) {
        uint32_t letters = 1 + random_below(&rng, 6);
        all->reference[i] = evh_buffer_init(1000);
        all->hypothesis[i] = evh_buffer_init(1000);
        random_words(&all->reference[i], &rng, letters, 40);
        random_hypothesis(&all->hypothesis[i], &rng, evh_buffer_view(&all->reference[i]), letters);
    }
}

static void free_transcripts(transcripts *all)
{
    for (int i = 0; i < TRANSCRIPTS; i++) {
        evh_buffer_clear(&all->reference[i]);
        evh_buffer_clear(&all->hypothesis[i]);
    }
    free(all);
}

/* Reads the pairs of lines 'id: (s_N)' and 'Scores: (#C #S #D #I) c s d i' of sclite's alignment
 * report and compares; gives how many there were. */
static int compare_report(const evh_buffer *report, const transcripts *all)
{
    evh_align_workspace *workspace = NULL;
    assert_ok(evh_align_workspace_new(&workspace));
    const char *at = (const char *)report->data;
    int compared = 0;
    while ((at = strstr(at, "id: (s_")) != NULL) {
        int id = -1;
        evh_alignment_counts expected = {0};
        assert_int_equal(sscanf(at, "id: (s_%d)", &id), 1);
        assert_in_range(id, 0, TRANSCRIPTS - 1);
        at = strstr(at, "Scores: ");
        assert_non_null(at);
        assert_int_equal(sscanf(at, "Scores: (#C #S #D #I) %u %u %u %u", &expected.correct,
                                &expected.substitutions, &expected.deletions, &expected.insertions),
                         4);
        evh_alignment_counts counts;
        assert_ok(evh_align(workspace, &counts, evh_buffer_view(&all->reference[id]),
                            evh_buffer_view(&all->hypothesis[id]), EVH_ALIGN_SCLITE));
        assert_memory_equal(&counts, &expected, sizeof counts);
        compared++;
    }
    evh_align_workspace_free(&workspace);
    return compared;
}

static void test_align_equals_sclite_on_random_texts(void **state)
{
    (void)state;
    if (system("command -v sctk >/dev/null") != 0) {
        print_message("skipped: the package sctk with NIST sclite is not installed\n");
        skip();
    }
    char dir[256];
    char command[600];
    test_make_dir(dir);
    transcripts *all = calloc(1, sizeof *all);
    assert_non_null(all);
    make_transcripts(all);
    write_trn(dir, "ref.trn", all->reference);
    write_trn(dir, "hyp.trn", all->hypothesis);
    assert_true(snprintf(command, sizeof command,
                         "cd '%s' && sctk sclite -s -r ref.trn trn -h hyp.trn trn -i spu_id "
                         "-o pralign >/dev/null 2>&1",
                         dir) > 0);
    assert_int_equal(system(command), 0);
    assert_true(snprintf(command, sizeof command, "%s/hyp.trn.pra", dir) > 0);
    evh_buffer report = evh_buffer_init(1 << 26);
    assert_true(test_read_file(&report, command));
    assert_ok(evh_buffer_u8(&report, 0));
    assert_int_equal(compare_report(&report, all), TRANSCRIPTS);
    evh_buffer_clear(&report);
    free_transcripts(all);
    test_remove_dir(dir);
}

int run_sclite_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_align_equals_sclite_on_random_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
