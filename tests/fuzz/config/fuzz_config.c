/* SPDX-License-Identifier: Apache-2.0
 * Configuration files: refused with a diagnostic, or read; and every mapped spelling is found. */
#include <string.h>

#include "evenhand/config/config.h"
#include "support/fuzz.h"

static void check_config(const evh_config *config)
{
    for (size_t i = 0; i < config->data.value_count; i++) {
        const evh_config_value *value = &config->data.values[i];
        const char *found = evh_config_find_value(&config->data, evh_view_of_text(value->attribute),
                                                  evh_view_of_text(value->from));
        FUZZ_CHECK(found != NULL && strcmp(found, value->to) == 0);
    }
    for (size_t i = 0; i < config->limit_count; i++)
        FUZZ_CHECK(evh_config_find_limit(config, evh_view_of_text(config->limits[i].population)) !=
                   NULL);
    FUZZ_CHECK(config->data.max_unmapped_denominator > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    evh_config *config = NULL;
    evh_diagnostics diagnostics = evh_diagnostics_init(EVH_DIAGNOSTICS_DEFAULT);
    evh_status status =
        evh_config_parse(&config, "fuzz.yaml", evh_view_of(data, size), &diagnostics);
    FUZZ_CHECK((status.code == EVH_OK) == (config != NULL));
    FUZZ_CHECK((status.code == EVH_OK) == (diagnostics.errors == 0));
    if (config != NULL)
        check_config(config);
    evh_config_free(&config);
    evh_diagnostics_clear(&diagnostics);
    return 0;
}
