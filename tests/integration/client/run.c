/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/client/program.h"
#include "tests.h"

enum { WORDS_MAX = 32, WORD_LEN = 400, OUTPUT_MAX = 64 << 20 };

int site_setup(void **state)
{
    site *s = calloc(1, sizeof *s);
    assert_non_null(s);
    test_make_dir(s->dir);
    s->out = evh_buffer_init(OUTPUT_MAX);
    s->err = evh_buffer_init(OUTPUT_MAX);
    *state = s;
    return 0;
}

int site_teardown(void **state)
{
    site *s = *state;
    test_remove_dir(s->dir);
    json_decref(s->json);
    evh_buffer_clear(&s->out);
    evh_buffer_clear(&s->err);
    free(s);
    return 0;
}

void site_write(const site *s, const char *name, const char *text)
{
    char path[WORD_LEN];
    (void)snprintf(path, sizeof path, "%s/%s", s->dir, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void take_back(evh_buffer *out, FILE *file)
{
    char chunk[4096];
    size_t got = 0;
    evh_buffer_clear(out);
    rewind(file);
    while ((got = fread(chunk, 1, sizeof chunk, file)) > 0)
        assert_ok(evh_buffer_append(out, evh_view_of(chunk, got)));
    assert_ok(evh_buffer_u8(out, 0));
    (void)fclose(file);
}

void site_run(site *s, const char *line)
{
    static char words[WORDS_MAX][WORD_LEN];
    char *argv[WORDS_MAX + 1] = {NULL};
    char copy[4 * WORD_LEN];
    int argc = 1;
    argv[0] = strcpy(words[0], "evenhand-client");
    (void)snprintf(copy, sizeof copy, "%s", line);
    char *rest = NULL;
    for (char *word = strtok_r(copy, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
        (void)snprintf(words[argc], WORD_LEN, "%s%s%s", word[0] == '@' ? s->dir : "",
                       word[0] == '@' ? "/" : "", word[0] == '@' ? word + 1 : word);
        argv[argc] = words[argc];
        argc++;
    }
    FILE *out = tmpfile();
    FILE *err = tmpfile();
    assert_true(out != NULL && err != NULL);
    s->exit = evh_client_run("0.0", argc, argv, out, err);
    take_back(&s->out, out);
    take_back(&s->err, err);
    json_decref(s->json);
    s->json = json_loads((const char *)s->out.data, 0, NULL);
}

void site_expect(site *s, int exit, const char *line)
{
    site_run(s, line);
    if (s->exit != exit)
        fail_msg("%s: exit %d, not %d: %s", line, s->exit, exit, (const char *)s->err.data);
}

void site_said(const site *s, const char *part)
{
    if (strstr((const char *)s->err.data, part) == NULL)
        fail_msg("standard error lacks \"%s\": %s", part, (const char *)s->err.data);
}

void site_wrote(const site *s, const char *part)
{
    if (strstr((const char *)s->out.data, part) == NULL)
        fail_msg("standard output lacks \"%s\": %s", part, (const char *)s->out.data);
}

/* Joins the texts of an array or of an object's members with commas. */
static void join(char out[WORD_LEN], const json_t *list)
{
    size_t index = 0;
    const json_t *item = NULL;
    const char *key = NULL;
    out[0] = '\0';
    if (json_is_array(list)) {
        json_array_foreach(list, index, item)
        {
            (void)strcat(out, index > 0 ? "," : "");
            (void)strcat(out, json_string_value(item));
        }
        return;
    }
    void *at = json_object_iter((json_t *)(uintptr_t)list);
    for (; at != NULL; at = json_object_iter_next((json_t *)(uintptr_t)list, at)) {
        key = json_string_value(json_object_iter_value(at));
        (void)strcat(out, out[0] != '\0' ? "," : "");
        (void)strcat(out, key);
    }
}

json_t *site_group(const site *s, const char *release, const char *values, const char *model)
{
    size_t index = 0;
    json_t *group = NULL;
    const json_t *groups = json_object_get(s->json, "groups");
    assert_true(json_is_array(groups));
    json_array_foreach(groups, index, group)
    {
        char its_release[WORD_LEN];
        char its_values[WORD_LEN];
        const char *its_model = json_string_value(json_object_get(group, "model"));
        join(its_release, json_object_get(group, "release"));
        join(its_values, json_object_get(group, "group"));
        bool same_model =
            model == NULL ? its_model == NULL : its_model != NULL && strcmp(model, its_model) == 0;
        if (strcmp(its_release, release) == 0 && strcmp(its_values, values) == 0 && same_model)
            return group;
    }
    fail_msg("no group %s = %s", release, values);
    return NULL;
}

long long site_cell(const site *s, const char *release, const char *values, const char *cell)
{
    const json_t *cells = json_object_get(site_group(s, release, values, NULL), "cells");
    const json_t *value = json_object_get(cells, cell);
    assert_true(json_is_integer(value));
    return json_integer_value(value);
}
