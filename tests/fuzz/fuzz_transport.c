/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the transports read that others wrote: the configuration, a file of the
 * spool, a collector's answer, an address.  What is accepted keeps its bounds,
 * and what is refused says why in one line.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "transport/address.h"
#include "transport/beat.h"
#include "transport/config.h"
#include "transport/receipt.h"
#include "transport/said.h"
#include "transport/spool_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static bool said(int status, const struct error *err, enum error_code code)
{
	return status == 0 ? err->code == ERROR_NONE
	                   : err->code == code && strchr(err->message, '\n') == NULL;
}

static void read_config(const char *bytes, size_t size)
{
	struct config config;
	struct error err = ERROR_INIT;
	int status = config_parse("conf", bytes, size, &config, &err);
	require(status == 0 ? err.code == ERROR_NONE : err.code == ERROR_BAD_INPUT);
	require(config.report_count <= CONFIG_REPORTS_MAX && config.limits.bytes > 0);
	for (size_t i = 0; i < config.report_count; i++)
		require(config_find(&config, config.reports[i].address) == &config.reports[i]);
	config_clear(&config);
}

static void read_spooled(const char *bytes, size_t size)
{
	cleanup_text struct text destination = TEXT_INIT, report = TEXT_INIT, again = TEXT_INIT;
	struct error err = ERROR_INIT;
	int status = spool_file_decode(bytes, size, &destination, &report, &err);
	require(said(status, &err, ERROR_BAD_INPUT));
	if (status != 0)
		return;
	spool_file_encode(text_string(&destination), text_string(&report), report.length, &again);
	cleanup_text struct text place = TEXT_INIT, body = TEXT_INIT;
	require(spool_file_decode(text_string(&again), again.length, &place, &body, NULL) == 0);
	require(strcmp(text_string(&place), text_string(&destination)) == 0 &&
	        body.length == report.length);
}

static void read_said(const char *bytes, size_t size)
{
	cleanup_text struct text again = TEXT_INIT;
	struct said told, back;
	if (!said_decode(bytes, size, &told))
		return;
	said_encode(&told, &again);
	require(said_decode(text_string(&again), again.length, &back));
	require(strcmp(told.digest, back.digest) == 0 && strcmp(told.full, back.full) == 0 &&
	        told.since == back.since);
}

static void read_beat(const char *bytes, size_t size)
{
	cleanup_text struct text entry = TEXT_INIT;
	text_add_bytes(&entry, bytes, size);
	const char *report = beat_report(&entry);
	require(beat_length(&entry) <= size && (!beat_is(&entry) || beat_length(&entry) > 0));
	require(report == NULL ||
	        (report[-1] == '\n' && report < text_string(&entry) + entry.length));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = ERROR_INIT;
	const char *rest;
	char problem[40];
	char *text = malloc(size + 1);
	if (text == NULL)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	read_config(text, size);
	read_spooled(text, size);
	read_said(text, size);
	read_beat(text, size);
	receipt_problem(text, size, problem, sizeof problem);
	require(strlen(problem) < sizeof problem && strchr(problem, '\n') == NULL);
	/* No JSON has that byte; of any other text libFuzzer learns by the comparison. */
	require(!receipt_echoes(text, size, "\xff"));
	if (address_parse(text, &rest, &err) != NULL)
		require(rest > text && rest[-1] == ':');
	else
		require(err.code == ERROR_USAGE);
	free(text);
	return 0;
}
