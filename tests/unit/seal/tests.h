/* SPDX-License-Identifier: Apache-2.0
 * The groups that main.c runs, one per source file. Each returns the number of failed tests. */
#ifndef EVH_UNIT_SEAL_TESTS_H
#define EVH_UNIT_SEAL_TESTS_H

#include <stddef.h>
#include <stdint.h>

int run_certificate_tests(void);
int run_hash_tests(void);
int run_hpke_tests(void);
int run_hpke_refusal_tests(void);
int run_identity_tests(void);
int run_signing_tests(void);
int run_key_config_tests(void);
int run_key_ring_tests(void);
int run_memory_tests(void);

/* The bytes are those of the hex text; prints both around the first difference. */
void assert_bytes_hex(const uint8_t *bytes, size_t len, const char *hex);

#endif
