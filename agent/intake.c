/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See intake.h. */
#include "agent/intake.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

static struct flight *find_flight(struct intake *intake, const char *id)
{
	for (size_t i = 0; i < intake->flight_count; i++)
		if (strcmp(intake->flights[i].id, id) == 0)
			return &intake->flights[i];
	return NULL;
}

bool supervision_has_probe(const struct supervision *result, const char *id)
{
	for (size_t i = 0; i < result->probe_count; i++)
		if (strcmp(result->probes[i].id, id) == 0)
			return true;
	return false;
}

int supervision_add_probe(struct supervision *result, const char *id, enum status status,
                          const char *why, uint64_t duration_us)
{
	/* Grown by powers of two: at those counts the array is full. */
	size_t count = result->probe_count;
	if ((count & (count - 1)) == 0) {
		size_t capacity = count == 0 ? 1 : count * 2;
		struct probe_outcome *grown =
		        realloc(result->probes, capacity * sizeof *result->probes);
		if (grown == NULL)
			return -1;
		result->probes = grown;
	}
	struct probe_outcome *outcome = &result->probes[result->probe_count++];
	*outcome = (struct probe_outcome){ .status = status, .duration_us = duration_us };
	snprintf(outcome->id, sizeof outcome->id, "%s", id);
	snprintf(outcome->why, sizeof outcome->why, "%s", why == NULL ? "" : why);
	utf8_sanitize(outcome->why, strlen(outcome->why)); /* where it was cut */
	return 0;
}

void supervision_note(struct supervision *result, const char *format, ...)
{
	if (result->note_count == SUPERVISOR_NOTES)
		return;
	char *note = result->notes[result->note_count++];
	va_list args;
	va_start(args, format);
	vsnprintf(note, sizeof result->notes[0], format, args);
	va_end(args);
	utf8_sanitize(note, strlen(note));
}

static int out_of_memory(struct error *err)
{
	return error_set(err, ERROR_INTERNAL, 0, "out of memory");
}

static int take_begin(struct intake *intake, const struct wire_line *line, uint64_t now_ms,
                      struct error *err)
{
	if (find_flight(intake, line->probe) != NULL ||
	    supervision_has_probe(intake->result, line->probe))
		return error_set(err, ERROR_BAD_INPUT, 0, "%s began twice", line->probe);
	if (intake->flight_count == INTAKE_FLIGHTS || intake->result->probe_count >= INTAKE_PROBES)
		return error_set(err, ERROR_BAD_INPUT, 0, "too many probes");
	struct flight *flight = &intake->flights[intake->flight_count++];
	*flight = (struct flight){ .deadline_ms = line->deadline_ms,
		                   .expires_ms = now_ms + line->deadline_ms };
	snprintf(flight->id, sizeof flight->id, "%s", line->probe);
	return 0;
}

static int take_fact(struct intake *intake, const struct wire_line *line, struct error *err)
{
	struct flight *flight = find_flight(intake, line->probe);
	if (flight == NULL)
		return error_set(err, ERROR_BAD_INPUT, 0, "a fact of %s, which is not under way",
		                 line->probe);
	if (flight->facts++ == WIRE_FACTS_MAX)
		return error_set(err, ERROR_BAD_INPUT, 0, "more than %d facts of %s",
		                 WIRE_FACTS_MAX, line->probe);
	return fact_set_add(intake->result->facts, &line->fact) == 0 ? 0 : out_of_memory(err);
}

static int take_asked(struct intake *intake, const struct wire_line *line, struct error *err)
{
	if (!intake->capture)
		return error_set(err, ERROR_BAD_INPUT, 0, "an answer outside of a capture");
	if (json_object_set(intake->result->answers, line->key, line->answer) != 0)
		return out_of_memory(err);
	return 0;
}

static int take_end(struct intake *intake, const struct wire_line *line, struct error *err)
{
	struct flight *flight = find_flight(intake, line->probe);
	if (flight == NULL)
		return error_set(err, ERROR_BAD_INPUT, 0, "an end of %s, which is not under way",
		                 line->probe);
	if (supervision_add_probe(intake->result, line->probe, line->status, line->why,
	                          line->duration_us) != 0)
		return out_of_memory(err);
	*flight = intake->flights[--intake->flight_count];
	intake->ended++;
	return 0;
}

static int take_done(struct intake *intake, const struct wire_line *line, struct error *err)
{
	if (intake->flight_count != 0 || line->count != intake->ended)
		return error_set(err, ERROR_BAD_INPUT, 0, "done too early");
	intake->done = true;
	return 0;
}

size_t intake_line_max(const struct intake *intake)
{
	return intake->capture ? WIRE_CAPTURE_LINE_MAX : WIRE_LINE_MAX;
}

int intake_line(struct intake *intake, const char *line, size_t length, uint64_t now_ms,
                struct error *err)
{
	struct wire_line decoded;
	int result = 0;
	intake->lines++;
	intake->bytes += length;
	if (intake->bytes > (intake->capture ? INTAKE_CAPTURE_BYTES_MAX : INTAKE_BYTES_MAX))
		return error_set(err, ERROR_BAD_INPUT, 0, "too much to read");
	if (wire_decode(line, length, &decoded, err) != 0)
		return -1;
	switch (decoded.kind) {
	case WIRE_BEGIN:
		result = take_begin(intake, &decoded, now_ms, err);
		break;
	case WIRE_FACT:
		result = take_fact(intake, &decoded, err);
		break;
	case WIRE_ASKED:
		result = take_asked(intake, &decoded, err);
		break;
	case WIRE_END:
		result = take_end(intake, &decoded, err);
		break;
	case WIRE_DONE:
		result = take_done(intake, &decoded, err);
		break;
	}
	wire_line_clear(&decoded);
	return result;
}
