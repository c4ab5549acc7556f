/* SPDX-License-Identifier: Apache-2.0 */
#include "support/test.h"
#include "tests.h"

void assert_bytes_hex(const uint8_t *bytes, size_t len, const char *hex)
{
    evh_buffer expected = evh_buffer_init(16384);
    test_hex(&expected, hex);
    assert_views_equal(evh_view_of(bytes, len), evh_buffer_view(&expected));
    evh_buffer_clear(&expected);
}

int main(void)
{
    return run_certificate_tests() + run_hash_tests() + run_hpke_tests() +
           run_hpke_refusal_tests() + run_identity_tests() + run_signing_tests() +
           run_key_config_tests() + run_key_ring_tests() + run_memory_tests();
}
