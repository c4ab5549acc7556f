/* SPDX-License-Identifier: Apache-2.0
 * input/transcribe.h: the text of an Amazon Transcribe result.
 * Source   Amazon Transcribe developer guide, "Data input and output": results.transcripts
 * Tests    unit/input/test_transcribe.c */
#ifndef EVH_INPUT_TRANSCRIBE_H
#define EVH_INPUT_TRANSCRIBE_H

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"

/* Appends results.transcripts[].transcript as it stands, with case and punctuation (what to do with
 * those is the plan's normaliser's to say); several are joined by a space. Items, times, speaker
 * labels and audio segments are not looked at, so older and newer files read the same.
 * Fails INPUT: not one JSON object in UTF-8, a key twice, a job that did not complete, no
 * transcripts or one that is not a text. MEMORY. out is unchanged on failure */
EVH_MUST_USE evh_status evh_input_transcribe_parse(evh_buffer *out, evh_view json);

#endif
