/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `nestready explain`: which page an id asks for. */
#include <unistd.h>

#include "agent/choice.h"
#include "agent/commands.h"
#include "agent/explain_code.h"
#include "agent/explain_page.h"
#include "agent/explain_target.h"
#include "agent/known.h"
#include "agent/output.h"
#include "report/knowledge.h"

#define COLUMNS 80

/* Everything that can be explained, for who gave no id. */
static void list_pages(const struct page *page)
{
	for (const struct finding_page *finding = knowledge_findings; finding->id != NULL;
	     finding++)
		explain_heading(page, finding->id, finding->title);
	for (const struct gap *gap = knowledge_gaps; gap->id != NULL; gap++)
		explain_heading(page, gap->id, gap->title);
	for (const struct target *target = knowledge_targets; target->id != NULL; target++)
		explain_heading(page, target->id, target->title);
	for (const struct platform *platform = knowledge_platforms; platform->id != NULL;
	     platform++)
		explain_heading(page, platform->id, platform->title);
}

/* Writes the page of an id; false when there is none. */
static bool explain_id(const struct page *page, const char *id,
                       const struct format_options *options)
{
	const struct finding_page *finding = knowledge_finding(id);
	const struct gap *gap = knowledge_gap(id);
	const struct target *target = knowledge_target(id);
	const struct platform *platform = knowledge_platform(id);
	if (finding != NULL)
		explain_finding(page, finding, options);
	else if (gap != NULL)
		explain_gap(page, gap, options);
	else if (platform != NULL) /* before targets, which have other names beside their ids */
		explain_platform(page, platform, options);
	else if (target != NULL)
		explain_target(page, target);
	else
		return false;
	return true;
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
	if (id == NULL) {
		list_pages(&page);
	} else if (!explain_id(&page, id, &format)) {
		if (!looks_like_code(id))
			return choice_unknown(err, "finding, gap, target or platform", id,
			                      &known_pages, "`nestready explain`");
		if (explain_code(&page, id, &format, err) != 0)
			return -1;
	}
	return output_write(options->output, &out, err);
}
