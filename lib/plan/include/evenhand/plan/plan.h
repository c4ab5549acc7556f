/* SPDX-License-Identifier: Apache-2.0
 * plan/plan.h: the public, immutable description of one measurement, with every default resolved.
 * A plan comes from a YAML file or from canonical bytes, and both ways run the same checks. What is
 * read here and in the headers beside this one (groups, scoring, window) is the one place where
 * client, helper and auditor look up what a plan means.
 * Source   docs/reference/plan.md: every key with its default and range
 * Secret   nothing                         Threads  a plan is immutable: any
 * Memory   all of a plan is freed with it  Tests    unit/plan/ */
#ifndef EVH_PLAN_PLAN_H
#define EVH_PLAN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/decimal.h"
#include "evenhand/base/limits.h"
#include "evenhand/base/status.h"
#include "evenhand/privacy/mechanism.h"
#include "evenhand/scoring/metric.h"
#include "evenhand/yaml/diagnostics.h"

enum {
    EVH_PLAN_VERSION = 1,
    EVH_PLAN_ID_LEN = 32,     /* bytes */
    EVH_PLAN_NAME_MAX = 128,  /* bytes of a name: plan, attribute, model, population, question */
    EVH_PLAN_VALUE_MAX = 256, /* bytes of an attribute's value or a class */
    EVH_PLAN_ATTRIBUTES_MAX = 32,
    EVH_PLAN_VALUES_MAX = 4096, /* declared values of one attribute */
    EVH_PLAN_RELEASES_MAX = 64,
    EVH_PLAN_DERIVED_MAX = 64,
    EVH_PLAN_MODELS_MAX = 16,
    EVH_PLAN_POSITIVE_MAX = 64,  /* spellings of positive */
    EVH_PLAN_CLASSES_MAX = 1024, /* of a multiclass scorer */
    EVH_PLAN_QUESTIONS_MAX = 64,
    EVH_PLAN_RECORDS_MAX = 1 << 20, /* records_per_unit */
    EVH_PLAN_WORDS_MAX = 1 << 24,   /* words_per_unit, insertions_per_unit */
    EVH_PLAN_ROUNDS_MAX = 10000,
    EVH_PLAN_STEPS_MAX = 10000 /* of a regression's errors */
};

/* Every name and value below is NUL-terminated UTF-8 in NFC without control characters. Enums have
 * the order of their names in YAML, see docs/reference/plan.md. */

typedef enum evh_plan_scorer {
    EVH_PLAN_BINARY,
    EVH_PLAN_MULTICLASS,
    EVH_PLAN_WER,
    EVH_PLAN_REGRESSION,
    EVH_PLAN_EVENT
} evh_plan_scorer;

/* The scorer's own block; members of other scorers are zero. */
typedef struct evh_plan_scoring {
    const char *const *positive; /* binary, event: the spellings of positive */
    size_t positive_count;
    bool has_threshold; /* binary: predictions are scores, positive from threshold upwards */
    evh_decimal threshold;
    const char *const *classes; /* multiclass with per_class: the classes; else none */
    size_t class_count;
    bool by_word;               /* wer average: word, else unit */
    bool detail_sdi;            /* wer detail: sdi, else errors */
    bool levenshtein;           /* wer alignment: levenshtein, else sclite */
    bool basic_normalizer;      /* wer normalizer: basic, else none */
    bool count_empty_reference; /* wer empty_reference: count, else skip */
    evh_decimal bound;          /* regression: errors are clipped to [-bound, bound] */
    uint32_t steps;             /* regression: steps of a unit's mean error, bound/steps each */
} evh_plan_scoring;

typedef enum evh_plan_attribute_kind {
    EVH_PLAN_LISTED, /* values as declared */
    EVH_PLAN_BANDS,  /* [lo, hi) bands of numbers; values are named "[18,40)" */
    EVH_PLAN_MAPPED  /* made from the values of another attribute */
} evh_plan_attribute_kind;

typedef struct evh_plan_attribute {
    const char *name;
    evh_plan_attribute_kind kind;
    bool per_unit;             /* declared constant for a unit */
    const char *const *values; /* [value_count], without _other and _missing */
    size_t value_count;
    const evh_decimal *edges; /* bands: [value_count + 1], rising */
    size_t from;       /* mapped: index of the attribute it is made from, which is not mapped */
    const size_t *map; /* mapped: [value_count of `from`], the value each becomes;
                        * value_count (that is _other) where the plan names none */
} evh_plan_attribute;

typedef enum evh_plan_every {
    EVH_PLAN_DAY,
    EVH_PLAN_WEEK,
    EVH_PLAN_MONTH,
    EVH_PLAN_QUARTER,
    EVH_PLAN_YEAR
} evh_plan_every;

typedef struct evh_plan_window {
    evh_plan_every every;
    int16_t year; /* first day of round 1 */
    uint8_t month;
    uint8_t day;
    int32_t offset_s; /* time zone: seconds east of UTC, whole minutes */
} evh_plan_window;

typedef enum evh_plan_placement { EVH_PLAN_LOCAL, EVH_PLAN_DISTRIBUTED } evh_plan_placement;

typedef struct evh_plan_privacy {
    const char *population; /* "" when the plan names none */
    uint32_t records_per_unit;
    uint32_t groups_per_unit;     /* 1..records_per_unit */
    uint32_t words_per_unit;      /* wer by word; 0: no cap, which no plan with noise has */
    uint32_t insertions_per_unit; /* the same */
    uint32_t cell_bits;
    evh_plan_placement placement;
    evh_noise_kind mechanism;
    evh_decimal epsilon; /* per round; zero without a mechanism */
    evh_decimal delta;
} evh_plan_privacy;

typedef struct evh_plan_rounds {
    uint32_t count;
    uint32_t min_honest;
    uint32_t assumed_corrupt;
    uint32_t max_clients;
} evh_plan_rounds;

typedef enum evh_plan_measure { EVH_PLAN_DIFFERENCE, EVH_PLAN_RATIO } evh_plan_measure;

#define EVH_PLAN_EVERY_MODEL SIZE_MAX /* the question is asked of each model */

typedef struct evh_plan_question {
    const char *id;
    const evh_metric *metric; /* of scoring/metric.h */
    size_t metric_class;      /* metrics of one class: its index, else SIZE_MAX */
    size_t grouping;          /* index for evh_plan_grouping_at */
    size_t model;             /* index of the model; 0 without models, or EVH_PLAN_EVERY_MODEL */
    size_t reference; /* index of the group compared with; SIZE_MAX: largest against smallest */
    evh_plan_measure measure;
    evh_decimal tolerance;
} evh_plan_question;

/* Everything the plan says, resolved. */
typedef struct evh_plan_terms {
    const char *name;
    evh_plan_scorer scorer;
    evh_plan_scoring scoring;
    const char *const *models; /* [model_count], none when the plan names none */
    size_t model_count;
    const evh_plan_attribute *attributes; /* [attribute_count] */
    size_t attribute_count;
    bool has_window;
    evh_plan_window window;
    evh_plan_privacy privacy;
    evh_plan_rounds rounds;
    const evh_plan_question *questions; /* [question_count] */
    size_t question_count;
    evh_decimal confidence;
} evh_plan_terms;

typedef struct evh_plan evh_plan;

/* Reads a plan from YAML. A plan without `noise:` is a plan too: it has no plan_id.
 *   plan         NULL on failure; free with evh_plan_free
 *   file         name for the diagnostics
 *   diagnostics  gets every mistake with line and column, sorted; also warnings
 * Fails    INPUT with the first mistake; MEMORY */
EVH_MUST_USE evh_status evh_plan_parse(evh_plan **plan, const char *file, evh_view yaml,
                                       evh_diagnostics *diagnostics);

/* Takes the address, accepts NULL, leaves NULL. */
void evh_plan_free(evh_plan **plan);

/* Borrowed from the plan. */
const evh_plan_terms *evh_plan_terms_of(const evh_plan *plan);

/* Models whose cells are counted side by side: 1 for a plan that names none. */
size_t evh_plan_model_slots(const evh_plan *plan);

/* The name of a scorer as in YAML. */
const char *evh_plan_scorer_name(evh_plan_scorer scorer);

#endif
