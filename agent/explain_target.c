/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See explain_target.h. */
#include "agent/explain_target.h"

#include "report/human.h"
#include "report/report.h"

static void heading(const struct page *page, const char *title)
{
	text_add(page->out, "\n");
	page_wrap(page, PAGE_STRONG, title, 0, "");
}

static void line(const struct page *page, const char *id, const char *text, const char *source)
{
	cleanup_text struct text lead = TEXT_INIT;
	cleanup_text struct text all = TEXT_INIT;
	text_printf(&lead, "  %s: ", id);
	text_printf(&all, "%s [%s]", text, source);
	page_wrap(page, PAGE_PLAIN, text_string(&lead), 4, text_string(&all));
}

/* "No-execute (NX) is exposed. ESXi stops at boot without it." */
static void explain_requirement(const struct page *page, const struct requirement *requirement)
{
	static const char *const phases[] = {
		[PHASE_BOTH] = "",
		[PHASE_INSTALL] = " To install it.",
		[PHASE_RUN] = " Once it is installed.",
	};
	cleanup_text struct text text = TEXT_INIT;
	text_printf(&text, "%s. %s%s", requirement->title, requirement->why,
	            phases[requirement->phase]);
	if (requirement->uncertain)
		text_add(&text, " (uncertain)");
	if (requirement->applies_why != NULL)
		text_printf(&text, " Does not apply where %s.", requirement->applies_why);
	line(page, requirement->id, text_string(&text), requirement->source);
}

static void explain_requirements(const struct page *page, const struct target *target)
{
	static const char *const titles[] = {
		[SEVERITY_REQUIRED] = "Required",
		[SEVERITY_RECOMMENDED] = "Recommended",
		[SEVERITY_INFORMATIONAL] = "Good to know",
	};
	for (enum severity severity = SEVERITY_REQUIRED; severity <= SEVERITY_INFORMATIONAL;
	     severity++) {
		heading(page, titles[severity]);
		for (size_t i = 0; i < target->requirement_count; i++) {
			if (target->requirements[i]->severity == severity)
				explain_requirement(page, target->requirements[i]);
		}
	}
}

static void explain_matrix(const struct page *page, const struct target *target)
{
	heading(page, "On these platforms");
	for (size_t i = 0; i < target->matrix_count; i++) {
		cleanup_text struct text text = TEXT_INIT;
		human_support(&target->matrix[i], &text);
		line(page, target->matrix[i].platform, text_string(&text),
		     target->matrix[i].source);
	}
}

static void explain_constraint(const struct page *page, const struct constraint *constraint)
{
	cleanup_text struct text lead = TEXT_INIT;
	cleanup_text struct text text = TEXT_INIT;
	text_add(&lead, constraint->what);
	for (size_t i = 0; constraint->platforms[i] != NULL; i++)
		text_printf(&lead, "%s%s", i == 0 ? " on " : ", ", constraint->platforms[i]);
	text_printf(&text, "%s%s", constraint->uncertain ? "(uncertain) " : "", constraint->text);
	line(page, text_string(&lead), text_string(&text), constraint->source);
}

void explain_target(const struct page *page, const struct target *target)
{
	cleanup_text struct text lead = TEXT_INIT;
	text_printf(&lead, "%s: ", target->id);
	page_wrap(page, PAGE_STRONG, text_string(&lead), 2, target->title);
	for (size_t i = 0; target->aliases[i] != NULL; i++)
		page_wrap(page, PAGE_PLAIN, "  also called ", 4, target->aliases[i]);
	explain_requirements(page, target);
	explain_matrix(page, target);
	heading(page, "What comes with nesting");
	for (const struct constraint *constraint = knowledge_constraints; constraint->id != NULL;
	     constraint++) {
		if (knowledge_constrains(constraint, target, NULL))
			explain_constraint(page, constraint);
	}
}
