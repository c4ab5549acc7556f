/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/base/clock.h"
#include "evenhand/base/sizes.h"
#include "evenhand/plan/canonical.h"
#include "result_internal.h"

/* How far a computed number may be from ours: computers differ in the last digits of a logarithm,
 * and what is solved from such numbers differs a little more. */
static const double CLOSE_RELATIVE = 1e-6;
static const double CLOSE_ABSOLUTE = 1e-9;

enum { PATH_LEN = 96, ORIGIN_LEN_MAX = 1024 };

struct evh_result {
    evh_result_facts facts;
    evh_plan *plan;
    evh_population population;
    char *origin;
    int64_t *sums;
};

const evh_result_facts *evh_result_facts_of(const evh_result *result)
{
    return &result->facts;
}

void evh_result_free(evh_result **result)
{
    if (*result == NULL)
        return;
    evh_plan_free(&(*result)->plan);
    free((*result)->origin);
    free((*result)->sums);
    free(*result);
    *result = NULL;
}

/* ---- members by their path ---- */

/* The member that "round.number" names. */
static evh_status find(json_t **out, json_t *root, const char *path, json_type type)
{
    evh_status status = evh_ok();
    const char *rest = path;
    *out = root;
    while (*rest != '\0') {
        char key[PATH_LEN];
        size_t len = strcspn(rest, ".");
        (void)snprintf(key, sizeof key, "%.*s", (int)len, rest);
        *out = json_object_get(*out, key);
        rest += len + (rest[len] == '.' ? 1 : 0);
    }
    EVH_REQUIRE(*out != NULL && json_typeof(*out) == type, EVH_ERR_ENCODING,
                "no result.json: %s is missing or of another type", path);

done:
    return status;
}

static evh_status read_number(uint64_t *out, json_t *root, const char *path, uint64_t most)
{
    evh_status status = evh_ok();
    json_t *value = NULL;
    EVH_TRY(find(&value, root, path, JSON_INTEGER));
    EVH_REQUIRE(json_integer_value(value) >= 0 && (uint64_t)json_integer_value(value) <= most,
                EVH_ERR_ENCODING, "no result.json: %s is out of range", path);
    *out = (uint64_t)json_integer_value(value);

done:
    return status;
}

static evh_status read_u32(uint32_t *out, json_t *root, const char *path)
{
    uint64_t value = 0;
    evh_status status = read_number(&value, root, path, UINT32_MAX);
    *out = (uint32_t)value;
    return status;
}

static evh_status read_text(evh_view *out, json_t *root, const char *path)
{
    evh_status status = evh_ok();
    json_t *value = NULL;
    EVH_TRY(find(&value, root, path, JSON_STRING));
    *out = evh_view_of(json_string_value(value), json_string_length(value));

done:
    return status;
}

static evh_status read_hash(uint8_t *out, json_t *root, const char *path)
{
    evh_status status = evh_ok();
    evh_view text;
    EVH_TRY(read_text(&text, root, path));
    status = evh_status_in(evh_hex_decode(out, EVH_RESULT_HASH_LEN, text), "%s", path);

done:
    return status;
}

static evh_status read_bytes(evh_buffer *out, json_t *root, const char *path)
{
    evh_status status = evh_ok();
    evh_view text;
    EVH_TRY(read_text(&text, root, path));
    EVH_REQUIRE(text.len <= out->ceiling, EVH_ERR_ENCODING, "no result.json: %s is too long", path);
    EVH_TRY(evh_status_in(evh_base64_decode(out, text), "%s", path));

done:
    return status;
}

/* Null where the plan has no window. */
static evh_status read_time(uint64_t *out, json_t *root, const char *path)
{
    evh_status status = evh_ok();
    json_t *value = NULL;
    int64_t time_ms = 0;
    evh_view text;
    *out = 0;
    if (find(&value, root, path, JSON_NULL).code == EVH_OK)
        goto done;
    EVH_TRY(read_text(&text, root, path));
    EVH_TRY(evh_status_in(evh_time_parse(text, 0, &time_ms), "%s", path));
    EVH_REQUIRE(time_ms >= 0, EVH_ERR_ENCODING, "no result.json: %s is before 1970", path);
    *out = (uint64_t)time_ms;

done:
    return status;
}

/* ---- facts ---- */

static evh_status read_terms(evh_result *result, json_t *root)
{
    evh_status status = evh_ok();
    evh_buffer bytes = evh_buffer_init(2 * EVH_PLAN_BYTES_MAX);
    EVH_TRY(read_bytes(&bytes, root, "plan.canonical"));
    EVH_TRY(evh_status_in(evh_plan_decode(&result->plan, evh_buffer_view(&bytes)), "plan"));
    evh_buffer_clear(&bytes);
    EVH_TRY(read_bytes(&bytes, root, "population.canonical"));
    EVH_TRY(evh_status_in(evh_population_decode(&result->population, evh_buffer_view(&bytes)),
                          "population"));
    result->facts.plan = result->plan;
    result->facts.population = &result->population;

done:
    evh_buffer_clear(&bytes);
    return status;
}

static evh_status read_round(evh_result_facts *facts, json_t *root)
{
    evh_status status = evh_ok();
    EVH_TRY(read_u32(&facts->round, root, "round.number"));
    EVH_TRY(read_u32(&facts->customers, root, "round.customers"));
    EVH_TRY(read_time(&facts->window_start_ms, root, "round.window_start"));
    EVH_TRY(read_time(&facts->window_end_ms, root, "round.window_end"));
    EVH_TRY(read_hash(facts->task_id, root, "round.task_id"));

done:
    return status;
}

static evh_status read_log(evh_result *result, json_t *root)
{
    evh_status status = evh_ok();
    evh_result_facts *facts = &result->facts;
    evh_view origin;
    const struct {
        const char *path;
        uint64_t *index;
    } entries[] = {{"log.entries.population", &facts->entries.population},
                   {"log.entries.plan", &facts->entries.plan},
                   {"log.entries.round_opened", &facts->entries.round_opened},
                   {"log.entries.round_closed", &facts->entries.round_closed},
                   {"log.entries.share_commitment", &facts->entries.share_commitment}};
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++)
        EVH_TRY(read_number(entries[i].index, root, entries[i].path, INT64_MAX));
    EVH_TRY(read_hash(facts->reports_root, root, "log.reports_root"));
    EVH_TRY(read_text(&origin, root, "log.origin"));
    EVH_REQUIRE(origin.len <= ORIGIN_LEN_MAX, EVH_ERR_ENCODING, "log.origin is too long");
    EVH_TRY(evh_alloc(&result->origin, origin.len + 1, 1, "origin"));
    memcpy(result->origin, origin.data, origin.len);
    facts->log_origin = result->origin;

done:
    return status;
}

/* The groups of the releases come first and stand in the order of the cells; what is said about
 * every other group has to follow from them. */
static evh_status read_sums(evh_result *result, json_t *root)
{
    evh_status status = evh_ok();
    const evh_plan *plan = result->plan;
    const size_t width = evh_plan_cells_per_group(plan);
    const size_t count = evh_plan_cell_count(plan);
    json_t *groups = NULL;
    EVH_TRY(find(&groups, root, "groups", JSON_ARRAY));
    EVH_TRY(evh_alloc(&result->sums, count, sizeof *result->sums, "sums"));
    for (size_t i = 0; i < count; i++) {
        json_t *released = json_object_get(json_array_get(groups, i / width), "released");
        json_t *cell = json_object_get(released, evh_plan_cell_name(plan, i % width));
        EVH_REQUIRE(json_is_integer(cell), EVH_ERR_ENCODING,
                    "no result.json: groups[%zu].released has no whole number for %.40s", i / width,
                    evh_plan_cell_name(plan, i % width));
        result->sums[i] = json_integer_value(cell);
    }
    result->facts.sums = result->sums;
    result->facts.sum_count = count;

done:
    return status;
}

static evh_status read_version(json_t *root)
{
    evh_status status = evh_ok();
    uint64_t version = 0;
    evh_view format;
    EVH_TRY(read_text(&format, root, "format"));
    EVH_REQUIRE(evh_view_equal(format, evh_view_of_text(EVH_RESULT_FORMAT)), EVH_ERR_ENCODING,
                "no result.json: format is not " EVH_RESULT_FORMAT);
    EVH_TRY(read_number(&version, root, "version", INT64_MAX));
    EVH_REQUIRE(version == EVH_RESULT_VERSION, EVH_ERR_TYPE,
                "result.json has version %llu, this program reads version %d",
                (unsigned long long)version, EVH_RESULT_VERSION);

done:
    return status;
}

/* ---- what follows from the facts ---- */

static bool equal_numbers(const json_t *theirs, const json_t *ours)
{
    if (json_is_integer(ours))
        return json_is_integer(theirs) && json_integer_value(theirs) == json_integer_value(ours);
    double a = json_number_value(theirs);
    double b = json_number_value(ours);
    return json_is_number(theirs) && fabs(a - b) <= CLOSE_ABSOLUTE + CLOSE_RELATIVE * fabs(b);
}

static evh_status compare(json_t *theirs, json_t *ours, const char *path);

static evh_status compare_objects(json_t *theirs, json_t *ours, const char *path)
{
    evh_status status = evh_ok();
    char inner[PATH_LEN];
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach(ours, key, value)
    {
        json_t *other = json_object_get(theirs, key);
        (void)snprintf(inner, sizeof inner, "%s.%s", path, key);
        EVH_REQUIRE(other != NULL, EVH_ERR_ENCODING, "no result.json: %s is missing", inner);
        EVH_TRY(compare(other, value, inner));
    }
    EVH_REQUIRE(json_object_size(theirs) == json_object_size(ours), EVH_ERR_ENCODING,
                "no result.json: %s holds a member that it has no place for", path);

done:
    return status;
}

static evh_status compare_arrays(json_t *theirs, json_t *ours, const char *path)
{
    evh_status status = evh_ok();
    char inner[PATH_LEN];
    EVH_REQUIRE(json_array_size(theirs) == json_array_size(ours), EVH_ERR_ENCODING,
                "no result.json: %s has %zu elements, not %zu", path, json_array_size(theirs),
                json_array_size(ours));
    for (size_t i = 0; i < json_array_size(ours); i++) {
        (void)snprintf(inner, sizeof inner, "%s[%zu]", path, i);
        EVH_TRY(compare(json_array_get(theirs, i), json_array_get(ours, i), inner));
    }

done:
    return status;
}

static evh_status compare(json_t *theirs, json_t *ours, const char *path)
{
    if (json_is_object(ours) && json_is_object(theirs))
        return compare_objects(theirs, ours, path);
    if (json_is_array(ours) && json_is_array(theirs))
        return compare_arrays(theirs, ours, path);
    bool equal = json_is_number(ours) ? equal_numbers(theirs, ours) : json_equal(theirs, ours) != 0;
    if (!equal)
        return evh_fail(EVH_ERR_ENCODING,
                        "result.json contradicts itself: %s does not follow from its sums", path);
    return evh_ok();
}

static evh_status parse(json_t **out, evh_view bytes)
{
    evh_status status = evh_ok();
    json_error_t error;
    *out = json_loadb(bytes.data != NULL ? (const char *)bytes.data : "", bytes.len,
                      JSON_REJECT_DUPLICATES, &error);
    EVH_REQUIRE(*out != NULL, EVH_ERR_ENCODING, "no result.json: line %d, column %d: %.60s",
                error.line, error.column, error.text);

done:
    return status;
}

/* Bytes that this program would have written need no second look. */
static evh_status check_derived(const evh_result_facts *facts, evh_view bytes, json_t *theirs)
{
    evh_status status = evh_ok();
    json_t *ours = NULL;
    evh_buffer again = evh_buffer_init(EVH_RESULT_BYTES_MAX);
    EVH_TRY(evh_result_write(&again, facts));
    if (evh_view_equal(evh_buffer_view(&again), bytes))
        goto done;
    EVH_TRY(parse(&ours, evh_buffer_view(&again)));
    EVH_TRY(compare(theirs, ours, "result"));

done:
    json_decref(ours);
    evh_buffer_clear(&again);
    return status;
}

/* Facts that no plan allows are a document that is wrong, not an argument. */
static evh_status as_encoding(evh_status status)
{
    switch (status.code) {
    case EVH_ERR_ARG:
    case EVH_ERR_INPUT:
    case EVH_ERR_RANGE:
    case EVH_ERR_LENGTH:
        return evh_fail(EVH_ERR_ENCODING, "no result.json: %s", status.text);
    default:
        return status;
    }
}

static evh_status read_facts(evh_result *result, json_t *root)
{
    evh_status status = evh_ok();
    EVH_TRY(read_version(root));
    EVH_TRY(read_terms(result, root));
    EVH_TRY(read_round(&result->facts, root));
    EVH_TRY(read_log(result, root));
    EVH_TRY(read_sums(result, root));

done:
    return status;
}

evh_status evh_result_read(evh_result **out, evh_view json)
{
    evh_status status = evh_ok();
    evh_result *result = NULL;
    json_t *root = NULL;
    *out = NULL;
    EVH_REQUIRE(json.len <= EVH_RESULT_BYTES_MAX, EVH_ERR_RANGE, "a result.json of %zu bytes",
                json.len);
    EVH_TRY(parse(&root, json));
    EVH_TRY(evh_alloc(&result, 1, sizeof *result, "result"));
    EVH_TRY(as_encoding(read_facts(result, root)));
    EVH_TRY(as_encoding(check_derived(&result->facts, json, root)));
    *out = result;
    result = NULL;

done:
    evh_result_free(&result);
    json_decref(root);
    return status;
}
