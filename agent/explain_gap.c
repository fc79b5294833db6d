/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A gap in full: what it means, what causes it, and every fix on every platform. */
#include <string.h>

#include "agent/explain_page.h"
#include "report/text_remedy.h"

bool explain_names(const char *finding, const char *gap)
{
	for (size_t row = 0; row < knowledge_requirement_count; row++) {
		const struct requirement *requirement = &knowledge_requirements[row];
		for (size_t i = 0; i < requirement->gap_count; i++)
			if (strcmp(requirement->id, finding) == 0 &&
			    strcmp(requirement->gaps[i].gap, gap) == 0)
				return true;
	}
	return false;
}

/* The findings that can name the gap, each once. */
static void list_findings(const char *gap, struct text *out)
{
	for (const struct finding_page *page = knowledge_findings; page->id != NULL; page++) {
		if (explain_names(page->id, gap))
			text_printf(out, "%s%s", out->length == 0 ? "" : ", ", page->id);
	}
}

static bool wanted(const struct remedy *remedy, const struct format_options *options)
{
	return options->tool == NULL || strcmp(options->tool, remedy->tool) == 0;
}

static void explain_source(const struct page *page, const char *source)
{
	if (source != NULL)
		page_wrap(page, PAGE_PLAIN, TEXT_MARGIN "source: ", TEXT_INDENT + 2, source);
}

static void explain_remedy(const struct page *page, const struct remedy *remedy,
                           const struct format_options *options)
{
	explain_paragraph(page, "with", remedy->tool);
	text_fix(page, remedy, 0, options);
	text_after_fix(page, remedy, options);
	explain_source(page, remedy->source);
}

/* Whether there is anything to say of an entry to who asked for one tool. */
static bool any_wanted(const struct platform_gap *entry, const struct format_options *options)
{
	bool any = entry->remedy_count == 0;
	for (size_t i = 0; i < entry->remedy_count; i++)
		any = any || wanted(&entry->remedies[i], options);
	return any;
}

static void explain_entry(const struct page *page, const char *where,
                          const struct platform_gap *entry, const struct format_options *options)
{
	cleanup_text struct text title = TEXT_INIT;
	if (!any_wanted(entry, options))
		return;
	if (entry->where != NULL)
		text_printf(&title, "%s: ", entry->where);
	text_add(&title, entry->summary);
	text_add(page->out, "\n");
	explain_heading(page, where, text_string(&title));
	for (size_t i = 0; i < entry->remedy_count; i++) {
		if (wanted(&entry->remedies[i], options))
			explain_remedy(page, &entry->remedies[i], options);
	}
	if (entry->remedy_count == 0)
		page_wrap(page, PAGE_PLAIN, TEXT_MARGIN, TEXT_INDENT + 2, "This cannot be fixed.");
	text_instead(page, entry, options);
	if (entry->remedy_count == 0)
		explain_source(page, entry->source);
}

/* What each platform has to say of the gap, then what holds on the others. */
static void explain_platforms(const struct page *page, const struct gap *gap,
                              const struct format_options *options)
{
	bool named = false;
	for (const struct platform *platform = knowledge_platforms; platform->id != NULL;
	     platform++) {
		for (size_t i = 0; i < platform->gap_count; i++) {
			if (strcmp(platform->gaps[i].gap, gap->id) != 0)
				continue;
			explain_entry(page, platform->title, &platform->gaps[i], options);
			named = true;
		}
	}
	if (gap->anywhere != NULL)
		explain_entry(page, named ? "Elsewhere" : "Anywhere", gap->anywhere, options);
}

void explain_gap(const struct page *page, const struct gap *gap,
                 const struct format_options *options)
{
	cleanup_text struct text findings = TEXT_INIT;
	cleanup_text struct text again = TEXT_INIT;
	bool underneath = strcmp(gap->layer, "L0") == 0;
	list_findings(gap->id, &findings);
	explain_heading(page, gap->id, gap->title);
	explain_paragraph(page, "layer",
	                  underneath ? "L0, the platform underneath this VM"
	                             : "L1, this VM itself");
	explain_paragraph(page, "means", gap->meaning);
	explain_paragraph(page, "cause", gap->cause);
	explain_paragraph(page, "findings", text_string(&findings));
	if (underneath) {
		text_add(&again, "whoever makes the change, as each fix says; then in this VM: ");
		text_as_typed("sudo nestready", options, &again);
		explain_paragraph(page, "verify", text_string(&again));
	}
	explain_platforms(page, gap, options);
}
