/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "evenhand/input/file.h"
#include "evenhand/input/rows.h"
#include "reading.h"
#include "support/test.h"
#include "tests.h"

/* A folder in memory. */
typedef struct memory_file {
    const char *path, *content;
} memory_file;

static const memory_file files[] = {
    {"r.trn", "one two (a)\nthree (b)\n"},
    {"h.trn", "thee (b)\none too (a)\n"},
    {"a-only.trn", "one (a)\n"},
    {"c.trn", "x (c)\n"},
    {"abc.trn", "x (c)\ny (a)\nz (b)\n"},
    {"sub/h.txt", "\xef\xbb\xbfone two\nthree\n"},
    {"silence.txt", ""},
    {"blank.trn", "\n"},
    {"H.JSON", "{\"results\":{\"transcripts\":[{\"transcript\":\"One, two.\"}]}}"},
    {"bad.json", "{\"results\":{}}"},
    {"latin.txt", "caf\xe9"},
};

static evh_status read_memory(void *context, evh_view path, evh_buffer *out)
{
    (void)context;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        if (evh_view_equal(path, evh_view_of_text(files[i].path)))
            return evh_buffer_append(out, evh_view_of_text(files[i].content));
    if (evh_view_equal(path, view_of_literal("broken.txt")))
        return evh_fail(EVH_ERR_STORE, "the disk is broken");
    return evh_fail(EVH_ERR_INPUT, "there is no such file");
}

static const reading how = {.format = EVH_INPUT_MANIFEST,
                            .columns =
                                (const char *const[]){"unit", "*reference", "*hypothesis", NULL},
                            .folder = {.read_file = read_memory, .context = NULL}};

#define HEADER "unit,reference,hypothesis\n"

static void test_manifest_pairs_trn_by_id(void **state)
{
    (void)state;
    assert_reads(&how, view_of_literal(HEADER "u1,r.trn,h.trn\nu2,a-only.trn,a-only.trn\n"),
                 "2#a|u1|one two|one too\n2#b|u1|three|thee\n3#a|u2|one|one\n");
}

static void test_manifest_joins_beside_other_kinds(void **state)
{
    (void)state;
    assert_reads(&how, view_of_literal(HEADER "u,r.trn,H.JSON\n"), "2|u|one two three|One, two.\n");
    assert_reads(&how, view_of_literal(HEADER "u,sub/h.txt,h.trn\n"),
                 "2|u|one two\nthree\n|thee one too\n");
    assert_reads(&how, view_of_literal(HEADER "u,silence.txt,./sub/../x\nu,silence.txt,r.trn\n"),
                 "2! hypothesis: the path must not leave the manifest's folder (\"..\")\n"
                 "3|u||one two three\n");
}

static void test_manifest_several_models(void **state)
{
    (void)state;
    const reading models = {
        .format = EVH_INPUT_MANIFEST,
        .columns = (const char *const[]){"unit", "*reference", "*old", "*new", "?*x", NULL},
        .folder = {.read_file = read_memory, .context = NULL}};
    assert_reads(
        &models,
        view_of_literal("unit,reference,old,new\nu,r.trn,h.trn,r.trn\nu,r.trn,h.trn,H.JSON\n"
                        "u,r.trn,h.trn,a-only.trn\n"),
        "2#a|u|one two|one too|one two|~\n2#b|u|three|thee|three|~\n"
        "3|u|one two three|thee one too|One, two.|~\n"
        "4! the utterance on line 2 of the first .trn is not in the other\n");
}

static void test_manifest_bad_rows_go_on(void **state)
{
    (void)state;
    static const struct {
        const char *row, *reason;
    } bad[] = {
        {"u,r.trn,none.trn", "hypothesis: there is no such file"},
        {"u,,h.trn", "reference: no file is named"},
        {"u,/r.trn,h.trn", "reference: the path must be relative to the manifest's folder"},
        {"u,../r.trn,h.trn", "reference: the path must not leave the manifest's folder (\"..\")"},
        {"u,a/../r.trn,h.trn", "reference: the path must not leave the manifest's folder (\"..\")"},
        {"u,a/..,h.trn", "reference: the path must not leave the manifest's folder (\"..\")"},
        {"u,r.wav,h.trn", "reference: the file's name must end in .trn, .txt or .json"},
        {"u,.trn,h.trn", "reference: the file's name must end in .trn, .txt or .json"},
        {"u,r.trn,a-only.trn", "the utterance on line 2 of the first .trn is not in the other"},
        {"u,a-only.trn,c.trn", "the utterance on line 1 of the first .trn is not in the other"},
        {"u,r.trn,abc.trn", "the utterance on line 1 of the second .trn is not in the first"},
        {"u,blank.trn,blank.trn", "reference: no utterance in it"},
        {"u,r.trn,bad.json",
         "hypothesis: no results.transcripts: is it an Amazon Transcribe result?"},
        {"u,r.trn,latin.txt", "hypothesis: byte 4 is not UTF-8"},
        {"u,r.trn", "2 fields, but the header has 3"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[300], expected[300];
        (void)snprintf(text, sizeof text, HEADER "%s\nu,a-only.trn,a-only.trn\n", bad[i].row);
        (void)snprintf(expected, sizeof expected, "2! %s\n3#a|u|one|one\n", bad[i].reason);
        assert_reads(&how, evh_view_of_text(text), expected);
    }
}

static void test_manifest_what_stops(void **state)
{
    (void)state;
    assert_stops(&how, view_of_literal(""), "the file is empty");
    assert_stops(&how, view_of_literal("unit,reference\n"), "no column \"hypothesis\"");
    evh_buffer out = evh_buffer_init(1000);
    piecewise pieces;
    assert_fails_with(
        read_all(&out, &how,
                 pieces_source(&pieces, view_of_literal(HEADER "u,r.trn,broken.txt\n"), SIZE_MAX)),
        EVH_ERR_STORE, "hypothesis: the disk is broken");
    evh_buffer_clear(&out);
}

static void test_manifest_cut_at_every_byte_in_any_pieces(void **state)
{
    (void)state;
    assert_pieces_do_not_matter(
        &how, view_of_literal(HEADER "u,r.trn,h.trn\nu,none,h.trn\n\"u\",r.trn,H.JSON"));
}

/* The six real recordings: read through a manifest in their folder's parent. */
static void test_manifest_reads_transcribe_files(void **state)
{
    (void)state;
    if (test_shared_dir() == NULL)
        test_skip_without_shared();
    static const char *const names[] = {"b-rea1-f1", "c-rea1-m1", "j-rea1-f2",
                                        "l-rea1-f3", "n-rea1-m2", "p-rea1-f5"};
    evh_buffer text = evh_buffer_init(4096);
    evh_buffer out = evh_buffer_init(1 << 20);
    evh_input_dir *dir = NULL;
    piecewise pieces;
    assert_ok(evh_buffer_append(&text, view_of_literal(HEADER)));
    for (size_t i = 0; i < 6; i++)
        assert_ok(evh_buffer_format(&text, "u%zu,transcribe/%s_ref.trn,transcribe/%sen-GB.json\n",
                                    i, names[i], names[i]));
    assert_ok(evh_input_dir_open_of(&dir, EVH_SHARED_DIR "/data/manifest.csv"));
    reading real = how;
    real.folder = evh_input_dir_folder(dir);
    assert_ok(read_all(&out, &real, pieces_source(&pieces, evh_buffer_view(&text), SIZE_MAX)));
    assert_ok(evh_buffer_u8(&out, 0));
    const char *at = (const char *)out.data;
    for (size_t i = 0; i < 6; i++) {
        char start[64];
        (void)snprintf(start, sizeof start, "%zu|u%zu|once upon a time", i + 2, i);
        assert_true(strncmp(at, start, strlen(start)) == 0);
        assert_non_null(strstr(at, "|Once upon a time"));
        at = strchr(at, '\n') + 1;
    }
    assert_int_equal(*at, '\0');
    evh_input_dir_free(&dir);
    evh_buffer_clear(&text);
    evh_buffer_clear(&out);
}

int run_manifest_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_manifest_pairs_trn_by_id),
        cmocka_unit_test(test_manifest_joins_beside_other_kinds),
        cmocka_unit_test(test_manifest_several_models),
        cmocka_unit_test(test_manifest_bad_rows_go_on),
        cmocka_unit_test(test_manifest_what_stops),
        cmocka_unit_test(test_manifest_cut_at_every_byte_in_any_pieces),
        cmocka_unit_test(test_manifest_reads_transcribe_files),
    };
    return cmocka_run_group_tests_name("manifest", tests, NULL, NULL);
}
