/* SPDX-License-Identifier: Apache-2.0
 * Each allocation of the growing containers fails once: a status comes back, what was there stays,
 * and nothing is lost (the sanitizer run looks for leaks). */
#include <stdlib.h>
#include <string.h>

#include "evenhand/base/sizes.h"
#include "support/alloc_fail.h"
#include "tests.h"

static evh_status grow_buffer(void *context)
{
    (void)context;
    evh_status status = evh_ok();
    evh_buffer buffer = evh_buffer_init(1 << 16);
    for (uint32_t i = 0; i < 2000; i++) {
        size_t before = buffer.len;
        status = evh_buffer_be32(&buffer, i);
        if (status.code != EVH_OK) {
            assert_int_equal(buffer.len, before);
            break;
        }
    }
    for (size_t i = 0; i < buffer.len; i += 4)
        assert_int_equal(buffer.data[i + 3], (i / 4) & 0xff);
    evh_buffer_clear(&buffer);
    return status;
}

static void test_buffer_growth_without_memory(void **state)
{
    (void)state;
    /* 64, 128, ... 8192 bytes */
    assert_int_equal(test_alloc_sweep(grow_buffer, NULL), 8);
}

static evh_status grow_array(void *context)
{
    (void)context;
    evh_status status = evh_ok();
    uint32_t *items = NULL;
    size_t capacity = 0;
    size_t count = 0;
    for (; count < 100; count++) {
        size_t before = capacity;
        status = evh_array_reserve(&items, &capacity, count + 1, sizeof *items, "items");
        if (status.code != EVH_OK) {
            assert_int_equal(capacity, before);
            break;
        }
        assert_int_equal(items[count], 0);
        items[count] = (uint32_t)count + 1;
    }
    for (size_t i = 0; i < count; i++)
        assert_int_equal(items[i], i + 1);
    free(items);
    return status;
}

static void test_array_growth_without_memory(void **state)
{
    (void)state;
    /* 8, 16, 32, 64, 128 items */
    assert_int_equal(test_alloc_sweep(grow_array, NULL), 5);
}

static evh_status encode_and_decode(void *context)
{
    (void)context;
    evh_status status = evh_ok();
    evh_buffer text = evh_buffer_init(4096);
    evh_buffer bytes = evh_buffer_init(4096);
    uint64_t *numbers = NULL;
    EVH_TRY(evh_alloc(&numbers, 16, sizeof *numbers, "numbers"));
    EVH_TRY(evh_base64_encode(&text, evh_view_of(numbers, 16 * sizeof *numbers)));
    EVH_TRY(evh_base64_decode(&bytes, evh_buffer_view(&text)));
    EVH_TRY(evh_buffer_format(&bytes, "%0*d", 500, 7));
done:
    if (status.code != EVH_OK && numbers == NULL)
        assert_int_equal(text.len + bytes.len, 0);
    free(numbers);
    evh_buffer_clear(&bytes);
    evh_buffer_clear(&text);
    return status;
}

static void test_text_forms_without_memory(void **state)
{
    (void)state;
    assert_int_equal(test_alloc_sweep(encode_and_decode, NULL), 4);
}

int run_allocation_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_buffer_growth_without_memory),
        cmocka_unit_test(test_array_growth_without_memory),
        cmocka_unit_test(test_text_forms_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
