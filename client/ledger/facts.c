/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "evenhand/base/sizes.h"
#include "ledger_internal.h"

enum { FACTS_VERSION = 1, CLASS_BYTES = 9, TERM_BYTES = 12 };

evh_status evh_ledger_facts_encode(evh_buffer *out, const evh_ledger_charge *charge)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_shifts_check(charge->shifts, charge->shift_count, charge->class_count));
    EVH_TRY(evh_buffer_u8(out, FACTS_VERSION));
    EVH_TRY(evh_buffer_be32(out, (uint32_t)charge->class_count));
    for (size_t i = 0; i < charge->class_count; i++) {
        const evh_noise *noise = &charge->classes[i];
        EVH_TRY(evh_noise_check(noise));
        EVH_TRY(evh_buffer_u8(out, (uint8_t)noise->kind));
        EVH_TRY(evh_buffer_be32(out, noise->parameter.num));
        EVH_TRY(evh_buffer_be32(out, noise->parameter.den));
    }
    EVH_TRY(evh_buffer_be32(out, (uint32_t)charge->shift_count));
    for (size_t i = 0; i < charge->shift_count; i++) {
        const evh_shift *shift = &charge->shifts[i];
        EVH_TRY(evh_buffer_be32(out, (uint32_t)shift->count));
        for (size_t j = 0; j < shift->count; j++) {
            EVH_TRY(evh_buffer_be32(out, shift->terms[j].noise));
            EVH_TRY(evh_buffer_be32(out, shift->terms[j].magnitude));
            EVH_TRY(evh_buffer_be32(out, shift->terms[j].cells));
        }
    }

done:
    return status;
}

static evh_status read_classes(evh_ledger_facts *out, evh_reader *reader)
{
    evh_status status = evh_ok();
    uint32_t count = 0;
    EVH_TRY(evh_read_be32(reader, "noise classes", &count));
    EVH_REQUIRE(count <= reader->rest.len / CLASS_BYTES, EVH_ERR_LENGTH,
                "a mechanism with more noise classes than bytes");
    EVH_TRY(evh_alloc(&out->classes, count, sizeof *out->classes, "noise classes"));
    out->class_count = count;
    for (size_t i = 0; i < count; i++) {
        uint8_t kind = 0;
        EVH_TRY(evh_read_u8(reader, "noise kind", &kind));
        out->classes[i].kind = (evh_noise_kind)kind;
        EVH_TRY(evh_read_be32(reader, "noise parameter", &out->classes[i].parameter.num));
        EVH_TRY(evh_read_be32(reader, "noise parameter", &out->classes[i].parameter.den));
        EVH_TRY(evh_noise_check(&out->classes[i]));
    }

done:
    return status;
}

static evh_status read_shifts(evh_ledger_facts *out, evh_reader *reader)
{
    evh_status status = evh_ok();
    uint32_t count = 0;
    size_t used = 0;
    EVH_TRY(evh_read_be32(reader, "shifts", &count));
    EVH_REQUIRE(count <= reader->rest.len / 4, EVH_ERR_LENGTH,
                "a mechanism with more shifts than bytes");
    EVH_TRY(evh_alloc(&out->shifts, count, sizeof *out->shifts, "shifts"));
    EVH_TRY(evh_alloc(&out->terms, reader->rest.len / TERM_BYTES, sizeof *out->terms, "shifts"));
    out->shift_count = count;
    for (size_t i = 0; i < count; i++) {
        uint32_t terms = 0;
        EVH_TRY(evh_read_be32(reader, "terms of a shift", &terms));
        EVH_REQUIRE(terms <= reader->rest.len / TERM_BYTES, EVH_ERR_LENGTH,
                    "a shift with more terms than bytes");
        out->shifts[i] = (evh_shift){.terms = out->terms + used, .count = terms};
        for (size_t j = 0; j < terms; j++, used++) {
            EVH_TRY(evh_read_be32(reader, "shift", &out->terms[used].noise));
            EVH_TRY(evh_read_be32(reader, "shift", &out->terms[used].magnitude));
            EVH_TRY(evh_read_be32(reader, "shift", &out->terms[used].cells));
        }
    }
    EVH_TRY(evh_shifts_check(out->shifts, out->shift_count, out->class_count));

done:
    return status;
}

evh_status evh_ledger_facts_decode(evh_ledger_facts *out, evh_view bytes)
{
    evh_status status = evh_ok();
    evh_reader reader = evh_reader_of(bytes);
    uint8_t version = 0;
    evh_ledger_facts_clear(out);
    EVH_TRY(evh_read_u8(&reader, "mechanism", &version));
    EVH_REQUIRE(version == FACTS_VERSION, EVH_ERR_TYPE, "a mechanism of version %u, expected %d",
                version, FACTS_VERSION);
    EVH_TRY(read_classes(out, &reader));
    EVH_TRY(read_shifts(out, &reader));
    EVH_TRY(evh_read_end(&reader, "mechanism"));

done:
    if (status.code != EVH_OK)
        evh_ledger_facts_clear(out);
    return status;
}

void evh_ledger_facts_clear(evh_ledger_facts *facts)
{
    /* NOLINTBEGIN(clang-analyzer-unix.Malloc): a second call finds NULL; the analyser loses that */
    free(facts->classes);
    free(facts->shifts);
    free(facts->terms);
    /* NOLINTEND(clang-analyzer-unix.Malloc) */
    *facts = (evh_ledger_facts){.classes = NULL};
}
