/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "plans.h"
#include "support/alloc_fail.h"
#include "support/test.h"
#include "tests.h"

static void assert_decimal(evh_decimal value, int64_t digits, int32_t exponent)
{
    assert_true(value.digits == digits);
    assert_int_equal(value.exponent, exponent);
}

static void test_parse_every_key(void **state)
{
    (void)state;
    evh_plan *plan = parse_plan(plan_speech);
    const evh_plan_terms *terms = evh_plan_terms_of(plan);
    assert_string_equal(terms->name, "transcription-accents-2026q4");
    assert_int_equal(terms->scorer, EVH_PLAN_WER);
    assert_false(terms->scoring.by_word);
    assert_int_equal(terms->scoring.positive_count, 0);
    assert_int_equal(terms->model_count, 2);
    assert_string_equal(terms->models[1], "asr-4");
    assert_int_equal(terms->attribute_count, 4);
    assert_string_equal(terms->attributes[2].values[1], "[40,65)");
    assert_int_equal(terms->attributes[3].kind, EVH_PLAN_MAPPED);
    assert_int_equal(terms->attributes[3].from, 0);
    assert_int_equal(terms->attributes[3].map[2], 0);
    assert_int_equal(terms->attributes[3].map[0], 1);
    assert_true(terms->has_window);
    assert_string_equal(terms->privacy.population, "patients-en");
    assert_int_equal(terms->privacy.records_per_unit, 5);
    assert_int_equal(terms->privacy.groups_per_unit, 2);
    assert_int_equal(terms->privacy.words_per_unit, 0);
    assert_int_equal(terms->privacy.mechanism, EVH_NOISE_DISCRETE_LAPLACE);
    assert_decimal(terms->privacy.epsilon, 1, 0);
    assert_decimal(terms->privacy.delta, 0, 0);
    assert_int_equal(terms->rounds.count, 12);
    assert_int_equal(terms->question_count, 1);
    const evh_plan_question *question = &terms->questions[0];
    assert_string_equal(question->id, "accent-gap");
    assert_string_equal(question->metric->name, "word_error_rate");
    assert_int_equal(question->grouping, 2);
    assert_int_equal(question->reference, 1);
    assert_int_equal(question->model, 1);
    assert_int_equal(question->measure, EVH_PLAN_DIFFERENCE);
    assert_decimal(question->tolerance, 5, -2);
    assert_decimal(terms->confidence, 95, -2);
    evh_plan_free(&plan);
    assert_null(plan);
    evh_plan_free(&plan);
}

static void test_parse_defaults(void **state)
{
    (void)state;
    evh_plan *plan = parse_plan(plan_smallest);
    const evh_plan_terms *terms = evh_plan_terms_of(plan);
    assert_int_equal(terms->scoring.positive_count, 1);
    assert_string_equal(terms->scoring.positive[0], "1");
    assert_false(terms->scoring.has_threshold);
    assert_int_equal(terms->model_count, 0);
    assert_int_equal(evh_plan_model_slots(plan), 1);
    assert_false(terms->has_window);
    assert_string_equal(terms->privacy.population, "");
    assert_int_equal(terms->privacy.records_per_unit, 1);
    assert_int_equal(terms->privacy.groups_per_unit, 1);
    assert_int_equal(terms->privacy.cell_bits, 24);
    assert_int_equal(terms->privacy.placement, EVH_PLAN_LOCAL);
    assert_int_equal(terms->privacy.mechanism, EVH_NOISE_DISCRETE_LAPLACE);
    assert_decimal(terms->privacy.epsilon, 1, 0);
    assert_decimal(terms->privacy.delta, 0, 0);
    assert_int_equal(terms->rounds.count, 1);
    assert_int_equal(terms->rounds.min_honest, 5);
    assert_int_equal(terms->rounds.assumed_corrupt, 1);
    assert_int_equal(terms->rounds.max_clients, 1000);
    assert_int_equal(terms->question_count, 0);
    assert_decimal(terms->confidence, 95, -2);
    evh_plan_free(&plan);
}

static void test_parse_normalises_texts(void **state)
{
    (void)state;
    evh_plan *plan = parse_plan("name: ' Cafe\xcc\x81 '\n"
                                "scorer: binary\n"
                                "binary: {positive: [yes, '1', Yes]}\n"
                                "attributes: [{name: e\xcc\x81, values: [' e\xcc\x81 ']}]\n"
                                "releases: [[\xc3\xa9]]\n"
                                "privacy: {epsilon: 0.50, delta: '1E-6'}\n");
    const evh_plan_terms *terms = evh_plan_terms_of(plan);
    assert_string_equal(terms->name, "Caf\xc3\xa9");
    assert_string_equal(terms->attributes[0].values[0], "\xc3\xa9");
    assert_string_equal(terms->scoring.positive[0], "1");
    assert_string_equal(terms->scoring.positive[1], "Yes");
    assert_string_equal(terms->scoring.positive[2], "yes");
    assert_decimal(terms->privacy.epsilon, 5, -1);
    assert_decimal(terms->privacy.delta, 1, -6);
    evh_plan_free(&plan);
}

static void test_parse_warns_of_what_is_not_used(void **state)
{
    (void)state;
    evh_plan *plan = NULL;
    evh_diagnostics list = evh_diagnostics_init(10);
    assert_ok(evh_plan_parse(&plan, "plan.yaml", evh_view_of_text(plan_speech), &list));
    assert_int_equal(list.warnings, 2);
    assert_int_equal(list.items[0].line, 5);
    assert_string_equal(list.items[0].wrong, "the block binary is not used: the scorer is wer");
    assert_int_equal(list.items[1].line, 10);
    assert_non_null(strstr(list.items[1].wrong, "attribute age is in no release"));
    evh_diagnostics_clear(&list);
    evh_plan_free(&plan);
}

/* The plan as people first see it, comments and all: keys of another scorer and of another average
 * are there, to be put to use by changing a word. */
static void test_parse_the_plan_of_the_design(void **state)
{
    (void)state;
    static const char yaml[] =
        "version: 1\n"
        "name: transcription-accents-2026q4\n"
        "scorer: wer                        # binary | multiclass | wer | regression | event\n"
        "wer: {average: unit, alignment: sclite, normalizer: none, empty_reference: skip, "
        "detail: errors}\n"
        "binary: {positive: [\"1\", \"yes\"], threshold: \"0.5\"}      # the scorer's own block\n"
        "models: [asr-3, asr-4]             # optional\n"
        "attributes:\n"
        "  - {name: accent, values: [arabic, english_uk, french]}\n"
        "  - {name: noise, values: [quiet, street, ward]}\n"
        "  - {name: age, bins: [18, 40, 65]}                      # [lo, hi) bands\n"
        "  - {name: family, from: accent, map: {romance: [french]}}\n"
        "releases: [[accent, noise]]        # each costs its own noise\n"
        "derive: [[], [accent], [family]]   # summed from a release: costs no privacy\n"
        "window: {every: month, start: 2026-10-01, timezone: UTC} # UTC or \xc2\xb1hh:mm\n"
        "privacy:\n"
        "  population: patients-en\n"
        "  records_per_unit: 5\n"
        "  groups_per_unit: 2\n"
        "  words_per_unit: 400              # wer with average: word\n"
        "  cell_bits: 24\n"
        "  placement: local                 # local | distributed (Skellam only)\n"
        "  mechanism: discrete-laplace\n"
        "  epsilon: \"1.0\"                   # per round\n"
        "  delta: \"0\"\n"
        "rounds: {count: 12, min_honest: 5, assumed_corrupt: 1, max_clients: 1000}\n"
        "questions:\n"
        "  - {id: accent-gap, metric: wer, by: accent, reference: english_uk, "
        "measure: difference, tolerance: \"0.05\"}\n"
        "confidence: \"0.95\"                 # simultaneous\n";
    evh_plan *plan = NULL;
    evh_diagnostics list = evh_diagnostics_init(10);
    assert_ok(evh_plan_parse(&plan, "plan.yaml", evh_view_of_text(yaml), &list));
    assert_int_equal(list.warnings, 3);
    assert_int_equal(list.items[2].line, 19);
    assert_string_equal(list.items[2].wrong,
                        "words_per_unit is not used: the plan does not average over words");
    assert_int_equal(evh_plan_terms_of(plan)->privacy.words_per_unit, 0);
    assert_true(evh_plan_terms_of(plan)->questions[0].model == EVH_PLAN_EVERY_MODEL);
    evh_diagnostics_clear(&list);
    evh_plan_free(&plan);
}

static void test_parse_every_scorer(void **state)
{
    (void)state;
    static const struct {
        const char *scorer;
        evh_plan_scorer kind;
        size_t cells;
        const char *last;
    } rows[] = {
        {"binary\nbinary: {threshold: 0.5}", EVH_PLAN_BINARY, 4, "tn"},
        {"multiclass", EVH_PLAN_MULTICLASS, 2, "errors"},
        {"multiclass\nmulticlass: {detail: errors}", EVH_PLAN_MULTICLASS, 2, "errors"},
        {"multiclass\nmulticlass: {classes: [x, y]}", EVH_PLAN_MULTICLASS, 6, "fn:y"},
        {"multiclass\nmulticlass: {classes: [x, y], detail: ovr}", EVH_PLAN_MULTICLASS, 6, "fn:y"},
        {"wer", EVH_PLAN_WER, 3, "rate_squared_sum"},
        {"wer\nwer: {average: word}", EVH_PLAN_WER, 2, "errors"},
        {"wer\nwer: {average: word, detail: sdi}", EVH_PLAN_WER, 4, "insertions"},
        {"regression\nregression: {bound: '10'}", EVH_PLAN_REGRESSION, 4, "squared"},
        {"event\nevent: {positive: [call]}", EVH_PLAN_EVENT, 2, "events"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        evh_buffer yaml = evh_buffer_init(4096);
        assert_ok(evh_buffer_format(&yaml,
                                    "name: p\nscorer: %s\nattributes: []\nreleases: [[]]\n"
                                    "privacy: {}\n",
                                    rows[i].scorer));
        assert_ok(evh_buffer_u8(&yaml, 0));
        evh_plan *plan = parse_plan((const char *)yaml.data);
        assert_int_equal(evh_plan_terms_of(plan)->scorer, rows[i].kind);
        assert_int_equal(evh_plan_cells_per_group(plan), rows[i].cells);
        assert_string_equal(evh_plan_cell_name(plan, rows[i].cells - 1), rows[i].last);
        assert_int_equal(evh_plan_cell_count(plan), rows[i].cells);
        evh_plan_free(&plan);
        evh_buffer_clear(&yaml);
    }
}

static evh_status parse_once(void *context)
{
    (void)context;
    evh_plan *plan = NULL;
    evh_diagnostics list = evh_diagnostics_init(10);
    evh_view yaml = evh_view_of_text(plan_two_releases);
    evh_status status = evh_plan_parse(&plan, "plan.yaml", yaml, &list);
    assert_true((status.code == EVH_OK) == (plan != NULL));
    evh_plan_free(&plan);
    evh_diagnostics_clear(&list);
    return status;
}

static void test_parse_without_memory(void **state)
{
    (void)state;
    assert_true(test_alloc_sweep(parse_once, NULL) > 10);
}

/* No beginning and no changed byte of a plan may crash or leak. */
static void test_parse_every_cut_and_change(void **state)
{
    (void)state;
    size_t len = strlen(plan_speech);
    evh_buffer bytes = evh_buffer_init(len);
    assert_ok(evh_buffer_append(&bytes, evh_view_of_text(plan_speech)));
    for (size_t i = 0; i < 2 * len; i++) {
        evh_plan *plan = NULL;
        evh_diagnostics list = evh_diagnostics_init(4);
        size_t cut = i < len ? i : len;
        uint8_t before = bytes.data[i % len];
        if (i >= len)
            bytes.data[i % len] ^= (uint8_t)(1U << (i % 7));
        evh_status status = evh_plan_parse(&plan, "f", evh_view_of(bytes.data, cut), &list);
        assert_true(status.code == EVH_OK || status.code == EVH_ERR_INPUT);
        assert_true((status.code == EVH_OK) == (plan != NULL));
        assert_true((status.code == EVH_OK) == (list.errors == 0));
        bytes.data[i % len] = before;
        evh_plan_free(&plan);
        evh_diagnostics_clear(&list);
    }
    evh_buffer_clear(&bytes);
}

int run_parse_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse_every_key),
        cmocka_unit_test(test_parse_defaults),
        cmocka_unit_test(test_parse_normalises_texts),
        cmocka_unit_test(test_parse_warns_of_what_is_not_used),
        cmocka_unit_test(test_parse_the_plan_of_the_design),
        cmocka_unit_test(test_parse_every_scorer),
        cmocka_unit_test(test_parse_without_memory),
        cmocka_unit_test(test_parse_every_cut_and_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
