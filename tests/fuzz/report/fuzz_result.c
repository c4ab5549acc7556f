/* SPDX-License-Identifier: Apache-2.0
 * Results, by the first byte: '{' a document as a stranger may send it; 'p' canonical bytes of a
 * plan, with sums made up; any other, sums of one of the fixed plans, whose other forms are made
 * too for one byte in eight. A result that is written can be read, and gives the same bytes again.
 */
#include <stdlib.h>
#include <string.h>

#include "../../unit/report/results.h"
#include "evenhand/base/sizes.h"
#include "evenhand/plan/canonical.h"
#include "evenhand/plan/groups.h"
#include "evenhand/report/formats.h"
#include "evenhand/report/page.h"
#include "support/fuzz.h"

enum { CELLS_MAX = 1024 }; /* of a plan from the input: larger ones only take longer */

static void check_forms(const evh_result_facts *facts)
{
    const evh_result_facts *const pages[1] = {facts};
    const evh_result_terminal narrow = {.columns = 40};
    evh_buffer out = evh_buffer_init(EVH_PAGE_BYTES_MAX);
    FUZZ_CHECK(evh_result_csv(&out, facts).code == EVH_OK);
    FUZZ_CHECK(evh_result_card(&out, facts).code == EVH_OK);
    FUZZ_CHECK(evh_result_text(&out, facts, &narrow).code == EVH_OK);
    FUZZ_CHECK(evh_result_page(&out, pages, 1).code == EVH_OK);
    evh_status status = evh_result_analysis(&out, facts, 0);
    FUZZ_CHECK(status.code == EVH_OK || status.code == EVH_ERR_TYPE);
    evh_buffer_clear(&out);
}

/* The bytes of these facts read back as they were. */
static void check_again(const evh_result_facts *facts)
{
    evh_result *result = NULL;
    evh_buffer bytes = evh_buffer_init(EVH_RESULT_BYTES_MAX);
    evh_buffer again = evh_buffer_init(EVH_RESULT_BYTES_MAX);
    FUZZ_CHECK(evh_result_write(&bytes, facts).code == EVH_OK);
    FUZZ_CHECK(evh_buffer_append(&bytes, evh_view_of_text(" ")).code == EVH_OK);
    FUZZ_CHECK(evh_result_read(&result, evh_buffer_view(&bytes)).code == EVH_OK);
    evh_buffer_truncate(&bytes, bytes.len - 1);
    FUZZ_CHECK(evh_result_write(&again, evh_result_facts_of(result)).code == EVH_OK);
    FUZZ_CHECK(evh_view_equal(evh_buffer_view(&again), evh_buffer_view(&bytes)));
    evh_result_free(&result);
    evh_buffer_clear(&bytes);
    evh_buffer_clear(&again);
}

static void check_document(evh_view json)
{
    evh_result *result = NULL;
    evh_status status = evh_result_read(&result, json);
    FUZZ_CHECK(status.code == EVH_OK || status.code == EVH_ERR_ENCODING ||
               status.code == EVH_ERR_TYPE);
    FUZZ_CHECK((status.code == EVH_OK) == (result != NULL));
    if (result != NULL)
        check_again(evh_result_facts_of(result));
    evh_result_free(&result);
}

/* Sums of every size: one byte says how many of the eight that follow count. */
static void take_sums(int64_t *sums, size_t count, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t value = 0;
        size_t bytes = size > 0 ? *data % 9 : 0;
        for (size_t k = 1; k <= bytes && k < size; k++)
            value = value << 8 | data[k];
        memcpy(&sums[i], &value, sizeof value);
        size_t used = bytes + 1 < size ? bytes + 1 : size;
        data += used;
        size -= used;
    }
}

static void check_sums(const uint8_t *data, size_t size)
{
    static const char *const plans[][2] = {{plan_screening, population_screening},
                                           {plan_speech, population_speech}};
    test_result made;
    evh_buffer bytes = evh_buffer_init(EVH_RESULT_BYTES_MAX);
    test_result_make(&made, plans[data[0] % 2][0], plans[data[0] % 2][1], 0, 0);
    take_sums(made.sums, made.facts.sum_count, data + 1, size - 1);
    evh_status status = evh_result_write(&bytes, &made.facts);
    FUZZ_CHECK(status.code == EVH_OK || status.code == EVH_ERR_RANGE);
    if (status.code == EVH_OK) {
        check_again(&made.facts);
        if (data[0] < 32)
            check_forms(&made.facts);
    }
    evh_buffer_clear(&bytes);
    test_result_clear(&made);
}

/* Some groups are small and some sums negative. */
static void check_made_up(const evh_plan *plan)
{
    const evh_plan_terms *terms = evh_plan_terms_of(plan);
    const size_t count = evh_plan_cell_count(plan);
    int64_t *sums = NULL;
    evh_population population;
    evh_diagnostics list = evh_diagnostics_init(3);
    evh_status status =
        evh_population_parse(&population, "f", evh_view_of_text(population_speech), &list);
    FUZZ_CHECK(status.code == EVH_OK);
    evh_diagnostics_clear(&list);
    memcpy(population.name, terms->privacy.population, strlen(terms->privacy.population) + 1);
    FUZZ_CHECK(evh_alloc(&sums, count, sizeof *sums, "sums").code == EVH_OK);
    for (size_t i = 0; i < count; i++)
        sums[i] = (int64_t)(i * 7919 % 1000) * (i % 3 == 0 ? 30 : 1) - 20;
    check_again(&(evh_result_facts){.plan = plan,
                                    .population = &population,
                                    .round = 1,
                                    .window_start_ms = terms->has_window ? 1000 : 0,
                                    .window_end_ms = terms->has_window ? 2000 : 0,
                                    .log_origin = "log.example/evenhand",
                                    .customers = 1,
                                    .sums = sums,
                                    .sum_count = count});
    free(sums);
}

static void check_plan(evh_view bytes)
{
    evh_plan *plan = NULL;
    const bool decoded = evh_plan_decode(&plan, bytes).code == EVH_OK;
    if (decoded && evh_plan_id(plan) != NULL && evh_plan_cell_count(plan) <= CELLS_MAX &&
        evh_plan_terms_of(plan)->privacy.population[0] != '\0')
        check_made_up(plan);
    evh_plan_free(&plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    if (data[0] == '{')
        check_document(evh_view_of(data, size));
    else if (data[0] == 'p')
        check_plan(evh_view_of(data + 1, size - 1));
    else
        check_sums(data, size);
    return 0;
}
