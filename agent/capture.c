/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `nestready capture`: every question and its answer, as a snapshot that
 * `check --snapshot` judges elsewhere.  Redacted unless told otherwise: who
 * sends one in should not have to read it first.
 */
#include <jansson.h>

#include "agent/check.h"
#include "agent/commands.h"
#include "agent/identity.h"
#include "agent/output.h"
#include "config.h"
#include "machine/redact.h"
#include "machine/snapshot.h"

static int add_piece(const char *bytes, size_t length, void *out)
{
	text_add_bytes(out, bytes, length);
	return 0;
}

/*
 * The whole snapshot.  Its head is for people and comes first; the answers come
 * in the order of their keys, so that two snapshots can be compared.
 */
static int write_snapshot(json_t *answers, bool redacted, struct text *out, struct error *err)
{
	char taken[IDENTITY_TIME_SIZE];
	identity_time(identity_now(), taken);
	text_printf(out, "{\n\"schema\": \"" SNAPSHOT_SCHEMA "\",\n\"taken\": \"%s\",\n", taken);
	text_printf(out, "\"agent\": \"" PACKAGE_VERSION "\",\n\"redacted\": %s,\n\"answers\": ",
	            redacted ? "true" : "false");
	if (json_dump_callback(answers, add_piece, out, JSON_INDENT(1) | JSON_SORT_KEYS) != 0)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	text_add(out, "\n}\n");
	return 0;
}

int command_capture(const struct options *options, struct error *err)
{
	cleanup_text struct text out = TEXT_INIT;
	struct supervision supervision;
	int status = check_ask(options, true, &supervision, err);
	if (status == 0 && !options->no_redact)
		status = redact_answers(supervision.answers, err);
	if (status == 0)
		status = write_snapshot(supervision.answers, !options->no_redact, &out, err);
	if (status == 0)
		status = output_write(options->output, &out, err);
	supervision_clear(&supervision);
	return status;
}
