/* SPDX-License-Identifier: Apache-2.0
 * Introductions that a stranger hands over: refused with a diagnostic and empty, or whole and
 * signed. */
#include <string.h>

#include "evenhand/aggregator/introduction.h"
#include "support/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    evh_introduction in = evh_introduction_init();
    evh_diagnostics list = evh_diagnostics_init(EVH_DIAGNOSTICS_DEFAULT);
    evh_status status = evh_introduction_read(&in, "f", evh_view_of(data, size), &list);
    FUZZ_CHECK(status.code == EVH_OK || status.code == EVH_ERR_INPUT);
    FUZZ_CHECK((status.code == EVH_OK) == (list.errors == 0));
    if (status.code == EVH_OK) {
        FUZZ_CHECK(strcmp(in.identity.name, in.name) == 0);
        FUZZ_CHECK(evh_party_name_check(in.name).code == EVH_OK);
        FUZZ_CHECK(in.client_pem.len > 0);
    } else {
        FUZZ_CHECK(in.name[0] == '\0' && in.client_pem.len == 0 && in.ca_pem.len == 0);
    }
    evh_introduction_clear(&in);
    evh_diagnostics_clear(&list);
    return 0;
}
