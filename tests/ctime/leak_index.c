/* SPDX-License-Identifier: Apache-2.0
 * A planted leak: looks a secret up in a table, which its cache lines give away. */
#include "evenhand/base/secret.h"

int main(void)
{
    static volatile uint8_t table[256];
    uint8_t key = 7;
    evh_mark_secret(&key, sizeof key);
    uint8_t found = table[key];
    evh_declassify(&found, sizeof found, "only the look-up itself is under test");
    return found;
}
