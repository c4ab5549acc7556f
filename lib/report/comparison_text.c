/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "comparison_internal.h"
#include "lines_internal.h"
#include "words_internal.h"

enum { NAME_WIDTH = 24, RATE_WIDTH = 9, DIFFERENCE_WIDTH = 26, SHARE_WIDTH = 9 };

typedef struct page {
    evh_lines lines;
    const evh_compared *compared;
} page;

static evh_status put_sentence(page *to, const char *text, size_t indent)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_buffer_format(&to->lines.scratch, "%s", text));
    EVH_TRY(evh_lines_paragraph(&to->lines, indent));

done:
    return status;
}

static evh_status put_head(page *to)
{
    evh_status status = evh_ok();
    const evh_compared *c = to->compared;
    EVH_TRY(evh_compared_notice(&to->lines.scratch, c));
    EVH_TRY(evh_lines_paragraph(&to->lines, 0));
    EVH_TRY(evh_text_head(to->lines.out, c->facts));
    EVH_TRY(put_sentence(to, evh_counts_origin_words(c->own->origin), 0));

done:
    return status;
}

/* ---- sentences ---- */

static evh_status put_answer(page *to, const char *whose, const evh_evaluation *evaluation,
                             const evh_answer *answer)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_buffer_format(&to->lines.scratch, "%s: ", whose));
    EVH_TRY(evh_words_sentence(&to->lines.scratch, evaluation, answer, EVH_WORDS_PLAIN));
    EVH_TRY(evh_lines_paragraph(&to->lines, 2));

done:
    return status;
}

/* A question's id; without one, what is compared. */
static evh_status put_title(page *to, const evh_compared_part *part)
{
    evh_status status = evh_ok();
    const evh_evaluation *e = to->compared->global;
    const evh_plan_terms *terms = evh_plan_terms_of(e->plan);
    EVH_TRY(evh_buffer_u8(to->lines.out, '\n'));
    if (part->all != NULL) {
        EVH_TRY(evh_buffer_format(to->lines.out, "%s\n", terms->questions[part->all->question].id));
        goto done;
    }
    EVH_TRY(evh_text_title(&to->lines, e, part->grouping, part->kind, part->model));

done:
    return status;
}

/* ---- tables ---- */

static evh_status put_headings(page *to, const evh_compared_part *part)
{
    evh_status status = evh_ok();
    const bool share = evh_words_is_share(&to->compared->global->kinds[part->kind]);
    const struct {
        const char *text;
        size_t width;
    } columns[] = {{"", NAME_WIDTH},
                   {"here", RATE_WIDTH},
                   {"all", RATE_WIDTH},
                   {share ? "difference, in points" : "difference", DIFFERENCE_WIDTH}};
    EVH_TRY(evh_lines_spaces(&to->lines, 2));
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        EVH_TRY(evh_buffer_format(&to->lines.scratch, "%s", columns[i].text));
        EVH_TRY(evh_lines_column(&to->lines, columns[i].width));
        EVH_TRY(evh_lines_spaces(&to->lines, 1));
    }
    EVH_TRY(evh_buffer_format(to->lines.out, "share\n"));

done:
    return status;
}

static evh_status put_rate(page *to, const evh_rate_kind *kind, const evh_finding *rate)
{
    evh_status status = evh_ok();
    const evh_estimate none = {.defined = false};
    EVH_TRY(evh_words_rate(&to->lines.scratch, kind,
                           rate->withheld == EVH_SHOWN ? rate->estimate : none));
    EVH_TRY(evh_lines_column(&to->lines, RATE_WIDTH));
    EVH_TRY(evh_lines_spaces(&to->lines, 1));

done:
    return status;
}

/* What is to be seen in a row, or why there is nothing to see; "" for neither. */
static const char *remark_of(const page *to, const evh_local_comparison *row)
{
    if (row->differs) {
        const bool worse = evh_compared_is_worse(to->compared, row);
        if (strcmp(evh_compared_side(row), "higher") == 0)
            return worse ? "higher, worse" : "higher";
        return worse ? "lower, worse" : "lower";
    }
    if (row->difference.withheld == EVH_SHOWN)
        return "";
    if (row->local.withheld != EVH_SHOWN)
        return "none here";
    if (row->global.withheld != EVH_SHOWN)
        return evh_words_withheld(row->global.withheld);
    return "too few at other sites";
}

/* The end of a row: share and remark. */
static evh_status put_end(page *to, const evh_local_comparison *row)
{
    evh_status status = evh_ok();
    const char *remark = remark_of(to, row);
    if (row->share.defined)
        EVH_TRY(evh_buffer_format(&to->lines.scratch, "%.1f %%", 100 * row->share.value));
    else
        EVH_TRY(evh_buffer_format(&to->lines.scratch, "-"));
    EVH_TRY(evh_lines_column(&to->lines, remark[0] == '\0' ? to->lines.scratch.len : SHARE_WIDTH));
    EVH_TRY(evh_buffer_format(to->lines.out, "%s\n", remark));

done:
    return status;
}

static evh_status put_row(page *to, const evh_local_comparison *row)
{
    evh_status status = evh_ok();
    const evh_evaluation *e = to->compared->global;
    const evh_rate_kind *kind = &e->kinds[row->kind];
    EVH_TRY(evh_buffer_format(to->lines.out, row->differs ? "* " : "  "));
    EVH_TRY(evh_words_group(&to->lines.scratch, e->plan, e->groupings[row->grouping].grouping,
                            row->group, EVH_WORDS_PLAIN));
    EVH_TRY(evh_lines_column(&to->lines, NAME_WIDTH));
    EVH_TRY(evh_lines_spaces(&to->lines, 1));
    EVH_TRY(put_rate(to, kind, &row->local));
    EVH_TRY(put_rate(to, kind, &row->global));
    EVH_TRY(evh_words_difference(&to->lines.scratch, kind, &row->difference));
    EVH_TRY(evh_lines_column(&to->lines, DIFFERENCE_WIDTH));
    EVH_TRY(evh_lines_spaces(&to->lines, 1));
    EVH_TRY(put_end(to, row));

done:
    return status;
}

static evh_status put_part(page *to, size_t index)
{
    evh_status status = evh_ok();
    const evh_compared *c = to->compared;
    const evh_compared_part part = evh_compared_part_at(c, index);
    const size_t groups = c->global->groupings[part.grouping].grouping->group_count;
    EVH_TRY(put_title(to, &part));
    EVH_TRY(evh_compared_sentence(&to->lines.scratch, c, &part));
    EVH_TRY(evh_lines_paragraph(&to->lines, 2));
    if (part.all != NULL) {
        EVH_TRY(put_answer(to, "This site alone", c->local, part.here));
        EVH_TRY(put_answer(to, "All customers", c->global, part.all));
    }
    EVH_TRY(put_headings(to, &part));
    for (size_t group = 0; group < groups; group++) {
        const evh_local_comparison *row = evh_compared_row(c, &part, group);
        if (row != NULL)
            EVH_TRY(put_row(to, row));
    }

done:
    return status;
}

static evh_status put_foot(page *to)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_buffer_u8(to->lines.out, '\n'));
    EVH_TRY(evh_buffer_format(
        &to->lines.scratch,
        "here: this site's exact rate. all: all customers together, this one among them. "
        "difference: here less all, with its interval: %.4g %% for all %zu comparisons of this "
        "page together. share: what part of everything that the rate of all was counted over is "
        "this site's. * beyond chance: the interval leaves out 0.",
        100 * to->compared->global->confidence, to->compared->count));
    EVH_TRY(evh_lines_paragraph(&to->lines, 0));

done:
    return status;
}

evh_status evh_comparison_text(evh_buffer *out, const evh_result_facts *facts,
                               const evh_own_counts *own, const evh_result_terminal *terminal)
{
    evh_status status = evh_ok();
    const size_t before = out->len;
    evh_compared compared;
    page to = {.lines = evh_lines_of(out, terminal), .compared = &compared};
    EVH_TRY(evh_compared_make(&compared, facts, own));
    EVH_TRY(put_head(&to));
    for (size_t i = 0; i < evh_compared_part_count(&compared); i++)
        EVH_TRY(put_part(&to, i));
    EVH_TRY(put_foot(&to));

done:
    evh_compared_clear(&compared);
    evh_buffer_clear(&to.lines.scratch);
    if (status.code != EVH_OK)
        evh_buffer_truncate(out, before);
    return status;
}
