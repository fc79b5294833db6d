/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All guests as a table for people: filters, columns to sort by, pages. */
#include <stdio.h>
#include <string.h>

#include "collector/asked.h"
#include "collector/html.h"
#include "collector/page_parts.h"
#include "collector/routes.h"

static void write_link(struct text *out, const struct asked *asked, enum fleet_order order,
                       bool descending, unsigned page)
{
	static const char *const replaced[] = { "sort", "order", "page", NULL };
	text_printf(out, "/guests?sort=%s", fleet_order_names[order]);
	if (descending)
		text_add(out, "&amp;order=descending");
	asked_again(asked, replaced, out);
	if (page > 1)
		text_printf(out, "&amp;page=%u", page);
}

/* ---- the filter ------------------------------------------------------------- */

static void write_select(struct text *out, const char *name, const char *const words[],
                         const char *const titles[], size_t count, const char *chosen)
{
	text_printf(out, "<label>%s <select name=\"%s\"><option value=\"\">any</option>", name,
	            name);
	for (size_t i = 0; i < count; i++)
		text_printf(out, "<option value=\"%s\"%s>%s</option>", words[i],
		            chosen != NULL && strcmp(chosen, words[i]) == 0 ? " selected" : "",
		            titles[i]);
	text_add(out, "</select></label>\n");
}

static void write_input(struct text *out, const char *type, const char *name, const char *value)
{
	text_printf(out, "<label>%s <input type=\"%s\" name=\"%s\" value=\"", name, type, name);
	html_text(out, value == NULL ? "" : value);
	text_add(out, "\"></label>\n");
}

static void write_filter(const struct asked *asked, struct text *out)
{
	static const char *const truth[] = { "true", "false" };
	static const char *const silence[] = { "stale", "heard of" };
	static const char *const inputs[] = { "platform", "target", "lab" };
	/* These come with a link and stay until they are emptied. */
	static const char *const linked[] = { "gap", "since",     "before", "platform-version",
		                              "cpu", "microcode", "kernel" };
	text_add(out, "<form action=\"/guests\" data-filter>\n");
	write_input(out, "search", "search", asked_given(asked, "search"));
	write_select(out, "verdict", fleet_verdict_names, fleet_verdict_names, FLEET_VERDICTS,
	             asked_given(asked, "verdict"));
	write_select(out, "stale", truth, silence, 2, asked_given(asked, "stale"));
	for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++)
		write_input(out, "text", inputs[i], asked_given(asked, inputs[i]));
	for (size_t i = 0; i < sizeof linked / sizeof linked[0]; i++) {
		const char *value = asked_given(asked, linked[i]);
		if (value != NULL)
			write_input(out, "text", linked[i], value);
	}
	text_printf(out, "<input type=\"hidden\" name=\"sort\" value=\"%s\">",
	            fleet_order_names[asked->order]);
	if (asked->descending)
		text_add(out, "<input type=\"hidden\" name=\"order\" value=\"descending\">");
	text_add(out, "<button>Show</button> <a href=\"/guests\">All guests</a>\n</form>\n");
}

/* ---- the table -------------------------------------------------------------- */

static const struct {
	enum fleet_order order;
	const char *title, *class;
} columns[] = {
	{ FLEET_BY_NAME, "guest", "" },        { FLEET_BY_VERDICT, "verdict", "" },
	{ FLEET_BY_TARGET, "target", "wide" }, { FLEET_BY_PLATFORM, "platform", "wide" },
	{ FLEET_BY_KERNEL, "kernel", "wide" }, { FLEET_BY_LAB, "lab", "wide" },
	{ FLEET_BY_HEARD, "heard of", "" },
};

static void write_head(const struct asked *asked, struct text *out)
{
	text_add(out, "<thead><tr>");
	for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
		bool current = asked->order == columns[i].order;
		text_printf(out, "<th scope=\"col\" class=\"%s\"", columns[i].class);
		if (current)
			text_printf(out, " aria-sort=\"%s\"",
			            asked->descending ? "descending" : "ascending");
		text_printf(out, "><a id=\"by-%s\" data-swap href=\"",
		            fleet_order_names[columns[i].order]);
		write_link(out, asked, columns[i].order, current && !asked->descending, 1);
		text_printf(out, "\">%s</a></th>", columns[i].title);
	}
	text_add(out, "</tr></thead>\n");
}

static void write_row(const struct store_report *row, int64_t stale, int64_t now, struct text *out)
{
	size_t length;
	const char *kernel = standing_trait(row->standing.traits, TRAIT_KERNEL, &length);
	const char *platform = row->platform[0] == '\0' ? "not known" : row->platform;
	text_add(out, "<tr id=\"");
	html_text(out, row->guest);
	text_add(out, ".");
	html_text(out, row->target);
	text_add(out, "\" data-verdict=\"");
	html_text(out, row->verdict);
	text_add(out, "\"><th scope=\"row\"><a href=\"/guests/");
	html_url(out, row->guest);
	text_add(out, "\">");
	html_text(out, fleet_name(row));
	text_add(out, "</a><small class=\"narrow\">");
	html_text(out, row->target);
	text_add(out, " on ");
	html_text(out, platform);
	text_add(out, "</small></th><td>");
	html_mark(out, row->verdict);
	text_add(out, "</td>");
	html_cell_of(out, "wide", row->target);
	html_cell_of(out, "wide", platform);
	text_add(out, "<td class=\"wide\">");
	html_piece(out, kernel, length);
	text_add(out, "</td>");
	html_cell_of(out, "wide", row->lab);
	text_add(out, "<td>");
	html_time(out, row->received, now);
	if (row->received < stale) {
		text_add(out, " ");
		html_mark(out, "stale");
	}
	text_add(out, "</td></tr>\n");
}

static void write_pages(const struct asked *asked, size_t count, struct text *out)
{
	unsigned pages = (unsigned)((count + asked->limit - 1) / asked->limit);
	if (pages < 2)
		return;
	text_printf(
	        out,
	        "<nav class=\"pages\" aria-label=\"Pages of guests\"><span>Page %u of %u</span>",
	        asked->page, pages);
	if (asked->page > 1) {
		text_add(out, "<a id=\"previous\" rel=\"prev\" data-swap href=\"");
		write_link(out, asked, asked->order, asked->descending, asked->page - 1);
		text_add(out, "\">Previous</a>");
	}
	if (asked->page < pages) {
		text_add(out, "<a id=\"next\" rel=\"next\" data-swap href=\"");
		write_link(out, asked, asked->order, asked->descending, asked->page + 1);
		text_add(out, "\">Next</a>");
	}
	text_add(out, "</nav>\n");
}

static void write_guests(const struct exchange *exchange, const struct asked *asked, size_t first,
                         const struct fleet *fleet, struct text *out)
{
	int64_t stale = asked_stale(exchange), now = server_now();
	html_begin(out, "Guests", "/guests");
	write_filter(asked, out);
	text_add(out, "<div id=\"guests\" data-live>\n<table>\n");
	text_printf(out, "<caption>%zu %s", fleet->total, fleet->total == 1 ? "fits" : "fit");
	if (fleet->count > 0 && fleet->count < fleet->total)
		text_printf(out, ", %zu to %zu", first + 1, first + fleet->count);
	text_add(out, "</caption>\n");
	write_head(asked, out);
	text_add(out, "<tbody>\n");
	for (size_t i = 0; i < fleet->count; i++)
		write_row(fleet->rows[i], stale, now, out);
	text_add(out, "</tbody>\n</table>\n");
	if (fleet->total == 0)
		text_add(out, "<p>No guest reported so far, or none fits.</p>\n");
	write_pages(asked, fleet->total, out);
	text_add(out, "</div>\n");
	html_end(out);
}

int route_page_guests(struct exchange *exchange, struct store *store, struct error *err)
{
	struct asked asked;
	struct fleet fleet;
	if (!asked_read_page(exchange, &asked))
		return 0;
	const struct fleet_window window = { asked.order, asked.descending,
		                             (size_t)(asked.page - 1) * asked.limit, asked.limit };
	int status = fleet_page(store, &asked.filter, &asked.choice, &window, &fleet, err);
	if (status == 0) {
		write_guests(exchange, &asked, window.first, &fleet, &exchange->answer.text);
		status = page_finish(exchange, err);
	}
	fleet_clear(&fleet);
	return status;
}
