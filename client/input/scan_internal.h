/* SPDX-License-Identifier: Apache-2.0
 * input/scan_internal.h: which of 64 bytes need a look by the csv reader.
 * Source   exact zero-byte test: Warren, Hacker's Delight (2nd ed.), section 6-1
 * Tests    unit/input/test_scan.c, which holds both ways against a plain loop */
#ifndef EVH_INPUT_SCAN_INTERNAL_H
#define EVH_INPUT_SCAN_INTERNAL_H

#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { EVH_INPUT_SCAN_BLOCK = 64 };

/* Bit i stands for byte i. */
typedef struct evh_input_scan {
    uint64_t special; /* comma, quote, line feed, carriage return, NUL */
    uint64_t high;    /* not ASCII */
} evh_input_scan;

/* 0x80 in each byte of the word that is zero, 0 in the others. */
static inline uint64_t evh_input_zero_bytes(uint64_t word)
{
    const uint64_t low7 = 0x7f7f7f7f7f7f7f7fULL;
    return ~(((word & low7) + low7) | word | low7);
}

/* The top bit of byte i becomes bit i. */
static inline uint64_t evh_input_gather_tops(uint64_t tops)
{
    return ((tops >> 7) * 0x0102040810204080ULL) >> 56;
}

/* Any machine: eight bytes at a time in a register. */
static inline evh_input_scan evh_input_scan_words(const uint8_t *block)
{
    const uint64_t each = 0x0101010101010101ULL;
    evh_input_scan scan = {.special = 0, .high = 0};
    for (unsigned i = 0; i < 8; i++) {
        uint64_t word = 0;
        memcpy(&word, block + 8 * i, 8);
        uint64_t tops = evh_input_zero_bytes(word) | evh_input_zero_bytes(word ^ (each * ',')) |
                        evh_input_zero_bytes(word ^ (each * '"')) |
                        evh_input_zero_bytes(word ^ (each * '\n')) |
                        evh_input_zero_bytes(word ^ (each * '\r'));
        scan.special |= evh_input_gather_tops(tops) << (8 * i);
        scan.high |= evh_input_gather_tops(word & (each * 0x80)) << (8 * i);
    }
    return scan;
}

#ifdef __SSE2__
static inline evh_input_scan evh_input_scan_block(const uint8_t *block)
{
    evh_input_scan scan = {.special = 0, .high = 0};
    for (unsigned i = 0; i < 4; i++) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(block + 16 * i));
        __m128i line = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n')),
                                    _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\r')));
        __m128i mark = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(',')),
                                    _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')));
        __m128i none = _mm_cmpeq_epi8(bytes, _mm_setzero_si128());
        __m128i all = _mm_or_si128(_mm_or_si128(line, mark), none);
        scan.special |= (uint64_t)(uint32_t)_mm_movemask_epi8(all) << (16 * i);
        scan.high |= (uint64_t)(uint32_t)_mm_movemask_epi8(bytes) << (16 * i);
    }
    return scan;
}
#else
static inline evh_input_scan evh_input_scan_block(const uint8_t *block)
{
    return evh_input_scan_words(block);
}
#endif

#endif
