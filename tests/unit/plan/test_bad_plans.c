/* SPDX-License-Identifier: Apache-2.0
 * Every bad plan names its place, what is wrong and what would be right. */
#include <string.h>

#include "plans.h"
#include "support/test.h"
#include "tests.h"

#define TOP "name: p\nscorer: binary\n"
#define ATTRIBUTES "attributes: [{name: sex, values: [f, m]}]\n"
#define RELEASES "releases: [[sex]]\n"
#define PRIVACY "privacy: {epsilon: 1}\n"
#define GOOD TOP ATTRIBUTES RELEASES PRIVACY /* lines 1 to 5 */
#define WITH_ATTRIBUTES(list) TOP "attributes: [" list "]\n" RELEASES PRIVACY
#define WITH_RELEASES(list) TOP ATTRIBUTES "releases: " list "\n" PRIVACY
#define WITH_PRIVACY(map) TOP ATTRIBUTES RELEASES "privacy: {" map "}\n"
#define WITH_SCORER(scorer) "name: p\nscorer: " scorer "\n" ATTRIBUTES RELEASES PRIVACY
#define WITH_QUESTION(map) GOOD "questions: [{" map "}]\n"
#define QUESTION_HEAD "id: q, metric: accuracy, by: sex"

typedef struct bad_plan {
    const char *yaml;
    uint64_t line;
    uint64_t column;
    const char *wrong;
    const char *right;
} bad_plan;

static const bad_plan shapes[] = {
    {"[a]\n", 1, 1, "the plan is a list", "a map"},
    {"plan\n", 1, 1, "the plan is \"plan\"", "a map"},
    {"scorer: binary\n" ATTRIBUTES RELEASES PRIVACY, 1, 1, "no key \"name\"", "name: what"},
    {"name: p\n" ATTRIBUTES RELEASES PRIVACY, 1, 1, "no key \"scorer\"", "scorer: binary"},
    {TOP RELEASES PRIVACY, 1, 1, "no key \"attributes\"", "attributes: [{"},
    {TOP ATTRIBUTES PRIVACY, 1, 1, "no key \"releases\"", "releases: [["},
    {TOP ATTRIBUTES RELEASES, 1, 1, "no key \"privacy\"", "privacy: {"},
    {GOOD "epsilon: 1\n", 6, 1, "unknown key \"epsilon\" in the plan", "allowed: version"},
    {GOOD "atributes: []\n", 6, 1, "unknown key \"atributes\"", "\"attributes\"; allowed"},
    {GOOD "name: q\n", 6, 1, "duplicate key \"name\", first on line 1", "each key once"},
    {"version: 2\n" GOOD, 1, 10, "version is \"2\"", "from 1 to 1"},
    {"version: one\n" GOOD, 1, 10, "version is \"one\"", "whole number"},
    {"name:\nscorer: binary\n" ATTRIBUTES RELEASES PRIVACY, 1, 6, "name is empty", "a text"},
    {"name: [p]\nscorer: binary\n" ATTRIBUTES RELEASES PRIVACY, 1, 7, "name is a list", "a text"},
    {"name: '  '\nscorer: binary\n" ATTRIBUTES RELEASES PRIVACY, 1, 7, "name is blank", "a text"},
    {"name: \"a\\nb\"\nscorer: binary\n" ATTRIBUTES RELEASES PRIVACY, 1, 7, "name is",
     "without control characters"},
    {GOOD "models: []\n", 6, 9, "models has 0 items", "1 to 16"},
    {GOOD "models: [a, b, a]\n", 6, 16, "models has \"a\" twice", "each once"},
    {GOOD "confidence: 1\n", 6, 13, "confidence is 1", "0.5 to below 1"},
    {GOOD "confidence: high\n", 6, 13, "confidence is \"high\"", "a decimal"},
    {GOOD "confidence: 0.12345678901234567890\n", 6, 13, "18 significant digits", "a decimal"},
};

static const bad_plan scorers[] = {
    {WITH_SCORER("binery"), 2, 9, "scorer is \"binery\"", "\"binary\"; allowed"},
    {WITH_SCORER("[binary]"), 2, 9, "scorer is a list", "binary, multiclass"},
    {GOOD "binary: {positiv: ['1']}\n", 6, 10, "unknown key \"positiv\" in binary", "positive"},
    {GOOD "binary: yes\n", 6, 9, "binary is \"yes\"", "a map"},
    {GOOD "binary: {positive: []}\n", 6, 20, "positive has 0 items", "1 to 64"},
    {GOOD "binary: {positive: 1}\n", 6, 20, "positive is \"1\"", "a list"},
    {GOOD "binary: {positive: [y, y, a]}\n", 6, 24, "positive has \"y\" twice", "each once"},
    {GOOD "binary: {threshold: half}\n", 6, 21, "threshold is \"half\"", "a decimal"},
    {WITH_SCORER("wer") "wer: {average: speaker}\n", 6, 16, "average is \"speaker\"",
     "unit or word"},
    {WITH_SCORER("wer") "wer: {alignment: nist}\n", 6, 18, "alignment is \"nist\"",
     "sclite or levenshtein"},
    {WITH_SCORER("wer") "wer: {normalizer: whisper}\n", 6, 19, "normalizer is \"whisper\"",
     "none or basic"},
    {WITH_SCORER("wer") "wer: {empty_reference: fail}\n", 6, 24, "empty_reference is \"fail\"",
     "skip or count"},
    {WITH_SCORER("wer") "wer: {detail: sdi}\n", 6, 15, "an average over units does not have",
     "average: word"},
    {WITH_SCORER("multiclass") "multiclass: {detail: ovr}\n", 6, 22, "there are no classes",
     "classes:"},
    {WITH_SCORER("multiclass") "multiclass: {classes: [a]}\n", 6, 23, "classes has 1 item",
     "2 to 1024"},
    {WITH_SCORER("multiclass") "multiclass: {classes: [a, b, a]}\n", 6, 30, "\"a\" twice", "once"},
    {WITH_SCORER("multiclass") "multiclass: {classes: [a, b], detail: errors}\n", 6, 23,
     "not used with detail errors", "no classes"},
    {WITH_SCORER("regression"), 2, 9, "needs a block regression", "bound:"},
    {WITH_SCORER("regression") "regression: {steps: 5}\n", 6, 13, "no key \"bound\"", "bound:"},
    {WITH_SCORER("regression") "regression: {bound: 0}\n", 6, 21, "bound is 0", "1e-6 to 1e12"},
    {WITH_SCORER("regression") "regression: {bound: 1, steps: 0}\n", 6, 31, "steps is \"0\"",
     "1 to 10000"},
    {WITH_SCORER("event") "event: {threshold: 1}\n", 6, 9, "unknown key \"threshold\" in event",
     "positive"},
};

static const bad_plan groups[] = {
    {TOP "attributes: sex\n" RELEASES PRIVACY, 3, 13, "attributes is \"sex\"", "a list"},
    {WITH_ATTRIBUTES("sex"), 3, 14, "an attribute is \"sex\"", "a map"},
    {WITH_ATTRIBUTES("{values: [a]}"), 3, 14, "an attribute has no key \"name\"", "name: its"},
    {WITH_ATTRIBUTES("{name: sex}"), 3, 14, "none of values, bins and from", "one of values"},
    {WITH_ATTRIBUTES("{name: sex, values: [a], bins: [1, 2]}"), 3, 14, "more than one of values",
     "one of values"},
    {WITH_ATTRIBUTES("{name: sex, values: []}"), 3, 34, "values has 0 items", "1 to 4096"},
    {WITH_ATTRIBUTES("{name: sex, values: [a, b, ' a']}"), 3, 41, "values has \"a\" twice", "once"},
    {WITH_ATTRIBUTES("{name: sex, values: [a, _other]}"), 3, 38, "_other is reserved", "your own"},
    {WITH_ATTRIBUTES("{name: sex, values: [_missing]}"), 3, 35, "_missing is reserved", "own"},
    {WITH_ATTRIBUTES("{name: sex, values: [a, ~]}"), 3, 38, "values is \"~\"", "quote it"},
    {WITH_ATTRIBUTES("{name: sex, values: [a, [b]]}"), 3, 38, "values is a list", "a text"},
    {WITH_ATTRIBUTES("{name: sex, bins: [18]}"), 3, 32, "bins has 1 item", "2 to 4096"},
    {WITH_ATTRIBUTES("{name: sex, bins: [18, old]}"), 3, 37, "bins is \"old\"", "rising numbers"},
    {WITH_ATTRIBUTES("{name: sex, bins: [40, 18]}"), 3, 37, "bins has 18 after 40", "rise"},
    {WITH_ATTRIBUTES("{name: sex, bins: [18, 18.0]}"), 3, 37, "bins has 18 after 18", "rise"},
    {WITH_ATTRIBUTES("{name: sex, values: [a], map: {b: [a]}}"), 3, 44, "map without from", "from"},
    {WITH_ATTRIBUTES("{name: sex, from: race, map: {b: [a]}}"), 3, 32, "\"race\" is no other",
     "the name of another"},
    {WITH_ATTRIBUTES("{name: sex, from: sex, map: {b: [a]}}"), 3, 32, "\"sex\" is no other",
     "the name of another"},
    {WITH_ATTRIBUTES("{name: sex, values: [a]}, {name: s, from: sex}"), 3, 40, "no key \"map\"",
     "map: {"},
    {WITH_ATTRIBUTES("{name: sex, values: [a]}, {name: s, from: sex, map: {}}"), 3, 66,
     "map is not a map of 1", "a map"},
    {WITH_ATTRIBUTES("{name: sex, values: [a]}, {name: s, from: sex, map: {x: [b]}}"), 3, 70,
     "\"b\" is no value of sex", "values of that attribute"},
    {WITH_ATTRIBUTES("{name: sex, values: [a]}, {name: s, from: sex, map: {x: [a], y: [a]}}"), 3,
     78, "map has \"a\" twice", "each value once"},
    {WITH_ATTRIBUTES("{name: sex, values: [a]}, {name: s, from: sex, map: {_other: [a]}}"), 3, 66,
     "_other is reserved", "your own"},
    {WITH_ATTRIBUTES("{name: sex, values: [a]}, {name: s, from: sex, map: {x: [a]}}, "
                     "{name: t, from: s, map: {y: [x]}}"),
     3, 93, "\"s\" is itself made from another", "values or bins"},
    {WITH_ATTRIBUTES("{name: sex, values: [a]}, {name: sex, values: [b]}"), 3, 47,
     "two attributes have the name \"sex\"", "each name once"},
    {WITH_ATTRIBUTES("{name: sex, values: [a]}, {name: unit, values: [b]}"), 3, 47,
     "\"unit\" is the name of a column", "another name"},
    {WITH_ATTRIBUTES("{name: sex, values: [a]}, {name: label, values: [b]}"), 3, 47,
     "\"label\" is the name of a column", "another name"},
    {WITH_ATTRIBUTES("{name: sex, values: [a], per_unit: 1}"), 3, 49, "per_unit is \"1\"",
     "true or false"},
    {WITH_RELEASES("[sex]"), 4, 12, "releases is \"sex\"", "a list"},
    {WITH_RELEASES("[]"), 4, 11, "releases has 0 items", "1 to 64"},
    {WITH_RELEASES("[[sexe]]"), 4, 12, "\"sexe\" is no attribute", "listed under attributes"},
    {WITH_RELEASES("[[sex, sex]]"), 4, 12, "\"sex\" is there twice", "each attribute once"},
    {WITH_RELEASES("[[sex], [sex]]"), 4, 19, "the same combination", "each combination once"},
    {WITH_RELEASES("[[sex, ~]]") "noise: {offset: 0, shifts: [], cells: [{release: [sex], cells: "
                                 "[tp]}]}\n",
     4, 18, "releases is \"~\"", "quote it"},
    {GOOD "derive: [[sex]]\n", 6, 10, "the same combination", "each combination once"},
    {GOOD "derive: [[age]]\n", 6, 10, "\"age\" is no attribute", "listed under attributes"},
    {WITH_ATTRIBUTES("{name: sex, values: [a]}, {name: b, values: [b]}") "derive: [[b]]\n", 6, 10,
     "no release has all attributes", "attributes of one release"},
    {TOP "attributes: [{name: sex, values: [a]}, {name: s, from: sex, map: {x: [a]}}]\n"
         "releases: [[sex, s]]\n" PRIVACY,
     4, 12, "s follows from sex", "one of the two"},
};

static const bad_plan privacies[] = {
    {TOP ATTRIBUTES RELEASES "privacy: strong\n", 5, 10, "privacy is \"strong\"", "a map"},
    {WITH_PRIVACY("epsilom: 1"), 5, 11, "unknown key \"epsilom\"", "\"epsilon\"; allowed"},
    {WITH_PRIVACY("population: []"), 5, 23, "population is a list", "a text"},
    {WITH_PRIVACY("records_per_unit: 0"), 5, 29, "records_per_unit is \"0\"", "1 to 1048576"},
    {WITH_PRIVACY("records_per_unit: '5'"), 5, 29, "records_per_unit is \"5\"", "whole number"},
    {WITH_PRIVACY("records_per_unit: 2, groups_per_unit: 3"), 5, 49, "groups_per_unit is 3",
     "1 to 2"},
    {"name: p\nscorer: wer\n" ATTRIBUTES RELEASES
     "privacy: {insertions_per_unit: 4}\nwer: {average: word}\n",
     5, 32, "insertions_per_unit without words_per_unit", "words_per_unit beside it"},
    {WITH_PRIVACY("cell_bits: 41"), 5, 22, "cell_bits is \"41\"", "1 to 40"},
    {WITH_PRIVACY("placement: central"), 5, 22, "placement is \"central\"", "local or distributed"},
    {WITH_PRIVACY("placement: distributed"), 5, 22, "shares of discrete-laplace do not add up",
     "mechanism: skellam"},
    {WITH_PRIVACY("mechanism: laplace"), 5, 22, "mechanism is \"laplace\"",
     "discrete-laplace, discrete-gaussian or skellam"},
    {WITH_PRIVACY("mechanism: none, epsilon: 1"), 5, 37, "mechanism none protects nobody",
     "a mechanism"},
    {WITH_PRIVACY("mechanism: none, delta: '1e-6'"), 5, 35, "mechanism none protects nobody",
     "a mechanism"},
    {WITH_PRIVACY("mechanism: discrete-gaussian"), 5, 10, "delta is 0, which discrete-gaussian",
     "a delta such as"},
    {WITH_PRIVACY("mechanism: skellam, delta: 0"), 5, 38, "delta is 0, which skellam",
     "a delta such as"},
    {WITH_PRIVACY("epsilon: 0"), 5, 20, "epsilon is 0", "above 0"},
    {WITH_PRIVACY("epsilon: -1"), 5, 20, "epsilon is -1", "above 0"},
    {WITH_PRIVACY("epsilon: 101"), 5, 20, "epsilon is 101", "at most 100"},
    {WITH_PRIVACY("epsilon: one"), 5, 20, "epsilon is \"one\"", "a decimal"},
    {WITH_PRIVACY("epsilon: 1e-20"), 5, 20, "epsilon is too fine", "19 digits"},
    {WITH_PRIVACY("delta: 0.5"), 5, 18, "delta is 0.5", "0 to 0.001"},
    {GOOD "window: {every: hour, start: 2026-10-01}\n", 6, 17, "every is \"hour\"", "day, week"},
    {GOOD "window: {every: day}\n", 6, 9, "window has no key \"start\"", "YYYY-MM-DD"},
    {GOOD "window: {start: 2026-10-01}\n", 6, 9, "window has no key \"every\"", "month"},
    {GOOD "window: {every: day, start: 2026-02-30}\n", 6, 29, "start is \"2026-02-30\"",
     "an existing day"},
    {GOOD "window: {every: day, start: 1.10.2026}\n", 6, 29, "start is \"1.10.2026\"",
     "YYYY-MM-DD"},
    {GOOD "window: {every: month, start: 2026-10-31}\n", 6, 31, "start is on day 31", "1 to 28"},
    {GOOD "window: {every: day, start: 2026-10-01, timezone: CET}\n", 6, 51, "timezone is \"CET\"",
     "UTC, or an offset"},
    {GOOD "window: {every: day, start: 2026-10-01, timezone: '+14:30'}\n", 6, 51,
     "timezone is \"+14:30\"", "-14:00 to +14:00"},
    {GOOD "rounds: {count: 0}\n", 6, 17, "count is \"0\"", "1 to 10000"},
    {GOOD "rounds: {max_clients: 2000000}\n", 6, 23, "max_clients is \"2000000\"", "1 to 1000000"},
    {GOOD "rounds: {min_honest: 5, assumed_corrupt: 6, max_clients: 10}\n", 6, 58,
     "max_clients is 10, but a round needs 11", "at least min_honest + assumed_corrupt"},
};

static const bad_plan questions[] = {
    {GOOD "questions: {}\n", 6, 12, "questions is a map", "a list"},
    {WITH_QUESTION("id: q"), 6, 13, "a question has no key \"metric\"", "the rate to compare"},
    {WITH_QUESTION(QUESTION_HEAD), 6, 13, "no key \"tolerance\"", "tolerance:"},
    {WITH_QUESTION("id: q, metric: wer, by: sex, tolerance: 0.1"), 6, 29,
     "\"wer\" is no metric of scorer binary", "accuracy, error_rate"},
    {WITH_QUESTION("id: q, metric: accuracy, by: age, tolerance: 0.1"), 6, 43,
     "\"age\" is no attribute", "listed under attributes"},
    {WITH_QUESTION("id: q, metric: accuracy, by: [], tolerance: 0.1"), 6, 43, "by has 0 items",
     "1 to 32"},
    {TOP "attributes: [{name: sex, values: [a]}, {name: b, values: [b]}]\n"
         "releases: [[sex, b]]\n" PRIVACY "questions: [{" QUESTION_HEAD ", tolerance: 0.1}]\n",
     6, 43, "this combination is not published", "releases or derive"},
    {WITH_QUESTION(QUESTION_HEAD ", reference: x, tolerance: 0.1"), 6, 59,
     "\"x\" is no value of sex", "one of its values"},
    {WITH_QUESTION(QUESTION_HEAD ", reference: [f, m], tolerance: 0.1"), 6, 59,
     "reference has 2 values for 1", "one value for each"},
    {WITH_QUESTION(QUESTION_HEAD ", measure: gap, tolerance: 0.1"), 6, 57, "measure is \"gap\"",
     "difference or ratio"},
    {WITH_QUESTION(QUESTION_HEAD ", tolerance: 0"), 6, 59, "tolerance is 0", "above 0, at most 1"},
    {WITH_QUESTION(QUESTION_HEAD ", measure: ratio, tolerance: 1"), 6, 75, "tolerance is 1",
     "below 1"},
    {WITH_QUESTION(QUESTION_HEAD ", model: m1, tolerance: 0.1"), 6, 55,
     "\"m1\" is no model of this plan", "the plan names none"},
    {WITH_QUESTION(QUESTION_HEAD ", model: m2, tolerance: 0.1") "models: [m1]\n", 6, 55,
     "\"m2\" is no model of this plan", "one of the plan's models"},
    {WITH_QUESTION(QUESTION_HEAD ", class: c, tolerance: 0.1"), 6, 55,
     "accuracy is not the rate of a class", "no class"},
    {"name: p\nscorer: multiclass\n" ATTRIBUTES RELEASES
     "privacy: {}\nmulticlass: {classes: [a, b]}\n"
     "questions: [{id: q, metric: precision, by: sex, class: c, tolerance: 0.1}]\n",
     7, 56, "precision needs a class, and \"c\" is none", "one of the scorer's classes"},
    {GOOD "questions: [{" QUESTION_HEAD ", tolerance: 0.1}, {" QUESTION_HEAD ", tolerance: 0.1}]\n",
     6, 70, "two questions have the id \"q\"", "each id once"},
    {WITH_SCORER(
         "regression") "regression: {bound: 1}\nquestions: [{id: q, metric: mean_error, by: "
                       "sex, measure: ratio, tolerance: 0.8}]\n",
     7, 59, "a ratio of mean errors", "measure: difference"},
};

static void check_table(const bad_plan *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        evh_plan *plan = NULL;
        evh_diagnostics list = evh_diagnostics_init(10);
        evh_view yaml = evh_view_of_text(rows[i].yaml);
        evh_status status = evh_plan_parse(&plan, "plan.yaml", yaml, &list);
        if (status.code != EVH_ERR_INPUT)
            fail_msg("%s\nwas not refused: %s", rows[i].yaml, status.text);
        assert_null(plan);
        const evh_diagnostic *first = NULL;
        for (size_t k = 0; first == NULL && k < list.count; k++)
            first = list.items[k].severity == EVH_SEVERITY_ERROR ? &list.items[k] : NULL;
        assert_non_null(first);
        if (first->line != rows[i].line || first->column != rows[i].column ||
            strstr(first->wrong, rows[i].wrong) == NULL ||
            strstr(first->right, rows[i].right) == NULL)
            fail_msg("%s\ngave %zu mistakes, first %u:%u %s (expected %s)", rows[i].yaml,
                     list.errors, (unsigned)first->line, (unsigned)first->column, first->wrong,
                     first->right);
        evh_diagnostics_clear(&list);
    }
}

#define CHECK_TABLE(table) check_table((table), sizeof(table) / sizeof((table)[0]))

static void test_parse_refuses_wrong_shapes(void **state)
{
    (void)state;
    CHECK_TABLE(shapes);
}

static void test_parse_refuses_bad_scorers(void **state)
{
    (void)state;
    CHECK_TABLE(scorers);
}

static void test_parse_refuses_bad_groups(void **state)
{
    (void)state;
    CHECK_TABLE(groups);
}

static void test_parse_refuses_bad_privacy(void **state)
{
    (void)state;
    CHECK_TABLE(privacies);
}

static void test_parse_refuses_bad_questions(void **state)
{
    (void)state;
    CHECK_TABLE(questions);
}

/* One attribute of so many values, alone or crossed with itself. */
static void check_too_many(unsigned values, const char *releases, const char *wrong)
{
    evh_buffer yaml = evh_buffer_init(EVH_PLAN_BYTES_MAX);
    static const char *const names[] = {"a", "b"};
    assert_ok(evh_buffer_format(&yaml, "name: p\nscorer: binary\nprivacy: {}\nattributes:\n"));
    for (size_t i = 0; i < 2; i++) {
        assert_ok(evh_buffer_format(&yaml, "  - {name: %s, values: [v", names[i]));
        for (unsigned k = 1; k < values; k++)
            assert_ok(evh_buffer_format(&yaml, ", v%u", k));
        assert_ok(evh_buffer_format(&yaml, "]}\n"));
    }
    assert_ok(evh_buffer_format(&yaml, "releases: %s\n", releases));
    evh_plan *plan = NULL;
    evh_diagnostics list = evh_diagnostics_init(10);
    assert_fails_with(evh_plan_parse(&plan, "plan.yaml", evh_buffer_view(&yaml), &list),
                      EVH_ERR_INPUT, wrong);
    assert_null(plan);
    evh_diagnostics_clear(&list);
    evh_buffer_clear(&yaml);
}

static void test_parse_refuses_too_many(void **state)
{
    (void)state;
    check_too_many(4097, "[[a]]", "plan.yaml:5:23: error: values has 4097 items");
    check_too_many(300, "[[a, b]]", "plan.yaml:7:12: error: a combination with more than 65536");
    check_too_many(127, "[[a, b]]", "7:12: error: with this release the plan has more than 65536");
    check_too_many(126, "[[a, b], [a]]", "7:20: error: with this release the plan has more than");
}

static void test_parse_reports_all_mistakes_in_order(void **state)
{
    (void)state;
    evh_plan *plan = NULL;
    evh_diagnostics list = evh_diagnostics_init(10);
    evh_view yaml = evh_view_of_text("nam: p\n"
                                     "scorer: binry\n"
                                     "privacy: {epsilon: x, cell_bits: 99}\n"
                                     "attributes: [{name: a, valus: [b]}]\n"
                                     "releases: []\n");
    assert_fails(evh_plan_parse(&plan, "plan.yaml", yaml, &list), EVH_ERR_INPUT);
    static const uint64_t places[][2] = {{1, 1},  {1, 1},  {2, 9}, {3, 20},
                                         {3, 34}, {4, 24}, {5, 11}};
    assert_int_equal(list.count, sizeof places / sizeof places[0]);
    for (size_t i = 0; i < list.count; i++) {
        assert_int_equal(list.items[i].line, places[i][0]);
        assert_int_equal(list.items[i].column, places[i][1]);
    }
    evh_diagnostics_clear(&list);
}

int run_bad_plans_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse_refuses_wrong_shapes),
        cmocka_unit_test(test_parse_refuses_bad_scorers),
        cmocka_unit_test(test_parse_refuses_bad_groups),
        cmocka_unit_test(test_parse_refuses_bad_privacy),
        cmocka_unit_test(test_parse_refuses_bad_questions),
        cmocka_unit_test(test_parse_refuses_too_many),
        cmocka_unit_test(test_parse_reports_all_mistakes_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
