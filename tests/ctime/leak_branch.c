/* SPDX-License-Identifier: Apache-2.0
 * A planted leak: compares secrets with an early exit, as memcmp may. */
#include "evenhand/base/secret.h"

int main(void)
{
    uint8_t key[16] = {1, 2, 3};
    uint8_t guess[16] = {1, 2, 4};
    evh_mark_secret(key, sizeof key);
    for (size_t i = 0; i < sizeof key; i++) {
        if (key[i] != guess[i])
            return 0;
    }
    return 1;
}
