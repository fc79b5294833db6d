/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The shipped data holds together: with the probes, and with itself. */
#include <criterion/criterion.h>
#include <string.h>

#include "import/import.h"
#include "probes/probe.h"
#include "report/report.h"

static bool starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

static bool is_declared(const char *key)
{
	for (size_t i = 0; probe_registry[i] != NULL; i++)
		for (const struct fact_declaration *fact = probe_registry[i]->facts;
		     fact->key != NULL; fact++)
			if (strcmp(fact->key, key) == 0)
				return true;
	for (size_t i = 0; import_facts[i].key != NULL; i++)
		if (strcmp(import_facts[i].key, key) == 0)
			return true;
	if (starts_with(key, DERIVED_SUPPORT))
		return knowledge_target(key + strlen(DERIVED_SUPPORT)) != NULL;
	return strcmp(key, DERIVED_PLATFORM) == 0 || strcmp(key, DERIVED_CONFIDENCE) == 0;
}

static void expect_declared(const char *key, void *context)
{
	cr_expect(is_declared(key), "%s names the fact %s, which no probe declares",
	          (const char *)context, key);
}

static void expect_facts(const struct condition *condition, const char *where)
{
	if (condition != NULL)
		condition_visit_facts(condition, expect_declared, (void *)where);
}

Test(knowledge, every_fact_it_asks_for_is_declared_by_a_probe)
{
	for (const struct target *target = knowledge_targets; target->id != NULL; target++) {
		expect_facts(target->installed, target->id);
		for (size_t i = 0; i < target->requirement_count; i++) {
			const struct requirement *requirement = target->requirements[i];
			expect_facts(requirement->applies, requirement->id);
			expect_facts(requirement->condition, requirement->id);
			for (size_t j = 0; j < requirement->gap_count; j++)
				expect_facts(requirement->gaps[j].when, requirement->id);
		}
	}
	for (const struct platform *platform = knowledge_platforms; platform->id != NULL;
	     platform++) {
		for (size_t i = 0; i < platform->recognition_count; i++)
			expect_facts(platform->recognitions[i].when, platform->id);
		if (platform->version_fact != NULL)
			expect_declared(platform->version_fact, (void *)platform->id);
	}
}

/* A target asks what is known of itself on this platform, not of another target. */
static void expect_own_support(const char *key, void *context)
{
	if (starts_with(key, DERIVED_SUPPORT))
		cr_expect_str_eq(key + strlen(DERIVED_SUPPORT), context);
}

Test(knowledge, every_requirement_has_a_page_and_a_way_out)
{
	for (const struct target *target = knowledge_targets; target->id != NULL; target++) {
		for (size_t i = 0; i < target->requirement_count; i++) {
			const struct requirement *requirement = target->requirements[i];
			cr_expect_not_null(knowledge_finding(requirement->id), "%s",
			                   requirement->id);
			condition_visit_facts(requirement->condition, expect_own_support,
			                      (void *)target->id);
			for (size_t j = 0; j < requirement->gap_count; j++)
				cr_expect_not_null(knowledge_gap(requirement->gaps[j].gap), "%s",
				                   requirement->gaps[j].gap);
			/* What stops a target and is tested names what is at fault. */
			bool tested = requirement->condition->kind != CONDITION_UNKNOWABLE;
			cr_expect(requirement->severity == SEVERITY_INFORMATIONAL || !tested ||
			                  requirement->gap_count > 0,
			          "%s of %s", requirement->id, target->id);
		}
	}
}

/* Gaps that cannot arise on one of the platforms of which everything is to be known. */
static bool cannot_arise(const char *gap, const char *platform)
{
	static const char *const pairs[][2] = {
		{ "l0.hardware-version", "kvm-libvirt" }, /* VMware's own idea */
		{ "l0.hardware-version", "hyperv" },
		{ "l0.platform-too-old", "kvm-libvirt" }, /* named for Hyper-V on AMD only */
		{ "l0.platform-too-old", "vmware-esxi" },
		{ "l0.platform-cannot", "kvm-libvirt" }, /* no target is broken there */
		{ "l0.platform-cannot", "vmware-esxi" },
	};
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
		if (strcmp(pairs[i][0], gap) == 0 && strcmp(pairs[i][1], platform) == 0)
			return true;
	return false;
}

static bool has_own_entry(const struct platform *platform, const char *gap)
{
	for (size_t i = 0; i < platform->gap_count; i++)
		if (strcmp(platform->gaps[i].gap, gap) == 0)
			return true;
	return false;
}

Test(knowledge, the_three_platforms_close_every_gap_or_say_that_nothing_does)
{
	static const char *const platforms[] = { "kvm-libvirt", "vmware-esxi", "hyperv" };
	for (size_t i = 0; i < 3; i++) {
		const struct platform *platform = knowledge_platform(platforms[i]);
		for (const struct gap *gap = knowledge_gaps; gap->id != NULL; gap++)
			cr_expect(strcmp(gap->layer, "L1") == 0 ||
			                  has_own_entry(platform, gap->id) ||
			                  cannot_arise(gap->id, platforms[i]),
			          "%s on %s", gap->id, platforms[i]);
	}
}

Test(knowledge, a_pair_that_is_broken_is_never_left_to_a_general_remedy)
{
	for (const struct target *target = knowledge_targets; target->id != NULL; target++)
		for (size_t i = 0; i < target->matrix_count; i++) {
			const struct matrix_entry *entry = &target->matrix[i];
			if (strcmp(entry->support, "broken") != 0)
				continue;
			cr_expect_not_null(entry->note, "%s on %s", target->id, entry->platform);
			cr_expect(!cannot_arise("l0.platform-cannot", entry->platform));
		}
}

Test(knowledge, every_gap_is_closed_somehow_on_any_platform)
{
	for (const struct gap *gap = knowledge_gaps; gap->id != NULL; gap++) {
		const struct platform_gap *closing = knowledge_platform_gap(NULL, gap->id, NULL);
		cr_assert_not_null(closing, "%s", gap->id);
		cr_expect_gt(closing->remedy_count, 0, "%s", gap->id);
		cr_expect_eq(strncmp(gap->id, "l0.", 3) == 0, strcmp(gap->layer, "L0") == 0, "%s",
		             gap->id);
	}
	cr_expect_null(knowledge_platform_gap(NULL, "l0.never-heard-of", NULL));
}

Test(knowledge, a_platform_s_own_entry_goes_before_the_general_one)
{
	const struct platform *bhyve = knowledge_platform("bhyve");
	cr_expect_eq(knowledge_platform_gap(bhyve, "l0.virt-not-exposed", NULL)->remedy_count, 0);
	cr_expect_eq(knowledge_platform_gap(bhyve, "l0.too-few-cpus", NULL),
	             knowledge_gap("l0.too-few-cpus")->anywhere);
}

static void expect_honest(const struct platform_gap *entry, const char *where, bool hardware)
{
	const char *wrong[] = { "BIOS", "bios", "nested=Y inside" };
	for (size_t i = 0; i < entry->remedy_count; i++) {
		const struct remedy *remedy = &entry->remedies[i];
		cr_expect_not_null(remedy->steps[0], "%s: %s", where, entry->gap);
		cr_expect_not_null(remedy->verify[0], "%s: %s", where, entry->gap);
		cr_expect_not_null(remedy->undo[0], "%s: %s", where, entry->gap);
		for (const char *const *step = remedy->steps; *step != NULL; step++) {
			for (size_t j = 0; j < 3; j++)
				cr_expect_null(strstr(*step, wrong[j]), "%s: %s", where, *step);
			cr_expect(hardware || strstr(*step, "firmware setup") == NULL, "%s: %s",
			          where, *step);
		}
	}
}

Test(knowledge, nobody_in_a_vm_is_sent_to_a_firmware_setup)
{
	for (const struct platform *platform = knowledge_platforms; platform->id != NULL;
	     platform++)
		for (size_t i = 0; i < platform->gap_count; i++)
			expect_honest(&platform->gaps[i], platform->id,
			              strcmp(platform->id, "bare-metal") == 0);
	for (const struct gap *gap = knowledge_gaps; gap->id != NULL; gap++)
		expect_honest(gap->anywhere, "anywhere", false);
}
