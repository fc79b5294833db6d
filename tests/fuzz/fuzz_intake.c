/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is taken in is whole, and its profile has a line of four words for each finding, its traits
 * one for each trait. */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "collector/intake.h"
#include "collector/standing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_whole(const struct intake *intake, const uint8_t *data, size_t size)
{
	size_t findings = 0;
	if (intake->length != size || memcmp(intake->body, data, size) != 0)
		abort();
	if (strlen(intake->id) != sizeof intake->id - 1 || intake->name[0] == '\0' ||
	    strlen(intake->guest) != INTAKE_GUEST_SIZE - 1 || intake->time_ms < 0 ||
	    strcmp(intake->lab, "lab") != 0)
		abort();
	const char *line = text_string(&intake->profile);
	for (const char *end; (end = strchr(line, '\n')) != NULL; line = end + 1, findings++) {
		unsigned spaces = 0;
		for (const char *at = line; at < end; at++)
			spaces += *at == ' ';
		if (spaces != 3)
			abort();
	}
	unsigned lines = 0;
	for (const char *at = text_string(&intake->traits); *at != '\0'; at++)
		lines += *at == '\n';
	if (lines != TRAIT_COUNT)
		abort();
	json_t *json = json_loadb((const char *)data, size, 0, NULL);
	if (*line != '\0' || json_array_size(json_object_get(json, "findings")) != findings)
		abort();
	json_decref(json);
}

/* One pass over the bytes takes what a tree takes, and sees the same in it. */
static void check_same(const struct intake *intake, const struct error *err, bool well_formed,
                       const uint8_t *data, size_t size)
{
	struct intake tree;
	struct error why = ERROR_INIT;
	bool formed = false;
	char *body = malloc(size + 1);
	if (body == NULL)
		return;
	memcpy(body, data, size);
	int status = intake_read_tree(body, size, "lab", &tree, &formed, &why);
	if ((status == 0) != (intake != NULL) || formed != well_formed ||
	    strcmp(why.message, err->message) != 0)
		abort();
	if (status != 0)
		return;
	if (strcmp(tree.id, intake->id) != 0 || strcmp(tree.guest, intake->guest) != 0 ||
	    strcmp(tree.hostname, intake->hostname) != 0 ||
	    strcmp(tree.platform, intake->platform) != 0 ||
	    strcmp(tree.target, intake->target) != 0 ||
	    strcmp(tree.verdict, intake->verdict) != 0 || strcmp(tree.basis, intake->basis) != 0 ||
	    strcmp(tree.agent, intake->agent) != 0 || tree.time_ms != intake->time_ms ||
	    !json_equal(tree.said, intake->said) ||
	    strcmp(text_string(&tree.profile), text_string(&intake->profile)) != 0 ||
	    strcmp(text_string(&tree.traits), text_string(&intake->traits)) != 0)
		abort();
	intake_clear(&tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct intake intake;
	struct error err = ERROR_INIT;
	bool well_formed = false;
	char *body = malloc(size + 1);
	if (body == NULL)
		return 0;
	memcpy(body, data, size);
	if (intake_read(body, size, "lab", &intake, &well_formed, &err) != 0) {
		if (err.code != ERROR_BAD_INPUT || err.message[0] == '\0')
			abort();
		check_same(NULL, &err, well_formed, data, size);
		return 0;
	}
	check_same(&intake, &err, well_formed, data, size);
	check_whole(&intake, data, size);
	intake_clear(&intake);
	return 0;
}
