/* SPDX-License-Identifier: Apache-2.0 */
#include "plans.h"

#include "support/test.h"

const char plan_speech[] =
    "version: 1\n"
    "name: transcription-accents-2026q4\n"
    "scorer: wer\n"
    "wer: {average: unit, alignment: sclite, normalizer: none, empty_reference: skip, detail: "
    "errors}\n"
    "binary: {positive: [\"1\", \"yes\"], threshold: \"0.5\"}\n"
    "models: [asr-3, asr-4]\n"
    "attributes:\n"
    "  - {name: accent, values: [arabic, english_uk, french]}\n"
    "  - {name: noise, values: [quiet, street, ward]}\n"
    "  - {name: age, bins: [18, 40, 65]}\n"
    "  - {name: family, from: accent, map: {romance: [french]}}\n"
    "releases: [[accent, noise]]\n"
    "derive: [[], [accent], [family]]\n"
    "window: {every: month, start: 2026-10-01, timezone: UTC}\n"
    "privacy:\n"
    "  population: patients-en\n"
    "  records_per_unit: 5\n"
    "  groups_per_unit: 2\n"
    "  cell_bits: 24\n"
    "  placement: local\n"
    "  mechanism: discrete-laplace\n"
    "  epsilon: \"1.0\"\n"
    "  delta: \"0\"\n"
    "rounds: {count: 12, min_honest: 5, assumed_corrupt: 1, max_clients: 1000}\n"
    "questions:\n"
    "  - {id: accent-gap, metric: wer, by: accent, reference: english_uk, measure: difference, "
    "tolerance: \"0.05\", model: asr-4}\n"
    "confidence: \"0.95\"\n";

const char plan_smallest[] = "name: p\n"
                             "scorer: binary\n"
                             "attributes: [{name: sex, values: [f, m]}]\n"
                             "releases: [[sex]]\n"
                             "privacy: {}\n";

const char plan_two_releases[] = "name: p\n"
                                 "scorer: event\n"
                                 "attributes:\n"
                                 "  - {name: a, values: [a1, a2]}\n"
                                 "  - {name: b, values: [b1, b2, b3]}\n"
                                 "  - {name: c, values: [c1]}\n"
                                 "  - {name: half, from: b, map: {low: [b2, b1], high: [b3]}}\n"
                                 "releases: [[b, a], [b, c]]\n"
                                 "derive: [[b], [half], [a, half], []]\n"
                                 "privacy: {}\n";

evh_plan *parse_plan(const char *yaml)
{
    evh_plan *plan = NULL;
    evh_diagnostics list = evh_diagnostics_init(10);
    assert_ok(evh_plan_parse(&plan, "plan.yaml", evh_view_of_text(yaml), &list));
    assert_int_equal(list.errors, 0);
    assert_non_null(plan);
    evh_diagnostics_clear(&list);
    return plan;
}
