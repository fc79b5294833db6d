/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A ticket says which VM, what is asked in one sentence, and per change what was
 * seen, what to do, how to verify, how to undo and what it costs: all that an
 * administrator who has never heard of nestready needs to say yes.
 */
#include "report/ticket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/plan.h"
#include "report/text_frame.h"
#include "report/text_item.h"
#include "report/text_remedy.h"
#include "report/ticket_vm.h"

#define COLUMNS 72 /* what survives a mail and a web form */

struct ticket {
	struct page page;
	const struct report *report;
	const struct ticket_options *options;
	const struct item *items;
	size_t item_count;
	struct plan plan;
};

static void paragraph(const struct ticket *ticket, const char *text)
{
	text_add(ticket->page.out, "\n");
	page_wrap(&ticket->page, PAGE_PLAIN, "", 0, text);
}

/* ---- what is asked --------------------------------------------------------- */

static void write_disruption(const struct ticket *ticket)
{
	if (plan_count(&ticket->plan, PLAN_WINDOW) > 0)
		ticket_line(
		        &ticket->page, "Disruption:",
		        "the VM is powered off and on, once. A restart from inside is not enough.");
	else
		ticket_line(&ticket->page, "Disruption:", "none, the VM keeps running.");
}

/* "Please make 2 changes to this VM so that it can run Proxmox VE." */
static void write_request(const struct ticket *ticket)
{
	cleanup_text struct text text = TEXT_INIT;
	size_t changes = 0;
	for (size_t i = 0; i < ticket->plan.count; i++)
		changes += ticket->plan.steps[i].part <= PLAN_LIVE &&
		           ticket->plan.steps[i].same_as == 0;
	bool runs = ticket->report->judgment.verdict == VERDICT_DEGRADED;
	text_printf(&text, "Please make %zu change%s underneath this VM so that it can run %s%s.",
	            changes, changes == 1 ? "" : "s", ticket->report->judgment.target->title,
	            runs ? " well" : "");
	page_wrap(&ticket->page, PAGE_PLAIN, "", 0, text_string(&text));
	text_add(ticket->page.out, "\n");
}

static const char *const headings[] = {
	[PLAN_BEFORE] = "Before that, while the VM runs",
	[PLAN_WINDOW] = "In one maintenance window",
	[PLAN_LIVE] = "While the VM runs",
	[PLAN_GUEST] = "In the guest, by its owner (nothing for the administrator)",
	[PLAN_CANNOT] = "What cannot be had on this platform",
};

static void write_change(const struct ticket *ticket, const struct plan_step *step, size_t number)
{
	const struct format_options *format = ticket->options->format;
	size_t window = 0; /* the first of the window */
	while (step->part == PLAN_WINDOW && ticket->plan.steps[window].part != PLAN_WINDOW)
		window++;
	if (step->same_as != 0) {
		char text[48];
		snprintf(text, sizeof text, "the steps of change %zu do this too", step->same_as);
		page_wrap(&ticket->page, PAGE_PLAIN, TEXT_MARGIN "fix: ", TEXT_INDENT + 2, text);
		return;
	}
	text_fix(&ticket->page, &step->remedy,
	         step->part == PLAN_WINDOW && window + 1 < number ? window + 1 : 0, format);
	text_after_fix(&ticket->page, &step->remedy, format);
	if (step->remedy.cost == NULL)
		page_wrap(&ticket->page, PAGE_PLAIN, TEXT_MARGIN "cost: ", TEXT_INDENT + 2,
		          "none known");
}

/* What could not be seen, or what was. */
static void write_evidence(const struct ticket *ticket, const struct item *item)
{
	if (item->kind == ITEM_LACKS)
		page_wrap(&ticket->page, PAGE_PLAIN, TEXT_MARGIN, TEXT_INDENT,
		          "recommended, not required");
	if (!item->follows) {
		text_seen(&ticket->page, item, ticket->report);
		return;
	}
	for (size_t i = 0; i < ticket->plan.count; i++) {
		char text[80];
		if (!item_is_after(item, ticket->plan.steps[i].item))
			continue;
		snprintf(text, sizeof text,
		         "likely too; it cannot be seen before change %zu is made", i + 1);
		page_wrap(&ticket->page, PAGE_PLAIN, TEXT_MARGIN, TEXT_INDENT, text);
		return;
	}
}

static void write_step(const struct ticket *ticket, size_t index)
{
	const struct plan_step *step = &ticket->plan.steps[index];
	const struct item *item = step->item;
	cleanup_text struct text title = TEXT_INIT;
	char lead[24] = " -   ";
	if (step->part != PLAN_CANNOT)
		snprintf(lead, sizeof lead, "%2zu   ", index + 1);
	if (item->follows)
		text_add(&title, item->gap->title);
	else
		item_title(item, &ticket->report->judgment, &title);
	page_edges(&ticket->page, PAGE_PLAIN, lead, TEXT_INDENT, text_string(&title),
	           item->gap_id == NULL ? "" : item->gap_id);
	write_evidence(ticket, item);
	if (item->remedy != NULL)
		write_change(ticket, step, index + 1);
	else if (item->closing != NULL)
		page_wrap(&ticket->page, PAGE_PLAIN, TEXT_MARGIN "no fix: ", TEXT_INDENT + 2,
		          item->closing->summary);
}

static void write_part(const struct ticket *ticket, enum plan_part part)
{
	if (plan_count(&ticket->plan, part) == 0)
		return;
	text_add(ticket->page.out, "\n");
	text_add(ticket->page.out, headings[part]);
	if (part == PLAN_WINDOW && plan_count(&ticket->plan, part) > 1)
		text_add(ticket->page.out, ": the first change powers off, the last one on");
	text_add(ticket->page.out, "\n");
	for (size_t i = 0; i < ticket->plan.count; i++) {
		if (ticket->plan.steps[i].part == part)
			write_step(ticket, i);
	}
}

/* ---- what else there is ---------------------------------------------------- */

/* What may come up later. */
static void write_unknown(const struct ticket *ticket)
{
	cleanup_text struct text text = TEXT_INIT;
	for (size_t i = 0; i < ticket->item_count; i++) {
		if (ticket->items[i].kind != ITEM_UNSETTLED)
			continue;
		text_add(&text, text.length == 0 ? "" : "; ");
		item_title(&ticket->items[i], &ticket->report->judgment, &text);
	}
	if (text.length > 0)
		paragraph(ticket, text_string(&text));
}

static bool runs(const struct judgment *judgment)
{
	return judgment->verdict == VERDICT_READY || judgment->verdict == VERDICT_DEGRADED;
}

/* The targets that this guest can run as it is, and where else this one runs. */
static void write_alternatives(const struct ticket *ticket)
{
	const struct report *report = ticket->report;
	const struct target *target = report->judgment.target;
	cleanup_text struct text here = TEXT_INIT;
	cleanup_text struct text elsewhere = TEXT_INIT;
	for (size_t i = 0; i < report->other_count; i++) {
		if (runs(&report->others[i]))
			text_printf(&here, "%s%s", here.length == 0 ? "" : ", ",
			            report->others[i].target->title);
	}
	for (size_t i = 0; i < target->matrix_count; i++) {
		const struct matrix_entry *entry = &target->matrix[i];
		const struct platform *platform = knowledge_platform(entry->platform);
		bool good = strcmp(entry->support, "supported") == 0 ||
		            strcmp(entry->support, "works") == 0;
		if (good && platform != report->platform.platform)
			text_printf(&elsewhere, "%s%s", elsewhere.length == 0 ? "" : ", ",
			            platform->title);
	}
	if (here.length > 0)
		page_wrap(&ticket->page, PAGE_PLAIN, " instead, in this VM as it is: ", 3,
		          text_string(&here));
	if (elsewhere.length > 0) {
		cleanup_text struct text lead = TEXT_INIT;
		text_printf(&lead, " %s runs in VMs of: ", target->title);
		page_wrap(&ticket->page, PAGE_PLAIN, text_string(&lead), 3,
		          text_string(&elsewhere));
	}
}

/*
 * What the VM can no longer do on this platform once it runs VMs.  What holds
 * everywhere is its owner's affair, and who runs VMs already knows.
 */
static void write_constraints(const struct ticket *ticket)
{
	const struct platform *platform = ticket->report->platform.platform;
	const struct target *target = ticket->report->judgment.target;
	const struct constraint *constraint = knowledge_constraints;
	bool any = false;
	if (ticket->report->judgment.verdict == VERDICT_DEGRADED)
		return;
	for (; platform != NULL && constraint->id != NULL; constraint++) {
		cleanup_text struct text text = TEXT_INIT;
		if (constraint->platforms[0] == NULL ||
		    !knowledge_constrains(constraint, target, platform))
			continue;
		if (!any)
			text_add(ticket->page.out, "\nWhat comes with it\n");
		any = true;
		text_printf(&text, "%s: %s%s", constraint->what, constraint->text,
		            constraint->uncertain ? " (Not verified against the product.)" : "");
		page_wrap(&ticket->page, PAGE_PLAIN, " -   ", TEXT_INDENT, text_string(&text));
	}
}

/* The other tools that all this can be done with, each once. */
static void write_tools(const struct ticket *ticket, const char *tool)
{
	cleanup_text struct text text = TEXT_INIT;
	const struct platform_gap *closing = NULL;
	for (size_t i = 0; i < ticket->plan.count && closing == NULL; i++) {
		if (ticket->plan.steps[i].part <= PLAN_LIVE)
			closing = ticket->plan.steps[i].item->closing;
	}
	const char *last = tool;
	for (size_t i = 0; closing != NULL && i < closing->remedy_count; i++) {
		const char *other = closing->remedies[i].tool;
		if (strcmp(other, tool) == 0 || strcmp(other, last) == 0)
			continue;
		text_printf(&text, "%s%s", text.length == 0 ? "" : ", ", other);
		last = other;
	}
	if (text.length == 0)
		return;
	cleanup_text struct text lead = TEXT_INIT;
	cleanup_text struct text ask = TEXT_INIT;
	text_as_typed("nestready ask", ticket->options->format, &ask);
	text_printf(&lead, "This is written for %s; `%s --tool TOOL` writes it for:", tool,
	            text_string(&ask));
	text_add(ticket->page.out, "\n");
	page_wrap(&ticket->page, PAGE_PLAIN, "", 0, text_string(&lead));
	page_wrap(&ticket->page, PAGE_PLAIN, "  ", 2, text_string(&text));
}

static void write_end(const struct ticket *ticket, const char *lead, const char *command)
{
	cleanup_text struct text typed = TEXT_INIT;
	text_as_typed(command, ticket->options->format, &typed);
	paragraph(ticket, lead);
	page_command(&ticket->page, 2, text_string(&typed));
}

static void write_verification(const struct ticket *ticket)
{
	cleanup_text struct text text = TEXT_INIT;
	text_printf(&text,
	            "When it is done, the owner of the guest runs this in it; the answer has to "
	            "begin with READY for %s:",
	            ticket->report->judgment.target->title);
	write_end(ticket, text_string(&text), "sudo nestready");
}

/* ---- the three tickets ------------------------------------------------------ */

/* A required thing that no setting gives: the other changes would be for nothing. */
static bool hopeless(const struct ticket *ticket)
{
	for (size_t i = 0; i < ticket->plan.count; i++) {
		if (ticket->plan.steps[i].part == PLAN_CANNOT &&
		    ticket->plan.steps[i].item->kind == ITEM_STOPS)
			return true;
	}
	return false;
}

static void write_hopeless(const struct ticket *ticket)
{
	cleanup_text struct text text = TEXT_INIT;
	text_printf(&text, "No change of settings lets this VM run %s.",
	            ticket->report->judgment.target->title);
	ticket_platform(&ticket->page, ticket->report);
	paragraph(ticket, text_string(&text));
	write_part(ticket, PLAN_CANNOT);
	text_add(ticket->page.out, "\nWhat can be had\n");
	write_alternatives(ticket);
	write_end(ticket, "Elsewhere the owner of the guest verifies it with:", "sudo nestready");
}

static void write_nothing(const struct ticket *ticket)
{
	enum verdict verdict = ticket->report->judgment.verdict;
	cleanup_text struct text text = TEXT_INIT;
	bool own = plan_count(&ticket->plan, PLAN_GUEST) > 0;
	text_printf(&text, "Nothing to ask: %s",
	            own ? "what stands in the way is in this guest."
	                : "nothing underneath this VM has to change.");
	if (verdict == VERDICT_INDETERMINATE) {
		text_clear(&text);
		text_add(&text, "Nothing to ask yet: what stands in the way is not known.");
	}
	text_headline(&ticket->page, ticket->report, ticket->options->format);
	paragraph(ticket, text_string(&text));
	write_unknown(ticket);
	write_part(ticket, PLAN_GUEST);
	write_part(ticket, PLAN_CANNOT);
	write_end(ticket,
	          verdict == VERDICT_INDETERMINATE
	                  ? "This says what is missing to know it:"
	                  : "Afterwards the owner of the guest looks again:",
	          "sudo nestready");
}

static void write_request_ticket(const struct ticket *ticket, const char *tool)
{
	const struct plan_step *first = &ticket->plan.steps[0];
	write_request(ticket);
	ticket_line(&ticket->page, "To:", first->remedy.who);
	ticket_vm(&ticket->page, ticket->report, ticket->options, tool);
	ticket_platform(&ticket->page, ticket->report);
	write_disruption(ticket);
	for (enum plan_part part = 0; part < PLAN_PARTS; part++)
		write_part(ticket, part);
	write_constraints(ticket);
	write_unknown(ticket);
	text_add(ticket->page.out, "\n");
	page_wrap(&ticket->page, PAGE_PLAIN, "", 0,
	          "Words in capitals, such as NAME, are to be filled in. \"verify\" is for the "
	          "administrator, before the guest's owner looks.");
	text_support(&ticket->page, ticket->report);
	write_tools(ticket, tool);
	write_verification(ticket);
}

/* The tool of the first change, where none was asked for: one ticket, one tool. */
static const char *choose_tool(const struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		if (plan->steps[i].part <= PLAN_LIVE)
			return plan->steps[i].remedy.tool;
	}
	return NULL;
}

static int plan_for(struct ticket *ticket, const char *tool, struct item **items)
{
	const struct platform *platform = ticket->report->platform.platform;
	if (items_collect(&ticket->report->judgment, platform, ticket->report->facts, tool, items,
	                  &ticket->item_count) != 0 ||
	    items_follow_up(platform, ticket->report->facts, tool, items, &ticket->item_count) != 0)
		return -1;
	ticket->items = *items;
	return plan_make(*items, ticket->item_count, &ticket->plan);
}

void ticket_write(const struct report *report, const struct ticket_options *options,
                  struct text *out)
{
	struct ticket ticket = { .page = { .out = out, .columns = COLUMNS },
		                 .report = report,
		                 .options = options };
	struct item *items = NULL;
	int failed = plan_for(&ticket, options->format->tool, &items);
	const char *tool = choose_tool(&ticket.plan);
	if (failed == 0 && tool != NULL) {
		plan_clear(&ticket.plan);
		free(items);
		items = NULL;
		failed = plan_for(&ticket, tool, &items);
	}
	if (failed != 0)
		out->failed = true;
	else if (hopeless(&ticket))
		write_hopeless(&ticket);
	else if (tool == NULL)
		write_nothing(&ticket);
	else
		write_request_ticket(&ticket, tool);
	plan_clear(&ticket.plan);
	free(items);
}
