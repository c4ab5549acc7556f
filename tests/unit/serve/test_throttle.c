/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "evenhand/aggregator/throttle.h"
#include "support/test.h"
#include "tests.h"

static int64_t read_time(void *context)
{
    return *(const int64_t *)context;
}

typedef struct fixture {
    int64_t now_ms;
    evh_throttle *throttle;
} fixture;

static evh_throttle_options options_of(fixture *f)
{
    return (evh_throttle_options){
        .per_minute = 60,
        .burst = 3,
        .running = 2,
        .callers = 64,
        .clock = {.wall_ms = read_time, .monotonic_ms = read_time, .context = &f->now_ms}};
}

static int set_up(void **state)
{
    static fixture f;
    f.now_ms = 1000;
    evh_throttle_options options = options_of(&f);
    assert_ok(evh_throttle_new(&f.throttle, &options));
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    evh_throttle_free(&f->throttle);
    assert_null(f->throttle);
    return 0;
}

typedef struct key {
    uint8_t bytes[EVH_THROTTLE_KEY_LEN];
} key;

static key key_of(unsigned number)
{
    key k;
    memset(&k, 0, sizeof k);
    memcpy(k.bytes, &number, sizeof number);
    return k;
}

static void call(fixture *f, unsigned number, evh_throttle_limit expected)
{
    key k = key_of(number);
    assert_int_equal(evh_throttle_enter(f->throttle, k.bytes), expected);
    if (expected == EVH_THROTTLE_NONE)
        evh_throttle_leave(f->throttle, k.bytes);
}

static void test_throttle_rate_of_each_key(void **state)
{
    fixture *f = *state;
    for (int i = 0; i < 3; i++)
        call(f, 1, EVH_THROTTLE_NONE);
    call(f, 1, EVH_THROTTLE_RATE);
    call(f, 2, EVH_THROTTLE_NONE);
    f->now_ms += 999;
    call(f, 1, EVH_THROTTLE_RATE);
    f->now_ms += 1;
    call(f, 1, EVH_THROTTLE_NONE); /* one a second comes back, refusals cost nothing */
    call(f, 1, EVH_THROTTLE_RATE);
    f->now_ms += INT64_C(1) << 50; /* never more than the burst */
    for (int i = 0; i < 3; i++)
        call(f, 1, EVH_THROTTLE_NONE);
    call(f, 1, EVH_THROTTLE_RATE);
    f->now_ms -= 5000; /* a clock that goes back gives nothing */
    call(f, 1, EVH_THROTTLE_RATE);
}

static void test_throttle_running(void **state)
{
    fixture *f = *state;
    key one = key_of(1);
    key two = key_of(2);
    assert_int_equal(evh_throttle_enter(f->throttle, one.bytes), EVH_THROTTLE_NONE);
    assert_int_equal(evh_throttle_enter(f->throttle, one.bytes), EVH_THROTTLE_NONE);
    call(f, 1, EVH_THROTTLE_RUNNING);
    assert_int_equal(evh_throttle_enter(f->throttle, two.bytes), EVH_THROTTLE_NONE);
    evh_throttle_leave(f->throttle, one.bytes);
    call(f, 1, EVH_THROTTLE_NONE);
}

/* The table holds those that are limited now; who has been quiet makes room. */
static void test_throttle_many_callers(void **state)
{
    fixture *f = *state;
    unsigned refused = 0;
    for (unsigned i = 0; i < 64; i++) {
        key k = key_of(i * 64);
        evh_throttle_limit limit = evh_throttle_enter(f->throttle, k.bytes);
        assert_true(limit == EVH_THROTTLE_NONE || limit == EVH_THROTTLE_CALLERS);
        refused += limit == EVH_THROTTLE_CALLERS;
        if (limit == EVH_THROTTLE_NONE)
            evh_throttle_leave(f->throttle, k.bytes);
    }
    assert_int_equal(refused, 48);
    f->now_ms += 60000;
    for (unsigned i = 0; i < 16; i++)
        call(f, (100 + i) * 64, EVH_THROTTLE_NONE);
}

static void test_throttle_options_out_of_range(void **state)
{
    fixture *f = *state;
    evh_throttle *throttle = NULL;
    for (int i = 0; i < 5; i++) {
        evh_throttle_options options = options_of(f);
        uint32_t *const members[] = {&options.per_minute, &options.burst, &options.running,
                                     &options.callers, &options.callers};
        *members[i] = i == 4 ? EVH_THROTTLE_CALLERS_MAX + 1 : 0;
        assert_fails(evh_throttle_new(&throttle, &options), EVH_ERR_ARG);
        assert_null(throttle);
    }
}

int run_throttle_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_throttle_rate_of_each_key, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_throttle_running, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_throttle_many_callers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_throttle_options_out_of_range, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("throttle", tests, NULL, NULL);
}
