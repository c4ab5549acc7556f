/* SPDX-License-Identifier: Apache-2.0
 * Key configurations and signed keys: what is read is written again as the same bytes; a signed key
 * that is accepted holds a configuration, one that is not leaves nothing behind. */
#include "evenhand/seal/key_config.h"
#include "support/fuzz.h"

/* The owner of the signed keys among the committed inputs. */
static const char OWNER[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

static void check_same(const evh_key_config *config, evh_view bytes)
{
    evh_buffer again = evh_buffer_init(EVH_KEY_CONFIG_LEN);
    evh_status status = evh_key_config_encode(&again, config);
    FUZZ_CHECK(status.code == EVH_OK);
    FUZZ_CHECK(evh_view_equal(evh_buffer_view(&again), bytes));
    evh_buffer_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const evh_view bytes = evh_view_of(data, size);
    evh_key_config config;
    evh_status status = evh_key_config_decode(&config, bytes);
    if (status.code == EVH_OK)
        check_same(&config, bytes);
    else
        FUZZ_CHECK(config.suite.kem == 0 && config.key.bytes[0] == 0);

    evh_identity owner;
    evh_seal_verdict verdict = EVH_SEAL_ACCEPTED;
    status = evh_identity_parse(&owner, evh_view_of_text(OWNER));
    FUZZ_CHECK(status.code == EVH_OK);
    status = evh_key_config_verify(&config, &verdict, &owner, bytes);
    FUZZ_CHECK(status.code == EVH_OK || verdict == EVH_SEAL_REJECTED);
    if (verdict == EVH_SEAL_ACCEPTED)
        check_same(&config, evh_view_of(data, EVH_KEY_CONFIG_LEN));
    else
        FUZZ_CHECK(config.suite.kem == 0 && config.key.bytes[0] == 0);
    return 0;
}
