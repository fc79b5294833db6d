/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every probe on every recorded machine, as a closed world: what was recorded
 * is all that may be asked.  What the facts add up to is tested in tests/corpus.
 */
#include <criterion/criterion.h>
#include <glob.h>

#include "tests/lib/fake_machine.h"

/* Whether it was made of a dump, which knows of nothing but the CPU. */
static bool is_import(const char *file)
{
	json_t *root = json_load_file(file, 0, NULL);
	cr_assert_not_null(root, "%s", file);
	bool import = json_object_get(root, "imported") != NULL;
	json_decref(root);
	return import;
}

/* Whether the worker would leave it out, because an earlier boot was lost to it. */
static bool is_left_out(const struct probe *probe, struct fake_machine *fake)
{
	static const struct probe_settings none;
	struct probe_run run = { .machine = fake_machine(fake), .settings = &none };
	cleanup_answer struct answer answer = ANSWER_INIT;
	return (probe->flags & PROBE_RISKY) != 0 && (probe->risks == NULL || probe->risks(&run)) &&
	       machine_lost(run.machine, probe->id, &answer) == STATUS_OBSERVED &&
	       answer.numbers[0] != 0;
}

static void run_every_probe(const char *file)
{
	struct fake_machine *fake = fake_machine_new();
	fake_load(fake, file);
	if (is_import(file))
		fake_open_world(fake);
	for (size_t p = 0; probe_registry[p] != NULL; p++) {
		if ((probe_registry[p]->flags & PROBE_BY_NAME) != 0 ||
		    is_left_out(probe_registry[p], fake))
			continue;
		struct fact_set *facts = run_probe(probe_registry[p], fake, NULL);
		cr_expect_gt(fact_set_count(facts), 0, "%s: %s finds nothing", file,
		             probe_registry[p]->id);
		fact_set_free(facts);
	}
	cr_expect(fake_asked(fake) > 0);
	fake_machine_free(fake);
}

Test(corpus, every_probe_asks_only_what_was_recorded)
{
	glob_t files;
	cr_assert_eq(glob(SOURCE_DIR "/tests/snapshots/*.json", 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++)
		run_every_probe(files.gl_pathv[i]);
	globfree(&files);
}
