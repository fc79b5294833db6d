/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See catalogue.h. */
#include "worker/catalogue.h"

#include <jansson.h>
#include <stdlib.h>

static json_t *facts_of(const struct probe *probe)
{
	json_t *list = json_array();
	for (const struct fact_declaration *fact = probe->facts; fact->key != NULL; fact++)
		json_array_append_new(
		        list, json_pack("{s:s, s:s}", "key", fact->key, "help", fact->help));
	return list;
}

void catalogue_write(struct text *out, const struct probe *const *registry)
{
	json_t *list = json_array();
	for (; *registry != NULL; registry++) {
		const struct probe *probe = *registry;
		json_array_append_new(
		        list, json_pack("{s:s, s:s, s:b, s:b, s:I, s:o}", "id", probe->id, "title",
		                        probe->title, "active", (probe->flags & PROBE_ACTIVE) != 0,
		                        "risky", (probe->flags & PROBE_RISKY) != 0, "deadline_ms",
		                        (json_int_t)probe->deadline_ms, "facts", facts_of(probe)));
	}
	json_t *catalogue = json_pack("{s:o}", "probes", list);
	char *dumped = json_dumps(catalogue, JSON_COMPACT);
	if (dumped == NULL) {
		out->failed = true;
	} else {
		text_add(out, dumped);
		text_add(out, "\n");
	}
	free(dumped);
	json_decref(catalogue);
}
