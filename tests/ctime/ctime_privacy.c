/* SPDX-License-Identifier: Apache-2.0
 * Drawing takes time that follows the draws: the one exception. Everything that touches the counts
 * does not: the cut, the sum and the clamp. evh_noise_vector_new marks the noise as secret. */
#include "evenhand/base/secret.h"
#include "evenhand/privacy/noise.h"
#include "support/test.h"

enum { N = 64, OFFSET = 40, MAX = 1023 };

static void test_noise_vector_add_hides_counts_and_noise(void **state)
{
    (void)state;
    evh_noise cells[N];
    uint64_t counts[N];
    uint64_t out[N];
    for (size_t i = 0; i < N; i++) {
        cells[i] = (evh_noise){EVH_NOISE_DISCRETE_LAPLACE, {60, 1}};
        counts[i] = i % 2 == 0 ? 0 : 5000 * i;
    }
    test_rng generator;
    evh_rng rng = test_rng_seeded(&generator, 5);
    evh_noise_vector *vector = NULL;
    assert_ok(evh_noise_vector_new(&vector, cells, N, &rng));
    evh_mark_secret(counts, sizeof counts);
    assert_ok(evh_noise_vector_add(vector, out, counts, N, OFFSET, MAX));
    evh_declassify(out, sizeof out, "the test checks it");
    size_t clamped = 0;
    for (size_t i = 0; i < N; i++) {
        assert_in_range(out[i], 0, MAX);
        clamped += out[i] == 0 || out[i] == MAX ? 1 : 0;
    }
    assert_true(clamped > 0 && clamped < N);
    evh_noise_vector_free(&vector);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_noise_vector_add_hides_counts_and_noise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
