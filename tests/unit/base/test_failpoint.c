/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/base/failpoint.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/test.h"
#include "tests.h"

/* How often a child gets past the place called "here" before it is killed, at most 3 times. */
static int passes_with(const char *setting)
{
    int status = 0;
    int ends[2];
    char mark = 0;
    int passes = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)setenv("EVH_FAILPOINT", setting, 1);
        for (int i = 0; i < 3; i++) {
            EVH_FAILPOINT("here");
            if (write(ends[1], "+", 1) != 1)
                _exit(1);
        }
        _exit(0);
    }
    (void)close(ends[1]);
    while (read(ends[0], &mark, 1) == 1)
        passes++;
    (void)close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (passes < 3)
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    else
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    return passes;
}

static void test_failpoint_kills_where_it_is_told(void **state)
{
    (void)state;
#ifdef EVH_FAILPOINTS
    assert_int_equal(passes_with("here"), 0);
    assert_int_equal(passes_with("here:2"), 1);
    assert_int_equal(passes_with("here:3"), 2);
#else
    /* Not there at all. */
    assert_int_equal(passes_with("here"), 3);
#endif
    assert_int_equal(passes_with("here:4"), 3);
    assert_int_equal(passes_with("her"), 3);
    assert_int_equal(passes_with("hereafter"), 3);
    assert_int_equal(passes_with(""), 3);
}

int run_failpoint_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_failpoint_kills_where_it_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
