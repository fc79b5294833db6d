/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Takes in what one worker says: facts into the result, and who is under way.
 * Holds the worker to the order of its lines; does no I/O.
 */
#ifndef NESTREADY_AGENT_INTAKE_H
#define NESTREADY_AGENT_INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/supervisor.h"
#include "report/wire.h"

#define INTAKE_FLIGHTS           16   /* probes under way at once */
#define INTAKE_PROBES            1024 /* in one run */
#define INTAKE_BYTES_MAX         ((size_t)16 << 20)
#define INTAKE_CAPTURE_BYTES_MAX ((size_t)256 << 20)

/* A probe that has begun and not ended. */
struct flight {
	char id[WIRE_ID_MAX + 1];
	uint32_t deadline_ms;
	uint64_t expires_ms; /* on the caller's clock */
	size_t facts;
};

struct intake {
	struct supervision *result;
	bool capture;
	struct flight flights[INTAKE_FLIGHTS];
	size_t flight_count;
	size_t ended; /* probes of this worker */
	size_t lines;
	size_t bytes;
	bool done; /* the last line came, and all is well */
};

/*
 * Takes a line without its newline, which came at `now_ms`.  0, or -1: the
 * line is against the rules, *err says how, and nothing of it was taken.
 */
int intake_line(struct intake *intake, const char *line, size_t length, uint64_t now_ms,
                struct error *err);

/* Bytes of the longest line that may come, newline included. */
size_t intake_line_max(const struct intake *intake);

/* Adds the outcome of a probe.  0, or -1 on lack of memory. */
int supervision_add_probe(struct supervision *result, const char *id, enum status status,
                          const char *why, uint64_t duration_us);

/* Whether the probe has ended, in this worker or an earlier one. */
bool supervision_has_probe(const struct supervision *result, const char *id);

/* Adds a note, made fit for a terminal; beyond SUPERVISOR_NOTES it is dropped. */
void supervision_note(struct supervision *result, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

#endif
