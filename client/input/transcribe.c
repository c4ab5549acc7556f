/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/input/transcribe.h"

#include <string.h>

#include "json_internal.h"

static evh_status append_transcripts(evh_buffer *out, const json_t *transcripts)
{
    evh_status status = evh_ok();
    EVH_REQUIRE(json_array_size(transcripts) > 0, EVH_ERR_INPUT,
                "no results.transcripts: is it an Amazon Transcribe result?");
    for (size_t i = 0; i < json_array_size(transcripts); i++) {
        const json_t *text = json_object_get(json_array_get(transcripts, i), "transcript");
        EVH_REQUIRE(json_is_string(text), EVH_ERR_INPUT,
                    "results.transcripts[%zu].transcript is not a text", i);
        if (i > 0)
            EVH_TRY(evh_buffer_u8(out, ' '));
        EVH_TRY(
            evh_buffer_append(out, evh_view_of(json_string_value(text), json_string_length(text))));
    }

done:
    return status;
}

evh_status evh_input_transcribe_parse(evh_buffer *out, evh_view json)
{
    evh_status status = evh_ok();
    json_t *root = NULL;
    const json_t *job = NULL;
    size_t before = out->len;
    EVH_TRY(evh_input_json_parse(&root, json));
    job = json_object_get(root, "status");
    EVH_REQUIRE(job == NULL ||
                    (json_is_string(job) && strcmp(json_string_value(job), "COMPLETED") == 0),
                EVH_ERR_INPUT, "the transcription job's status is not COMPLETED");
    EVH_TRY(
        append_transcripts(out, json_object_get(json_object_get(root, "results"), "transcripts")));

done:
    if (status.code != EVH_OK)
        evh_buffer_truncate(out, before);
    json_decref(root);
    return status;
}
