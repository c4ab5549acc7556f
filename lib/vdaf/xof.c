/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/vdaf/xof.h"

#include <string.h>

#include "evenhand/base/secret.h"
#include "keccak_internal.h"
#include "sample_internal.h"

void evh_turboshake128_init(evh_turboshake128 *sponge, uint8_t domain)
{
    memset(sponge, 0, sizeof *sponge);
    sponge->domain = domain;
}

void evh_turboshake128_clear(evh_turboshake128 *sponge)
{
    evh_wipe(sponge, sizeof *sponge);
}

static void absorb_bytes(evh_turboshake128 *sponge, const uint8_t *input, size_t len)
{
    uint8_t *state = (uint8_t *)sponge->lanes + sponge->offset;
    for (size_t i = 0; i < len; i++)
        state[i] ^= input[i];
    sponge->offset += len;
}

static void absorb_block(evh_turboshake128 *sponge, const uint8_t *input)
{
    for (size_t i = 0; i < EVH_TURBOSHAKE128_RATE / 8; i++) {
        uint64_t lane = 0;
        memcpy(&lane, input + 8 * i, sizeof lane);
        sponge->lanes[i] ^= lane;
    }
    evh_keccak_p1600_12(sponge->lanes);
}

void evh_turboshake128_absorb(evh_turboshake128 *sponge, evh_view input)
{
    const uint8_t *data = input.data;
    size_t len = input.len;
    while (len > 0) {
        if (sponge->offset == 0 && len >= EVH_TURBOSHAKE128_RATE) {
            absorb_block(sponge, data);
            data += EVH_TURBOSHAKE128_RATE;
            len -= EVH_TURBOSHAKE128_RATE;
            continue;
        }
        size_t room = EVH_TURBOSHAKE128_RATE - sponge->offset;
        size_t take = len < room ? len : room;
        absorb_bytes(sponge, data, take);
        data += take;
        len -= take;
        if (sponge->offset == EVH_TURBOSHAKE128_RATE) {
            evh_keccak_p1600_12(sponge->lanes);
            sponge->offset = 0;
        }
    }
}

/* RFC 9861 section 2.2: the domain byte ends the message, and the last bit of the block is set. */
static void finish_absorbing(evh_turboshake128 *sponge)
{
    uint8_t *state = (uint8_t *)sponge->lanes;
    state[sponge->offset] ^= sponge->domain;
    state[EVH_TURBOSHAKE128_RATE - 1] ^= 0x80;
    sponge->offset = EVH_TURBOSHAKE128_RATE; /* the first block is not computed yet */
    sponge->squeezing = true;
}

void evh_turboshake128_squeeze(evh_turboshake128 *sponge, uint8_t *out, size_t len)
{
    if (!sponge->squeezing)
        finish_absorbing(sponge);
    while (len > 0) {
        if (sponge->offset == EVH_TURBOSHAKE128_RATE) {
            evh_keccak_p1600_12(sponge->lanes);
            sponge->offset = 0;
        }
        size_t left = EVH_TURBOSHAKE128_RATE - sponge->offset;
        size_t take = len < left ? len : left;
        memcpy(out, (const uint8_t *)sponge->lanes + sponge->offset, take);
        sponge->offset += take;
        out += take;
        len -= take;
    }
}

void evh_xof_init(evh_turboshake128 *xof, evh_view seed, evh_view dst_head, evh_view dst_tail)
{
    size_t dst_len = dst_head.len + dst_tail.len;
    const uint8_t dst_prefix[2] = {(uint8_t)dst_len, (uint8_t)(dst_len >> 8)};
    const uint8_t seed_prefix[1] = {(uint8_t)seed.len};
    evh_turboshake128_init(xof, 1);
    evh_turboshake128_absorb(xof, evh_view_of(dst_prefix, sizeof dst_prefix));
    evh_turboshake128_absorb(xof, dst_head);
    evh_turboshake128_absorb(xof, dst_tail);
    evh_turboshake128_absorb(xof, evh_view_of(seed_prefix, sizeof seed_prefix));
    evh_turboshake128_absorb(xof, seed);
}

static void squeeze_stream(void *context, uint8_t *out, size_t len)
{
    evh_turboshake128_squeeze(context, out, len);
}

void evh_xof_vec_64(evh_turboshake128 *xof, evh_f64 *out, size_t count)
{
    evh_sample_vec_64(squeeze_stream, xof, out, count);
}

void evh_xof_vec_128(evh_turboshake128 *xof, evh_f128 *out, size_t count)
{
    evh_sample_vec_128(squeeze_stream, xof, out, count);
}
