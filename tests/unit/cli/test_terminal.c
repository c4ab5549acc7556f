/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/cli/terminal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "support/test.h"
#include "tests.h"

static void test_columns_of_a_file_and_of_a_terminal(void **state)
{
    (void)state;
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(evh_terminal_columns(file), EVH_TERMINAL_COLUMNS);
    (void)fclose(file);
    int terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY);
    assert_true(terminal >= 0);
    struct winsize size = {.ws_row = 24, .ws_col = 61};
    assert_int_equal(ioctl(terminal, TIOCSWINSZ, &size), 0);
    FILE *shown = fdopen(terminal, "r+");
    assert_non_null(shown);
    assert_int_equal(evh_terminal_columns(shown), 61);
    (void)fclose(shown);
}

static void test_is_utf8_follows_the_locale(void **state)
{
    (void)state;
    const char *before = getenv("LC_ALL");
    char *kept = before != NULL ? strdup(before) : NULL;
    assert_int_equal(setenv("LC_ALL", "C", 1), 0);
    assert_false(evh_terminal_is_utf8());
    assert_int_equal(setenv("LC_ALL", "C.UTF-8", 1), 0);
    assert_true(evh_terminal_is_utf8());
    assert_int_equal(setenv("LC_ALL", "no_SUCH.locale", 1), 0);
    assert_false(evh_terminal_is_utf8());
    assert_int_equal(kept != NULL ? setenv("LC_ALL", kept, 1) : unsetenv("LC_ALL"), 0);
    free(kept);
}

int run_terminal_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns_of_a_file_and_of_a_terminal),
        cmocka_unit_test(test_is_utf8_follows_the_locale),
    };
    return cmocka_run_group_tests_name("terminal", tests, NULL, NULL);
}
