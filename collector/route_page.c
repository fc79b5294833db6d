/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fleet as a page for people: counts, a filter, a table of guests. */
#include <stdio.h>
#include <string.h>

#include "collector/asked.h"
#include "collector/html.h"
#include "collector/routes.h"
#include "collector/words.h"

#define HTML "text/html; charset=utf-8"

static const char *const verdicts[] = { "ready", "degraded", "not-ready", "indeterminate" };

#define VERDICT_COUNT (sizeof verdicts / sizeof verdicts[0])

struct counts {
	int64_t by_verdict[VERDICT_COUNT], guests, stale;
};

static int take_counts(void *context, const struct store_group *row)
{
	struct counts *counts = context;
	counts->guests += row->guests;
	counts->stale += row->stale;
	for (size_t i = 0; i < VERDICT_COUNT; i++) {
		if (strcmp(verdicts[i], row->verdict) == 0)
			counts->by_verdict[i] += row->guests;
	}
	return 0;
}

static void write_counts(const struct counts *counts, struct text *out)
{
	text_printf(out, "<p>%lld guests and targets:", (long long)counts->guests);
	for (size_t i = 0; i < VERDICT_COUNT; i++)
		text_printf(out, " <a class=\"%s\" href=\"/?verdict=%s\">%lld %s</a>,", verdicts[i],
		            verdicts[i], (long long)counts->by_verdict[i], verdicts[i]);
	text_printf(out, " <a href=\"/?stale=true\">%lld stale</a></p>\n",
	            (long long)counts->stale);
}

static void write_input(struct text *out, const char *name, const char *value)
{
	text_printf(out, "<label>%s <input name=\"%s\" value=\"", name, name);
	html_text(out, value == NULL ? "" : value);
	text_add(out, "\"></label>\n");
}

static void write_filter(const struct store_filter *filter, struct text *out)
{
	text_add(out, "<form action=\"/\">\n<label>verdict <select name=\"verdict\">"
	              "<option value=\"\">any</option>");
	for (size_t i = 0; i < VERDICT_COUNT; i++) {
		bool chosen = filter->verdict != NULL && strcmp(filter->verdict, verdicts[i]) == 0;
		text_printf(out, "<option%s>%s</option>", chosen ? " selected" : "", verdicts[i]);
	}
	text_add(out, "</select></label>\n");
	write_input(out, "platform", filter->platform);
	write_input(out, "target", filter->target);
	write_input(out, "lab", filter->lab);
	text_add(out, "<button>Show</button>\n</form>\n");
}

struct table {
	struct text *out;
	int64_t stale;
	unsigned rows, limit;
	bool more;
	char next[80];
};

static void write_verdict(struct text *out, const char *verdict)
{
	text_add(out, "<td class=\"");
	html_text(out, verdict);
	text_add(out, "\">");
	html_text(out, verdict);
	text_add(out, "</td>");
}

static int take_row(void *context, const struct store_report *row)
{
	struct table *table = context;
	struct text *out = table->out;
	char received[WORD_TIME_SIZE];
	table->more = table->rows == table->limit;
	if (table->more)
		return 1;
	table->rows++;
	snprintf(table->next, sizeof table->next, "%s.%s", row->guest, row->target);
	word_time_write(row->received, received);
	text_add(out, "<tr><th scope=\"row\"><a href=\"/guests/");
	html_url(out, row->guest);
	text_add(out, "\">");
	html_text(out, row->hostname[0] == '\0' ? row->name : row->hostname);
	text_add(out, "</a></th>");
	html_cell(out, row->lab);
	html_cell(out, row->platform[0] == '\0' ? "unknown" : row->platform);
	html_cell(out, row->target);
	write_verdict(out, row->verdict);
	html_cell(out, row->basis);
	text_printf(out, "<td>%s%s</td></tr>\n", received,
	            row->received < table->stale ? " (stale)" : "");
	return out->failed ? 1 : 0;
}

static void write_next(const struct asked *asked, const char *next, struct text *out)
{
	const struct {
		const char *name, *value;
	} kept[] = {
		{ "verdict", asked->filter.verdict },
		{ "platform", asked->filter.platform },
		{ "target", asked->filter.target },
		{ "lab", asked->filter.lab },
		{ "stale", asked->filter.received_before != 0 ? "true" : NULL },
	};
	text_printf(out, "<p><a rel=\"next\" href=\"/?cursor=%s", next);
	for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
		if (kept[i].value == NULL || kept[i].value[0] == '\0')
			continue;
		text_printf(out, "&amp;%s=", kept[i].name);
		html_url(out, kept[i].value);
	}
	text_add(out, "\">More</a></p>\n");
}

static int finish(struct exchange *exchange, int status, struct error *err)
{
	if (status == 0 && exchange->answer.text.failed)
		return error_set(err, ERROR_INTERNAL, 0, "out of memory");
	exchange->answer.status = 200;
	exchange->answer.type = HTML;
	return status;
}

int route_page(struct exchange *exchange, struct store *store, struct error *err)
{
	struct asked asked;
	struct counts counts = { .guests = 0 };
	struct text *out = &exchange->answer.text;
	if (!asked_read(exchange, &asked))
		return 0;
	struct table table = { .out = out, .stale = asked_stale(exchange), .limit = asked.limit };
	if (store->type->overview(store, table.stale, take_counts, &counts, err) != 0)
		return -1;
	html_begin(out, "Guests");
	write_counts(&counts, out);
	write_filter(&asked.filter, out);
	text_add(out, "<table>\n<caption>Newest reports</caption>\n<thead><tr><th>guest</th>"
	              "<th>lab</th><th>platform</th><th>target</th><th>verdict</th><th>basis</th>"
	              "<th>last heard of</th></tr></thead>\n<tbody>\n");
	int status =
	        store->type->latest(store, &asked.filter, asked.cursor_guest, asked.cursor_target,
	                            asked.limit + 1, take_row, &table, err);
	text_add(out, "</tbody>\n</table>\n");
	if (table.rows == 0)
		text_add(out, "<p>No guest reported so far, or none fits.</p>\n");
	if (table.more)
		write_next(&asked, table.next, out);
	html_end(out);
	return finish(exchange, status, err);
}

void route_style(struct exchange *exchange)
{
	exchange->answer.status = 200;
	exchange->answer.type = "text/css; charset=utf-8";
	text_add(&exchange->answer.text, html_style);
}
