/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A finding, a gap or a target in full: what it means, how it is tested, every fix there is. */
#include <string.h>
#include <unistd.h>

#include "agent/choice.h"
#include "agent/commands.h"
#include "agent/explain_code.h"
#include "agent/explain_target.h"
#include "agent/known.h"
#include "agent/output.h"
#include "report/knowledge.h"
#include "report/text_remedy.h"

#define COLUMNS 80

static void heading(const struct page *page, const char *id, const char *title)
{
	cleanup_text struct text lead = TEXT_INIT;
	text_printf(&lead, "%s: ", id);
	page_wrap(page, PAGE_STRONG, text_string(&lead), 2, title);
}

static void paragraph(const struct page *page, const char *label, const char *text)
{
	cleanup_text struct text lead = TEXT_INIT;
	if (text[0] == '\0')
		return;
	text_printf(&lead, "  %-8s ", label);
	page_wrap(page, PAGE_PLAIN, text_string(&lead), 11, text);
}

static const struct requirement *find_requirement(const struct target *target, const char *id)
{
	for (size_t i = 0; i < target->requirement_count; i++) {
		if (strcmp(target->requirements[i]->id, id) == 0)
			return target->requirements[i];
	}
	return NULL;
}

/* The targets of which this is the finding: "kvm, proxmox". */
static void list_targets(const struct requirement *requirement, struct text *out)
{
	for (const struct target *target = knowledge_targets; target->id != NULL; target++) {
		if (find_requirement(target, requirement->id) == requirement)
			text_printf(out, "%s%s", out->length == 0 ? "" : ", ", target->id);
	}
}

/* What targets make of the finding: "required: ..." in their own words, and the gaps. */
static void finding_in_targets(const struct page *page, const char *id)
{
	for (size_t row = 0; row < knowledge_requirement_count; row++) {
		const struct requirement *requirement = &knowledge_requirements[row];
		cleanup_text struct text text = TEXT_INIT;
		cleanup_text struct text targets = TEXT_INIT;
		if (strcmp(requirement->id, id) != 0)
			continue;
		list_targets(requirement, &targets);
		text_printf(&text, "%s: %s.", severity_name(requirement->severity),
		            requirement->title);
		if (requirement->why != NULL)
			text_printf(&text, " %s", requirement->why);
		for (size_t i = 0; i < requirement->gap_count; i++)
			text_printf(&text, "%s%s", i == 0 ? " [" : ", ", requirement->gaps[i].gap);
		text_add(&text, requirement->gap_count > 0 ? "]" : "");
		text_add(page->out, "\n");
		heading(page, text_string(&targets), text_string(&text));
	}
}

static void explain_finding(const struct page *page, const struct finding_page *finding,
                            const struct format_options *options)
{
	cleanup_text struct text settle = TEXT_INIT;
	if (finding->settle != NULL)
		text_as_typed(finding->settle, options, &settle);
	heading(page, finding->id, finding->title);
	paragraph(page, "means", finding->meaning);
	paragraph(page, "tested", finding->tested);
	paragraph(page, "settle", text_string(&settle));
	finding_in_targets(page, finding->id);
}

/* The findings that can name the gap, each once. */
static void list_findings(const char *gap, struct text *out)
{
	for (const struct finding_page *page = knowledge_findings; page->id != NULL; page++) {
		bool names = false;
		for (const struct target *target = knowledge_targets; target->id != NULL;
		     target++) {
			const struct requirement *requirement = find_requirement(target, page->id);
			for (size_t i = 0; requirement != NULL && i < requirement->gap_count; i++)
				names = names || strcmp(requirement->gaps[i].gap, gap) == 0;
		}
		if (names)
			text_printf(out, "%s%s", out->length == 0 ? "" : ", ", page->id);
	}
}

static bool wanted(const struct remedy *remedy, const struct format_options *options)
{
	return options->tool == NULL || strcmp(options->tool, remedy->tool) == 0;
}

static void explain_remedy(const struct page *page, const struct remedy *remedy,
                           const struct format_options *options)
{
	paragraph(page, "with", remedy->tool);
	text_fix(page, remedy, 0, options);
	text_after_fix(page, remedy, options);
	page_wrap(page, PAGE_PLAIN, TEXT_MARGIN "source: ", TEXT_INDENT + 2,
	          remedy->source == NULL ? "none" : remedy->source);
}

static void explain_remedies(const struct page *page, const char *where,
                             const struct platform_gap *closing,
                             const struct format_options *options)
{
	bool any = closing->remedy_count == 0;
	for (size_t i = 0; i < closing->remedy_count; i++)
		any = any || wanted(&closing->remedies[i], options);
	if (!any)
		return;
	text_add(page->out, "\n");
	heading(page, where, closing->summary == NULL ? "" : closing->summary);
	for (size_t i = 0; i < closing->remedy_count; i++) {
		if (wanted(&closing->remedies[i], options))
			explain_remedy(page, &closing->remedies[i], options);
	}
}

/* What each platform has to say of the gap, then what holds on the others. */
static void explain_platforms(const struct page *page, const struct gap *gap,
                              const struct format_options *options)
{
	bool named = false;
	for (const struct platform *platform = knowledge_platforms; platform->id != NULL;
	     platform++) {
		const struct platform_gap *closing = knowledge_platform_gap(platform, gap->id);
		if (closing == NULL || closing == gap->anywhere)
			continue;
		explain_remedies(page, platform->title, closing, options);
		named = true;
	}
	if (gap->anywhere != NULL)
		explain_remedies(page, named ? "Elsewhere" : "Anywhere", gap->anywhere, options);
}

static void explain_gap(const struct page *page, const struct gap *gap,
                        const struct format_options *options)
{
	cleanup_text struct text findings = TEXT_INIT;
	list_findings(gap->id, &findings);
	heading(page, gap->id, gap->title);
	paragraph(page, "layer",
	          strcmp(gap->layer, "L0") == 0 ? "L0, the platform underneath this VM"
	                                        : "L1, this VM itself");
	paragraph(page, "means", gap->meaning);
	paragraph(page, "cause", gap->cause);
	paragraph(page, "findings", text_string(&findings));
	explain_platforms(page, gap, options);
}

/* Everything that can be explained, for who gave no id. */
static void list_pages(const struct page *page)
{
	for (const struct finding_page *finding = knowledge_findings; finding->id != NULL;
	     finding++)
		heading(page, finding->id, finding->title);
	for (const struct gap *gap = knowledge_gaps; gap->id != NULL; gap++)
		heading(page, gap->id, gap->title);
	for (const struct target *target = knowledge_targets; target->id != NULL; target++)
		heading(page, target->id, target->title);
}

int command_explain(const struct options *options, struct error *err)
{
	cleanup_text struct text out = TEXT_INIT;
	const struct page page = { .out = &out, .columns = COLUMNS };
	const struct format_options format = { .tool = options->tool,
		                               .root = geteuid() == 0,
		                               .program = options->program,
		                               .again = options->program };
	const char *id = options->operand;
	const struct finding_page *finding = id == NULL ? NULL : knowledge_finding(id);
	const struct gap *gap = id == NULL ? NULL : knowledge_gap(id);
	const struct target *target = id == NULL ? NULL : knowledge_target(id);
	if (finding != NULL)
		explain_finding(&page, finding, &format);
	else if (gap != NULL)
		explain_gap(&page, gap, &format);
	else if (target != NULL)
		explain_target(&page, target);
	else if (id == NULL)
		list_pages(&page);
	else if (looks_like_code(id)) {
		if (explain_code(&page, id, &format, err) != 0)
			return -1;
	} else
		return choice_unknown(err, "finding, gap or target", id, &known_pages,
		                      "`nestready explain`");
	return output_write(options->output, &out, err);
}
