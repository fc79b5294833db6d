/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One guest as a page: what its newest reports say, and how it came to that. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_at.h"
#include "collector/asked.h"
#include "collector/changes.h"
#include "collector/html.h"
#include "collector/page_parts.h"
#include "collector/routes.h"

#define TARGETS_MAX 100
#define HISTORY_MAX 50
/* Reports that are opened to say what they changed; each is some 50 KB of JSON. */
#define COMPARED_MAX 20

struct writing {
	struct text *out;
	struct store *store;
	struct error *err;
	int64_t now, stale;
	unsigned rows;
	bool failed;
};

static int take_body(void *context, const char *body, size_t length)
{
	/* It was checked when it came in. */
	*(json_t **)context = json_loadb(body, length, 0, NULL);
	return 0;
}

/* NULL when there is none or no memory. */
static json_t *load(const struct writing *writing, const char *id)
{
	json_t *report = NULL;
	writing->store->type->body(writing->store, id, take_body, &report, writing->err);
	return report;
}

/* ---- what it says now ------------------------------------------------------- */

/* The first remedy is the one that fits best; the report has the others. */
static void write_remedy(const json_t *finding, struct text *out)
{
	const json_t *remedy = json_array_get(json_object_get(finding, "remedies"), 0);
	size_t i;
	json_t *step;
	if (remedy == NULL)
		return;
	text_add(out, "<div class=\"remedy\"><p>Fix, by ");
	html_text(out, json_at_text(remedy, "who"));
	if (json_is_true(json_object_get(remedy, "power_off")))
		text_add(out, "; VM powered off, a reboot is not enough");
	if (json_is_true(json_object_get(remedy, "uncertain")))
		text_add(out, "; never run against the product");
	text_add(out, "</p><pre>");
	json_array_foreach(json_object_get(remedy, "steps"), i, step)
	{
		html_text(out, json_string_value(step));
		text_add(out, "\n");
	}
	text_add(out, "</pre></div>");
}

static bool is_open(const json_t *finding)
{
	const char *outcome = json_at_text(finding, "outcome");
	return strcmp(outcome, "pass") != 0 && strcmp(outcome, "not-applicable") != 0;
}

static void write_finding(const json_t *finding, struct text *out)
{
	text_add(out, "<tr><th scope=\"row\">");
	html_text(out, json_at_text(finding, "title"));
	text_add(out, "<small class=\"narrow\">");
	html_mark(out, json_at_text(finding, "outcome"));
	text_add(out, "</small></th><td class=\"wide\">");
	html_mark(out, json_at_text(finding, "outcome"));
	text_add(out, "</td>");
	html_cell_of(out, "wide nowrap", json_at_text(finding, "severity"));
	text_add(out, "<td><code>");
	html_text(out, json_at_text(finding, "gap"));
	text_add(out, "</code>");
	write_remedy(finding, out);
	text_add(out, "</td></tr>\n");
}

static void write_findings(const json_t *report, struct text *out)
{
	const json_t *findings = json_object_get(report, "findings");
	size_t i, open = 0;
	json_t *finding;
	json_array_foreach(findings, i, finding) open += is_open(finding);
	if (open > 0)
		text_add(out,
		         "<table class=\"findings\">\n<thead><tr><th scope=\"col\">finding</th>"
		         "<th scope=\"col\" class=\"wide\">outcome</th><th scope=\"col\" "
		         "class=\"wide\">severity</th>"
		         "<th scope=\"col\">gap and fix</th></tr></thead>\n<tbody>\n");
	json_array_foreach(findings, i, finding)
	{
		if (is_open(finding))
			write_finding(finding, out);
	}
	if (open > 0)
		text_add(out, "</tbody>\n</table>\n");
	text_printf(out, "<p class=\"soft\">%zu more pass or do not apply.</p>\n",
	            json_array_size(findings) - open);
}

static void write_traits(const struct store_report *row, struct text *out)
{
	text_add(out, "<p>");
	html_text(out, row->name);
	if (row->lab[0] != '\0')
		text_add(out, ", lab ");
	html_text(out, row->lab);
	text_add(out, ", on ");
	html_text(out, row->platform[0] == '\0' ? "an unknown platform" : row->platform);
	for (int i = TRAIT_PLATFORM_VERSION; i < TRAIT_COUNT; i++) {
		size_t length;
		const char *value = standing_trait(row->standing.traits, (enum trait)i, &length);
		if (length == 0)
			continue;
		text_printf(out, ", %s <a href=\"/guests?%s=",
		            i == TRAIT_PLATFORM_VERSION ? "version" : standing_trait_names[i],
		            standing_trait_names[i]);
		html_url_piece(out, value, length);
		text_add(out, "\">");
		html_piece(out, value, length);
		text_add(out, "</a>");
	}
	text_add(out, "</p>\n");
}

static int take_target(void *context, const struct store_report *row)
{
	struct writing *writing = context;
	struct text *out = writing->out;
	if (writing->rows++ == 0) {
		html_begin(out, row->hostname[0] == '\0' ? row->name : row->hostname, "");
		text_add(out, "<div id=\"guest\" data-live>\n");
		write_traits(row, out);
	}
	text_add(out, "<h2>");
	html_mark(out, row->verdict);
	text_add(out, " for ");
	html_text(out, row->target);
	text_add(out, " <small>(");
	html_text(out, row->basis);
	text_add(out, ", heard of ");
	html_time(out, row->received, writing->now);
	text_add(out, ")</small>");
	if (row->received < writing->stale) {
		text_add(out, " ");
		html_mark(out, "stale");
	}
	text_add(out, "</h2>\n");
	json_t *report = load(writing, row->id);
	writing->failed = report == NULL;
	write_findings(report, out);
	json_decref(report);
	return writing->failed ? 1 : 0;
}

/* ---- how it came to that ---------------------------------------------------- */

/* A report of the history, the last to arrive first. */
struct past {
	char id[37], target[41], verdict[20];
	int64_t time;
	bool changed;
};

struct history {
	struct past list[HISTORY_MAX];
	size_t count;
};

static int take_past(void *context, const struct store_report *row)
{
	struct history *history = context;
	struct past *past = &history->list[history->count++];
	text_cut(past->id, sizeof past->id, row->id);
	text_cut(past->target, sizeof past->target, row->target);
	text_cut(past->verdict, sizeof past->verdict, row->verdict);
	past->time = row->time;
	past->changed = row->changed;
	return 0;
}

/* The report for the same target before this one, NULL when none is kept. */
static const struct past *before(const struct history *history, size_t at)
{
	for (size_t i = at + 1; i < history->count; i++) {
		if (strcmp(history->list[i].target, history->list[at].target) == 0)
			return &history->list[i];
	}
	return NULL;
}

static void take_change(void *context, const struct change *change)
{
	struct text *out = context;
	text_add(out, "<li>");
	html_text(out, change->what);
	text_add(out, ": <del>");
	html_text(out, change->before[0] == '\0' ? "nothing" : change->before);
	text_add(out, "</del> &#8594; <ins>");
	html_text(out, change->after[0] == '\0' ? "nothing" : change->after);
	text_add(out, "</ins></li>");
}

static void write_changes(const struct writing *writing, const struct past *old,
                          const struct past *new)
{
	json_t *from = load(writing, old->id), *to = load(writing, new->id);
	text_add(writing->out, "<ul class=\"changes\">");
	if (from != NULL && to != NULL)
		changes_of(from, to, take_change, writing->out);
	text_add(writing->out, "</ul>");
	json_decref(from);
	json_decref(to);
}

static void write_past(const struct writing *writing, const struct past *past,
                       const struct past *old, bool compared)
{
	struct text *out = writing->out;
	text_add(out, "<tr><th scope=\"row\"><a href=\"/v1/reports/");
	html_url(out, past->id);
	text_add(out, "\">");
	html_time(out, past->time, writing->now);
	text_add(out, "</a></th>");
	html_cell_of(out, "wide", past->target);
	text_add(out, "<td>");
	html_mark(out, past->verdict);
	text_add(out, "</td><td>");
	if (!past->changed)
		text_add(out, "<span class=\"soft\">says the same</span>");
	else if (old == NULL)
		text_add(out, "<span class=\"soft\">the first that is kept</span>");
	else if (compared)
		write_changes(writing, old, past);
	else
		text_add(out, "changed");
	text_add(out, "</td></tr>\n");
}

static int write_history(const struct writing *writing, const char *guest)
{
	struct text *out = writing->out;
	struct history history = { .count = 0 };
	unsigned compared = 0;
	if (writing->store->type->history(writing->store, guest, 0, HISTORY_MAX, take_past,
	                                  &history, writing->err) != 0)
		return -1;
	text_add(out,
	         "<h2>History</h2>\n<table class=\"timeline\">\n<caption>Its reports, the last "
	         "to arrive first</caption>\n<thead><tr><th scope=\"col\">time</th>"
	         "<th scope=\"col\" class=\"wide\">target</th><th scope=\"col\">verdict</th>"
	         "<th scope=\"col\">what changed</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < history.count; i++) {
		const struct past *old = before(&history, i);
		bool compare = history.list[i].changed && old != NULL && compared < COMPARED_MAX;
		compared += compare;
		write_past(writing, &history.list[i], old, compare);
	}
	text_add(out, "</tbody>\n</table>\n</div>\n");
	return 0;
}

int route_page_guest(struct exchange *exchange, struct store *store, struct error *err)
{
	const struct store_filter filter = { .guest = exchange->parameter };
	struct writing writing = {
		.out = &exchange->answer.text,
		.store = store,
		.err = err,
		.now = server_now(),
		.stale = asked_stale(exchange),
	};
	if (store->type->latest(store, &filter, NULL, NULL, TARGETS_MAX, take_target, &writing,
	                        err) != 0)
		return -1;
	if (writing.rows == 0) {
		answer_problem(&exchange->answer, 404, "not-found", "There is no such guest", NULL);
		return 0;
	}
	if (write_history(&writing, exchange->parameter) != 0)
		return -1;
	html_end(writing.out);
	if (writing.failed)
		return error_set(err, ERROR_INTERNAL, 0, "a page could not be made");
	return page_finish(exchange, err);
}
