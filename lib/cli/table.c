/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/cli/table.h"

#include <stdlib.h>
#include <string.h>

#include "evenhand/base/sizes.h"
#include "evenhand/base/utf8.h"

enum { TABLE_BYTES_MAX = 1 << 30, GAP = 2, NUMBER_LEN_MAX = 16 };

evh_table evh_table_of(size_t columns)
{
    evh_table table = {.columns = columns, .text = evh_buffer_init(TABLE_BYTES_MAX)};
    return table;
}

void evh_table_clear(evh_table *table)
{
    evh_buffer_clear(&table->text);
    free(table->ends);
    table->ends = NULL;
    table->count = 0;
    table->capacity = 0;
}

evh_status evh_table_add(evh_table *table, const char *format, ...)
{
    evh_status status = evh_ok();
    char text[EVH_TABLE_CELL_LEN];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    EVH_TRY(evh_array_reserve(&table->ends, &table->capacity, table->count + 1, sizeof *table->ends,
                              "table"));
    EVH_TRY(evh_buffer_append(&table->text, evh_view_of_text(text)));
    table->ends[table->count++] = table->text.len;

done:
    return status;
}

static evh_view cell_of(const evh_table *table, size_t index)
{
    size_t start = index > 0 ? table->ends[index - 1] : 0;
    return evh_view_of(table->text.data + start, table->ends[index] - start);
}

/* Characters, as a terminal shows them for the scripts that need one place each. */
static size_t width_of(evh_view cell)
{
    size_t width = 0;
    for (size_t i = 0; i < cell.len; i++)
        width += (cell.data[i] & 0xC0U) != 0x80U;
    return width;
}

/* Numbers stand at the right of their column: decided by the cells below the heading. What is long
 * is an id or a key that happens to start with a digit. */
static bool is_number(evh_view cell)
{
    return cell.len == 0 || (cell.len < NUMBER_LEN_MAX &&
                             ((cell.data[0] >= '0' && cell.data[0] <= '9') || cell.data[0] == '-'));
}

static void measure_columns(const evh_table *table, size_t *widths, bool *right)
{
    for (size_t i = 0; i < table->columns; i++)
        right[i] = table->count > table->columns;
    for (size_t i = 0; i < table->count; i++) {
        evh_view cell = cell_of(table, i);
        size_t column = i % table->columns;
        size_t width = width_of(cell);
        if (width > widths[column])
            widths[column] = width;
        if (i >= table->columns && !is_number(cell))
            right[column] = false;
    }
}

static evh_status pad(evh_buffer *out, size_t count)
{
    evh_status status = evh_ok();
    for (size_t i = 0; i < count; i++)
        EVH_TRY(evh_buffer_u8(out, ' '));

done:
    return status;
}

static evh_status put_cell(evh_buffer *out, evh_view cell, size_t width, bool right, bool last)
{
    evh_status status = evh_ok();
    size_t missing = width - width_of(cell);
    if (right)
        EVH_TRY(pad(out, missing));
    EVH_TRY(evh_buffer_append(out, cell));
    if (!right && !last)
        EVH_TRY(pad(out, missing));
    if (!last)
        EVH_TRY(pad(out, GAP));

done:
    return status;
}

/* No line ends with spaces: those before an empty last cell. */
static void trim(evh_buffer *out)
{
    size_t len = out->len;
    while (len > 0 && out->data[len - 1] == ' ')
        len--;
    evh_buffer_truncate(out, len);
}

evh_status evh_table_format(evh_buffer *out, const evh_table *table)
{
    evh_status status = evh_ok();
    size_t *widths = NULL;
    bool *right = NULL;
    EVH_INVARIANT(table->columns > 0 && table->count % table->columns == 0);
    EVH_TRY(evh_alloc(&widths, table->columns, sizeof *widths, "table"));
    EVH_TRY(evh_alloc(&right, table->columns, sizeof *right, "table"));
    measure_columns(table, widths, right);
    for (size_t i = 0; i < table->count; i++) {
        size_t column = i % table->columns;
        bool last = column + 1 == table->columns;
        EVH_TRY(put_cell(out, cell_of(table, i), widths[column], right[column], last));
        if (last) {
            trim(out);
            EVH_TRY(evh_buffer_u8(out, '\n'));
        }
    }

done:
    free(widths);
    free(right);
    return status;
}
