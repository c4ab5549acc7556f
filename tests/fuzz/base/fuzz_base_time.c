/* SPDX-License-Identifier: Apache-2.0
 * Times in text form: a time that is read and lies in the years 0000 to 9999 is written and read
 * again as the same instant. */
#include "evenhand/base/clock.h"
#include "support/fuzz.h"

static const int64_t YEAR_0000_MS = INT64_C(-62167219200000);
static const int64_t YEAR_10000_MS = INT64_C(253402300800000);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int64_t unix_ms = -1;
    evh_status status = evh_time_parse(evh_view_of(data, size), 0, &unix_ms);
    if (status.code != EVH_OK) {
        FUZZ_CHECK(unix_ms == 0);
        return 0;
    }
    if (unix_ms < YEAR_0000_MS || unix_ms >= YEAR_10000_MS)
        return 0; /* a zone moved it out of the years that have a text form */
    char text[EVH_TIME_TEXT_LEN];
    evh_time_format(text, unix_ms);
    int64_t again = 0;
    status = evh_time_parse(evh_view_of_text(text), 3600, &again);
    FUZZ_CHECK(status.code == EVH_OK);
    FUZZ_CHECK(again == unix_ms);
    return 0;
}
