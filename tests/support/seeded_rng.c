/* SPDX-License-Identifier: Apache-2.0
 * Generators that repeat. They live here and nowhere else: no program links them. */
#include <sodium.h>
#include <string.h>

#include "support/test.h"

static evh_status seeded_fill(void *context, uint8_t *out, size_t len)
{
    test_rng *state = context;
    uint8_t nonce[crypto_stream_chacha20_NONCEBYTES];
    memcpy(nonce, &state->block, sizeof nonce);
    (void)crypto_stream_chacha20(out, len, nonce, state->seed);
    state->block++;
    return evh_ok();
}

evh_rng test_rng_seeded(test_rng *state, uint64_t seed)
{
    memset(state, 0, sizeof *state);
    memcpy(state->seed, &seed, sizeof seed);
    evh_rng rng = {.fill = seeded_fill, .context = state};
    return rng;
}

static evh_status scripted_fill(void *context, uint8_t *out, size_t len)
{
    test_script *state = context;
    if (len > state->bytes.len - state->used)
        return evh_fail(EVH_ERR_RNG, "the script is used up");
    memcpy(out, state->bytes.data + state->used, len);
    state->used += len;
    return evh_ok();
}

evh_rng test_rng_scripted(test_script *state, evh_view bytes)
{
    state->bytes = bytes;
    state->used = 0;
    evh_rng rng = {.fill = scripted_fill, .context = state};
    return rng;
}
