/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One guest as a page: what its newest reports say, and how it came to that. */
#include <stdio.h>
#include <string.h>

#include "collector/html.h"
#include "collector/routes.h"
#include "collector/words.h"

#define TARGETS_MAX 100
#define HISTORY_MAX 50

struct writing {
	struct text *out;
	struct store *store;
	struct error *err;
	unsigned rows;
	bool failed;
};

static const char *text_at(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text == NULL ? "" : text;
}

/* The first remedy is the one that fits best; the report has the others. */
static void write_remedy(const json_t *finding, struct text *out)
{
	const json_t *remedy = json_array_get(json_object_get(finding, "remedies"), 0);
	size_t i;
	json_t *step;
	if (remedy == NULL)
		return;
	text_add(out, "<p>Fix (");
	html_text(out, text_at(remedy, "who"));
	if (json_is_true(json_object_get(remedy, "power_off")))
		text_add(out, "; VM powered off, a reboot is not enough");
	text_add(out, "):</p><pre>");
	json_array_foreach(json_object_get(remedy, "steps"), i, step)
	{
		html_text(out, json_string_value(step));
		text_add(out, "\n");
	}
	text_add(out, "</pre>");
}

static void write_finding(const json_t *finding, struct text *out)
{
	const char *outcome = text_at(finding, "outcome");
	if (strcmp(outcome, "pass") == 0 || strcmp(outcome, "not-applicable") == 0)
		return;
	text_add(out, "<tr><th scope=\"row\">");
	html_text(out, text_at(finding, "title"));
	text_add(out, "</th>");
	html_cell(out, outcome);
	html_cell(out, text_at(finding, "severity"));
	text_add(out, "<td><code>");
	html_text(out, text_at(finding, "gap"));
	text_add(out, "</code>");
	write_remedy(finding, out);
	text_add(out, "</td></tr>\n");
}

static int take_body(void *context, const char *body, size_t length)
{
	struct writing *writing = context;
	size_t i;
	json_t *finding;
	/* It was checked when it came in. */
	json_t *report = json_loadb(body, length, 0, NULL);
	writing->failed = report == NULL;
	text_add(writing->out, "<table>\n<thead><tr><th>finding</th><th>outcome</th>"
	                       "<th>severity</th><th>gap</th></tr></thead>\n<tbody>\n");
	json_array_foreach(json_object_get(report, "findings"), i, finding)
	        write_finding(finding, writing->out);
	text_add(writing->out, "</tbody>\n</table>\n");
	json_decref(report);
	return 0;
}

static int take_target(void *context, const struct store_report *row)
{
	struct writing *writing = context;
	struct text *out = writing->out;
	if (writing->rows++ == 0) {
		html_begin(out, row->hostname[0] == '\0' ? row->name : row->hostname);
		text_add(out, "<p>");
		html_text(out, row->name);
		if (row->lab[0] != '\0')
			text_add(out, ", lab ");
		html_text(out, row->lab);
		text_add(out, ", on ");
		html_text(out, row->platform[0] == '\0' ? "an unknown platform" : row->platform);
		text_add(out, "</p>\n");
	}
	text_add(out, "<h2 class=\"");
	html_text(out, row->verdict);
	text_add(out, "\">");
	html_text(out, row->verdict);
	text_add(out, " for ");
	html_text(out, row->target);
	text_add(out, " (");
	html_text(out, row->basis);
	text_add(out, ")</h2>\n");
	writing->failed = writing->store->type->body(writing->store, row->id, take_body, writing,
	                                             writing->err) != 0 ||
	                  writing->failed;
	return writing->failed ? 1 : 0;
}

static int take_past(void *context, const struct store_report *row)
{
	struct writing *writing = context;
	struct text *out = writing->out;
	char time[WORD_TIME_SIZE];
	word_time_write(row->time, time);
	text_add(out, "<tr><th scope=\"row\"><a href=\"/v1/reports/");
	html_url(out, row->id);
	text_printf(out, "\">%s</a></th>", time);
	html_cell(out, row->target);
	html_cell(out, row->verdict);
	html_cell(out, row->changed ? "changed" : "");
	text_add(out, "</tr>\n");
	return out->failed ? 1 : 0;
}

int route_page_guest(struct exchange *exchange, struct store *store, struct error *err)
{
	const struct store_filter filter = { .guest = exchange->parameter };
	struct text *out = &exchange->answer.text;
	struct writing writing = { .out = out, .store = store, .err = err };
	if (store->type->latest(store, &filter, NULL, NULL, TARGETS_MAX, take_target, &writing,
	                        err) != 0)
		return -1;
	if (writing.rows == 0) {
		answer_problem(&exchange->answer, 404, "not-found", "There is no such guest", NULL);
		return 0;
	}
	text_add(out, "<table>\n<caption>Its reports, the last first</caption>\n<thead><tr>"
	              "<th>time</th><th>target</th><th>verdict</th><th></th></tr></thead>\n"
	              "<tbody>\n");
	if (store->type->history(store, exchange->parameter, 0, HISTORY_MAX, take_past, &writing,
	                         err) != 0)
		return -1;
	text_add(out, "</tbody>\n</table>\n");
	html_end(out);
	if (writing.failed || out->failed)
		return error_set(err, ERROR_INTERNAL, 0, "a page could not be made");
	exchange->answer.status = 200;
	exchange->answer.type = "text/html; charset=utf-8";
	return 0;
}
