/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings and platforms in full: what each is, and what hangs on it. */
#include <string.h>

#include "agent/explain_page.h"
#include "report/text_remedy.h"

void explain_heading(const struct page *page, const char *id, const char *title)
{
	cleanup_text struct text lead = TEXT_INIT;
	text_printf(&lead, "%s: ", id);
	page_wrap(page, PAGE_STRONG, text_string(&lead), 2, title);
}

void explain_paragraph(const struct page *page, const char *label, const char *text)
{
	cleanup_text struct text lead = TEXT_INIT;
	if (text[0] == '\0')
		return;
	text_printf(&lead, "  %-8s ", label);
	page_wrap(page, PAGE_PLAIN, text_string(&lead), 11, text);
}

/* "required: TITLE. WHY [GAP, GAP]" */
static void describe_requirement(const struct requirement *requirement, struct text *out)
{
	text_printf(out, "%s: %s.", severity_name(requirement->severity), requirement->title);
	if (requirement->why != NULL)
		text_printf(out, " %s", requirement->why);
	for (size_t i = 0; i < requirement->gap_count; i++) {
		size_t j = 0; /* one that was named for another case already? */
		while (j < i && strcmp(requirement->gaps[j].gap, requirement->gaps[i].gap) != 0)
			j++;
		if (j == i)
			text_printf(out, "%s%s", i == 0 ? " [" : ", ", requirement->gaps[i].gap);
	}
	text_add(out, requirement->gap_count > 0 ? "]" : "");
}

/* The targets of which this is the finding: "kvm, proxmox". */
static void list_targets(const struct requirement *requirement, struct text *out)
{
	for (const struct target *target = knowledge_targets; target->id != NULL; target++) {
		for (size_t i = 0; i < target->requirement_count; i++) {
			if (target->requirements[i] == requirement)
				text_printf(out, "%s%s", out->length == 0 ? "" : ", ", target->id);
		}
	}
}

/* What targets make of the finding, in their own words. */
static void finding_in_targets(const struct page *page, const char *id)
{
	for (size_t row = 0; row < knowledge_requirement_count; row++) {
		const struct requirement *requirement = &knowledge_requirements[row];
		cleanup_text struct text text = TEXT_INIT;
		cleanup_text struct text targets = TEXT_INIT;
		if (strcmp(requirement->id, id) != 0)
			continue;
		list_targets(requirement, &targets);
		describe_requirement(requirement, &text);
		text_add(page->out, "\n");
		explain_heading(page, text_string(&targets), text_string(&text));
	}
}

/* The gaps behind the finding, with what causes each; their pages have the fixes. */
static void finding_causes(const struct page *page, const char *id,
                           const struct format_options *options)
{
	cleanup_text struct text more = TEXT_INIT;
	bool any = false;
	for (const struct gap *gap = knowledge_gaps; gap->id != NULL; gap++) {
		if (!explain_names(id, gap->id))
			continue;
		text_add(page->out, any ? "" : "\nWhat can be behind it:\n");
		explain_heading(page, gap->id, gap->cause);
		any = true;
	}
	text_as_typed("nestready explain GAP", options, &more);
	if (any)
		page_wrap(page, PAGE_PLAIN, "Each with every fix: ", 2, text_string(&more));
}

void explain_finding(const struct page *page, const struct finding_page *finding,
                     const struct format_options *options)
{
	cleanup_text struct text settle = TEXT_INIT;
	if (finding->settle != NULL)
		text_as_typed(finding->settle, options, &settle);
	explain_heading(page, finding->id, finding->title);
	explain_paragraph(page, "means", finding->meaning);
	explain_paragraph(page, "tested", finding->tested);
	explain_paragraph(page, "settle", text_string(&settle));
	finding_in_targets(page, finding->id);
	finding_causes(page, finding->id, options);
}

/* The tools of an entry, each once: "govc, powercli"; or that there is no fix. */
static void list_tools(const struct platform_gap *entry, struct text *out)
{
	for (size_t i = 0; i < entry->remedy_count; i++) {
		size_t j = 0;
		while (j < i && strcmp(entry->remedies[j].tool, entry->remedies[i].tool) != 0)
			j++;
		if (j == i)
			text_printf(out, "%s%s", i == 0 ? "" : ", ", entry->remedies[i].tool);
	}
	text_add(out, entry->remedy_count == 0 ? "no fix" : "");
}

static void explain_signs(const struct page *page, const struct platform *platform)
{
	for (size_t i = 0; i < platform->recognition_count; i++) {
		cleanup_text struct text text = TEXT_INIT;
		text_printf(&text, "%s (confidence: %s)", platform->recognitions[i].evidence,
		            confidence_name(platform->recognitions[i].confidence));
		explain_paragraph(page, i == 0 ? "known by" : "or by", text_string(&text));
	}
}

void explain_platform(const struct page *page, const struct platform *platform,
                      const struct format_options *options)
{
	cleanup_text struct text more = TEXT_INIT;
	cleanup_text struct text quiet = TEXT_INIT;
	explain_heading(page, platform->id, platform->title);
	explain_paragraph(page, "gives", platform->about);
	if (platform->quiet != NULL) {
		text_printf(&quiet, "no frame of the network test goes out unasked: %s",
		            platform->quiet);
		explain_paragraph(page, "frames", text_string(&quiet));
	}
	explain_signs(page, platform);
	for (size_t i = 0; i < platform->gap_count; i++) {
		const struct platform_gap *entry = &platform->gaps[i];
		cleanup_text struct text text = TEXT_INIT;
		if (entry->where != NULL)
			text_printf(&text, "%s: ", entry->where);
		text_printf(&text, "%s [", entry->summary);
		list_tools(entry, &text);
		text_add(&text, "]");
		text_add(page->out, i == 0 ? "\n" : "");
		explain_heading(page, entry->gap, text_string(&text));
	}
	text_as_typed("nestready explain GAP --tool TOOL", options, &more);
	page_wrap(page, PAGE_PLAIN, "Each fix in full: ", 2, text_string(&more));
}
