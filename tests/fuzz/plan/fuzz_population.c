/* SPDX-License-Identifier: Apache-2.0
 * Populations: the first byte says whether a file or canonical bytes follow. A file that is
 * accepted has bytes that decode to the same population; bytes that decode encode to just these
 * bytes. */
#include "evenhand/plan/population.h"
#include "support/fuzz.h"

static void check_file(evh_view text)
{
    evh_population population;
    evh_population again;
    evh_diagnostics list = evh_diagnostics_init(3);
    evh_buffer bytes = evh_buffer_init(4096);
    evh_status status = evh_population_parse(&population, "f", text, &list);
    FUZZ_CHECK(status.code == EVH_OK || status.code == EVH_ERR_INPUT);
    FUZZ_CHECK((status.code == EVH_OK) == (list.errors == 0));
    if (status.code == EVH_OK) {
        status = evh_population_encode(&population, &bytes);
        FUZZ_CHECK(status.code == EVH_OK);
        status = evh_population_decode(&again, evh_buffer_view(&bytes));
        FUZZ_CHECK(status.code == EVH_OK);
        FUZZ_CHECK(again.customers_per_unit == population.customers_per_unit);
    }
    evh_buffer_clear(&bytes);
    evh_diagnostics_clear(&list);
}

static void check_bytes(evh_view bytes)
{
    evh_population population;
    evh_buffer again = evh_buffer_init(4096);
    evh_status status = evh_population_decode(&population, bytes);
    FUZZ_CHECK(status.code == EVH_OK || status.code == EVH_ERR_ENCODING ||
               status.code == EVH_ERR_RANGE);
    if (status.code == EVH_OK) {
        status = evh_population_encode(&population, &again);
        FUZZ_CHECK(status.code == EVH_OK);
        FUZZ_CHECK(evh_view_equal(evh_buffer_view(&again), bytes));
    }
    evh_buffer_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    evh_view rest = evh_view_of(data + 1, size - 1);
    if (data[0] % 2 == 0)
        check_file(rest);
    else
        check_bytes(rest);
    return 0;
}
