/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `nestready import`: a snapshot for `check --snapshot` out of what another program wrote. */
#include <jansson.h>
#include <string.h>

#include "agent/commands.h"
#include "agent/input.h"
#include "agent/output.h"
#include "import/import.h"

static int add_piece(const char *bytes, size_t length, void *out)
{
	text_add_bytes(out, bytes, length);
	return 0;
}

void import_describe(struct text *out)
{
	text_add(out, "FILE (\"-\": standard input) is recognised by what is in it:\n\n");
	for (size_t i = 0; import_formats[i] != NULL; i++)
		text_printf(out, "  %-12s %s\n", import_formats[i]->name, import_formats[i]->help);
	text_add(out, "\nJudge the result with `nestready check --snapshot`; what the file does\n"
	              "not say stays unknown. Exit status: 0; 65 when FILE is none of these or\n"
	              "contradicts itself, 66 when it cannot be read.\n\n");
}

int command_import(const struct options *options, struct error *err)
{
	cleanup_text struct text input = TEXT_INIT;
	cleanup_text struct text out = TEXT_INIT;
	const char *path = options->operand;
	if (path == NULL)
		return error_set(err, ERROR_USAGE, 0,
		                 "`import` needs a FILE: `nestready import --help` says of what");
	if (input_read(path, IMPORT_LIMIT, &input, err) != 0)
		return -1;
	json_t *snapshot = import_snapshot(strcmp(path, "-") == 0 ? "standard input" : path,
	                                   text_string(&input), input.length, err);
	if (snapshot == NULL)
		return -1;
	int failed = json_dump_callback(snapshot, add_piece, &out, JSON_INDENT(1));
	text_add(&out, "\n");
	json_decref(snapshot);
	if (failed != 0)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	return output_write(options->output, &out, err);
}
