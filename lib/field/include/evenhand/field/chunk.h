/* SPDX-License-Identifier: Apache-2.0
 * field/chunk.h: the chunk length of a proof over an encoded vector.
 * A proof splits an encoding of M elements into g calls of c = ceil(M / g) elements; its
 * polynomials have p coefficients, p the power of two above g. A full transform (g = p - 1) wastes
 * nothing. Of the full ones, 2c + 2p elements of proof are fewest near c = sqrt(M); the next larger
 * p costs hardly more proof and halves what the aggregators exchange, 2c + 2 elements.
 * Source   draft-irtf-cfrg-vdaf-20 section 7.1 (proof and verifier lengths)
 * Threads  values, no state            Memory  allocates nothing
 * Tests    unit/field/test_field.c */
#ifndef EVH_FIELD_CHUNK_H
#define EVH_FIELD_CHUNK_H

#include <stdint.h>

/* The chunk length for an encoding of encoded_len field elements: c = ceil(M / (2^k - 1)) with k
 * one above the k that minimises the proof (never more calls than elements).
 *   encoded_len  1 or more: length * bits of a SumVec, length of a Histogram
 * Gives 1..encoded_len; for encoded_len 0 it gives 1. */
uint64_t evh_chunk_length(uint64_t encoded_len);

#endif
