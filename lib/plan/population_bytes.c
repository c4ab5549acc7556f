/* SPDX-License-Identifier: Apache-2.0
 * A population as canonical bytes. What is read is written out as a file would say it and read the
 * way files are, so both have the same rules. */
#include <inttypes.h>
#include <string.h>

#include "evenhand/plan/population.h"
#include "evenhand/wire/message.h"
#include "plan.pb-c.h"

enum { POPULATION_VERSION = 1 };

static void fill_message(Evenhand__V1__Population *message, const evh_population *population,
                         char texts[2][EVH_DECIMAL_TEXT_LEN], char name[EVH_PLAN_NAME_MAX + 1])
{
    evenhand__v1__population__init(message);
    evh_decimal_format(texts[0], population->epsilon);
    evh_decimal_format(texts[1], population->delta);
    memcpy(name, population->name, EVH_PLAN_NAME_MAX + 1);
    message->version = POPULATION_VERSION;
    message->name = name;
    message->unit = EVENHAND__V1__POPULATION__UNIT__UNIT_PERSON;
    message->adjacency = (Evenhand__V1__Population__Adjacency)(population->adjacency + 1);
    message->customers_per_unit = population->customers_per_unit;
    message->epsilon = texts[0];
    message->delta = texts[1];
    message->accountant = (Evenhand__V1__Population__Accountant)(population->accountant + 1);
}

evh_status evh_population_encode(const evh_population *population, evh_buffer *out)
{
    Evenhand__V1__Population message;
    char texts[2][EVH_DECIMAL_TEXT_LEN];
    char name[EVH_PLAN_NAME_MAX + 1];
    fill_message(&message, population, texts, name);
    return evh_wire_pack(out, &message.base);
}

/* The file of the same meaning; enums were checked. */
static evh_status write_file(evh_buffer *out, const Evenhand__V1__Population *message)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_buffer_format(out, "{name: \""));
    for (const char *at = message->name; *at != '\0'; at++)
        EVH_TRY(evh_buffer_format(out, *at == '"' || *at == '\\' ? "\\%c" : "%c", *at));
    EVH_TRY(evh_buffer_format(out,
                              "\", adjacency: %s, accountant: %s, customers_per_unit: %" PRIu32,
                              evh_adjacency_name((evh_adjacency)(message->adjacency - 1)),
                              evh_accountant_name((evh_accountant)(message->accountant - 1)),
                              message->customers_per_unit));
    EVH_TRY(evh_buffer_format(out, ", budget: {epsilon: \"%s\", delta: \"%s\"}}", message->epsilon,
                              message->delta));
done:
    return status;
}

evh_status evh_population_decode(evh_population *out, evh_view bytes)
{
    evh_status status = evh_ok();
    Evenhand__V1__Population *message = NULL;
    evh_population made = {.name = ""};
    evh_diagnostics mistakes = evh_diagnostics_init(1);
    evh_buffer file = evh_buffer_init(EVH_PLAN_BYTES_MAX);
    evh_buffer again = evh_buffer_init(EVH_PLAN_BYTES_MAX);
    memset(out, 0, sizeof *out);
    EVH_REQUIRE(bytes.len <= EVH_PLAN_BYTES_MAX, EVH_ERR_RANGE,
                "a population of %zu bytes, over %d", bytes.len, EVH_PLAN_BYTES_MAX);
    EVH_TRY(evh_wire_unpack(&message, &evenhand__v1__population__descriptor, bytes, "population"));
    EVH_REQUIRE(message->adjacency >= 1 && message->adjacency <= 2 && message->accountant >= 1 &&
                    message->accountant <= 2,
                EVH_ERR_ENCODING, "the population's bytes: an unknown adjacency or accountant");
    EVH_TRY(write_file(&file, message));
    status = evh_population_parse(&made, "", evh_buffer_view(&file), &mistakes);
    EVH_REQUIRE(status.code != EVH_ERR_INPUT, EVH_ERR_ENCODING, "the population's bytes: %s",
                mistakes.count > 0 ? mistakes.items[0].wrong : "a mistake");
    EVH_TRY(status);
    EVH_TRY(evh_population_encode(&made, &again));
    EVH_REQUIRE(evh_view_equal(evh_buffer_view(&again), bytes), EVH_ERR_ENCODING,
                "the population's bytes are not canonical");
    *out = made;
done:
    evh_buffer_clear(&again);
    evh_buffer_clear(&file);
    evh_diagnostics_clear(&mistakes);
    evh_wire_free(&message);
    return status;
}
