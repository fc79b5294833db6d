/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whatever is imported, of every format: it is refused with one line that names
 * it, or else becomes a snapshot that the machine opens, with facts that are facts.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "import/import.h"
#include "machine/adapters.h"
#include "report/fact_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static int keep(void *context, const struct fact *fact, struct error *err)
{
	(void)err;
	return fact_set_add(context, fact);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = ERROR_INIT;
	json_t *snapshot = import_snapshot("fuzz", (const char *)data, size, &err);
	if (snapshot == NULL) {
		require(err.code == ERROR_BAD_INPUT && strncmp(err.message, "fuzz:", 5) == 0);
		require(strchr(err.message, '\n') == NULL);
		return 0;
	}
	require(err.code == ERROR_NONE);
	char *text = json_dumps(snapshot, JSON_SORT_KEYS);
	struct machine *machine = machine_snapshot_open("made", text, strlen(text), &err);
	struct fact_set *facts = fact_set_new();
	require(machine != NULL && facts != NULL);
	require(facts_read(json_object_get(snapshot, "facts"), keep, facts, &err) == 0);
	fact_set_free(facts);
	machine_close(machine);
	free(text);
	json_decref(snapshot);
	return 0;
}
