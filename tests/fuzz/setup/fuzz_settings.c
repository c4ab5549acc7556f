/* SPDX-License-Identifier: Apache-2.0
 * Settings of a party: refused with a diagnostic, or read; and what is written reads back. */
#include <string.h>

#include "evenhand/aggregator/settings.h"
#include "support/fuzz.h"

/* The file says all that the settings hold. */
static void check_again(const evh_settings *settings)
{
    evh_settings read;
    evh_diagnostics list = evh_diagnostics_init(3);
    evh_buffer text = evh_buffer_init(1 << 20);
    evh_buffer again = evh_buffer_init(1 << 20);
    evh_status status = evh_settings_format(&text, settings);
    FUZZ_CHECK(status.code == EVH_OK);
    status = evh_settings_parse(&read, "f", evh_buffer_view(&text), &list);
    FUZZ_CHECK(status.code == EVH_OK);
    FUZZ_CHECK(strcmp(read.store, settings->store) == 0);
    FUZZ_CHECK(strcmp(read.vault, settings->vault) == 0);
    FUZZ_CHECK(strcmp(read.results, settings->results) == 0);
    FUZZ_CHECK(strcmp(read.metrics, settings->metrics) == 0);
    FUZZ_CHECK(strcmp(read.address, settings->address) == 0);
    FUZZ_CHECK(read.host_count == settings->host_count);
    status = evh_settings_format(&again, &read);
    FUZZ_CHECK(status.code == EVH_OK);
    FUZZ_CHECK(evh_view_equal(evh_buffer_view(&again), evh_buffer_view(&text)));
    evh_buffer_clear(&text);
    evh_buffer_clear(&again);
    evh_diagnostics_clear(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    evh_settings settings;
    evh_diagnostics list = evh_diagnostics_init(EVH_DIAGNOSTICS_DEFAULT);
    evh_status status = evh_settings_parse(&settings, "f", evh_view_of(data, size), &list);
    FUZZ_CHECK(status.code == EVH_OK || status.code == EVH_ERR_INPUT);
    FUZZ_CHECK((status.code == EVH_OK) == (list.errors == 0));
    FUZZ_CHECK((status.code == EVH_OK) == (evh_party_word(settings.role) != NULL));
    if (status.code == EVH_OK)
        check_again(&settings);
    evh_diagnostics_clear(&list);
    return 0;
}
