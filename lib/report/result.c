/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/report/result.h"

#include <stdlib.h>
#include <string.h>

#include "evenhand/base/clock.h"
#include "evenhand/plan/canonical.h"
#include "evenhand/plan/noise.h"
#include "result_internal.h"

evh_status evh_result_facts_check(const evh_result_facts *facts)
{
    evh_status status = evh_ok();
    const evh_plan_terms *terms = evh_plan_terms_of(facts->plan);
    EVH_REQUIRE(evh_plan_id(facts->plan) != NULL, EVH_ERR_INPUT,
                "a plan without noise has no results");
    EVH_REQUIRE(facts->round >= 1 && facts->round <= terms->rounds.count, EVH_ERR_ARG,
                "round %u of a plan of %u rounds", facts->round, terms->rounds.count);
    EVH_REQUIRE(facts->customers >= 1 && facts->customers <= terms->rounds.max_clients, EVH_ERR_ARG,
                "%u customers in a plan for 1 to %u", facts->customers, terms->rounds.max_clients);
    EVH_REQUIRE(facts->sum_count == evh_plan_cell_count(facts->plan), EVH_ERR_ARG,
                "%zu sums for a plan of %zu cells", facts->sum_count,
                evh_plan_cell_count(facts->plan));
    EVH_REQUIRE(terms->has_window ? facts->window_start_ms < facts->window_end_ms
                                  : facts->window_start_ms == 0 && facts->window_end_ms == 0,
                EVH_ERR_ARG, "the window does not fit the plan");
    EVH_REQUIRE(facts->window_end_ms <= INT64_MAX, EVH_ERR_ARG, "the window ends too late");
    EVH_REQUIRE(strcmp(facts->population->name, terms->privacy.population) == 0, EVH_ERR_ARG,
                "population %.40s for a plan of %.40s", facts->population->name,
                terms->privacy.population);

done:
    return status;
}

evh_status evh_result_evaluate(evh_evaluation **out, const evh_result_facts *facts)
{
    evh_status status = evh_ok();
    const bool noised = evh_plan_terms_of(facts->plan)->privacy.mechanism != EVH_NOISE_NONE;
    const evh_evaluation_options options = {.customers = noised ? facts->customers : 0};
    *out = NULL;
    EVH_TRY(evh_result_facts_check(facts));
    EVH_TRY(evh_evaluation_new(out, facts->plan, facts->sums, &options));

done:
    return status;
}

void evh_result_put_hash(evh_json *json, const char *key, const uint8_t *hash)
{
    char hex[2 * EVH_RESULT_HASH_LEN + 1];
    evh_hex_encode(hex, evh_view_of(hash, EVH_RESULT_HASH_LEN));
    evh_json_text(json, key, hex);
}

static evh_status put_canonical(evh_json *json, evh_view bytes)
{
    evh_status status = evh_ok();
    evh_buffer text = evh_buffer_init(2 * EVH_PLAN_BYTES_MAX);
    EVH_TRY(evh_base64_encode(&text, bytes));
    evh_json_view(json, "canonical", evh_buffer_view(&text));

done:
    evh_buffer_clear(&text);
    return status;
}

static evh_status put_plan(evh_json *json, const evh_result_facts *facts)
{
    evh_status status = evh_ok();
    const evh_plan_terms *terms = evh_plan_terms_of(facts->plan);
    evh_buffer bytes = evh_buffer_init(EVH_PLAN_BYTES_MAX);
    EVH_TRY(evh_plan_encode(facts->plan, &bytes));
    evh_json_object_open(json, "plan");
    evh_result_put_hash(json, "id", evh_plan_id(facts->plan));
    evh_json_text(json, "name", terms->name);
    evh_json_text(json, "scorer", evh_plan_scorer_name(terms->scorer));
    EVH_TRY(put_canonical(json, evh_buffer_view(&bytes)));
    evh_json_close(json);

done:
    evh_buffer_clear(&bytes);
    return status;
}

static evh_status put_population(evh_json *json, const evh_population *population)
{
    evh_status status = evh_ok();
    evh_buffer bytes = evh_buffer_init(EVH_PLAN_BYTES_MAX);
    EVH_TRY(evh_population_encode(population, &bytes));
    evh_json_object_open(json, "population");
    evh_json_text(json, "name", population->name);
    evh_json_text(json, "adjacency", evh_adjacency_name(population->adjacency));
    evh_json_u64(json, "customers_per_unit", population->customers_per_unit);
    evh_json_text(json, "accountant", evh_accountant_name(population->accountant));
    evh_json_object_open(json, "budget");
    evh_json_decimal(json, "epsilon", population->epsilon);
    evh_json_decimal(json, "delta", population->delta);
    evh_json_close(json);
    EVH_TRY(put_canonical(json, evh_buffer_view(&bytes)));
    evh_json_close(json);

done:
    evh_buffer_clear(&bytes);
    return status;
}

static void put_time(evh_json *json, const char *key, bool has, uint64_t time_ms)
{
    char text[EVH_TIME_TEXT_LEN];
    evh_time_format(text, (int64_t)time_ms);
    if (has)
        evh_json_text(json, key, text);
    else
        evh_json_null(json, key);
}

void evh_result_put_round(evh_json *json, const evh_result_facts *facts)
{
    const evh_plan_terms *terms = evh_plan_terms_of(facts->plan);
    evh_json_object_open(json, "round");
    evh_json_u64(json, "number", facts->round);
    evh_json_u64(json, "of", terms->rounds.count);
    put_time(json, "window_start", terms->has_window, facts->window_start_ms);
    put_time(json, "window_end", terms->has_window, facts->window_end_ms);
    evh_json_u64(json, "customers", facts->customers);
    evh_result_put_hash(json, "task_id", facts->task_id);
    evh_json_close(json);
}

static void put_log(evh_json *json, const evh_result_facts *facts)
{
    evh_json_object_open(json, "log");
    evh_json_text(json, "origin", facts->log_origin);
    evh_json_object_open(json, "entries");
    evh_json_u64(json, "population", facts->entries.population);
    evh_json_u64(json, "plan", facts->entries.plan);
    evh_json_u64(json, "round_opened", facts->entries.round_opened);
    evh_json_u64(json, "round_closed", facts->entries.round_closed);
    evh_json_u64(json, "share_commitment", facts->entries.share_commitment);
    evh_json_close(json);
    evh_result_put_hash(json, "reports_root", facts->reports_root);
    evh_json_close(json);
}

/* Other plans of the population may have cost more, which only the log knows. */
evh_status evh_result_spent(double *epsilon, const evh_result_facts *facts)
{
    const evh_budget budget = evh_population_budget(facts->population);
    const evh_charge charge = evh_plan_charge(facts->plan, evh_plan_promised_view(facts->plan),
                                              facts->round, facts->population->customers_per_unit);
    return evh_privacy_epsilon(epsilon, &charge, 1, budget.delta);
}

static evh_status put_spent(evh_json *json, const evh_result_facts *facts)
{
    evh_status status = evh_ok();
    evh_estimate epsilon = {.defined = true};
    EVH_TRY(evh_result_spent(&epsilon.value, facts));
    evh_json_row_open(json, "spent");
    evh_json_u64(json, "rounds", facts->round);
    evh_findings_put_estimate(json, "epsilon", epsilon);
    evh_json_decimal(json, "delta", facts->population->delta);
    evh_json_close(json);

done:
    return status;
}

static evh_status put_privacy(evh_json *json, const evh_result_facts *facts)
{
    evh_status status = evh_ok();
    const evh_plan_terms *terms = evh_plan_terms_of(facts->plan);
    const bool noised = terms->privacy.mechanism != EVH_NOISE_NONE;
    evh_json_object_open(json, "privacy");
    evh_json_text(json, "mechanism", evh_noise_kind_name(terms->privacy.mechanism));
    evh_json_text(json, "placement",
                  terms->privacy.placement == EVH_PLAN_LOCAL ? "local" : "distributed");
    evh_json_bool(json, "noised", noised);
    if (noised) {
        evh_json_decimal(json, "epsilon", terms->privacy.epsilon);
        evh_json_decimal(json, "delta", terms->privacy.delta);
    } else {
        evh_json_null(json, "epsilon");
        evh_json_null(json, "delta");
    }
    EVH_TRY(put_spent(json, facts));
    evh_json_close(json);

done:
    return status;
}

static evh_status put_all(evh_json *json, const evh_result_facts *facts,
                          const evh_evaluation *evaluation)
{
    evh_status status = evh_ok();
    evh_json_object_open(json, NULL);
    evh_json_text(json, "format", EVH_RESULT_FORMAT);
    evh_json_u64(json, "version", EVH_RESULT_VERSION);
    EVH_TRY(put_plan(json, facts));
    EVH_TRY(put_population(json, facts->population));
    evh_result_put_round(json, facts);
    put_log(json, facts);
    EVH_TRY(put_privacy(json, facts));
    evh_findings_put_statistics(json, evaluation);
    EVH_TRY(evh_findings_put_questions(json, evaluation));
    evh_findings_put_metrics(json, evaluation);
    EVH_TRY(evh_result_put_groups(json, facts, evaluation));
    evh_findings_put_disparities(json, evaluation);
    EVH_TRY(evh_findings_put_named(json, evaluation));
    evh_json_close(json);
    EVH_TRY(evh_json_end(json));

done:
    return status;
}

evh_status evh_result_write_evaluated(evh_buffer *out, const evh_result_facts *facts,
                                      const evh_evaluation *evaluation)
{
    const size_t before = out->len;
    evh_json json = evh_json_writer(out);
    evh_status status = put_all(&json, facts, evaluation);
    if (status.code != EVH_OK)
        evh_buffer_truncate(out, before);
    return status;
}

evh_status evh_result_write(evh_buffer *out, const evh_result_facts *facts)
{
    evh_status status = evh_ok();
    evh_evaluation *evaluation = NULL;
    EVH_TRY(evh_result_evaluate(&evaluation, facts));
    EVH_TRY(evh_result_write_evaluated(out, facts, evaluation));

done:
    evh_evaluation_free(&evaluation);
    return status;
}
