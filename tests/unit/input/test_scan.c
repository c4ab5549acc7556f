/* SPDX-License-Identifier: Apache-2.0 */
#include "scan_internal.h"

#include "support/test.h"
#include "tests.h"

static evh_input_scan scan_plainly(const uint8_t *block)
{
    evh_input_scan scan = {.special = 0, .high = 0};
    for (unsigned i = 0; i < EVH_INPUT_SCAN_BLOCK; i++) {
        uint8_t byte = block[i];
        if (byte == ',' || byte == '"' || byte == '\n' || byte == '\r' || byte == 0)
            scan.special |= UINT64_C(1) << i;
        if (byte >= 0x80)
            scan.high |= UINT64_C(1) << i;
    }
    return scan;
}

static void assert_scans_alike(const uint8_t *block)
{
    evh_input_scan expected = scan_plainly(block);
    evh_input_scan words = evh_input_scan_words(block);
    evh_input_scan best = evh_input_scan_block(block);
    assert_true(words.special == expected.special && words.high == expected.high);
    assert_true(best.special == expected.special && best.high == expected.high);
}

static void test_scan_every_byte_at_every_place(void **state)
{
    (void)state;
    uint8_t block[EVH_INPUT_SCAN_BLOCK];
    for (unsigned around = 0; around < 256; around += 51)
        for (unsigned at = 0; at < EVH_INPUT_SCAN_BLOCK; at++)
            for (unsigned byte = 0; byte < 256; byte++) {
                memset(block, (int)around, sizeof block);
                block[at] = (uint8_t)byte;
                assert_scans_alike(block);
            }
}

static void test_scan_random_blocks(void **state)
{
    (void)state;
    test_rng seeded;
    evh_rng rng = test_rng_seeded(&seeded, 7);
    uint8_t block[EVH_INPUT_SCAN_BLOCK];
    for (unsigned round = 0; round < 2000; round++) {
        assert_ok(evh_rng_fill(&rng, block, sizeof block));
        for (size_t i = 0; round % 2 == 0 && i < sizeof block; i++)
            block[i] = block[i] % 48; /* the neighbourhood of the special ones */
        assert_scans_alike(block);
    }
}

int run_scan_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scan_every_byte_at_every_place),
        cmocka_unit_test(test_scan_random_blocks),
    };
    return cmocka_run_group_tests_name("scan", tests, NULL, NULL);
}
