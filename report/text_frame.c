/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands above and below the items. */
#include "report/text_frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/human.h"
#include "report/text_remedy.h"

/*
 * What the groups of findings are called, and the facts that say how much when
 * all is well.  A group without a row is called by its own word.
 */
static const struct group_words {
	const char *group;
	const char *name;
	const char *before; /* the fact's value, and what stands around it */
	const char *fact;   /* NULL: the name says it all */
	const char *after;
} group_table[] = {
	{ "cpu", "CPU", NULL, NULL, NULL },
	{ "slat", "SLAT", "SLAT by ", "slat.kind", "" },
	{ "kvm", "KVM", "KVM by ", "kvm.backend", "" },
	{ "l2", "running a VM", "a VM ran, ", "l2.exit-ns", " an exit" },
	{ "resources", "resources", "CPUs: ", "cpu.count", "" },
	{ "resources", "resources", "memory: ", "memory.total", "" },
	{ "fixed-memory", "memory that stays", NULL, NULL, NULL },
	{ "network", "network for nested VMs", NULL, NULL, NULL },
	{ "platform", "platform fits", NULL, NULL, NULL },
	{ "guest", "this guest", NULL, NULL, NULL },
};

#define GROUP_ROWS (sizeof group_table / sizeof group_table[0])

static const char *group_name(const char *group)
{
	for (size_t i = 0; i < GROUP_ROWS; i++) {
		if (strcmp(group_table[i].group, group) == 0)
			return group_table[i].name;
	}
	return group;
}

void text_not_proven(const struct judgment *judgment, struct text *out)
{
	for (size_t i = 0; i < judgment->not_proven_count; i++)
		text_printf(out, "%s%s", i == 0 ? "" : ", ", group_name(judgment->not_proven[i]));
}

static const struct {
	const char *words;
	enum page_style style;
} verdict_table[] = {
	[VERDICT_READY] = { "READY", PAGE_GOOD },
	[VERDICT_DEGRADED] = { "READY BUT DEGRADED", PAGE_DOUBT },
	[VERDICT_NOT_READY] = { "NOT READY", PAGE_BAD },
	[VERDICT_INDETERMINATE] = { "INDETERMINATE", PAGE_DOUBT },
};

static const char *const basis_words[] = {
	[BASIS_PROVEN] = "proven by a VM that ran here",
	[BASIS_FLAGS] = "by CPU flags and settings, not proven by a VM",
	[BASIS_IMPORTED] = "by a recording, not by this machine",
};

void text_platform(const struct report *report, struct text *out)
{
	const struct platform *platform = report->platform.platform;
	bool guessed = platform != NULL && report->platform.confidence == CONFIDENCE_LOW;
	text_printf(out, "platform: %s%s", guessed ? "probably " : "",
	            platform == NULL ? "unknown" : platform->title);
	if (platform == NULL || platform->version_fact == NULL)
		return;
	const struct fact *version = fact_set_find(report->facts, platform->version_fact);
	if (version == NULL || version->status != STATUS_OBSERVED)
		return;
	/* the fact's own name says of what it is the version: "hardware-version" */
	const char *name = strrchr(version->key, '.');
	text_printf(out, ", %s ", name == NULL ? version->key : name + 1);
	human_value(version, out);
}

/* A recording proves no more than it does. */
static void write_proving(const struct page *page, const struct judgment *judgment,
                          const struct format_options *options)
{
	for (size_t i = 0; i < judgment->finding_count; i++) {
		const struct finding *finding = &judgment->findings[i];
		const struct finding_page *known = finding_page_of(finding);
		if (!outcome_is_untested(finding->outcome) || known == NULL || known->prove == NULL)
			continue;
		cleanup_text struct text command = TEXT_INIT;
		cleanup_text struct text lead = TEXT_INIT;
		text_as_typed(known->prove, options, &command);
		text_printf(&lead, " to prove %s:", group_name(finding->requirement->group));
		page_put(page, PAGE_PLAIN, text_string(&lead));
		page_command(page, 1, text_string(&command));
	}
}

void text_headline(const struct page *page, const struct report *report,
                   const struct format_options *options)
{
	cleanup_text struct text left = TEXT_INIT;
	cleanup_text struct text right = TEXT_INIT;
	cleanup_text struct text open = TEXT_INIT;
	const struct judgment *judgment = &report->judgment;
	bool runs = judgment->verdict == VERDICT_READY || judgment->verdict == VERDICT_DEGRADED;
	text_printf(&left, " for %s", judgment->target->title);
	text_not_proven(judgment, &open);
	if (runs && open.length > 0)
		text_printf(&left, "; %s NOT PROVEN", text_string(&open));
	text_platform(report, &right);
	page_edges(page, verdict_table[judgment->verdict].style,
	           verdict_table[judgment->verdict].words, 1, text_string(&left),
	           text_string(&right));
	page_wrap(page, PAGE_PLAIN, " ", 1, basis_words[judgment->basis]);
	if (runs && judgment->basis != BASIS_IMPORTED)
		write_proving(page, judgment, options);
}

static bool is_note(const struct finding *finding)
{
	return finding_severity(finding) == SEVERITY_INFORMATIONAL &&
	       finding->outcome != OUTCOME_PASS;
}

/* All that applies in the group passed, notes aside, and something did. */
static bool group_passed(const struct judgment *judgment, const char *group)
{
	bool passed = false;
	for (size_t i = 0; i < judgment->finding_count; i++) {
		const struct finding *finding = &judgment->findings[i];
		if (strcmp(finding->requirement->group, group) != 0 || is_note(finding))
			continue;
		if (finding->outcome == OUTCOME_PASS)
			passed = true;
		else if (finding->outcome != OUTCOME_NOT_APPLICABLE)
			return false;
	}
	return passed;
}

static bool first_of_group(const struct judgment *judgment, size_t index)
{
	const char *group = judgment->findings[index].requirement->group;
	for (size_t i = 0; i < index; i++) {
		if (strcmp(judgment->findings[i].requirement->group, group) == 0)
			return false;
	}
	return true;
}

/* "4 CPUs, 16 GiB of memory": a group that is well, in numbers where there are any. */
static void describe_group(const char *group, const struct fact_set *facts, struct text *out)
{
	bool described = false;
	for (size_t i = 0; i < GROUP_ROWS; i++) {
		const struct group_words *row = &group_table[i];
		if (row->fact == NULL || strcmp(row->group, group) != 0)
			continue;
		const struct fact *fact = fact_set_find(facts, row->fact);
		if (fact == NULL || fact->status != STATUS_OBSERVED)
			continue;
		text_printf(out, "%s%s", described ? ", " : "", row->before);
		human_value(fact, out);
		text_add(out, row->after);
		described = true;
	}
	if (!described)
		text_add(out, group_name(group));
}

struct first_fact {
	const struct fact_set *facts;
	const struct fact *fact; /* NULL until one was found */
};

static void take_first(const char *key, void *context)
{
	struct first_fact *first = context;
	if (first->fact == NULL)
		first->fact = fact_set_find(first->facts, key);
}

/* "Two CPUs or more (cpu.count 1)" */
static void write_note(const struct requirement *requirement, const struct fact_set *facts,
                       struct text *out)
{
	struct first_fact first = { .facts = facts };
	condition_visit_evidence(requirement->condition, facts, take_first, &first);
	text_add(out, requirement->title);
	if (first.fact == NULL)
		return;
	text_add(out, " (");
	human_fact(first.fact, out);
	text_add(out, ")");
}

#define NOTES_MAX 2 /* the screen is for what stops the target */

/* What is merely informational and not so: no obstacle, but not hidden either. */
static void write_notes(const struct page *page, const struct report *report)
{
	cleanup_text struct text line = TEXT_INIT;
	size_t count = 0;
	for (size_t i = 0; i < report->judgment.finding_count; i++) {
		const struct finding *finding = &report->judgment.findings[i];
		if (!is_note(finding) || finding->outcome != OUTCOME_FAIL || count++ >= NOTES_MAX)
			continue;
		text_add(&line, line.length == 0 ? "" : "; ");
		write_note(finding->requirement, report->facts, &line);
	}
	if (count > NOTES_MAX)
		text_printf(&line, "; %zu more", count - NOTES_MAX);
	if (line.length > 0)
		page_wrap(page, PAGE_PLAIN, " not so, but no obstacle: ", 3, text_string(&line));
}

void text_passed(const struct page *page, const struct report *report)
{
	const struct judgment *judgment = &report->judgment;
	cleanup_text struct text line = TEXT_INIT;
	for (size_t i = 0; i < judgment->finding_count; i++) {
		const char *group = judgment->findings[i].requirement->group;
		if (!first_of_group(judgment, i) || !group_passed(judgment, group))
			continue;
		text_add(&line, line.length == 0 ? "" : "; ");
		describe_group(group, report->facts, &line);
	}
	if (line.length > 0)
		page_wrap(page, PAGE_GOOD, " + ", 3, text_string(&line));
	write_notes(page, report);
}

/* The vendors' word on this pair, where there is one. */
void text_support(const struct page *page, const struct report *report)
{
	const struct matrix_entry *entry =
	        knowledge_support(report->judgment.target, report->platform.platform);
	cleanup_text struct text line = TEXT_INIT;
	if (entry == NULL)
		return;
	human_support(entry, &line);
	page_wrap(page, PAGE_PLAIN, " vendor: ", 3, text_string(&line));
}
