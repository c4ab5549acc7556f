/* SPDX-License-Identifier: Apache-2.0
 * Published cases of an exact accountant: ours must never report less. */
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "evenhand/privacy/accounting.h"
#include "support/test.h"
#include "tests.h"

enum { MECHANISMS_MAX = 8 };

typedef struct vector_case {
    evh_noise noises[MECHANISMS_MAX];
    evh_shift_term terms[MECHANISMS_MAX];
    evh_shift shifts[MECHANISMS_MAX];
    evh_charge charges[MECHANISMS_MAX];
    size_t count;
} vector_case;

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text == NULL ? "" : text;
}

/* The scale 1/a of "num/den". */
static evh_rational inverse_of(const char *text)
{
    unsigned num = 0;
    unsigned den = 1;
    assert_true(sscanf(text, "%u/%u", &num, &den) >= 1);
    return (evh_rational){den, num};
}

/* Continuous Laplace has no counterpart here. The divergence of a continuous Gaussian is the bound
 * used for the discrete one, so that those cases count. */
static bool read_noise(const json_t *mechanism, evh_noise *noise)
{
    const char *type = text_of(mechanism, "type");
    const json_t *sigma = json_object_get(mechanism, "sigma");
    if (strcmp(type, "discrete_laplace") == 0) {
        *noise = (evh_noise){EVH_NOISE_DISCRETE_LAPLACE, inverse_of(text_of(mechanism, "a"))};
    } else if (strcmp(type, "skellam") == 0) {
        json_int_t variance = json_integer_value(json_object_get(mechanism, "variance"));
        *noise = (evh_noise){EVH_NOISE_SKELLAM, {(uint32_t)variance, 1}};
    } else if (strcmp(type, "gaussian") == 0 || strcmp(type, "discrete_gaussian") == 0) {
        assert_true(json_is_integer(sigma));
        json_int_t value = json_integer_value(sigma);
        *noise = (evh_noise){EVH_NOISE_DISCRETE_GAUSSIAN, {(uint32_t)(value * value), 1}};
    } else {
        return false;
    }
    return true;
}

static bool read_case(const json_t *entry, vector_case *out)
{
    const json_t *mechanisms = json_object_get(entry, "mechanisms");
    out->count = json_array_size(mechanisms);
    assert_true(out->count >= 1 && out->count <= MECHANISMS_MAX);
    for (size_t i = 0; i < out->count; i++) {
        const json_t *mechanism = json_array_get(mechanisms, i);
        if (!read_noise(mechanism, &out->noises[i]))
            return false;
        json_int_t shift = json_integer_value(json_object_get(mechanism, "sensitivity"));
        json_int_t rounds = json_integer_value(json_object_get(mechanism, "count"));
        assert_true(shift >= 1 && rounds >= 1);
        out->terms[i] = (evh_shift_term){0, (uint32_t)shift, 1};
        out->shifts[i] = (evh_shift){&out->terms[i], 1};
        out->charges[i] = (evh_charge){.classes = &out->noises[i],
                                       .class_count = 1,
                                       .shifts = &out->shifts[i],
                                       .shift_count = 1,
                                       .rounds = (uint32_t)rounds,
                                       .customers_per_unit = 1};
    }
    return true;
}

/* delta is a power of ten in every case. */
static evh_fraction delta_of(double delta)
{
    evh_fraction fraction = {1, 1};
    while ((double)fraction.num / (double)fraction.den > delta * 1.5)
        fraction.den *= 10;
    assert_close(1 / (double)fraction.den, delta, delta * 1e-12);
    return fraction;
}

static void check_case(const json_t *entry, const vector_case *one)
{
    evh_fraction delta = delta_of(json_number_value(json_object_get(entry, "delta")));
    double best = json_number_value(json_object_get(entry, "eps_best"));
    double least = json_number_value(json_object_get(json_object_get(entry, "accept"), "eps_min"));
    double epsilon = 0;
    assert_true(least > 0 && best >= least);
    assert_ok(evh_privacy_epsilon(&epsilon, one->charges, one->count, delta));
    print_message("%s: %.6f, exact %.6f\n", text_of(entry, "id"), epsilon, best);
    assert_true(epsilon >= least);
    /* Closed forms are not tight, but a bound far off would be a mistake. */
    assert_true(epsilon <= 1.2 * best);
}

static void test_epsilon_vectors(void **state)
{
    (void)state;
    if (test_shared_dir() == NULL) {
        test_skip_without_shared();
        return;
    }
    evh_buffer file = evh_buffer_init(1 << 20);
    char path[512];
    (void)snprintf(path, sizeof path, "%s/vectors/accounting.json", test_shared_dir());
    assert_true(test_read_file(&file, path));
    json_t *root = json_loadb((const char *)file.data, file.len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    const json_t *cases = json_object_get(root, "cases");
    size_t checked = 0;
    for (size_t i = 0; i < json_array_size(cases); i++) {
        vector_case one = {.count = 0};
        if (!read_case(json_array_get(cases, i), &one))
            continue;
        check_case(json_array_get(cases, i), &one);
        checked++;
    }
    assert_true(checked >= 5);
    json_decref(root);
    evh_buffer_clear(&file);
}

int run_accounting_vector_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_epsilon_vectors),
    };
    return cmocka_run_group_tests_name("accounting vectors", tests, NULL, NULL);
}
